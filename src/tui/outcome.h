/* SPDX-License-Identifier: ISC */
/* What came of a job and its devices: times and counts.
 * For the screens of jobs that were or are. */
#ifndef TUI_OUTCOME_H
#define TUI_OUTCOME_H

#include "tui/list.h"

#include "model/jobview.h"

struct app;

/* A duration to the second, "-" for 0; text has room for 32 bytes. */
void outcome_span(int64_t ms, char text[32]);

/* How long the device took, or takes already. */
int64_t outcome_elapsed(const struct task_view *t, int64_t wall);

/* Devices that were not upgraded because something went wrong with them: appended to *out, a new
 * array, free(); gives their number. */
size_t outcome_failed(const struct jobview *v, size_t **out);

/* "12 done  1 failed  1 rolled back" with symbols, from x on; gives the columns used. */
int outcome_counts_draw(const struct canvas *c, int y, int x, const size_t *counts);

/* ", 1 rolled back, 2 cancelled": the devices at their end that are not done; appended. */
void outcome_put_rest(const size_t *counts, struct str *out);

/* How much of its way is behind a device, in thousandths. What ended without being done has none: a
 * job is not complete because it is over. */
int outcome_progress(const struct jobview *v, const struct task_view *t);

/* How many devices are through, with their attempts: a comparison of the snapshots is made again when
 * that is another number. */
size_t outcome_through(const struct jobview *v);

/* "5 real  12 expected  16 self-healed  0 noise" (of DIFF_CLASSES) from x on; gives the columns used. */
int outcome_differences_draw(const struct canvas *c, int y, int x, enum theme_role role,
			     const size_t *counts);

/* What a screen has seen of the followed job, so that it takes in only what is new. */
struct outcome_seen {
	char *job; /* id; freed by the owner */
	int64_t seq;
};
/* True: something is new since the last call, or it is another job. */
bool outcome_news(const struct app *a, struct outcome_seen *seen);
/* The screen is on top again: those above may have followed another job meanwhile. */
void outcome_return(struct app *a, struct outcome_seen *seen);

/* Fill the draft with what failed in the job (v, its id), and open the wizard at its review; when
 * another new job was begun, after a question. Both are only looked at before the screens change. */
void outcome_again(struct app *a, const struct jobview *v, const char *id);
bool outcome_again_possible(const struct jobview *v, struct err *why);

#endif
