/* SPDX-License-Identifier: ISC */
/* A place to work at for the tests of screens: a state directory, a clock that stands still, a screen that
 * nobody sees, one device; processes of jobs are counted, not started. */
#ifndef TESTS_TUI_STATION_H
#define TESTS_TUI_STATION_H

#include "help.h"

#include "base/clock.h"
#include "model/record.h"
#include "tui/app.h"

struct station {
	struct fixture *f;
	struct store *store;
	struct clock_virtual clock;
	struct terminal *term;
	FILE *in, *out;
	struct app *app;
	int64_t epoch; /* of the job's owner; 0: it had none */
};

struct station_starts {
	size_t n;     /* processes that were asked for */
	unsigned how; /* the last one, START_... */
};
extern struct station_starts station_starts;

int station_setup(void **state);
int station_teardown(void **state);

/* Into the journal of that job, by its owner; takes the record. */
void station_append(struct station *b, const char *job, struct record *r);
void station_state(struct station *b, const char *job, const char *state);

/* A draft of a job "friday" of leaf01 to 4.2.0; the job that is made of the draft. */
void station_draft(struct station *b);
void station_make(struct station *b);

/* Fails, with the picture, when this text is not on the screen. */
void station_shows(struct station *b, const char *text);
void station_hides(struct station *b, const char *text); /* when it is */

/* The name of the screen that is open. */
const char *station_top(const struct station *b);

#endif
