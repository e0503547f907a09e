/* SPDX-License-Identifier: ISC */
/* What an upgrade of a device would need, told before anybody asks the device: from what it said the
 * last time. The pre-checks decide; this only spares a round. */
#ifndef RUN_FORECAST_H
#define RUN_FORECAST_H

#include "base/str.h"
#include "model/jobview.h"
#include "model/procedure.h"
#include "store/store.h"

enum forecast {
	FORECAST_READY,   /* all is there */
	FORECAST_ASK,     /* not known until the device is asked */
	FORECAST_SAME,    /* it runs this version already */
	FORECAST_PATH,    /* the procedure does not go that way */
	FORECAST_MISSING, /* an image */
};

struct forecast_input { /* all borrowed */
	const struct procedure *procedure;
	const struct method *method;
	const char *platform, *version;
	const struct values *parameters; /* where they differ from the defaults */
	const struct images *images;
};

/* `known` may be NULL. Appends the reason to why, in words for people (nothing when ready). */
enum forecast forecast_device(const struct forecast_input *in, const struct known_device *known,
			      struct str *why);

/* --- while it runs ---------------------------------------------------------------------------- */

/* How long a job still takes, from its plan's figures, and from how fast its copies are. Half of all
 * jobs are over by p50, nearly all by p95: wall ms, 0 when it cannot be told. */
struct forecast_times {
	int64_t wall;             /* now */
	size_t copies, copied;    /* devices whose image is copied; of them, those that have it */
	size_t copying;           /* that receive it now */
	int64_t rate;             /* bytes in a second that all of these get together; 0: unknown */
	int64_t copies_p50, copies_p95; /* when the last one is there; 0: unknown, or all are */
	/* p50 0: the windows that are left have no room for all of it; only p95 0: they may not have,
	 * which goes for the copies, too. */
	int64_t end_p50, end_p95;
	/* Nothing goes on until somebody decides, or runs the job: no moment can be told then, only how
	 * much work is left (ms, without windows). */
	bool waits, stands;   /* for a decision; nobody runs it */
	int64_t since;        /* wall ms: nothing has gone on since; 0: some still go on */
	int64_t left_p50, left_p95;
};

/* `wall` is now, by the job's clock; `runs`: a process works on it. False: nothing can be told (no
 * plan, or it is over). */
bool forecast_times(const struct jobview *v, int64_t wall, bool runs, struct forecast_times *out);

/* "all copies done by 22:41 (p95 22:55)", new; NULL: no copy is left, or it cannot be told. */
char *forecast_copies_text(const struct forecast_times *f);
/* "The job is over by 2026-11-22 01:12 (p95 01:20), if nothing holds it", or how much is left of a job
 * that stands still; new. */
char *forecast_end_text(const struct forecast_times *f);

/* {"copies": {...}, "end": {...}}, new; NULL: nothing can be told. */
cJSON *forecast_json(const struct jobview *v, int64_t wall, bool runs);

#endif
