/* SPDX-License-Identifier: ISC */
/* Tasks that wait: left out, between two turns, or for the word that a point of no return needs. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

/* A task that waits is not begun after all. One that ended before in this job is what it was then:
 * whoever is done stays done, and a failure is not hidden by a retry that never came. */
void task_leave_out(struct engine *g, struct task *t, enum task_state s, const char *flag,
                    const char *reason)
{
	enum task_state before = tv(g, t)->before;
	bool kept = before == TASK_DONE || before == TASK_FAILED || before == TASK_ROLLED_BACK;
	bool back = tv(g, t)->next_pass == PASS_ROLLBACK;
	struct record *r = record_new(RECORD_TASK, task_name(g, t), NULL);
	task_step_close(t);
	record_text(r, "state", task_state_name(kept ? before : s));
	if (flag)
		record_flag(r, flag, true);
	char *turns = tv(g, t)->between ? jobview_turns_done(g->view, tv(g, t)) : NULL;
	char *text = turns  ? xasprintf(M_("%-s; it has %s behind it"), reason, turns)
		     : !kept ? xstrdup(reason)
		     : back ? xasprintf(M_("not rolled back: %-s"), reason)
			    : xasprintf(M_("not tried again: %-s"), reason);
	emit(g, record_text(r, "reason", text));
	free(turns);
	free(text);
}

/* Why this one is not begun: its own group, or (component by component) that of one before it. New. */
static char *blocked_text(struct engine *g, const struct task_view *v,
			  const struct task_view *blocked, const struct task_view *blocker)
{
	const struct task_view *other = schedule_in_the_way(g, v);
	const char *name = jobview_device(g->view, (other ? other : blocker)->device);
	if (other)
		return xasprintf(M_("%s of the same redundancy group failed; to go on all the same, "
				    "skip %s (it is left as it is) and retry this one"),
				 name, name);
	return xasprintf(M_("%s comes before it and is not begun, for %s of its redundancy group "
			    "failed; to go on all the same, skip %s (it is left as it is) and retry"),
			 jobview_device(g->view, blocked->device), name, name);
}

/* The texts come first: who is left out is in nobody's way any more. */
void turn_skip_blocked(struct engine *g, const struct task_view *blocked,
		       const struct task_view *blocker)
{
	char **why = xcalloc(g->n, sizeof(*why));
	for (size_t i = 0; i < g->n; i++)
		if (g->view->tasks.v[i].state == TASK_PENDING)
			why[i] = blocked_text(g, &g->view->tasks.v[i], blocked, blocker);
	for (size_t i = 0; i < g->n; i++) {
		if (why[i])
			task_leave_out(g, &g->tasks[i], TASK_SKIPPED, "acknowledged", why[i]);
		free(why[i]);
	}
	free(why);
}

/* Its turn is over, and it waits for the next one: the others come first. */
void task_turn_over(struct engine *g, struct task *t, const struct component *next)
{
	const struct component *now = jobview_component(g->view, tv(g, t));
	struct record *r = record_new(RECORD_TASK, task_name(g, t), NULL);
	char *text = xasprintf(M_("next: %s; %s is through"), next->name, now->name);
	record_text(r, "state", task_state_name(TASK_PENDING));
	record_text(r, "turn", next->name);
	emit(g, record_text(r, "reason", text));
	free(text);
}

#define NO_RETURN "no-return"

/* The last question about it: who retries a device long after is not asked again. */
static const struct question_view *asked(struct engine *g, const struct component *c)
{
	const struct question_view *last = NULL;
	for (size_t i = 0; i < g->view->questions.n; i++) {
		const struct question_view *q = &g->view->questions.v[i];
		if (str_eq(q->kind, NO_RETURN) && str_eq(q->about, c->name))
			last = q;
	}
	return last;
}

static bool turn_confirmed(struct engine *g, const struct component *c)
{
	const struct question_view *q = asked(g, c);
	return q && str_eq(q->answer, "go");
}

static bool in_stage(const struct plan_stage *s, size_t device)
{
	for (size_t b = 0; b < s->batches.n; b++)
		for (size_t i = 0; i < s->batches.v[b].devices.n; i++)
			if (s->batches.v[b].devices.v[i] == device)
				return true;
	return false;
}

/* Some devices were upgraded before this job: the last one of the job may not be the last one. */
static bool began_mixed(struct engine *g, const struct component *c, const struct plan_stage *s)
{
	const char *first = NULL;
	for (size_t i = 0; c->no_return_fact && i < g->n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		const char *now = values_get(&v->facts, c->no_return_fact);
		if (!in_stage(s, v->device))
			continue;
		if (!now || (first && !str_eq(first, now)))
			return true;
		first = now;
	}
	return false;
}

/* Somebody has made a change in this turn. */
static bool turn_changed(struct engine *g, size_t turn)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct task_view *t = &g->view->tasks.v[i];
		for (size_t k = 0; k < t->steps.n; k++) {
			const struct step_view *made = &t->steps.v[k];
			const struct step *s = procedure_step(g->view->procedure, made->step);
			if (made->turn == turn && made->pass == PASS_UPGRADE && s && s->changes)
				return true;
		}
	}
	return false;
}

bool turn_finishes(struct engine *g, const struct task_view *v)
{
	const struct component *c = jobview_component(g->view, v);
	if (c && c->finishes)
		c--;
	if (!c || !c->together || !c->no_return || v->pass != PASS_UPGRADE)
		return false;
	return turn_changed(g, (size_t)(c - jobview_method(g->view)->components));
}

void turn_note_end(struct engine *g, struct task *t)
{
	const struct component *c = jobview_component(g->view, tv(g, t));
	note(g, task_name(g, t), true,
	     M_("%s: %s is past its point of no return on all devices at once; it is brought to its end"),
	     task_name(g, t), c->finishes ? c[-1].name : c->name);
}

/* It waits to bring to its end what it has begun with all others. */
static bool goes_on(struct engine *g, const struct task_view *v)
{
	const struct component *c = jobview_component(g->view, v);
	return v->between && v->next_pass == PASS_UPGRADE && c && c->finishes &&
	       !(g->world->gone && g->world->gone[v->device]) && turn_finishes(g, v);
}

/* Somebody is still on the way to there, or has failed on it: the others alone cannot end it. */
static bool someone_before(struct engine *g, const struct component *c, bool failed)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		const struct component *at = jobview_component(g->view, v);
		bool counts = failed ? task_view_failed(v) && !v->released
				     : task_state_active(v->state);
		if (counts && at && at < c)
			return true;
	}
	return false;
}

void turn_cancel_waiting(struct engine *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		const struct component *c = jobview_component(g->view, v);
		if (v->state != TASK_PENDING)
			continue;
		if (!goes_on(g, v) || someone_before(g, c, true)) {
			task_leave_out(g, &g->tasks[i], TASK_CANCELLED, "acknowledged",
				       M_("cancelled by the operator"));
		} else if (!someone_before(g, c, false)) {
			turn_note_end(g, &g->tasks[i]);
			task_begin(g, &g->tasks[i], PASS_UPGRADE, NULL);
		}
	}
}

static bool moves(struct engine *g, const struct task_view *v, const struct component *c)
{
	return task_holds(g, &g->tasks[v - g->view->tasks.v], c->no_return_when);
}

/* Of those whose turn there is not over, how many will be moved by it. */
static size_t left_to_move(struct engine *g, const struct component *c, size_t stage)
{
	size_t n = 0;
	for (size_t i = 0; i < g->n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		n += in_stage(&g->view->plan->stages.v[stage], v->device) && moves(g, v, c) &&
		     !task_state_final(jobview_stage_state(g->view, v, stage));
	}
	return n;
}

bool turn_asks_first(struct engine *g, const struct task_view *v, size_t stage)
{
	const struct plan_stage *s = &g->view->plan->stages.v[stage];
	const struct component *c = jobview_stage_component(g->view, stage);
	if (!c || !s->no_return || s->no_return_said || v->next_pass != PASS_UPGRADE ||
	    turn_confirmed(g, c) || !moves(g, v, c))
		return false;
	return !s->no_return_last || left_to_move(g, c, stage) <= 1 || began_mixed(g, c, s);
}

const struct component *turn_past_return(const struct jobview *v, const struct task_view *t,
					 size_t *done, size_t *of)
{
	const struct component *c = jobview_component(v, t);
	if (c && c->gate)
		c--;
	if (c && c->finishes)
		c--;
	for (size_t s = 0; c && c->no_return && s < v->plan->stages.n; s++) {
		if (jobview_stage_component(v, s) != c)
			continue;
		*done = jobview_stage_done(v, s, of);
		return *done == *of || (*done && !c->no_return_last) ? c : NULL;
	}
	return NULL;
}

char *turn_ask(struct engine *g, size_t stage)
{
	const struct plan_stage *s = &g->view->plan->stages.v[stage];
	const struct component *c = jobview_stage_component(g->view, stage);
	char *text = xasprintf(M_("point of no return of %s: %-s"), s->name, s->no_return);
	const struct question_view *q = asked(g, c);
	if (!q || q->answer) {
		struct record *r = record_new(RECORD_QUESTION, NULL, NULL);
		record_number(r, "id", g->view->questions_asked + 1);
		record_text(r, "kind", NO_RETURN);
		record_text(r, "about", c->name);
		record_text(r, "text", text);
		emit(g, record_text(r, "choices", "go|cancel"));
	}
	return text;
}

void turn_withdraw(struct engine *g)
{
	for (size_t i = 0; i < g->view->questions.n; i++) {
		const struct question_view *q = &g->view->questions.v[i];
		if (q->device == NO_DEVICE && !q->answer &&
		    !jobview_left(g->view, jobview_asked(g->view, q), NULL))
			question_close(g, q, ANSWER_WITHDRAWN, ANSWER_BY_ITSELF);
	}
}
