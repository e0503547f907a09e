/* SPDX-License-Identifier: ISC */
/* Step 4 of the wizard: what the procedure and the planner ask for. No field is written by hand. */
#include "config.h"

#include "tui/app.h"
#include "tui/make_job.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "run/desk.h"

#include <stdlib.h>

struct options {
	struct procedure *procedure;
	struct parameter *own; /* of the job, not of the procedure */
	struct form form;
};

/* --- life ------------------------------------------------------------------------------------- */

static void fill(const struct app *a, struct options *s)
{
	const struct procedure *p = s->procedure;
	for (size_t i = 0; i < p->n_parameters; i++)
		form_add(&s->form, &p->parameters[i],
			 values_get(&a->draft->parameters, p->parameters[i].name));
	for (size_t i = 0; s->own[i].name; i++)
		form_add(&s->form, &s->own[i], values_get(&a->draft->options, s->own[i].name));
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct options *s = state;
	(void)argument;
	struct inventory *inv = desk_inventory(a->store, e);
	s->procedure = inv ? draft_procedure(a->draft, inv, e) : NULL;
	inventory_free(inv);
	if (!s->procedure)
		return -1;
	s->own = draft_options(s->procedure, a->draft->method);
	draft_tell_kind(s->own, s->procedure, a->draft->method,
			values_get(&a->draft->options, "kind"));
	fill(a, s);
	wizard_at(a, screen_options.name);
	return 0;
}

static void close_options(struct app *a, void *state)
{
	struct options *s = state;
	wizard_save(a);
	form_release(&s->form);
	draft_options_free(s->own);
	procedure_free(s->procedure);
}

static void again(struct app *a, void *state)
{
	(void)state;
	wizard_at(a, screen_options.name);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct options *s = state;
	(void)a;
	form_fit(&s->form, height, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct options *s = state;
	struct canvas inner = canvas_part(c, 0, 1, -1, c->w - 2);
	(void)a;
	form_draw(&s->form, &inner);
}

/* --- the draft -------------------------------------------------------------------------------- */

static bool is_own(const struct options *s, const struct parameter *p)
{
	for (size_t i = 0; s->own[i].name; i++)
		if (&s->own[i] == p)
			return true;
	return false;
}

/* The default is not kept: it may be another one in the next version of the procedure. */
static void keep_field(struct app *a, const struct options *s, size_t i)
{
	const struct parameter *p = s->form.fields.v[i].parameter;
	const char *text = line_text(&s->form.fields.v[i].value);
	if (str_eq(p->name, "kind") && is_own(s, p))
		draft_tell_kind(s->own, s->procedure, a->draft->method, text);
	values_set(is_own(s, p) ? &a->draft->options : &a->draft->parameters, p->name,
		   str_eq(text, p->fallback ? p->fallback : "") ? NULL : text);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct options *s = state;
	size_t at = s->form.at;
	bool changed = false;
	bool taken = form_key(&s->form, k, &changed);
	if (changed) {
		wizard_hush(a);
		keep_field(a, s, at);
	}
	if (s->form.at != at)
		wizard_save(a);
	return taken;
}

/* --- making the job --------------------------------------------------------------------------- */

static void next(struct app *a, void *state)
{
	struct options *s = state;
	struct err e = {0};
	if (form_check(&s->form, &e) != 0)
		return; /* the form has gone to the field, and says what is wrong with it */
	wizard_save(a);
	if (make_job(a))
		wizard_checks(a);
}

static void defaults(struct app *a, void *state)
{
	struct options *s = state;
	for (size_t i = 0; i < s->form.fields.n; i++) {
		const struct parameter *p = s->form.fields.v[i].parameter;
		form_set(&s->form, p->name, p->fallback);
		form_mistake(&s->form, p->name, NULL);
		keep_field(a, s, i);
	}
	wizard_save(a);
	app_say(a, ROLE_INFO, _("All options are as the procedure has them"));
}

static bool typing(const void *state)
{
	const struct options *s = state;
	enum parameter_type type = s->form.fields.v[s->form.at].parameter->type;
	return type == PARAMETER_TEXT || type == PARAMETER_INT;
}

static const struct key_action actions[] = {
    {"next", "Enter", N_("Next"), N_("Make the job and run its pre-checks; nothing is changed yet"),
     next, NULL},
    {"defaults", "^R", N_("Defaults"), N_("Set all options to their defaults"), defaults, NULL},
    WIZARD_LEAVE,
    {0},
};

const struct screen screen_options = {
    .name = "options",
    .title = N_("Job options"),
    .about = N_("How the upgrade is to go. Every option has a default that is good for most."),
    .step = 4,
    .size = sizeof(struct options),
    .actions = actions,
    .open = open,
    .close = close_options,
    .again = again,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
