/* SPDX-License-Identifier: ISC */
/*
 * plan_check(): is this plan, whoever made it, allowed? It walks the plan as it stands and knows
 * nothing of how plan_make() works; of its tools it uses only the walk over the whole graph.
 */
#include "config.h"

#include "plan/check_parts.h"

#include "base/i18n.h"
#include "model/unit.h"

/* --- who is in it
 * --------------------------------------------------------------------------------- */

int check_seat_batch(struct checking *c, const struct plan_batch *b, size_t number)
{
	if (!b->devices.n)
		return REFUSE(c, M_("batch %zu of the plan is empty"), number);
	for (size_t i = 0; i < b->devices.n; i++) {
		size_t d = b->devices.v[i];
		if (d >= c->inv->devices.n || c->seats[d].entry == NO_DEVICE)
			return REFUSE(c, M_("the plan has %s, which is not in the job"),
				      d < c->inv->devices.n ? check_name(c, d) : "?");
		if (c->seats[d].batch)
			return REFUSE(c, M_("the plan has %s twice"), check_name(c, d));
		c->seats[d].batch = number;
	}
	return 0;
}

int check_targets(struct checking *c)
{
	for (size_t i = 0; i < c->plan->devices.n; i++) {
		const struct plan_device *target = &c->plan->devices.v[i];
		if (target->device >= c->inv->devices.n ||
		    c->seats[target->device].entry == NO_DEVICE)
			return REFUSE(c, M_("the plan describes a device that is not in the job"));
		const char *version = job_version(c->in->job, target->device);
		if (target->to && version && strcmp(target->to, version))
			return REFUSE(c, M_("the plan takes %s to %s; the job asks for %s"),
				      check_name(c, target->device), target->to, version);
	}
	return 0;
}

void check_take_entries(struct checking *c)
{
	const struct job *job = c->in->job;
	const struct procedure *p = c->in->procedure;

	for (size_t i = 0; i < job->devices.n; i++) {
		size_t d = job->devices.v[i];
		const char *fact = c->in->facts && p->first_fact
				       ? values_get(&c->in->facts[i], p->first_fact)
				       : NULL;
		c->seats[d].entry = i;
		c->seats[d].left = plan_left_alone(c->in, i);
		c->seats[d].first = fact && str_eq(fact, p->first_value) && !c->seats[d].left;
	}
}

static int check_seats(struct checking *c)
{
	const struct job *job = c->in->job;
	size_t number = 0;

	check_take_entries(c);
	for (size_t i = 0; i < c->plan->stages.n; i++)
		for (size_t k = 0; k < c->plan->stages.v[i].batches.n; k++)
			if (check_seat_batch(c, &c->plan->stages.v[i].batches.v[k], ++number))
				return -1;
	for (size_t i = 0; i < job->devices.n; i++)
		if (!c->seats[job->devices.v[i]].batch)
			return REFUSE(c, M_("the plan leaves out %s"),
				      check_name(c, job->devices.v[i]));
	return check_targets(c);
}

/* --- order
 * ---------------------------------------------------------------------------------------- */

static size_t place_in(char **list, const char *role)
{
	size_t i = 0;

	while (list && list[i] && strcmp(list[i], role))
		i++;
	return i;
}

/* The stage that a device belongs to, as a number; roles that nobody listed: when first seen. */
static int rank_of(struct checking *c, size_t d, size_t *rank)
{
	const struct job *job = c->in->job;
	const char *role = c->inv->devices.v[d].role;
	char **order = job->order && job->order[0] ? job->order : c->in->procedure->roles;

	*rank = SIZE_MAX;
	if (!role || c->seats[d].left)
		return 0;
	*rank = place_in(order, role);
	if (order && order[*rank])
		return 0;
	if (c->in->procedure->unstaged_roles) {
		*rank = SIZE_MAX;
		return 0;
	}
	if (order == job->order)
		return REFUSE(c, M_("the order leaves out the role %s of %s"), role,
			      check_name(c, d));
	for (size_t i = 0; i < job->devices.n; i++) {
		if (str_eq(c->inv->devices.v[job->devices.v[i]].role, role)) {
			*rank += 1 + i;
			break;
		}
	}
	return 0;
}

static int check_order(struct checking *c)
{
	size_t last = 0, last_device = NO_DEVICE;

	for (size_t i = 0; i < c->plan->stages.n; i++) {
		const struct plan_stage *stage = &c->plan->stages.v[i];
		size_t here = NO_DEVICE, here_rank = 0;
		for (size_t k = 0; k < stage->batches.n; k++) {
			for (size_t j = 0; j < stage->batches.v[k].devices.n; j++) {
				size_t d = stage->batches.v[k].devices.v[j], rank;
				if (rank_of(c, d, &rank))
					return -1;
				if (here != NO_DEVICE && rank != here_rank)
					return REFUSE(c, M_("stage %s mixes roles: %s and %s"),
						      stage->name, check_name(c, here),
						      check_name(c, d));
				if (last_device != NO_DEVICE && rank < last)
					return REFUSE(c, M_("stage order: %s comes before %s"),
						      check_name(c, last_device), check_name(c, d));
				here = d;
				here_rank = rank;
			}
		}
		if (here == NO_DEVICE)
			continue;
		last = here_rank;
		last_device = here;
	}
	return 0;
}

/* --- groups
 * --------------------------------------------------------------------------------------- */

static int check_pair(struct checking *c, const struct group *group, size_t a, size_t b)
{
	const struct seat *x = &c->seats[a], *y = &c->seats[b];

	if (x->entry == NO_DEVICE || y->entry == NO_DEVICE || !x->batch || !y->batch || x->left ||
	    y->left)
		return 0;
	if (x->batch == y->batch)
		return REFUSE(c, M_("redundancy group %s: %s and %s are both in batch %zu"),
			      group->name, check_name(c, a), check_name(c, b), x->batch);
	if (x->first != y->first && x->first != (x->batch < y->batch))
		return REFUSE(c, M_("redundancy group %s: %s must go before %s (%s is %s)"),
			      group->name, check_name(c, x->first ? a : b),
			      check_name(c, x->first ? b : a), c->in->procedure->first_fact,
			      c->in->procedure->first_value);
	return 0;
}

int check_groups(struct checking *c)
{
	for (size_t i = 0; i < c->inv->groups.n; i++) {
		const struct group *group = &c->inv->groups.v[i];
		if (group == unit_of(c->in->procedure, c->inv, group->members.v[0]))
			continue;
		for (size_t a = 0; a < group->members.n; a++)
			for (size_t b = a + 1; b < group->members.n; b++)
				if (check_pair(c, group, group->members.v[a], group->members.v[b]))
					return -1;
	}
	return 0;
}

/* --- sizes
 * ---------------------------------------------------------------------------------------- */

static int check_roles(struct checking *c, const struct plan_batch *b, size_t number)
{
	for (size_t i = 0; i < b->devices.n; i++) {
		const char *role = c->inv->devices.v[b->devices.v[i]].role;
		size_t same = 0, limit = plan_role_limit(c->in, role);
		for (size_t k = 0; k < b->devices.n; k++)
			same += str_eq(c->inv->devices.v[b->devices.v[k]].role, role);
		if (same > limit)
			return REFUSE(
			    c, M_("batch %zu has %zu of role %s; at most %zu may be away at once"),
			    number, same, role, limit);
		if (same == b->devices.n)
			return 0;
	}
	return 0;
}

static int check_limits(struct checking *c, const struct plan_batch *b, size_t number)
{
	for (size_t i = 0; i < c->limits.n; i++) {
		size_t here = 0;
		for (size_t k = 0; k < b->devices.n; k++)
			here += limits_have(&c->limits, i, b->devices.v[k]);
		if (here > c->limits.most[i])
			return REFUSE(
			    c, M_("batch %zu has %zu of role %s; at most %zu may be away at once"),
			    number, here, c->limits.v[i].name, c->limits.most[i]);
	}
	return 0;
}

int check_sizes(struct checking *c, const struct plan_batch *b, size_t number)
{
	const struct job_kind *kind = plan_kind(c->in);
	size_t limit = c->in->job->batch_size > 0         ? (size_t)c->in->job->batch_size
		       : kind && kind->batch_size > 0     ? (size_t)kind->batch_size
		       : c->in->procedure->batch_size > 0 ? (size_t)c->in->procedure->batch_size
							  : 4;

	if (b->devices.n > limit)
		return REFUSE(c, M_("batch %zu has %zu devices; the batch size is %zu"), number,
			      b->devices.n, limit);
	if (number == 1 && c->in->job->canary && b->devices.n != 1)
		return REFUSE(c, M_("canary: the first batch must hold one device, not %zu"),
			      b->devices.n);
	if (plan_stays_up(c->in))
		return 0;
	return check_roles(c, b, number) || check_limits(c, b, number) ? -1 : 0;
}

int check_window(struct checking *c, const struct plan_batch *b, size_t number)
{
	const struct job *job = c->in->job;
	int64_t minutes = windows_longest(&job->windows, c->in->now) / 60000;

	for (size_t i = 0; job->windows.n && i < b->devices.n; i++) {
		size_t entry = c->seats[b->devices.v[i]].entry;
		int64_t need = plan_device_estimate(c->in, entry, false).p95_ms +
			       plan_device_estimate(c->in, entry, true).p95_ms;
		if (need > minutes * 60000)
			return REFUSE(
			    c,
			    M_("window: %s in batch %zu may need %lld minutes with its way "
			       "back; the window has %lld"),
			    check_name(c, b->devices.v[i]), number, (long long)(need / 60000),
			    (long long)minutes);
	}
	return 0;
}

/* --- paths
 * ---------------------------------------------------------------------------------------- */

static const struct devices *alone(struct checking *c, size_t d)
{
	if (!c->alone[d]) {
		bool *flags = xcalloc(c->g->n + 1, sizeof(*flags));
		flags[d] = true;
		c->alone[d] = xcalloc(1, sizeof(*c->alone[d]));
		graph_isolated(c->g, flags, c->alone[d]);
		free(flags);
	}
	return c->alone[d];
}

/* A member that touches a device which keeps its path has one too: no need to look further. */
static bool touches_rest(const struct checking *c, size_t d, const struct devices *lost)
{
	for (uint32_t i = c->g->from[d]; i < c->g->from[d + 1]; i++)
		if (!c->away[c->g->to[i]] && !devices_have(lost, c->g->to[i]))
			return true;
	return false;
}

static int check_members(struct checking *c, const struct plan_batch *b, size_t number,
			 const struct devices *lost)
{
	for (size_t i = 0; i < b->devices.n && b->devices.n > 1; i++) {
		size_t d = b->devices.v[i];
		struct devices others = {0};
		bool cut;
		if (touches_rest(c, d, lost))
			continue;
		c->away[d] = false;
		graph_isolated(c->g, c->away, &others);
		c->away[d] = true;
		cut = devices_have(&others, d);
		VEC_RELEASE(&others);
		if (cut)
			return REFUSE(
			    c, M_("paths: in batch %zu, %s is cut off by the others of its batch"),
			    number, check_name(c, d));
	}
	return 0;
}

static int check_lost(struct checking *c, const struct plan_batch *b, size_t number,
		      const struct devices *lost)
{
	for (size_t i = 0; i < lost->n; i++) {
		bool anyway = false;
		for (size_t k = 0; k < b->devices.n && !anyway; k++)
			anyway = devices_have(alone(c, b->devices.v[k]), lost->v[i]);
		if (!anyway)
			return REFUSE(
			    c, M_("paths: batch %zu isolates %s, and smaller batches would not"),
			    number, check_name(c, lost->v[i]));
	}
	return check_members(c, b, number, lost);
}

int check_paths(struct checking *c, const struct plan_batch *b, size_t number)
{
	struct devices lost = {0};
	int result;

	for (size_t i = 0; i < b->devices.n; i++)
		if (b->devices.v[i] == c->in->jump_host && b->devices.n > 1)
			return REFUSE(
			    c,
			    M_("paths: this machine hangs on %s, which must be alone in its "
			       "batch (it is in batch %zu)"),
			    check_name(c, b->devices.v[i]), number);
	for (size_t i = 0; i < b->devices.n; i++)
		c->away[b->devices.v[i]] = true;
	graph_isolated(c->g, c->away, &lost);
	result = check_lost(c, b, number, &lost);
	for (size_t i = 0; i < b->devices.n; i++)
		c->away[b->devices.v[i]] = false;
	VEC_RELEASE(&lost);
	return result;
}

/* --- units
 * ---------------------------------------------------------------------------------------- */

/* The member before this one of its unit; NO_DEVICE: it is the first, or there is no unit. */
static size_t first_of_unit(const struct checking *c, size_t d)
{
	const struct group *unit = unit_of(c->in->procedure, c->inv, d);

	return unit && unit->members.v[0] != d ? unit->members.v[0] : NO_DEVICE;
}

/* Units are whole and in one batch. From then on each counts as its first member: one is away at a
 * time, whichever. */
static int check_units(struct checking *c)
{
	for (size_t i = 0; i < c->in->job->devices.n; i++) {
		size_t d = c->in->job->devices.v[i], first = first_of_unit(c, d);
		if (first != NO_DEVICE && c->seats[first].batch != c->seats[d].batch)
			return REFUSE(c,
				      M_("%s and %s are upgraded as one (group %s) and must be "
					 "in one batch"),
				      check_name(c, first), check_name(c, d),
				      unit_of(c->in->procedure, c->inv, d)->name);
	}
	return 0;
}

static void leave_out_members(const struct checking *c, const struct plan_batch *from,
			      struct plan_batch *to)
{
	for (size_t i = 0; i < from->devices.n; i++)
		if (first_of_unit(c, from->devices.v[i]) == NO_DEVICE)
			VEC_PUSH(&to->devices, from->devices.v[i]);
}

static int check_batch(struct checking *c, const struct plan_batch *whole, size_t number, bool up)
{
	struct plan_batch b = {0};
	int result = check_window(c, whole, number);

	leave_out_members(c, whole, &b);
	if (!result)
		result = check_sizes(c, &b, number);
	if (!result && !up)
		result = check_paths(c, &b, number);
	VEC_RELEASE(&b.devices);
	return result;
}

/* All of it is left alone: nothing can be wrong with it. */
static bool left_alone(const struct checking *c, const struct plan_batch *b)
{
	for (size_t i = 0; i < b->devices.n; i++)
		if (!c->seats[b->devices.v[i]].left)
			return false;
	return true;
}

static int check_all(struct checking *c)
{
	size_t number = 0;

	if (plan_check_holds(c->in->job, c->plan, c->e))
		return -1;
	if (input_components(c->in))
		return check_components(c);

	bool up = plan_stays_up(c->in); /* then only who and how many is of importance */

	if (check_seats(c) || check_units(c) || (!up && (check_order(c) || check_groups(c))))
		return -1;
	for (size_t i = 0; i < c->plan->stages.n; i++) {
		for (size_t k = 0; k < c->plan->stages.v[i].batches.n; k++) {
			const struct plan_batch *b = &c->plan->stages.v[i].batches.v[k];
			number++;
			if (left_alone(c, b))
				continue;
			if (check_batch(c, b, number, up))
				return -1;
		}
	}
	return 0;
}

int plan_check(const struct plan_input *in, const struct plan *p, struct err *e)
{
	size_t n = in->job->inventory->devices.n + 1;
	struct checking c = {.in = in, .plan = p, .inv = in->job->inventory, .e = e};
	int result;

	c.g = graph_new(c.inv, in->jump_host);
	limits_make(&c.limits, in);
	c.seats = xcalloc(n, sizeof(*c.seats));
	c.away = xcalloc(n, sizeof(*c.away));
	c.alone = xcalloc(n, sizeof(*c.alone));
	for (size_t d = 0; d < n; d++)
		c.seats[d].entry = NO_DEVICE;
	result = check_all(&c);
	for (size_t d = 0; d < n; d++) {
		if (c.alone[d])
			VEC_RELEASE(c.alone[d]);
		free(c.alone[d]);
	}
	free(c.alone);
	free(c.away);
	free(c.seats);
	limits_release(&c.limits);
	graph_free(c.g);
	return result;
}

size_t plan_isolated(const struct inventory *inv, size_t jump_host, const bool *away, size_t **out)
{
	struct graph *g = graph_new(inv, jump_host);
	struct devices lost = {0};

	graph_isolated(g, away, &lost);
	graph_free(g);
	*out = lost.v;
	return lost.n;
}
