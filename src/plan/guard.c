/* SPDX-License-Identifier: ISC */
/* The rules at run time: may this device go away while those are? */
#include "config.h"

#include "plan/cut.h"
#include "plan/limits.h"
#include "plan/planner.h"

#include "base/i18n.h"

struct role_count {
	const char *role;
	size_t limit;
};

struct plan_guard {
	const struct inventory *inv;
	bool stays_up;
	size_t jump_host;
	struct graph *g;
	struct cut *cut;
	struct limits limits;
	VEC(struct role_count) roles;
	size_t *role;       /* device -> place in roles, or NO_DEVICE */
	struct devices set; /* who is away now */
	bool beside;        /* or will be: they are another job's */
};

static size_t role_number(struct plan_guard *g, const struct plan_input *in, const char *role)
{
	if (!role)
		return NO_DEVICE;
	for (size_t i = 0; i < g->roles.n; i++)
		if (!strcmp(g->roles.v[i].role, role))
			return i;
	VEC_PUSH(&g->roles, ((struct role_count){role, plan_role_limit(in, role)}));
	return g->roles.n - 1;
}

struct plan_guard *plan_guard_new(const struct plan_input *in)
{
	struct plan_guard *g = xcalloc(1, sizeof(*g));

	g->inv = in->job->inventory;
	g->stays_up = plan_stays_up(in);
	g->jump_host = in->jump_host;
	g->g = graph_new(g->inv, in->jump_host);
	g->cut = cut_new(g->g, NULL);
	limits_make(&g->limits, in);
	g->role = xcalloc(g->inv->devices.n + 1, sizeof(*g->role));
	for (size_t d = 0; d < g->inv->devices.n; d++)
		g->role[d] = role_number(g, in, g->inv->devices.v[d].role);
	return g;
}

void plan_guard_free(struct plan_guard *g)
{
	if (!g)
		return;
	cut_free(g->cut);
	graph_free(g->g);
	limits_release(&g->limits);
	VEC_RELEASE(&g->roles);
	VEC_RELEASE(&g->set);
	free(g->role);
	free(g);
}

static const char *name(const struct plan_guard *g, size_t d)
{
	return g->inv->devices.v[d].name;
}

static bool refuse(struct err *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool refuse(struct err *why, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	err_text(why, ERR_REFUSED, text);
	free(text);
	return false;
}

static bool groups_allow(const struct plan_guard *g, const bool *away, size_t d, struct err *why)
{
	for (uint32_t i = g->g->group_from[d]; i < g->g->group_from[d + 1]; i++) {
		const struct group *group = &g->inv->groups.v[g->g->group_of[i]];
		for (size_t k = 0; k < group->members.n; k++)
			if (group->members.v[k] != d && away[group->members.v[k]])
				return refuse(
				    why, M_("%s waits for %s: both are in the redundancy group %s"),
				    name(g, d), name(g, group->members.v[k]), group->name);
	}
	return true;
}

/* Those of another job may wait for its window, a day long. */
static bool too_many(const struct plan_guard *g, size_t d, size_t here, const char *role, size_t most,
		     struct err *why)
{
	if (g->beside)
		return refuse(why,
			      M_("%s waits: %zu of role %s are away or will be, at most %zu may be"),
			      name(g, d), here, role, most);
	return refuse(why, M_("%s waits: %zu of role %s are away, at most %zu may be"), name(g, d),
		      here, role, most);
}

void plan_guard_beside(struct plan_guard *g, bool others)
{
	g->beside = others;
}

static bool role_allows(const struct plan_guard *g, size_t d, struct err *why)
{
	size_t here = 0;

	if (g->role[d] == NO_DEVICE)
		return true;
	const struct role_count *r = &g->roles.v[g->role[d]];
	for (size_t i = 0; i < g->set.n; i++)
		here += g->role[g->set.v[i]] == g->role[d];
	if (here < r->limit)
		return true;
	return too_many(g, d, here, r->role, r->limit, why);
}

static bool in_set(const struct devices *a, size_t n, size_t d)
{
	for (size_t i = 0; i < n; i++)
		if (a->v[i] == d)
			return true;
	return false;
}

static bool limits_allow(const struct plan_guard *g, size_t d, struct err *why)
{
	const struct limits *l = &g->limits;

	for (size_t m = 0; m < l->n; m++) {
		size_t here = 0;
		if (!limits_have(l, m, d))
			continue;
		for (size_t i = 0; i < g->set.n; i++)
			here += limits_have(l, m, g->set.v[i]);
		if (here >= l->most[m])
			return too_many(g, d, here, l->v[m].name, l->most[m], why);
	}
	return true;
}

/* Something is cut off with d away too. It is d's doing if it is not so without d (a device that
 * has failed and broken a path must not stop the work everywhere else). */
static size_t new_victim(struct plan_guard *g, size_t d)
{
	struct devices before = {0}, after = {0};
	size_t n = g->set.n, victim = NO_DEVICE; /* the set without d, which is its last */

	cut_isolated(g->cut, g->set.v, n - 1, &before);
	cut_isolated(g->cut, g->set.v, n, &after);
	if (in_set(&before, before.n, d))
		victim = d;
	for (size_t i = 0; i < after.n && victim == NO_DEVICE; i++)
		if (!in_set(&before, before.n, after.v[i]) &&
		    !devices_have(&g->cut->alone[d], after.v[i]))
			victim = after.v[i];
	VEC_RELEASE(&before);
	VEC_RELEASE(&after);
	return victim;
}

/* A device that is being worked on and would lose its last path by d. */
static size_t stranded(struct plan_guard *g, size_t d)
{
	size_t n = g->set.n - 1, victim = NO_DEVICE;

	for (size_t i = 0; i < n && victim == NO_DEVICE; i++) {
		struct devices with = {0}, without = {0};
		size_t x = g->set.v[i];
		g->set.v[i] = g->set.v[n - 1]; /* take x out; d stays the last */
		g->set.v[n - 1] = d;
		cut_isolated(g->cut, g->set.v, n, &with);
		cut_isolated(g->cut, g->set.v, n - 1, &without);
		g->set.v[n - 1] = g->set.v[i];
		g->set.v[i] = x;
		if (devices_have(&with, x) && !devices_have(&without, x))
			victim = x;
		VEC_RELEASE(&with);
		VEC_RELEASE(&without);
	}
	return victim;
}

static bool paths_allow(struct plan_guard *g, size_t d, struct err *why)
{
	size_t victim;

	if (cut_together(g->cut, g->set.v, g->set.n))
		return true;
	victim = new_victim(g, d);
	if (victim == d)
		return refuse(why, M_("%s waits: it has no path left itself"), name(g, d));
	if (victim == NO_DEVICE)
		victim = stranded(g, d);
	if (victim == NO_DEVICE)
		return true;
	return refuse(why, M_("%s waits: without it, %s would be isolated"), name(g, d),
		      name(g, victim));
}

static bool jump_host_allows(const struct plan_guard *g, const bool *away, size_t d,
			     struct err *why)
{
	if (g->jump_host == NO_DEVICE)
		return true;
	if (away[g->jump_host])
		return refuse(why, M_("%s waits for %s: this machine is connected through it"),
			      name(g, d), name(g, g->jump_host));
	if (d == g->jump_host && g->set.n)
		return refuse(why, M_("%s waits for %s: this machine is connected through %s"),
			      name(g, d), name(g, g->set.v[0]), name(g, d));
	return true;
}

bool plan_may_start(struct plan_guard *g, const bool *away, size_t device, struct err *why)
{
	bool allowed;

	if (g->stays_up)
		return true;
	if (device >= g->inv->devices.n || g->inv->devices.v[device].anchor)
		return refuse(why, M_("%s must stay up"),
			      device < g->inv->devices.n ? name(g, device) : "?");
	g->set.n = 0;
	for (size_t d = 0; d < g->inv->devices.n; d++)
		if (away[d] && d != device)
			VEC_PUSH(&g->set, d);
	if (!groups_allow(g, away, device, why) || !role_allows(g, device, why) ||
	    !limits_allow(g, device, why) ||
	    !jump_host_allows(g, away, device, why))
		return false;
	VEC_PUSH(&g->set, device);
	allowed = paths_allow(g, device, why);
	return allowed;
}
