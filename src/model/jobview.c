/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/jobview.h"
#include "model/phrases.h"
#include "model/unit.h"

#include "base/str.h"

static const char *const job_names[] = {
#define X(id, name) [JOB_##id] = name,
    JOB_STATES(X)
#undef X
};
static const char *const task_names[] = {
#define X(id, name) [TASK_##id] = name,
    TASK_STATES(X)
#undef X
};
const char *const pass_names[4] = {"upgrade", "undo", "rollback", NULL};

const char *job_state_name(enum job_state s)
{
	return s < JOB_STATE_COUNT ? job_names[s] : "?";
}

const char *task_state_name(enum task_state s)
{
	return s < TASK_STATE_COUNT ? task_names[s] : "?";
}

int task_state_find(const char *name)
{
	for (int i = 0; name && i < TASK_STATE_COUNT; i++)
		if (strcmp(task_state_name((enum task_state)i), name) == 0)
			return i;
	return -1;
}

bool job_state_final(enum job_state s)
{
	return s == JOB_REFUSED || s == JOB_DONE || s == JOB_FAILED || s == JOB_CANCELLED;
}

bool task_state_final(enum task_state s)
{
	return s == TASK_DONE || s == TASK_FAILED || s == TASK_ROLLED_BACK || s == TASK_SKIPPED ||
	       s == TASK_CANCELLED;
}

bool task_state_active(enum task_state s)
{
	return s == TASK_RUNNING || s == TASK_HELD || s == TASK_UNDOING || s == TASK_ROLLING_BACK;
}

struct jobview *jobview_new(void)
{
	struct jobview *v = xcalloc(1, sizeof(*v));
	v->phrases = phrases_new();
	return v;
}

/* --- release ------------------------------------------------------------------------------------ */

static void step_release(struct step_view *s)
{
	free(s->step), free(s->title), free(s->phase), free(s->command), free(s->result);
	free(s->output), free(s->message), free(s->cause), free(s->advice);
}

static void task_release(struct task_view *t)
{
	free(t->reason), free(t->step), free(t->word), free(t->phase), free(t->failed_step);
	free(t->waits_why);
	free(t->message), free(t->cause), free(t->advice), free(t->error_kind);
	values_release(&t->facts);
	values_release(&t->captures);
	for (size_t i = 0; i < t->open.n; i++)
		free(t->open.v[i].step);
	VEC_RELEASE(&t->open);
	for (size_t i = 0; i < t->steps.n; i++)
		step_release(&t->steps.v[i]);
	VEC_RELEASE(&t->steps);
}

static void check_release(struct check_view *c)
{
	free(c->check), free(c->group), free(c->title), free(c->status), free(c->message);
	free(c->advice), free(c->command), free(c->output), free(c->waived_by);
	free(c->waive_reason);
}

static void question_release(struct question_view *q)
{
	free(q->kind), free(q->about), free(q->text), free(q->choices), free(q->answer), free(q->who);
}

static void release_lists(struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		task_release(&v->tasks.v[i]);
	for (size_t i = 0; i < v->checks.n; i++)
		check_release(&v->checks.v[i]);
	for (size_t i = 0; i < v->questions.n; i++)
		question_release(&v->questions.v[i]);
	for (size_t i = 0; i < v->snapshots.n; i++) {
		free(v->snapshots.v[i].when), free(v->snapshots.v[i].element);
		cJSON_Delete(v->snapshots.v[i].rows);
	}
	for (size_t i = 0; i < v->notes.n; i++)
		free(v->notes.v[i].text), free(v->notes.v[i].refused);
	for (size_t i = 0; i < v->sets.n; i++) {
		free(v->sets.v[i].who), free(v->sets.v[i].name);
		free(v->sets.v[i].from), free(v->sets.v[i].to);
	}
}

void jobview_free(struct jobview *v)
{
	if (!v)
		return;
	release_lists(v);
	VEC_RELEASE(&v->tasks);
	VEC_RELEASE(&v->checks);
	VEC_RELEASE(&v->questions);
	VEC_RELEASE(&v->snapshots);
	VEC_RELEASE(&v->notes);
	VEC_RELEASE(&v->sets);
	VEC_RELEASE(&v->waits);
	plan_free(v->plan);
	procedure_free(v->procedure);
	inventory_index_free(v->names);
	job_free(v->job);
	free(v->words), free(v->confirmed), free(v->confirmed_by);
	free(v->reason), free(v->owner), free(v->host), free(v->machine);
	phrases_free(v->phrases);
	free(v);
}

/* --- reading ------------------------------------------------------------------------------------ */

void jobview_add_task(struct jobview *v, size_t device)
{
	const struct before_device *b = job_before_device(v->job, device);
	struct task_view *t = VEC_ADD(&v->tasks);
	t->device = device;
	if (b)
		values_copy(&t->captures, &b->captures);
}

struct task_view *jobview_task(struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].device == device)
			return &v->tasks.v[i];
	return NULL;
}

const struct question_view *jobview_question(const struct jobview *v, int64_t id)
{
	for (size_t i = 0; i < v->questions.n; i++)
		if (v->questions.v[i].id == id)
			return &v->questions.v[i];
	return NULL;
}

/* Can an answer still do anything? */
static bool waits_for_answer(const struct jobview *v, size_t device)
{
	const struct task_view *t = jobview_task((struct jobview *)v, device);
	if (device == NO_DEVICE)
		return v->state == JOB_RUNNING || v->state == JOB_HELD || v->state == JOB_PAUSED;
	return t && t->state == TASK_HELD;
}

const struct question_view *jobview_open_question(const struct jobview *v, size_t device)
{
	for (size_t i = waits_for_answer(v, device) ? v->questions.n : 0; i-- > 0;)
		if (!v->questions.v[i].answer && v->questions.v[i].device == device)
			return &v->questions.v[i];
	return NULL;
}

const struct question_view *jobview_next_question(const struct jobview *v, int64_t after)
{
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct question_view *q = &v->questions.v[i];
		if (q->id > after && !q->answer && jobview_open_question(v, q->device) == q)
			return q;
	}
	return NULL;
}

const char *jobview_device(const struct jobview *v, size_t device)
{
	if (!v->job || device >= v->job->inventory->devices.n)
		return "";
	return v->job->inventory->devices.v[device].name;
}

const struct method *jobview_method(const struct jobview *v)
{
	return procedure_method(v->procedure, v->job->method);
}

const struct job_kind *jobview_kind(const struct jobview *v)
{
	return procedure_kind(jobview_method(v), v->job->kind);
}

bool jobview_keeps(const struct jobview *v, const char *step)
{
	const struct job_kind *k = jobview_kind(v);
	for (size_t i = 0; k && k->keeps && k->keeps[i]; i++)
		if (str_eq(k->keeps[i], step))
			return true;
	return false;
}

/* The method has a point of no return, and one only. */
static bool has_return(const struct jobview *v)
{
	const struct method *m = jobview_method(v);
	char *const *steps = jobview_steps(v, PASS_UPGRADE);
	for (size_t i = 0; m && !m->n_components && steps[i]; i++) {
		const struct step *s = procedure_step(v->procedure, steps[i]);
		if (s && s->commits)
			return true;
	}
	return false;
}

bool jobview_never_left(const struct jobview *v, const struct task_view *t)
{
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *o = &v->tasks.v[i];
		if ((o == t || unit_same(v, o, t)) &&
		    (o->moved || o->open.n || o->state == TASK_DONE))
			return false;
	}
	return has_return(v);
}

bool jobview_never_moved(const struct jobview *v, const struct task_view *t)
{
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step *s = procedure_step(v->procedure, t->steps.v[i].step);
		if (s && s->commits)
			return false;
	}
	return t->state != TASK_DONE && has_return(v);
}

/* Held or paused, and no device is worked on: nothing goes on until the operator says so, or the
 * window opens. */
bool jobview_waits(const struct jobview *v)
{
	if (!v->started || (v->state != JOB_HELD && v->state != JOB_PAUSED))
		return false;
	for (size_t i = 0; i < v->tasks.n; i++)
		if (task_state_active(v->tasks.v[i].state) && v->tasks.v[i].state != TASK_HELD)
			return false;
	return true;
}

int64_t jobview_waited(const struct jobview *v, int64_t now)
{
	return v->waited + (jobview_waits(v) && !v->until && now > v->last ? now - v->last : 0);
}

static int64_t overlap(int64_t from, int64_t to, int64_t begin, int64_t end)
{
	from = from > begin ? from : begin;
	to = to < end ? to : end;
	return to > from ? to - from : 0;
}

int64_t jobview_waited_in(const struct jobview *v, int64_t from, int64_t to)
{
	int64_t sum = jobview_waits(v) ? overlap(from, to, v->last, to) : 0;
	for (size_t i = 0; i < v->waits.n; i++)
		sum += overlap(from, to, v->waits.v[i].from, v->waits.v[i].to);
	return sum;
}

int64_t task_view_worked(const struct task_view *t, int64_t now)
{
	int64_t end = t->idle_since ? t->idle_since : now;
	int64_t ms = end - t->started - t->idle;
	return t->started && ms > 0 ? ms : 0;
}

int64_t jobview_silent(const struct jobview *v, const struct task_view *t, int64_t now)
{
	const struct step *s = t->step && t->intended ? procedure_step(v->procedure, t->step) : NULL;
	int64_t since = t->told_wall > t->intent_wall ? t->told_wall : t->intent_wall;
	bool listened = s && s->silence_ms && task_state_active(t->state) && !t->waits_why;
	return listened && now - since >= SILENT_MS ? now - since : 0;
}

const char *task_view_why(const struct task_view *t)
{
	bool ordered = t->state == TASK_ROLLED_BACK && t->by_order;
	bool fuller = t->message && t->reason && str_starts(t->reason, t->message);
	return (ordered && t->reason) || fuller || !t->message ? t->reason : t->message;
}

bool task_view_failed(const struct task_view *t)
{
	return t->state == TASK_FAILED || (t->state == TASK_ROLLED_BACK && !t->by_order);
}

size_t jobview_failures(const struct jobview *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		n += task_view_failed(&v->tasks.v[i]);
	return n;
}

void jobview_counts(const struct jobview *v, size_t *counts)
{
	memset(counts, 0, TASK_STATE_COUNT * sizeof(*counts));
	for (size_t i = 0; i < v->tasks.n; i++)
		counts[v->tasks.v[i].state]++;
}

char *const *jobview_steps(const struct jobview *v, enum pass pass)
{
	static char *const none[] = {NULL};
	const struct method *m = jobview_method(v);
	const struct job_kind *k = jobview_kind(v);
	char **steps = !m                      ? NULL
		       : k                     ? (pass == PASS_ROLLBACK ? k->rollback : k->steps)
		       : pass == PASS_ROLLBACK ? m->rollback
					       : m->steps;
	return pass == PASS_UNDO || !steps ? none : steps;
}

struct check_sums jobview_check_sums(const struct jobview *v)
{
	struct check_sums n = {0};
	(void)jobview_checks_passed(v, &n.errors, &n.warnings);
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		n.passed += !c->after && str_eq(c->status, "passed");
		if (c->after || !str_eq(c->status, "unknown"))
			continue;
		n.unknown++;
		*(c->error ? &n.errors : &n.warnings) -= 1;
	}
	return n;
}

bool jobview_checks_passed(const struct jobview *v, size_t *errors, size_t *warnings)
{
	size_t bad = 0, odd = 0;
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (c->after || str_eq(c->status, "passed") || str_eq(c->status, "skipped") ||
		    str_eq(c->status, "waived"))
			continue;
		if (c->error)
			bad++;
		else
			odd++;
	}
	if (errors)
		*errors = bad;
	if (warnings)
		*warnings = odd;
	return bad == 0;
}

/* --- values for later tries ------------------------------------------------------------------- */

void jobview_set_later(struct jobview *v, int64_t wall, const char *target, const char *who,
		       const char *lines)
{
	struct values *now = &v->job->parameters, later = {0};
	size_t d = target ? inventory_find(v->job->inventory, target) : NO_DEVICE;
	const struct task_view *t = d == NO_DEVICE ? NULL : jobview_task(v, d);
	/* it was looked at when it was given */
	(void)procedure_set_later(v->procedure, lines, &later, NULL);
	for (size_t i = 0; i < later.n; i++) {
		const char *was = values_get(now, later.v[i].name);
		if (str_eq(was, later.v[i].text))
			continue;
		VEC_PUSH(&v->sets, ((struct set_view){.wall = wall,
						      .device = t ? d : NO_DEVICE,
						      .attempt = t ? t->attempt + 1 : 0,
						      .who = who ? xstrdup(who) : NULL,
						      .name = xstrdup(later.v[i].name),
						      .from = was ? xstrdup(was) : NULL,
						      .to = xstrdup(later.v[i].text)}));
	}
	values_merge(now, &later);
	values_release(&later);
}
