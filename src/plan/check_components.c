/* SPDX-License-Identifier: ISC */
/* plan_check() of a plan that goes component by component. */
#include "config.h"

#include "plan/check_parts.h"

#include "base/i18n.h"

/* Everybody who needs the component is in it, and nobody else. */
static int check_needed(struct checking *c, const struct component *of)
{
	const struct job *job = c->in->job;

	for (size_t i = 0; i < job->devices.n; i++) {
		size_t d = job->devices.v[i];
		bool needs = input_needs(c->in, i, of);
		if (needs && !c->seats[d].batch)
			return REFUSE(c, M_("the plan leaves %s out of %s"), check_name(c, d),
				      of->name);
		if (!needs && c->seats[d].batch)
			return REFUSE(c, M_("the plan has %s in %s, which it does not need"),
				      check_name(c, d), of->name);
	}
	return 0;
}

static int check_majority(struct checking *c, const struct plan_batch *b, size_t number)
{
	for (size_t i = 0; i < c->inv->groups.n && !quorum_accepted(c->in); i++) {
		const struct group *group = &c->inv->groups.v[i];
		size_t away = 0;
		for (size_t k = 0; k < group->members.n; k++)
			for (size_t j = 0; j < b->devices.n; j++)
				away += b->devices.v[j] == group->members.v[k];
		if (away > 0 && quorum_needed(c->in->procedure, group) && away > quorum_away(group))
			return REFUSE(
			    c,
			    M_("batch %zu takes %zu of %zu members of %s away; at most %zu "
			       "may be"),
			    number, away, group->members.n, group->name, quorum_away(group));
	}
	return 0;
}

static int check_component_batch(struct checking *c, const struct component *of,
				 const struct plan_batch *b, size_t number)
{
	if (check_seat_batch(c, b, number) || check_window(c, b, number))
		return -1;
	if (of->together)
		return 0;
	if (of->batch_size > 0 && b->devices.n > (size_t)of->batch_size)
		return REFUSE(c, M_("batch %zu has %zu devices; %s goes by %lld at most"), number,
			      b->devices.n, of->name, (long long)of->batch_size);
	if (of->batch_size <= 0 && check_sizes(c, b, number))
		return -1;
	return check_majority(c, b, number) || check_paths(c, b, number) ? -1 : 0;
}

static int check_component(struct checking *c, const struct plan_stage *s, size_t *number,
			   const struct component *last)
{
	const struct component *of = input_component(c->in, s);

	if (!of || (last && of <= last))
		return REFUSE(c, M_("stage %s is not where the order of the components has it"),
			      s->name);
	if (!str_eq(s->name, of->name) || !str_eq(s->no_return, of->no_return) ||
	    s->no_return_last != of->no_return_last ||
	    s->no_return_said != (of->no_return && input_said(c->in, of)))
		return REFUSE(c, M_("stage %s does not say what the procedure says of it"),
			      s->name);
	for (size_t d = 0; d < c->inv->devices.n; d++)
		c->seats[d].batch = 0;
	for (size_t k = 0; k < s->batches.n; k++)
		if (check_component_batch(c, of, &s->batches.v[k], ++*number))
			return -1;
	return check_needed(c, of) || (!of->together && check_groups(c)) ? -1 : 0;
}

int check_components(struct checking *c)
{
	const struct method *m = input_components(c->in);
	const struct component *last = NULL;
	size_t number = 0, at = 0;

	check_take_entries(c);
	for (size_t i = 0; i < m->n_components; i++) {
		const struct component *of = &m->components[i];
		bool needed = false;
		for (size_t k = 0; k < c->in->job->devices.n; k++)
			needed |= input_needs(c->in, k, of);
		if (!needed)
			continue;
		if (at == c->plan->stages.n)
			return REFUSE(c, M_("the plan leaves out the stage %s"), of->name);
		if (check_component(c, &c->plan->stages.v[at], &number, last))
			return -1;
		if (input_component(c->in, &c->plan->stages.v[at++]) != of)
			return REFUSE(c, M_("the plan leaves out the stage %s"), of->name);
		last = of;
	}
	if (at < c->plan->stages.n)
		return REFUSE(c, M_("stage %s is not where the order of the components has it"),
			      c->plan->stages.v[at].name);
	return check_targets(c);
}
