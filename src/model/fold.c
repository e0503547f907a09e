/* SPDX-License-Identifier: ISC */
/* jobview_apply(): one record folded into the view of a job. */
#include "config.h"

#include "model/fold_parts.h"

#include "base/str.h"
#include "model/fold_failure.h"
#include "model/unit.h"

static int find_state(const char *(*name_of)(int), int n, const char *name)
{
	for (int i = 0; name && i < n; i++)
		if (strcmp(name_of(i), name) == 0)
			return i;
	return -1;
}

static const char *job_name(int i)
{
	return job_state_name((enum job_state)i);
}

static const char *task_name(int i)
{
	return task_state_name((enum task_state)i);
}

static const char *pass_name(int i)
{
	return pass_names[i];
}

int fold_pass(const struct fold *f)
{
	return find_state(pass_name, 3, fold_text(f, "pass"));
}

/* --- folding, one function a kind ------------------------------------------------------------------ */

static int fold_job(struct fold *f)
{
	struct jobview *v = f->view;
	const char *procedure = fold_text(f, "procedure");
	if (v->job || !procedure)
		return err_set(f->e, ERR_CORRUPT, "record %lld: a second or empty job record",
		               (long long)f->record->seq);
	v->job = job_from_json(cJSON_GetObjectItemCaseSensitive(f->data, "job"), "journal", f->e);
	if (!v->job)
		return -1;
	v->names = inventory_index_new(v->job->inventory);
	v->procedure = procedure_parse(procedure, strlen(procedure), "journal: procedure", f->e);
	if (!v->procedure)
		return -1;
	v->created = f->record->wall;
	for (size_t i = 0; i < v->job->devices.n; i++)
		jobview_add_task(v, v->job->devices.v[i]);
	return 0;
}

static int fold_owner(struct fold *f)
{
	struct jobview *v = f->view;
	v->epoch = json_number(f->data, "epoch", 0);
	free(v->owner);
	v->owner = xasprintf("%s@%s (pid %lld)", fold_text(f, "user") ? fold_text(f, "user") : "?",
	                     fold_text(f, "host") ? fold_text(f, "host") : "?",
	                     (long long)json_number(f->data, "pid", 0));
	fold_set(&v->host, fold_text(f, "host"));
	fold_set(&v->machine, fold_text(f, "machine"));
	v->detached = false;
	for (size_t i = 0; i < v->tasks.n && json_flag(f->data, "resumed"); i++) {
		struct task_view *t = &v->tasks.v[i];
		if (!task_state_active(t->state))
			continue;
		t->resumes++;
		t->waits = 0;
		if (t->intended)
			t->intent_wall = f->record->wall; /* the new owner counts from now */
	}
	return 0;
}

static int fold_facts(struct fold *f)
{
	if (!f->task)
		return 0;
	if (json_flag(f->data, "changed"))
		fold_changed(f);
	struct values *into = json_flag(f->data, "gate") ? &f->task->captures : &f->task->facts;
	values_from_json(into, cJSON_GetObjectItemCaseSensitive(f->data, "values"));
	return 0;
}

static int fold_plan(struct fold *f)
{
	struct plan *p = plan_from_json(cJSON_GetObjectItemCaseSensitive(f->data, "plan"),
	                                f->view->job->inventory, "journal: plan", f->e);
	if (!p)
		return -1;
	plan_free(f->view->plan);
	f->view->plan = p;
	free(f->view->words);
	f->view->words = plan_words(p, f->view->job);
	if (json_flag(f->data, "given"))
		f->view->plan_given = true;
	return 0;
}

/* Of this plan; another one that is made later has other words. */
static int fold_confirm(struct fold *f)
{
	fold_set(&f->view->confirmed, fold_text(f, "words"));
	fold_set(&f->view->confirmed_by, fold_text(f, "who"));
	return 0;
}

static int fold_state(struct fold *f)
{
	struct jobview *v = f->view;
	int s = find_state(job_name, JOB_STATE_COUNT, fold_text(f, "state"));
	if (s < 0)
		return err_set(f->e, ERR_CORRUPT, "record %lld: no such job state",
		               (long long)f->record->seq);
	enum job_state before = v->state;
	v->state = (enum job_state)s;
	fold_set(&v->reason, fold_text(f, "reason"));
	v->until = v->state == JOB_HELD ? json_number(f->data, "until", 0) : 0;
	if (v->state == JOB_CHECKING)
		fold_checking(f, before);
	int64_t past = json_number(f->data, "past_stage", 0);
	v->past_stage = past > (int64_t)v->past_stage ? (size_t)past : v->past_stage;
	if (v->state == JOB_RUNNING && !v->started)
		v->started = f->record->wall;
	v->ended = job_state_final(v->state) ? f->record->wall : 0;
	return 0;
}

/* It is to be worked on (again): remember how it stood, should it never come to that. */
/* The last that changed it was a way back, even one that has failed: nothing of its turns may be taken
 * for done. */
static bool went_back(const struct task_view *t)
{
	enum pass last = PASS_UPGRADE;
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (s->changes && s->pass != PASS_UNDO && !str_eq(s->result, "skipped"))
			last = s->pass;
	}
	return t->state == TASK_ROLLED_BACK || last == PASS_ROLLBACK;
}

static void becomes_pending(struct task_view *t, enum pass next)
{
	t->before = t->state;
	if (next != PASS_UNDO) /* that changes nothing of what it is */
		t->by_order = next == PASS_ROLLBACK && (t->state == TASK_DONE || t->by_order);
	if (next == PASS_UPGRADE && went_back(t))
		t->turn = 0; /* it begins with the first component */
}

/* A turn is over and another one comes: what was changed for its time is taken back, what it did
 * stands. */
static void fold_turn(struct fold *f)
{
	const struct method *m = jobview_method(f->view);
	const struct component *c = procedure_component(m, fold_text(f, "turn"));
	struct task_view *t = f->task;
	t->between = c != NULL;
	if (!c)
		return;
	t->turn = (size_t)(c - m->components);
	t->before = TASK_PENDING;
	t->committed = false;
	t->pc = c->from;
}

static int fold_task(struct fold *f)
{
	int s = find_state(task_name, TASK_STATE_COUNT, fold_text(f, "state"));
	if (s < 0 || !f->task)
		return err_set(f->e, ERR_CORRUPT, "record %lld: no such task or task state",
		               (long long)f->record->seq);
	int next = fold_pass(f);
	f->task->next_pass = next < 0 ? PASS_UPGRADE : (enum pass)next;
	if (s == TASK_PENDING && task_state_final(f->task->state))
		becomes_pending(f->task, f->task->next_pass);
	f->task->state = (enum task_state)s;
	fold_set(&f->task->reason, fold_text(f, "reason"));
	if (!task_state_final(f->task->state))
		f->task->ended = 0;
	else if (!f->task->ended) /* what is said of it later does not make it last longer */
		f->task->ended = f->record->wall;
	bool same = f->task->closing; /* what was said of it before the end stands */
	f->task->acknowledged = json_flag(f->data, "acknowledged") || (same && f->task->acknowledged);
	f->task->released = json_flag(f->data, "released") || (same && f->task->released);
	if (f->task->state == TASK_DONE || f->task->state == TASK_ROLLED_BACK)
		f->task->committed = false;
	if (f->task->state == TASK_ROLLED_BACK)
		f->task->moved = false;
	fold_turn(f);
	return 0;
}

/* Where the pass begins: a step, or the first one, of the turn. */
static size_t first_step(struct fold *f, const char *name)
{
	const struct method *m = jobview_method(f->view);
	const struct component *c = procedure_component(m, fold_text(f, "turn"));
	char *const *steps = unit_steps(f->view, f->task, f->task->pass);
	size_t from = c ? c->from : 0, i = from;
	if (c)
		f->task->turn = (size_t)(c - m->components);
	while (name && steps[i] && !str_eq(steps[i], name))
		i++;
	return steps[i] && (!c || i < c->to) ? i : from;
}

static int fold_begin(struct fold *f)
{
	static const enum task_state states[] = {TASK_RUNNING, TASK_UNDOING, TASK_ROLLING_BACK};
	struct task_view *t = f->task;
	int pass = fold_pass(f);
	if (!t || pass < 0)
		return err_set(f->e, ERR_CORRUPT, "record %lld: no such task or pass",
		               (long long)f->record->seq);
	t->closing = json_flag(f->data, "closing");
	if (t->closing && t->state != TASK_PENDING) /* ordered: it is known since the order */
		t->before = t->state;
	t->pass = (enum pass)pass;
	t->state = states[pass];
	int attempt = (int)json_number(f->data, "attempt", 1);
	t->tries += t->pass == PASS_UPGRADE && attempt != t->attempt; /* the same: its next turn */
	t->attempt = attempt;
	t->ended = 0;
	t->intended = t->between = t->failing = false;
	t->looking = json_flag(f->data, "look");
	if (json_flag(f->data, "uncommits"))
		t->committed = t->moved = false;
	if (!t->started)
		t->started = f->record->wall;
	if (t->pass != PASS_UNDO)
		t->pc = first_step(f, fold_text(f, "from_step"));
	return 0;
}

static int fold_snapshot(struct fold *f)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(f->data, "rows");
	if (!cJSON_IsArray(rows) || !fold_text(f, "element") || !fold_text(f, "when"))
		return 0;
	const struct snapshot_view look = {.device = f->device,
	                                   .when = (char *)fold_text(f, "when"),
	                                   .element = (char *)fold_text(f, "element"),
	                                   .wall = f->record->wall,
	                                   .rows = (cJSON *)rows};
	jobview_look(f->view, f->task, &look);
	return 0;
}

static int fold_question(struct fold *f)
{
	struct question_view *q = VEC_ADD(&f->view->questions);
	q->id = json_number(f->data, "id", 0);
	q->device = f->device;
	fold_set(&q->kind, fold_text(f, "kind"));
	fold_set(&q->about, fold_text(f, "about"));
	fold_set(&q->text, fold_text(f, "text"));
	fold_set(&q->choices, fold_text(f, "choices"));
	if (q->id > f->view->questions_asked)
		f->view->questions_asked = q->id;
	return 0;
}

static int fold_answer(struct fold *f)
{
	int64_t id = json_number(f->data, "id", 0);
	for (size_t i = 0; i < f->view->questions.n; i++) {
		struct question_view *q = &f->view->questions.v[i];
		if (q->id != id)
			continue;
		fold_set(&q->answer, fold_text(f, "answer"));
		fold_set(&q->who, fold_text(f, "who"));
	}
	if (f->task)
		f->task->resumes = 0; /* a person has looked at it */
	return 0;
}

static int fold_note(struct fold *f)
{
	struct note_view *n = VEC_ADD(&f->view->notes);
	n->wall = f->record->wall;
	n->device = f->device;
	n->warning = str_eq(fold_text(f, "level"), "warning");
	fold_set(&n->text, fold_text(f, "text"));
	fold_set(&n->refused, fold_text(f, "refused"));
	return 0;
}

static int fold_command(struct fold *f)
{
	int64_t id = json_number(f->data, "command_id", 0);
	if (id > f->view->last_command)
		f->view->last_command = id;
	const char *set = fold_text(f, "refused") ? NULL : fold_text(f, "text");
	if (set && str_eq(fold_text(f, "verb"), "retry"))
		jobview_set_later(f->view, f->record->wall, fold_text(f, "target"),
				  fold_text(f, "who"), set);
	return 0;
}

static int fold_detached(struct fold *f)
{
	f->view->detached = true;
	return 0;
}

static int (*const folds[RECORD_KIND_COUNT])(struct fold *) = {
    [RECORD_JOB] = fold_job,           [RECORD_OWNER] = fold_owner,
    [RECORD_FACTS] = fold_facts,       [RECORD_CHECK] = fold_check,
    [RECORD_WAIVE] = fold_waive,       [RECORD_PLAN] = fold_plan,
    [RECORD_STATE] = fold_state,       [RECORD_TASK] = fold_task,
    [RECORD_BEGIN] = fold_begin,       [RECORD_INTENT] = fold_intent,
    [RECORD_OUTCOME] = fold_outcome,   [RECORD_PROBE] = fold_probe,
    [RECORD_PROGRESS] = fold_progress, [RECORD_SNAPSHOT] = fold_snapshot,
    [RECORD_QUESTION] = fold_question, [RECORD_ANSWER] = fold_answer,
    [RECORD_COMMAND] = fold_command,   [RECORD_NOTE] = fold_note,
    [RECORD_DETACHED] = fold_detached, [RECORD_END] = NULL, /* for readers only */
    [RECORD_CONFIRM] = fold_confirm,
};

/* Something came out of the work on a device: the program does not merely start again and again. */
static bool is_progress(const struct fold *f)
{
	switch (f->record->kind) {
	case RECORD_OUTCOME:
		return !str_eq(fold_text(f, "result"), "repeat");
	case RECORD_CHECK:
	case RECORD_FACTS:
	case RECORD_SNAPSHOT:
		return true;
	case RECORD_PROGRESS:
		return !json_flag(f->data, "again") &&
		       !cJSON_GetObjectItemCaseSensitive(f->data, "waits");
	default:
		return false;
	}
}

int jobview_apply(struct jobview *v, const struct record *r, struct err *e)
{
	if (!v->job && r->kind != RECORD_JOB)
		return err_set(e, ERR_CORRUPT, "record %lld (%s) stands before the job",
		               (long long)r->seq, record_kind_name(r->kind));
	struct fold f = {.view = v, .record = r, .data = r->data, .device = NO_DEVICE, .e = e};
	if (r->device) {
		f.device = inventory_index_find(v->names, r->device);
		if (f.device == NO_DEVICE)
			return err_set(e, ERR_CORRUPT, "record %lld: unknown device %s",
			               (long long)r->seq, r->device);
		f.task = jobview_task(v, f.device);
	}
	bool waits = jobview_waits(v);
	int64_t ended = v->ended, until = v->until;
	int rc = folds[r->kind] ? folds[r->kind](&f) : 0;
	if (f.task && is_progress(&f)) /* the program lives long enough to get on */
		for (size_t i = 0; i < v->tasks.n; i++)
			v->tasks.v[i].resumes = 0;
	if (rc == 0 && r->seq > v->seq)
		v->seq = r->seq;
	if (rc == 0) {
		if (waits)
			fold_wait(v, v->last, r->wall, until == 0);
		if (ended && !v->ended && v->started) /* not: refused, and checked again */
			fold_wait(v, ended, r->wall, true);
		if (f.task)
			fold_idle(f.task, r->wall);
		v->last = r->wall;
	}
	return rc;
}
