/* SPDX-License-Identifier: ISC */
/* The failures of a job put together by their cause. */
#ifndef TUI_CARDS_H
#define TUI_CARDS_H

#include "model/jobview.h"

struct card {
	char *key;   /* what its failures have in common */
	char *title; /* its message; with "*" for the names when there are several devices */
	/* of the first device; borrowed from the view */
	const char *message, *cause, *advice, *phase;
	const struct step_view *evidence;             /* NULL: no step failed */
	VEC(size_t) tasks;
};

struct cards {
	const struct jobview *view;
	VEC(struct card) list; /* in the job's order of the first device of each */
	size_t devices;        /* of all cards */
};

/* Anew from the view (NULL: none). A device that failed and was upgraded later is on no card. */
void cards_make(struct cards *c, const struct jobview *v);
void cards_release(struct cards *c);

#endif
