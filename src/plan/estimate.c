/* SPDX-License-Identifier: ISC */
/*
 * How long it takes: learnt from earlier upgrades where there were any. The shipped figures are
 * only a start, taken from published runs on virtual switches: 11 s for a backup, 3.5 min for
 * install and boot together, 95 s for restore and what comes after. Time limits say nothing about
 * durations.
 */
#include "config.h"

#include "plan/making.h"

#include <strings.h>

#define ANY_ACTION ACTIONS

static const struct {
	const char *phase; /* NULL: any */
	enum action action;
	int64_t seconds;
} shipped[] = {
    /* a step of the phase that does its work */
    {"Backup", ACTION_RUN, 4},
    {"Backup", ACTION_GET, 4},
    {"Install", ACTION_DETACH, 90},
    {"Install", ACTION_RUN, 60},
    {"Reboot", ACTION_WAIT, 115},
    {"Reboot", ACTION_DETACH, 115},
    {"Restore", ACTION_RUN, 15},
    {"Restore", ACTION_DETACH, 45},
    {"Restore", ACTION_WAIT, 45},
    {"Verify", ACTION_WAIT, 30},
    /* anywhere else */
    {NULL, ACTION_RUN, 3},
    {NULL, ACTION_DETACH, 60},
    {NULL, ACTION_PUT, 60},
    {NULL, ACTION_GET, 4},
    {NULL, ACTION_REBOOT, 5},
    {NULL, ACTION_WAIT, 30},
    {NULL, ACTION_FACTS, 3},
    {NULL, ACTION_CHECK, 5},
    {NULL, ACTION_SNAPSHOT, 10},
    {NULL, ACTION_CONFIRM, 0}, /* a person: no figure is right, and the clock does not wait */
    {NULL, ANY_ACTION, 5},
};

static int64_t shipped_ms(const struct step *step)
{
	if (step->action == ACTION_PUT && !step->image)
		return 4000; /* a small file, no image */
	for (size_t i = 0; i < LEN(shipped); i++) {
		if (shipped[i].action != step->action && shipped[i].action != ANY_ACTION)
			continue;
		if (!shipped[i].phase ||
		    (step->phase && !strcasecmp(shipped[i].phase, step->phase)))
			return shipped[i].seconds * 1000;
	}
	return 0;
}

/* The row of this model, else the one for any model. */
static const struct plan_duration *learnt(const struct plan_durations *list, const char *model,
					  const char *step)
{
	const struct plan_duration *found = NULL;

	for (size_t i = 0; list && i < list->n; i++) {
		const struct plan_duration *d = &list->v[i];
		if (d->samples < 1 || strcmp(d->step, step))
			continue;
		if (d->model && model && !strcmp(d->model, model))
			return d;
		if (!d->model)
			found = d;
	}
	return found;
}

struct plan_estimate plan_step_estimate(const struct plan_durations *durations, const char *model,
					const struct step *step)
{
	const struct plan_duration *d = learnt(durations, model, step->name);
	struct plan_estimate est = {.p50_ms = shipped_ms(step)};

	if (d)
		est = (struct plan_estimate){d->p50_ms, d->p95_ms, d->samples};
	else if (step->timeout_ms > 0 && est.p50_ms > step->timeout_ms)
		est.p50_ms = step->timeout_ms; /* it is given up then */
	if (!d || est.p95_ms < est.p50_ms)
		est.p95_ms = est.p50_ms + est.p50_ms / 2;
	return est;
}

static int value_known(void *ctx, const char *name, struct err *e)
{
	(void)e;
	return scope_get(ctx, name) ? 0 : 1;
}

/* Will the step be left out for sure? Only if all that its condition reads is known by now. */
static bool left_out(const struct plan_input *in, size_t i, const struct step *step)
{
	struct values own = {0};
	struct scope scope = {{&in->job->parameters, in->facts ? &in->facts[i] : NULL, &own}};
	struct answer none = {.status = -1, .out = "", .err = ""};
	bool out = false;

	values_set(&own, "kind", in->job->kind ? in->job->kind : KIND_FULL);
	if (step->when && !judge_reads(step->when, value_known, &scope, NULL))
		out = judge_ask(step->when, &none, &scope, NULL, NULL) == VERDICT_NO;
	values_release(&own);
	return out;
}

struct plan_estimate plan_device_estimate(const struct plan_input *in, size_t i, bool rollback)
{
	const char *model = input_fact(in, i, "model");
	struct plan_estimate sum = {0};

	for (char *const *name = input_steps(in, rollback); *name; name++) {
		const struct step *step = procedure_step(in->procedure, *name);
		if (!step || left_out(in, i, step))
			continue;
		struct plan_estimate one = plan_step_estimate(in->durations, model, step);
		sum.p50_ms += one.p50_ms;
		sum.p95_ms += one.p95_ms;
		sum.samples += one.samples;
	}
	return sum;
}
