/* SPDX-License-Identifier: ISC */
/* What became of a step: done, failed, to be done again, or unknown; and what follows from it. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

struct record *task_outcome(struct engine *g, struct task *t, const struct step *s,
                            const char *result)
{
	struct record *r = record_new(RECORD_OUTCOME, task_name(g, t), s->name);
	record_text(r, "pass", pass_names[tv(g, t)->pass]);
	record_number(r, "attempt", tv(g, t)->attempt);
	record_text(r, "result", result);
	if (t->step_open)
		record_number(r, "ms", g->now - t->step_since);
	return r;
}

static void add_opens(struct engine *g, struct task *t, struct record *r, const struct step *s)
{
	size_t peer;
	if (!s->undo || (s->on == ON_PEERS && !task_peers(g, t, &peer, 1)))
		return;
	record_text(r, "opens", s->name);
	record_flag(r, "until_reboot", s->undo->until_reboot);
}

void task_step_done(struct engine *g, struct task *t, const struct tr_reply *reply,
                    const struct values *captures)
{
	const struct step *s = task_step(g, t);
	struct record *r = task_outcome(g, t, s, "done");
	char *output = reply ? reply_output(reply) : NULL;
	if (reply)
		record_number(r, "exit", reply->status);
	record_text(r, "output", output);
	if (captures && captures->n)
		record_json(r, "values", values_to_json(captures));
	if (s->changes)
		add_opens(g, t, r, s);
	if (s->resets)
		record_flag(r, "resets", true);
	free(output);
	emit(g, r);
	task_step_close(t);
}

static void record_failure(struct record *r, const struct failure *f)
{
	record_number(r, "exit", f->exit);
	record_text(r, "output", f->output);
	record_text(r, "kind", f->kind);
	record_text(r, "message", f->message);
	record_text(r, "cause", f->cause);
	record_text(r, "advice", f->advice);
}

static bool wants_rollback(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	return v->committed && v->pass == PASS_UPGRADE &&
	       str_eq(values_get(&g->view->job->parameters, "rollback"), "yes") &&
	       jobview_steps(g->view, PASS_ROLLBACK)[0] != NULL;
}

void task_fail(struct engine *g, struct task *t)
{
	bool back = wants_rollback(g, t);
	if (tv(g, t)->failing && back)
		evidence_say(g, t);
	task_begin(g, t, back ? PASS_ROLLBACK : PASS_UNDO, NULL);
}

enum follows {
	FOLLOWS_WAY_OUT,
	FOLLOWS_LOOKS,	/* the steps behind it are looked at first (engine/evidence.c) */
	FOLLOWS_NOTHING /* the device is at something: all is left as it is */
};

static enum follows record_failed(struct engine *g, struct task *t, const struct tr_reply *reply,
				  const char *why)
{
	const struct step *s = task_step(g, t);
	bool later = evidence_first(g, t, s, reply);
	struct failure f;
	failure_of(g, t, s, reply, why, &f);
	struct record *r = task_outcome(g, t, s, "failed");
	record_failure(r, &f);
	if (s->changes && t->runs > 0)
		add_opens(g, t, r, s); /* it may have worked in part: taking back is repeatable */
	if (s->commits && t->runs == 0)
		record_flag(r, "uncommits", true); /* nothing was ever sent */
	if (later)
		record_flag(r, "later", true);
	emit(g, r);
	enum follows next = later ? FOLLOWS_LOOKS : f.under_way ? FOLLOWS_NOTHING : FOLLOWS_WAY_OUT;
	failure_release(&f);
	task_step_close(t);
	return next;
}

static void leave(struct engine *g, struct task *t)
{
	if (wants_rollback(g, t)) {
		task_begin(g, t, PASS_ROLLBACK, NULL);
		return;
	}
	undo_say_kept(g, t);
	task_final(g, t, TASK_FAILED, tv(g, t)->message);
}

void task_step_failed(struct engine *g, struct task *t, const struct tr_reply *reply,
                      const char *why)
{
	enum follows next = record_failed(g, t, reply, why);
	if (next == FOLLOWS_WAY_OUT)
		task_fail(g, t);
	else if (next == FOLLOWS_NOTHING)
		leave(g, t);
}

void task_step_left(struct engine *g, struct task *t, const char *why)
{
	(void)record_failed(g, t, NULL, why);
	leave(g, t);
}

/* The operator wants it again, done or not: should it have been done, it is to be taken back. */
void task_step_anyway(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	struct record *r = task_outcome(g, t, s, "repeat");
	if (s->changes)
		add_opens(g, t, r, s);
	record_flag(r, "anew", true);
	emit(g, record_text(r, "message", M_("the operator said to do it again")));
	task_step_close(t);
}

/* Times it was sent and proven not done, since the operator last said to do it again. */
static int repeats(struct engine *g, struct task *t, const struct step *s)
{
	struct task_view *v = tv(g, t);
	int n = 0;
	for (size_t i = 0; i < v->steps.n; i++) {
		const struct step_view *x = &v->steps.v[i];
		if (str_eq(x->step, s->name) && x->pass == v->pass && x->attempt == v->attempt &&
		    str_eq(x->result, "repeat"))
			n = x->anew ? 0 : n + 1;
	}
	return n;
}

/* Proven not done: the same step again, with an intent of its own. But not for ever. */
void task_step_again(struct engine *g, struct task *t, const char *why)
{
	const struct step *s = task_step(g, t);
	int n = repeats(g, t, s);
	if (!t->recovered && s->commits && s->retries == 0) {
		char *text = xasprintf(M_("%s: the session of \"%-s\" was lost and the device shows "
					  "nothing of it: it may have begun, and is not sent again"),
				       task_name(g, t), s->title);
		task_hold(g, t, "unknown-outcome", text, "wait|retry|fail");
		free(text);
		return;
	}
	if (!t->recovered && n >= REPEATS_MAX) { /* a crash before the send explains itself */
		char *text = xasprintf(M_("%s: \"%-s\" was sent %d times and never done: %-s"),
				       task_name(g, t), s->title, n + 1, why);
		task_hold(g, t, "unknown-outcome", text, "wait|done|retry|fail");
		free(text);
		return;
	}
	struct record *r = task_outcome(g, t, s, "repeat");
	if (s->commits)
		record_flag(r, "uncommits", true);
	emit(g, record_text(r, "message", why));
	task_step_close(t);
}

void task_step_aborted(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	struct record *r = task_outcome(g, t, s, "cancelled");
	if (s->changes && t->runs > 0)
		add_opens(g, t, r, s); /* a part of it may be there */
	emit(g, record_text(r, "message", M_("cancelled by the operator")));
	task_step_close(t);
	task_begin(g, t, PASS_UNDO, NULL);
}

void question_close(struct engine *g, const struct question_view *q, const char *answer,
		    const char *who)
{
	const char *device = q->device == NO_DEVICE ? NULL : jobview_device(g->view, q->device);
	struct record *r = record_new(RECORD_ANSWER, device, NULL);
	record_number(r, "id", q->id);
	record_text(r, "answer", answer);
	emit(g, record_text(r, "who", who));
}

void questions_close(struct engine *g, size_t device, const char *answer, const char *who)
{
	for (size_t i = 0; i < g->view->questions.n; i++) {
		const struct question_view *q = &g->view->questions.v[i];
		if (!q->answer && q->device == device)
			question_close(g, q, answer, who);
	}
}

void task_withdraw(struct engine *g, struct task *t)
{
	questions_close(g, tv(g, t)->device, ANSWER_WITHDRAWN, ANSWER_BY_ITSELF);
}

void task_hold(struct engine *g, struct task *t, const char *kind, const char *text,
               const char *choices)
{
	task_withdraw(g, t);
	struct record *r = record_new(RECORD_QUESTION, task_name(g, t), NULL);
	record_number(r, "id", g->view->questions_asked + 1);
	record_text(r, "kind", kind);
	record_text(r, "text", text);
	emit(g, record_text(r, "choices", choices));
	struct record *held = record_new(RECORD_TASK, task_name(g, t), NULL);
	record_text(held, "state", task_state_name(TASK_HELD));
	emit(g, record_text(held, "reason", text));
	t->work = WORK_ASKED;
}

void task_step_unknown(struct engine *g, struct task *t, const char *why)
{
	const struct step *s = task_step(g, t);
	if (s->done_when) {
		task_limit_again(g, t, M_("the device is asked what became of it"));
		probe_start(g, t);
		return;
	}
	if (s->repeat && t->runs - t->runs_before <= s->retries && task_may_repeat(g, t)) {
		t->doing = DOING_STEP;
		task_pause(g, t, s, s->interval_ms ? s->interval_ms : 5000);
		return;
	}
	char *text = xasprintf(M_("%s: it cannot be told whether \"%-s\" was done: %-s"),
			       task_name(g, t), s->title, why);
	task_hold(g, t, "unknown-outcome", text, "done|retry|fail");
	free(text);
}
