/* SPDX-License-Identifier: ISC */
/* An outcome that is not known is asked for: read-only, until the device says or the limit is over. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

#define PROBE_LIMIT_MS (30 * 1000) /* for the one command */
#define PROBE_AGAIN_MS (10 * 1000)

static const char *const verdict_names[] = {
    [PROBE_DONE] = "done",       [PROBE_FAILED] = "failed",   [PROBE_ABSENT] = "absent",
    [PROBE_RUNNING] = "running", [PROBE_UNKNOWN] = "unknown",
};

enum probe_verdict probe_judge(const struct probe *p, const struct answer *a,
                               const struct scope *s, struct values *captures, struct str *why)
{
	const struct judge *judges[] = {p->done, p->failed, p->absent, p->running};
	for (size_t i = 0; i < LEN(judges); i++)
		if (judges[i] && judge_ask(judges[i], a, s, captures, why) == VERDICT_YES)
			return (enum probe_verdict)i;
	return PROBE_UNKNOWN;
}

void probe_start(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	char *command;
	struct err e = {0};
	t->doing = DOING_PROBE;
	if (task_command(g, t, s->done_when->command, &command, &e) != 0) {
		task_step_failed(g, t, NULL, e.text);
		return;
	}
	int64_t left = task_left(g, t, s);
	struct tr_request *r = task_request(g, t, TR_RUN, tv(g, t)->device, command,
	                                    left < PROBE_LIMIT_MS ? left : PROBE_LIMIT_MS);
	if (s->host_key == HOST_KEY_MAY_BE_NEW)
		r->host_key = TR_KEY_MAY_BE_NEW;
	task_send(g, t, DOING_PROBE, r);
}

bool probe_is_under_way(const struct task *t, const struct step *s)
{
	return t->doing == DOING_PROBE && s->commits;
}

static void give_up(struct engine *g, struct task *t, bool running, const char *why)
{
	const struct step *s = task_step(g, t);
	char *text =
	    xasprintf(M_("%s: it cannot be told whether \"%-s\" was done: %-s"), task_name(g, t),
		      s->title, why && *why ? why : M_("the probe is unclear"));
	task_hold(g, t, running && probe_is_under_way(t, s) ? "under-way" : "unknown-outcome", text,
		  running ? "wait|done|fail" : "wait|done|retry|fail");
	free(text);
}

static void again(struct engine *g, struct task *t, const struct tr_reply *r, const char *why)
{
	const struct step *s = task_step(g, t);
	if (r && ask_unsettled(g, t, s, r, r->outcome == TR_DONE, why))
		return;
	if (g->now - t->probe_since >= task_limit(g, s))
		give_up(g, t, r && r->outcome == TR_DONE, why);
	else
		task_pause(g, t, s, s->interval_ms ? s->interval_ms : PROBE_AGAIN_MS);
}

struct record *probe_record(struct engine *g, struct task *t, const struct step *s,
			    enum probe_verdict verdict, const struct tr_reply *reply)
{
	struct record *r = record_new(RECORD_PROBE, task_name(g, t), s->name);
	char *output = reply_output(reply);
	record_text(r, "pass", pass_names[tv(g, t)->pass]);
	record_number(r, "attempt", tv(g, t)->attempt);
	record_text(r, "verdict", verdict_names[verdict]);
	record_text(r, "output", output);
	free(output);
	return r;
}

/* "Not done" may only mean "not yet to be seen". */
static bool absent_for_good(struct engine *g, struct task *t, const struct step *s)
{
	if (t->yes_since < 0)
		t->yes_since = g->now;
	return g->now - t->yes_since >= s->done_when->settle_ms;
}

static void judged(struct engine *g, struct task *t, const struct step *s,
                   const struct tr_reply *r)
{
	struct scope scope;
	struct values captures = {0};
	struct str why = {0};
	struct answer a = reply_answer(r);
	task_scope(g, t, &scope);
	enum probe_verdict verdict = probe_judge(s->done_when, &a, &scope, &captures, &why);
	bool unsure = verdict == PROBE_ABSENT && !absent_for_good(g, t, s);
	if (verdict != PROBE_ABSENT)
		t->yes_since = -1;
	if (unsure)
		verdict = PROBE_RUNNING;
	if (verdict != PROBE_RUNNING)
		emit(g, record_text(probe_record(g, t, s, verdict, r), "why",
				    verdict == PROBE_UNKNOWN ? str_text(&why) : NULL));
	switch (verdict) {
	case PROBE_DONE:
		task_step_done(g, t, r, &captures);
		break;
	case PROBE_FAILED:
		task_step_failed(g, t, r, str_text(&why));
		break;
	case PROBE_ABSENT:
		task_step_again(g, t, M_("proven not done; it is sent again"));
		break;
	case PROBE_RUNNING:
		marks_see(g, t, s, str_text(&r->out), r->out.len);
		if (unsure) /* it is settled in a moment */
			again(g, t, NULL, M_("it does not show yet"));
		else
			again(g, t, r, M_("it is still under way"));
		break;
	case PROBE_UNKNOWN:
		give_up(g, t, false, str_text(&why));
		break;
	}
	values_release(&captures);
	str_release(&why);
}

void probe_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct step *s = task_step(g, t);
	if (r->outcome == TR_DONE)
		judged(g, t, s, r);
	else if (r->outcome == TR_NOT_SENT && r->e.kind == ERR_AUTH)
		give_up(g, t, false, r->e.text); /* never a second login by itself */
	else
		again(g, t, r, r->e.text);
}
