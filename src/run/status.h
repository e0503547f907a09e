/* SPDX-License-Identifier: ISC */
/* How a job stands, in words and numbers that all front ends share. */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include "base/str.h"
#include "model/jobview.h"
#include "store/store.h"

enum exit_status { /* design section 8 */
		   EXIT_DONE = 0,
		   EXIT_FAILURES =
		       1, /* finished with failures; also: the machine failed us in the middle */
		   EXIT_USAGE = 2,        /* usage or bad input: nothing was done */
		   EXIT_REFUSED = 3,      /* refused by pre-checks */
		   EXIT_HELD = 4,         /* held, waiting for the operator */
		   EXIT_UNREACHABLE = 5,  /* could not reach or log in */
		   EXIT_BUSY = 6,         /* locked by another job */
		   EXIT_INTERRUPTED = 130 /* the job goes on */
};

/* Exit status that the job's state means. A job that waits for its window counts as one that goes on:
 * whether a process is there to do so is the caller's to know. */
int job_status(const struct jobview *v);

/* The version that the device ran before; borrowed; NULL: unknown. */
const char *status_from_version(const struct jobview *v, size_t device);

/* Why the job is in its state, for people, new; "" without a reason. The pre-checks are counted as
 * of now: some may have been waived since they were over. */
char *status_reason(const struct jobview *v);

/* What the clock of the job shows now, wall ms: that of simulated devices runs faster. Without a
 * process nothing of it goes on: *runs is false, and it is the time of its last record. */
int64_t status_now(struct store *s, const struct jobview *v, const char *id, bool *runs);
/* The same when our own clock shows `wall`, and it is known whether a process has the job. */
int64_t status_clock(struct store *s, const struct jobview *v, const char *id, int64_t wall,
		     bool runs);

/* The order in which people want to see checks: 0 first. Those before STATUS_RANK_WAIVED want
 * something done; those of STATUS_RANK_REST (passed, skipped) are only shown when asked for. */
#define STATUS_RANK_WAIVED 3
#define STATUS_RANK_REST   4
int status_check_rank(const struct check_view *c);
const char *status_check_word(const struct check_view *c); /* "ERROR"; borrowed, translated */

/* Failed first, then by device and check: v->checks.n of them, borrowed; the array is new. */
const struct check_view **status_checks_sorted(const struct jobview *v);

/* Whether the upgrade is hitless, in a line, and if not: for which devices and why, a line each.
 * Nothing when the procedure does not tell, or nobody can: something is open, or has failed. */
void status_hitless_text(const struct jobview *v, struct str *out);
char *status_hitless_words(const struct jobview *v); /* that first line; new, NULL: nothing */

/* All checks as lines of text, failed first, and a line that counts them. all: the passed ones too.
 * Sanitised. */
void status_checks_text(const struct jobview *v, bool all, struct str *out);

/* "set_later": values that tries after the first went by; nothing where there are none. */
void sets_put(cJSON *o, const struct jobview *v);

/* {"format":1,"type":type,...}: state, counts, devices, exit status. New. */
cJSON *summary_json(const struct jobview *v, const char *id, const char *type);
cJSON *checks_json(const struct jobview *v);  /* new array */
/* Why the upgrade of the device (NO_DEVICE: of any) is not hitless: [{device, check, message}]. */
void hitless_put(cJSON *o, const struct jobview *v, size_t device);
cJSON *steps_json(const struct task_view *t); /* new array: every step of a device */

#endif
