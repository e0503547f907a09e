/* SPDX-License-Identifier: ISC */
/* Step 7 of the wizard: the plan, before anything is changed. */
#include "config.h"

#include "tui/app.h"
#include "tui/make_job.h"
#include "tui/preview_parts.h"
#include "tui/proof.h"
#include "tui/screens.h"
#include "tui/second.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/phrases.h"
#include "run/planning.h"

#include <stdlib.h>
#include <string.h>

/* --- the world -------------------------------------------------------------------------------- */

/* A new plan may have fewer batches: the cursor goes back to the plan as a whole. */
static void take(struct app *a, struct preview *p)
{
	const struct jobview *v = app_view(a);
	if (!str_eq(p->job, a->job)) {
		free(p->job);
		p->job = xstrdup(a->job);
		p->chosen = false;
		p->through = SIZE_MAX;
	}
	p->seq = v ? v->seq : 0;
	preview_compare(p, v);
	if (!v || !v->plan || p->stage >= v->plan->stages.n ||
	    p->batch >= v->plan->stages.v[p->stage].batches.n) {
		p->chosen = false;
		p->stage = p->batch = 0;
	}
}

static bool tick(struct app *a, void *state)
{
	struct preview *p = state;
	const struct jobview *v = app_view(a);
	if (str_eq(p->job, a->job) && p->seq == (v ? v->seq : 0))
		return false;
	take(a, p);
	return true;
}

static void again(struct app *a, void *state)
{
	take(a, state);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	(void)argument;
	if (!app_view(a))
		return err_set(e, ERR_REFUSED, _("there is no job here"));
	take(a, state);
	return 0;
}

static void close_preview(struct app *a, void *state)
{
	struct preview *p = state;
	(void)a;
	free(p->job);
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* The plan of a job that runs or is over is there to be looked at. */
static bool in_wizard(const struct app *a)
{
	const struct jobview *v = app_view(a);
	return !v || (!v->started && v->state != JOB_CANCELLED);
}

/* Another order was chosen: the checks run again before there is a plan. */
static bool is_waiting(const struct app *a, const struct jobview *v)
{
	return a->making || !v->plan || v->state == JOB_CHECKING || v->state == JOB_NEW;
}

static void draw_waiting(const struct app *a, const struct jobview *v, const struct canvas *c)
{
	bool refused = v->state == JOB_REFUSED && !a->making;
	(void)canvas_label(c, c->h / 2, 2, c->w - 4, refused ? ROLE_ERROR : ROLE_INFO,
			   refused ? _("! The pre-checks refuse this plan; Esc shows them")
				   : _("> The devices are checked, then the plan is made"));
	canvas_cursor(c, c->h / 2, 0);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct jobview *v = app_view(a);
	if (!v)
		return;
	if (is_waiting(a, v))
		draw_waiting(a, v, c);
	else
		preview_draw(state, v, in_wizard(a), c);
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct jobview *v = app_view(a);
	size_t errors = 0, warnings = 0;
	(void)state;
	if (!v || is_waiting(a, v))
		return;
	bool passed = jobview_checks_passed(v, &errors, &warnings);
	if (passed && !warnings)
		str_puts(out, _("+ pre-checks passed"));
	else if (passed)
		str_printf(out, ngettext("! pre-checks: %zu warning", "! pre-checks: %zu warnings",
				    warnings), warnings);
	else
		str_printf(out, ngettext("! pre-checks: %zu error", "! pre-checks: %zu errors", errors),
			   errors);
}

/* --- moving ----------------------------------------------------------------------------------- */

static size_t batches_of(const struct jobview *v, size_t stage)
{
	return v->plan->stages.v[stage].batches.n;
}

static void move_batch(struct preview *p, const struct jobview *v, int by)
{
	if (!p->chosen && by > 0)
		p->chosen = v->plan->stages.n > 0 && batches_of(v, p->stage) > 0;
	else if (p->chosen && by < 0 && p->batch == 0)
		p->chosen = false;
	else if (p->chosen && by < 0)
		p->batch--;
	else if (p->chosen && p->batch + 1 < batches_of(v, p->stage))
		p->batch++;
}

static void move_stage(struct preview *p, const struct jobview *v, int by)
{
	if (!p->chosen) {
		move_batch(p, v, 1);
		return;
	}
	if (by < 0 ? p->stage == 0 : p->stage + 1 >= v->plan->stages.n)
		return;
	p->stage += by < 0 ? (size_t)-1 : 1;
	if (p->batch >= batches_of(v, p->stage))
		p->batch = batches_of(v, p->stage) ? batches_of(v, p->stage) - 1 : 0;
}

static bool key(struct app *a, void *state, keycode k)
{
	struct preview *p = state;
	const struct jobview *v = app_view(a);
	if (!v || is_waiting(a, v))
		return false;
	if (key_in("Down j", k))
		move_batch(p, v, 1);
	else if (key_in("Up k", k))
		move_batch(p, v, -1);
	else if (key_in("Right l", k))
		move_stage(p, v, 1);
	else if (key_in("Left h", k))
		move_stage(p, v, -1);
	else
		return false;
	return true;
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool has_plan(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (v && !is_waiting(a, v))
		return true;
	return err_set(why, ERR_REFUSED, _("there is no plan yet")), false;
}

static void proof(struct app *a, void *state)
{
	const struct preview *p = state;
	const struct jobview *v = app_view(a);
	if (p->chosen)
		proof_show(a, v, p->stage, p->batch);
	else
		proof_show_plan(a, v);
}

static void go_on(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_confirm, NULL);
}

static bool may_go_on(const struct app *a, const void *state, struct err *why)
{
	return has_plan(a, state, why) &&
	       app_can_order(a, &(struct order_words){.verb = "start"}, why);
}

static void next(struct app *a, void *state)
{
	const struct preview *p = state;
	if (p->chosen)
		proof(a, state);
	else
		go_on(a, state);
}

static bool may_next(const struct app *a, const void *state, struct err *why)
{
	const struct preview *p = state;
	return p->chosen ? has_plan(a, state, why) : may_go_on(a, state, why);
}

/* --- another order ---------------------------------------------------------------------------- */

static void order_chosen(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	const struct jobview *v = app_view(a);
	(void)ctx, (void)text;
	if (!v || choice >= v->procedure->n_orders)
		return;
	values_set(&a->draft->options, "order", v->procedure->orders[choice].name);
	if (draft_save(a->draft, &e) != 0)
		app_fail(a, &e);
	else
		(void)make_job(a);
}

static void order(struct app *a, void *state)
{
	const struct jobview *v = app_view(a);
	const struct procedure *p = v->procedure;
	struct str text = {0};
	struct dialog d = {.title = xstrdup(_("Another order")), .answer = order_chosen};
	(void)state;
	for (size_t i = 0; i < p->n_orders && i + 1 < DIALOG_CHOICES; i++) {
		str_printf(&text, "%s: %s\n", p->orders[i].name,
			   translated(p->orders[i].title));
		d.choices[d.n_choices++] = p->orders[i].name;
	}
	str_puts(&text, _("\nThe pre-checks run again, then there is a new plan."));
	d.choices[d.n_choices++] = _("Cancel");
	d.at = d.n_choices - 1;
	d.text = str_take(&text);
	dialog_open(a, d);
}

static bool may_order(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	if (!has_plan(a, state, why))
		return false;
	if (jobview_stage_component(v, 0))
		return err_set(why, ERR_REFUSED,
			       _("components have one order: that of the procedure")),
		       false;
	if (v->started)
		return err_set(why, ERR_REFUSED, _("the job was started")), false;
	if (!v->procedure->n_orders)
		return err_set(why, ERR_REFUSED, _("the procedure knows one order only")), false;
	if (!str_eq(a->draft->job, a->job))
		return err_set(why, ERR_REFUSED, _("this job was not made in this wizard")), false;
	return true;
}

/* --- to a file -------------------------------------------------------------------------------- */

static void ask_path(struct app *a, const char *first, const char *why);

/* What was typed is not lost when it cannot be written. */
static void save_to(struct app *a, const char *path)
{
	struct err e = {0};
	const struct jobview *v = app_view(a);
	if (!v || !v->plan)
		return;
	if (planning_save(v->plan, v->job, true, path, &e) == 0)
		app_say(a, ROLE_OK, _("The plan (%s) is written to %s"), v->words ? v->words : "?",
			path);
	else
		ask_path(a, path, said_err(&e).text);
}

static void replace(struct app *a, void *ctx, size_t choice, const char *text)
{
	(void)text;
	if (choice == 0)
		save_to(a, ctx);
}

/* What is there may be a plan that somebody has signed. */
static void save_as(struct app *a, const char *path)
{
	if (!path_exists(path)) {
		save_to(a, path);
		return;
	}
	dialog_open(a, (struct dialog){.title = xstrdup(_("Replace the file?")),
				       .text = xasprintf(_("There is a file already: %s"), path),
				       .choices = {_("Replace"), _("Cancel")},
				       .n_choices = 2,
				       .at = 1,
				       .role = ROLE_WARNING,
				       .answer = replace,
				       .ctx = xstrdup(path),
				       .free_ctx = free});
}

static void save_typed(struct app *a, const char *text)
{
	char *path = path_typed(NULL, text);
	save_as(a, path);
	free(path);
}

static void path_given(struct app *a, void *ctx, size_t choice, const char *text)
{
	(void)ctx;
	if (choice != 0)
		return;
	if (*text)
		save_typed(a, text);
	else
		ask_path(a, "", _("No file name given: nothing was saved"));
}

/* why: of the try before; NULL: it is the first one. */
static void ask_path(struct app *a, const char *first, const char *why)
{
	const char *what = _("File to write. It can be given back with 'hitless upgrade --plan FILE'.");
	dialog_open(a, (struct dialog){.title = xstrdup(_("Save the plan")),
				       .text = why ? xasprintf("%s\n%s", why, what) : xstrdup(what),
				       .choices = {_("Save"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .first = first,
				       .role = why ? ROLE_WARNING : 0,
				       .answer = path_given});
}

static void save(struct app *a, void *state)
{
	(void)state;
	if (*a->argument)
		save_typed(a, a->argument);
	else
		ask_path(a, NULL, NULL);
}

static const char *next_label(const struct app *a, const void *state)
{
	const struct preview *p = state;
	(void)a;
	return p->chosen ? _("Proof") : _("Next");
}

static const struct key_action actions[] = {
    {"next", "Enter", N_("Next"), N_("Go on with this plan; on a batch: its proof sheet"), next,
     may_next},
    {"proof", "Space", N_("Proof"), N_("The proof sheet of the batch, or the whole plan as text"),
     proof, has_plan},
    {"order", "o", N_("Order"), N_("Another order of the roles"), order, may_order},
    {"save", "s", N_("Save"), N_("Write the plan to a file: :save FILE"), save, has_plan},
    SECOND_CONFIRM,
    {"confirm", "n", NULL, N_("Go on with this plan, wherever the cursor is"), go_on, may_go_on},
    {0},
};

const struct screen screen_preview = {
    .name = "preview",
    .title = N_("Plan"),
    .about = N_("Stages run from left to right, the batches of a stage from top to bottom, the "
		"devices of a batch at the same time."),
    .step = 6,
    .in_wizard = in_wizard,
    .size = sizeof(struct preview),
    .actions = actions,
    .first = next_label,
    .open = open,
    .close = close_preview,
    .again = again,
    .tick = tick,
    .draw = draw,
    .key = key,
    .status = status,
};
