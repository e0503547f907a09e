/* SPDX-License-Identifier: ISC */
/* Step 8 of the wizard: what will happen, and the name of the job typed as consent. */
#include "config.h"

#include "tui/app.h"
#include "model/hitless.h"
#include "model/phrases.h"
#include "plan/planner.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/status.h"

#include <stdlib.h>

#define TEXT_MOST 12 /* lines of what will happen */
#define FIELD     40

struct confirm {
	struct line name;
};

/* --- what will happen ------------------------------------------------------------------------- */
/* Three parts, each in one line of 80 columns in every language. */

/* "4.1.1, 4.1.0" of all devices, each once. */
static char *from_versions(const struct plan *p)
{
	struct str out = {0};
	for (size_t i = 0; i < p->devices.n; i++) {
		const char *from = p->devices.v[i].from ? p->devices.v[i].from : "?";
		bool known = false;
		for (size_t k = 0; k < i && !known; k++)
			known = str_eq(p->devices.v[k].from ? p->devices.v[k].from : "?", from);
		if (!known)
			str_printf(&out, "%s%s", out.len ? ", " : "", from);
	}
	return str_take(&out);
}

static char *what(const struct jobview *v)
{
	size_t n = v->plan->devices.n, s = v->plan->stages.n, b = plan_batches(v->plan);
	char *from = from_versions(v->plan);
	char *stages = xasprintf(ngettext("%zu stage", "%zu stages", s), s);
	char *batches = xasprintf(ngettext("%zu batch", "%zu batches", b), b);
	char *text = xasprintf(ngettext("%zu device goes from %s to %s, in %s and %s.",
					"%zu devices go from %s to %s, in %s and %s.", n),
			       n, from, job_versions(v->job), stages, batches);
	free(from);
	free(stages);
	free(batches);
	return text;
}

static char *how_long(const struct jobview *v)
{
	char span[32];
	const struct job *j = v->job;
	clock_span(v->plan->estimate_ms, span);
	if (!j->windows.n)
		return xasprintf(_("About %s (%s)."), span,
				 v->plan->estimate_from ? said(v, v->plan->estimate_from) : "?");
	char *window = windows_text(&j->windows), *needed = plan_windows_text(v->plan);
	char *text = xasprintf(_("About %s; devices start only in the window %s."), span, window);
	char *all = needed ? xasprintf("%s %s.", text, needed) : NULL;
	free(window);
	free(needed);
	if (all) {
		free(text);
		return all;
	}
	return text;
}

static const char *on_failure(const struct jobview *v)
{
	switch (v->job->on_failure) {
	case ON_FAILURE_STOP:
		return _("If one fails, its batch finishes, no other begins.");
	case ON_FAILURE_GO_ON:
		return _("If one fails, the others go on; its group waits.");
	default:
		return _("If one fails, its batch finishes, the job waits.");
	}
}

static const char *way_back(const struct jobview *v)
{
	if (!jobview_steps(v, PASS_ROLLBACK)[0])
		return _("Rollback: none.");
	return str_eq(values_get(&v->job->parameters, "rollback"), "yes")
		       ? _("Rollback: by itself.")
		       : _("Rollback: on your word.");
}

/* New; NULL: there are none. */
static char *no_return(const struct jobview *v)
{
	struct str names = {0};
	bool asked = false;
	for (size_t i = 0; i < v->plan->stages.n; i++) {
		const struct plan_stage *s = &v->plan->stages.v[i];
		if (s->no_return)
			str_printf(&names, "%s%s", names.len ? ", " : "", s->name);
		asked |= s->no_return && !s->no_return_said;
	}
	char *text = !names.len ? NULL
		     : asked	? xasprintf(_("Points of no return: %s. You are asked before each."),
					    str_text(&names))
				: xasprintf(_("Points of no return: %s. You are not asked again."),
					    str_text(&names));
	str_release(&names);
	return text;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static int put(const struct canvas *c, int y, enum theme_role role, const char *mark,
	       const char *text)
{
	(void)canvas_text(c, y, 0, 2, role, mark);
	return y + canvas_wrap(c, y, 2, c->w - 2, TEXT_MOST, role, text) + 1;
}

/* Traffic will be hit: how many devices, and the first reason. */
static int put_broken(const struct canvas *c, int y, const struct jobview *v)
{
	const struct check_view *k = hitless_reason(v, NO_DEVICE, &(size_t){0});
	char *words = status_hitless_words(v);
	char *text = xasprintf("%s. %s", words ? words : "",
			       k && k->message ? said(v, k->message) : "");
	y = put(c, y, ROLE_WARNING, "!", text);
	free(text);
	free(words);
	return y;
}

static bool in_plan(const struct jobview *v, const char *stage)
{
	for (size_t i = 0; i < v->plan->stages.n; i++)
		if (str_eq(v->plan->stages.v[i].name, stage))
			return true;
	return false;
}

/* What users will feel meanwhile, as the plan warns of it: that is confirmed, too. */
static int put_impacts(const struct canvas *c, int y, const struct jobview *v)
{
	const struct method *m = jobview_method(v);
	for (size_t i = 0; i < m->n_components; i++) {
		const struct component *k = &m->components[i];
		if (!k->impact || !in_plan(v, k->name))
			continue;
		char *text = xasprintf("%s.", said(v, k->impact));
		y = put(c, y, ROLE_WARNING, "!", text);
		free(text);
	}
	return y;
}

static bool good(const struct app *a, const struct confirm *s)
{
	const struct jobview *v = app_view(a);
	return v && str_eq(line_text(&s->name), v->job->name);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct confirm *s = state;
	const struct jobview *v = app_view(a);
	struct canvas in = canvas_part(c, 1, 2, -1, c->w - 4);
	if (!v || !v->plan)
		return;
	char *lines[] = {what(v), how_long(v),
			 xasprintf("%s %s", on_failure(v), way_back(v)), no_return(v)};
	int y = 0;
	for (size_t i = 0; i < LEN(lines) && lines[i]; i++) {
		y = put(&in, y, ROLE_TEXT, "-", lines[i]);
		free(lines[i]);
	}
	y = put_impacts(&in, y, v);
	if (hitless_is_broken(v, NO_DEVICE))
		y = put_broken(&in, y, v);
	y += canvas_wrap(&in, y, 0, in.w, TEXT_MOST, ROLE_WARNING,
			 _("Type the name of the job to start it:"));
	(void)canvas_text(&in, y, 2, in.w - 2, ROLE_HEADER, v->job->name);
	y += 2;
	canvas_fill(&in, y, 2, FIELD, ROLE_FIELD_FOCUS);
	line_draw(&s->name, &in, y, 2, FIELD, ROLE_FIELD_FOCUS);
	if (good(a, s))
		(void)canvas_label(&in, y + 2, 0, in.w, ROLE_OK, _("+ Enter starts the upgrade"));
	else
		(void)canvas_label(&in, y + 2, 0, in.w, ROLE_DIM,
				   _(". Nothing has been changed on any device yet"));
}

/* --- life ------------------------------------------------------------------------------------- */

/* Typing is the safety. It may be left out only where there is nothing to be kept safe: when all
 * devices are simulated ones, on this machine and with a clock that runs faster than the world's. */
static bool simulated(struct app *a, const struct job *j)
{
	for (size_t i = 0; i < j->devices.n; i++)
		if (!str_starts(j->inventory->devices.v[j->devices.v[i]].address, "127."))
			return false;
	return desk_setting(a->store, "clock-speed", 1) > 1;
}

static void prefill(struct app *a, struct confirm *s)
{
	const struct job *j = app_view(a)->job;
	if (simulated(a, j))
		line_set(&s->name, j->name);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	const struct jobview *v = app_view(a);
	(void)argument;
	if (!v || !v->plan)
		return err_set(e, ERR_REFUSED, _("there is no plan yet"));
	prefill(a, state);
	return 0;
}

static void close_confirm(struct app *a, void *state)
{
	struct confirm *s = state;
	(void)a;
	line_release(&s->name);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct confirm *s = state;
	(void)a;
	return line_key(&s->name, k);
}

static bool typing(const void *state)
{
	(void)state;
	return true;
}

/* --- starting --------------------------------------------------------------------------------- */

static const struct order_words start_order = {.verb = "start"};

static bool may_start(const struct app *a, const void *state, struct err *why)
{
	const struct confirm *s = state;
	if (!app_can_order(a, &start_order, why))
		return false;
	if (good(a, s))
		return true;
	return err_set(why, ERR_REFUSED, _("type exactly the name of the job: %s"),
		       app_view(a)->job->name), false;
}

/* The steps of the wizard are behind us: the run stands on the home screen, which follows no job. */
static void show_run(struct app *a)
{
	struct err e = {0};
	char *id = xstrdup(a->job);
	bool home = app_back_to(a, "home");
	if (app_follow(a, id, &e) != 0)
		app_fail(a, &e);
	else if (home)
		app_open(a, &screen_live, NULL);
	else
		app_replace(a, &screen_live, NULL);
	free(id);
}

static void start(struct app *a, void *state)
{
	struct err e = {0};
	int saved = 0;
	(void)state;
	if (!app_order(a, &start_order))
		return;
	if (str_eq(a->draft->job, a->job)) {
		draft_clear(a->draft);
		saved = draft_save(a->draft, &e);
	}
	show_run(a);
	if (saved != 0)
		app_fail(a, &e);
}

static const struct key_action actions[] = {
    {"start", "Enter", N_("Start"), N_("Start the upgrade, when the name is typed"), start,
     may_start},
    {0},
};

const struct screen screen_confirm = {
    .name = "confirm",
    .title = N_("Confirm"),
    .about = N_("The last step before devices are changed. The name of the job is typed, so that "
		"nobody starts one by accident."),
    .step = 7,
    .size = sizeof(struct confirm),
    .actions = actions,
    .open = open,
    .close = close_confirm,
    .draw = draw,
    .key = key,
    .typing = typing,
};
