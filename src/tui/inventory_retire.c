/* SPDX-License-Identifier: ISC */
/* Out of service, and back. */
#include "config.h"

#include "tui/inventory_parts.h"

#include "base/i18n.h"
#include "model/values.h"
#include "run/decommission.h"

#include <stdlib.h>
#include <string.h>

static void retired(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	struct str loss = {0};
	(void)ctx;
	if (choice != 0)
		return;
	if (decommission(a->store, text, NULL, &loss, &e) != 0)
		dialog_tell(a, ROLE_ERROR, _("Not decommissioned"), e.text);
	else if (loss.len)
		dialog_tell(a, ROLE_WARNING, _("Out of service; it can be brought back"),
			    str_text(&loss));
	else
		app_say(a, ROLE_OK, _("%s is out of service"), text);
	str_release(&loss);
	inventory_refresh(a);
}

void inventory_decommission(struct app *a, void *state)
{
	(void)state;
	if (*a->argument) {
		retired(a, NULL, 0, a->argument);
		return;
	}
	dialog_open(a, (struct dialog){.title = xstrdup(_("Decommission a device")),
				       .text = xstrdup(_(
					   "It is in no list and no new job any more; its history "
					   "stays, and it can be brought back with its groups and "
					   "links. Type its name.")),
				       .choices = {_("Decommission"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .role = ROLE_WARNING,
				       .answer = retired});
}

static void came_back(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	(void)ctx;
	if (choice != 0)
		return;
	if (recommission(a->store, text, &e) != 0)
		app_fail(a, &e);
	else
		app_say(a, ROLE_OK, _("%s is in the inventory again"), text);
	inventory_refresh(a);
}

void inventory_recommission(struct app *a, void *state)
{
	struct err e = {0};
	struct str list = {0};
	char **names = NULL;
	(void)state;
	if (decommissioned(a->store, &names, &e) != 0) {
		app_fail(a, &e);
		return;
	}
	for (char **name = names; *name; name++)
		str_printf(&list, "%s%s", name == names ? "" : ", ", *name);
	if (!names[0])
		app_say(a, ROLE_INFO, _("no device was decommissioned"));
	else
		dialog_open(
		    a, (struct dialog){.title = xstrdup(_("Bring a device back")),
				       .text = xasprintf(_("Out of service: %s"), str_text(&list)),
				       .choices = {_("Bring back"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .first = names[1] ? NULL : names[0],
				       .answer = came_back});
	str_release(&list);
	strings_free(names);
}
