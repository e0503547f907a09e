/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/second.h"

#include "tui/app.h"

#include "base/i18n.h"
#include "run/door.h"
#include "run/second.h"

#include <stdlib.h>

bool second_may(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (!v || !v->job->second_person)
		return err_set(why, ERR_REFUSED, _("this job needs no second person")), false;
	if (second_wanted(v))
		return true;
	return err_set(why, ERR_REFUSED,
		       v->confirmed ? _("this plan is confirmed already, by %s")
				    : _("there is no plan to confirm%s"),
		       v->confirmed ? v->confirmed_by : ""),
	       false;
}

static void typed(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	const struct jobview *v = app_view(a);
	(void)ctx;
	if (choice != 0 || !v)
		return;
	if (door_confirm(v->job->name, text, &e) == 0)
		app_say(a, ROLE_OK, _("The plan is confirmed"));
	else
		app_fail(a, &e);
}

void second_ask(struct app *a, void *state)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (!v)
		return;
	dialog_open(a, (struct dialog){.title = xstrdup(_("Second person")),
				       .text = xasprintf(_("You confirm the plan of %s. Look at it "
							   "first, then type its five words."),
							 v->job->operator ? v->job->operator : "?"),
				       .choices = {_("Confirm"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .answer = typed});
}
