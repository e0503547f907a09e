/* SPDX-License-Identifier: ISC */
/* All jobs there were, newest first. Only the journals of rows that are seen are read, unless the
 * list is filtered or sorted by what is in them. */
#include "config.h"

#include "tui/app.h"
#include "tui/look_back.h"
#include "tui/outcome.h"
#include "tui/states.h"
#include "tui/past.h"
#include "tui/questions.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/create.h"

#include <stdlib.h>

#define READ_MS   40 /* of a look at the world, for reading journals */
#define READ_ROWS 16 /* and at most so many */
#define LOOK_MS   1000 /* how often it is asked who runs: that may end without a record */

struct history {
	struct past past;
	struct list list;
	int64_t looked;
};

enum {
	COLUMN_NAME,
	COLUMN_STATE,
	COLUMN_CREATED,
	COLUMN_DONE,
	COLUMN_FAILED,
	COLUMN_VERSION,
	COLUMN_OPERATOR
};

static const struct column columns[] = {
    [COLUMN_NAME] = {N_("NAME"), 14, 40, 0, false},
    [COLUMN_STATE] = {N_("STATE"), 12, 18, 0, false},
    [COLUMN_CREATED] = {N_("CREATED"), 16, 16, 2, false},
    [COLUMN_DONE] = {N_("DONE"), 6, 9, 0, true},
    [COLUMN_FAILED] = {N_("FAILED"), 6, 7, 0, true},
    [COLUMN_VERSION] = {N_("VERSION"), 7, 12, 3, false},
    [COLUMN_OPERATOR] = {N_("OPERATOR"), 8, 16, 4, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct history *h = ctx;
	return h->past.jobs.n;
}

static const struct past_job *job(const void *ctx, size_t row)
{
	const struct history *h = ctx;
	return &h->past.jobs.v[row];
}

static const char *id(const void *ctx, size_t row)
{
	return job(ctx, row)->id;
}

static void put_state(const struct past_job *j, struct cell *out)
{
	if (j->broken) {
		str_puts(&out->text, _("? unreadable"));
		out->role = ROLE_STATE_UNKNOWN;
	} else if (j->seq >= 0 && j->superseded && !j->running) {
		cell_superseded(out);
	} else if (j->seq >= 0) {
		j->asks ? cell_asks(out) : cell_job(out, j->state, j->running);
	}
}

static void put_created(const struct past_job *j, struct cell *out)
{
	char text[32];
	clock_local(j->created, text);
	str_printf(&out->text, "%.16s", text);
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct past_job *j = job(ctx, row);
	bool known = j->seq >= 0 && !j->broken;
	switch (column) {
	case COLUMN_NAME:
		str_puts(&out->text, j->name);
		break;
	case COLUMN_STATE:
		put_state(j, out);
		break;
	case COLUMN_CREATED:
		put_created(j, out);
		break;
	case COLUMN_DONE:
		if (known)
			str_printf(&out->text, "%zu/%zu", j->done, j->total);
		break;
	case COLUMN_FAILED:
		if (known)
			str_printf(&out->text, j->failed ? "%zu" : "-", j->failed);
		out->role = j->failed ? ROLE_STATE_FAILED : ROLE_TEXT;
		break;
	case COLUMN_VERSION:
		str_puts(&out->text, j->version);
		break;
	default:
		str_puts(&out->text, j->operator);
		break;
	}
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct history *h = ctx;
	const struct past_job *x = job(h, a), *y = job(h, b);
	if (column == COLUMN_CREATED)
		return x->created < y->created ? -1 : x->created > y->created;
	if (column == COLUMN_FAILED)
		return x->failed < y->failed ? -1 : x->failed > y->failed;
	return list_compare_text(&h->list, a, b, column);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .compare = compare};

/* --- reading ---------------------------------------------------------------------------------- */

static bool reads_all(const struct history *h)
{
	return h->list.filter.text.len > 0 || h->list.sort == COLUMN_STATE ||
	       h->list.sort >= COLUMN_DONE;
}

struct reading {
	struct clock *clock;
	int64_t until;
	int rows;
};

static bool enough(struct reading *r)
{
	return r->rows >= READ_ROWS || r->clock->now(r->clock) > r->until;
}

static bool read_row(struct history *h, struct reading *r, size_t row)
{
	bool news = past_read(&h->past, row);
	if (news)
		(void)past_look(&h->past, row);
	r->rows += news;
	return news;
}

/* What is seen comes first. */
static bool read_some(struct history *h, struct clock *clock)
{
	struct reading r = {clock, clock->now(clock) + READ_MS, 0};
	const struct list *l = &h->list;
	bool news = false, other = false;
	for (int i = 0; i < l->height && l->top + (size_t)i < l->rows.n && !enough(&r); i++)
		news |= read_row(h, &r, l->rows.v[l->top + (size_t)i]);
	for (size_t i = 0; reads_all(h) && i < h->past.jobs.n && !enough(&r); i++)
		other |= read_row(h, &r, i);
	if (other || (news && reads_all(h)))
		list_refresh(&h->list); /* what was read may belong elsewhere, or come or go */
	return news || other;
}

static bool look_who_runs(struct app *a, struct history *h)
{
	const struct list *l = &h->list;
	int64_t now = a->clock->now(a->clock);
	bool news = false;
	if (h->looked && now - h->looked < LOOK_MS)
		return false;
	h->looked = now ? now : 1;
	for (int i = 0; i < l->height && l->top + (size_t)i < l->rows.n; i++)
		news |= past_look(&h->past, l->rows.v[l->top + (size_t)i]);
	return news;
}

static bool tick(struct app *a, void *state)
{
	struct history *h = state;
	bool news = past_update(&h->past);
	if (news)
		list_refresh(&h->list);
	news |= read_some(h, a->clock);
	return look_who_runs(a, h) || news;
}

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct history *h = state;
	(void)argument, (void)e;
	past_init(&h->past, a->store);
	(void)past_update(&h->past);
	list_init(&h->list, columns, LEN(columns), &rows, h);
	return 0;
}

static void close_history(struct app *a, void *state)
{
	struct history *h = state;
	(void)a;
	list_release(&h->list);
	past_release(&h->past);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct history *h = state;
	(void)a, (void)width;
	list_fit(&h->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct history *h = state;
	(void)a;
	if (h->past.jobs.n)
		list_draw(&h->list, c);
	else
		(void)canvas_wrap(c, 1, 1, c->w - 2, 3, ROLE_DIM,
				  _("There are no jobs yet. Select devices to make the first."));
}

static bool key(struct app *a, void *state, keycode k)
{
	struct history *h = state;
	(void)a;
	return list_key(&h->list, k);
}

static bool typing(const void *state)
{
	const struct history *h = state;
	return h->list.filtering;
}

/* The filter or the order may still change: not all journals it needs are read. */
static bool still_reading(const struct history *h)
{
	for (size_t i = 0; reads_all(h) && i < h->past.jobs.n; i++)
		if (h->past.jobs.v[i].seq < 0)
			return true;
	return false;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct history *h = state;
	(void)a;
	if (still_reading(h))
		str_puts(out, _("reading ...  "));
	if (list_shown(&h->list) == h->past.jobs.n)
		str_printf(out, ngettext("%zu job", "%zu jobs", h->past.jobs.n), h->past.jobs.n);
	else
		str_printf(out, _("%zu of %zu jobs"), list_shown(&h->list), h->past.jobs.n);
}

/* --- actions ---------------------------------------------------------------------------------- */

/* The job under the cursor; NULL: there is none. */
static const struct past_job *chosen(const void *state)
{
	const struct history *h = state;
	size_t row = list_row(&h->list);
	return row == (size_t)-1 ? NULL : job(h, row);
}

static void show_job(struct app *a, void *state)
{
	const struct past_job *j = chosen(state);
	if (j)
		app_open(a, &screen_job, j->id);
}

static bool has_job(const struct app *a, const void *state, struct err *why)
{
	const struct past_job *j = chosen(state);
	(void)a;
	if (j && !j->broken)
		return true;
	return err_set(why, ERR_REFUSED, j ? _("the journal of this job cannot be read")
					   : _("there is no job here")),
	       false;
}

static void attach(struct app *a, void *state)
{
	struct err e = {0};
	const struct past_job *j = chosen(state);
	if (app_follow(a, j->id, &e) != 0)
		app_fail(a, &e);
	else
		app_open(a, &screen_live, NULL);
}

static bool can_attach(const struct app *a, const void *state, struct err *why)
{
	const struct past_job *j = chosen(state);
	if (!has_job(a, state, why))
		return false;
	if (!job_state_final(j->state))
		return true;
	return err_set(why, ERR_REFUSED, _("the job is over; Enter shows what came of it")), false;
}

static void answer(struct app *a, void *state)
{
	questions_open_job(a, chosen(state)->id);
}

static bool can_answer(const struct app *a, const void *state, struct err *why)
{
	const struct past_job *j = chosen(state);
	if (!has_job(a, state, why) || j->asks)
		return j && j->asks;
	return err_set(why, ERR_REFUSED, _("no question is open")), false;
}

static void new_job(struct app *a, void *state)
{
	struct err e = {0};
	struct jobview *v = create_view(a->store, chosen(state)->id, &e);
	if (!v)
		app_fail(a, &e);
	else if (outcome_again_possible(v, &e))
		outcome_again(a, v, chosen(state)->id);
	else
		app_fail(a, &e);
	jobview_free(v);
}

static bool can_again(const struct app *a, const void *state, struct err *why)
{
	const struct past_job *j = chosen(state);
	if (!has_job(a, state, why))
		return false;
	if (j->failed)
		return true;
	return err_set(why, ERR_REFUSED, _("no device of this job has failed")), false;
}

static bool any_job(const struct app *a, const void *state, struct err *why)
{
	const struct history *h = state;
	(void)a;
	if (h->past.jobs.n)
		return true;
	return err_set(why, ERR_REFUSED, _("there are no jobs yet")), false;
}

static void errors(struct app *a, void *state)
{
	(void)state;
	look_back_errors(a);
}

static void stats(struct app *a, void *state)
{
	(void)state;
	look_back_stats(a);
}

static const struct key_action actions[] = {
    {"show", "Enter Right", N_("Show"), N_("The job: its stages, its devices and their results"),
     show_job, has_job},
    {"attach", "D", N_("Follow"), N_("Follow the job live, and give it orders"), attach,
     can_attach},
    {"answer", "A", N_("Answer"), N_("Answer the open question of the job"), answer,
     can_answer},
    {"new", "N", N_("New job"), N_("A new job with only the devices that failed"), new_job,
     can_again},
    {"errors", "e", N_("Errors"), N_("The failures of all jobs, grouped by cause"), errors, any_job},
    {"statistics", "S", N_("Statistics"), N_("Figures over all jobs: results, times, causes"), stats,
     any_job},
    {0},
};

const struct screen screen_history = {
    .name = "history",
    .title = N_("History"),
    .about = N_("All jobs, newest first: those that run, those that wait and those that are over."),
    .size = sizeof(struct history),
    .actions = actions,
    .open = open,
    .close = close_history,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
