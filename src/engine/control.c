/* SPDX-License-Identifier: ISC */
/* What the operator may ask for, one row a verb: is it possible now, and what it does. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

struct order {
	const struct jobview *view;
	const cJSON *command;
	const char *target, *text, *who;
	struct task_view *task; /* of the target; NULL: none named, or no such device */
	struct err *e;
};

static int no(struct order *o, const char *why)
{
	return err_text(o->e, ERR_REFUSED, why);
}

static int no_state(struct order *o, const char *verb)
{
	return err_set(o->e, ERR_REFUSED, "the job is %-s: there is nothing to %-s",
		       job_state_name(o->view->state), verb);
}

static bool is_running(const struct jobview *v)
{
	return v->state == JOB_RUNNING || v->state == JOB_HELD || v->state == JOB_PAUSED ||
	       v->state == JOB_CANCELLING;
}

/* --- possible? --------------------------------------------------------------------------------------- */

static int may_start(struct order *o)
{
	return o->view->state == JOB_READY ? 0 : no_state(o, M_("start"));
}

/* Held for a failure: nothing begins anyway until the operator says how it goes on. Held for a question
 * or the window it goes on by itself when that is answered, or the time has come. */
static bool waits_for_word(const struct jobview *v)
{
	bool failed = false;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (t->state == TASK_HELD)
			return false;
		failed |= task_view_failed(t) && !t->acknowledged && !t->released;
	}
	return v->state == JOB_HELD && failed;
}

static int may_pause(struct order *o)
{
	if (waits_for_word(o->view))
		return no(o, M_("the job is held already: no device begins before you say how it "
		             "goes on (resume, retry, skip)"));
	return o->view->state == JOB_RUNNING || o->view->state == JOB_HELD ? 0
	                                                                   : no_state(o, M_("pause"));
}

static int may_resume(struct order *o)
{
	const struct question_view *q = jobview_open_question(o->view, NO_DEVICE);
	if (o->view->state == JOB_HELD && q && str_eq(o->view->reason, q->text))
		return no(o, M_("a question is open, which must be answered first"));
	return o->view->state == JOB_PAUSED || o->view->state == JOB_HELD
		   ? 0
		   : no_state(o, M_("resume"));
}

static int may_cancel(struct order *o)
{
	return (is_running(o->view) && o->view->state != JOB_CANCELLING) ||
		       o->view->state == JOB_READY || o->view->state == JOB_CHECKING
		   ? 0
		   : no_state(o, M_("cancel"));
}

static int may_retry(struct order *o)
{
	struct values later = {0};
	if (!o->view->started || o->view->state == JOB_CANCELLING)
		return no_state(o, M_("retry"));
	if (o->text && o->view->job->second_person)
		return no(o, M_("a second person has confirmed the plan with its parameters: they stay"));
	int rc = procedure_set_later(o->view->procedure, o->text ? o->text : "", &later, o->e);
	values_release(&later);
	if (rc < 0)
		return -1;
	if (o->task && !task_view_failed(o->task) && o->task->state != TASK_ROLLED_BACK &&
	    o->task->state != TASK_SKIPPED && o->task->state != TASK_CANCELLED)
		return err_set(o->e, ERR_REFUSED,
			       "%s is %-s: only a device that failed or was "
			       "left out can be tried again",
			       o->target, task_state_name(o->task->state));
	return 0;
}

static int may_skip(struct order *o)
{
	if (!o->task)
		return no(o, M_("name the device to skip"));
	if (o->task->state != TASK_PENDING && !task_view_failed(o->task))
		return err_set(o->e, ERR_REFUSED,
			       "%s is %-s: only a device that waits or has failed can be skipped",
			       o->target, task_state_name(o->task->state));
	return 0;
}

static int may_rollback(struct order *o)
{
	if (!o->task)
		return no(o, M_("name the device to roll back"));
	if (o->view->state == JOB_CANCELLING)
		return no_state(o, M_("roll back"));
	if (!task_state_final(o->task->state) || !o->task->started)
		return err_set(
		    o->e, ERR_REFUSED,
		    "%s is %-s: only a device whose upgrade has ended can be rolled back",
		    o->target, task_state_name(o->task->state));
	if (!jobview_steps(o->view, PASS_ROLLBACK)[0])
		return no(o, M_("this method of upgrade has no way back"));
	bool whole = jobview_never_left(o->view, o->task) || jobview_component(o->view, o->task);
	if (whole && o->task->state == TASK_ROLLED_BACK)
		return err_set(o->e, ERR_REFUSED, "%s is rolled back already", o->target);
	if (jobview_never_left(o->view, o->task))
		return err_set(o->e, ERR_REFUSED, "%s never left its version: nothing is to be "
		                                  "rolled back", o->target);
	const char *stays = jobview_method(o->view)->done_stays;
	if (stays && o->task->state == TASK_DONE)
		return err_set(o->e, ERR_REFUSED, "%s is done and cannot go back: %-s", o->target,
			       stays);
	size_t done, of;
	const struct component *c = turn_past_return(o->view, o->task, &done, &of);
	if (c)
		return err_set(o->e, ERR_REFUSED,
			       "%s cannot go back, %s is through on %zu of %zu devices: %-s",
			       o->target, c->name, done, of, c->no_return);
	return 0;
}

static bool is_choice(const char *choices, const char *answer)
{
	size_t n;
	bool found = false;
	char **list = str_split(choices ? choices : "", "|", &n);
	for (size_t i = 0; i < n; i++)
		found |= str_eq(list[i], answer);
	free(list);
	return found;
}

static int may_answer(struct order *o)
{
	int64_t id = o->target ? strtoll(o->target, NULL, 10) : 0;
	const struct question_view *q = jobview_question(o->view, id);
	if (!q || q->answer)
		return err_set(o->e, ERR_REFUSED, "there is no open question %s",
		               o->target ? o->target : "");
	if (jobview_open_question(o->view, q->device) != q)
		return err_set(o->e, ERR_REFUSED, "question %lld needs no answer any more: nothing "
		                                  "waits for it", (long long)id);
	if (!is_choice(q->choices, o->text))
		return err_set(o->e, ERR_INPUT, "the answer to question %lld is one of: %s",
		               (long long)id, q->choices);
	return 0;
}

static int may_waive(struct order *o)
{
	bool known = false;
	for (size_t i = 0; i < o->view->checks.n; i++) {
		const struct check_view *c = &o->view->checks.v[i];
		if (!str_eq(c->check, json_text(o->command, "check")))
			continue;
		known = true;
		if (!c->waivable)
			return err_set(o->e, ERR_REFUSED, "the check \"%s\" cannot be waived: %-s",
				       c->check, c->advice ? c->advice : M_("put it right"));
	}
	if (!known)
		return no(o, M_("there is no result of such a check"));
	return o->text && *o->text ? 0 : no(o, M_("a waiver needs a reason"));
}

static int may_recheck(struct order *o)
{
	if (o->view->state != JOB_REFUSED && o->view->state != JOB_READY)
		return no_state(o, "check");
	if (o->text && (o->task || !str_eq(o->text, "all")))
		return err_set(o->e, ERR_INPUT, "check again what is open (of all, or of one device), "
		                                "or \"all\" of all devices");
	if (o->text || again_any_open(o->view, o->task))
		return 0;
	if (o->task)
		return err_set(o->e, ERR_REFUSED, "nothing is open of %s: ask again for all checks",
		               o->target);
	return o->view->state == JOB_REFUSED /* there was no plan */
	           ? 0
	           : no(o, "every check has passed: ask again for all of them");
}

static int may_discard(struct order *o)
{
	if (!o->view->started || !job_state_final(o->view->state))
		return err_set(o->e, ERR_REFUSED,
		               "the job is %s: what it leaves on devices is removed when it is over",
		               job_state_name(o->view->state));
	for (size_t i = 0; i < o->view->tasks.n; i++)
		if ((!o->task || o->task == &o->view->tasks.v[i]) && o->view->tasks.v[i].open.n)
			return 0;
	return no(o, o->task ? "this job left nothing on the device"
	                     : "this job left nothing on any device");
}

/* The runner knows who it is: the words and the name are all that is left to judge here. */
static int may_confirm(struct order *o)
{
	if (!o->view->job->second_person)
		return no(o, "this job was made without --require-confirm: nothing is to confirm");
	if (!o->view->plan || (o->view->state != JOB_READY && !is_running(o->view)))
		return no_state(o, "confirm");
	if (str_eq(o->view->confirmed, o->view->words))
		return err_set(o->e, ERR_REFUSED, "this plan is confirmed already, by %s",
		               o->view->confirmed_by);
	if (json_number(o->command, "uid", -1) < 0)
		return no(o, "only 'hitless confirm' on this machine can confirm a plan");
	if (!plan_words_are(o->view->words, o->text))
		return err_set(o->e, ERR_INPUT,
		               "these are not the words of this plan: hitless show '%s'",
		               o->view->job->name);
	return 0;
}

static int may_ask(struct order *o)
{
	if (!o->task)
		return no(o, M_("name the device to ask"));
	return ask_possible(o->view, o->task, o->e);
}

/* --- do ---------------------------------------------------------------------------------------------- */

static void task_state(struct engine *g, struct task_view *v, const char *state, enum pass pass,
                       const char *flag, const char *reason)
{
	struct record *r = record_new(RECORD_TASK, jobview_device(g->view, v->device), NULL);
	record_text(r, "state", state);
	record_text(r, "reason", reason);
	record_text(r, "pass", pass_names[pass]);
	if (flag)
		record_flag(r, flag, true);
	emit(g, r);
}

static void do_start(struct engine *g, struct order *o)
{
	(void)o;
	set_state(g, JOB_RUNNING, NULL);
}

static void do_pause(struct engine *g, struct order *o)
{
	(void)o;
	set_state(g, JOB_PAUSED, M_("by the operator; devices under way go on to their end"));
}

/* Running again, past the stages whose end it waited at. */
static void let_go(struct engine *g)
{
	size_t past = schedule_reached(g);
	if (past <= g->view->past_stage) {
		set_state(g, JOB_RUNNING, NULL);
		return;
	}
	struct record *r = record_new(RECORD_STATE, NULL, NULL);
	record_text(r, "state", job_state_name(JOB_RUNNING));
	emit(g, record_number(r, "past_stage", (int64_t)past));
}

static void do_resume(struct engine *g, struct order *o)
{
	budget_note(g, o->who);
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		struct task_view *v = &g->view->tasks.v[i];
		if (task_view_failed(v) && !v->acknowledged && !v->released)
			task_state(g, v, task_state_name(v->state), PASS_UPGRADE, "acknowledged",
			           v->reason);
	}
	let_go(g);
}

static void do_cancel(struct engine *g, struct order *o)
{
	if (job_state_final(g->view->state))
		return;
	questions_close(g, NO_DEVICE, "cancel", o->who);
	if (!is_running(g->view)) {
		survey_stop(g);
		set_state(g, JOB_CANCELLED, M_("before anything was started"));
		return;
	}
	set_state(g, JOB_CANCELLING,
		  M_("by the operator; devices past the point of no return go on"));
	for (size_t i = 0; i < g->n; i++)
		task_cancel(g, &g->tasks[i], o->who);
}

static void retry_one(struct engine *g, struct task_view *v)
{
	task_state(g, v, task_state_name(TASK_PENDING), PASS_UPGRADE, NULL,
		   M_("to be tried again"));
}

/* "All of them" passes over who is gone (it stays as it is), and over devices that the operator took
 * out: such a one has to be named. */
static bool is_gone(struct engine *g, const struct task_view *v)
{
	return g->world->gone && g->world->gone[v->device];
}

static bool wants_retry(const struct task_view *v)
{
	return task_view_failed(v) || (v->state == TASK_SKIPPED && !v->released);
}

/* Who is named brings those that follow it in its unit. */
static bool goes_along(struct engine *g, const struct task_view *v, const struct task_view *named)
{
	return unit_follows(g->view, v) && unit_leader(g->view, v) == named &&
	       task_state_final(v->state) && v->state != TASK_DONE;
}

static void do_retry(struct engine *g, struct order *o)
{
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		struct task_view *v = &g->view->tasks.v[i];
		if (o->task ? v == o->task || goes_along(g, v, o->task)
			    : wants_retry(v) && !is_gone(g, v))
			retry_one(g, v);
	}
	set_state(g, JOB_RUNNING, NULL);
}

static void do_skip(struct engine *g, struct order *o)
{
	if (task_view_failed(o->task))
		task_state(g, o->task, task_state_name(o->task->state), PASS_UPGRADE, "released",
		           o->task->reason);
	else
		task_leave_out(g, &g->tasks[o->task - g->view->tasks.v], TASK_SKIPPED, "released",
			       M_("skipped by the operator"));
	unit_tell_followers(g, o->task);
	if (g->view->state == JOB_HELD)
		set_state(g, JOB_RUNNING, NULL);
}

static void do_rollback(struct engine *g, struct order *o)
{
	task_state(g, o->task, task_state_name(TASK_PENDING), PASS_ROLLBACK, NULL,
		   M_("to be rolled back"));
	set_state(g, JOB_RUNNING, NULL);
}

static void do_discard(struct engine *g, struct order *o)
{
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		struct task_view *v = &g->view->tasks.v[i];
		if (v->open.n && (o->task ? o->task == v : !is_gone(g, v)))
			task_state(g, v, task_state_name(TASK_PENDING), PASS_UNDO, NULL,
			           "what is left on it is to be removed");
	}
	set_state(g, JOB_RUNNING, NULL);
}

static void do_confirm(struct engine *g, struct order *o)
{
	struct record *r = record_new(RECORD_CONFIRM, NULL, NULL);
	record_text(r, "words", g->view->words);
	record_text(r, "who", o->who);
	record_number(r, "uid", json_number(o->command, "uid", -1));
	emit(g, record_text(r, "host", json_text(o->command, "host")));
	if (g->view->state == JOB_HELD)
		set_state(g, JOB_RUNNING, NULL);
}

static void do_answer(struct engine *g, struct order *o)
{
	const struct question_view *q =
	    jobview_question(g->view, strtoll(o->target, NULL, 10));
	size_t device = q->device;
	bool cancels = device == NO_DEVICE && str_eq(o->text, "cancel");
	char *kind = xstrdup(q->kind);
	question_close(g, q, o->text, o->who);
	if (cancels)
		do_cancel(g, o);
	else if (g->view->state == JOB_HELD)
		set_state(g, JOB_RUNNING, NULL);
	for (size_t i = 0; i < g->n; i++)
		if (g->view->tasks.v[i].device == device)
			task_answered(g, &g->tasks[i], kind, o->text);
	free(kind);
}

static void do_waive(struct engine *g, struct order *o)
{
	struct record *r = record_new(RECORD_WAIVE, o->target, NULL);
	record_text(r, "check", json_text(o->command, "check"));
	record_text(r, "reason", o->text);
	emit(g, record_text(r, "who", o->who));
	if (g->view->state == JOB_REFUSED && g->view->plan &&
	    jobview_checks_passed(g->view, NULL, NULL))
		set_state(g, JOB_READY, M_("every open check was waived"));
}

static void do_recheck(struct engine *g, struct order *o)
{
	survey_again(g, o->task, o->text || !again_any_open(g->view, o->task), o->who);
}

static void do_ask(struct engine *g, struct order *o)
{
	ask_now(g, &g->tasks[o->task - g->view->tasks.v]);
}

static const struct {
	const char *verb;
	int (*possible)(struct order *o);
	void (*act)(struct engine *g, struct order *o);
} verbs[] = {
    {"start", may_start, do_start},       {"pause", may_pause, do_pause},
    {"resume", may_resume, do_resume},    {"cancel", may_cancel, do_cancel},
    {"retry", may_retry, do_retry},       {"skip", may_skip, do_skip},
    {"rollback", may_rollback, do_rollback}, {"answer", may_answer, do_answer},
    {"waive", may_waive, do_waive},       {"recheck", may_recheck, do_recheck},
    {"discard", may_discard, do_discard}, {"confirm", may_confirm, do_confirm},
    {"ask", may_ask, do_ask},
};

static int find_verb(struct order *o)
{
	const char *verb = json_text(o->command, "verb");
	for (size_t i = 0; i < LEN(verbs); i++)
		if (str_eq(verbs[i].verb, verb))
			return (int)i;
	return err_set(o->e, ERR_INPUT, "there is no command \"%s\"", verb ? verb : "");
}

static int understand(struct order *o, struct jobview *v)
{
	int i = find_verb(o);
	if (i < 0)
		return -1;
	o->target = json_text(o->command, "target");
	o->text = json_text(o->command, "text");
	o->who = json_text(o->command, "who");
	if (o->target && !str_eq(verbs[i].verb, "answer")) {
		size_t d = inventory_find(v->job->inventory, o->target);
		o->task = d == NO_DEVICE ? NULL : jobview_task(v, d);
		if (!o->task)
			return err_set(o->e, ERR_INPUT, "%s is not a device of this job", o->target);
	}
	return verbs[i].possible(o) == 0 ? i : -1;
}

int engine_command_check(const struct jobview *v, const cJSON *command, struct err *e)
{
	struct order o = {.view = v, .command = command, .e = e};
	return understand(&o, (struct jobview *)v) < 0 ? -1 : 0;
}

int control_command(struct engine *g, const cJSON *command)
{
	struct err why = {0};
	struct order o = {.view = g->view, .command = command, .e = &why};
	int64_t id = json_number(command, "command_id", 0);
	if (id && id <= g->view->last_command)
		return 0; /* delivered a second time after a crash */
	int i = understand(&o, g->view);
	struct record *r = record_new(RECORD_COMMAND, NULL, NULL);
	record_text(r, "verb", json_text(command, "verb"));
	record_text(r, "target", o.target);
	record_text(r, "text", o.text);
	record_text(r, "who", o.who);
	record_text(r, "login", json_text(command, "login"));
	if (i < 0)
		record_text(r, "refused", why.text);
	emit(g, record_number(r, "command_id", id));
	if (i < 0)
		note(g, NULL, true, M_("refused: %-s"), why.text);
	else
		verbs[i].act(g, &o);
	return 0;
}
