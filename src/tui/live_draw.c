/* SPDX-License-Identifier: ISC */
/* The picture of the live run: stages, the whole, what the operator has to know, devices, log. */
#include "config.h"

#include "tui/live.h"
#include "model/hitless.h"
#include "model/phrases.h"
#include "tui/orders.h"
#include "tui/outcome.h"
#include "tui/states.h"
#include "tui/ways.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "plan/planner.h"
#include "run/forecast.h"
#include "run/words.h"

#include <stdlib.h>

#define GAP        2 /* between boxes */
#define BOX_LEAST  16
#define BOX_MOST   26
#define BOX_LINES  3
#define TITLE_FRAME 6 /* columns of a box beside its title */
#define WHOLE_BAR  20
#define LOG_TIME   8
#define LOG_DEVICE 12
#define LOG_WHAT   11
#define LOG_MOST   3 /* lines of one record beside what it is about; a longer one stands below */

/* --- stages ----------------------------------------------------------------------------------- */

static bool is_active(const struct live_stage *g)
{
	return g->active > 0 || (g->ended > 0 && g->ended < g->total);
}

static char stage_mark(const struct live_stage *g)
{
	return g->failed              ? mark_task(TASK_FAILED)
	       : g->done == g->total  ? mark_task(TASK_DONE)
	       : g->ended == g->total ? mark_task(TASK_CANCELLED)
	       : g->held              ? mark_task(TASK_HELD)
	       : is_active(g)         ? mark_task(TASK_RUNNING)
				      : mark_task(TASK_PENDING);
}

static enum theme_role stage_role(const struct live_stage *g)
{
	return g->failed              ? ROLE_STATE_FAILED
	       : g->done == g->total  ? ROLE_STATE_DONE
	       : g->ended == g->total ? role_task(TASK_CANCELLED)
	       : g->held              ? ROLE_STATE_HELD
	       : is_active(g)         ? ROLE_STATE_RUNNING
				      : ROLE_STATE_PENDING;
}

static char *stage_title(const struct live *s, size_t i)
{
	return xasprintf("%s%zu %s", is_active(&s->stages.v[i]) ? "> " : "", i + 1,
			 plan_stage_title(&s->plan->stages.v[i]));
}

static void draw_stage(const struct live *s, const struct canvas *box, size_t i)
{
	const struct live_stage *g = &s->stages.v[i];
	enum theme_role role = is_active(g) ? ROLE_STAGE_ACTIVE : ROLE_STAGE;
	char *title = stage_title(s, i);
	canvas_box(box, role, role, title);
	free(title);
	int x = 2 + canvas_textf(box, 1, 2, box->w - 3, stage_role(g), "%c %zu/%zu", stage_mark(g),
				 g->done, g->total);
	if (g->failed)
		x += canvas_textf(box, 1, x, box->w - x - 1, ROLE_STATE_FAILED, " !%zu", g->failed);
	if (g->ended > g->done + g->failed) /* at their end, and not upgraded */
		x += canvas_textf(box, 1, x, box->w - x - 1, role_task(TASK_CANCELLED), " %c%zu",
				  mark_task(TASK_CANCELLED), g->ended - g->done - g->failed);
	canvas_bar(box, 1, x + 1, box->w - x - 3, (int64_t)g->done, (int64_t)g->total);
}

static size_t first_active(const struct live *s)
{
	for (size_t i = 0; i < s->stages.n; i++)
		if (is_active(&s->stages.v[i]))
			return i;
	for (size_t i = 0; i < s->stages.n; i++)
		if (s->stages.v[i].ended < s->stages.v[i].total)
			return i;
	return s->stages.n ? s->stages.n - 1 : 0;
}

/* Which boxes there are: the active one is among them, and no title is cut while that can be. */
struct boxes {
	int from, n, w;
};

static struct boxes boxes_of(const struct live *s, int shown, int width)
{
	int n = (int)s->stages.n, at = (int)first_active(s), from = at - shown / 2;
	int w = (width + GAP) / shown - GAP;
	return (struct boxes){.from = from > n - shown ? n - shown : from < 0 ? 0 : from,
			      .n = shown,
			      .w = w > BOX_MOST ? BOX_MOST : w};
}

static bool is_cut(const struct live *s, const struct boxes *b)
{
	for (int i = b->from; i < b->from + b->n; i++) {
		char *title = stage_title(s, (size_t)i);
		bool cut = utf8_width(title) + TITLE_FRAME > b->w;
		free(title);
		if (cut)
			return true;
	}
	return false;
}

static struct boxes choose_boxes(const struct live *s, int width)
{
	int n = (int)s->stages.n, most = (width + GAP) / (BOX_LEAST + GAP);
	int shown = n < most ? n : most > 1 ? most : 1;
	struct boxes b = boxes_of(s, shown, width);
	while (b.n > 1 && is_cut(s, &b))
		b = boxes_of(s, b.n - 1, width);
	return b;
}

/* As many as there is room for; arrows where there are more. */
static void draw_stages(const struct live *s, const struct canvas *c)
{
	if (s->stages.n == 0)
		return;
	struct boxes b = choose_boxes(s, c->w - 2);
	for (int i = 0; i < b.n; i++) {
		int x = 1 + i * (b.w + GAP);
		struct canvas box = canvas_part(c, 0, x, BOX_LINES, b.w);
		draw_stage(s, &box, (size_t)(b.from + i));
		if (i > 0)
			(void)canvas_text(c, 1, x - GAP, 2, ROLE_STAGE, "->");
	}
	if (b.from > 0)
		(void)canvas_text(c, 1, 0, 1, ROLE_STAGE, "<");
	if (b.from + b.n < (int)s->stages.n)
		(void)canvas_text(c, 1, c->w - 1, 1, ROLE_STAGE, ">");
}

/* --- the whole -------------------------------------------------------------------------------- */

#define MINUTE 60000

/* A job with maintenance windows also waits for them; -1: no window has room for the rest. */
static void windows_count(const struct live *s, int64_t *from, int64_t *to)
{
	struct forecast_times f;
	if (!s->view->job->windows.n || !forecast_times(s->view, s->now, true, &f) ||
	    f.waits)
		return;
	*from = f.end_p50 ? f.end_p50 - s->now : -1;
	*to = f.end_p95 ? f.end_p95 - s->now : -1;
}

static char *left_text(const struct live *s)
{
	char least[32], most[32];
	int64_t from = s->sums.left_least, to = s->sums.left_most;
	windows_count(s, &from, &to);
	if (to < 0)
		return xstrdup(_("left: unknown"));
	if (to == 0)
		return xstrdup(_("longer than estimated"));
	from = (from + MINUTE / 2) / MINUTE * MINUTE;
	to = (to + MINUTE / 2) / MINUTE * MINUTE;
	word_span(from, least);
	word_span(to, most);
	if (to == 0)
		return xstrdup(_("left: less than 1m"));
	if (from == to)
		return xasprintf(_("left: about %s"), most);
	return xasprintf(_("left: %s to %s"), from ? least : "1m", most);
}

static char *time_text(const struct live *s)
{
	char span[32];
	int64_t end = job_state_final(s->view->state) ? s->view->ended : s->now;
	word_span(s->view->started ? end - s->view->started : 0, span);
	if (job_state_final(s->view->state))
		return xasprintf(_("took %s"), span);
	char *left = left_text(s), *all = xasprintf("%s, %s", span, left);
	free(left);
	return all;
}

/* Those that were left out, and those that were cancelled; new. */
static char *rest_text(const struct live_sums *m)
{
	size_t counts[TASK_STATE_COUNT] = {0};
	struct str out = {0};
	counts[TASK_SKIPPED] = m->n[TASK_SKIPPED];
	counts[TASK_CANCELLED] = m->n[TASK_CANCELLED];
	outcome_put_rest(counts, &out);
	return str_take(&out);
}

/* Columns of the bar: words that need its room have it. */
static int whole_bar(const struct live *s, int width, int others)
{
	char *done = xasprintf(_("%zu of %zu done"), s->sums.n[TASK_DONE], s->rows.n);
	char *failed = s->sums.failed ? xasprintf(_(", %zu failed"), s->sums.failed) : NULL;
	int words = 1 + 4 + 2 + utf8_width(done) + (failed ? utf8_width(failed) : 0) + others + 3;
	if (hitless_is_broken(s->view, NO_DEVICE))
		words += utf8_width(_(", not hitless"));
	free(done), free(failed);
	return width - words > WHOLE_BAR ? WHOLE_BAR : width - words < 0 ? 0 : width - words;
}

static void draw_whole(const struct live *s, const struct canvas *c, int y)
{
	const struct live_sums *m = &s->sums;
	char *time = time_text(s), *rest = rest_text(m);
	int x = 1 + whole_bar(s, c->w, utf8_width(time) + utf8_width(rest));
	canvas_bar(c, y, 1, x - 1, m->steps_ended, m->steps);
	x += canvas_textf(c, y, x, -1, ROLE_TEXT, "%3d%%",
			  m->steps ? (int)(m->steps_ended * 100 / m->steps) : 0) +
	     2;
	char *done = xasprintf(_("%zu of %zu done"), m->n[TASK_DONE], s->rows.n);
	x += canvas_label(c, y, x, -1, ROLE_TEXT, done);
	free(done);
	if (m->failed) {
		char *failed = xasprintf(_(", %zu failed"), m->failed);
		x += canvas_label(c, y, x, -1, ROLE_STATE_FAILED, failed);
		free(failed);
	}
	x += canvas_label(c, y, x, -1, role_task(TASK_CANCELLED), rest);
	if (hitless_is_broken(s->view, NO_DEVICE))
		x += canvas_label(c, y, x, -1, ROLE_WARNING, _(", not hitless"));
	int w = utf8_width(time), from = c->w - 1 - w;
	(void)canvas_label(c, y, from > x + 1 ? from : x + 1, -1, ROLE_TEXT, time);
	free(time), free(rest);
}

/* --- what has to be known --------------------------------------------------------------------- */

/* While images are copied: how far, how fast, and when the last one is there. */
static char *copies_text(const struct live *s)
{
	struct forecast_times f;
	char rate[32];
	if (!forecast_times(s->view, s->now, true, &f))
		return NULL;
	char *by = forecast_copies_text(&f), *all = NULL;
	word_rate(f.rate, rate);
	if (by && f.rate)
		all = xasprintf(_("copies: %zu of %zu, %s; %s"), f.copied, f.copies, rate, by);
	else if (by)
		all = xasprintf(_("copies: %zu of %zu; %s"), f.copied, f.copies, by);
	free(by);
	return all;
}

/* The copies, and the values that were given for what is tried again. */
static char *running_text(const struct live *s)
{
	char *copies = copies_text(s), *sets = word_sets(s->view), *both = NULL;
	if (!copies || !sets)
		return copies ? copies : sets;
	both = xasprintf("%s  %s", copies, sets);
	free(copies);
	free(sets);
	return both;
}

/* *role; new string, NULL: nothing. */
static char *banner_of(const struct app *a, const struct live *s, enum theme_role *role)
{
	const struct jobview *v = s->view;
	const struct question_view *q = v ? orders_question(a, NO_DEVICE) : NULL;
	if (!v)
		return NULL;
	*role = role_job(v->state);
	if (job_state_final(v->state))
		return xasprintf(_("%c %s: the job is over; e shows the results"),
				 mark_job(v->state), word_job(v->state));
	if (q) {
		*role = ROLE_STATE_HELD;
		return xasprintf(_("? A answers: %s"), q->text ? said(v, q->text) : "");
	}
	if (!a->job_running && (v->state == JOB_RUNNING || v->state == JOB_CANCELLING)) {
		*role = ROLE_WARNING;
		return xstrdup(_("! No process works on this job now; r goes on where it stopped"));
	}
	if (!a->job_running && v->until) {
		*role = ROLE_WARNING;
		return xasprintf(_("! No process works on this job: it does not go on by itself. "
				   "Press r before the window opens. %s"),
				 v->reason ? said(v, v->reason) : "");
	}
	if (v->state == JOB_RUNNING) {
		*role = ROLE_INFO;
		return running_text(s);
	}
	if (v->state != JOB_HELD && v->state != JOB_PAUSED && v->state != JOB_CANCELLING)
		return NULL;
	char *why = ways_keys(a, v->reason ? said(v, v->reason) : "");
	char *text = xasprintf("%c %s%s%s", mark_job(v->state), word_job(v->state),
			       *why ? ": " : "", why);
	free(why);
	return text;
}

/* Draws it, or (lines 0) only measures. */
static int put_banner(const struct app *a, const struct live *s, const struct canvas *c, int lines)
{
	enum theme_role role = ROLE_TEXT;
	char *text = banner_of(a, s, &role);
	int n = text ? canvas_words(c, LIVE_HEAD, 1, c->w - 2, lines, role, text) : 0;
	free(text);
	return n;
}

int live_banner_lines(const struct app *a, const struct live *s, int width, int most)
{
	struct canvas c = {.term = a->term, .w = width};
	int n = put_banner(a, s, &c, 0);
	most = most > 1 ? most : 1;
	return n > most ? most : n;
}

/* --- log -------------------------------------------------------------------------------------- */

#define LOG_TEXT  (2 + LOG_TIME + 1 + LOG_DEVICE + 1 + LOG_WHAT + 1)
#define LOG_BELOW (2 + LOG_TIME + 1)

/* Gives the lines that it takes; lines 0: only measured. */
static int put_told(const struct canvas *c, int y, int lines, const struct told *e)
{
	enum theme_role role = role_line(e->kind);
	int beside = canvas_wrap(c, y, LOG_TEXT, c->w - LOG_TEXT, 0, role, e->text);
	if (beside > LOG_MOST)
		return 1 + canvas_wrap(c, y + 1, LOG_BELOW, c->w - LOG_BELOW,
				       lines > 1 ? lines - 1 : lines, role, e->text);
	if (lines > 0)
		(void)canvas_wrap(c, y, LOG_TEXT, c->w - LOG_TEXT, lines, role, e->text);
	return beside < 1 ? 1 : beside;
}

static void draw_told(const struct canvas *c, int y, int lines, const struct told *e)
{
	int x = 2;
	char time[32];
	clock_local_time(e->wall, time);
	(void)canvas_text(c, y, x, LOG_TIME, ROLE_DIM, time);
	x += LOG_TIME + 1;
	(void)canvas_text(c, y, x, LOG_DEVICE, ROLE_TEXT, e->device ? e->device : _("job"));
	x += LOG_DEVICE + 1;
	(void)canvas_text(c, y, x, LOG_WHAT, role_line(e->kind), e->what ? e->what : "");
	(void)put_told(c, y, lines, e);
}

/* The last ones that there is room for, the newest at the end. */
static void draw_log(const struct app *a, const struct canvas *c)
{
	size_t n = a->events.list.n, from = n;
	int y = 1, used = 0, lines;
	canvas_fill(c, 0, 0, -1, ROLE_HEADER);
	(void)canvas_label(c, 0, 2, -1, ROLE_HEADER, _("LOG"));
	while (from > 0 && (used == 0 || used + put_told(c, 0, 0, &a->events.list.v[from - 1]) < c->h))
		used += put_told(c, 0, 0, &a->events.list.v[--from]);
	for (; from < n && y < c->h; from++, y += lines) {
		lines = put_told(c, 0, 0, &a->events.list.v[from]);
		lines = lines > c->h - y ? c->h - y : lines;
		draw_told(c, y, lines, &a->events.list.v[from]);
	}
}

/* --- all -------------------------------------------------------------------------------------- */

static void draw_devices(const struct live *s, const struct canvas *c)
{
	static const char *const nobody[SHOWS] = {
	    [SHOW_ALL] = N_("No device is like that now"),
	    [SHOW_ACTIVE] = N_("No device is active now; f shows others"),
	    [SHOW_FAILED] = N_("No device has failed; f shows others"),
	};
	if (live_is_map(s)) {
		heat_draw(s, c);
		return;
	}
	list_draw(&s->list, c);
	if (s->list.rows.n == 0)
		(void)canvas_label(c, 1, 2, -1, ROLE_DIM, _(nobody[s->show]));
}

void live_draw(const struct app *a, const struct live *s, const struct canvas *c)
{
	struct canvas devices = canvas_part(c, s->top, 0, c->h - s->top - s->log_lines, c->w);
	struct canvas log = canvas_part(c, c->h - s->log_lines, 0, s->log_lines, c->w);
	if (!s->view) {
		(void)canvas_label(c, 1, 2, -1, ROLE_DIM, _("There is no job here"));
		return;
	}
	draw_stages(s, c);
	draw_whole(s, c, BOX_LINES);
	if (s->top > LIVE_HEAD)
		(void)put_banner(a, s, c, s->top - LIVE_HEAD);
	draw_devices(s, &devices);
	if (s->log_lines)
		draw_log(a, &log);
}
