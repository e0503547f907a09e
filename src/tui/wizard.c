/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/wizard.h"

#include "tui/screens.h"


#include <stdlib.h>

static const struct screen *const steps[] = {&screen_select, &screen_review, &screen_name,
					     &screen_options};

#define CHECKS "checks"
#define PLAN   "preview"

bool wizard_begun(const struct app *a)
{
	return a->draft->screen != NULL;
}

void wizard_save(struct app *a)
{
	struct err e = {0};
	if (draft_save(a->draft, &e) != 0)
		app_fail(a, &e);
}

void wizard_at(struct app *a, const char *screen)
{
	draft_text(&a->draft->screen, screen);
	wizard_save(a);
}

void wizard_hush(struct app *a)
{
	free(a->message);
	a->message = NULL;
}

void wizard_checks(struct app *a)
{
	struct err e = {0};
	wizard_at(a, CHECKS);
	if (app_follow(a, a->draft->job, &e) != 0) {
		app_fail(a, &e);
		return;
	}
	const struct jobview *v = app_view(a);
	app_open(a, &screen_checks, NULL);
	if (v && (v->state == JOB_NEW || v->state == JOB_CHECKING))
		app_start_process(a);
}

static bool is_step(const struct app *a, size_t i)
{
	const struct screen *k = a->stack.v[i].kind;
	return k->step && (!k->in_wizard || k->in_wizard(a));
}

/* The last steps are of the job that was made of the draft; consent is typed anew. */
static void keep_place(struct app *a)
{
	const struct screen *k = a->stack.v[a->stack.n - 1].kind;
	bool plan = k == &screen_preview || k == &screen_confirm;
	if (plan && str_eq(a->draft->job, a->job))
		wizard_at(a, PLAN);
	else
		wizard_save(a);
}

void wizard_leave(struct app *a, void *state)
{
	size_t n = a->stack.n;
	(void)state;
	while (n > 0 && is_step(a, n - 1))
		n--;
	if (n == a->stack.n) {
		app_back(a);
		return;
	}
	wizard_hush(a);
	keep_place(a);
	app_back_above(a, n);
}

/* Steps are opened one on the other, up to the one where it was; a step that does not open (its
 * devices are gone) ends the way there. */
void wizard_enter(struct app *a)
{
	if (draft_served(a->draft, a->store))
		draft_clear(a->draft);
	char *where = xstrdup(a->draft->screen);
	bool to_plan = str_eq(where, PLAN) && a->draft->job, more = true;
	bool to_checks = to_plan || (str_eq(where, CHECKS) && a->draft->job);
	for (size_t i = 0; more && i < LEN(steps); i++) {
		size_t below = a->stack.n;
		app_open(a, steps[i], NULL);
		more = a->stack.n > below && where && !str_eq(steps[i]->name, where);
		to_checks &= a->stack.n > below;
	}
	if (to_checks)
		wizard_checks(a);
	const struct jobview *v = to_checks ? app_view(a) : NULL;
	if (to_plan && v && v->state == JOB_READY)
		app_open(a, &screen_preview, NULL);
	free(where);
}
