/* SPDX-License-Identifier: ISC */
/* Why a batch has no more devices. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

#include <stdlib.h>

#define LOOKS 32 /* devices of later batches that are asked; in a large plan one speaks for many */

static bool share_group(const struct making *m, size_t a, size_t b)
{
	for (uint32_t g = m->g->group_from[a]; g < m->g->group_from[a + 1]; g++)
		for (uint32_t h = m->g->group_from[b]; h < m->g->group_from[b + 1]; h++)
			if (m->g->group_of[g] == m->g->group_of[h])
				return true;
	return false;
}

/* One of its groups has a member that goes first, and is not done yet. */
static bool waits_for_first(const struct making *m, const struct plan_stage *s, size_t batch,
			    size_t d, size_t *first)
{
	for (size_t k = batch; k < s->batches.n && !m->first[d]; k++)
		for (size_t i = 0; i < s->batches.v[k].devices.n; i++) {
			size_t o = s->batches.v[k].devices.v[i];
			if (m->first[o] && share_group(m, o, d)) {
				*first = o;
				return true;
			}
		}
	return false;
}

/* A rule that keeps a device of a later batch out of this one, in words; NULL: none. New. */
static char *rule_against(struct making *m, const struct plan_stage *s, size_t batch, size_t d,
			  const bool *away, struct plan_guard **guard)
{
	struct err why = {0};
	size_t first;

	if (!*guard)
		*guard = plan_guard_new(m->in);
	if (!plan_may_start(*guard, away, d, &why))
		return xstrdup(why.text);
	if (waits_for_first(m, s, batch, d, &first))
		return xasprintf(M_("%s goes after %s, which is %s"), device_name(m->inv, d),
				 device_name(m->inv, first), m->in->procedure->first_value);
	return NULL;
}

static char *first_rule(struct making *m, const struct plan_stage *s, size_t batch,
			const bool *away, struct plan_guard **guard)
{
	size_t looks = 0;
	char *why = NULL;

	for (size_t k = batch + 1; k < s->batches.n && !why; k++)
		for (size_t i = 0; i < s->batches.v[k].devices.n && !why && looks++ < LOOKS; i++)
			why = rule_against(m, s, batch, s->batches.v[k].devices.v[i], away, guard);
	return why ? why : xstrdup(M_("the others are kept for later, to spread the load"));
}

static char *why_no_more(struct making *m, const struct plan_stage *s, size_t batch,
			 const bool *away, struct plan_guard **guard)
{
	size_t n = s->batches.v[batch].devices.n;

	if (batch + 1 == s->batches.n)
		return xstrdup(M_("no device of this stage is left"));
	if (n >= m->batch_size)
		return xasprintf(M_("a batch has at most %zu devices"), m->batch_size);
	if (m->in->job->canary && s == m->plan->stages.v && !batch)
		return xstrdup(M_("the first device goes alone"));
	return first_rule(m, s, batch, away, guard);
}

void bound_line(struct making *m, const struct plan_stage *stage, size_t batch, const bool *away,
		struct plan_guard **guard)
{
	struct plan_batch *b = &stage->batches.v[batch];

	proof_line(b, true, xstrdup(M_("why no more devices")),
		   why_no_more(m, stage, batch, away, guard));
}
