/* SPDX-License-Identifier: ISC */
/*
 * Something slow in a thread of its own (hashing an image, asking for host keys), so that the screen
 * never waits. One at a time. The thread opens a store of its own; it may touch nothing of the app.
 */
#ifndef TUI_WORK_H
#define TUI_WORK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct app;
struct work;

struct work_kind {
	const char *title; /* N_("Reading the image") */
	/* In the thread. 0, or -1 and e. */
	int (*run)(struct work *w, void *ctx, struct err *e);
	/* Afterwards, in the screen's thread; rc as given, e NULL when 0. Not called after
	 * work_abandon(). */
	void (*done)(struct app *a, void *ctx, int rc, const struct err *e);
	void (*free_ctx)(void *ctx); /* always, at the end */
};

/* Begin; takes ctx. -1 and e: something else is still going on, or no thread (ctx was freed). */
int work_start(struct app *a, const struct work_kind *kind, void *ctx, struct err *e);

/* In the thread: how far it is; non-zero: stop, nobody wants it any more. */
int work_progress(struct work *w, int64_t done, int64_t total);

/* In the screen's thread. */
bool work_look(struct app *a); /* true: something is new (progress, or it ended and done() ran) */
const char *work_title(const struct work *w);
void work_state(const struct work *w, int64_t *done, int64_t *total);
void work_stop(struct work *w);    /* ask it to; done() comes with ERR_CANCELLED */
void work_abandon(struct app *a);  /* at the end of the program: ask, wait, free */

#endif
