/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/learn.h"

#include "base/log.h"
#include "base/str.h"
#include "run/locks.h"

#include <stdlib.h>

static void durations(struct store *s, const struct task_view *t, const struct device *d)
{
	const char *model = values_get(&t->facts, "model");
	struct err e = {0};
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *x = &t->steps.v[i];
		if (x->attempt != t->attempt || x->pass != PASS_UPGRADE || !x->ended ||
		    !str_eq(x->result, "done"))
			continue;
		if (store_duration_add(s, d->platform, model ? model : "", x->step,
		                       x->ended - x->started, &e) != 0) {
			log_line("run", "durations of %s are not kept: %s", d->name, e.text);
			return;
		}
	}
}

static const char *failed_phase(const struct jobview *v, const struct task_view *t)
{
	const struct step *s =
	    t->failed_step ? procedure_step(v->procedure, t->failed_step) : NULL;
	return s ? s->phase : NULL;
}

void learn_from_checks(struct store *s, const struct jobview *v)
{
	VEC(struct known_device) list = {0};
	struct err e = {0};
	const char *from = v->procedure->from_fact;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		const char *version = from ? values_get(&t->facts, from) : NULL;
		if (!t->facts.n)
			continue;
		struct known_device d = {.facts = t->facts}; /* all borrowed */
		d.device = v->job->inventory->devices.v[t->device].name;
		d.version = version && *version ? (char *)(uintptr_t)version : NULL;
		VEC_PUSH(&list, d);
	}
	if (list.n && store_facts_set(s, list.v, list.n, &e) != 0)
		log_line("run", "what the devices said is not kept: %s", e.text);
	VEC_RELEASE(&list);
}

/* Which version it runs now: after a failure behind the point of no return nobody knows. */
static void version_now(struct store *s, const struct jobview *v, const struct task_view *t,
			const struct device *d)
{
	struct err e = {0};
	int rc = 0;
	if (jobview_kind(v) && jobview_kind(v)->stays_up)
		return;
	if (t->state == TASK_DONE)
		rc = store_version_set(s, d->name, v->job->version, &e);
	else if (t->state != TASK_ROLLED_BACK && t->committed)
		rc = store_version_set(s, d->name, NULL, &e);
	if (rc != 0)
		log_line("run", "version of %s is not kept: %s", d->name, e.text);
}

void learn_from_task(struct store *s, const struct jobview *v, const char *job, const char *device)
{
	size_t n = inventory_find(v->job->inventory, device);
	const struct task_view *t = n == NO_DEVICE ? NULL : jobview_task((struct jobview *)v, n);
	struct err e = {0};
	if (!t || !task_state_final(t->state) || !t->started)
		return;
	if (jobview_kind(v) &&
	    jobview_kind(v)->stays_up) { /* no upgrade: nothing went well or wrong */
		durations(s, t, &v->job->inventory->devices.v[n]);
		return;
	}
	const struct device *d = &v->job->inventory->devices.v[n];
	char *identity = locks_address(d);
	bool good = t->state == TASK_DONE;
	if (store_history_add(s, identity, d->name, job, task_state_name(t->state),
	                      task_view_failed(t) ? failed_phase(v, t) : NULL, v->job->version,
	                      &e) != 0)
		log_line("run", "history of %s is not kept: %s", d->name, e.text);
	version_now(s, v, t, d);
	if (good)
		durations(s, t, d);
	free(identity);
}
