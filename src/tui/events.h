/* SPDX-License-Identifier: ISC */
/* What happened in the job that is followed, as lines, kept for the screens that show them. */
#ifndef TUI_EVENTS_H
#define TUI_EVENTS_H

#include "run/lines.h"

struct told {
	int64_t wall;       /* ms */
	const char *device; /* NULL: the job; borrowed from the job's view */
	enum line_kind kind;
	char *what;         /* NULL: goes on with the one before */
	char *text;
	char id[16];
};

struct events {
	VEC(struct told) list;
	struct lines lines;
};

void events_clear(struct events *l); /* of another job now */
/* As follow_update() calls it; ctx is the struct events. */
void events_see(void *ctx, const struct jobview *v, const struct record *r);

#endif
