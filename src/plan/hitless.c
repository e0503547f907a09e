/* SPDX-License-Identifier: ISC */
/* Does the traffic notice? Of each device, and why. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "model/unit.h"

#include <stdlib.h>

#define MOST_NAMES 6

/* The only holder of a role that a limit names: there is no other to take its traffic. */
static const char *only_one(const struct making *m, size_t d)
{
	for (size_t i = 0; i < m->limits.n; i++)
		if (limits_have(&m->limits, i, d) && m->limits.all[i] == 1)
			return m->limits.v[i].name;
	return NULL;
}

/* What the procedure says: of the options, and of what the device is. */
static const char *said_by_procedure(const struct making *m, size_t i)
{
	const struct plan_input *in = m->in;
	struct scope scope = {{&in->job->parameters, in->facts ? &in->facts[i] : NULL}};
	struct answer none = {.status = -1, .out = "", .err = ""};

	for (size_t k = 0; k < in->procedure->n_hits; k++)
		if (judge_ask(in->procedure->hits[k].when, &none, &scope, NULL, NULL) ==
		    VERDICT_YES)
			return in->procedure->hits[k].message;
	return NULL;
}

char *hitless_against(const struct making *m, size_t i)
{
	size_t d = m->in->job->devices.v[i];
	const struct devices *lost = &m->cut->alone[d];
	const char *text;

	if (plan_stays_up(m->in))
		return NULL;
	if (lost->n) {
		char *names = names_text(m->inv, lost->v, lost->n, MOST_NAMES);
		char *why = xasprintf(M_("it isolates %-s"), names);
		free(names);
		return why;
	}
	if ((text = only_one(m, d)))
		return xasprintf(M_("it is the only %s"), text);
	if ((text = said_by_procedure(m, i)))
		return xstrdup(text);
	/* the members of a unit take each other's work over: that is what the unit is for */
	if (!m->inv->links.n && !unit_of(m->in->procedure, m->inv, d))
		return xstrdup(M_("no links are known: nobody can tell who loses a path"));
	return NULL;
}

/* Devices with one reason are named together. */
static bool said_before(const struct plan *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(p->devices.v[k].not_hitless, p->devices.v[i].not_hitless))
			return true;
	return false;
}

static void put_reason(const struct plan *p, const struct inventory *inv, const char *reason,
		       struct str *out)
{
	struct devices who = {0};

	for (size_t i = 0; i < p->devices.n; i++)
		if (str_eq(p->devices.v[i].not_hitless, reason))
			VEC_PUSH(&who, p->devices.v[i].device);
	char *names = names_text(inv, who.v, who.n, MOST_NAMES), *why = said_new(reason);
	char *said_names = said_new(names);
	str_printf(out, "%s%s (%s)", out->len ? "; " : "", said_names, why);
	free(said_names);
	free(names);
	free(why);
	VEC_RELEASE(&who);
}

char *plan_hitless_text(const struct plan *p, const struct inventory *inv)
{
	struct str reasons = {0};
	size_t bad = 0, all = 0;

	if (p->hitless < 0)
		return NULL;
	for (size_t i = 0; i < p->devices.n; i++) {
		const char *reason = p->devices.v[i].not_hitless;
		all += !p->devices.v[i].left;
		bad += reason != NULL;
		if (reason && !said_before(p, i))
			put_reason(p, inv, reason, &reasons);
	}
	char *text = bad ? xasprintf(_("no, %zu of %zu: %s"), bad, all, str_text(&reasons))
			 : xstrdup(_("yes, by the plan: the traffic has other paths all the time"));
	str_release(&reasons);
	return text;
}
