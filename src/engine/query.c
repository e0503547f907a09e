/* SPDX-License-Identifier: ISC */
/* Lists of questions to one device, one after the other: facts, checks, collectors. */
#include "config.h"

#include "engine/private.h"

#include "base/utf8.h"

#include <stdlib.h>

#define QUESTION_LIMIT_MS 30000
#define OTHERS_LIMIT_MS 10000 /* nobody waits long for a neighbor that is not of the job */
#define AGAIN_MS 2000
#define PEERS_MAX 64

void query_end(struct task *t)
{
	t->in_query = false;
	values_release(&t->query.found);
	values_release(&t->query.seen);
	str_release(&t->query.told);
	t->query = (struct query){0};
}

void query_start(struct engine *g, struct task *t, enum query_kind kind, char *const *names)
{
	query_end(t);
	t->in_query = true;
	t->query.kind = kind;
	t->query.names = names;
	query_next(g, t);
}

/* In a step the questions share its limit. */
static int64_t question_limit(struct engine *g, struct task *t)
{
	int64_t left = t->step_open ? task_left(g, t, task_step(g, t)) : QUESTION_LIMIT_MS;
	return left < QUESTION_LIMIT_MS ? left : QUESTION_LIMIT_MS;
}

/* Is the question of a check on neighbors? */
static bool about_neighbors(struct engine *g, struct task *t)
{
	return t->query.kind == QUERY_CHECKS && t->query.i < g->view->procedure->n_checks &&
	       g->view->procedure->checks[t->query.i].on == ON_NEIGHBORS;
}

void query_ask(struct engine *g, struct task *t, size_t device, const char *template, size_t limit)
{
	char *command;
	struct err e = {0};
	if (task_command(g, t, template, &command, &e) != 0) {
		note(g, task_name(g, t), true, M_("%s: a question could not be asked: %-s"),
		     task_name(g, t), e.text);
		command = xstrdup("false");
	}
	struct tr_request *r = task_request(g, t, TR_RUN, device, command, question_limit(g, t));
	r->output_limit = limit;
	if (about_neighbors(g, t) && r->timeout_ms > OTHERS_LIMIT_MS)
		r->timeout_ms = r->connect_ms = OTHERS_LIMIT_MS;
	r->accept_key = xstrdup(values_get(&tv(g, t)->captures, "host-key"));
	task_send(g, t, DOING_QUERY, r);
}

bool task_holds(struct engine *g, struct task *t, const struct judge *j)
{
	struct scope scope;
	struct answer none = {.status = -1, .out = "", .err = ""};
	if (!j)
		return true;
	task_scope(g, t, &scope);
	scope.layers[4] = &t->query.found;
	return judge_ask(j, &none, &scope, NULL, NULL) == VERDICT_YES;
}

/* --- facts ---------------------------------------------------------------------------------------- */

static void facts_record(struct engine *g, struct task *t)
{
	struct record *r = record_new(RECORD_FACTS, task_name(g, t), NULL);
	if (!t->surveying)
		record_flag(r, "gate", true);
	if (again_facts_changed(g, t))
		record_flag(r, "changed", true);
	emit(g, record_json(r, "values", values_to_json(&t->query.found)));
	task_builtins(g, t); /* versions and images follow from the facts */
}

static void fact_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct fact *f = &g->view->procedure->facts[t->query.i];
	if (t->step_open)
		reply_tell(g, t, f->command, r, &t->query.told);
	struct values captures = {0};
	struct scope scope;
	struct answer a = reply_answer(r);
	task_scope(g, t, &scope);
	const char *text = NULL;
	if (judge_ask(f->read, &a, &scope, &captures, NULL) == VERDICT_YES)
		text = values_get(&captures, f->capture);
	const char *mapped = text ? values_get(&f->map, text) : NULL;
	text = mapped ? mapped : text ? text : f->otherwise ? f->otherwise : "";
	values_set(&t->query.found, f->name, text);
	values_release(&captures);
	t->query.i++;
}

/* The facts are read: compare with the plan what the step names. True: as planned. */
static bool as_planned(struct engine *g, struct task *t, const struct step *s, struct str *drift)
{
	for (size_t i = 0; s->compare && s->compare[i]; i++) {
		const char *planned = values_get(&tv(g, t)->facts, s->compare[i]);
		const char *now = values_get(&tv(g, t)->captures, s->compare[i]);
		if (str_eq(planned ? planned : "", now ? now : ""))
			continue;
		str_puts(drift, drift->len ? "; " : "");
		str_printf(drift, M_("%s was \"%s\" when planned and is \"%s\" now"), s->compare[i],
			   planned ? planned : "", now ? now : "");
	}
	return drift->len == 0;
}

void gate_finished(struct engine *g, struct task *t, const struct step *s, const char *told)
{
	struct str drift = {0};
	if (as_planned(g, t, s, &drift)) {
		struct tr_reply r = {.outcome = TR_DONE, .status = -1};
		str_puts(&r.out, told);
		task_step_done(g, t, &r, NULL);
		str_release(&r.out);
	} else {
		char *safe = utf8_safe(str_text(&drift), UTF8_ONE_LINE);
		char *text = xasprintf(M_("%s is not as planned: %-s"), task_name(g, t), safe);
		free(safe);
		task_hold(g, t, "drift", text, "done|retry|fail");
		free(text);
	}
	str_release(&drift);
}

/* --- checks --------------------------------------------------------------------------------------- */

bool is_named(char *const *names, const char *name)
{
	for (size_t i = 0; names && names[i]; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static bool wanted(struct engine *g, struct task *t, const struct check *c)
{
	if (t->query.names ? !is_named(t->query.names, c->name) : !c->before)
		return false;
	if (t->surveying && !again_asks(g, t, c))
		return false;
	return check_applies(g, t, c) && task_holds(g, t, c->when);
}

static void pass_over(struct engine *g, struct task *t, const struct check *c)
{
	if (t->surveying && c->before)
		check_skip(g, t, c);
	t->query.i++;
}

/* Who waived it before the job began goes on with it. */
static bool is_waived(struct engine *g, struct task *t, const struct check *c)
{
	for (size_t i = 0; i < g->view->checks.n; i++) {
		const struct check_view *v = &g->view->checks.v[i];
		if (v->device == tv(g, t)->device && v->waived_by && str_eq(v->check, c->name))
			return true;
	}
	return false;
}

static void check_result(struct engine *g, struct task *t, const struct check *c, bool good,
                         const char *why, const struct tr_reply *r)
{
	bool blocks = check_blocks(g, t, c);
	const char *bad = blocks ? "failed" : "warning";
	if (!good && blocks && !is_waived(g, t, c))
		t->query.bad = true;
	if (!good || !t->surveying || !again_stands(g, t, c))
		check_record(g, t, c, good ? "passed" : bad, why, c->command, r);
	t->query.i++;
	t->query.peer = 0;
}

static void check_unknown(struct engine *g, struct task *t, const struct check *c,
                          const struct tr_reply *r, const char *why)
{
	if (check_blocks(g, t, c))
		t->query.bad = true;
	check_record(g, t, c, "unknown", why, c->command, r);
	t->query.i++;
	t->query.peer = 0;
}

/* A check that needs no device. True: it is answered (or put off), go on with the next one. */
static bool answered_here(struct engine *g, struct task *t, const struct check *c)
{
	if (c->builtin) {
		const char *status = builtin_status(g, t, c, &t->query.found);
		if (str_eq(status, "passed") || str_eq(status, "failed"))
			check_result(g, t, c, str_eq(status, "passed"),
			             values_get(&t->query.found, "reason"), NULL);
		else if (str_eq(status, "unknown"))
			check_unknown(g, t, c, NULL, values_get(&t->query.found, "reason"));
		else if (str_eq(status, "skipped"))
			pass_over(g, t, c);
		else
			t->query.i++;
		return true;
	}
	if (t->connection.kind != ERR_NONE && t->surveying) {
		t->query.i++; /* it does not answer: that has been said already */
		return true;
	}
	if (!c->command) {
		check_result(g, t, c, task_holds(g, t, c->expect), NULL, NULL);
		return true;
	}
	bool late = t->surveying && t->survey_took > SURVEY_LIMIT_MS;
	if (late && c->on == ON_NEIGHBORS) { /* who was not asked is not asked later either */
		check_result(g, t, c, true, NULL, NULL);
		return true;
	}
	if (late) {
		check_unknown(g, t, c, NULL, M_("the pre-checks of this device took too long"));
		return true;
	}
	return false;
}

static bool check_device(struct engine *g, struct task *t, const struct check *c, size_t *device)
{
	size_t peers[PEERS_MAX];
	*device = tv(g, t)->device;
	if (c->on != ON_PEERS)
		task_speak_to(g, t, NO_DEVICE);
	if (c->on == ON_SELF)
		return true;
	if (c->on == ON_NEIGHBORS)
		return neighbor_next(g, t, c, device);
	if (t->query.peer >= task_peers(g, t, peers, PEERS_MAX))
		return false;
	*device = peers[t->query.peer];
	task_speak_to(g, t, *device);
	return true;
}

static void check_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct check *c = &g->view->procedure->checks[t->query.i];
	struct str why = {0};
	struct scope scope;
	struct answer a = reply_answer(r);
	size_t device;
	task_scope(g, t, &scope);
	scope.layers[4] = &t->query.found;
	enum verdict v = c->expect ? judge_ask(c->expect, &a, &scope, &t->query.found, &why)
	                 : r->status == 0 ? VERDICT_YES
	                                  : VERDICT_NO;
	if (c->on == ON_NEIGHBORS) { /* query_next() asks the next one */
		neighbor_answered(g, t, c, v == VERDICT_YES);
	} else if (v == VERDICT_UNKNOWN) {
		check_unknown(g, t, c, r, str_text(&why));
	} else if (v == VERDICT_NO) {
		check_result(g, t, c, false, str_text(&why), r);
	} else {
		t->query.peer++;
		if (c->on == ON_SELF || !check_device(g, t, c, &device))
			check_result(g, t, c, true, NULL, r);
	}
	str_release(&why);
}

/* The step fails with the words of the first check that is not as it should be. */
static void check_failed(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	const char *why = M_("a check failed: see the checks of this device");
	for (size_t i = 0; i < g->view->checks.n; i++) {
		const struct check_view *c = &g->view->checks.v[i];
		bool bad = str_eq(c->status, "failed") || str_eq(c->status, "unknown");
		if (c->device == tv(g, t)->device && c->error && bad && c->message &&
		    s->checks && is_named(s->checks, c->check)) {
			why = c->message;
			break;
		}
	}
	char *copy = xstrdup(why);
	task_step_failed(g, t, NULL, copy);
	free(copy);
}

/* --- the list --------------------------------------------------------------------------------------- */

static void finished(struct engine *g, struct task *t)
{
	enum query_kind kind = t->query.kind;
	bool bad = t->query.bad;
	if (looks(g, t)) {
		look_finished(g, t, &t->query.found);
		return;
	}
	if (t->query.silent && !t->query.answered) { /* there was one question only */
		struct err silence = t->query.silence;
		survey_connection(g, t, &silence);
		return;
	}
	if (kind == QUERY_FACTS)
		facts_record(g, t);
	if (kind == QUERY_CHECKS && t->surveying)
		neighbors_record(g, t);
	if ((kind == QUERY_SNAPSHOT && snapshot_again(g, t)) ||
	    (kind == QUERY_CHECKS && t->step_open && checks_again(g, t)))
		return;
	struct str told = t->query.told;
	t->query.told = (struct str){0};
	query_end(t);
	samples_end(t);
	if (t->surveying)
		survey_query_done(g, t);
	else if (kind == QUERY_FACTS)
		gate_finished(g, t, task_step(g, t), str_text(&told));
	else if (bad)
		check_failed(g, t);
	else
		task_step_done(g, t, NULL, NULL);
	str_release(&told);
}

static bool next_fact(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	while (t->surveying && t->query.i < p->n_facts &&
	       values_get(&t->unread, p->facts[t->query.i].name))
		t->query.i++; /* its question got no answer a moment ago */
	if (t->query.i >= p->n_facts)
		return false;
	query_ask(g, t, tv(g, t)->device, p->facts[t->query.i].command, 256 * 1024);
	return true;
}

/* No (more) peers: nothing against it. */
static void all_asked(struct engine *g, struct task *t, const struct check *c)
{
	char *lost = c->on == ON_NEIGHBORS ? neighbor_lost(g, t, c) : NULL;
	check_result(g, t, c, lost == NULL, lost, NULL);
	free(lost);
}

static bool next_check(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	size_t device;
	while (t->query.i < p->n_checks) {
		const struct check *c = &p->checks[t->query.i];
		if (!wanted(g, t, c))
			pass_over(g, t, c);
		else if (answered_here(g, t, c))
			continue;
		else if (!check_device(g, t, c, &device))
			all_asked(g, t, c);
		else {
			query_ask(g, t, device, c->command, 256 * 1024);
			return true;
		}
	}
	return false;
}

void query_next(struct engine *g, struct task *t)
{
	static bool (*const next[])(struct engine *, struct task *) = {
	    [QUERY_FACTS] = next_fact,
	    [QUERY_CHECKS] = next_check,
	    [QUERY_SNAPSHOT] = next_collector,
	};
	if (!next[t->query.kind](g, t))
		finished(g, t);
}

/* One question of the pre-checks got no answer, and others did: its facts are not known, and why is
 * said; the device is not to blame as a whole. */
static void fact_unread(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct procedure *p = g->view->procedure;
	const char *question = p->facts[t->query.i].command;
	char *command = task_text(g, t, question, NULL);
	char *why = xasprintf(M_("\"%s\": %-s"), command, r->e.text);
	struct str names = {0};
	for (size_t i = t->query.i; i < p->n_facts; i++) {
		if (!str_eq(p->facts[i].command, question))
			continue;
		values_set(&t->unread, p->facts[i].name, why);
		values_set(&t->query.found, p->facts[i].name, "");
		str_printf(&names, "%s%s", names.len ? ", " : "", p->facts[i].name);
	}
	note(g, task_name(g, t), true, M_("%s: %s could not be read with %-s"), task_name(g, t),
	     str_text(&names), why);
	free(command), free(why);
	str_release(&names);
	t->query.tries = 0;
	query_next(g, t);
}

/* The step of the question fails and names what was asked. */
static void question_failed(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct procedure *p = g->view->procedure;
	const char *template = t->query.kind == QUERY_FACTS    ? p->facts[t->query.i].command
	                       : t->query.kind == QUERY_CHECKS ? p->checks[t->query.i].command
	                                                       : p->collectors[t->query.i].command;
	char *command = task_text(g, t, template, NULL);
	char *why = r->outcome == TR_NOT_SENT ? xstrdup(r->e.text)
					      : xasprintf(M_("\"%s\": %-s"), command, r->e.text);
	query_end(t);
	task_step_failed(g, t, r, why);
	free(command), free(why);
}

/* Does it answer anything at all? Two different questions without an answer say no. */
static bool is_silent(struct task *t, const struct tr_reply *r)
{
	t->query.silence = r->e;
	return t->query.answered == 0 && ++t->query.silent >= 2;
}

static bool ask_again(struct engine *g, struct task *t, const struct tr_reply *r)
{
	bool lasting = r->outcome == TR_NOT_SENT &&
	               (r->e.kind == ERR_AUTH || r->e.kind == ERR_SECRET ||
	                r->e.kind == ERR_HOSTKEY);
	bool late = t->step_open && !task_may_repeat(g, t);
	bool gone = t->surveying && r->device != tv(g, t)->device && t->query.peer_silent;
	if (lasting || late || gone || ++t->query.tries >= (t->step_open ? TRIES : 2))
		return false;
	if (t->step_open)
		task_wait_to_try(g, t, task_step(g, t), t->query.tries,
		                 AGAIN_MS * t->query.tries, r->e.text);
	else
		task_sleep(g, t, AGAIN_MS * t->query.tries);
	return true;
}

/* No answer came. In the pre-checks that is a result, in a step it is tried again. */
static void no_answer(struct engine *g, struct task *t, const struct tr_reply *r)
{
	if (about_neighbors(g, t)) {
		neighbor_silent(g, t, &g->view->procedure->checks[t->query.i], r->device);
		query_next(g, t);
		return;
	}
	if (ask_again(g, t, r))
		return;
	bool own = r->device == tv(g, t)->device; /* a peer that is away does not make us rotten */
	t->query.peer_silent |= !own; /* and is asked once for each check from now on */
	bool sent = r->outcome != TR_NOT_SENT;
	const struct check *c = t->query.kind == QUERY_CHECKS
	                            ? &g->view->procedure->checks[t->query.i]
	                            : NULL;
	if (c && (sent || !own)) {
		t->query.tries = 0;
		check_unknown(g, t, c, r, r->e.text);
		query_next(g, t);
	} else if (looks(g, t)) {
		look_finished(g, t, NULL);
	} else if (t->surveying && t->query.kind == QUERY_FACTS && sent && !is_silent(t, r)) {
		fact_unread(g, t, r);
	} else if (t->surveying) {
		survey_connection(g, t, &r->e);
	} else {
		question_failed(g, t, r);
	}
}

void query_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	static void (*const take[])(struct engine *, struct task *, const struct tr_reply *) = {
	    [QUERY_FACTS] = fact_reply,
	    [QUERY_CHECKS] = check_reply,
	    [QUERY_SNAPSHOT] = snapshot_reply,
	};
	t->survey_took += r->ms;
	if (r->outcome != TR_DONE) {
		no_answer(g, t, r);
		return;
	}
	t->query.tries = 0;
	t->query.answered++;
	take[t->query.kind](g, t, r);
	query_next(g, t);
}
