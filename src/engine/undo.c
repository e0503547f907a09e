/* SPDX-License-Identifier: ISC */
/* Taking changes back, newest first, on every way out: success, failure, cancel, crash. The commands
 * are repeatable by rule, so the list of open changes in the view is all that has to be known. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

#define UNDO_LIMIT_MS (60 * 1000)
#define UNDO_TRIES 3
#define UNDO_AGAIN_MS (10 * 1000)

/* The newest open change that has not been given up; NULL: none is left. */
static const struct step *newest(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	if (v->open.n <= t->undo_left)
		return NULL;
	return procedure_step(g->view->procedure, v->open.v[v->open.n - 1 - t->undo_left].step);
}

static void finished(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	size_t left = t->undo_left;
	t->doing = DOING_NOTHING;
	if (v->state != TASK_UNDOING) {
		if (t->step_open && left)
			task_step_failed(g, t, NULL, "a change could not be taken back");
		else if (t->step_open)
			task_step_done(g, t, NULL, NULL);
		else
			task_advance(g, t); /* at the end of a pass: nothing else would wake it */
		return;
	}
	bool failed = v->failed_attempt == v->attempt;
	task_final(g, t, failed ? TASK_FAILED : TASK_CANCELLED,
	           failed ? v->message : "cancelled by the operator");
}

static void record_undo(struct engine *g, struct task *t, const struct step *s, bool intent,
                        const char *command, const char *result, const struct tr_reply *reply,
                        const char *why)
{
	struct record *r =
	    record_new(intent ? RECORD_INTENT : RECORD_OUTCOME, task_name(g, t), s->name);
	char *output = reply ? reply_output(reply) : NULL;
	record_text(r, "pass", pass_names[PASS_UNDO]);
	record_number(r, "attempt", tv(g, t)->attempt);
	record_text(r, "command", command);
	record_text(r, "title", s->undo->title);
	record_text(r, "phase", "Undo");
	record_text(r, "word", "undoing");
	record_text(r, "result", result);
	record_text(r, "output", output);
	if (intent) {
		record_flag(r, "changes", true);
		record_number(r, "limit_ms", UNDO_LIMIT_MS);
	} else {
		record_text(r, "message", why);
		record_text(r, "closes", str_eq(result, "done") ? s->name : NULL);
		record_number(r, "exit", reply ? reply->status : -1);
	}
	emit(g, r);
	free(output);
}

/* The command that takes the newest change back, with the names that were true when it was made: in
 * a rollback the image and the token are others. */
static int undo_command(struct engine *g, struct task *t, const struct step *s, char **command,
                        struct err *e)
{
	struct task_view *v = tv(g, t);
	enum pass now = v->pass;
	v->pass = v->open.v[v->open.n - 1 - t->undo_left].pass;
	task_builtins(g, t);
	int rc = task_command(g, t, s->undo->command, command, e);
	v->pass = now;
	task_builtins(g, t);
	return rc;
}

static void leave_behind(struct engine *g, struct task *t, const struct step *s,
                         const struct tr_reply *r, const char *why)
{
	char *command = NULL;
	if (undo_command(g, t, s, &command, NULL) != 0)
		command = xstrdup(s->undo->command);
	record_undo(g, t, s, false, NULL, "failed", r, why);
	note(g, task_name(g, t), true,
	     "%s: \"%s\" could not be done (%s). Do it by hand on the device: %s", task_name(g, t),
	     s->undo->title, why, command);
	free(command);
	t->undo_left++;
	t->tries = 0;
}

void undo_next(struct engine *g, struct task *t)
{
	const struct step *s = newest(g, t);
	struct err e = {0};
	char *command;
	if (!s || !s->undo) {
		finished(g, t);
		return;
	}
	if (undo_command(g, t, s, &command, &e) != 0) {
		leave_behind(g, t, s, NULL, e.text);
		return;
	}
	if (t->tries == 0)
		record_undo(g, t, s, true, command, NULL, NULL, NULL);
	struct tr_request *r = task_request(g, t, TR_RUN, tv(g, t)->device, command, UNDO_LIMIT_MS);
	task_send(g, t, DOING_UNDO, r);
}

void undo_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct step *s = newest(g, t);
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
		str_printf(&why, "%s", r->outcome == TR_DONE ? "it gave an error" : r->e.text);
	bool hopeless = r->outcome == TR_NOT_SENT &&
	                (r->e.kind == ERR_AUTH || r->e.kind == ERR_HOSTKEY);
	if (good) {
		t->tries = 0;
		record_undo(g, t, s, false, NULL, "done", r, NULL);
	} else if (hopeless || ++t->tries >= UNDO_TRIES) {
		leave_behind(g, t, s, r, str_text(&why));
	} else {
		task_sleep(g, t, UNDO_AGAIN_MS);
	}
	str_release(&why);
}
