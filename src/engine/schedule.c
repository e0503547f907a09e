/* SPDX-License-Identifier: ISC */
/* Which device starts when; when the job waits for the operator; when it is over. The constraints of
 * the plan are looked at again here, so that a retry or a rollback keeps them too. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

struct place { /* of a device in the plan */
	size_t stage, batch; /* batch counted over all stages */
	const struct plan_batch *of;
};

struct failures {
	size_t n;           /* not acknowledged, not released */
	struct place last;  /* the last place where one is */
	const char *device; /* one of them, for the message */
};

struct round { /* one look over the plan */
	struct failures failures;
	bool started;
	struct wait_window window;
	size_t held_after; /* number of the stage after which the job is to wait; 0: it is not */
	size_t blocked_by_group, blocked_by_failure;
	const struct task_view *blocked, *blocker; /* the first one of them, and who is in its way */
	size_t asks;    /* number of the stage whose point of no return is to be confirmed; 0: none */
	bool *away;     /* scratch, one flag a device */
	struct err why; /* the last rule that was in the way */
};

static bool any_state(struct engine *g, enum task_state s)
{
	for (size_t i = 0; i < g->view->tasks.n; i++)
		if (g->view->tasks.v[i].state == s)
			return true;
	return false;
}

static bool any_working(struct engine *g)
{
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		enum task_state s = g->view->tasks.v[i].state;
		if (task_state_active(s) && s != TASK_HELD)
			return true;
	}
	return false;
}

static bool all_final(struct engine *g)
{
	for (size_t i = 0; i < g->view->tasks.n; i++)
		if (!task_state_final(g->view->tasks.v[i].state))
			return false;
	return true;
}

/* --- constraints ------------------------------------------------------------------------------------- */

/* Something is still changed on it. What serves other devices, too, takes nobody away. */
static bool leaves_it_away(struct engine *g, const struct task_view *v)
{
	for (size_t i = 0; i < v->open.n; i++) {
		const struct step *s = procedure_step(g->view->procedure, v->open.v[i].step);
		if (!s || !s->undo || !s->undo->until)
			return true;
	}
	return false;
}

/* Worked on, or left in the middle and not known to be up again: it may be down, also while it waits
 * to be tried again. */
static bool may_be_down(struct engine *g, const struct task_view *v)
{
	static const char *const out_of_reach[] = {"network", "timeout", "authentication",
	                                           "host-key"};
	if (task_state_active(v->state))
		return true;
	if (v->state == TASK_DONE || v->state == TASK_ROLLED_BACK)
		return false;
	if (v->committed || leaves_it_away(g, v))
		return true;
	if (v->failed_attempt == 0 || v->failed_attempt != v->attempt)
		return false;
	for (size_t i = 0; i < LEN(out_of_reach); i++)
		if (str_eq(v->error_kind, out_of_reach[i]))
			return true;
	return false;
}

/* The operator said to leave a failed device: the others of its group may go on, although it may be
 * down. For every other device it still counts as away. */
static bool is_released_for(struct engine *g, const struct task_view *v, size_t device)
{
	const struct inventory *inv = g->view->job->inventory;
	const struct group *group = inventory_group(inv, device);
	return v->released && group && inventory_group(inv, v->device) == group;
}

/* Nothing that is to be done takes it down. */
static bool stays_up(struct engine *g, const struct task_view *v)
{
	const struct job_kind *kind = jobview_kind(g->view);
	const struct component *c = jobview_component(g->view, v);
	return (kind && kind->stays_up) || v->next_pass == PASS_UNDO ||
	       (c && c->gate && v->next_pass == PASS_UPGRADE);
}

/* The component is for all at once: that is what its members have to be kept apart for. */
static bool goes_together(struct engine *g, const struct task_view *v)
{
	const struct component *c = jobview_component(g->view, v);
	return c && c->together && v->next_pass == PASS_UPGRADE;
}

/* A member of the same redundancy group that is worked on, or failed and was not released, or was left
 * in the middle and waits for its next attempt. */
static const struct task_view *group_in_the_way(struct engine *g, const struct task_view *who)
{
	const struct inventory *inv = g->view->job->inventory;
	size_t device = who->device;
	if (stays_up(g, who) || goes_together(g, who))
		return NULL;
	const struct group *unit = unit_of(g->view->procedure, inv, device);
	for (size_t i = 0; i < inv->groups.n; i++) {
		const struct group *group = &inv->groups.v[i];
		bool mine = false;
		if (group == unit)
			continue; /* it goes together: unit_in_the_way() */
		for (size_t m = 0; m < group->members.n; m++)
			mine |= group->members.v[m] == device;
		for (size_t m = 0; mine && m < group->members.n; m++) {
			const struct task_view *v = jobview_task(g->view, group->members.v[m]);
			if (v && v->device != device &&
			    (task_state_active(v->state) || (task_view_failed(v) && !v->released) ||
			     (v->state == TASK_PENDING && may_be_down(g, v))))
				return v;
		}
	}
	return NULL;
}

static bool rules_allow(struct engine *g, struct round *x, const struct task_view *who)
{
	size_t device = who->device;
	if (!g->world->may_start || stays_up(g, who) || goes_together(g, who))
		return true;
	if (!x->away)
		x->away = xcalloc(g->view->job->inventory->devices.n, sizeof(*x->away));
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		x->away[v->device] = v->device != device && may_be_down(g, v) &&
		                     !is_released_for(g, v, device) &&
		                     !unit_same(g->view, v, who) && !unit_follows(g->view, v);
	}
	struct err why = {0};
	if (g->world->may_start(g->world->ctx, x->away, device, &why))
		return true;
	x->why = why;
	return false;
}

static bool is_full(struct engine *g, const struct task_view *who)
{
	size_t busy = 0;
	int64_t most = g->view->job->batch_size > 0 ? g->view->job->batch_size
	                                            : g->view->procedure->batch_size;
	const struct component *c = jobview_component(g->view, who);
	if (goes_together(g, who))
		return false;
	if (c && c->batch_size > 0)
		most = c->batch_size;
	for (size_t i = 0; i < g->view->tasks.n; i++)
		busy += task_state_active(g->view->tasks.v[i].state) &&
		        !unit_follows(g->view, &g->view->tasks.v[i]);
	return most > 0 && busy >= (size_t)most;
}

/* --- batches ----------------------------------------------------------------------------------------- */

/* Where the turn of a task is. */
static bool place_of(struct engine *g, const struct task_view *v, struct place *out)
{
	const struct plan *p = g->view->plan;
	size_t number = 0, stage = jobview_stage(g->view, v);
	for (size_t s = 0; s < stage && s < p->stages.n; s++)
		number += p->stages.v[s].batches.n;
	for (size_t b = 0; stage < p->stages.n && b < p->stages.v[stage].batches.n; b++, number++)
		for (size_t d = 0; d < p->stages.v[stage].batches.v[b].devices.n; d++)
			if (p->stages.v[stage].batches.v[b].devices.v[d] == v->device) {
				*out = (struct place){stage, number, &p->stages.v[stage].batches.v[b]};
				return true;
			}
	return false;
}

static void count_failures(struct engine *g, struct failures *f)
{
	*f = (struct failures){0};
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		struct place at;
		if (!task_view_failed(v) || v->acknowledged || v->released ||
		    !place_of(g, v, &at))
			continue;
		if (f->n == 0 || at.batch > f->last.batch)
			f->last = at;
		f->device = jobview_device(g->view, v->device);
		f->n++;
	}
}

/* May devices of this place start in spite of what has failed so far? */
static bool failures_allow(struct engine *g, const struct failures *f, struct place at)
{
	const struct job *j = g->view->job;
	if (f->n == 0)
		return true;
	switch (j->on_failure) {
	case ON_FAILURE_GO_ON:
		return job_within_budget(j, f->n);
	case ON_FAILURE_STOP:
		return at.stage <= f->last.stage; /* the role is finished (the seed's rule) */
	case ON_FAILURE_HOLD:
		break;
	}
	return at.batch <= f->last.batch;
}

/* Nothing to do (the seed: "No upgrade is required"), unless the job insists. */
static bool is_there_already(struct engine *g, const struct task_view *v)
{
	const char *fact = g->view->procedure->from_fact;
	const char *now = fact ? values_get(&v->facts, fact) : NULL;
	const char *again = values_get(&g->view->job->parameters, "reinstall");
	const struct job_kind *kind = jobview_kind(g->view);
	if (kind && kind->after)
		return false; /* it is there to be looked at */
	return v->attempt == 0 && v->next_pass == PASS_UPGRADE && again && str_eq(again, "no") &&
	       now && procedure_same_version(g->view->procedure, now,
					     job_version(g->view->job, v->device));
}

/* A retry goes on at the step that failed when the new system is already on the device; after a
 * rollback, also one that failed, it is done from the start (and the drift gate looks first). The step
 * that commits is never the one to go on with: what was made ready for it has been taken back. */
static void start(struct engine *g, struct task_view *v)
{
	struct task *t = &g->tasks[v - g->view->tasks.v];
	if (is_there_already(g, v)) {
		task_final(g, t, TASK_SKIPPED, M_("it runs the target version already"));
		return;
	}
	if (v->next_pass == PASS_UNDO) {
		task_begin(g, t, PASS_UNDO, NULL);
		return;
	}
	bool back = v->next_pass == PASS_ROLLBACK;
	const struct step *failed = v->failed_step
	                                ? procedure_step(g->view->procedure, v->failed_step)
	                                : NULL;
	bool halfway = !back && !v->between && v->committed && v->failed_pass == PASS_UPGRADE && failed &&
	               !failed->commits;
	task_begin(g, t, back ? PASS_ROLLBACK : PASS_UPGRADE, halfway ? v->failed_step : NULL);
}

/* Who follows begins when its leader has, and is left out when nothing came of that. */
static void try_follow(struct engine *g, struct round *x, struct task_view *v)
{
	const struct task_view *leader = unit_leader(g->view, v);
	if (leader->state == TASK_DONE || is_there_already(g, v) ||
	    (task_state_active(leader->state) && leader->pass == PASS_UPGRADE)) {
		start(g, v);
		x->started = true;
	} else if (task_state_final(leader->state)) {
		task_leave_behind(g, &g->tasks[v - g->view->tasks.v], leader);
	}
}

const struct task_view *schedule_in_the_way(struct engine *g, const struct task_view *v)
{
	const struct task_view *other = group_in_the_way(g, v);
	return other ? other : unit_in_the_way(g, v);
}

static void try_start(struct engine *g, struct round *x, struct task_view *v, struct place at)
{
	const struct task_view *in_the_way;
	if (g->world->gone && g->world->gone[v->device]) {
		task_leave_out(g, &g->tasks[v - g->view->tasks.v], TASK_SKIPPED, "acknowledged",
			       g->world->gone[v->device]);
		return;
	}
	if (v->next_pass == PASS_UPGRADE && unit_follows(g->view, v)) {
		try_follow(g, x, v);
		return;
	}
	in_the_way = schedule_in_the_way(g, v);
	/* a way back that was ordered is itself an answer to what has failed */
	if (v->next_pass == PASS_UPGRADE && !failures_allow(g, &x->failures, at)) {
		x->blocked_by_failure++;
	} else if (in_the_way) {
		if (!task_state_active(in_the_way->state)) {
			if (!x->blocked_by_group++)
				x->blocked = v, x->blocker = in_the_way;
		}
	} else if (!wait_window_open(g, &x->window, v, at.of)) {
		return; /* noted */
	} else if (turn_asks_first(g, v, at.stage)) {
		x->asks = at.stage + 1;
	} else if (!is_full(g, v) && rules_allow(g, x, v)) {
		start(g, v);
		x->started = true;
	}
}

/* Start what may start in one batch. True: the batch still has something to wait for. A component
 * is over before the next one begins, also when somebody in it may not be begun. */
static bool look_at_batch(struct engine *g, struct round *x, struct place at)
{
	bool open = false, cut = jobview_stage_component(g->view, at.stage) != NULL;
	for (size_t i = 0; i < at.of->devices.n; i++) {
		struct task_view *v = jobview_task(g->view, at.of->devices.v[i]);
		size_t blocked = x->blocked_by_group;
		if (v->state == TASK_PENDING && (!cut || jobview_stage(g->view, v) == at.stage))
			try_start(g, x, v, at);
		open |= !task_state_final(jobview_stage_state(g->view, v, at.stage)) &&
			(cut || x->blocked_by_group == blocked);
	}
	return open;
}

/* Who was left in the middle goes first, wherever the plan has it: others may wait for it. So does
 * who is to go back: the operator waits for it. */
static void look_at_those_down(struct engine *g, struct round *x)
{
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		struct task_view *v = &g->view->tasks.v[i];
		struct place at;
		if (v->state == TASK_PENDING && (may_be_down(g, v) || v->next_pass != PASS_UPGRADE) &&
		    place_of(g, v, &at))
			try_start(g, x, v, at);
	}
}

static void look_at_plan(struct engine *g, struct round *x)
{
	const struct plan *p = g->view->plan;
	size_t number = 0;
	for (size_t s = 0; s < p->stages.n; s++) {
		for (size_t b = 0; b < p->stages.v[s].batches.n; b++, number++)
			if (look_at_batch(g, x,
					  (struct place){s, number, &p->stages.v[s].batches.v[b]}))
				return; /* the next batch only when this one is through */
		if (wait_holds_after(g, s)) {
			x->held_after = s + 1;
			return;
		}
	}
}

/* --- ends --------------------------------------------------------------------------------------------- */

static void set_pending(struct engine *g, enum task_state s, const char *reason)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->view->tasks.v[i].state == TASK_PENDING)
			task_leave_out(g, &g->tasks[i], s, "acknowledged", reason);
}

static void PRINTF_LIKE(2, 3) hold(struct engine *g, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	set_state(g, JOB_HELD, text);
	free(text);
}

static void hold_text(struct engine *g, char *text) /* takes it */
{
	set_state(g, JOB_HELD, text);
	free(text);
}

static void waits_for_answer(struct engine *g)
{
	for (size_t i = 0; i < g->view->questions.n; i++) {
		const struct question_view *q = &g->view->questions.v[i];
		const struct task_view *v = jobview_task(g->view, q->device);
		if (!q->answer && v && v->state == TASK_HELD) {
			hold(g, "%s", q->text);
			return;
		}
	}
}

/* Is somebody else of its group still to be worked on in this job? */
static bool group_waits(struct engine *g, const struct group *group, size_t device)
{
	for (size_t i = 0; i < group->members.n; i++) {
		const struct task_view *o = jobview_task(g->view, group->members.v[i]);
		if (o && o->device != device && o->state != TASK_DONE)
			return true;
	}
	return false;
}

/* The operator has to know that leaving the device also lets the others of its group go on. New. */
static char *failure_text(struct engine *g, const char *device)
{
	size_t d = inventory_find(g->view->job->inventory, device);
	const struct task_view *v = jobview_task(g->view, d);
	const struct group *group = inventory_group(g->view->job->inventory, d);
	const char *message = v && v->message ? v->message : "";
	if (!group || !group_waits(g, group, d))
		return xasprintf(M_("%s failed: %-s"), device, message);
	if (may_be_down(g, v))
		return xasprintf(M_("%s failed: %-s; nothing else of its redundancy group %s is touched "
				    "until it is retried and done, or left as it is by \"skip %s\", "
				    "which lets the others go down although it may be down"),
				 device, message, group->name, device);
	return xasprintf(M_("%s failed: %-s; nothing else of its redundancy group %s is touched until "
			    "it is retried and done, or left as it is by \"skip %s\""),
			 device, message, group->name, device);
}

static void hold_for_failure(struct engine *g, const struct failures *f)
{
	char *why = failure_text(g, f->device);
	char *text = budget_hold_text(g, why);
	hold(g, "%s", text ? text : why);
	free(text);
	free(why);
}

/* Nobody works and nobody could start: why, and what that means for the job. */
static void at_a_stand(struct engine *g, struct round *x)
{
	if (any_state(g, TASK_HELD)) {
		waits_for_answer(g);
	} else if (x->asks) {
		hold_text(g, turn_ask(g, x->asks - 1));
	} else if (x->blocked_by_failure && g->view->job->on_failure == ON_FAILURE_STOP) {
		set_pending(g, TASK_SKIPPED, M_("SKIPPED_ON_FAILURE"));
	} else if (x->blocked_by_failure) {
		hold_for_failure(g, &x->failures);
	} else if (x->held_after) {
		hold_text(g, wait_hold_text(g, x->held_after));
	} else if (x->window.closed) {
		wait_hold_window(g, &x->window);
	} else if (x->why.kind != ERR_NONE) {
		hold(g, "%s", x->why.text);
	} else if (x->blocked_by_group) {
		turn_skip_blocked(g, x->blocked, x->blocker);
	}
}

static void go_on(struct engine *g)
{
	struct round x = {0};
	if (schedule_unconfirmed(g)) {
		hold(g, "waits for a second person: hitless confirm '%s' %s", g->view->job->name,
		     g->view->words ? g->view->words : "");
		return;
	}
	count_failures(g, &x.failures);
	look_at_those_down(g, &x);
	look_at_plan(g, &x);
	if (x.started)
		set_state(g, JOB_RUNNING, NULL);
	else if (!any_working(g))
		at_a_stand(g, &x);
	free(x.away);
}

void schedule(struct engine *g)
{
	enum job_state s = g->view->state;
	g->window_at = 0; /* also when nobody waits for it any more */
	if (!g->view->plan || g->n == 0)
		return;
	if (s == JOB_CANCELLING)
		turn_cancel_waiting(g);
	if (s != JOB_RUNNING && s != JOB_HELD && s != JOB_PAUSED && s != JOB_CANCELLING)
		return;
	turn_withdraw(g);
	if (all_final(g))
		job_ends(g);
	else if (s == JOB_RUNNING || s == JOB_HELD)
		go_on(g);
}

int64_t schedule_deadline(const struct engine *g)
{
	return g->window_at > 0 ? g->window_at : -1;
}
