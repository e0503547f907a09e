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

void learn_from_task(struct store *s, const struct jobview *v, const char *job, const char *device)
{
	size_t n = inventory_find(v->job->inventory, device);
	const struct task_view *t = n == NO_DEVICE ? NULL : jobview_task((struct jobview *)v, n);
	struct err e = {0};
	if (!t || !task_state_final(t->state) || !t->started)
		return;
	const struct device *d = &v->job->inventory->devices.v[n];
	char *identity = locks_address(d);
	bool good = t->state == TASK_DONE;
	if (store_history_add(s, identity, d->name, job, task_state_name(t->state),
	                      task_view_failed(t) ? failed_phase(v, t) : NULL, v->job->version,
	                      &e) != 0)
		log_line("run", "history of %s is not kept: %s", d->name, e.text);
	if (good)
		durations(s, t, d);
	free(identity);
}
