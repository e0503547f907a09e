/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/events.h"

#include <stdio.h>
#include <stdlib.h>

static void put(void *ctx, const struct job_line *line)
{
	struct events *l = ctx;
	struct told *e = VEC_ADD(&l->list);
	e->wall = line->wall;
	e->device = line->device;
	e->kind = line->kind;
	e->what = xstrdup(line->what);
	e->text = xstrdup(line->text);
	snprintf(e->id, sizeof(e->id), "%zu", l->list.n);
}

void events_see(void *ctx, const struct jobview *v, const struct record *r)
{
	struct events *l = ctx;
	l->lines.every = true;
	l->lines.put = put;
	l->lines.ctx = l;
	lines_record(&l->lines, v, r);
}

void events_clear(struct events *l)
{
	for (size_t i = 0; i < l->list.n; i++) {
		free(l->list.v[i].what);
		free(l->list.v[i].text);
	}
	VEC_RELEASE(&l->list);
	lines_release(&l->lines);
}
