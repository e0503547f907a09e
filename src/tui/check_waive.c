/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/check_waive.h"

#include "base/i18n.h"
#include "model/phrases.h"

#include <stdlib.h>
#include <string.h>

struct waiver {
	char *job, *device, *check; /* device NULL: the job */
};

static void free_waiver(void *ctx)
{
	struct waiver *w = ctx;
	free(w->job);
	free(w->device);
	free(w->check);
	free(w);
}

static void waived(struct app *a, void *ctx, size_t choice, const char *text)
{
	const struct waiver *w = ctx;
	if (choice != 0 || !str_eq(w->job, a->job))
		return;
	(void)app_order(a, &(struct order_words){.verb = "waive",
					   .target = w->device,
					   .text = text + strspn(text, " "),
					   .check = w->check});
}

void check_waive_ask(struct app *a, const struct jobview *v, const struct check_view *check)
{
	struct waiver *w = xcalloc(1, sizeof(*w));
	const char *device = check->device == NO_DEVICE ? NULL : jobview_device(v, check->device);
	*w = (struct waiver){xstrdup(a->job), xstrdup(device), xstrdup(check->check)};
	dialog_open(a, (struct dialog){.title = xstrdup(_("Waive a check")),
				       .text = xasprintf(_("%s: %s\nWhy may the job go on? The "
							   "reason is kept in the report."),
							 device ? device : _("all"),
							 check->message ? said(v, check->message)
									: check->check),
				       .choices = {_("Waive"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .role = ROLE_WARNING,
				       .answer = waived,
				       .ctx = w,
				       .free_ctx = free_waiver});
}
