/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/learn.h"

#include "base/log.h"
#include "base/str.h"
#include "model/values.h"
#include "run/locks.h"
#include "run/topology.h"

#include <stdlib.h>

/* What the step moved: a copy teaches how fast copies are. Only one that began at the beginning does;
 * one that was resumed, or found its file there, took less than the next one will. */
static int64_t moved(const struct jobview *v, const struct step_view *x, bool *teaches)
{
	const struct step *step = procedure_step(v->procedure, x->step);
	if (!step || step->action != ACTION_PUT || !step->image)
		return 0;
	*teaches = x->total > 0 && x->first_done * 5 <= x->total;
	return x->total;
}

/* A part of the way that takes no device down teaches how fast copies are; what else it does takes
 * less than in an upgrade. The way back teaches its own steps only. */
static bool is_typical(const struct jobview *v, const char *step, int64_t bytes)
{
	const struct job_kind *k = jobview_kind(v);
	if (!k || bytes > 0)
		return true;
	return !k->stays_up && !(k->backwards && strings_have(jobview_method(v)->steps, step));
}

static void durations(struct store *s, const struct jobview *v, const struct task_view *t,
		      const struct device *d, const char *job)
{
	const char *model = values_get(&t->facts, "model");
	struct err e = {0};
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *x = &t->steps.v[i];
		if (x->attempt != t->attempt || x->pass != PASS_UPGRADE || !x->ended ||
		    !str_eq(x->result, "done"))
			continue;
		bool teaches = true;
		struct duration_sample one = {.platform = d->platform,
					      .model = model,
					      .step = x->step,
					      .ms = x->ended - x->started,
					      .bytes = moved(v, x, &teaches),
					      .job = job};
		teaches &= is_typical(v, x->step, one.bytes);
		if (teaches && store_duration_add(s, &one, &e) != 0) {
			log_line("run", "durations of %s are not kept: %s", d->name, e.text);
			return;
		}
	}
}

static const char *phase_of(const struct jobview *v, const char *step)
{
	const struct step *s = step ? procedure_step(v->procedure, step) : NULL;
	return s ? s->phase : NULL;
}

/* Where the way there failed, when the way back failed too: the view has only the latter. */
static const char *phase_before(const struct jobview *v, const struct task_view *t)
{
	for (size_t i = t->failed_pass == PASS_ROLLBACK ? t->steps.n : 0; i-- > 0;) {
		const struct step_view *x = &t->steps.v[i];
		if (x->pass == PASS_UPGRADE)
			return str_eq(x->result, "failed") ? phase_of(v, x->step) : NULL;
	}
	return NULL;
}

/* "Reboot", or "Reboot, Rollback" when the way back failed too; new. */
static char *failed_phases(const struct jobview *v, const struct task_view *t)
{
	const char *first = phase_before(v, t), *last = phase_of(v, t->failed_step);
	return first && last && !str_eq(first, last) ? xasprintf("%s, %s", first, last)
						     : xstrdup(last ? last : first);
}

/* The version that it said it ran, before anything was done to it; NULL: it did not. */
static const char *version_then(const struct jobview *v, const struct task_view *t)
{
	const char *from = v->procedure->from_fact;
	const char *version = from ? values_get(&t->facts, from) : NULL;
	return version && *version ? version : NULL;
}

void learn_from_checks(struct store *s, const struct jobview *v)
{
	VEC(struct known_device) list = {0};
	struct err e = {0};
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (!t->facts.n)
			continue;
		struct known_device d = {.facts = t->facts}; /* all borrowed */
		d.device = v->job->inventory->devices.v[t->device].name;
		d.version = (char *)(uintptr_t)version_then(v, t);
		VEC_PUSH(&list, d);
	}
	if (list.n && store_facts_set(s, list.v, list.n, &e) != 0)
		log_line("run", "what the devices said is not kept: %s", e.text);
	VEC_RELEASE(&list);
}

void learn_from_portraits(struct store *s, const struct inventory *inv,
			  const struct portraits *portraits)
{
	VEC(struct known_device) list = {0};
	struct err e = {0};
	for (size_t i = 0; i < portraits->n; i++) {
		const struct portrait *p = &portraits->v[i];
		if (p->state != PORTRAIT_DONE || topology_is_other(inv, p))
			continue;
		struct known_device d = {.facts = p->facts}; /* all borrowed */
		const char *version = values_get(&p->facts, p->procedure->from_fact);
		d.device = inv->devices.v[p->device].name;
		d.version = version && *version ? (char *)(uintptr_t)version : NULL;
		VEC_PUSH(&list, d);
	}
	if (list.n && store_facts_set(s, list.v, list.n, &e) != 0)
		log_line("run", "what the devices said is not kept: %s", e.text);
	VEC_RELEASE(&list);
}

/* The same of what else was brought to a version: the packages that a parameter names. */
static void packages_now(const struct jobview *v, const struct task_view *t, struct values *out)
{
	for (size_t i = 0; i < v->procedure->n_images; i++) {
		const struct image_kind *k = &v->procedure->images[i];
		const char *given = k->parameter ? values_get(&v->job->parameters, k->parameter) : NULL;
		if (!k->current || !given || !*given)
			continue;
		const char *now = t->state == TASK_DONE          ? given
				  : t->state == TASK_ROLLED_BACK ? values_get(&t->facts, k->current)
								 : "";
		values_set(out, k->current, now ? now : "");
	}
}

/* Which version it runs now: after a failure behind the point of no return nobody knows. */
static void version_now(struct store *s, const struct jobview *v, const struct task_view *t,
			const struct device *d)
{
	struct err e = {0};
	struct values facts = {0};
	if (t->state != TASK_DONE && t->state != TASK_ROLLED_BACK && !t->committed)
		return;
	packages_now(v, t, &facts);
	const char *version = t->state == TASK_DONE          ? job_version(v->job, t->device)
			      : t->state == TASK_ROLLED_BACK ? version_then(v, t)
							     : NULL;
	if (store_version_set(s, d->name, version, &facts, &e) != 0)
		log_line("run", "version of %s is not kept: %s", d->name, e.text);
	values_release(&facts);
}

void learn_from_task(struct store *s, const struct jobview *v, const char *job, const char *device)
{
	size_t n = inventory_find(v->job->inventory, device);
	const struct task_view *t = n == NO_DEVICE ? NULL : jobview_task((struct jobview *)v, n);
	struct err e = {0};
	if (!t || !task_state_final(t->state) || !t->started)
		return;
	if (jobview_kind(v) && jobview_kind(v)->stays_up) { /* no upgrade: nothing went well or wrong */
		durations(s, v, t, &v->job->inventory->devices.v[n], job);
		return;
	}
	const struct device *d = &v->job->inventory->devices.v[n];
	char *identity = locks_address(d);
	char *phases = task_view_failed(t) ? failed_phases(v, t) : NULL;
	bool good = t->state == TASK_DONE;
	if (store_history_add(s, identity, d->name, job, task_state_name(t->state), phases,
			      job_version(v->job, t->device), &e) != 0)
		log_line("run", "history of %s is not kept: %s", d->name, e.text);
	version_now(s, v, t, d);
	if (good)
		durations(s, v, t, d, job);
	free(phases);
	free(identity);
}
