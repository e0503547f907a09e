/* SPDX-License-Identifier: ISC */
/* "ask": the operator does not want to wait for a limit. What is waited for is looked at now; when
 * that does not settle it, what the device said is kept, and the operator says how it goes on. */
#include "config.h"

#include "engine/private.h"

#include "base/clock.h"

#include <stdlib.h>

static bool is_waited_for(const struct step *s)
{
	return s && (s->action == ACTION_WAIT || s->done_when || s->poll);
}

int ask_possible(const struct jobview *v, const struct task_view *t, struct err *e)
{
	const struct step *s = t->step ? procedure_step(v->procedure, t->step) : NULL;
	const char *name = jobview_device(v, t->device);
	if (t->state == TASK_HELD)
		return err_set(e, ERR_REFUSED, "%s waits for an answer already", name);
	if (!task_state_active(t->state) || !t->intended || !is_waited_for(s))
		return err_set(e, ERR_REFUSED, "%s is in no step that waits for something", name);
	return 0;
}

/* Nothing came of the last try, and the next one has its time: one more now would use up a try. */
static void say_next_try(struct engine *g, struct task *t)
{
	char span[32];
	clock_span(t->at - g->now, span);
	note(g, task_name(g, t), true, M_("%s cannot be reached now (%-s): it is tried again in %s"),
	     task_name(g, t), tv(g, t)->waits_why ? tv(g, t)->waits_why : "", span);
}

/* Its session is open. What is said in it is shown only by a step that looks for marks. */
static void say_open(struct engine *g, struct task *t, const struct step *s)
{
	char span[32];
	clock_span(task_left(g, t, s), span);
	if (s->n_marks && s->action == ACTION_RUN)
		note(g, task_name(g, t), true,
		     M_("%s: the session is open, and what is said in it is shown as it comes: "
			"nothing to ask"),
		     task_name(g, t));
	else
		note(g, task_name(g, t), true,
		     M_("%s: the session is still open, nothing to ask: it ends by itself, at the "
			"latest in %s"),
		     task_name(g, t), span);
}

void ask_now(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	bool sent = t->work == WORK_SENT && t->doing == DOING_STEP;
	if (!s || t->work == WORK_ASKED)
		return;
	if (t->work == WORK_SLEEP && t->between) {
		say_next_try(g, t);
		return;
	}
	if (sent && silence_ask(g, t))
		return;
	if (sent && s->action != ACTION_WAIT) {
		say_open(g, t, s);
		return;
	}
	t->asked = true;
	if (t->work == WORK_SLEEP)
		t->at = g->now;
}

/* What it said is kept, though nothing is settled. */
static void keep_answer(struct engine *g, struct task *t, const struct step *s,
			const struct tr_reply *reply, bool known, const char *why)
{
	enum probe_verdict v = known ? PROBE_RUNNING : PROBE_UNKNOWN;
	emit(g, record_text(probe_record(g, t, s, v, reply), "why", why));
}

bool ask_unsettled(struct engine *g, struct task *t, const struct step *s,
		   const struct tr_reply *reply, bool known, const char *why)
{
	if (!t->asked)
		return false;
	keep_answer(g, t, s, reply, known, why);
	char *text =
	    xasprintf(M_("%s: \"%-s\" was asked for and is not over: %-s"), task_name(g, t),
		      s->title, why && *why ? why : M_("the device says nothing of it"));
	task_hold(g, t, known && probe_is_under_way(t, s) ? "under-way" : "asked", text, "wait|fail");
	t->asked = false;
	free(text);
	return true;
}
