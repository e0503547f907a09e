/* SPDX-License-Identifier: ISC */
/* Taking changes back, newest first, on every way out: success, failure, cancel, crash. The commands
 * are repeatable by rule, so the list of open changes in the view is all that has to be known. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

#define PEERS_MAX 64
#define UNDO_TRIES 3
#define UNDO_AGAIN_MS (10 * 1000)

/* A job of this kind leaves the change on the device when all went well; or it serves what comes. */
static bool stays(struct engine *g, const struct task_view *v, size_t change)
{
	return jobview_lasts(g->view, v, &v->open.v[change]) ||
	       (v->state == TASK_RUNNING && v->pass == PASS_UPGRADE &&
		jobview_keeps(g->view, v->open.v[change].step));
}

static int64_t all_tries_ms(const struct step *s) /* shown */
{
	return UNDO_TRIES * s->undo->timeout_ms + (UNDO_TRIES - 1) * UNDO_AGAIN_MS;
}

/* Nothing of the next change has been tried yet. */
void undo_fresh(struct task *t)
{
	free(t->undo_why);
	t->undo_why = NULL;
	t->undo_peer = 0;
	t->tries = 0;
}

/* Taken back on peers, all of them or any: a device that is gone does not hinder that. */
static bool is_of_peers(const struct step *s)
{
	return s->on == ON_PEERS || (s->undo && s->undo->any);
}

static bool is_on_peers(struct engine *g, const struct task_view *v, size_t change)
{
	const struct step *s = procedure_step(g->view->procedure, v->open.v[change].step);
	return s && is_of_peers(s);
}

/* Nothing has been given up. */
void undo_anew(struct task *t)
{
	t->undo_left = t->undo_left_peers = 0;
	t->undo_away = false;
}

/* The newest open change that has not been given up and is not to stay; false: none is left. Those
 * given up are the newest `undo_left` of the others, of those on peers `undo_left_peers`. */
static bool newest(struct engine *g, struct task *t, size_t *change)
{
	struct task_view *v = tv(g, t);
	size_t passed = 0, passed_peers = 0;
	for (size_t i = v->open.n; i-- > 0;) {
		bool peers = is_on_peers(g, v, i);
		if (stays(g, v, i) || (!peers && t->undo_away) ||
		    (peers ? passed_peers++ < t->undo_left_peers : passed++ < t->undo_left))
			continue;
		*change = i;
		return true;
	}
	return false;
}

static const struct step *newest_step(struct engine *g, struct task *t)
{
	size_t change;
	if (!newest(g, t, &change))
		return NULL;
	return procedure_step(g->view->procedure, tv(g, t)->open.v[change].step);
}

bool undo_wanted(struct engine *g, struct task *t)
{
	size_t change;
	return newest(g, t, &change);
}

/* What taking it back is called: new. */
static char *undo_title(const struct step *s)
{
	return s->undo->title ? xstrdup(s->undo->title)
			      : xasprintf(M_("Take back: %-s"), s->title);
}

static void record_undo(struct engine *g, struct task *t, const struct step *s, bool intent,
                        const char *command, const char *result, const struct tr_reply *reply,
                        const char *why)
{
	struct record *r =
	    record_new(intent ? RECORD_INTENT : RECORD_OUTCOME, task_name(g, t), s->name);
	char *output = reply ? reply_output(reply) : NULL, *name = undo_title(s);
	record_text(r, "pass", pass_names[PASS_UNDO]);
	record_number(r, "attempt", tv(g, t)->attempt);
	record_text(r, "command", command);
	record_text(r, "title", name);
	bool failed = tv(g, t)->state == TASK_UNDOING; /* else it belongs to a good end */
	record_text(r, "phase", failed ? N_("Undo") : N_("Clean up"));
	record_text(r, "word", failed ? N_("undoing") : N_("cleaning up"));
	record_text(r, "result", result);
	record_text(r, "output", output);
	if (intent) {
		size_t peers[PEERS_MAX], n = task_peers(g, t, peers, PEERS_MAX);
		int64_t times = s->on == ON_PEERS && n ? (int64_t)n : s->undo->any ? (int64_t)n + 1 : 1;
		record_flag(r, "changes", true);
		record_number(r, "limit_ms", times * all_tries_ms(s));
	} else {
		record_text(r, "message", why);
		record_text(r, "closes", str_eq(result, "done") ? s->name : NULL);
		record_number(r, "exit", reply ? reply->status : -1);
	}
	emit(g, r);
	free(output);
	free(name);
}

/* The command that takes a change back, with the names that were true when it was made: in a
 * rollback the image and the token are others. */
static int undo_text(struct engine *g, struct task *t, size_t change, size_t peer,
                     const char *template, char **command, struct err *e)
{
	struct task_view *v = tv(g, t);
	enum pass now = v->pass;
	v->pass = v->open.v[change].pass;
	task_builtins(g, t);
	task_speak_to(g, t, peer);
	int rc = task_command(g, t, template, command, e);
	v->pass = now;
	task_builtins(g, t);
	return rc;
}

/* What a person types instead; new. */
static char *hand_command(struct engine *g, struct task *t, size_t change)
{
	const struct undo *u =
	    procedure_step(g->view->procedure, tv(g, t)->open.v[change].step)->undo;
	const char *template = u->by_hand ? u->by_hand : u->command;
	char *command = NULL;
	if (undo_text(g, t, change, NO_DEVICE, template, &command, NULL) != 0)
		command = xstrdup(template);
	return command;
}

/* Where the change is taken back now: on the device, or on the peer whose turn it is; one that any of
 * the peers may take back: on the device first. False: there is nobody (any more). */
static bool undo_device(struct engine *g, struct task *t, const struct step *s, size_t *device)
{
	size_t peers[PEERS_MAX], own = s->on == ON_PEERS ? 0 : 1;
	*device = tv(g, t)->device;
	if (t->undo_peer < own)
		return true;
	if (t->undo_peer - own >= task_peers(g, t, peers, PEERS_MAX))
		return false;
	*device = peers[t->undo_peer - own];
	return true;
}

/* It could not be taken back. A device that cannot be reached for one change cannot be for its others;
 * what is on its peers is another matter. */
static void leave_behind(struct engine *g, struct task *t, const struct step *s,
                         const struct tr_reply *r, const char *why)
{
	record_undo(g, t, s, false, NULL, "failed", r, why);
	if (is_of_peers(s))
		t->undo_left_peers++;
	else if (r && r->outcome == TR_NOT_SENT)
		t->undo_away = true;
	else
		t->undo_left++;
	t->tries = 0;
}

/* Why the last try to take this change back failed; NULL: it was not tried. */
static const char *why_left(const struct task_view *v, const char *step)
{
	for (size_t i = v->steps.n; i-- > 0;)
		if (v->steps.v[i].pass == PASS_UNDO && str_eq(v->steps.v[i].step, step))
			return v->steps.v[i].message;
	return NULL;
}

static bool is_listed(const struct task_view *v, size_t change)
{
	for (size_t i = change + 1; i < v->open.n; i++)
		if (str_eq(v->open.v[i].step, v->open.v[change].step))
			return true; /* made again by a later attempt */
	return false;
}

/* The peers of the device, for a message; new. */
static char *peers_text(struct engine *g, struct task *t)
{
	size_t peers[PEERS_MAX], n = task_peers(g, t, peers, PEERS_MAX);
	struct str names = {0};
	for (size_t i = 0; i < n; i++)
		str_printf(&names, "%s%s", i ? ", " : "", jobview_device(g->view, peers[i]));
	return str_take(&names);
}

static void say_change(struct engine *g, struct task *t, const struct open_change *o,
                       const char *why, const char *command, struct str *text)
{
	const struct step *s = procedure_step(g->view->procedure, o->step);
	char *title = undo_title(s);
	why = why ? why : M_("not tried");
	str_puts(text, text->len ? "; " : "");
	if (s->on == ON_PEERS) {
		char *names = peers_text(g, t);
		str_printf(text,
			   M_("\"%-s\" could not be done on the peers (%-s). Do it by hand on %s: %s"),
			   title, why, names, command);
		free(names);
	} else if (s->undo->any) {
		char *names = peers_text(g, t);
		str_printf(text,
			   M_("\"%-s\" could not be done (%-s). It is still changed for the whole "
			      "group. Do it by hand on any of its devices (%-s): %s"),
			   title, why, names, command);
		free(names);
	} else if (o->until_reboot) {
		str_printf(text,
			   M_("\"%-s\" could not be done (%-s). Do it by hand on the device, or "
			      "reboot it: %s"),
			   title, why, command);
	} else {
		str_printf(text,
			   M_("\"%-s\" could not be done (%-s). Do it by hand on the device: %s"),
			   title, why, command);
	}
	free(title);
}

/* All that is still on the device, why, and what is typed; new, "": nothing. */
static char *left_text(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	struct str text = {0};
	for (size_t i = v->open.n; i-- > 0;) {
		const struct step *s = procedure_step(g->view->procedure, v->open.v[i].step);
		if (stays(g, v, i) || is_listed(v, i))
			continue;
		char *command = hand_command(g, t, i);
		say_change(g, t, &v->open.v[i], why_left(v, s->name), command, &text);
		free(command);
	}
	return str_take(&text);
}

static void say_left(struct engine *g, struct task *t)
{
	char *text = left_text(g, t);
	if (text && *text)
		note(g, task_name(g, t), true, "%s: %s", task_name(g, t), text);
	free(text);
}

/* The step that takes back has failed: it says with what, and what is typed. */
static void step_left(struct engine *g, struct task *t)
{
	char *text = left_text(g, t);
	task_step_failed(g, t, NULL,
			 text && *text ? text : M_("a change could not be taken back"));
	free(text);
}

void undo_say_kept(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	for (size_t i = v->open.n; i-- > 0;) {
		const struct step *s = procedure_step(g->view->procedure, v->open.v[i].step);
		char *command = hand_command(g, t, i), *title = task_text(g, t, s->undo->title, NULL);
		note(g, task_name(g, t), true,
		     M_("%s may still be at it: \"%-s\" is not done until it is rolled back or done (%s)"),
		     task_name(g, t), title, command);
		free(command);
		free(title);
	}
}

static void finished(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	bool left = t->undo_away || t->undo_left || t->undo_left_peers;
	t->doing = DOING_NOTHING;
	if (left && !t->step_open) /* else the failure of the step takes it back once more */
		say_left(g, t);
	if (v->state != TASK_UNDOING) {
		if (t->step_open && left)
			step_left(g, t);
		else if (t->step_open)
			task_step_done(g, t, NULL, NULL);
		else
			task_advance(g, t); /* at the end of a pass: nothing else would wake it */
		return;
	}
	if (v->closing && v->next_pass != PASS_UNDO) { /* what is said of how it went stands */
		task_final(g, t, v->before, v->reason);
		return;
	}
	if (v->next_pass == PASS_UNDO) { /* ordered: how it went before is as true as it was */
		task_final(g, t, v->before,
			   left ? "not everything that was left on it could be removed"
				: "what was left on it was removed");
		return;
	}
	bool failed = v->failed_attempt == v->attempt;
	task_final(g, t, failed ? TASK_FAILED : TASK_CANCELLED,
		   failed ? v->message : M_("cancelled by the operator"));
}

/* The change is taken back (why NULL) or given up, on this device; on peers the next one follows, and
 * it is only done when it is on all. Where any of them may, the next one follows a failure. */
static void undo_over(struct engine *g, struct task *t, const struct step *s,
                      const struct tr_reply *r, const char *why)
{
	size_t device;
	bool next = s->on == ON_PEERS || (why && s->undo->any);
	if (next && undo_device(g, t, s, &device)) {
		const char *name = jobview_device(g->view, device), *old = t->undo_why;
		char *all = !why  ? NULL
			    : old ? xasprintf("%s; %s: %s", old, name, why)
				  : xasprintf("%s: %s", name, why);
		if (all)
			free(t->undo_why), t->undo_why = all;
		t->undo_peer++;
		t->tries = 0;
		if (undo_device(g, t, s, &device))
			return;
		why = t->undo_why;
	}
	if (why)
		leave_behind(g, t, s, r, why);
	else
		record_undo(g, t, s, false, NULL, "done", r, NULL);
	undo_fresh(t);
}

void undo_next(struct engine *g, struct task *t)
{
	const struct step *s = newest_step(g, t);
	struct err e = {0};
	size_t change, device;
	char *command;
	if (!s || !s->undo || !newest(g, t, &change)) {
		finished(g, t);
		return;
	}
	if (!undo_device(g, t, s, &device)) { /* the inventory names no peer */
		record_undo(g, t, s, false, NULL, "done", NULL, NULL);
		return;
	}
	if (undo_text(g, t, change, s->on == ON_PEERS ? device : NO_DEVICE, s->undo->command,
		      &command, &e) != 0) {
		undo_over(g, t, s, NULL, e.text);
		return;
	}
	if (t->tries == 0 && t->undo_peer == 0)
		record_undo(g, t, s, true, command, NULL, NULL, NULL);
	struct tr_request *r = task_request(g, t, TR_RUN, device, command, s->undo->timeout_ms);
	task_send(g, t, DOING_UNDO, r);
}

void undo_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct step *s = newest_step(g, t);
	struct str why = {0};
	struct scope scope;
	struct answer a = reply_answer(r);
	bool good = false;
	if (!s)
		return;
	task_scope(g, t, &scope);
	if (r->outcome == TR_DONE)
		good = s->undo->expect
		           ? judge_ask(s->undo->expect, &a, &scope, NULL, &why) == VERDICT_YES
		           : r->status == 0;
	if (!good && !why.len)
		str_printf(&why, "%s", r->outcome == TR_DONE ? M_("it gave an error") : r->e.text);
	bool hopeless = r->outcome == TR_NOT_SENT &&
	                (r->e.kind == ERR_AUTH || r->e.kind == ERR_HOSTKEY);
	if (good || hopeless || ++t->tries >= UNDO_TRIES) {
		undo_over(g, t, s, r, good ? NULL : str_text(&why));
	} else {
		task_sleep(g, t, UNDO_AGAIN_MS);
	}
	str_release(&why);
}

/* --- what serves more than one turn ------------------------------------------------------- */

static void begin_closing(struct engine *g, struct task *t)
{
	struct record *r = record_new(RECORD_BEGIN, task_name(g, t), NULL);
	record_text(r, "pass", pass_names[PASS_UNDO]);
	record_number(r, "attempt", tv(g, t)->attempt);
	emit(g, record_flag(r, "closing", true));
	task_step_close(t);
	undo_anew(t);
	task_builtins(g, t);
}

/* Why nothing may be sent to the device any more; NULL: it may. */
static const char *why_gone(struct engine *g, const struct task_view *v)
{
	return g->world->gone ? g->world->gone[v->device] : NULL;
}

/* It is not what the job was made for any more: what it has is left there, and named. */
static void say_gone(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	struct str text = {0};
	for (size_t i = v->open.n; i-- > 0;) {
		if (!jobview_lasts(g->view, v, &v->open.v[i]) || is_listed(v, i))
			continue;
		char *command = hand_command(g, t, i);
		say_change(g, t, &v->open.v[i], why_gone(g, v), command, &text);
		free(command);
	}
	note(g, task_name(g, t), true, "%s: %s", task_name(g, t), str_text(&text));
	str_release(&text);
}

bool undo_before_end(struct engine *g)
{
	bool any = false;
	for (size_t i = 0; i < g->n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		if (!jobview_lasting(g->view, v) || why_gone(g, v))
			continue;
		begin_closing(g, &g->tasks[i]);
		any = true;
	}
	for (size_t i = 0; !any && i < g->n; i++)
		if (jobview_lasting(g->view, &g->view->tasks.v[i]))
			say_gone(g, &g->tasks[i]);
	return any;
}
