/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/past.h"

#include "run/create.h"

#include <stdlib.h>
#include <string.h>

void past_init(struct past *p, struct store *s)
{
	*p = (struct past){.store = s, .version = -1};
}

static void release(struct past_job *j)
{
	free(j->id);
	free(j->name);
	free(j->version);
	free(j->operator);
}

void past_release(struct past *p)
{
	for (size_t i = 0; i < p->jobs.n; i++)
		release(&p->jobs.v[i]);
	VEC_RELEASE(&p->jobs);
}

/* Jobs are never taken away and never change their place: what is new comes behind the last. */
static void add_new(struct past *p, const struct job_rows *rows)
{
	VEC(struct past_job) all = {0};
	size_t fresh = rows->n - p->jobs.n;
	for (size_t i = 0; i < fresh; i++) {
		const struct job_row *r = &rows->v[rows->n - 1 - i];
		struct past_job *j = VEC_ADD(&all);
		j->id = xstrdup(r->id);
		j->name = xstrdup(r->name);
		j->created = r->created;
		j->seq = -1;
		j->stale = true;
	}
	for (size_t i = 0; i < p->jobs.n; i++)
		VEC_PUSH(&all, p->jobs.v[i]);
	VEC_RELEASE(&p->jobs);
	p->jobs.v = all.v;
	p->jobs.n = all.n;
	p->jobs.cap = all.cap;
}

/* A name goes over to another job when this one is superseded: that is read anew, too. */
static void take_names(struct past *p, const struct job_rows *rows)
{
	for (size_t i = 0; i < p->jobs.n && i < rows->n; i++) {
		struct past_job *j = &p->jobs.v[i];
		const struct job_row *r = &rows->v[rows->n - 1 - i];
		if (str_eq(j->name, r->name))
			continue;
		free(j->name);
		j->name = xstrdup(r->name);
		j->seq = -1;
	}
}

bool past_update(struct past *p)
{
	struct err e = {0};
	struct job_rows rows = {0};
	int64_t version = store_version(p->store);
	if (version >= 0 && version == p->version)
		return false;
	if (store_jobs(p->store, &rows, &e) == 0) {
		if (rows.n > p->jobs.n)
			add_new(p, &rows);
		take_names(p, &rows);
		p->version = version;
		for (size_t i = 0; i < p->jobs.n; i++)
			p->jobs.v[i].stale = true;
	}
	job_rows_release(&rows);
	return true;
}

static void take(struct past_job *j, const struct jobview *v)
{
	size_t n[TASK_STATE_COUNT];
	jobview_counts(v, n);
	j->state = v->state;
	j->superseded = v->superseded;
	j->asks = jobview_next_question(v, 0) != NULL;
	j->total = v->tasks.n;
	j->done = n[TASK_DONE];
	j->failed = n[TASK_FAILED] + n[TASK_ROLLED_BACK];
	free(j->version);
	free(j->operator);
	j->version = xstrdup(job_versions(v->job));
	j->operator = xstrdup(v->job->operator);
}

bool past_read(struct past *p, size_t row)
{
	struct err why = {0};
	struct past_job *j = &p->jobs.v[row];
	if (!j->stale)
		return false;
	j->stale = false;
	int64_t last = store_last(p->store, j->id);
	if (last >= 0 && last == j->seq)
		return false;
	struct jobview *v = create_view(p->store, j->id, &why);
	j->broken = !v;
	if (v)
		take(j, v);
	j->seq = v ? v->seq : last > 0 ? last : 0;
	jobview_free(v);
	return true;
}

bool past_look(struct past *p, size_t row)
{
	struct past_job *j = &p->jobs.v[row];
	bool before = j->running;
	j->running = store_job_running(p->store, j->id);
	return j->running != before;
}
