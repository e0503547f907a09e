/* SPDX-License-Identifier: ISC */
/* The snapshots of a job, compared. */
#include "config.h"

#include "model/difference.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static bool same_place(const struct snapshot_view *a, const struct snapshot_view *b)
{
	return a->device == b->device && str_eq(a->when, b->when) && str_eq(a->element, b->element);
}

static int attempt_of(const struct task_view *t)
{
	return t ? t->attempt * 4 + (int)t->pass : 0;
}

const struct snapshot_view *jobview_last_look(const struct jobview *v, const struct task_view *t,
                                              const char *element, const char *when)
{
	for (size_t i = v->snapshots.n; i-- > 0;) {
		const struct snapshot_view *s = &v->snapshots.v[i];
		if (s->device == t->device && s->attempt == attempt_of(t) &&
		    str_eq(s->element, element) && str_eq(s->when, when))
			return s;
	}
	return NULL;
}

void jobview_look(struct jobview *v, const struct task_view *t, const struct snapshot_view *look)
{
	int attempt = attempt_of(t);
	for (size_t i = v->snapshots.n; i-- > 0;) {
		struct snapshot_view *s = &v->snapshots.v[i];
		if (s->attempt == attempt || !same_place(s, look))
			continue;
		free(s->when), free(s->element);
		cJSON_Delete(s->rows);
		VEC_REMOVE(&v->snapshots, i);
	}
	struct snapshot_view *s = VEC_ADD(&v->snapshots);
	*s = *look;
	s->attempt = attempt;
	s->when = xstrdup(look->when);
	s->element = xstrdup(look->element);
	s->rows = cJSON_Duplicate(look->rows, true);
}

void diff_samples(const struct jobview *v, size_t device, const char *element, const char *when,
                  struct samples *out)
{
	*out = (struct samples){0};
	for (size_t i = 0; i < v->snapshots.n; i++) {
		const struct snapshot_view *s = &v->snapshots.v[i];
		if (s->device == device && str_eq(s->element, element) && str_eq(s->when, when))
			VEC_PUSH(out, ((struct sample){s->rows, s->wall}));
	}
}

void diff_values(const struct jobview *v, const struct task_view *t, struct values *out)
{
	const char *fact = v->procedure->from_fact;
	const char *from = fact ? values_get(&t->facts, fact) : NULL;
	bool back = t->pass == PASS_ROLLBACK;
	values_merge(out, &v->job->parameters);
	values_merge(out, &t->facts);
	values_set(out, "device", jobview_device(v, t->device));
	values_set(out, "version", back ? from : job_version(v->job, t->device));
	values_set(out, "from", back ? job_version(v->job, t->device) : from);
	values_set(out, "method", jobview_method(v) ? jobview_method(v)->name : "");
}

static const struct task_view *task_of(const struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].device == device)
			return &v->tasks.v[i];
	return NULL;
}

void diff_job(const struct jobview *v, size_t device, const struct collector *c, struct diff *out)
{
	const struct task_view *t = task_of(v, device);
	struct samples before, after;
	struct values known = {0};
	if (t)
		diff_values(v, t, &known);
	const struct scope scope = {.layers = {&known}};
	diff_samples(v, device, c->element, "before", &before);
	diff_samples(v, device, c->element, "after", &after);
	diff_make(c, &before, &after, &scope, out);
	values_release(&known);
	VEC_RELEASE(&before);
	VEC_RELEASE(&after);
}

static bool taken(const struct jobview *v, size_t device, const char *element, const char *when)
{
	for (size_t i = 0; i < v->snapshots.n; i++) {
		const struct snapshot_view *s = &v->snapshots.v[i];
		if (s->device == device && str_eq(s->element, element) && str_eq(s->when, when))
			return true;
	}
	return false;
}

bool diff_over(const struct jobview *v, const struct task_view *t)
{
	return task_state_final(t->state) || job_state_final(v->state);
}

bool diff_missing(const struct jobview *v, const struct task_view *t, const struct collector *c,
		  enum diff_due due)
{
	bool is_due = due == DIFF_DUE_DONE ? t->state == TASK_DONE
					   : diff_over(v, t) && !jobview_never_moved(v, t);
	return is_due && taken(v, t->device, c->element, "before") &&
	       !taken(v, t->device, c->element, "after");
}

size_t diff_missing_count(const struct jobview *v, enum diff_due due)
{
	size_t n = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		for (size_t k = 0; k < v->procedure->n_collectors; k++)
			n += diff_missing(v, &v->tasks.v[i], &v->procedure->collectors[k], due);
	return n;
}
