/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/stage_boxes.h"

#include "tui/outcome.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define BOX_LEAST 17
#define BOX_MOST  24
#define ARROW     3

bool stage_has(const struct plan_stage *s, size_t device)
{
	for (size_t b = 0; b < s->batches.n; b++)
		for (size_t d = 0; d < s->batches.v[b].devices.n; d++)
			if (s->batches.v[b].devices.v[d] == device)
				return true;
	return false;
}

size_t stage_counts(const struct jobview *v, size_t stage, size_t *counts)
{
	const struct plan_stage *s = &v->plan->stages.v[stage];
	size_t n = 0;
	memset(counts, 0, TASK_STATE_COUNT * sizeof(*counts));
	for (size_t i = 0; i < v->tasks.n; i++)
		if (stage_has(s, v->tasks.v[i].device)) {
			counts[jobview_stage_state(v, &v->tasks.v[i], stage)]++;
			n++;
		}
	return n;
}

/* "+3 !1 <1": what there is, in few columns. */
static void draw_symbols(const struct canvas *c, int y, int x, const size_t *counts)
{
	for (int s = 0; s < TASK_STATE_COUNT; s++) {
		enum task_state t = (enum task_state)s;
		if (counts[s])
			x += canvas_textf(c, y, x, -1, role_task(t), "%c%zu", mark_task(t), counts[s]) +
			     1;
	}
}

static void draw_box(const struct jobview *v, size_t i, bool chosen, const struct canvas *c)
{
	const struct plan_stage *s = &v->plan->stages.v[i];
	size_t counts[TASK_STATE_COUNT], n = stage_counts(v, i, counts);
	char *title = xasprintf("%zu %s", i + 1, s->name);
	char *text = xasprintf(_("%zu of %zu"), counts[TASK_DONE], n);
	struct canvas in = canvas_part(c, 1, 2, c->h - 2, c->w - 4);
	canvas_box(c, chosen ? ROLE_STAGE_ACTIVE : ROLE_STAGE, chosen ? ROLE_STAGE_ACTIVE : ROLE_STAGE,
		   title);
	(void)canvas_label(&in, 0, 0, -1, ROLE_TEXT, text);
	draw_symbols(&in, 1, 0, counts);
	canvas_bar(&in, 2, 0, in.w, (int64_t)counts[TASK_DONE], (int64_t)n);
	if (chosen)
		(void)canvas_text(c, 0, 0, 1, ROLE_STAGE_ACTIVE, ">");
	free(text);
	free(title);
}

void stage_boxes_draw(const struct jobview *v, size_t at, const struct canvas *c)
{
	size_t n = v->plan->stages.n, fit;
	int width = n ? (c->w - 2 + ARROW) / (int)n - ARROW : 0;
	width = width > BOX_MOST ? BOX_MOST : width < BOX_LEAST ? BOX_LEAST : width;
	fit = (size_t)((c->w - 2 + ARROW) / (width + ARROW));
	size_t first = at >= fit ? at - fit + 1 : 0;
	for (size_t i = first; i < n && i - first < fit; i++) {
		int x = 1 + (int)(i - first) * (width + ARROW);
		struct canvas box = canvas_part(c, 0, x, STAGE_BOX_LINES, width);
		draw_box(v, i, i == at, &box);
		if (i + 1 < n)
			(void)canvas_text(c, 2, x + width, ARROW, ROLE_BORDER, "-->");
	}
	if (first > 0)
		(void)canvas_text(c, 2, 0, 1, ROLE_BORDER, "<");
}
