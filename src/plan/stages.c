/* SPDX-License-Identifier: ISC */
/* Which stages, in which order, and who is in them. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

static struct stage_of *find_stage(struct stages *s, const char *role)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].role, role))
			return &s->v[i];
	return NULL;
}

static void add_stage(struct stages *s, const char *role)
{
	VEC_PUSH(s, ((struct stage_of){.role = role}));
}

static bool role_known(const struct plan_input *in, const char *role)
{
	for (size_t i = 0; in->procedure->roles && in->procedure->roles[i]; i++)
		if (!strcmp(in->procedure->roles[i], role))
			return true;
	for (size_t d = 0; d < in->job->inventory->devices.n; d++)
		if (str_eq(in->job->inventory->devices.v[d].role, role))
			return true;
	return false;
}

/* The order that the operator gave: each role once, and each one that exists. */
static int order_given(const struct plan_input *in, struct stages *out, struct err *e)
{
	for (char **role = in->job->order; *role; role++) {
		if (find_stage(out, *role))
			return err_set(e, ERR_INPUT, M_("order: the role \"%s\" is named twice"),
				       *role);
		if (!role_known(in, *role))
			return err_set(e, ERR_INPUT,
				       M_("order: no device has the role \"%s\"; see the roles "
					  "with `hitless inventory list`"),
				       *role);
		add_stage(out, *role);
	}
	return 0;
}

/* Put every device in its stage. Roles nobody ordered: new stages if that is allowed, else told. */
static void place_devices(const struct plan_input *in, struct stages *out, bool may_add,
			  struct devices *left_out, struct devices *no_role)
{
	const struct job *job = in->job;

	for (size_t i = 0; i < job->devices.n; i++) {
		size_t d = job->devices.v[i];
		const char *role = job->inventory->devices.v[d].role;
		if (plan_left_alone(in, i))
			continue;
		if (!role || (in->procedure->unstaged_roles && !find_stage(out, role))) {
			VEC_PUSH(no_role, d);
			continue;
		}
		if (!find_stage(out, role)) {
			if (!may_add) {
				VEC_PUSH(left_out, d);
				continue;
			}
			add_stage(out, role);
		}
		VEC_PUSH(&find_stage(out, role)->devices, d);
	}
}

static int refuse_left_out(const struct plan_input *in, const struct devices *left_out,
			   struct err *e)
{
	const struct inventory *inv = in->job->inventory;
	struct stages missing = {0};
	struct str roles = {0}, write = {0};
	char *names = names_text(inv, left_out->v, left_out->n, 4);

	for (size_t i = 0; i < left_out->n; i++)
		if (!find_stage(&missing, inv->devices.v[left_out->v[i]].role))
			add_stage(&missing, inv->devices.v[left_out->v[i]].role);
	for (char **role = in->job->order; *role; role++)
		str_printf(&write, "%s,", *role);
	for (size_t i = 0; i < missing.n; i++) {
		str_printf(&roles, "%s%s", i ? ", " : "", missing.v[i].role);
		str_printf(&write, "%s%s", i ? "," : "", missing.v[i].role);
	}
	err_set(e, ERR_INPUT,
		M_("order: it leaves out the role %s, which %-s has; write for example --order %s"),
		str_text(&roles), names, str_text(&write));
	free(names);
	str_release(&roles);
	str_release(&write);
	VEC_RELEASE(&missing);
	return -1;
}

static void drop_empty(struct stages *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].devices.n)
			s->v[kept++] = s->v[i];
	s->n = kept;
}

/* The last stage: devices on which nothing is done. */
static void add_left(const struct plan_input *in, struct stages *out)
{
	struct stage_of left = {.left = true};

	for (size_t i = 0; i < in->job->devices.n; i++)
		if (plan_left_alone(in, i))
			VEC_PUSH(&left.devices, in->job->devices.v[i]);
	if (left.devices.n)
		VEC_PUSH(out, left);
}

static bool all_left(const struct plan_input *in)
{
	for (size_t i = 0; i < in->job->devices.n; i++)
		if (!plan_left_alone(in, i))
			return false;
	return true;
}

/* Nobody goes down: who is first does not matter. */
static void one_stage(const struct plan_input *in, struct stages *out)
{
	struct stage_of all = {0};

	for (size_t i = 0; i < in->job->devices.n; i++)
		if (!plan_left_alone(in, i))
			VEC_PUSH(&all.devices, in->job->devices.v[i]);
	if (all.devices.n)
		VEC_PUSH(out, all);
	add_left(in, out);
}

int stages_make(const struct plan_input *in, struct stages *out, struct err *e)
{
	bool given = in->job->order && in->job->order[0];
	struct devices left_out = {0}, no_role = {0};
	int result = 0;

	if (plan_stays_up(in)) {
		one_stage(in, out);
		return 0;
	}
	if (input_components(in))
		return components_make(in, out, e);
	if (given && order_given(in, out, e))
		return -1;
	for (size_t i = 0; !given && in->procedure->roles && in->procedure->roles[i]; i++)
		add_stage(out, in->procedure->roles[i]);
	place_devices(in, out, !given, &left_out, &no_role);
	drop_empty(out);
	if (left_out.n)
		result = refuse_left_out(in, &left_out, e);
	else if (given && !out->n && !all_left(in))
		result =
		    err_set(e, ERR_INPUT,
			    M_("order: no chosen device has a role; leave --order out, or give "
			       "the devices their roles first"));
	if (no_role.n) {
		add_stage(out, NULL);
		out->v[out->n - 1].devices = no_role;
	}
	add_left(in, out);
	VEC_RELEASE(&left_out);
	return result;
}

void stages_release(struct stages *s)
{
	for (size_t i = 0; i < s->n; i++)
		VEC_RELEASE(&s->v[i].devices);
	VEC_RELEASE(s);
}

int plan_check_order(const struct job *job, const struct procedure *p, struct err *e)
{
	struct plan_input in = {.job = job, .procedure = p, .jump_host = NO_DEVICE};
	struct stages stages = {0};
	int rc = job->order && job->order[0] ? stages_make(&in, &stages, e) : 0;
	stages_release(&stages);
	return rc;
}
