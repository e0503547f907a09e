/* SPDX-License-Identifier: ISC */
/* The heat map of the live run: a cell a device, in the list's order, a name above each stage. */
#include "config.h"

#include "tui/live.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "run/words.h"

#include <stdlib.h>

#define MARGIN 2
#define FOOT   2 /* the device under the cursor; the filter, or nothing */
#define LEGEND 2 /* lines at most */

bool live_is_map(const struct live *s)
{
	/* what has to be known comes and goes: the list does not become a map for it */
	size_t lines = s->height > LIVE_HEAD + 1 ? (size_t)(s->height - LIVE_HEAD - 1) : 0;
	return s->map == MAP_ON || (s->map == MAP_WHEN_NEEDED && s->rows.n > lines);
}

static size_t stage_of(const struct live *s, size_t at)
{
	return s->list.sort >= 0 ? NO_STAGE : s->rows.v[s->list.rows.v[at]].stage;
}

static void add_line(struct live *s, size_t stage, size_t from, size_t to)
{
	VEC_PUSH(&s->heat, ((struct heat_line){.stage = stage, .from = from, .to = to}));
}

static void lay_out(struct live *s, size_t across)
{
	size_t n = s->list.rows.n, named = NO_STAGE;
	s->heat.n = 0;
	for (size_t at = 0; at < n;) {
		size_t stage = stage_of(s, at), to = at;
		if (stage != NO_STAGE && stage != named)
			add_line(s, stage, 0, 0);
		named = stage;
		while (to < n && to - at < across && stage_of(s, to) == stage)
			to++;
		add_line(s, NO_STAGE, at, to);
		at = to;
	}
}

static bool holds(const struct heat_line *l, size_t at)
{
	return l->stage == NO_STAGE && at >= l->from && at < l->to;
}

static size_t line_of_cursor(const struct live *s)
{
	for (size_t i = 0; i < s->heat.n; i++)
		if (holds(&s->heat.v[i], s->list.at))
			return i;
	return 0;
}

/* --- the legend ------------------------------------------------------------------------------- */

static void find_states(const struct live *s, bool there[TASK_STATE_COUNT])
{
	for (size_t at = 0; at < s->list.rows.n; at++) {
		const struct task_view *t = live_task(s, s->list.rows.v[at]);
		if (t)
			there[t->state] = true;
	}
}

/* Mark and word of each state that is on the map, from line y on; c NULL: only measured. Gives the
 * lines that it takes. */
static int legend(const struct live *s, const struct canvas *c, int y, int width)
{
	bool there[TASK_STATE_COUNT] = {false};
	int x = MARGIN, lines = 0;
	find_states(s, there);
	for (enum task_state state = 0; state < TASK_STATE_COUNT; state++) {
		if (!there[state])
			continue;
		int wide = 2 + utf8_width(word_task(state));
		if (lines && x + wide > width)
			x = MARGIN, lines++;
		lines = lines ? lines : 1;
		if (c && lines <= s->legend)
			(void)canvas_textf(c, y + lines - 1, x, wide, role_task(state), "%c %s",
					   mark_task(state), word_task(state));
		x += wide + 2;
	}
	return lines;
}

void heat_fit(struct live *s, int height, int width)
{
	int room = width - MARGIN > 2 ? width - MARGIN : 2;
	s->legend = legend(s, NULL, 0, width);
	s->legend = s->legend > LEGEND ? LEGEND : s->legend;
	if (height < FOOT + s->legend + 1) /* cells come first */
		s->legend = 0;
	s->heat_height = height > FOOT + s->legend ? height - FOOT - s->legend : 1;
	s->cell = 2;
	lay_out(s, (size_t)(room / 2));
	if (s->heat.n > (size_t)s->heat_height) {
		s->cell = 1;
		lay_out(s, (size_t)room);
	}
	size_t line = line_of_cursor(s), h = (size_t)s->heat_height;
	if (line < s->heat_top)
		s->heat_top = line && s->heat.v[line - 1].stage != NO_STAGE ? line - 1 : line;
	if (line >= s->heat_top + h)
		s->heat_top = line - h + 1;
	if (s->heat_top + h > s->heat.n)
		s->heat_top = s->heat.n > h ? s->heat.n - h : 0;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* To the same column of the next line of cells that way. */
static void up_down(struct live *s, long by)
{
	size_t line = line_of_cursor(s);
	if (s->heat.n == 0)
		return;
	size_t column = s->list.at - s->heat.v[line].from;
	for (long i = (long)line + by; i >= 0 && i < (long)s->heat.n; i += by) {
		const struct heat_line *l = &s->heat.v[i];
		if (l->stage != NO_STAGE)
			continue;
		size_t last = l->to - l->from - 1;
		list_move_to(&s->list, l->from + (column < last ? column : last));
		return;
	}
}

static void left_right(struct live *s, long by)
{
	long to = (long)s->list.at + by;
	if (to >= 0 && to < (long)s->list.rows.n)
		list_move_to(&s->list, (size_t)to);
}

bool heat_key(struct live *s, keycode key)
{
	if (s->list.filtering)
		return false;
	switch (key) {
	case K_UP:
	case 'k':
		up_down(s, -1);
		return true;
	case K_DOWN:
	case 'j':
		up_down(s, 1);
		return true;
	case K_LEFT:
	case 'h':
		left_right(s, -1);
		return true;
	case K_RIGHT:
	case 'l':
		left_right(s, 1);
		return true;
	default:
		return false;
	}
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_name(const struct live *s, const struct canvas *c, int y, size_t stage)
{
	const struct live_stage *g = &s->stages.v[stage];
	int x = canvas_text(c, y, 0, 24, ROLE_HEADER, s->plan->stages.v[stage].name);
	x += 1 + canvas_textf(c, y, x + 1, -1, ROLE_DIM, "%zu/%zu", g->done, g->total);
	if (g->failed)
		(void)canvas_textf(c, y, x + 1, -1, ROLE_STATE_FAILED, "!%zu", g->failed);
}

static void draw_cells(const struct live *s, const struct canvas *c, int y,
		       const struct heat_line *l)
{
	for (size_t at = l->from; at < l->to; at++) {
		const struct task_view *t = live_task(s, s->list.rows.v[at]);
		int x = MARGIN + (int)(at - l->from) * s->cell;
		char mark[2] = {t ? mark_task(t->state) : '?', '\0'};
		bool here = at == s->list.at;
		enum theme_role role = t ? role_task(t->state) : ROLE_TEXT;
		(void)canvas_text(c, y, x, 1, here ? ROLE_SELECTION : role, mark);
		if (here)
			canvas_cursor(c, y, x);
	}
}

static void draw_device(const struct live *s, const struct canvas *c, int y)
{
	const struct task_view *t = live_at(s);
	struct str time = {0};
	if (!t)
		return;
	live_time(s, t, &time);
	int x = canvas_text(c, y, 0, 24, ROLE_TITLE, jobview_device(s->view, t->device)) + 2;
	x += canvas_textf(c, y, x, -1, role_task(t->state), "%c %s", mark_task(t->state),
			  word_task(t->state)) +
	     2;
	if (task_state_active(t->state))
		x += canvas_textf(c, y, x, c->w - x - 16, ROLE_TEXT, "%s  %s",
				  translated(t->phase), translated(t->word)) +
		     2;
	(void)canvas_text(c, y, x, -1, ROLE_TEXT, str_text(&time));
	str_release(&time);
}

void heat_draw(const struct live *s, const struct canvas *c)
{
	for (int y = 0; y < s->heat_height && s->heat_top + (size_t)y < s->heat.n; y++) {
		const struct heat_line *l = &s->heat.v[s->heat_top + (size_t)y];
		if (l->stage != NO_STAGE)
			draw_name(s, c, y, l->stage);
		else
			draw_cells(s, c, y, l);
	}
	if (s->list.rows.n == 0)
		(void)canvas_label(c, 0, 0, -1, ROLE_DIM, _("No device is like that now"));
	(void)legend(s, c, c->h - FOOT - s->legend, c->w);
	draw_device(s, c, c->h - FOOT);
	(void)list_draw_filter(&s->list, c);
}
