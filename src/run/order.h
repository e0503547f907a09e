/* SPDX-License-Identifier: ISC */
/* Orders for a job: start, pause, resume, cancel, retry, skip, rollback, ask, answer, waive, recheck. */
#ifndef RUN_ORDER_H
#define RUN_ORDER_H

#include "model/jobview.h"
#include "store/store.h"

#include <stdbool.h>

struct order_words { /* borrowed; NULL: not said */
	const char *verb;
	const char *target; /* device name; for "answer" the number of the question */
	const char *text;   /* the answer; the reason of a waiver */
	const char *check;  /* what is waived */
};

/* Would it be taken now? 0, or -1 and e with the reason. Nothing is queued: a screen asks it to
 * know whether a key works. */
int order_possible(const struct jobview *v, const struct order_words *w, struct err *e);

/* How many other devices begin (waiting) or are worked on (midway) once the order is carried out and
 * somebody runs the job; false: none. The order names one thing, the job goes on with all of them:
 * a front end says it before. `running`: a process has the job, those midway are worked on anyway. */
bool order_moves_others(const struct jobview *v, const struct order_words *w, bool running,
			size_t *waiting, size_t *midway);

/* Who goes back by a rollback that is ordered, as far as the job knows, or what of it does not; new text.
 * NULL: the order is another one, or goes to the device itself, whole. A unit brings its newer member
 * back. */
char *order_goes_back(const struct jobview *v, const struct order_words *w);

/* Has the device failed, and the job waits to be told how that goes on? "resume" leaves it as it is and
 * begins the others: a front end says it before. */
bool order_passes_failed(const struct jobview *v, const struct task_view *t);

/* Is a question about the job as a whole open, which the order does not answer: the job waits for it
 * all the same? */
bool order_leaves_question(const struct jobview *v, const struct order_words *w);

/* Is it possible now, and is no device gone that it would touch (run/gone.h)? Then queue it, in the
 * name of desk_who(): its number, or -1. `id` is the job's. Somebody has to run the job for it to be
 * carried out (start.h). */
int64_t order_queue(struct store *s, const char *id, const struct jobview *v,
		    const struct order_words *w, struct err *e);

#endif
