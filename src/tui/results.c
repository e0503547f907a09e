/* SPDX-License-Identifier: ISC */
/* What came of a job: counts, times, what was waived, every device, and what to do about the
 * warnings of the checks after the upgrade. */
#include "config.h"

#include "tui/app.h"
#include "tui/look_back.h"
#include "tui/outcome.h"
#include "tui/results_head.h"
#include "tui/save_report.h"
#include "tui/screens.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "model/difference.h"
#include "model/hitless.h"
#include "model/phrases.h"
#include "plan/planner.h"
#include "run/words.h"
#include "run/status.h"

#include <stdlib.h>

#define DETAIL_MOST 6 /* lines */

struct results {
	const struct app *app;
	struct outcome_seen seen;
	struct results_compared compared;
	struct list list;
	int head, detail; /* lines above the list and below it, from fit() */
};

enum { COLUMN_DEVICE, COLUMN_RESULT, COLUMN_FROM, COLUMN_TO, COLUMN_TIME, COLUMN_TRIES, COLUMN_WARN };

static const struct column columns[] = {
    [COLUMN_DEVICE] = {N_("DEVICE"), 8, 24, 0, false},
    [COLUMN_RESULT] = {N_("RESULT"), 13, 16, 0, false},
    [COLUMN_FROM] = {N_("FROM"), 6, 12, 0, false},
    [COLUMN_TO] = {N_("TO"), 6, 12, 2, false},
    [COLUMN_TIME] = {N_("TIME"), 7, 8, 0, true},
    [COLUMN_TRIES] = {N_("TRIES"), 5, 6, 3, true},
    [COLUMN_WARN] = {N_("WARNINGS"), 8, 10, 1, true},
};

/* --- rows ------------------------------------------------------------------------------------- */

static const struct jobview *view(const struct results *r)
{
	return app_view(r->app);
}

static const struct task_view *task(const void *ctx, size_t row)
{
	return &view(ctx)->tasks.v[row];
}

static size_t count(const void *ctx)
{
	return view(ctx) ? view(ctx)->tasks.n : 0;
}

/* A check after the upgrade that did not pass. */
static bool is_warning(const struct check_view *k, size_t device)
{
	return k->after && k->device == device && status_check_rank(k) < STATUS_RANK_WAIVED;
}

static size_t warnings(const struct jobview *v, size_t device)
{
	size_t n = 0;
	for (size_t i = 0; i < v->checks.n; i++)
		n += is_warning(&v->checks.v[i], device);
	return n;
}

static void put_warnings(struct cell *out, size_t n)
{
	str_printf(&out->text, n ? "%zu" : "-", n);
	out->role = n ? ROLE_WARNING : ROLE_TEXT;
}

static void put_version(struct str *out, const char *version)
{
	str_puts(out, version ? version : "-");
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct results *r = ctx;
	const struct jobview *v = view(r);
	const struct task_view *t = task(ctx, row);
	char span[32];
	switch (column) {
	case COLUMN_DEVICE:
		str_puts(&out->text, jobview_device(v, t->device));
		break;
	case COLUMN_RESULT:
		cell_task(out, t->state);
		break;
	case COLUMN_FROM:
		put_version(&out->text, status_from_version(v, t->device));
		break;
	case COLUMN_TO:
		put_version(&out->text,
			    t->state == TASK_DONE ? job_version(v->job, t->device) : NULL);
		break;
	case COLUMN_TIME:
		outcome_span(outcome_elapsed(t, app_job_wall(r->app)), span);
		str_puts(&out->text, span);
		break;
	case COLUMN_TRIES:
		str_printf(&out->text, "%d", t->tries);
		break;
	default:
		put_warnings(out, warnings(v, t->device));
		break;
	}
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct results *r = ctx;
	const struct task_view *x = task(ctx, a), *y = task(ctx, b);
	int64_t wall = app_job_wall(r->app), p = 0, q = 0;
	if (column == COLUMN_TIME)
		p = outcome_elapsed(x, wall), q = outcome_elapsed(y, wall);
	else if (column == COLUMN_WARN)
		p = (int64_t)warnings(view(r), x->device), q = (int64_t)warnings(view(r), y->device);
	else
		return list_compare_text(&r->list, a, b, column);
	return p < q ? -1 : p > q;
}

static const char *id(const void *ctx, size_t row)
{
	return jobview_device(view(ctx), task(ctx, row)->device);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .compare = compare};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct results *r = state;
	(void)argument;
	if (!app_view(a))
		return err_set(e, ERR_REFUSED, _("there is no job here"));
	r->app = a;
	(void)outcome_news(a, &r->seen);
	results_compare(&r->compared, app_view(a), true);
	list_init(&r->list, columns, LEN(columns), &rows, r);
	return 0;
}

static void close_results(struct app *a, void *state)
{
	struct results *r = state;
	(void)a;
	list_release(&r->list);
	free(r->seen.job);
}

static void again(struct app *a, void *state)
{
	struct results *r = state;
	outcome_return(a, &r->seen);
	results_compare(&r->compared, app_view(a), true);
	list_refresh(&r->list);
}

static bool tick(struct app *a, void *state)
{
	struct results *r = state;
	if (!outcome_news(a, &r->seen))
		return false;
	results_compare(&r->compared, app_view(a), false);
	list_refresh(&r->list);
	return true;
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* Why its upgrade was not hitless; not what is told as a warning already. */
static void put_broken(struct str *out, const struct jobview *v, size_t device)
{
	const struct check_view *k;
	for (size_t at = 0; (k = hitless_reason(v, device, &at));) {
		if (is_warning(k, device))
			continue;
		str_puts(out, out->len ? "\n! " : "! ");
		str_printf(out, _("not hitless: %s"), k->message ? said(v, k->message) : k->check);
	}
}

/* What to do about the device under the cursor; gives the lines, lines 0: only measured. */
static int put_detail(const struct results *r, const struct canvas *c, int lines)
{
	const struct jobview *v = view(r);
	size_t row = list_row(&r->list);
	if (!v || row == (size_t)-1)
		return 0;
	const struct task_view *t = task(r, row);
	struct str text = {0};
	if (t->state != TASK_DONE && (t->message || t->reason))
		str_printf(&text, "%s%s%s", said(v, task_view_why(t)),
			   t->advice ? "\n" : "", t->advice ? said(v, t->advice) : "");
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *k = &v->checks.v[i];
		if (is_warning(k, t->device))
			str_printf(&text, "%s%s: %s -> %s", text.len ? "\n" : "",
				   status_check_word(k), k->message ? said(v, k->message) : k->check,
				   k->advice ? said(v, k->advice) : "-");
	}
	put_broken(&text, v, t->device);
	int n = canvas_wrap(c, 0, 1, c->w - 2, lines, ROLE_TEXT, str_text(&text));
	str_release(&text);
	return n;
}

/* All devices are seen where there is nothing to say of the one under the cursor. */
static void fit(struct app *a, void *state, int height, int width)
{
	struct results *r = state;
	struct canvas c = {.term = a->term, .w = width};
	int n = put_detail(r, &c, 0);
	r->head = results_head_lines(a, &r->compared, width);
	r->detail = n == 0 ? 0 : n < DETAIL_MOST ? n + 1 : DETAIL_MOST + 1;
	list_fit(&r->list, height - r->head - r->detail);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct results *r = state;
	const struct jobview *v = app_view(a);
	if (!v)
		return;
	results_head_draw(a, &r->compared, c, r->head);
	struct canvas middle = canvas_part(c, r->head, 0, c->h - r->head - r->detail, -1);
	struct canvas detail = canvas_part(c, c->h - r->detail + 1, 0, r->detail - 1, -1);
	list_draw(&r->list, &middle);
	if (r->detail == 0)
		return;
	canvas_line(c, c->h - r->detail, ROLE_BORDER);
	(void)put_detail(r, &detail, detail.h);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct results *r = state;
	(void)a;
	return list_key(&r->list, k);
}

static bool typing(const void *state)
{
	const struct results *r = state;
	return r->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct jobview *v = app_view(a);
	size_t counts[TASK_STATE_COUNT];
	(void)state;
	if (!v)
		return;
	jobview_counts(v, counts);
	str_printf(out, _("%zu of %zu done"), counts[TASK_DONE], v->tasks.n);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void show_device(struct app *a, void *state)
{
	struct results *r = state;
	size_t row = list_row(&r->list);
	if (row != (size_t)-1)
		app_open(a, &screen_device, &task(r, row)->device);
}

static void show_compare(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_compare, NULL);
}

static void show_cards(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_cards, NULL);
}

static bool any_failed(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (v && v->state == JOB_FAILED)
		return true;
	for (size_t i = 0; v && i < v->tasks.n; i++)
		if (v->tasks.v[i].was_failed)
			return true;
	return err_set(why, ERR_REFUSED, _("nothing has failed in this job")), false;
}

static void device_history(struct app *a, void *state)
{
	const struct results *r = state;
	size_t row = list_row(&r->list);
	if (row != (size_t)-1)
		look_back_device(a, id(r, row));
}

static void save(struct app *a, void *state)
{
	(void)state;
	save_report_ask(a);
}

/* Every waiver with its reason, every warning with what to do. */
static void put_check(struct str *out, const struct jobview *v, const struct check_view *k)
{
	const char *device = k->device == NO_DEVICE ? "-" : jobview_device(v, k->device);
	str_printf(out, "%s  %s  %s\n", device, status_check_word(k),
		   k->message ? said(v, k->message) : k->check);
	if (k->waived_by)
		str_printf(out, _("  waived by %s: %s\n"), k->waived_by,
			   k->waive_reason ? k->waive_reason : "-");
	else if (k->advice)
		str_printf(out, "  -> %s\n", said(v, k->advice));
}

static void show_warnings(struct app *a, void *state)
{
	const struct jobview *v = app_view(a);
	struct str waived = {0}, after = {0}, hitless = {0};
	(void)state;
	if (v)
		status_hitless_text(v, &hitless);
	for (size_t i = 0; v && i < v->checks.n; i++) {
		const struct check_view *k = &v->checks.v[i];
		if (k->waived_by)
			put_check(&waived, v, k);
		else if (is_warning(k, k->device))
			put_check(&after, v, k);
	}
	const struct text_part parts[] = {
	    {ROLE_TITLE, 0, _("Checks after the upgrade that did not pass, and what to do")},
	    {ROLE_TEXT, 2, after.len ? after.buf : _("none")},
	    {ROLE_TITLE, 0, _("Waived checks")},
	    {ROLE_TEXT, 2, waived.len ? waived.buf : _("none")},
	    {ROLE_TITLE, 0, _("Traffic")},
	    {ROLE_TEXT, 2, str_text(&hitless)},
	};
	app_open(a, &screen_text,
		 &(struct text_argument){_("Warnings and waivers"), parts,
					 hitless.len ? LEN(parts) : LEN(parts) - 2});
	str_release(&hitless);
	str_release(&waived);
	str_release(&after);
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

static void show_plan(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_preview, NULL);
}

static bool has_plan(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (v && v->plan)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no plan")), false;
}

static const struct key_action actions[] = {
    {"device", "Enter Right", N_("Device"), N_("The steps of the device: commands, output, cause"),
     show_device, NULL},
    {"compare", "c", N_("Compare"), N_("Compare the snapshots before and after"), show_compare,
     NULL},
    {"save", "s", N_("Save"), N_("Save the report as HTML, JSON and text"), save, NULL},
    {"errors", "e", N_("Errors"), N_("The failures, grouped by cause"), show_cards, any_failed},
    {"warnings", "w", N_("Warnings"), N_("All warnings and waived checks, with what to do"),
     show_warnings, NULL},
    {"history", "H", N_("History"), N_("All jobs that the device was in"), device_history, NULL},
    {"plan", "P", N_("Plan"), N_("The stages, and the tasks before and after them with their results"),
     show_plan, has_plan},
    {"new", "N", N_("New job"), N_("A new job with only the devices that failed"), new_job,
     can_again},
    {0},
};

const struct screen screen_results = {
    .name = "results",
    .title = N_("Results"),
    .about = N_("What came of the job: every device with its result, and what is left to do."),
    .size = sizeof(struct results),
    .actions = actions,
    .open = open,
    .close = close_results,
    .again = again,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
