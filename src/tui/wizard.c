/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/wizard.h"

#include "tui/screens.h"

#include "base/i18n.h"

#include <stdlib.h>

static const struct screen *const steps[] = {&screen_select, &screen_review, &screen_name,
					     &screen_options};

#define CHECKS "checks"

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

void wizard_leave(struct app *a, void *state)
{
	(void)state;
	wizard_save(a);
	if (!app_back_to(a, screen_home.name))
		app_back(a);
}

/* Steps are opened one on the other, up to the one where it was; a step that does not open (its
 * devices are gone) ends the way there. */
void wizard_enter(struct app *a)
{
	if (draft_served(a->draft, a->store))
		draft_clear(a->draft);
	char *where = xstrdup(a->draft->screen);
	bool to_checks = str_eq(where, CHECKS) && a->draft->job, more = true;
	for (size_t i = 0; more && i < LEN(steps); i++) {
		size_t below = a->stack.n;
		app_open(a, steps[i], NULL);
		more = a->stack.n > below && where && !str_eq(steps[i]->name, where);
		to_checks &= a->stack.n > below;
	}
	if (to_checks)
		wizard_checks(a);
	free(where);
}
