/* SPDX-License-Identifier: ISC */
/* The life of a task: passes, steps, ends. Every change of state is a record. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>
#include <string.h>

const struct step *task_step(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	if (v->pass == PASS_UNDO)
		return NULL; /* its list is that of the open changes */
	if (v->pc >= jobview_steps_end(g->view, v))
		return NULL;
	return procedure_step(g->view->procedure, unit_steps(g->view, v, v->pass)[v->pc]);
}

static bool cancelling(struct engine *g, struct task *t)
{
	return g->view->state == JOB_CANCELLING && !tv(g, t)->committed &&
	       !unit_bound(g, tv(g, t)) && !turn_finishes(g, tv(g, t));
}

void task_step_close(struct task *t)
{
	t->step_open = t->asked = false;
	t->doing = DOING_NOTHING;
	t->work = WORK_IDLE;
	undo_fresh(t);
	t->between = false;
	query_end(t);
}

void task_begin(struct engine *g, struct task *t, enum pass pass, const char *from_step)
{
	task_withdraw(g, t);
	struct record *r = record_new(RECORD_BEGIN, task_name(g, t), NULL);
	/* What is taken back by itself belongs to the attempt that failed; what was asked for, also a
	 * second rollback, is an attempt of its own: its marks on the device must be new. */
	bool anew = tv(g, t)->state == TASK_PENDING && !tv(g, t)->between;
	int attempt = tv(g, t)->attempt + (anew ? 1 : 0);
	const struct component *turn =
	    pass == PASS_UPGRADE ? jobview_component(g->view, tv(g, t)) : NULL;
	record_text(r, "pass", pass_names[pass]);
	record_number(r, "attempt", attempt);
	if (turn)
		record_text(r, "turn", turn->name);
	if (from_step && g->view->procedure->from_fact)
		record_flag(r, "look", true);
	if (tv(g, t)->state == TASK_PENDING && pass == PASS_UNDO) /* ordered: nothing is to last */
		record_flag(r, "closing", true);
	emit(g, record_text(r, "from_step", from_step));
	task_step_close(t);
	t->looked = false;
	undo_anew(t);
	task_builtins(g, t);
}

void task_final(struct engine *g, struct task *t, enum task_state s, const char *reason)
{
	task_step_close(t);
	task_withdraw(g, t);
	struct record *r = record_new(RECORD_TASK, task_name(g, t), NULL);
	record_text(r, "state", task_state_name(s));
	emit(g, record_text(r, "reason", reason));
	unit_tell_followers(g, tv(g, t));
}

/* --- answers of the operator --------------------------------------------------------------------------- */

void task_runs_again(struct engine *g, struct task *t)
{
	struct record *r = record_new(RECORD_TASK, task_name(g, t), NULL);
	bool back = tv(g, t)->pass == PASS_ROLLBACK;
	emit(g, record_text(r, "state", task_state_name(back ? TASK_ROLLING_BACK : TASK_RUNNING)));
	t->work = WORK_IDLE;
}

/* What is said to have failed may still go on, on the device: a command that it shows nothing of in its
 * first stages, and that is never sent twice for that. */
static bool may_be_at_it(struct engine *g, struct task *t, const char *kind)
{
	const struct step *s = tv(g, t)->intended ? task_step(g, t) : NULL;
	return str_eq(kind, "under-way") || (s && s->commits && s->retries == 0);
}

void task_answered(struct engine *g, struct task *t, const char *kind, const char *answer)
{
	bool open = silence_is_open(t);
	if (tv(g, t)->state != TASK_HELD)
		return;
	task_runs_again(g, t);
	if (open && str_eq(answer, "wait")) {
		silence_wait_on(g, t);
	} else if (str_eq(answer, "fail") && may_be_at_it(g, t, kind)) {
		if (open)
			silence_close(g, t);
		t->runs = 1;
		task_step_left(g, t, M_("the operator said that it failed"));
	} else if (str_eq(answer, "fail")) {
		t->runs = 1; /* whatever it was may have happened: take it back */
		task_step_failed(g, t, NULL, M_("the operator said that it failed"));
	} else if (str_eq(answer, "retry")) {
		task_step_anyway(g, t);
	} else if (str_eq(answer, "wait")) {
		/* the step is not open, perhaps: the device is asked first */
		task_limit_again(g, t, M_("as the operator said"));
	} else {
		const struct step *s = task_step(g, t);
		struct values saved = {0};
		note(g, task_name(g, t), false, M_("%s: the operator answered \"%s\" (%-s)"),
		     task_name(g, t), answer, kind);
		if (s && s->save && str_eq(kind, "confirm"))
			values_set(&saved, s->save, answer);
		task_step_done(g, t, NULL, &saved);
		values_release(&saved);
	}
}

/* --- moves ----------------------------------------------------------------------------------------- */

static void intent(struct engine *g, struct task *t, const struct step *s, const char *command)
{
	struct record *r = record_new(RECORD_INTENT, task_name(g, t), s->name);
	record_text(r, "pass", pass_names[tv(g, t)->pass]);
	record_number(r, "attempt", tv(g, t)->attempt);
	record_text(r, "action", action_names[s->action]);
	record_flag(r, "changes", s->changes);
	if (s->commits)
		record_flag(r, "commits", true);
	record_text(r, "command", command);
	record_number(r, "limit_ms", task_limit(g, s));
	record_text(r, "title", s->title);
	record_text(r, "phase", s->phase);
	record_text(r, "word", s->state);
	emit(g, r);
}

static bool applies(struct engine *g, struct task *t, const struct step *s)
{
	struct scope scope;
	struct answer none = {.status = -1, .out = "", .err = ""};
	if (!s->when)
		return true;
	task_scope(g, t, &scope);
	return judge_ask(s->when, &none, &scope, NULL, NULL) == VERDICT_YES;
}

static void open_step(struct engine *g, struct task *t)
{
	t->recovered = false;
	t->step_open = true;
	t->doing = DOING_STEP;
	t->step_since = t->probe_since = g->now;
	t->yes_since = -1;
	t->tries = t->runs = t->runs_before = 0;
	t->unsent = t->overdue = t->between = false;
	t->peer = 0;
	t->shown = 0;
	t->shown_at = g->now;
	t->marks = 0;
	values_release(&t->told);
}

static void begin_fresh(struct engine *g, struct task *t, const struct step *s)
{
	struct err e = {0};
	char *command = NULL;
	const char *template = actions[s->action].command(s);
	task_speak_to(g, t, NO_DEVICE);
	bool bad = template && task_command(g, t, template, &command, &e) != 0;
	open_step(g, t);
	intent(g, t, s, command);
	free(command);
	if (bad)
		task_step_failed(g, t, NULL, e.text);
	else
		actions[s->action].start(g, t, s);
}

static void begin_step(struct engine *g, struct task *t, const struct step *s)
{
	struct task_view *v = tv(g, t);
	if (!v->intended && !applies(g, t, s)) {
		emit(g, task_outcome(g, t, s, "skipped"));
	} else if (!v->intended) {
		begin_fresh(g, t, s);
	} else if (v->intent_changes) {
		open_step(g, t);
		t->runs = 1; /* as far as we know */
		t->recovered = true;
		actions[s->action].recover(g, t, s);
	} else {
		open_step(g, t);
		actions[s->action].start(g, t, s);
	}
}

/* Back, but for what cannot go back: that is said with it. */
static void rolled_back(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	const char *why = v->by_order ? M_("as ordered") : v->message;
	char *stays = jobview_turns_stay(g->view, v);
	char *text = !stays || !why ? xstrdup(why)
				    : xasprintf(M_("%-s; left as it is: %s"), why, stays);
	task_final(g, t, TASK_ROLLED_BACK, text);
	free(stays);
	free(text);
}

static void pass_over(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	if (undo_wanted(g, t)) {
		t->doing = DOING_UNDO;
		undo_next(g, t);
		return;
	}
	const struct component *next =
	    v->pass == PASS_UPGRADE ? jobview_next_turn(g->view, v) : NULL;
	if (next) {
		task_step_close(t);
		task_turn_over(g, t, next);
	} else if (v->pass == PASS_ROLLBACK) {
		rolled_back(g, t);
	} else {
		task_final(g, t, TASK_DONE, NULL);
	}
}

static void continue_step(struct engine *g, struct task *t, const struct step *s)
{
	if (t->unsent)
		task_limit_again(g, t, M_("nothing was sent so far: tried again"));
	task_try(g, t);
	t->unsent = false;
	if (cancelling(g, t) && (!s->changes || s->action == ACTION_PUT))
		task_step_aborted(g, t);
	else if (t->in_query)
		query_next(g, t);
	else if (t->doing == DOING_PROBE)
		probe_start(g, t);
	else if (t->doing == DOING_UNDO)
		undo_next(g, t);
	else
		actions[s->action].start(g, t, s);
}

static bool looping(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	if (v->resumes < RESUMES_MAX || t->step_open)
		return false;
	char *text =
	    xasprintf(M_("%s: %d starts in a row got no further than \"%-s\""), task_name(g, t),
		      v->resumes, v->step ? v->step : M_("the first step"));
	task_hold(g, t, "restart-loop", text, "wait|fail");
	free(text);
	return true;
}

void task_advance(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	if (v->state == TASK_HELD)
		return;
	if (v->state == TASK_UNDOING || (t->doing == DOING_UNDO && !t->step_open)) {
		undo_next(g, t);
		return;
	}
	const struct task_view *leader = unit_lost_leader(g, v);
	const struct step *s = task_step(g, t);
	if (leader)
		task_leave_behind(g, t, leader);
	else if (evidence_over(g, t, s))
		task_fail(g, t);
	else if (!s)
		pass_over(g, t);
	else if (t->step_open)
		continue_step(g, t, s);
	else if (looping(g, t))
		return;
	else if (looks(g, t))
		look_next(g, t);
	else if (cancelling(g, t) && !v->intended)
		task_begin(g, t, PASS_UNDO, NULL);
	else
		begin_step(g, t, s);
}

static void cancel_held(struct engine *g, struct task *t, const struct step *s)
{
	if (!tv(g, t)->intended) {
		task_begin(g, t, PASS_UNDO, NULL);
	} else if (!s->changes) {
		task_step_aborted(g, t);
	} else {
		t->runs = 1; /* whatever it was may have happened */
		task_step_failed(g, t, NULL, M_("cancelled while its outcome was unknown"));
	}
}

void task_cancel(struct engine *g, struct task *t, const char *who)
{
	struct task_view *v = tv(g, t);
	const struct step *s = task_step(g, t);
	if (!task_state_active(v->state) || v->committed || v->state == TASK_UNDOING ||
	    unit_bound(g, v))
		return;
	if (turn_finishes(g, v)) {
		turn_note_end(g, t);
	} else if (v->state == TASK_HELD) {
		task_runs_again(g, t);
		questions_close(g, v->device, "cancel", who);
		cancel_held(g, t, s);
	} else if (t->work == WORK_SENT && s && (!s->changes || s->action == ACTION_PUT)) {
		struct effect *x = VEC_ADD(&g->out->list);
		x->kind = EFFECT_CANCEL;
		x->device = v->device;
	} else if (t->work == WORK_SLEEP) {
		t->work = WORK_IDLE;
	}
}

/* --- replies ---------------------------------------------------------------------------------------- */

void task_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	if (r->outcome == TR_PROGRESS && r->out.len) {
		const struct step *s = t->step_open ? task_step(g, t) : NULL;
		if (s)
			marks_see(g, t, s, str_text(&r->out), r->out.len);
		if (s)
			silence_heard(g, t, s);
		return;
	}
	if (r->outcome == TR_PROGRESS) {
		copy_progress(g, t, r);
		return;
	}
	if (t->in_query) {
		query_reply(g, t, r);
		return;
	}
	if (t->doing == DOING_UNDO) {
		undo_reply(g, t, r);
		return;
	}
	const struct step *s = task_step(g, t);
	if (!s || !t->step_open)
		return;
	if (cancelling(g, t) && (!s->changes || s->action == ACTION_PUT))
		task_step_aborted(g, t);
	else if (t->doing == DOING_PROBE)
		probe_reply(g, t, r);
	else
		actions[s->action].reply(g, t, s, r);
}
