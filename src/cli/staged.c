/* SPDX-License-Identifier: ISC */
/* What jobs left on devices on purpose: files that were copied for a later day. */
#include "config.h"

#include "cli/runner.h"

#include "model/json.h"
#include "run/create.h"

#include <stdlib.h>

struct views { /* every job that can be read */
	VEC(struct jobview *) v;
	VEC(char *) ids;
};

static int read_views(struct cli *c, struct views *all)
{
	struct job_rows rows = {0};
	if (!cli_store(c) || store_jobs(c->store, &rows, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct err why = {0};
		struct jobview *v = create_view(c->store, rows.v[i].id, &why);
		if (!v)
			continue;
		VEC_PUSH(&all->v, v);
		VEC_PUSH(&all->ids, xstrdup(rows.v[i].id));
	}
	job_rows_release(&rows);
	return 0;
}

static void release(struct views *all)
{
	for (size_t i = 0; i < all->v.n; i++) {
		jobview_free(all->v.v[i]);
		free(all->ids.v[i]);
	}
	VEC_RELEASE(&all->v);
	VEC_RELEASE(&all->ids);
}

static const struct task_view *task_on(struct jobview *v, const char *device)
{
	size_t d = inventory_find(v->job->inventory, device);
	return d == NO_DEVICE ? NULL : jobview_task(v, d);
}

static bool goes_on(const struct jobview *v)
{
	return !job_state_final(v->state) && !v->superseded;
}

/* A job that goes on with it: one that is not over, or one that nobody knows how far it came. */
static const char *used_by(const struct views *all, const char *id, const char *device)
{
	for (size_t i = 0; i < all->v.n; i++) {
		struct jobview *v = all->v.v[i];
		const struct task_view *t = task_on(v, device);
		if (v->job->before && str_eq(v->job->before->id, id) && t &&
		    (t->committed || (!task_state_final(t->state) && goes_on(v))) &&
		    !jobview_kind(v)->stays_up)
			return v->job->name;
	}
	return NULL;
}

/* The same file: both take the device to one version, with one image. */
static bool same_file(const struct jobview *a, const struct jobview *b, const char *device)
{
	size_t x = inventory_find(a->job->inventory, device);
	size_t y = inventory_find(b->job->inventory, device);
	return x != NO_DEVICE && y != NO_DEVICE &&
	       str_eq(job_version(a->job, x), job_version(b->job, y)) &&
	       str_eq(job_image(a->job, x), job_image(b->job, y));
}

/* This step of any job took it away: by a new disk, or as what that job had left there itself. */
static bool takes_away(const struct jobview *v, const struct step_view *x, const char *step, bool same)
{
	const struct step *s = procedure_step(v->procedure, x->step);
	if (!str_eq(x->result, "done"))
		return false;
	return x->pass == PASS_UNDO ? same && str_eq(x->step, step) : s && s->wipes;
}

static bool gone(const struct views *all, const struct jobview *left, const char *device,
		 const char *step, int64_t since)
{
	for (size_t i = 0; i < all->v.n; i++) {
		struct jobview *v = all->v.v[i];
		const struct task_view *t = task_on(v, device);
		bool same = same_file(v, left, device);
		for (size_t k = 0; t && k < t->steps.n; k++)
			if (t->steps.v[k].ended > since &&
			    takes_away(v, &t->steps.v[k], step, same))
				return true;
	}
	return false;
}

static int64_t done_at(const struct task_view *t, const char *step)
{
	for (size_t i = t->steps.n; i-- > 0;)
		if (str_eq(t->steps.v[i].step, step) && t->steps.v[i].ended)
			return t->steps.v[i].ended;
	return t->ended;
}

struct row {
	const char *device, *job, *id, *what, *version, *used;
	int64_t since;
};

static void put_row(struct cli *c, struct table *t, cJSON *list, const struct row *r)
{
	char time[32];
	if (c->json) {
		cJSON *o = cJSON_CreateObject();
		clock_iso(r->since, time);
		json_put_text(o, "device", r->device);
		json_put_text(o, "job", r->job);
		json_put_text(o, "id", r->id);
		json_put_text(o, "what", r->what);
		json_put_text(o, "version", r->version);
		json_put_text(o, "since", time);
		json_put_text(o, "used_by", r->used);
		json_append(list, o);
		return;
	}
	clock_local(r->since, time);
	table_cell(t, r->device);
	table_cell(t, r->version);
	table_cell(t, r->job);
	table_cell(t, time);
	table_cell(t, r->what);
	table_cell(t, r->used);
}

static void put_job(struct cli *c, struct table *t, cJSON *list, const struct views *all, size_t n)
{
	struct jobview *v = all->v.v[n];
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *task = &v->tasks.v[i];
		const char *device = jobview_device(v, task->device);
		for (size_t k = 0; task->state == TASK_DONE && k < task->open.n; k++) {
			const char *step = task->open.v[k].step;
			const struct step *s = procedure_step(v->procedure, step);
			int64_t since = done_at(task, step);
			if (!jobview_keeps(v, step) || gone(all, v, device, step, since))
				continue;
			put_row(c, t, list,
				&(struct row){device, v->job->name, all->ids.v[n],
					      s ? translated(s->title) : step,
					      job_version(v->job, task->device),
					      used_by(all, all->ids.v[n], device), since});
		}
	}
}

static int list_staged(struct cli *c)
{
	static const char *const titles[] = {N_("DEVICE"), N_("VERSION"), N_("JOB"),
					     N_("SINCE"),  N_("WHAT"),    N_("USED BY")};
	struct views all = {.v = {0}};
	struct table t;
	if (read_views(c, &all) != 0)
		return cli_fail(c);
	cJSON *list = c->json ? cJSON_CreateArray() : NULL;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < all.v.n; i++)
		put_job(c, &t, list, &all, i);
	if (c->json)
		put_list(list, "staged");
	else
		table_print(&t, stdout);
	release(&all);
	return EXIT_DONE;
}

const struct verb verbs_staged[] = {
    {"staged list", "", N_("list what jobs left on devices for a later day"), NULL, 0, 0,
     .run = list_staged,
     .more = N_("As far as the journals tell: what a later job used up or took away, or what went\n"
		"with the disk when a device was installed anew, is not listed. USED BY: a job that\n"
		"goes on with it and is not over, or ended in the middle.")},
    {"staged remove", "JOB [DEVICE]", N_("remove from the devices what this job left there"),
     order_options, 1, 2, .run = order_discard},
    {0},
};
