/* SPDX-License-Identifier: ISC */
/*
 * How long it takes: learnt from earlier upgrades where there were any. The shipped figures are
 * only a start, taken from published runs on virtual switches: 11 s for a backup, 3.5 min for
 * install and boot together, 95 s for restore and what comes after. Time limits say nothing about
 * durations.
 */
#include "config.h"

#include "plan/making.h"

#include "model/jobview.h"

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

/* Copies: what the CPU of a switch takes from its management port, with the check of the sum. */
#define COPY_RATE     10000 /* bytes in a millisecond */
#define COPY_LEAST_MS 4000  /* connect, compare, sum: also of a small file */

static int64_t shipped_ms(const struct step *step, int64_t bytes)
{
	if (step->action == ACTION_PUT && (!step->image || bytes > 0))
		return COPY_LEAST_MS + bytes / COPY_RATE;
	if (step->takes_ms)
		return step->takes_ms;
	for (size_t i = 0; i < LEN(shipped); i++) {
		if (shipped[i].action != step->action && shipped[i].action != ANY_ACTION)
			continue;
		if (!shipped[i].phase ||
		    (step->phase && !strcasecmp(shipped[i].phase, step->phase)))
			return shipped[i].seconds * 1000;
	}
	return 0;
}

/* Figures of a copy are for none but a copy of which the size is known, and that one needs them. */
static bool is_about(const struct plan_duration *d, const char *step, int64_t bytes)
{
	return d->samples > 0 && !strcmp(d->step, step) && (d->bytes > 0) == (bytes > 0);
}

/* The row of this model, else the one for any model. */
static const struct plan_duration *learnt(const struct plan_durations *list, const char *model,
					  const char *step, int64_t bytes)
{
	const struct plan_duration *found = NULL;

	for (size_t i = 0; list && i < list->n; i++) {
		const struct plan_duration *d = &list->v[i];
		if (!is_about(d, step, bytes))
			continue;
		if (d->model && model && !strcmp(d->model, model))
			return d;
		if (!d->model)
			found = d;
	}
	return found;
}

static struct plan_estimate figures_of(const struct plan_duration *d, int64_t bytes)
{
	double scale = d->bytes > 0 ? (double)bytes / (double)d->bytes : 1;

	return (struct plan_estimate){.p50_ms = (int64_t)((double)d->p50_ms * scale),
				      .p95_ms = (int64_t)((double)d->p95_ms * scale),
				      .samples = d->samples,
				      .source = d->model ? PLAN_MODEL : PLAN_PLATFORM};
}

struct plan_estimate plan_step_estimate(const struct plan_durations *durations, const char *model,
					const struct step *step, int64_t bytes)
{
	const struct plan_duration *d = learnt(durations, model, step->name, bytes);
	struct plan_estimate est = {.p50_ms = shipped_ms(step, bytes)};

	if (d)
		est = figures_of(d, bytes);
	else if (step->timeout_ms > 0 && est.p50_ms > step->timeout_ms)
		est.p50_ms = step->timeout_ms; /* it is given up then */
	if (!d || est.p95_ms < est.p50_ms)
		est.p95_ms = est.p50_ms + est.p50_ms / 2;
	return est;
}

/* What a condition may read, as far as it is known before anything is done. */
struct known {
	const struct plan_input *in;
	size_t i;
	struct values own;
	struct scope scope;
};

static void know_versions(struct known *k, bool rollback)
{
	const char *to = job_version(k->in->job, k->in->job->devices.v[k->i]);
	const char *from = input_fact(k->in, k->i, k->in->procedure->from_fact);
	const char *version = rollback ? from : to, *old = rollback ? to : from;

	values_set(&k->own, "version", version);
	values_set(&k->own, "from", old);
	if (version)
		values_setf(&k->own, "version.major", "%.*s", (int)strcspn(version, "."), version);
	if (old)
		values_setf(&k->own, "from.major", "%.*s", (int)strcspn(old, "."), old);
}

static void know(struct known *k, const struct plan_input *in, size_t i, bool rollback)
{
	const struct device *d = &in->job->inventory->devices.v[in->job->devices.v[i]];

	*k = (struct known){.in = in, .i = i};
	values_set(&k->own, "device", d->name);
	values_set(&k->own, "platform", d->platform);
	values_set(&k->own, "role", d->role ? d->role : "");
	values_set(&k->own, "job", in->job->name);
	values_set(&k->own, "method", in->job->method);
	values_set(&k->own, "kind", in->job->kind ? in->job->kind : KIND_FULL);
	values_set(&k->own, "pass", pass_names[rollback ? PASS_ROLLBACK : PASS_UPGRADE]);
	know_versions(k, rollback);
	k->scope = (struct scope){{&k->own, in->facts ? &in->facts[i] : NULL, &in->job->parameters}};
}

static bool is_fact(const struct procedure *p, const char *name)
{
	for (size_t i = 0; i < p->n_facts; i++)
		if (!strcmp(p->facts[i].name, name))
			return true;
	return false;
}

/* May it get a value yet? Not a parameter, and not a fact when the device was asked for its facts. */
static bool comes_later(const void *ctx, const char *name)
{
	const struct known *k = ctx;
	bool asked = k->in->facts && k->in->facts[k->i].n;

	return !procedure_parameter(k->in->procedure, name) &&
	       !(asked && is_fact(k->in->procedure, name));
}

static int see_open(void *ctx, const char *name, struct err *e)
{
	const struct known *k = ctx;

	(void)e;
	return !scope_get(&k->scope, name) && comes_later(k, name);
}

/* Will the step be left out for sure, whatever is captured until its turn? It takes part then only
 * when its condition is a plain yes. */
static bool left_out(struct known *k, const struct step *step)
{
	if (!step->when)
		return false;
	enum verdict v = judge_foresee(step->when, &k->scope, comes_later, k);
	return v == VERDICT_NO ||
	       (v == VERDICT_UNKNOWN && !judge_reads(step->when, see_open, k, NULL));
}

static void add(struct plan_estimate *sum, const struct plan_estimate *one)
{
	sum->p50_ms += one->p50_ms;
	sum->p95_ms += one->p95_ms;
	sum->samples += one->samples;
}

static struct plan_estimate step_estimate(const struct plan_input *in, size_t i,
					  const struct step *step, bool rollback)
{
	return plan_step_estimate(in->durations, input_fact(in, i, "model"), step,
				  input_copy_bytes(in, i, step, rollback));
}

struct plan_estimate plan_device_estimate(const struct plan_input *in, size_t i, bool rollback)
{
	struct plan_estimate sum = {0};
	struct known k;

	know(&k, in, i, rollback);
	for (char *const *name = input_steps(in, i, rollback); *name; name++) {
		const struct step *step = procedure_step(in->procedure, *name);
		if (!step || left_out(&k, step))
			continue;
		struct plan_estimate one = step_estimate(in, i, step, rollback);
		add(&sum, &one);
	}
	values_release(&k.own);
	return sum;
}

struct plan_estimate plan_component_estimate(const struct plan_input *in, size_t i,
					     const struct component *c)
{
	struct plan_estimate sum = {0};
	struct known k;

	know(&k, in, i, false);
	for (size_t at = c->from; at < c->to; at++) {
		const struct step *step = procedure_step(in->procedure, input_steps(in, i, false)[at]);
		if (!step || left_out(&k, step))
			continue;
		struct plan_estimate one = step_estimate(in, i, step, false);
		add(&sum, &one);
	}
	values_release(&k.own);
	return sum;
}

/* The image that the device is upgraded to, not an extra that has a version of its own. */
static bool is_target(const struct procedure *p, const struct step *step)
{
	const struct image_kind *kind = step->image ? procedure_image_kind(p, step->image) : NULL;

	return kind && !kind->parameter;
}

struct plan_estimate plan_copy_estimate(const struct plan_input *in, size_t i)
{
	struct plan_estimate sum = {0}, upto = {0};
	struct known k;

	know(&k, in, i, false);
	for (char *const *name = input_steps(in, i, false); *name; name++) {
		const struct step *step = procedure_step(in->procedure, *name);
		if (!step || left_out(&k, step))
			continue;
		struct plan_estimate one = step_estimate(in, i, step, false);
		add(&sum, &one);
		if (step->action == ACTION_PUT && is_target(in->procedure, step))
			upto = sum;
	}
	values_release(&k.own);
	return upto;
}

/* --- the figures behind it -------------------------------------------------------------------- */

static bool has_figure(const struct plan *p, const char *model, const char *step)
{
	for (size_t i = 0; i < p->figures.n; i++)
		if (str_eq(p->figures.v[i].model, model) && str_eq(p->figures.v[i].step, step))
			return true;
	return false;
}

static void add_figures(struct making *m, size_t i)
{
	const struct plan_input *in = m->in;
	const char *model = input_fact(in, i, "model");
	struct known k;

	know(&k, in, i, false);
	for (char *const *name = input_steps(in, i, false); *name; name++) {
		const struct step *step = procedure_step(in->procedure, *name);
		if (!step || left_out(&k, step) || has_figure(m->plan, model, step->name))
			continue;
		struct plan_estimate one = step_estimate(in, i, step, false);
		VEC_PUSH(&m->plan->figures, ((struct plan_figure){.model = xstrdup(model),
								  .step = xstrdup(step->name),
								  .p50_ms = one.p50_ms,
								  .p95_ms = one.p95_ms,
								  .samples = one.samples,
								  .source = one.source}));
	}
	values_release(&k.own);
}

/* One device of each model tells them: with 10,000 devices of three models that are three looks. */
void figures_make(struct making *m)
{
	VEC(const char *) models = {0};

	for (size_t i = 0; i < m->in->job->devices.n; i++) {
		const char *model = input_fact(m->in, i, "model");
		bool known = false;
		for (size_t k = 0; k < models.n && !known; k++)
			known = str_eq(models.v[k], model);
		if (known)
			continue;
		VEC_PUSH(&models, model);
		add_figures(m, i);
	}
	VEC_RELEASE(&models);
}
