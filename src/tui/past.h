/* SPDX-License-Identifier: ISC */
/* All jobs for a list of them. Reading a journal costs time: it is done when a row is looked at, once
 * for each state of the journal. */
#ifndef TUI_PAST_H
#define TUI_PAST_H

#include "base/vec.h"
#include "model/jobview.h"
#include "store/store.h"

struct past_job {
	char *id, *name;
	int64_t created; /* wall ms */
	int64_t seq;     /* of the journal when it was read; -1: not yet */
	bool stale;      /* something was written since, perhaps in this one */
	bool broken;     /* it cannot be read */
	enum job_state state;
	size_t done, failed, total;
	char *version, *operator; /* NULL: unknown yet */
	bool superseded;          /* never started, and another one has its name now */
	bool running;             /* a process has it, as of the last look */
	bool asks;                /* a question of it waits for an answer */
};

struct past {
	struct store *store; /* borrowed */
	int64_t version;     /* of the database when the list was read; -1: never */
	VEC(struct past_job) jobs; /* newest first */
};

void past_init(struct past *p, struct store *s);
void past_release(struct past *p);

/* See whether there are other jobs, or other records, than the last time: true. What was read and is
 * still right is kept. */
bool past_update(struct past *p);

/* Read the journal of a row unless that was done already: true when something came of it. */
bool past_read(struct past *p, size_t row);

/* Is a process running it now; true: that is another answer than before. */
bool past_look(struct past *p, size_t row);

#endif
