/* SPDX-License-Identifier: ISC */
/* The steps of a device: what was meant to be done, how it goes, and what came of it. */
#include "config.h"

#include "model/fold_parts.h"

#include "base/str.h"
#include "model/fold_failure.h"

/* Between two tries of its step, n of them made; 0: it is tried. */
static void fold_waits(struct fold *f, int n)
{
	f->task->waits = n;
	fold_set(&f->task->waits_why, n || json_flag(f->data, "again") ? fold_text(f, "text") : NULL);
}

static struct step_view *add_step(struct fold *f)
{
	struct step_view *s = VEC_ADD(&f->task->steps);
	int pass = fold_pass(f);
	s->pass = pass < 0 ? PASS_UPGRADE : (enum pass)pass;
	s->attempt = (int)json_number(f->data, "attempt", 1);
	s->changes = json_flag(f->data, "changes");
	s->turn = f->task->turn;
	s->exit = -1;
	s->started = f->record->wall;
	fold_set(&s->step, f->record->step);
	fold_set(&s->title, fold_text(f, "title"));
	fold_set(&s->phase, fold_text(f, "phase"));
	fold_set(&s->command, fold_text(f, "command"));
	return s;
}

int fold_intent(struct fold *f)
{
	struct task_view *t = f->task;
	if (!t)
		return 0;
	add_step(f);
	fold_waits(f, 0);
	fold_set(&t->word, fold_text(f, "word"));
	fold_set(&t->phase, fold_text(f, "phase"));
	fold_set(&t->step, f->record->step);
	t->limit_ms = json_number(f->data, "limit_ms", 0);
	t->intent_wall = f->record->wall;
	t->done = t->total = t->told_wall = 0;
	if (str_eq(fold_text(f, "pass"), pass_names[PASS_UNDO]))
		return 0; /* repeatable by rule: the list of open changes is all that counts */
	t->intended = true;
	t->looking = false;
	t->intent_changes = json_flag(f->data, "changes");
	t->commits_now = json_flag(f->data, "commits") && !t->committed;
	t->moves_now = json_flag(f->data, "commits") && !t->moved;
	t->committed |= t->commits_now;
	t->moved |= t->moves_now;
	return 0;
}

static struct step_view *open_step(struct fold *f)
{
	struct task_view *t = f->task;
	for (size_t i = t->steps.n; i-- > 0;)
		if (!t->steps.v[i].result && str_eq(t->steps.v[i].step, f->record->step))
			return &t->steps.v[i];
	return add_step(f); /* a skipped step has no intent */
}

static void close_change(struct task_view *t, const char *step, bool resets)
{
	for (size_t i = t->open.n; i-- > 0;) {
		struct open_change *o = &t->open.v[i];
		if (!(resets && o->until_reboot) && !(step && str_eq(o->step, step)))
			continue;
		free(o->step);
		VEC_REMOVE(&t->open, i);
	}
}

static void end_step(struct fold *f, const char *result)
{
	struct step_view *s = open_step(f);
	fold_set(&s->result, result);
	s->anew = json_flag(f->data, "anew");
	s->exit = (int)json_number(f->data, "exit", -1);
	s->ended = f->record->wall;
	if (fold_text(f, "output") || !s->output)
		fold_set(&s->output, fold_text(f, "output"));
	fold_set(&s->message, fold_text(f, "message"));
	fold_set(&s->cause, fold_text(f, "cause"));
	fold_set(&s->advice, fold_text(f, "advice"));
	if (fold_text(f, "command"))
		fold_set(&s->command, fold_text(f, "command"));
}

int fold_outcome(struct fold *f)
{
	struct task_view *t = f->task;
	const char *result = fold_text(f, "result");
	if (!t || !result)
		return 0;
	bool undo = str_eq(fold_text(f, "pass"), pass_names[PASS_UNDO]);
	bool good = str_eq(result, "done") || str_eq(result, "skipped");
	end_step(f, result);
	fold_waits(f, 0);
	values_from_json(&t->captures, cJSON_GetObjectItemCaseSensitive(f->data, "values"));
	close_change(t, fold_text(f, "closes"), json_flag(f->data, "resets"));
	if (fold_text(f, "opens")) {
		struct open_change *o = VEC_ADD(&t->open);
		fold_set(&o->step, fold_text(f, "opens"));
		int pass = fold_pass(f);
		o->pass = pass < 0 ? PASS_UPGRADE : (enum pass)pass;
		o->until_reboot = json_flag(f->data, "until_reboot");
	}
	if (str_eq(result, "failed") && !undo)
		fold_failure(t, f->record->step, f->data);
	if (json_flag(f->data, "uncommits"))
		t->committed &= !t->commits_now, t->moved &= !t->moves_now;
	if (!undo) {
		t->commits_now = t->moves_now = false;
		t->intended = false;
		t->pc += good || json_flag(f->data, "later") ? 1 : 0;
	}
	return 0;
}

/* What the device said when it was asked how the step that is open stands. */
int fold_probe(struct fold *f)
{
	size_t n = f->task ? f->task->steps.n : 0;
	struct step_view *s = n ? &f->task->steps.v[n - 1] : NULL;
	if (s && !s->result && str_eq(s->step, f->record->step) && fold_text(f, "output"))
		fold_set(&s->output, fold_text(f, "output"));
	return 0;
}

int fold_progress(struct fold *f)
{
	bool waits = cJSON_GetObjectItemCaseSensitive(f->data, "waits") != NULL;
	if (f->task && (waits || json_flag(f->data, "again")))
		fold_waits(f, (int)json_number(f->data, "waits", 0));
	if (f->task && json_flag(f->data, "again")) {
		f->task->intent_wall = f->record->wall;
	} else if (f->task && json_flag(f->data, "heard")) {
		f->task->told_wall = f->record->wall;
	} else if (f->task && !waits) {
		size_t n = f->task->steps.n;
		struct step_view *s = n ? &f->task->steps.v[n - 1] : NULL;
		f->task->told_wall = f->record->wall;
		f->task->done = json_number(f->data, "done", 0);
		f->task->total = json_number(f->data, "total", 0);
		if (s && !s->total)
			s->first_done = f->task->done;
		if (s)
			s->total = f->task->total;
		if (fold_text(f, "word"))
			fold_set(&f->task->word, fold_text(f, "word"));
	}
	return 0;
}
