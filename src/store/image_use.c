/* SPDX-License-Identifier: ISC */
/* Does a job that is under way still need an image? Its journal tells. */
#include "config.h"

#include "store/db.h"

#include "base/log.h"
#include "model/jobview.h"

#include <string.h>

/* The version of this kind that a device is brought to, or back to. */
static bool wants(const struct image_kind *k, const struct job *j, const struct task_view *t,
                  const struct image *i)
{
	const char *to = k->parameter ? values_get(&j->parameters, k->parameter)
				      : job_version(j, t->device);
	const char *back = k->current ? values_get(&t->facts, k->current) : NULL;
	struct images one = {.v = (struct image *)i, .n = 1};
	struct values need = {0};
	if (!str_eq(to, i->version) && !str_eq(back, i->version))
		return false;
	procedure_image_need(k, &t->facts, &need);
	bool found = images_match(&one, j->inventory->devices.v[t->device].platform, k->kind,
	                          i->version, &need) != NULL;
	values_release(&need);
	return found;
}

static bool uses(const struct jobview *v, const struct image *i)
{
	const struct image_kind *k = procedure_image_kind(v->procedure, i->kind);
	if (str_eq(v->job->os_image, i->id))
		return true;
	for (size_t t = 0; t < v->job->targets.n; t++)
		if (str_eq(v->job->targets.v[t].image, i->id))
			return true;
	for (size_t t = 0; k && t < v->tasks.n; t++)
		if (wants(k, v->job, &v->tasks.v[t], i))
			return true;
	return false;
}

static int fold(void *ctx, const struct record *r, struct err *e)
{
	return jobview_apply(ctx, r, e);
}

/* Started and not over, or in the hands of a process that may start it. A journal that cannot be
 * read is of a job that cannot go on either. */
static bool job_uses(struct store *s, const char *id, const struct image *i)
{
	struct jobview *v = jobview_new();
	struct err why = {0};
	bool used = false;
	if (store_read(s, id, 0, 0, fold, v, &why) != 0)
		log_line("images", "job %s: %s", id, why.text);
	else if (v->job && !job_state_final(v->state) && (v->started || store_job_running(s, id)))
		used = uses(v, i);
	jobview_free(v);
	return used;
}

int image_check_unused(struct store *s, const struct image *i, struct err *e)
{
	struct job_rows rows = {0};
	int rc = store_jobs(s, &rows, e);
	for (size_t k = 0; k < rows.n && rc == 0; k++)
		if (job_uses(s, rows.v[k].id, i))
			rc = err_set(e, ERR_LOCKED,
			             "image %s (%s) is in use by the job '%s', which has not "
			             "ended; wait for it, or 'hitless cancel' it",
			             i->name, i->version, rows.v[k].name);
	job_rows_release(&rows);
	return rc;
}
