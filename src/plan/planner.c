/* SPDX-License-Identifier: ISC */
/* plan_make(): stages, batches, proof, warnings, estimate, in this order. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

#include <stdio.h>
#include <string.h>

/* The name of a stage, or its number as people write it. */
static bool is_stage(const struct plan *p, const char *word)
{
	char number[24];

	for (size_t i = 0; i < p->stages.n; i++) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		if (str_eq(word, number) || str_eq(word, p->stages.v[i].name))
			return true;
	}
	return false;
}

int plan_check_holds(const struct job *job, const struct plan *p, struct err *e)
{
	char *const *name = job->hold_after;

	for (; name && *name; name++) {
		if (is_stage(p, *name))
			continue;
		if (**name && strspn(*name, "0123456789") == strlen(*name))
			return err_set(e, ERR_INPUT,
				       M_("hold after stage %s: this plan has the stages 1 to %zu"),
				       *name, p->stages.n);
		return err_set(e, ERR_INPUT,
			       M_("hold after: no stage of this job is called \"%s\""), *name);
	}
	return 0;
}

static int check_input(const struct plan_input *in, struct err *e)
{
	const struct job *job = in->job;

	if (!job->inventory || !job->devices.n)
		return err_set(e, ERR_INPUT, M_("no device is chosen"));
	for (size_t i = 0; i < job->devices.n; i++) {
		if (job->devices.v[i] >= job->inventory->devices.n)
			return err_set(e, ERR_INPUT,
				       M_("the job names a device that is not in its "
					  "inventory"));
		if (job->inventory->devices.v[job->devices.v[i]].anchor)
			return err_set(
			    e, ERR_INPUT,
			    M_("%s is an anchor (it must stay up) and cannot be upgraded; "
			       "leave it out, or take the mark away"),
			    device_name(job->inventory, job->devices.v[i]));
	}
	if (!procedure_method(in->procedure, job->method))
		return err_set(e, ERR_INPUT, M_("procedure %s has no method \"%s\""),
			       in->procedure->id, job->method ? job->method : "");
	if (units_check(in, e))
		return -1;
	if (job->kind && !plan_kind(in))
		return err_set(e, ERR_INPUT, M_("this method of procedure %s has no jobs of kind "
					       "\"%s\""),
			       in->procedure->id, job->kind);
	return 0;
}

static size_t rank_of(const struct procedure *p, const char *role)
{
	char *const *core = p->core ? p->core : p->roles;

	for (size_t i = 0; role && core && core[i]; i++)
		if (!strcmp(core[i], role))
			return i;
	return RANKLESS;
}

static int making_init(struct making *m, const struct plan_input *in, struct err *e)
{
	const struct job *job = in->job;
	size_t n = job->inventory->devices.n;

	*m = (struct making){.in = in, .inv = job->inventory, .canary_left = job->canary};
	m->batch_size = input_batch_size(in);
	m->entry = xcalloc(n + 1, sizeof(*m->entry));
	m->first = xcalloc(n + 1, sizeof(*m->first));
	m->left = xcalloc(n + 1, sizeof(*m->left));
	m->plan = plan_new();
	m->rank = xcalloc(n + 1, sizeof(*m->rank));
	for (size_t d = 0; d < n; d++) {
		m->entry[d] = NO_DEVICE;
		m->rank[d] = rank_of(in->procedure, m->inv->devices.v[d].role);
	}
	m->g = graph_new(m->inv, in->jump_host);
	m->cut = cut_new(m->g, NULL);
	limits_make(&m->limits, in);
	for (size_t i = 0; i < job->devices.n; i++) {
		size_t d = job->devices.v[i];
		if (m->entry[d] != NO_DEVICE)
			return err_set(e, ERR_INPUT, M_("%s is chosen twice"),
				       device_name(m->inv, d));
		m->entry[d] = i;
		m->left[d] = plan_left_alone(in, i);
		m->first[d] = input_goes_first(in, i) && !m->left[d];
	}
	return 0;
}

static void making_release(struct making *m)
{
	free(m->entry);
	free(m->first);
	free(m->left);
	limits_release(&m->limits);
	free(m->rank);
	cut_free(m->cut);
	graph_free(m->g);
	plan_free(m->plan);
}

/* A group whose first-goer is in a later stage than a peer can have no plan. */
static int check_firsts(const struct making *m, const struct stages *s, struct err *e)
{
	size_t *stage = xcalloc(m->g->n + 1, sizeof(*stage));
	int result = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->v[i].devices.n; k++)
			stage[s->v[i].devices.v[k]] = i;
	for (size_t i = 0; i < m->inv->groups.n && !result; i++) {
		const struct group *group = &m->inv->groups.v[i];
		size_t late = NO_DEVICE, early = NO_DEVICE;
		for (size_t k = 0; k < group->members.n; k++) {
			size_t d = group->members.v[k];
			if (m->entry[d] == NO_DEVICE || m->left[d])
				continue;
			if (m->first[d] && (late == NO_DEVICE || stage[d] > stage[late]))
				late = d;
			if (!m->first[d] && (early == NO_DEVICE || stage[d] < stage[early]))
				early = d;
		}
		if (late == NO_DEVICE || early == NO_DEVICE || stage[late] <= stage[early])
			continue;
		result =
		    err_set(e, ERR_REFUSED,
			    M_("%s must go before %s (group %s, %s is %s), but the order of the "
			       "roles puts it after; give both the same role, or change --order"),
			    device_name(m->inv, late), device_name(m->inv, early), group->name,
			    m->in->procedure->first_fact, m->in->procedure->first_value);
	}
	free(stage);
	return result;
}

static void make_stages(struct making *m, const struct stages *s)
{
	const char *unstaged = plan_stays_up(m->in) ? m->in->job->kind : m->in->procedure->unstaged;

	for (size_t i = 0; i < s->n; i++) {
		struct plan_stage *stage = VEC_ADD(&m->plan->stages);
		const struct component *c = s->v[i].component;
		stage->name = xstrdup(c		     ? c->name
				      : s->v[i].left ? PLAN_LEFT_OUT
				      : s->v[i].role ? s->v[i].role
				      : unstaged     ? unstaged
						     : "Stage1");
		stage->component = c ? xstrdup(c->name) : NULL;
		stage->no_return = c ? xstrdup(c->no_return) : NULL;
		stage->no_return_last = c && c->no_return_last;
		stage->no_return_said = c && c->no_return && input_said(m->in, c);
		m->plan->lower_bound += batches_make(m, &s->v[i], stage);
	}
}

static char *estimate_source(const struct making *m)
{
	const struct plan *p = m->plan;
	bool guessed = false, learnt = false;

	for (size_t i = 0; i < p->figures.n; i++) {
		learnt |= p->figures.v[i].source != PLAN_SHIPPED;
		guessed |= p->figures.v[i].source == PLAN_SHIPPED;
	}
	if (!learnt)
		return xstrdup(M_("shipped defaults"));
	return xasprintf(guessed ? M_("learnt from %lld upgrades; shipped defaults for the rest")
				 : M_("learnt from %lld upgrades"),
			 (long long)m->in->durations->upgrades);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* One turn of each device: as long as the slowest. */
static void add_component_batch(struct making *m, struct plan_batch *b, const struct component *c)
{
	int64_t p95 = 0;

	for (size_t i = 0; i < b->devices.n; i++) {
		struct plan_estimate one =
		    plan_component_estimate(m->in, m->entry[b->devices.v[i]], c);
		b->estimate_ms = larger(b->estimate_ms, one.p50_ms);
		p95 = larger(p95, one.p95_ms);
	}
	m->plan->estimate_ms += b->estimate_ms;
	m->plan->p95_ms += p95;
}

/* The batches one after the other, each as long as its slowest device; the copies of a batch are
 * done when those of its slowest device are. */
static void add_batch(struct making *m, struct plan_batch *b)
{
	struct plan *p = m->plan;
	int64_t p95 = 0, copy = 0, copy_p95 = 0;

	for (size_t i = 0; i < b->devices.n; i++) {
		const struct plan_device *d = &p->devices.v[m->entry[b->devices.v[i]]];
		b->estimate_ms = larger(b->estimate_ms, d->estimate_ms);
		p95 = larger(p95, d->p95_ms);
		copy = larger(copy, d->copy_ms);
		copy_p95 = larger(copy_p95, d->copy_p95_ms);
	}
	if (copy) {
		p->copies_ms = p->estimate_ms + copy;
		p->copies_p95_ms = p->p95_ms + copy_p95;
	}
	p->estimate_ms += b->estimate_ms;
	p->p95_ms += p95;
}

static void make_estimate(struct making *m)
{
	for (size_t i = 0; i < m->plan->stages.n; i++) {
		const struct component *c = input_component(m->in, &m->plan->stages.v[i]);
		for (size_t k = 0; k < m->plan->stages.v[i].batches.n; k++) {
			if (c)
				add_component_batch(m, &m->plan->stages.v[i].batches.v[k], c);
			else
				add_batch(m, &m->plan->stages.v[i].batches.v[k]);
		}
	}
	figures_make(m);
	m->plan->estimate_from = estimate_source(m);
}

struct plan *plan_make(const struct plan_input *in, struct err *e)
{
	struct stages stages = {0};
	struct plan *made = NULL;
	struct making m = {0};

	if (check_input(in, e))
		return NULL;
	if (making_init(&m, in, e) || stages_make(in, &stages, e) ||
	    (!plan_stays_up(in) && check_firsts(&m, &stages, e)))
		goto out;
	units_lead(&m, &stages);
	make_stages(&m, &stages);
	if (plan_check_holds(in->job, m.plan, e))
		goto out;
	targets_make(&m);
	make_estimate(&m);
	proof_make(&m);
	warnings_make(&m);
	units_join(&m);
	if (window_make(&m, e))
		goto out;
	plan_seal(m.plan, m.inv);
	made = m.plan;
	m.plan = NULL;
out:
	stages_release(&stages);
	making_release(&m);
	return made;
}
