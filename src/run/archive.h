/* SPDX-License-Identifier: ISC */
/* All jobs that were, looked at together: which of them, what came of a device in each, figures over
 * all, and their failures by cause. Reads their journals. */
#ifndef RUN_ARCHIVE_H
#define RUN_ARCHIVE_H

#include "model/jobview.h"
#include "run/aftermath.h"
#include "run/cards.h"
#include "store/store.h"

struct archive_filter { /* all borrowed; NULL, 0: any */
	int64_t since;        /* wall ms: made or written to after that */
	const char *state;    /* of the job */
	const char *device;   /* that is in it */
	const char *operator;
	const char *version;  /* target */
	const char *match;    /* in its name; letter case does not count */
};

/* "7d", "24h", "30m", "2w" before `now`, or a date as "2026-11-01" or "2026-11-01 22:30": wall ms.
 * ERR_INPUT. */
int archive_since(const char *text, int64_t now, int64_t *out, struct err *e);

/* Give every job that passes to see(), the oldest first. The view is see()'s when it sets *v to NULL;
 * *v is NULL when the journal cannot be read (the filter then only knows the name). Non-zero stops. */
int archive_each(struct store *s, const struct archive_filter *f,
		 int (*see)(void *ctx, const struct job_row *row, struct jobview **v), void *ctx,
		 struct err *e);

/* --- one device ------------------------------------------------------------------------------- */
struct archive_visit { /* of a job to a device */
	char *device, *job, *id;
	size_t jobs; /* archive_devices(): how many it was in */
	enum job_state job_state;
	enum task_state state;
	char *from, *to, *phase, *message; /* NULL: none; phase: where it failed last */
	int attempts; /* at what the job is for */
	struct aftermath after;
	int64_t created, started, ended; /* wall ms */
};
struct archive_visits {
	struct archive_visit *v; /* newest first */
	size_t n, cap;
	bool plain; /* messages are not translated: for JSON. Set it before */
};
/* *out is empty but for `plain`. */
int archive_device(struct store *s, const char *device, const struct archive_filter *f,
		   struct archive_visits *out, struct err *e);
/* Every device that was in a job, with its last one; in the order they were met. */
int archive_devices(struct store *s, const struct archive_filter *f, struct archive_visits *out,
		    struct err *e);
/* As a table: the jobs of one device, or all devices; sanitised, new. */
char *archive_visits_text(const struct archive_visits *list, bool of_one);
void archive_visits_release(struct archive_visits *v);

/* --- all of it -------------------------------------------------------------------------------- */
struct archive_stats {
	size_t jobs, unreadable, states[JOB_STATE_COUNT];
	size_t devices, tasks[TASK_STATE_COUNT]; /* upgrades */
	size_t others; /* devices in jobs that upgrade none: staged, verified, taken back */
	size_t first_try;          /* done at the first attempt */
	VEC(int64_t) spans;        /* ms, of those that were done */
	char *longest, *longest_job;
	int64_t longest_ms;
	struct cards cards; /* of all failures */
	VEC(struct jobview *) views; /* that the cards borrow from */
	VEC(char *) ids;
};
int archive_stats(struct store *s, const struct archive_filter *f, bool plain,
		  struct archive_stats *out, struct err *e);
void archive_stats_release(struct archive_stats *s);
char *archive_stats_text(struct archive_stats *s); /* lines; sanitised; new */
cJSON *archive_stats_json(struct archive_stats *s); /* members of an object; new */

#endif
