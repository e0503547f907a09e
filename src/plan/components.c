/* SPDX-License-Identifier: ISC */
/* Stages of a method that goes component by component, and the majority that a cluster lives on. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

bool quorum_needed(const struct procedure *p, const struct group *group)
{
	for (char **kind = p->quorum_kinds; kind && *kind; kind++)
		if (str_eq(*kind, group->kind))
			return true;
	return false;
}

size_t quorum_away(const struct group *group)
{
	return (group->members.n - 1) / 2;
}

bool quorum_accepted(const struct plan_input *in)
{
	const char *name = in->procedure->quorum_accept;

	return name && str_eq(values_get(&in->job->parameters, name), "yes");
}

bool input_said(const struct plan_input *in, const struct component *c)
{
	return c->no_return_ask && str_eq(values_get(&in->job->parameters, c->no_return_ask), "no");
}

static bool has_member(const struct plan_input *in, const struct group *group)
{
	for (size_t i = 0; i < in->job->devices.n; i++)
		for (size_t k = 0; k < group->members.n; k++)
			if (group->members.v[k] == in->job->devices.v[i])
				return true;
	return false;
}

/* A cluster of one or two cannot lose a member without losing its majority. */
static int check_quorum(const struct plan_input *in, struct err *e)
{
	const struct inventory *inv = in->job->inventory;

	for (size_t i = 0; i < inv->groups.n && !quorum_accepted(in); i++) {
		const struct group *group = &inv->groups.v[i];
		size_t n = group->members.n;
		if (!quorum_needed(in->procedure, group) || n > 2 || !has_member(in, group))
			continue;
		return err_set(e, ERR_REFUSED,
			       M_("%s has %zu members: while one is away it has no majority, and what "
				  "it does stops; accept that with --set %s=yes, or add members first"),
			       group->name, n, in->procedure->quorum_accept);
	}
	return 0;
}

/* A device that no component is about would be left out without a word. */
static int check_all_needed(const struct plan_input *in, const struct stages *s, struct err *e)
{
	for (size_t i = 0; i < in->job->devices.n; i++) {
		size_t d = in->job->devices.v[i];
		bool found = false;
		for (size_t k = 0; k < s->n && !found; k++)
			found = devices_have(&s->v[k].devices, d);
		if (!found)
			return err_set(e, ERR_REFUSED,
				       M_("%s (role %s) needs none of the components of procedure %s; "
					  "leave it out, or give it another role"),
				       device_name(in->job->inventory, d),
				       in->job->inventory->devices.v[d].role
					   ? in->job->inventory->devices.v[d].role
					   : "-",
				       in->procedure->id);
	}
	return 0;
}

int components_make(const struct plan_input *in, struct stages *out, struct err *e)
{
	const struct method *m = input_components(in);

	if (in->job->order && in->job->order[0])
		return err_set(e, ERR_INPUT,
			       M_("order: procedure %s goes component by component; their order is "
				  "its own, leave --order out"),
			       in->procedure->id);
	if (check_quorum(in, e))
		return -1;
	for (size_t c = 0; c < m->n_components; c++) {
		struct stage_of stage = {.component = &m->components[c]};
		for (size_t i = 0; i < in->job->devices.n; i++)
			if (input_needs(in, i, stage.component))
				VEC_PUSH(&stage.devices, in->job->devices.v[i]);
		if (stage.devices.n)
			VEC_PUSH(out, stage);
	}
	return check_all_needed(in, out, e);
}
