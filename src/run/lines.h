/* SPDX-License-Identifier: ISC */
/* The life of a job as lines that people read: when, which device, what happened. A record makes
 * none, one or several; kinds that mean nothing to people make none. */
#ifndef RUN_LINES_H
#define RUN_LINES_H

#include "model/jobview.h"

#include "base/vec.h"

enum line_kind { LINE_PLAIN, LINE_GOOD, LINE_WARNING, LINE_BAD, LINE_QUESTION };

struct job_line {
	int64_t wall;       /* ms */
	const char *device; /* of the view's inventory; NULL: the job */
	enum line_kind kind;
	const char *what;   /* one word: phase, state, "note"; NULL: goes on with the line before */
	const char *text;   /* as it came: sanitise it before it is shown */
};

struct lines { /* zeroed to begin with, and set: */
	bool every; /* every step and its result; false: a line when a phase begins */
	bool commands; /* also say with which command a question is answered */
	/* Takes in a line; everything in it is borrowed. */
	void (*put)(void *ctx, const struct job_line *line);
	void *ctx;

	VEC(char *) phases; /* last phase that was told, of each task */
};

/* Tell about a record that was folded into v just now. */
void lines_record(struct lines *l, const struct jobview *v, const struct record *r);

/* What is under way now, by the clock of the job: a line for every device that is worked on. */
void lines_under_way(struct lines *l, const struct jobview *v, int64_t wall);

void lines_release(struct lines *l);

#endif
