/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/unit.h"

#include "base/str.h"

static bool has(const size_t *list, size_t n, size_t device)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == device)
			return true;
	return false;
}

const struct group *unit_of(const struct procedure *p, const struct inventory *inv, size_t device)
{
	for (size_t i = 0; p->unit_kind && i < inv->groups.n; i++) {
		const struct group *g = &inv->groups.v[i];
		if (str_eq(g->kind, p->unit_kind) && has(g->members.v, g->members.n, device))
			return g;
	}
	return NULL;
}

bool unit_leads(const struct procedure *p, const struct values *facts)
{
	const char *now = p->lead_fact ? values_get(facts, p->lead_fact) : NULL;
	return now && str_eq(now, p->lead_value);
}

struct task_view *unit_leader(const struct jobview *v, const struct task_view *t)
{
	const struct group *unit = unit_of(v->procedure, v->job->inventory, t->device);
	struct task_view *first = NULL, *leads = NULL;
	size_t n = 0;
	for (size_t i = 0; unit && i < v->tasks.n; i++) {
		struct task_view *o = &v->tasks.v[i];
		if (!has(unit->members.v, unit->members.n, o->device))
			continue;
		first = first ? first : o;
		if (!unit_leads(v->procedure, &o->facts))
			continue;
		leads = leads ? leads : o;
		n++;
	}
	return n == 1 ? leads : first ? first : (struct task_view *)t;
}

bool unit_follows(const struct jobview *v, const struct task_view *t)
{
	return v->procedure->unit_kind && unit_leader(v, t) != t;
}

bool unit_same(const struct jobview *v, const struct task_view *a, const struct task_view *b)
{
	const struct group *unit = unit_of(v->procedure, v->job->inventory, a->device);
	return unit && unit == unit_of(v->procedure, v->job->inventory, b->device);
}

size_t unit_missing(const struct procedure *p, const struct inventory *inv, const size_t *devices,
		    size_t n, size_t *of)
{
	for (size_t i = 0; p->unit_kind && i < n; i++) {
		const struct group *unit = unit_of(p, inv, devices[i]);
		for (size_t m = 0; unit && m < unit->members.n; m++) {
			if (has(devices, n, unit->members.v[m]))
				continue;
			if (of)
				*of = devices[i];
			return unit->members.v[m];
		}
	}
	return NO_DEVICE;
}

char *const *unit_steps(const struct jobview *v, const struct task_view *t, enum pass pass)
{
	const struct method *m = jobview_method(v);
	if (pass == PASS_UPGRADE && m && m->followers && unit_follows(v, t))
		return m->followers;
	return jobview_steps(v, pass);
}

int unit_progress(const struct jobview *v, const struct task_view *t)
{
	char *const *steps = unit_steps(v, t, t->pass);
	size_t n = 0;
	if (task_state_final(t->state))
		return 1000;
	while (steps[n])
		n++;
	return n ? (int)((t->pc < n ? t->pc : n) * 1000 / n) : 0;
}
