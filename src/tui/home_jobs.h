/* SPDX-License-Identifier: ISC */
/*
 * The jobs of the first screen, each as a few numbers. A journal is folded when it has grown, and
 * only for so long in one go that keys do not wait; what is not folded yet is said to be so.
 */
#ifndef TUI_HOME_JOBS_H
#define TUI_HOME_JOBS_H

#include "tui/list.h"

#include "base/clock.h"
#include "run/follow.h"
#include "store/store.h"

struct home_job {
	char *id, *name;
	int64_t created, head; /* head: records there are */
	int64_t seen;          /* records folded */
	bool known;            /* the rest is filled in */
	bool broken;           /* the journal cannot be read */
	bool running;          /* a process has it */
	bool superseded;       /* never started, and another one has its name now */
	bool opens;            /* it waits for its window, at which it goes on by itself */
	bool asks;             /* a question of it waits for an answer */
	enum job_state state;
	char *version;
	size_t total, done, failed;  /* devices */
	size_t left;                 /* at their end, though they neither are done nor failed */
	int progress;                /* of all their steps, in thousandths: as in the live run */
	struct follow *follow;       /* of one that goes on */
};

struct home_jobs {
	VEC(struct home_job) list; /* those that want something or run, then the newest first... */
	size_t shown;              /* ...so many; behind them the superseded: the history has them */
	int64_t version;           /* of the store, when the rows were read */
	int64_t looked;            /* when processes were last looked for */
	bool behind;               /* not all are folded */
};

/* true: something is another now. */
bool home_jobs_tick(struct home_jobs *h, struct store *s, struct clock *clock);
void home_jobs_again(struct home_jobs *h); /* look at everything at the next tick */
void home_jobs_release(struct home_jobs *h);

enum { HOME_JOB, HOME_STATE, HOME_TO, HOME_PROGRESS, HOME_WHEN };
void home_job_cell(const struct home_job *j, size_t column, struct cell *out);

#endif
