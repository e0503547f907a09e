/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/check_evidence.h"

#include "tui/check_rows.h"
#include "tui/screens.h"
#include "tui/ways.h"

#include "base/i18n.h"
#include "model/phrases.h"

#include <stdlib.h>

#define PARTS 16

struct parts {
	struct text_part v[PARTS];
	size_t n;
};

/* A heading and the text below it; nothing when there is none. */
static void put(struct parts *p, const char *heading, enum theme_role role, const char *text)
{
	if (!text || !*text || p->n + 2 > PARTS)
		return;
	p->v[p->n++] = (struct text_part){ROLE_HEADER, 0, heading};
	p->v[p->n++] = (struct text_part){role, 2, text};
}

static const char *weight(const struct check_view *c)
{
	if (!check_is_bad(c))
		return NULL;
	if (c->waivable)
		return c->error ? _("The job does not start. It can be waived with a reason (w).")
				: _("The job may start. It can be waived with a reason (w).");
	return c->error ? _("The job does not start before this is put right; it cannot be waived.")
			: _("The job may start.");
}

static char *waiver(const struct check_view *c)
{
	return c->waived_by ? xasprintf("%s: %s", c->waived_by,
					c->waive_reason ? c->waive_reason : "")
			    : NULL;
}

void check_evidence_show(struct app *a, const struct jobview *v, const struct check_view *c)
{
	struct parts p = {0};
	const struct check_look *l = check_look(v, c);
	const char *device = c->device == NO_DEVICE ? _("all") : jobview_device(v, c->device);
	char *title = xasprintf("%s: %s", device, c->title ? translated(c->title) : c->check);
	char *state = xasprintf("%s %s", l->symbol, _(l->word));
	char *waived = waiver(c), *advice = ways_advice(a, said(v, c->advice));
	put(&p, _("Result"), l->role, state);
	put(&p, C_("checks", "Group"), ROLE_TEXT, c->group ? translated(c->group) : NULL);
	put(&p, _("What was found"), ROLE_TEXT, said(v, c->message));
	put(&p, _("What to do"), ROLE_INFO, advice);
	put(&p, _("What it means for the job"), ROLE_TEXT, weight(c));
	put(&p, _("Waived by"), ROLE_TEXT, waived);
	put(&p, _("Command"), ROLE_TEXT,
	    c->command                     ? c->command
	    : str_eq(c->status, "unknown") ? _("none was sent")
					   : _("none was needed"));
	put(&p, _("What the device answered"), ROLE_DIM, c->output);
	app_open(a, &screen_text, &(struct text_argument){.title = title, .parts = p.v, .n = p.n});
	free(waived), free(advice);
	free(state);
	free(title);
}
