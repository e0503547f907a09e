/* SPDX-License-Identifier: ISC */
/* Plans that go component by component: which turn of which device is where. */
#include "config.h"

#include "model/jobview.h"
#include "model/unit.h"

#include "base/str.h"

/* The method whose components the plan goes by; NULL: a kind of job goes its own way. */
static const struct method *cut_method(const struct jobview *v)
{
	const struct method *m = v->procedure && v->job ? jobview_method(v) : NULL;
	return m && m->n_components && !jobview_kind(v) ? m : NULL;
}

const struct component *jobview_stage_component(const struct jobview *v, size_t stage)
{
	if (!v->plan || stage >= v->plan->stages.n)
		return NULL;
	return procedure_component(cut_method(v), v->plan->stages.v[stage].component);
}

static bool has(const struct plan_stage *s, size_t device)
{
	for (size_t b = 0; b < s->batches.n; b++)
		for (size_t i = 0; i < s->batches.v[b].devices.n; i++)
			if (s->batches.v[b].devices.v[i] == device)
				return true;
	return false;
}

/* The first stage, from this turn on, that has the device; SIZE_MAX: there is none. */
static size_t stage_from(const struct jobview *v, size_t device, size_t turn)
{
	const struct method *m = cut_method(v);
	for (size_t s = 0; v->plan && s < v->plan->stages.n; s++) {
		const struct component *c = m ? jobview_stage_component(v, s) : NULL;
		if ((!c || (size_t)(c - m->components) >= turn) && has(&v->plan->stages.v[s], device))
			return s;
	}
	return SIZE_MAX;
}

size_t jobview_stage(const struct jobview *v, const struct task_view *t)
{
	return stage_from(v, t->device, t->turn);
}

const struct component *jobview_component(const struct jobview *v, const struct task_view *t)
{
	return cut_method(v) ? jobview_stage_component(v, jobview_stage(v, t)) : NULL;
}

const struct component *jobview_next_turn(const struct jobview *v, const struct task_view *t)
{
	const struct method *m = cut_method(v);
	const struct component *now = jobview_component(v, t);
	if (!now)
		return NULL;
	return jobview_stage_component(v, stage_from(v, t->device, (size_t)(now - m->components) + 1));
}

bool jobview_lasts(const struct jobview *v, const struct task_view *t, const struct open_change *o)
{
	const struct step *s = procedure_step(v->procedure, o->step);
	const struct method *m = cut_method(v);
	const struct component *c = procedure_component(m, s && s->undo ? s->undo->until : NULL);
	bool there = c && t->turn >= (size_t)(c - m->components) && task_state_active(t->state);
	return c && !there && !t->closing && t->next_pass != PASS_UNDO;
}

bool jobview_lasting(const struct jobview *v, const struct task_view *t)
{
	for (size_t i = 0; i < t->open.n; i++)
		if (jobview_lasts(v, t, &t->open.v[i]))
			return true;
	return false;
}

size_t jobview_steps_end(const struct jobview *v, const struct task_view *t)
{
	const struct component *c = t->pass == PASS_UPGRADE ? jobview_component(v, t) : NULL;
	char *const *steps = unit_steps(v, t, t->pass);
	size_t n = 0;
	if (c)
		return c->to;
	while (steps[n])
		n++;
	return n;
}

/* The part that a component is one of: its gate, and what finishes it, go with it. */
static const struct component *part_of(const struct component *c)
{
	c -= c && c->gate;
	return c - (c && c->finishes);
}

/* The job changed it there, and no way back was gone from there since. */
static bool moved_in(const struct jobview *v, const struct task_view *t, const struct component *c)
{
	bool moved = false;
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *made = &t->steps.v[i];
		if (made->changes && made->pass != PASS_UNDO && !str_eq(made->result, "skipped") &&
		    part_of(&cut_method(v)->components[made->turn]) == c)
			moved = made->pass == PASS_UPGRADE;
	}
	return moved;
}

/* A way back takes what it has behind it along, but for what has no way back; also when it is tried again
 * after that. */
static bool stays(const struct jobview *v, const struct task_view *t, const struct component *c)
{
	const struct component *at = jobview_component(v, t);
	return c->no_return && at && c != part_of(at) && moved_in(v, t, c);
}

enum task_state jobview_stage_state(const struct jobview *v, const struct task_view *t, size_t stage)
{
	const struct component *c = jobview_stage_component(v, stage), *at = jobview_component(v, t);
	if (!c || !at || at == c || t->state == TASK_DONE)
		return t->state;
	if (c < at)
		return t->state == TASK_ROLLED_BACK && !stays(v, t, part_of(c)) ? t->state
									       : TASK_DONE;
	if (!task_state_final(t->state))
		return TASK_PENDING;
	if (stays(v, t, part_of(c)))
		return TASK_DONE;
	return t->state == TASK_CANCELLED ? t->state : TASK_SKIPPED;
}

bool jobview_step_in(const struct jobview *v, const struct step_view *s, size_t stage)
{
	const struct component *c = jobview_stage_component(v, stage);
	return !c || s->turn == (size_t)(c - cut_method(v)->components);
}

bool jobview_stage_times(const struct jobview *v, const struct task_view *t, size_t stage,
			 int64_t *first, int64_t *last)
{
	*first = t->started;
	*last = t->ended ? t->ended : v->last;
	if (!jobview_stage_component(v, stage))
		return t->started != 0;
	*first = *last = 0;
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (!jobview_step_in(v, s, stage) || s->pass == PASS_ROLLBACK)
			continue;
		*first = *first ? *first : s->started;
		*last = s->ended ? s->ended : v->last;
	}
	return *first != 0;
}

char *jobview_turns_done(const struct jobview *v, const struct task_view *t)
{
	const struct method *m = cut_method(v);
	const struct component *at = jobview_component(v, t);
	struct str out = {0};
	for (const struct component *c = m ? m->components : NULL; at && c < at; c++) {
		size_t s = stage_from(v, t->device, (size_t)(c - m->components));
		if (!c->gate && jobview_stage_component(v, s) == c)
			str_printf(&out, "%s%s", out.len ? ", " : "", c->title);
	}
	return out.len ? str_take(&out) : NULL;
}

char *jobview_turns_stay(const struct jobview *v, const struct task_view *t)
{
	const struct method *m = cut_method(v);
	struct str out = {0};
	for (size_t i = 0; m && i < m->n_components; i++)
		if (stays(v, t, &m->components[i]))
			str_printf(&out, "%s%s", out.len ? ", " : "", m->components[i].title);
	return out.len ? str_take(&out) : NULL;
}

size_t jobview_stage_done(const struct jobview *v, size_t stage, size_t *of)
{
	size_t done = 0;
	*of = 0;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (!has(&v->plan->stages.v[stage], t->device))
			continue;
		done += jobview_stage_state(v, t, stage) == TASK_DONE;
		++*of;
	}
	return done;
}

const struct component *jobview_asked(const struct jobview *v, const struct question_view *q)
{
	return q->about ? procedure_component(cut_method(v), q->about) : NULL;
}

size_t jobview_left(const struct jobview *v, const struct component *c, const struct task_view *but)
{
	size_t n = 0;
	for (size_t s = 0; c && s < v->plan->stages.n; s++) {
		if (jobview_stage_component(v, s) != c)
			continue;
		for (size_t i = 0; i < v->tasks.n; i++) {
			const struct task_view *t = &v->tasks.v[i];
			n += t != but && has(&v->plan->stages.v[s], t->device) &&
			     !task_state_final(jobview_stage_state(v, t, s));
		}
	}
	return n;
}
