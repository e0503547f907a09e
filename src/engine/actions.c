/* SPDX-License-Identifier: ISC */
/* What each kind of step does: one row of functions a kind. */
#include "config.h"

#include "engine/private.h"

#include "base/clock.h"

#include <stdlib.h>

#define AGAIN_MS 5000      /* between attempts to reach a device */
#define ASK_LIMIT_MS 60000 /* one question of a wait or poll */
#define LAST_ASK_MS 10000
#define PEERS_MAX 64

static void send_to(struct engine *g, struct task *t, const struct step *s, size_t device,
                    enum doing doing, const char *template, int64_t limit)
{
	char *command;
	struct err e = {0};
	if (task_command(g, t, template, &command, &e) != 0) {
		task_step_failed(g, t, NULL, e.text);
		return;
	}
	struct tr_request *r = task_request(g, t, TR_RUN, device, command, limit);
	if (s->input)
		r->input_file = xasprintf("%s/%s/%s", g->world->keep_dir, task_name(g, t), s->input);
	/* what sends it into the new system still goes to the old one, whose key is known */
	if (s->host_key == HOST_KEY_MAY_BE_NEW && (s->action != ACTION_REBOOT || doing != DOING_STEP))
		r->host_key = TR_KEY_MAY_BE_NEW;
	/* who leads may be in a command of hours on its own session */
	r->beside = s->action == ACTION_WAIT && device != tv(g, t)->device &&
		    unit_follows(g->view, tv(g, t));
	r->accept_key = xstrdup(values_get(&tv(g, t)->captures, "host-key"));
	r->follow = (s->n_marks > 0 || s->silence_ms) && doing == DOING_STEP && s->action == ACTION_RUN;
	if (doing == DOING_STEP)
		t->runs++;
	silence_begin(g, t, s);
	task_send(g, t, doing, r);
}

/* The device that is asked: the task's own, or the peer whose turn it is. False: no peer is left. */
static bool asked_device(struct engine *g, struct task *t, const struct step *s, size_t *device)
{
	size_t peers[PEERS_MAX];
	*device = tv(g, t)->device;
	if (s->on == ON_SELF)
		return true;
	if (t->peer >= task_peers(g, t, peers, PEERS_MAX))
		return false;
	*device = peers[t->peer];
	task_speak_to(g, t, *device);
	return true;
}

static enum verdict expected(struct engine *g, struct task *t, const struct judge *j,
                             const struct tr_reply *r, struct values *captures, struct str *why)
{
	struct scope scope;
	struct answer a = reply_answer(r);
	if (j) {
		task_scope(g, t, &scope);
		return judge_ask(j, &a, &scope, captures, why);
	}
	if (r->status == 0)
		return VERDICT_YES;
	str_printf(why, M_("exit status %d"), r->status);
	return VERDICT_NO;
}

/* "not within 30s: ..."; new. */
static char *too_late(struct engine *g, const struct step *s, const char *why)
{
	char limit[32];
	clock_span(task_limit(g, s), limit);
	return xasprintf(M_("not within %s: %-s"), limit, why);
}

bool task_retry(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r)
{
	bool hopeless = r->e.kind == ERR_AUTH || r->e.kind == ERR_HOSTKEY;
	if (s->host_key == HOST_KEY_MAY_WAIT && r->e.kind == ERR_HOSTKEY)
		hopeless = false;
	bool unsent = r->outcome == TR_NOT_SENT, late = !unsent && !task_may_repeat(g, t);
	if (!hopeless && !late && ++t->tries < TRIES) {
		if (unsent)
			task_limit_again(g, t, r->e.text);
		t->unsent = unsent;
		task_wait_to_try(g, t, s, t->tries, AGAIN_MS * t->tries, r->e.text);
		return true;
	}
	char *why = hopeless ? xstrdup(r->e.text)
	            : late   ? too_late(g, s, r->e.text)
	                     : xasprintf("%s (%d attempts)", r->e.text, t->tries);
	task_step_failed(g, t, r, why);
	free(why);
	return false;
}

/* The device said yes: the next peer, or the step is done. */
static void said_yes(struct engine *g, struct task *t, const struct step *s,
                     const struct tr_reply *r, const struct values *captures)
{
	size_t device;
	t->peer++;
	t->tries = 0;
	t->runs_before = t->runs;
	t->yes_since = -1;
	values_merge(&t->told, captures); /* what one of the peers said stands */
	if (s->on == ON_PEERS && asked_device(g, t, s, &device))
		actions[s->action].start(g, t, s);
	else
		task_step_done(g, t, r, &t->told);
}

/* The limit of one question of a step that asks again and again; the last one is not cut short, for
 * its answer says why. */
static int64_t ask_limit(struct engine *g, struct task *t, const struct step *s)
{
	int64_t left = task_left(g, t, s);
	return left < LAST_ASK_MS ? LAST_ASK_MS : left < ASK_LIMIT_MS ? left : ASK_LIMIT_MS;
}

/* --- run, reboot ------------------------------------------------------------------------------------ */

static const char *own_command(const struct step *s)
{
	return s->command;
}

static const char *no_command(const struct step *s)
{
	(void)s;
	return NULL;
}

static void run_start(struct engine *g, struct task *t, const struct step *s)
{
	size_t device;
	if (asked_device(g, t, s, &device))
		send_to(g, t, s, device, DOING_STEP, s->command, task_left(g, t, s));
	else
		task_step_done(g, t, NULL, NULL);
}

static void unknown_recover(struct engine *g, struct task *t, const struct step *s)
{
	if (s->repeat && !s->done_when)
		run_start(g, t, s);
	else
		task_step_unknown(g, t, M_("the program ended while it was under way"));
}

static void run_judged(struct engine *g, struct task *t, const struct step *s,
                       const struct tr_reply *r)
{
	struct values captures = {0};
	struct str why = {0};
	enum verdict v = expected(g, t, s->expect, r, &captures, &why);
	bool may_repeat = s->repeat || !s->changes;
	if (v == VERDICT_YES)
		said_yes(g, t, s, r, &captures);
	else if ((v == VERDICT_UNKNOWN && s->changes) ||
	         (s->unclear && expected(g, t, s->unclear, r, NULL, NULL) == VERDICT_YES))
		task_step_unknown(g, t, str_text(&why));
	else if (may_repeat && t->runs - t->runs_before <= s->retries && task_may_repeat(g, t))
		task_pause(g, t, s, s->interval_ms ? s->interval_ms : AGAIN_MS);
	else
		task_step_failed(g, t, r, str_text(&why));
	values_release(&captures);
	str_release(&why);
}

static void run_reply(struct engine *g, struct task *t, const struct step *s,
                      const struct tr_reply *r)
{
	if (r->outcome == TR_DONE) {
		run_judged(g, t, s, r);
	} else if (r->outcome == TR_NOT_SENT) {
		t->runs--;
		task_retry(g, t, s, r);
	} else if (s->changes) {
		task_step_unknown(g, t, r->e.text);
	} else {
		task_retry(g, t, s, r);
	}
}

/* --- wait -------------------------------------------------------------------------------------------- */

static void wait_start(struct engine *g, struct task *t, const struct step *s)
{
	size_t device;
	if (asked_device(g, t, s, &device))
		send_to(g, t, s, device, DOING_STEP, s->command, ask_limit(g, t, s));
	else
		task_step_done(g, t, NULL, NULL);
}

/* Only what the device itself says can be gone over; silence cannot. */
static bool blocks(struct engine *g, struct task *t, const struct step *s)
{
	struct scope scope;
	struct answer none = {.status = -1, .out = "", .err = ""};
	task_scope(g, t, &scope);
	return !s->blocks || judge_ask(s->blocks, &none, &scope, NULL, NULL) != VERDICT_NO;
}

/* The device fails for something else, and this is only looked at. */
static bool wait_once(struct engine *g, struct task *t, const struct step *s,
		      const struct tr_reply *r, const char *why)
{
	if (!tv(g, t)->failing || !s->fails_later)
		return false;
	char *text = xasprintf(M_("asked once, for the device fails anyway: %-s"), why);
	task_step_failed(g, t, r, text);
	free(text);
	return true;
}

static void wait_more(struct engine *g, struct task *t, const struct step *s,
                      const struct tr_reply *r, bool known, const char *why)
{
	t->yes_since = -1;
	if (wait_once(g, t, s, r, why) || ask_unsettled(g, t, s, r, known, why))
		return;
	if (task_expired(g, t) && unit_leader_at_it(g, t))
		task_limit_again(g, t, unit_leader_held(g, t)
					   ? M_("the leader of its unit waits for an answer")
					   : M_("the leader of its unit is still at it"));
	if (!task_expired(g, t)) {
		task_pause(g, t, s, s->interval_ms ? s->interval_ms : AGAIN_MS);
		return;
	}
	char *text = too_late(g, s, why);
	if (r->outcome == TR_DONE && !blocks(g, t, s))
		task_step_passed_over(g, t, r, text);
	else
		task_step_failed(g, t, r, text);
	free(text);
}

static void wait_holds(struct engine *g, struct task *t, const struct step *s,
                       const struct tr_reply *r, struct values *captures)
{
	if (t->yes_since < 0)
		t->yes_since = g->now;
	if (g->now - t->yes_since < s->stable_ms) {
		task_sleep(g, t, s->interval_ms ? s->interval_ms : AGAIN_MS);
		return;
	}
	if (r->new_key) {
		values_set(captures, "host-key", r->fingerprint);
		note(g, task_name(g, t), true, M_("%s: a new host key was accepted, as armed: %s"),
		     task_name(g, t), r->fingerprint);
	}
	said_yes(g, t, s, r, captures);
}

static void wait_judged(struct engine *g, struct task *t, const struct step *s,
                        const struct tr_reply *r)
{
	struct values captures = {0};
	struct str why = {0};
	enum verdict v = expected(g, t, s->expect, r, &captures, &why);
	marks_see(g, t, s, str_text(&r->out), r->out.len);
	if (v == VERDICT_YES)
		wait_holds(g, t, s, r, &captures);
	else if (s->failed && expected(g, t, s->failed, r, NULL, NULL) == VERDICT_YES)
		task_step_failed(g, t, r, str_text(&why));
	else
		wait_more(g, t, s, r, v != VERDICT_UNKNOWN, str_text(&why));
	values_release(&captures);
	str_release(&why);
}

static void wait_reply(struct engine *g, struct task *t, const struct step *s,
                       const struct tr_reply *r)
{
	bool hopeless = r->outcome == TR_NOT_SENT &&
	                (r->e.kind == ERR_AUTH ||
	                 (r->e.kind == ERR_HOSTKEY && s->host_key != HOST_KEY_MAY_WAIT));
	if (r->outcome == TR_DONE)
		wait_judged(g, t, s, r);
	else if (hopeless)
		task_step_failed(g, t, r, r->e.text);
	else
		wait_more(g, t, s, r, false, r->e.text);
}

/* --- detach ------------------------------------------------------------------------------------------ */

static void poll_send(struct engine *g, struct task *t, const struct step *s)
{
	send_to(g, t, s, tv(g, t)->device, DOING_POLL, s->poll->command, ask_limit(g, t, s));
}

static void detach_start(struct engine *g, struct task *t, const struct step *s)
{
	if (t->doing == DOING_POLL)
		poll_send(g, t, s);
	else
		send_to(g, t, s, tv(g, t)->device, DOING_STEP, s->command, ask_limit(g, t, s));
}

static void poll_again(struct engine *g, struct task *t, const struct step *s,
                       const struct tr_reply *r, bool known, const char *why)
{
	t->doing = DOING_POLL;
	if (ask_unsettled(g, t, s, r, known, why))
		return;
	if (!task_expired(g, t)) {
		task_pause(g, t, s, s->interval_ms ? s->interval_ms : AGAIN_MS);
		return;
	}
	char limit[32];
	clock_span(task_limit(g, s), limit);
	char *text = xasprintf(M_("%s: \"%-s\" has not ended within %s (%-s)"), task_name(g, t),
			       s->title, limit, why);
	task_hold(g, t, "unknown-outcome", text, "wait|done|retry|fail");
	free(text);
}

static void detach_recover(struct engine *g, struct task *t, const struct step *s)
{
	t->doing = DOING_POLL;
	poll_send(g, t, s);
}

static void show_percent(struct engine *g, struct task *t, const struct step *s,
                         const struct tr_reply *r)
{
	struct values captures = {0};
	if (s->poll->progress &&
	    pattern_match(s->poll->progress, str_text(&r->out), r->out.len, &captures) ==
	        VERDICT_YES) {
		const char *percent = values_get(&captures, "percent");
		int64_t tenth = percent ? strtoll(percent, NULL, 10) / 10 : 0;
		if (tenth > t->shown && tenth <= 10) {
			t->shown = tenth;
			struct record *p = record_new(RECORD_PROGRESS, task_name(g, t), s->name);
			record_number(p, "done", tenth * 10);
			emit(g, record_number(p, "total", 100));
		}
	}
	values_release(&captures);
}

static void poll_judged(struct engine *g, struct task *t, const struct step *s,
                        const struct tr_reply *r)
{
	struct values captures = {0};
	struct str why = {0};
	struct scope scope;
	struct answer a = reply_answer(r);
	task_scope(g, t, &scope);
	switch (probe_judge(s->poll, &a, &scope, &captures, &why)) {
	case PROBE_DONE:
		task_step_done(g, t, r, &captures);
		break;
	case PROBE_FAILED:
		task_step_failed(g, t, r, M_("the device says that it failed"));
		break;
	case PROBE_ABSENT:
		task_step_again(g, t, M_("the device says that it was never started"));
		break;
	case PROBE_RUNNING:
		show_percent(g, t, s, r);
		poll_again(g, t, s, r, true, M_("it is still under way"));
		break;
	case PROBE_UNKNOWN:
		poll_again(g, t, s, r, false, str_text(&why));
		break;
	}
	values_release(&captures);
	str_release(&why);
}

static void detach_reply(struct engine *g, struct task *t, const struct step *s,
                         const struct tr_reply *r)
{
	struct str why = {0};
	if (t->doing == DOING_POLL && r->outcome == TR_DONE) {
		poll_judged(g, t, s, r);
	} else if (t->doing == DOING_POLL && r->outcome == TR_NOT_SENT && r->e.kind == ERR_AUTH) {
		task_hold(g, t, "unknown-outcome", r->e.text, "wait|done|retry|fail");
	} else if (t->doing == DOING_POLL) {
		poll_again(g, t, s, r, false, r->e.text);
	} else if (r->outcome == TR_NOT_SENT) {
		t->runs--;
		task_retry(g, t, s, r);
	} else if (r->outcome == TR_DONE &&
	           expected(g, t, s->expect, r, NULL, &why) != VERDICT_YES) {
		task_step_failed(g, t, r, str_text(&why));
	} else { /* started, or lost on the way: the device knows */
		t->doing = DOING_POLL;
		task_sleep(g, t, s->interval_ms ? s->interval_ms : AGAIN_MS);
	}
	str_release(&why);
}

/* --- copies: again is always safe, they go on where they were -------------------------------------------- */

static const char *put_command(const struct step *s)
{
	return s->to;
}

/* --- questions to the operator, lists of questions to the device, taking back ------------------------------- */

static void confirm_start(struct engine *g, struct task *t, const struct step *s)
{
	char *text = task_text(g, t, s->question, NULL);
	struct str choices = {0};
	for (char **c = s->choices; c && *c; c++)
		str_printf(&choices, "%s|", *c);
	str_puts(&choices, s->choices ? "fail" : "go|fail");
	task_hold(g, t, "confirm", text, str_text(&choices));
	str_release(&choices);
	free(text);
}

static void facts_start(struct engine *g, struct task *t, const struct step *s)
{
	(void)s;
	query_start(g, t, QUERY_FACTS, NULL);
}

static void check_start(struct engine *g, struct task *t, const struct step *s)
{
	samples_start(g, t);
	query_start(g, t, QUERY_CHECKS, s->checks);
}

static void snapshot_start(struct engine *g, struct task *t, const struct step *s)
{
	(void)s;
	samples_start(g, t);
	if (samples_misled(g, t))
		task_step_done(g, t, NULL, NULL);
	else if (!samples_wait(g, t))
		query_start(g, t, QUERY_SNAPSHOT, NULL);
}

static void take_back_start(struct engine *g, struct task *t, const struct step *s)
{
	(void)s;
	undo_fresh(t);
	undo_anew(t);
	t->doing = DOING_UNDO;
	undo_next(g, t);
}

static void no_reply(struct engine *g, struct task *t, const struct step *s,
                     const struct tr_reply *r)
{
	(void)g, (void)t, (void)s, (void)r; /* queries and undo take their replies before */
}

const struct action_ops actions[ACTIONS] = {
    [ACTION_RUN] = {run_start, unknown_recover, run_reply, own_command},
    [ACTION_DETACH] = {detach_start, detach_recover, detach_reply, own_command},
    [ACTION_PUT] = {put_start, put_start, put_reply, put_command},
    [ACTION_GET] = {get_start, get_start, get_reply, own_command},
    [ACTION_REBOOT] = {run_start, unknown_recover, run_reply, own_command},
    [ACTION_WAIT] = {wait_start, wait_start, wait_reply, own_command},
    [ACTION_FACTS] = {facts_start, facts_start, no_reply, no_command},
    [ACTION_CHECK] = {check_start, check_start, no_reply, no_command},
    [ACTION_SNAPSHOT] = {snapshot_start, snapshot_start, no_reply, no_command},
    [ACTION_CONFIRM] = {confirm_start, confirm_start, no_reply, no_command},
    [ACTION_TAKE_BACK] = {take_back_start, take_back_start, no_reply, no_command},
};
