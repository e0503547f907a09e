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

/* How long one device took to go back from the new version, and from that all of them in the plan's
 * batches: member "rollback". No device did: nothing is measured, and "rollback_why" says why, which
 * is taken from `why` when no device has a reason of its own. */
void rehearsal_rollback(const struct rehearsal_input *in, bool all, const char *why, cJSON *to);

/* Which faults came about, those on the way back too ("faults"), and which of those that were asked
 * for (DEVICE:FAULT[=ARG]...) did not ("faults_missed"). -1: e. */
int rehearsal_faults(const struct rehearsal_input *in, char *const *specs, cJSON *to, struct err *e);

/* All texts in which an address of `from` stands as a word get that of the same device in `to`. */
void rehearsal_addresses(cJSON *in, const struct inventory *from, const struct inventory *to);

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
