/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/before.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jobview *before_open(struct store *s, const char *word, char **id, struct err *e)
{
	struct jobview *v = NULL;
	*id = create_find(s, word, e);
	v = *id ? create_view(s, *id, e) : NULL;
	if (v && !v->started) {
		err_set(e, ERR_INPUT, _("the job \"%s\" was never started"), v->job->name);
		jobview_free(v);
		v = NULL;
	}
	if (!v) {
		free(*id);
		*id = NULL;
	}
	return v;
}

/* The device of that job with the name of this one; NULL: it was not in it. */
static const struct task_view *same_device(const struct jobview *b, const char *name)
{
	size_t d = inventory_find(b->job->inventory, name);
	return d == NO_DEVICE ? NULL : jobview_task((struct jobview *)(uintptr_t)b, d);
}

/* Devices that went to an image of their own. */
static void copy_targets(struct job *j, const struct jobview *b)
{
	for (size_t i = 0; i < j->devices.n; i++) {
		const char *name = j->inventory->devices.v[j->devices.v[i]].name;
		size_t d = inventory_find(b->job->inventory, name);
		const struct job_target *t = d == NO_DEVICE ? NULL : job_target(b->job, d);
		if (t)
			job_target_add(j, j->devices.v[i], t->version, t->image);
	}
	job_targets_settle(j);
}

int before_preset(struct job *j, const struct jobview *b, struct err *e)
{
	bool chosen = j->devices.n > 0;
	for (size_t i = 0; !chosen && i < j->inventory->devices.n; i++) {
		const struct task_view *t = same_device(b, j->inventory->devices.v[i].name);
		if (t && t->state == TASK_DONE)
			VEC_PUSH(&j->devices, i);
	}
	if (!j->devices.n)
		return err_set(e, ERR_INPUT, _("the job \"%s\" has done no device"), b->job->name);
	if (!j->version) {
		j->version = xstrdup(b->job->version);
		copy_targets(j, b);
	}
	if (!j->procedure)
		j->procedure = xstrdup(b->job->procedure);
	if (!j->method)
		j->method = xstrdup(b->job->method);
	for (size_t i = 0; i < b->job->parameters.n; i++) {
		const struct value *v = &b->job->parameters.v[i];
		if (!values_get(&j->parameters, v->name))
			values_set(&j->parameters, v->name, v->text);
	}
	return 0;
}

/* --- what it left ----------------------------------------------------------------------------- */

static int check_follows(const struct job *j, const struct job_kind *k, const struct jobview *b,
			 struct err *e)
{
	const char *kind = b->job->kind ? b->job->kind : KIND_FULL;
	for (size_t i = 0; k && k->follows && k->follows[i]; i++)
		if (strcmp(k->follows[i], kind) == 0)
			return 0;
	return err_set(e, ERR_INPUT,
		       _("a job of kind \"%s\" cannot go on with \"%s\", which is of kind \"%s\""),
		       j->kind ? j->kind : KIND_FULL, b->job->name, kind);
}

/* The version that it ran before that job; NULL: not known. */
static const char *came_from(const struct jobview *b, const struct task_view *t)
{
	const struct plan_device *p = b->plan ? plan_device(b->plan, t->device) : NULL;
	return p && p->from && *p->from ? p->from : NULL;
}

/* Images that are only wanted with a parameter: what was there before; one for all devices. */
static int old_parameters(struct job *j, const struct procedure *p, const struct task_view *t,
			  bool first, struct err *e)
{
	for (size_t i = 0; i < p->n_images; i++) {
		const struct image_kind *k = &p->images[i];
		const char *now = k->parameter ? values_get(&j->parameters, k->parameter) : NULL;
		const char *then = k->current ? values_get(&t->facts, k->current) : NULL;
		if (!now || !*now)
			continue;
		if (!first && !str_eq(now, then ? then : ""))
			return err_set(e, ERR_INPUT,
				       _("the devices had different versions of %s; make one job "
					 "for each (--hosts)"),
				       k->title);
		values_set(&j->parameters, k->parameter, then ? then : "");
	}
	return 0;
}

static int go_back(struct job *j, const struct procedure *p, const struct jobview *b,
		   const struct task_view *t, bool first, struct err *e)
{
	const char *from = came_from(b, t), *name = jobview_device(b, t->device);
	if (!from)
		return err_set(e, ERR_INPUT, _("which version %s ran before \"%s\" is not known"),
			       name, b->job->name);
	if (first) {
		job_targets_release(j);
		free(j->version);
		j->version = xstrdup(from);
	} else if (!str_eq(j->version, from)) {
		return err_set(
		    e, ERR_INPUT,
		    _("the devices came from different versions (%s from %s, others from "
		      "%s); make one job for each (--hosts)"),
		    name, from, j->version);
	}
	return old_parameters(j, p, t, first, e);
}

/* Where it stands now, if nobody has touched it since. */
static void left_facts(const struct job_kind *k, const struct procedure *p, const struct jobview *b,
		       const struct task_view *t, struct before_device *d)
{
	const struct job_kind *earlier = jobview_kind(b);
	for (size_t i = 0; k->compare && k->compare[i]; i++)
		values_set(&d->facts, k->compare[i], values_get(&t->facts, k->compare[i]));
	if (p->from_fact && values_get(&d->facts, p->from_fact) && !(earlier && earlier->stays_up))
		values_set(&d->facts, p->from_fact, job_version(b->job, t->device));
	for (size_t i = 0; (k->after || k->backwards) && i < t->captures.n; i++)
		if (strcmp(t->captures.v[i].name, "host-key") != 0)
			values_set(&d->captures, t->captures.v[i].name, t->captures.v[i].text);
}

/* What is there for it is the file of one version. */
static int check_staged(const struct job *j, const struct job_kind *k, const struct jobview *b,
			const struct task_view *t, size_t device, struct err *e)
{
	const struct job_kind *earlier = jobview_kind(b);
	const char *there = job_version(b->job, t->device), *wanted = job_version(j, device);
	if (!earlier || !earlier->keeps || k->backwards || !wanted || str_eq(there, wanted))
		return 0;
	return err_set(e, ERR_INPUT,
		       _("the job \"%s\" left the image of %s on %s, not that of %s: stage that one "
			 "first, or leave the version away"),
		       b->job->name, there, jobview_device(b, t->device), wanted);
}

static int take_device(struct job *j, const struct procedure *p, const struct job_kind *k,
		       const struct jobview *b, size_t device, struct err *e)
{
	const char *name = j->inventory->devices.v[device].name;
	const struct task_view *t = same_device(b, name);
	if (!t || t->state != TASK_DONE)
		return err_set(e, ERR_INPUT, _("%s was not done by the job \"%s\" (%s)"), name,
			       b->job->name, t ? task_state_name(t->state) : _("it was not in it"));
	if (check_staged(j, k, b, t, device, e) != 0)
		return -1;
	bool first = j->before->devices.n == 0;
	struct before_device *d = VEC_ADD(&j->before->devices);
	d->device = device;
	left_facts(k, p, b, t, d);
	return k->backwards ? go_back(j, p, b, t, first, e) : 0;
}

int before_take(struct job *j, const struct procedure *p, const struct jobview *b, const char *id,
		struct err *e)
{
	const struct job_kind *k = procedure_kind(procedure_method(p, j->method), j->kind);
	if (check_follows(j, k, b, e) != 0)
		return -1;
	if (!job_state_final(b->state))
		return err_set(e, ERR_INPUT, _("the job \"%s\" is not over yet (%s)"), b->job->name,
			       job_state_name(b->state));
	job_before_free(j->before);
	j->before = xcalloc(1, sizeof(*j->before));
	j->before->id = xstrdup(id);
	j->before->name = xstrdup(b->job->name);
	j->before->kind = xstrdup(b->job->kind);
	for (size_t i = 0; i < j->devices.n; i++)
		if (take_device(j, p, k, b, j->devices.v[i], e) != 0)
			return -1;
	return 0;
}

/* --- into the new job ------------------------------------------------------------------------- */

/* Both names mean the same bytes: kept files are never written again. */
static int keep_file(const char *from_dir, const char *to_dir, const char *file, struct err *e)
{
	char *from = path_join(from_dir, file), *to = path_join(to_dir, file);
	int rc = link(from, to) == 0 || errno == EEXIST ? 0 : -1;
	if (rc != 0)
		err_sys(e, _("%s, which the earlier job kept, cannot be used"), from);
	free(from);
	free(to);
	return rc;
}

static int keep_device(struct store *s, const char *id, const struct job *j,
		       const struct before_device *d, struct err *e)
{
	const char *name = j->inventory->devices.v[d->device].name;
	char *from = store_job_dir(s, j->before->id, name, e), *to = NULL;
	int rc = 0;
	if (from)
		to = store_job_dir(s, id, name, e);
	for (size_t i = 0; to && rc == 0 && i < d->captures.n; i++) {
		const char *file = d->captures.v[i].name;
		if (str_starts(file, "file.") && !str_ends(file, ".size"))
			rc = keep_file(from, to, file + strlen("file."), e);
	}
	rc = to ? rc : -1;
	free(from);
	free(to);
	return rc;
}

int before_keep_files(struct store *s, const char *id, const struct job *j, struct err *e)
{
	for (size_t i = 0; j->before && i < j->before->devices.n; i++)
		if (keep_device(s, id, j, &j->before->devices.v[i], e) != 0)
			return -1;
	return 0;
}

static void add_snapshot(struct record_list *out, const char *device, const struct snapshot_view *x)
{
	struct record *r = record_new(RECORD_SNAPSHOT, device, NULL);
	record_text(r, "when", x->when);
	record_text(r, "element", x->element);
	VEC_PUSH(out, record_json(r, "rows", cJSON_Duplicate(x->rows, true)));
}

int before_snapshots(struct store *s, const struct job *j, const struct procedure *p,
		     struct record_list *out, struct err *e)
{
	const struct job_kind *k = procedure_kind(procedure_method(p, j->method), j->kind);
	if (!j->before || !k || !k->after)
		return 0;
	struct jobview *b = create_view(s, j->before->id, e);
	for (size_t i = 0; b && i < b->snapshots.n; i++) {
		const struct snapshot_view *x = &b->snapshots.v[i];
		size_t d = inventory_find(j->inventory, jobview_device(b, x->device));
		if (str_eq(x->when, "before") && d != NO_DEVICE && job_has(j, d))
			add_snapshot(out, j->inventory->devices.v[d].name, x);
	}
	int rc = b ? 0 : -1;
	jobview_free(b);
	return rc;
}
