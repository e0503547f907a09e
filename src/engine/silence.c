/* SPDX-License-Identifier: ISC */
/* A command that goes on and says nothing. After a while the device is asked over a session beside it,
 * and what it says is kept; when the silence lasts, the operator is asked. The session stays open
 * meanwhile: to close it might end what is only slow. */
#include "config.h"

#include "engine/private.h"

#include "base/clock.h"

#include <stdlib.h>

#define LOOK_LIMIT_MS (30 * 1000)
#define LIMIT_SLACK_MS (10 * 1000) /* the transport ends it first, where time runs as it does there */
#define HEARD_MS       (60 * 1000) /* how often the journal says that there is talk */

bool silence_is_open(const struct task *t)
{
	return t->step_open && t->doing == DOING_STEP && t->flight &&
	       (t->work == WORK_SENT || t->work == WORK_ASKED);
}

/* The step whose own command is under way, if it is one that is listened to; else NULL. */
static const struct step *listened(struct engine *g, struct task *t)
{
	const struct step *s = silence_is_open(t) ? task_step(g, t) : NULL;
	return s && s->silence_ms ? s : NULL;
}

static int64_t end_of(struct engine *g, struct task *t, const struct step *s)
{
	return t->step_since + task_limit(g, s) + LIMIT_SLACK_MS;
}

static void plan_look(struct engine *g, struct task *t, const struct step *s)
{
	int64_t end = end_of(g, t, s), at = g->now + s->silence_ms;
	t->look_at = at < end ? at : end;
}

void silence_begin(struct engine *g, struct task *t, const struct step *s)
{
	t->heard_at = g->now;
	t->beside = 0;
	t->look_at = 0;
	if (s->silence_ms)
		plan_look(g, t, s);
}

void silence_heard(struct engine *g, struct task *t, const struct step *s)
{
	t->heard_at = g->now;
	if (t->look_at)
		plan_look(g, t, s);
	if (t->work == WORK_ASKED) {
		task_withdraw(g, t);
		task_runs_again(g, t);
		t->work = WORK_SENT;
	}
	if (g->now - t->shown_at < HEARD_MS)
		return;
	t->shown_at = g->now;
	emit(g, record_flag(record_new(RECORD_PROGRESS, task_name(g, t), s->name), "heard", true));
}

/* --- time ------------------------------------------------------------------------------------- */

int64_t silence_deadline(const struct task *t)
{
	return t->work == WORK_SENT && t->look_at && silence_is_open(t) ? t->look_at : -1;
}

static void look(struct engine *g, struct task *t, const struct step *s)
{
	char *command;
	struct err e = {0};
	plan_look(g, t, s);
	if (task_command(g, t, s->done_when->command, &command, &e) != 0) {
		note(g, task_name(g, t), true, "%s: %-s", task_name(g, t), e.text);
		return;
	}
	struct tr_request *r =
	    task_request(g, t, TR_RUN, tv(g, t)->device, command, LOOK_LIMIT_MS);
	r->beside = true;
	t->beside = r->id;
	struct effect *x = VEC_ADD(&g->out->list);
	x->kind = EFFECT_REQUEST;
	x->request = r;
	x->device = r->device;
}

/* What was sent is not known to be over: its reply is that of a lost session. */
static void cut(struct engine *g, struct task *t)
{
	struct effect *x = VEC_ADD(&g->out->list);
	x->kind = EFFECT_CANCEL;
	x->device = tv(g, t)->device;
}

void silence_wake(struct engine *g, struct task *t)
{
	int64_t at = silence_deadline(t);
	const struct step *s = at >= 0 && at <= g->now ? listened(g, t) : NULL;
	if (s && g->now >= end_of(g, t, s)) {
		t->look_at = 0;
		cut(g, t);
	} else if (s && t->beside) {
		plan_look(g, t, s);
	} else if (s) {
		look(g, t, s);
	}
}

bool silence_ask(struct engine *g, struct task *t)
{
	const struct step *s = listened(g, t);
	if (!s)
		return false;
	t->asked = true;
	if (!t->beside)
		look(g, t, s);
	return true;
}

/* --- what the device says beside it ----------------------------------------------------------- */

/* How the device says that it stands; NULL: why it cannot be told is a better answer. */
static const char *const meanings[] = {
    [PROBE_DONE] = M_("it is done"),
    [PROBE_FAILED] = M_("it has failed"),
    [PROBE_ABSENT] = M_("the device shows nothing of it, though it may have begun"),
    [PROBE_RUNNING] = M_("it is still under way"),
    [PROBE_UNKNOWN] = NULL,
};

static enum probe_verdict judge(struct engine *g, struct task *t, const struct step *s,
				const struct tr_reply *r, struct str *why)
{
	struct scope scope;
	struct values captures = {0};
	struct answer a = reply_answer(r);
	if (r->outcome != TR_DONE) {
		str_puts(why, r->e.text);
		return PROBE_UNKNOWN;
	}
	task_scope(g, t, &scope);
	enum probe_verdict v = probe_judge(s->done_when, &a, &scope, &captures, why);
	values_release(&captures);
	return v;
}

static void ask_operator(struct engine *g, struct task *t, const struct step *s, const char *said)
{
	char span[32];
	char *advice = task_text(g, t, s->advice ? s->advice : "", said);
	clock_span(g->now - t->heard_at, span);
	char *text = xasprintf(M_("%s: nothing has come from \"%-s\" for %s; asked beside it: %-s. "
				  "\"wait\" listens on. \"fail\" leaves all on the device as it is; "
				  "then: %-s"),
			       task_name(g, t), s->title, span, said, advice);
	task_hold(g, t, "under-way", text, "wait|fail");
	t->asked = false;
	free(text);
	free(advice);
}

static void record_look(struct engine *g, struct task *t, const struct step *s,
			enum probe_verdict v, const struct tr_reply *reply, const char *why)
{
	char span[32];
	clock_span(g->now - t->heard_at, span);
	struct record *r = probe_record(g, t, s, v, reply);
	char *text = v == PROBE_UNKNOWN
			 ? xasprintf(M_("nothing has come for %s; %-s"), span, why)
			 : xasprintf(M_("nothing has come for %s"), span);
	record_flag(r, "beside", true);
	emit(g, record_text(r, "why", text));
	free(text);
}

void silence_looked(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct step *s = listened(g, t);
	struct str why = {0};
	t->beside = 0;
	if (!s || t->work != WORK_SENT)
		return;
	enum probe_verdict v = judge(g, t, s, r, &why);
	record_look(g, t, s, v, r, str_text(&why));
	if (v == PROBE_RUNNING)
		marks_see(g, t, s, str_text(&r->out), r->out.len);
	if (v == PROBE_DONE || v == PROBE_FAILED) /* the session does not know: what it is, is asked */
		cut(g, t);
	else if (t->asked || g->now - t->heard_at >= s->silence_ask_ms)
		ask_operator(g, t, s, meanings[v] ? meanings[v] : str_text(&why));
	str_release(&why);
}

/* --- what the operator answers ---------------------------------------------------------------- */

void silence_wait_on(struct engine *g, struct task *t)
{
	silence_begin(g, t, task_step(g, t));
	t->work = WORK_SENT;
}

void silence_close(struct engine *g, struct task *t)
{
	cut(g, t);
	t->flight = 0;
}

void silence_ended(struct engine *g, struct task *t, const struct tr_reply *r)
{
	t->flight = 0;
	if (r->outcome != TR_DONE) {
		note(g, task_name(g, t), true, M_("%s: its session has ended meanwhile: %-s"),
		     task_name(g, t), r->e.text);
		t->doing = DOING_PROBE; /* never sent again: "wait" asks what became of it */
		return;
	}
	task_withdraw(g, t);
	task_runs_again(g, t);
	task_reply(g, t, r);
}
