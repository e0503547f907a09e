/* SPDX-License-Identifier: ISC */
/* What the operator should know before the job starts: plan->warnings. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

#include <stdlib.h>

#define MOST_NAMES 12

void warn(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	VEC_PUSH(&p->warnings, xvasprintf(fmt, ap));
	va_end(ap);
}

/* The first line is word for word what operators know and search for; the second says what to do.
 */
static void warn_isolates(struct making *m, size_t d)
{
	const struct devices *lost = &m->cut->alone[d];
	const char *noun = m->in->procedure->noun ? m->in->procedure->noun : M_("switch");
	char *names = names_text(m->inv, lost->v, lost->n, MOST_NAMES);
	struct devices ours = {0};

	warn(m->plan,
	     M_("%s %-s cannot be upgraded without isolating %-s which are connected neighbors. "
		"Unable to upgrade"),
	     device_name(m->inv, d), noun, names);
	warn(m->plan,
	     M_("%-s will be isolated while %s is upgraded, making them unreachable. Give them a "
		"second path, or leave %s out of the job."),
	     names, device_name(m->inv, d), device_name(m->inv, d));
	for (size_t i = 0; i < lost->n; i++)
		if (m->entry[lost->v[i]] != NO_DEVICE)
			VEC_PUSH(&ours, lost->v[i]);
	if (ours.n) {
		char *again = names_text(m->inv, ours.v, ours.n, MOST_NAMES);
		warn(m->plan,
		     M_("In this job too: %-s. They have batches of their own; whoever cannot be "
			"reached when its turn comes fails without having been touched."),
		     again);
		free(again);
	}
	VEC_RELEASE(&ours);
	free(names);
}

static void warn_links(struct making *m)
{
	const struct job *job = m->in->job;
	struct devices bare = {0};

	if (!m->inv->links.n && input_components(m->in))
		return; /* members of a cluster carry nobody else's traffic */
	if (!m->inv->links.n) {
		warn(m->plan, M_("The inventory has no links: nobody can tell who loses a path. "
				 "Import them (topology file or discovery) before you rely on "
				 "this plan."));
		return;
	}
	for (size_t i = 0; i < job->devices.n; i++)
		if (!graph_degree(m->g, job->devices.v[i]))
			VEC_PUSH(&bare, job->devices.v[i]);
	if (bare.n) {
		char *names = names_text(m->inv, bare.v, bare.n, MOST_NAMES);
		warn(m->plan,
		     M_("No links are known of %-s: who loses a path with them cannot be told."),
		     names);
		free(names);
	}
	VEC_RELEASE(&bare);
}

static void warn_jump_host(struct making *m)
{
	size_t d = m->in->jump_host;

	if (d != NO_DEVICE && m->entry[d] != NO_DEVICE)
		warn(m->plan,
		     M_("This machine is connected through %s: while it is upgraded no device can "
			"be "
			"reached, so it has a batch of its own."),
		     device_name(m->inv, d));
}

/* Groups of which two or more members are in the job, and none is known to go first. */
static void warn_unordered(struct making *m)
{
	const struct procedure *p = m->in->procedure;
	struct str names = {0};
	size_t n = 0;

	for (size_t i = 0; m->in->facts && p->first_fact && i < m->inv->groups.n; i++) {
		const struct group *group = &m->inv->groups.v[i];
		size_t here = 0, first = 0;
		for (size_t k = 0; k < group->members.n; k++) {
			here += m->entry[group->members.v[k]] != NO_DEVICE;
			first += m->first[group->members.v[k]];
		}
		if (here < 2 || first || ++n > MOST_NAMES)
			continue;
		str_printf(&names, "%s%s", names.len ? ", " : "", group->name);
	}
	if (n > MOST_NAMES)
		names_more(&names, n - MOST_NAMES);
	if (n)
		warn(m->plan,
		     M_("No member is known to go first (%s: %s) in %-s; their order is that of "
			"the inventory."),
		     p->first_fact, p->first_value, str_text(&names));
	str_release(&names);
}

/* What users feel is said before anybody says yes. */
static void warn_impact(struct making *m)
{
	for (size_t i = 0; i < m->plan->stages.n; i++) {
		const struct component *c = input_component(m->in, &m->plan->stages.v[i]);
		if (c && c->impact)
			warn(m->plan, M_("From stage %zu (%s) on: %-s."), i + 1,
			     m->plan->stages.v[i].name, c->impact);
	}
}

/* Members of a cluster that are left out, when others of it go through its components. */
static void warn_left_out(struct making *m)
{
	for (size_t i = 0; i < m->inv->groups.n; i++) {
		const struct group *group = &m->inv->groups.v[i];
		struct devices out = {0};
		for (size_t k = 0; k < group->members.n; k++)
			if (m->entry[group->members.v[k]] == NO_DEVICE)
				VEC_PUSH(&out, group->members.v[k]);
		char *names = names_text(m->inv, out.v, out.n, MOST_NAMES);
		if (out.n && out.n < group->members.n && input_components(m->in) &&
		    quorum_needed(m->in->procedure, group))
			warn(m->plan,
			     M_("Not in the job: %s of %s. The members of a cluster have to run the "
				"same versions: what is done on the others waits for it."),
			     names, group->name);
		free(names);
		VEC_RELEASE(&out);
	}
}

/* What cannot be undone is said before anybody says yes; it is asked again when it comes. */
static void warn_no_return(struct making *m)
{
	for (size_t i = 0; i < m->plan->stages.n; i++) {
		const struct plan_stage *s = &m->plan->stages.v[i];
		if (s->no_return && s->no_return_said)
			warn(m->plan,
			     M_("Point of no return: stage %zu (%s). %-s. You are not asked again."),
			     i + 1, s->name, s->no_return);
		else if (s->no_return && s->no_return_last)
			warn(m->plan,
			     M_("Point of no return: the last device of stage %zu (%s). %-s. You are asked "
				"before it begins."),
			     i + 1, s->name, s->no_return);
		else if (s->no_return)
			warn(m->plan,
			     M_("Point of no return: stage %zu (%s). %-s. You are asked before it "
				"begins."),
			     i + 1, s->name, s->no_return);
	}
}

/* A hold after which there is nothing to hold. */
static void warn_holds(struct making *m)
{
	size_t last = m->plan->stages.n - 1;

	for (char *const *name = m->in->job->hold_after; name && *name; name++) {
		char *end;
		unsigned long number = strtoul(*name, &end, 10);
		if (*end ? str_eq(m->plan->stages.v[last].name, *name) : number == last + 1)
			warn(m->plan,
			     M_("Hold after stage %s: it is the last one, nothing comes after it."),
			     *name);
	}
}

void warnings_make(struct making *m)
{
	size_t n = plan_batches(m->plan);

	if (m->plan->stages.n)
		warn_holds(m);
	if (plan_stays_up(m->in))
		return;
	for (size_t i = 0; i < m->in->job->devices.n; i++)
		if (!m->left[m->in->job->devices.v[i]] &&
		    m->cut->alone[m->in->job->devices.v[i]].n)
			warn_isolates(m, m->in->job->devices.v[i]);
	warn_links(m);
	warn_impact(m);
	warn_no_return(m);
	warn_left_out(m);
	warn_jump_host(m);
	warn_unordered(m);
	if (n > m->plan->lower_bound)
		warn(m->plan,
		     M_("The plan has %zu batches; groups and sizes alone would allow %zu: paths, "
			"or "
			"groups that share devices, keep the others apart."),
		     n, m->plan->lower_bound);
}
