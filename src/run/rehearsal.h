/* SPDX-License-Identifier: ISC */
/*
 * What a rehearsal tells: the journal of the rehearsed job beside what the simulated devices say
 * about themselves (the lab's log), which knows nothing of our journal and can contradict it. The
 * result is one JSON object ("type": "rehearsal"); the text is made of it. All times of it are
 * simulated ms since the beginning.
 */
#ifndef RUN_REHEARSAL_H
#define RUN_REHEARSAL_H

#include "base/err.h"
#include "model/jobview.h"

struct rehearsal_input { /* borrowed */
	const struct jobview *view;
	const char *lab_log;     /* path */
	int64_t start;           /* wall ms of time 0 */
	const struct plan *plan; /* whose estimates count; NULL: the view's */
};

/* What the job did up to now: stages and their times, failures, checks, and from the lab's log
 * who was dark, isolated, rebooted. Members are put into `to`. */
int rehearsal_job(const struct rehearsal_input *in, cJSON *to, struct err *e);

/* How long one device took to go back, and from that all of them in the plan's batches. Nothing
 * when no device went back. */
void rehearsal_rollback(const struct rehearsal_input *in, bool all, cJSON *to);

/* "good", "trouble" (it ends, not all is well), "held" (it waits for somebody), "refused" (by the
 * pre-checks), "unsafe" (the devices saw something that a plan must never let happen) as member
 * "verdict", with its words as "verdict_text", which also say when "would_be_refused" is not empty. */
void rehearsal_verdict(cJSON *to);

/* In place of "good" where there is room for one word only: what was played is, and the real job
 * would be refused as things are. */
#define REHEARSAL_WOULD_BE_REFUSED "would-be-refused"

/* For people: new, sanitised. */
char *rehearsal_text(const cJSON *result);

#endif
