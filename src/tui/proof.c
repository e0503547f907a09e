/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/proof.h"

#include "model/phrases.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "model/hitless.h"
#include "plan/planner.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>

#define PLAN_WIDTH 76

struct parts {
	VEC(struct text_part) v;
	VEC(char *) texts; /* what the parts point at */
};

static void put(struct parts *p, enum theme_role role, int indent, char *text)
{
	VEC_PUSH(&p->texts, text);
	VEC_PUSH(&p->v, ((struct text_part){role, indent, text}));
}

static void release(struct parts *p)
{
	for (size_t i = 0; i < p->texts.n; i++)
		free(p->texts.v[i]);
	VEC_RELEASE(&p->texts);
	VEC_RELEASE(&p->v);
}

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void put_device(struct parts *p, const struct jobview *v, size_t device)
{
	const struct plan_device *d = plan_device(v->plan, device);
	char span[32] = "?";
	if (d && d->estimate_ms > 0)
		clock_span(d->estimate_ms, span);
	put(p, ROLE_TEXT, 2,
	    xasprintf(_("%-12s %s -> %s, about %s"), jobview_device(v, device),
		      or_unknown(d ? d->from : NULL), or_unknown(d ? d->to : NULL), span));
	if (d && d->not_hitless && !d->isolates.n)
		put(p, ROLE_WARNING, 4,
		    xasprintf(_("! not hitless: %s"), said(v, d->not_hitless)));
	for (size_t i = 0; d && i < d->isolates.n; i++)
		put(p, ROLE_WARNING, 4,
		    xasprintf(_("! %s is cut off meanwhile"),
			      jobview_device(v, d->isolates.v[i])));
	const struct check_view *c;
	for (size_t at = 0; (c = hitless_reason(v, device, &at));) {
		char *text = xasprintf(_("not hitless: %s"),
				       c->message ? said(v, c->message) : c->check);
		put(p, ROLE_WARNING, 4, xasprintf("! %s", text));
		free(text);
	}
}

static void put_line(struct parts *p, const struct jobview *v, const struct plan_line *l)
{
	put(p, l->holds ? ROLE_OK : ROLE_ERROR, 2,
	    xasprintf("%s %s", l->holds ? "+" : "!", or_unknown(said(v, l->claim))));
	if (l->detail && *l->detail)
		put(p, ROLE_TEXT, 4, xstrdup(said(v, l->detail)));
}

void proof_show(struct app *a, const struct jobview *v, size_t stage, size_t batch)
{
	struct parts p;
	const struct plan_stage *s = &v->plan->stages.v[stage];
	const struct plan_batch *b = &s->batches.v[batch];
	memset(&p, 0, sizeof(p));
	char *title = xasprintf(_("Stage %s, batch %zu of %zu"), plan_stage_title(s), batch + 1, s->batches.n);
	put(&p, ROLE_HEADER, 0, xstrdup(_("Devices that are away at the same time")));
	for (size_t i = 0; i < b->devices.n; i++)
		put_device(&p, v, b->devices.v[i]);
	put(&p, ROLE_HEADER, 0, xstrdup(_("Proof")));
	for (size_t i = 0; i < b->proof.n; i++)
		put_line(&p, v, &b->proof.v[i]);
	app_open(a, &screen_text,
		 &(struct text_argument){.title = title, .parts = p.v.v, .n = p.v.n});
	free(title);
	release(&p);
}

void proof_show_plan(struct app *a, const struct jobview *v)
{
	char *text = plan_text(v->plan, v->job, PLAN_WIDTH);
	char *title = xasprintf(_("Plan of %s"), v->job->name);
	struct str hitless = {0};
	status_hitless_text(v, &hitless);
	struct text_part parts[] = {{ROLE_TEXT, 0, text}, {ROLE_TEXT, 0, str_text(&hitless)}};
	app_open(a, &screen_text,
		 &(struct text_argument){.title = title, .parts = parts, .n = hitless.len ? 2 : 1});
	str_release(&hitless);
	free(title);
	free(text);
}
