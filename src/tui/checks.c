/* SPDX-License-Identifier: ISC */
/* Step 6 of the wizard: the pre-checks of the job that is followed, while they run and after. */
#include "config.h"

#include "tui/app.h"
#include "tui/check_rows.h"
#include "tui/check_evidence.h"
#include "tui/check_waive.h"
#include "tui/host_keys.h"
#include "tui/screens.h"
#include "tui/ways.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_LINES   2
#define DETAIL_LINES 5 /* a line, and four to say what was found and what to do */

struct checks {
	struct check_rows rows;
	struct list list;
	char *job;        /* whose rows these are */
	int64_t seq;      /* up to this record */
	char *seen;       /* id of the row whose evidence was read last */
	bool asked_keys;  /* about this round of checks */
	int64_t asked_of; /* that round */
	int64_t over;     /* the round whose end was seen last */
};

/* --- the world -------------------------------------------------------------------------------- */

/* When a round is over: what is bad comes into view, unless the cursor is on such a row. */
static void show_worst(struct checks *s, const struct jobview *v)
{
	if (!v || v->state == JOB_CHECKING || s->over == v->checked_from)
		return;
	s->over = v->checked_from;
	const struct check_view *c = check_row(&s->rows, list_row(&s->list));
	if (c && check_is_bad(c))
		return;
	for (size_t i = 0; i < s->list.rows.n; i++)
		if (check_is_bad(check_row(&s->rows, s->list.rows.v[i]))) {
			list_move_to(&s->list, i);
			return;
		}
}

static void take(struct app *a, struct checks *s)
{
	const struct jobview *v = app_view(a);
	check_rows_take(&s->rows, v);
	if (s->list.at == 0) { /* at the head one sees what is worst, whatever comes in */
		free(s->list.at_id);
		s->list.at_id = NULL;
	}
	list_refresh(&s->list);
	show_worst(s, v);
	if (!str_eq(s->job, a->job)) {
		free(s->job);
		s->job = xstrdup(a->job);
		s->asked_keys = false;
	}
	s->seq = v ? v->seq : 0;
}

/* Once a round, when it is over: before, other hosts would be missing in the list. */
static void look_for_keys(struct app *a, struct checks *s)
{
	const struct jobview *v = app_view(a);
	if (!v || v->state != JOB_REFUSED || a->work || dialog_is_open(a) || app_typing(a))
		return;
	if (s->asked_keys && s->asked_of == v->checked_from)
		return;
	s->asked_keys = true;
	s->asked_of = v->checked_from;
	if (host_keys_wanted(v))
		host_keys_ask(a);
}

static bool tick(struct app *a, void *state)
{
	struct checks *s = state;
	const struct jobview *v = app_view(a);
	look_for_keys(a, s);
	if (str_eq(s->job, a->job) && s->seq == (v ? v->seq : 0) && s->rows.view == v)
		return false;
	take(a, s);
	return true;
}

static void again(struct app *a, void *state)
{
	take(a, state);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct checks *s = state;
	(void)argument;
	if (!app_view(a))
		return err_set(e, ERR_REFUSED, _("there is no job here"));
	list_init(&s->list, check_columns, LEN(check_columns), &check_row_ops, &s->rows);
	take(a, s);
	return 0;
}

static void close_checks(struct app *a, void *state)
{
	struct checks *s = state;
	(void)a;
	list_release(&s->list);
	check_rows_release(&s->rows);
	free(s->job);
	free(s->seen);
}

static const struct check_view *current(const struct checks *s)
{
	return check_row(&s->rows, list_row(&s->list));
}

static bool is_ready(const struct checks *s)
{
	const struct jobview *v = s->rows.view;
	return v && (v->state == JOB_READY || v->started);
}

/* A warning does not stop the job, but it is read before the way goes on: once. */
static bool to_be_read(const struct checks *s)
{
	const struct check_view *c = current(s);
	return c && check_is_bad(c) && !(is_ready(s) && str_eq(s->seen, s->list.at_id));
}

/* --- drawing ---------------------------------------------------------------------------------- */

static const struct {
	enum job_state state;
	enum theme_role role;
	const char *text;
} sentences[] = {
    {JOB_NEW, ROLE_INFO, N_("The checks begin")},
    {JOB_CHECKING, ROLE_INFO, N_("Checking; nothing is changed on any device")},
    {JOB_REFUSED, ROLE_ERROR, N_("Refused: put the errors right, then r asks again what did not pass")},
    {JOB_READY, ROLE_OK, N_("Passed: Enter shows the plan")},
    {JOB_CANCELLED, ROLE_WARNING, N_("The job was cancelled before anything was started")},
};

/* The password was not given, or the process is gone: nothing happens by itself. */
static bool is_deserted(const struct app *a, const struct jobview *v)
{
	return v && !a->job_running && !a->making &&
	       (v->state == JOB_NEW || v->state == JOB_CHECKING);
}

/* It may be something else than a check that refuses: no plan, a device that another job has. */
static bool is_refused_otherwise(const struct jobview *v)
{
	return v->state == JOB_REFUSED && jobview_checks_passed(v, NULL, NULL) && v->reason;
}

static void draw_sentence(const struct app *a, const struct checks *s, const struct canvas *c)
{
	const struct jobview *v = s->rows.view;
	const char *text = _("The job was started; these are its pre-checks");
	enum theme_role role = ROLE_INFO;
	for (size_t i = 0; i < LEN(sentences); i++)
		if (sentences[i].state == v->state && !v->started) {
			text = _(sentences[i].text);
			role = sentences[i].role;
		}
	if (is_ready(s) && !v->started && to_be_read(s))
		text = _("Passed, with warnings: Enter reads this one, then Enter shows the plan");
	struct check_counts n;
	check_counts(v, &n);
	if (v->state == JOB_REFUSED && !v->started && n.unknown && !n.errors)
		text = _("Refused: some checks got no answer; r asks them again");
	if (is_refused_otherwise(v))
		text = _("Refused, though all checks passed: see below; then r checks again");
	if (is_deserted(a, v)) {
		text = _("No process works on the checks now; r begins them");
		role = ROLE_WARNING;
	}
	if (a->making)
		text = _("The checks of the plan before are being stopped");
	(void)canvas_label(c, 1, 1, c->w - 2, role, text);
}

static int draw_count(const struct canvas *c, int x, enum theme_role role, char *text)
{
	x += canvas_label(c, 0, x, -1, role, text) + 2;
	free(text);
	return x;
}

static void draw_counts(const struct canvas *c, const struct jobview *v)
{
	struct check_counts n;
	int x = 1;
	check_counts(v, &n);
	x = draw_count(c, x, n.errors ? ROLE_STATE_FAILED : ROLE_TEXT,
		       xasprintf(ngettext("! %zu error", "! %zu errors", n.errors), n.errors));
	if (n.unknown)
		x = draw_count(c, x, ROLE_STATE_UNKNOWN,
			       xasprintf(ngettext("? %zu unknown", "? %zu unknown", n.unknown),
					 n.unknown));
	x = draw_count(c, x, n.warnings ? ROLE_WARNING : ROLE_TEXT,
		       xasprintf(ngettext("! %zu warning", "! %zu warnings", n.warnings),
				 n.warnings));
	if (n.waived)
		x = draw_count(c, x, ROLE_STATE_HELD,
			       xasprintf(ngettext("= %zu waived", "= %zu waived", n.waived),
					 n.waived));
	x = draw_count(c, x, ROLE_STATE_DONE,
		       xasprintf(ngettext("+ %zu passed", "+ %zu passed", n.passed), n.passed));
	if (n.running)
		(void)draw_count(c, x, ROLE_STATE_RUNNING,
				 xasprintf(ngettext("> %zu device", "> %zu devices", n.running),
					   n.running));
	canvas_bar(c, 0, c->w - 13, 12, n.done, n.total);
}

static void draw_advice(const struct app *a, const struct canvas *c, int y, const char *advice)
{
	char *text = ways_advice(a, advice);
	(void)canvas_wrap(c, y, 0, c->w, c->h - y, ROLE_INFO, text);
	free(text);
}

/* What the row under the cursor says, in full: the table has no room for it. */
static void draw_detail(const struct app *a, const struct checks *s, const struct canvas *c)
{
	const struct check_view *k = current(s);
	struct canvas in = canvas_part(c, 1, 1, DETAIL_LINES - 1, c->w - 2);
	canvas_line(c, 0, ROLE_BORDER);
	if (is_refused_otherwise(s->rows.view)) {
		(void)canvas_wrap(&in, 0, 0, in.w, in.h, ROLE_ERROR,
				  said(s->rows.view, s->rows.view->reason));
		return;
	}
	if (!k)
		return;
	const struct check_look *l = check_look(s->rows.view, k);
	struct str text = {0};
	check_row_says(&s->rows, list_row(&s->list), &text);
	int y = canvas_wrap(&in, 0, 0, in.w, 2, l->role, str_text(&text));
	str_release(&text);
	if (k->waived_by)
		y += canvas_textf(&in, y, 0, in.w, ROLE_STATE_HELD, "%s: %s", k->waived_by,
				  k->waive_reason ? k->waive_reason : "") > 0;
	if (check_is_bad(k) && k->advice)
		draw_advice(a, &in, y, said(s->rows.view, k->advice));
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct checks *s = state;
	const struct jobview *v = s->rows.view;
	if (!v)
		return;
	struct canvas table = canvas_part(c, HEAD_LINES, 0, -DETAIL_LINES, -1);
	struct canvas detail = canvas_part(c, c->h - DETAIL_LINES, 0, DETAIL_LINES, -1);
	draw_counts(c, v);
	draw_sentence(a, s, c);
	draw_detail(a, s, &detail);
	list_draw(&s->list, &table);
	if (!list_shown(&s->list) && s->rows.list.n)
		(void)canvas_label(&table, 2, 2, -1, ROLE_DIM, _("No check is like that; f shows others"));
}

static const char *const filter_words[CHECK_FILTERS] = {
    [CHECKS_ALL] = N_("All checks"),
    [CHECKS_NOT_PASSED] = N_("Only those that did not pass"),
    [CHECKS_OF_DEVICE] = N_("Only those of this device"),
};

/* Which of them are shown, as long as not all are. */
static void put_filter(const struct checks *s, struct str *out)
{
	if (s->rows.filter == CHECKS_OF_DEVICE)
		str_printf(out, "[%s] ", jobview_device(s->rows.view, s->rows.device));
	else if (s->rows.filter != CHECKS_ALL)
		str_printf(out, "[%s] ", _(filter_words[s->rows.filter]));
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct checks *s = state;
	(void)a;
	if (!s->rows.view)
		return;
	put_filter(s, out);
	str_printf(out, "%s  %zu/%zu", s->rows.view->job->name, list_shown(&s->list), s->rows.list.n);
}

/* --- evidence, and on ------------------------------------------------------------------------- */

static void evidence(struct app *a, void *state)
{
	struct checks *s = state;
	const struct check_view *c = current(s);
	if (!c)
		return;
	free(s->seen);
	s->seen = xstrdup(s->list.at_id);
	check_evidence_show(a, s->rows.view, c);
}

static bool has_row(const struct app *a, const void *state, struct err *why)
{
	(void)a;
	if (current(state))
		return true;
	return err_set(why, ERR_REFUSED, _("there is no result here yet")), false;
}

static void next(struct app *a, void *state)
{
	if (to_be_read(state))
		evidence(a, state);
	else
		app_open(a, &screen_preview, NULL);
}

static bool may_next(const struct app *a, const void *state, struct err *why)
{
	const struct checks *s = state;
	(void)a;
	if (to_be_read(s) || is_ready(s))
		return true;
	if (s->rows.view && s->rows.view->state == JOB_REFUSED)
		err_set(why, ERR_REFUSED, _("errors are open: put them right and check again (r)"));
	else
		err_set(why, ERR_REFUSED, _("the checks are not through"));
	return false;
}

/* --- orders ----------------------------------------------------------------------------------- */

static const struct order_words recheck_order = {.verb = "recheck"};
static const struct order_words recheck_all_order = {.verb = "recheck", .text = "all"};

static void recheck(struct app *a, void *state)
{
	(void)state;
	if (is_deserted(a, app_view(a)))
		app_start_process(a);
	else
		(void)app_order(a, &recheck_order);
}

static bool may_recheck(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (is_deserted(a, app_view(a)) || app_can_order(a, &recheck_order, why))
		return true;
	if (app_can_order(a, &recheck_all_order, NULL))
		err_set(why, ERR_REFUSED, _("every check has passed; a asks all of them again"));
	return false;
}

static void recheck_all(struct app *a, void *state)
{
	(void)state;
	(void)app_order(a, &recheck_all_order);
}

static bool may_recheck_all(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	return app_can_order(a, &recheck_all_order, why);
}

static void waive(struct app *a, void *state)
{
	const struct checks *s = state;
	check_waive_ask(a, s->rows.view, current(s));
}

static bool may_waive(const struct app *a, const void *state, struct err *why)
{
	const struct check_view *c = current(state);
	if (!has_row(a, state, why))
		return false;
	if (!check_is_bad(c))
		return err_set(why, ERR_REFUSED, _("this check has nothing against the job")), false;
	return app_can_order(a, &(struct order_words){.verb = "waive", .text = "-",
						      .check = c->check}, why);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static void filter(struct app *a, void *state)
{
	struct checks *s = state;
	const struct check_view *c = current(s);
	s->rows.filter = (s->rows.filter + 1) % CHECK_FILTERS;
	if (s->rows.filter == CHECKS_OF_DEVICE && (!c || c->device == NO_DEVICE))
		s->rows.filter = CHECKS_ALL; /* no device is under the cursor */
	if (c)
		s->rows.device = c->device;
	list_refresh(&s->list);
	app_say(a, ROLE_INFO, "%s", _(filter_words[s->rows.filter]));
}

static void keys(struct app *a, void *state)
{
	(void)state;
	host_keys_ask(a);
}

static bool may_keys(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (v && host_keys_wanted(v) && v->state != JOB_CHECKING)
		return true;
	return err_set(why, ERR_REFUSED, _("no check found a host key that is not known")), false;
}

static const char *next_label(const struct app *a, const void *state)
{
	(void)a;
	return to_be_read(state) ? _("Read") : _("Next");
}

static const struct key_action actions[] = {
    {"next", "Enter Right", N_("Next"), N_("To the plan; on a bad row: read what was found first"),
     next, may_next},
    {"evidence", "Space", N_("Evidence"), N_("The command, what the device answered, what to do"),
     evidence, has_row},
    {"recheck", "r", N_("Check again"),
     N_("Ask again what failed, warned or is unknown; what passed stands while its facts do"),
     recheck, may_recheck},
    {"recheck-all", "a", NULL, N_("Run all the pre-checks of all devices again"),
     recheck_all, may_recheck_all},
    {"waive", "w", N_("Waive"), N_("Go on in spite of this check, for a reason you give"), waive,
     may_waive},
    {"filter", "f", N_("Filter"), N_("All, those that did not pass, those of this device"), filter,
     NULL},
    {"keys", "K", N_("Host keys"), N_("Show the keys of hosts that were never seen"), keys,
     may_keys},
    {"credentials", "c", NULL, N_("How to log in to the devices"), app_credentials, NULL},
    {"images", "i", NULL, N_("Files to install: look, add, choose the default"), app_images,
     NULL},
    {0},
};

const struct screen screen_checks = {
    .name = "checks",
    .title = N_("Pre-checks"),
    .about = N_("What could go wrong is looked for first; nothing is changed on any device. Errors "
		"stop the job, warnings want to be read."),
    .step = 5,
    .size = sizeof(struct checks),
    .actions = actions,
    .first = next_label,
    .open = open,
    .close = close_checks,
    .again = again,
    .tick = tick,
    .draw = draw,
    .list = SCREEN_LIST(struct checks, list),
    .head = HEAD_LINES,
    .foot = DETAIL_LINES,
    .whole = true,
    .status = status,
};
