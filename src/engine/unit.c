/* SPDX-License-Identifier: ISC */
/* Units: who follows lives and ends with its leader. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

/* A way back is made by one member of a unit at a time, and not while the unit is upgraded. */
const struct task_view *unit_in_the_way(struct engine *g, const struct task_view *who)
{
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		if (v != who && task_state_active(v->state) && unit_same(g->view, v, who) &&
		    (who->next_pass == PASS_ROLLBACK || v->pass == PASS_ROLLBACK))
			return v;
	}
	return NULL;
}

/* The leader of a task that follows, if it is not going to be upgraded any more; NULL: it is. */
const struct task_view *unit_lost_leader(struct engine *g, const struct task_view *v)
{
	const struct task_view *l = v;
	if (v->pass == PASS_UPGRADE && unit_follows(g->view, v))
		l = unit_leader(g->view, v);
	bool good = l == v || l->state == TASK_DONE ||
		    (l->pass == PASS_UPGRADE && task_state_active(l->state));
	return good ? NULL : l;
}

bool unit_bound(struct engine *g, const struct task_view *v)
{
	if (v->pass != PASS_UPGRADE || !unit_follows(g->view, v))
		return false;
	const struct task_view *l = unit_leader(g->view, v);
	bool on = l->state == TASK_DONE || (l->committed && task_state_active(l->state));
	return l != v && l->pass == PASS_UPGRADE && on;
}

bool unit_leader_held(struct engine *g, struct task *t)
{
	return unit_follows(g->view, tv(g, t)) &&
	       unit_leader(g->view, tv(g, t))->state == TASK_HELD;
}

bool unit_leader_at_it(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	return v->pass == PASS_UPGRADE && unit_follows(g->view, v) &&
	       unit_leader(g->view, v) != v && task_state_active(unit_leader(g->view, v)->state);
}

/* Why a task that follows is not upgraded, and what it waits for. */
static char *left_behind(struct engine *g, const struct task_view *leader)
{
	const char *name = jobview_device(g->view, leader->device);
	if (leader->state == TASK_ROLLED_BACK)
		return xasprintf(M_("its unit went back to the old version with %s"), name);
	if (leader->state != TASK_CANCELLED && leader->state != TASK_SKIPPED && !leader->released)
		return xasprintf(M_("waits for %s, which leads its unit and failed: retry it, or "
				    "roll it back"),
				 name);
	return xasprintf(M_("%s leads its unit and was not upgraded"), name);
}

void unit_tell_followers(struct engine *g, const struct task_view *leader)
{
	if (leader->state == TASK_DONE)
		return; /* nobody was left behind by that */
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		if (v->state != TASK_SKIPPED || v->released || !v->started ||
		    !unit_follows(g->view, v) || unit_leader(g->view, v) != leader)
			continue;
		char *why = left_behind(g, leader);
		if (!str_eq(v->reason, why))
			task_final(g, &g->tasks[i], TASK_SKIPPED, why);
		free(why);
	}
}

void task_leave_behind(struct engine *g, struct task *t, const struct task_view *leader)
{
	const struct step *s = task_step(g, t);
	char *why = left_behind(g, leader);
	if (tv(g, t)->intended && s) {
		struct record *r = record_new(RECORD_OUTCOME, task_name(g, t), s->name);
		record_text(r, "pass", pass_names[tv(g, t)->pass]);
		record_number(r, "attempt", tv(g, t)->attempt);
		record_text(r, "result", "cancelled");
		emit(g, record_text(r, "message", why));
	}
	task_final(g, t, TASK_SKIPPED, why);
	free(why);
}
