/* SPDX-License-Identifier: ISC */
/*
 * The proof sheet of each batch: what is claimed, whether it holds, and the figures or the
 * counter-example. Every line is counted from the finished batch, not taken from how it was made.
 */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

/* Work that "one more device fails" may cost for the whole plan (batches x graph). Above, only the
 * neighbours of a batch are looked at, and the line says so. */
#define WORK_LIMIT 30000000u

struct proof {
	struct making *m;
	struct plan_batch *b;
	const char *role;
	const struct component *component; /* NULL: the plan goes by roles */
	bool *away;          /* flags of this batch */
	struct devices lost; /* isolated by this batch */
	uint32_t *whole;     /* parts without each device, nobody away */
	uint32_t *parts;     /* the same without this batch */
	size_t *seen;        /* device -> number of the batch it was last looked at in */
	const struct plan_stage *stage;
	size_t at; /* number of the batch in it */
	struct plan_guard *guard;
	size_t number;
	bool exact;
};

void proof_line(struct plan_batch *b, bool holds, char *claim, char *detail)
{
	VEC_PUSH(&b->proof, ((struct plan_line){claim, holds, detail}));
}

static const char *name(const struct proof *p, size_t d)
{
	return device_name(p->m->inv, d);
}

static void prove_groups(struct proof *p)
{
	const struct graph *g = p->m->g;
	char *broken = NULL;
	size_t touched = 0;

	for (size_t i = 0; i < p->b->devices.n; i++) {
		size_t d = p->b->devices.v[i];
		for (uint32_t k = g->group_from[d]; k < g->group_from[d + 1]; k++) {
			const struct group *group = &p->m->inv->groups.v[g->group_of[k]];
			touched++;
			for (size_t o = 0; o < group->members.n && !broken; o++)
				if (group->members.v[o] != d && p->away[group->members.v[o]])
					broken =
					    xasprintf(M_("%s and %s are both in %s"), name(p, d),
						      name(p, group->members.v[o]), group->name);
		}
	}
	proof_line(p->b, !broken, xstrdup(M_("redundancy groups apart")),
		   broken    ? broken
		   : touched ? xasprintf(M_("one member away in each of %zu groups"), touched)
			     : xstrdup(M_("no device of this batch is in a group")));
}

static void prove_role(struct proof *p)
{
	size_t limit = plan_role_limit(p->m->in, p->role), all = 0;
	const struct inventory *inv = p->m->inv;

	if (!p->role || limit == SIZE_MAX)
		return;
	for (size_t d = 0; d < inv->devices.n; d++)
		all += str_eq(inv->devices.v[d].role, p->role);
	proof_line(p->b, p->b->devices.n <= limit,
		   xasprintf(M_("at most %zu of role %s at once"), limit, p->role),
		   xasprintf(M_("%zu of %zu"), p->b->devices.n, all));
}

/* Those that no device of the batch is under are not spoken of. */
static void prove_limits(struct proof *p)
{
	const struct limits *l = &p->m->limits;

	for (size_t i = 0; i < l->n; i++) {
		size_t here = 0;
		for (size_t k = 0; k < p->b->devices.n; k++)
			here += limits_have(l, i, p->b->devices.v[k]);
		if (here)
			proof_line(p->b, here <= l->most[i],
				   xasprintf(M_("at most %zu of role %s at once"), l->most[i],
					     l->v[i].name),
				   xasprintf(M_("%zu of %zu"), here, l->here[i]));
	}
}

static void prove_paths(struct proof *p)
{
	const size_t *v = p->b->devices.v;
	size_t n = p->b->devices.n, others = p->m->inv->devices.n - n;
	bool alone = false;
	char *names;

	for (size_t i = 0; i < n; i++)
		alone |= p->m->cut->alone[v[i]].n > 0;
	if (alone || !cut_together(p->m->cut, v, n))
		cut_isolated(p->m->cut, v, n, &p->lost);
	names = names_text(p->m->inv, p->lost.v, p->lost.n, 6);
	proof_line(p->b, !p->lost.n, xstrdup(M_("every other device keeps a path")),
		   p->lost.n ? xasprintf(M_("isolated: %-s"), names)
			     : xasprintf(M_("%zu other devices"), others));
	free(names);
}

/* Links of d upwards (to roles nearer the core), all and those left. */
static void uplinks(const struct proof *p, size_t d, size_t *all, size_t *left)
{
	const struct graph *g = p->m->g;

	*all = *left = 0;
	for (uint32_t i = g->from[d]; i < g->from[d + 1]; i++) {
		if (p->m->rank[g->to[i]] >= p->m->rank[d])
			continue;
		++*all;
		*left += !p->away[g->to[i]];
	}
}

static void prove_uplinks(struct proof *p)
{
	const struct graph *g = p->m->g;
	size_t worst = NO_DEVICE, worst_all = 0, worst_left = SIZE_MAX;

	for (size_t i = 0; i < p->b->devices.n; i++) {
		size_t d = p->b->devices.v[i];
		for (uint32_t k = g->from[d]; k < g->from[d + 1]; k++) {
			size_t v = g->to[k], all, left;
			if (p->away[v] || p->seen[v] == p->number)
				continue;
			p->seen[v] = p->number;
			uplinks(p, v, &all, &left);
			if (left == all || left > worst_left || (left == worst_left && v > worst))
				continue;
			worst = v;
			worst_all = all;
			worst_left = left;
		}
	}
	if (worst == NO_DEVICE) {
		proof_line(p->b, true, xstrdup(M_("nobody else loses an uplink")), xstrdup(""));
		return;
	}
	const char *role = p->m->inv->devices.v[worst].role;
	proof_line(p->b, worst_left > 0,
		   xasprintf(M_("at least %zu uplinks stay at every %-s"), worst_left,
			     role ? role : M_("neighbor")),
		   xasprintf(M_("%s keeps %zu of %zu"), name(p, worst), worst_left, worst_all));
}

/* --- one more device fails
 * ------------------------------------------------------------------------ */

/* The one device that all remaining links of v go to; NO_DEVICE when there are more, or none. */
static size_t last_neighbor(const struct proof *p, size_t v)
{
	const struct graph *g = p->m->g;
	size_t last = NO_DEVICE;

	for (uint32_t i = g->from[v]; i < g->from[v + 1]; i++) {
		size_t n = g->to[i];
		if (p->away[n] || n == last)
			continue;
		if (last != NO_DEVICE)
			return NO_DEVICE;
		last = n;
	}
	return last;
}

static bool weak_neighbor(const struct proof *p, size_t *fails, size_t *victim)
{
	const struct graph *g = p->m->g;

	for (size_t i = 0; i < p->b->devices.n; i++) {
		size_t d = p->b->devices.v[i];
		for (uint32_t k = g->from[d]; k < g->from[d + 1]; k++) {
			size_t v = g->to[k], last = p->away[v] ? NO_DEVICE : last_neighbor(p, v);
			if (last == NO_DEVICE || devices_have(&p->lost, v) ||
			    devices_have(&p->m->cut->alone[last], v))
				continue;
			*fails = last;
			*victim = v;
			return true;
		}
	}
	return false;
}

/* Whom does f isolate now that it would not isolate with everybody there? */
static size_t new_victim(struct proof *p, size_t f)
{
	struct devices lost = {0};
	size_t victim = NO_DEVICE;

	p->away[f] = true;
	graph_isolated(p->m->g, p->away, &lost);
	p->away[f] = false;
	for (size_t i = 0; i < lost.n && victim == NO_DEVICE; i++)
		if (!devices_have(&p->lost, lost.v[i]) &&
		    !devices_have(&p->m->cut->alone[f], lost.v[i]))
			victim = lost.v[i];
	VEC_RELEASE(&lost);
	return victim;
}

/* A device without which the rest falls into more parts than it would with everybody there. */
static bool weak_anywhere(struct proof *p, size_t *fails, size_t *victim)
{
	graph_articulation(p->m->g, p->away, p->parts);
	for (size_t f = 0; f < p->m->g->n; f++) {
		if (p->away[f] || p->parts[f] <= p->whole[f] || p->parts[f] < 2)
			continue;
		*victim = new_victim(p, f);
		*fails = f;
		if (*victim != NO_DEVICE)
			return true;
	}
	return false;
}

static void prove_one_more(struct proof *p)
{
	size_t fails, victim;
	bool weak =
	    weak_neighbor(p, &fails, &victim) || (p->exact && weak_anywhere(p, &fails, &victim));

	proof_line(
	    p->b, !weak, xstrdup(M_("still true if any one more device fails")),
	    weak ? xasprintf(M_("if %s fails too, %s is isolated"), name(p, fails), name(p, victim))
	    : p->exact ? xasprintf(M_("%zu failures tried"), p->m->inv->devices.n - p->b->devices.n)
		       : xstrdup(M_("neighbors of the batch only: the network is large")));
}

/* --- all of them
 * ---------------------------------------------------------------------------------- */

static void prove_size(struct proof *p)
{
	proof_line(p->b, p->b->devices.n <= p->m->batch_size,
		   xasprintf(M_("at most %zu devices in a batch"), p->m->batch_size),
		   xasprintf("%zu", p->b->devices.n));
}

/* --- a cluster keeps its majority ------------------------------------------------------------- */

static size_t members_away(const struct proof *p, const struct group *group)
{
	size_t n = 0;

	for (size_t k = 0; k < group->members.n; k++)
		n += p->away[group->members.v[k]];
	return n;
}

static void prove_quorum(struct proof *p)
{
	for (size_t i = 0; i < p->m->inv->groups.n; i++) {
		const struct group *group = &p->m->inv->groups.v[i];
		size_t away = members_away(p, group), most = quorum_away(group);
		bool accepted = away > most && quorum_accepted(p->m->in);
		if (!away || !quorum_needed(p->m->in->procedure, group))
			continue;
		proof_line(p->b, away <= most,
			   xasprintf(M_("%s keeps its majority"), group->name),
			   accepted ? xasprintf(M_("%zu of %zu away, at most %zu may be: the outage is "
						   "accepted (%s)"),
						away, group->members.n, most,
						p->m->in->procedure->quorum_accept)
				    : xasprintf(M_("%zu of %zu away, at most %zu may be"), away,
						group->members.n, most));
	}
}

/* Of a component: who stays up, whose members go together, and whose majority stays. */
static void prove_component(struct proof *p)
{
	const struct component *c = p->component;

	if (c->gate) {
		proof_line(p->b, true, xstrdup(M_("every device stays up")),
			   xstrdup(M_("this stage only looks")));
	} else if (c->together) {
		proof_line(p->b, true, xstrdup(M_("all at once, also members of one group")),
			   xasprintf(M_("%s is done everywhere at once, the procedure says"), c->title));
	} else {
		prove_groups(p);
		prove_quorum(p);
	}
}

/* Who loses a path. Members of a cluster without links carry nobody else's traffic. */
static void prove_network(struct proof *p)
{
	bool links = p->m->inv->links.n > 0;

	if (p->component && (!links || p->component->together))
		return;
	if (!links) {
		proof_line(p->b, false, xstrdup(M_("no links known: paths not proven")),
			   xstrdup(M_("add links to the inventory")));
		return;
	}
	prove_paths(p);
	prove_uplinks(p);
	prove_one_more(p);
}

static void prove(struct proof *p)
{
	if (p->m->left[p->b->devices.v[0]]) {
		proof_line(p->b, true, xstrdup(M_("nothing is done on these devices")),
			   xstrdup(M_("it runs the target version already")));
		return;
	}
	if (plan_stays_up(p->m->in)) {
		proof_line(p->b, true, xstrdup(_("every device stays up")),
			   xstrdup(_("no step of this kind of job reboots it")));
		prove_size(p);
		return;
	}
	for (size_t i = 0; i < p->b->devices.n; i++)
		p->away[p->b->devices.v[i]] = true;
	if (p->component) {
		prove_component(p);
	} else {
		prove_groups(p);
		prove_role(p);
		prove_limits(p);
	}
	prove_network(p);
	if (!p->component)
		prove_size(p);
	bound_line(p->m, p->stage, p->at, p->away, &p->guard);
	for (size_t i = 0; i < p->b->devices.n; i++)
		p->away[p->b->devices.v[i]] = false;
	VEC_RELEASE(&p->lost);
}

void proof_make(struct making *m)
{
	size_t n = m->g->n + 1, graph = m->g->n + m->g->from[m->g->n];
	struct proof p = {.m = m};

	p.exact = plan_batches(m->plan) * graph <= WORK_LIMIT;
	p.away = xcalloc(n, sizeof(*p.away));
	p.whole = xcalloc(n, sizeof(*p.whole));
	p.parts = xcalloc(n, sizeof(*p.parts));
	p.seen = xcalloc(n, sizeof(*p.seen));
	graph_articulation(m->g, NULL, p.whole);
	for (size_t i = 0; i < m->plan->stages.n; i++) {
		struct plan_stage *stage = &m->plan->stages.v[i];
		p.component = input_component(m->in, stage);
		for (size_t k = 0; k < stage->batches.n; k++) {
			p.b = &stage->batches.v[k];
			p.stage = stage;
			p.at = k;
			p.role = m->inv->devices.v[p.b->devices.v[0]].role;
			p.number++;
			prove(&p);
		}
	}
	plan_guard_free(p.guard);
	free(p.away);
	free(p.whole);
	free(p.parts);
	free(p.seen);
}
