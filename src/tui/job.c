/* SPDX-License-Identifier: ISC */
/* A job that was, or is: its stages as boxes, or its devices with all there is to say in a line. */
#include "config.h"

#include "tui/app.h"
#include "tui/look_back.h"
#include "tui/outcome.h"
#include "tui/save_report.h"
#include "tui/screens.h"
#include "tui/states.h"
#include "tui/stage_boxes.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/words.h"
#include "run/status.h"

#include <stdlib.h>

#define HEAD_LINES 3

struct past_view {
	const struct app *app;
	char *before; /* id of the job that was followed before */
	struct outcome_seen seen;
	bool stages; /* the stage view */
	size_t stage;
	struct list list;
};

enum { COLUMN_DEVICE, COLUMN_RESULT, COLUMN_FROM, COLUMN_TIME, COLUMN_TRIES, COLUMN_WHY };

static const struct column columns[] = {
    [COLUMN_DEVICE] = {N_("DEVICE"), 8, 24, 0, false},
    [COLUMN_RESULT] = {N_("RESULT"), 13, 16, 0, false},
    [COLUMN_FROM] = {N_("FROM"), 6, 12, 2, false},
    [COLUMN_TIME] = {N_("TIME"), 7, 8, 1, true},
    [COLUMN_TRIES] = {N_("TRIES"), 5, 6, 3, true},
    [COLUMN_WHY] = {N_("WHY"), 12, 0, 4, false},
};

static const struct jobview *view(const struct past_view *p)
{
	return app_view(p->app);
}

/* The stages can be seen as soon as there is a plan. */
static bool shows_stages(const struct past_view *p)
{
	return p->stages && view(p) && view(p)->plan && view(p)->plan->stages.n > 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct jobview *v = view(ctx);
	return v ? v->tasks.n : 0;
}

static const struct task_view *task(const void *ctx, size_t row)
{
	return &view(ctx)->tasks.v[row];
}

static void put_time(const struct past_view *p, const struct task_view *t, struct str *out)
{
	char span[32];
	outcome_span(outcome_elapsed(t, app_job_wall(p->app)), span);
	str_puts(out, span);
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct past_view *p = ctx;
	const struct task_view *t = task(ctx, row);
	const char *from = status_from_version(view(p), t->device);
	switch (column) {
	case COLUMN_DEVICE:
		str_puts(&out->text, jobview_device(view(p), t->device));
		break;
	case COLUMN_RESULT:
		cell_task(out, t->state);
		break;
	case COLUMN_FROM:
		str_puts(&out->text, from ? from : "-");
		break;
	case COLUMN_TIME:
		put_time(p, t, &out->text);
		break;
	case COLUMN_TRIES:
		str_printf(&out->text, "%d", t->tries);
		break;
	default:
		if (t->state != TASK_DONE)
			str_puts(&out->text, said(view(p), task_view_why(t)));
		break;
	}
}

static const char *id(const void *ctx, size_t row)
{
	return jobview_device(view(ctx), task(ctx, row)->device);
}

static bool shown(const void *ctx, size_t row)
{
	const struct past_view *p = ctx;
	return !shows_stages(p) ||
	       stage_has(&view(p)->plan->stages.v[p->stage], task(ctx, row)->device);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .shown = shown};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct past_view *p = state;
	p->before = xstrdup(a->job);
	if (app_follow(a, argument, e) != 0 || !app_view(a)) {
		struct err other = {0};
		(void)app_follow(a, p->before, &other); /* what it says is less than what e does */
		free(p->before);
		return -1;
	}
	p->app = a;
	(void)outcome_news(a, &p->seen);
	p->stages = true;
	list_init(&p->list, columns, LEN(columns), &rows, p);
	return 0;
}

/* Those below go on with the job that they were about. */
static void close_job(struct app *a, void *state)
{
	struct past_view *p = state;
	struct err e = {0};
	const char *own = p->seen.job;
	if (str_eq(a->job, own) && !str_eq(p->before, own) && app_follow(a, p->before, &e) != 0)
		app_fail(a, &e);
	list_release(&p->list);
	free(p->seen.job);
	free(p->before);
}

static void again(struct app *a, void *state)
{
	struct past_view *p = state;
	outcome_return(a, &p->seen);
	list_refresh(&p->list);
}

static bool tick(struct app *a, void *state)
{
	struct past_view *p = state;
	const struct jobview *v = app_view(a);
	if (!outcome_news(a, &p->seen))
		return false;
	if (!v->plan || p->stage >= v->plan->stages.n)
		p->stage = 0;
	list_refresh(&p->list);
	return true;
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct past_view *p = state;
	(void)a, (void)width;
	list_fit(&p->list, height - HEAD_LINES - (shows_stages(p) ? STAGE_BOX_LINES : 0));
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_head(const struct app *a, const struct jobview *v, const struct canvas *c)
{
	size_t counts[TASK_STATE_COUNT];
	char created[32], span[32];
	clock_local(v->created, created);
	outcome_span(v->started ? (v->ended ? v->ended : app_job_wall(a)) - v->started : 0, span);
	int x = 1 + canvas_textf(c, 0, 1, c->w / 3, ROLE_TITLE, "%s", v->job->name) + 2;
	x += canvas_textf(c, 0, x, -1, role_job(v->state), "%c %s", mark_job(v->state),
			  v->superseded ? _("superseded") : word_job(v->state)) + 2;
	(void)canvas_textf(c, 0, x, -1, ROLE_TEXT, "%s  %.16s  %s  %s", job_versions(v->job), created,
			   span, v->job->operator ? v->job->operator : "");
	jobview_counts(v, counts);
	(void)outcome_counts_draw(c, 1, 1, counts);
	if (v->superseded)
		(void)canvas_label(c, 2, 1, -1, ROLE_DIM,
				   _("Nothing of it was started: another one was made in its place"));
	else if (v->reason)
		(void)canvas_text(c, 2, 1, -1, ROLE_DIM, said(v, v->reason));
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct past_view *p = state;
	const struct jobview *v = app_view(a);
	int y = HEAD_LINES;
	if (!v)
		return;
	draw_head(a, v, c);
	if (shows_stages(p)) {
		struct canvas boxes = canvas_part(c, y, 0, STAGE_BOX_LINES, -1);
		stage_boxes_draw(v, p->stage, &boxes);
		y += STAGE_BOX_LINES;
	}
	struct canvas body = canvas_part(c, y, 0, c->h - y, -1);
	list_draw(&p->list, &body);
}

static bool choose_stage(struct past_view *p, int by)
{
	size_t n = view(p)->plan->stages.n, at = p->stage + (size_t)by;
	if (at < n) {
		p->stage = at;
		list_refresh(&p->list);
	}
	return true;
}

/* In the stage view left and right go from box to box. */
static bool key(struct app *a, void *state, keycode k)
{
	struct past_view *p = state;
	(void)a;
	if (!p->list.filtering && shows_stages(p)) {
		if (k == K_LEFT || k == 'h')
			return choose_stage(p, -1);
		if (k == K_RIGHT || k == 'l')
			return choose_stage(p, 1);
	}
	return list_key(&p->list, k);
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct past_view *p = state;
	(void)a;
	str_puts(out, shows_stages(p) ? _("stages") : _("details"));
}

/* --- actions ---------------------------------------------------------------------------------- */

static void show_device(struct app *a, void *state)
{
	struct past_view *p = state;
	size_t row = list_row(&p->list);
	if (row != (size_t)-1)
		app_open(a, &screen_device, &task(p, row)->device);
}

static void other_view(struct app *a, void *state)
{
	struct past_view *p = state;
	(void)a;
	p->stages = !p->stages;
	list_refresh(&p->list);
}

static bool has_stages(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (v && v->plan && v->plan->stages.n)
		return true;
	return err_set(why, ERR_REFUSED, _("no plan was made: the job never got so far")), false;
}

/* Its pre-checks, its run or its results: where it stands. */
static void go_there(struct app *a, void *state)
{
	(void)state;
	app_open(a, screen_of_job(app_view(a)), NULL);
}

static void show_compare(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_compare, NULL);
}

static void device_history(struct app *a, void *state)
{
	const struct past_view *p = state;
	size_t row = list_row(&p->list);
	if (row != (size_t)-1)
		look_back_device(a, id(p, row));
}

static void show_cards(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_cards, NULL);
}

static void save(struct app *a, void *state)
{
	(void)state;
	save_report_ask(a);
}

static void new_job(struct app *a, void *state)
{
	(void)state;
	outcome_again(a, app_view(a), a->job);
}

static bool can_again(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	return outcome_again_possible(app_view(a), why);
}

static const struct key_action actions[] = {
    {"device", "Enter", N_("Device"), N_("The steps of the device: commands, output, cause"),
     show_device, NULL},
    {"view", "Tab", N_("Other view"), N_("Stages, or the details of all devices"), other_view,
     has_stages},
    {"go", "o", N_("Go there"), N_("Its pre-checks, its live run or its results: where it stands"),
     go_there, NULL},
    {"compare", "c", N_("Compare"), N_("Compare the snapshots before and after"), show_compare,
     NULL},
    {"errors", "e", N_("Errors"), N_("The failures, grouped by cause"), show_cards, NULL},
    {"save", "s", N_("Save"), N_("Save the report as HTML, JSON and text"), save, NULL},
    {"history", "H", N_("History"), N_("All jobs that the device was in"), device_history, NULL},
    {"new", "N", N_("New job"), N_("A new job with only the devices that failed"), new_job,
     can_again},
    {0},
};

const struct screen screen_job = {
    .name = "job",
    .title = N_("Job"),
    .about = N_("A job of the past, or one that runs: stage by stage, or device by device."),
    .size = sizeof(struct past_view),
    .actions = actions,
    .open = open,
    .close = close_job,
    .again = again,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .list = SCREEN_LIST(struct past_view, list),
    .key = key,
    .status = status,
};
