/* SPDX-License-Identifier: ISC */
/* Who says how long a step takes. */
#include "config.h"

#include "plan/planner.h"

#include "base/clock.h"
#include "base/i18n.h"

char *plan_figure_source(const struct plan_figure *f)
{
	size_t n = (size_t)f->samples;

	if (f->source == PLAN_MODEL)
		return xasprintf(ngettext("%zu run on this model", "%zu runs on this model", n), n);
	if (f->source == PLAN_PLATFORM)
		return xasprintf(ngettext("%zu run on any model", "%zu runs on any model", n), n);
	return xstrdup(_("shipped default"));
}

char *plan_copies_text(const struct plan *p)
{
	char likely[32], late[32];
	size_t most = 0;

	if (!p->copies_ms)
		return NULL;
	for (size_t i = 0; i < p->stages.n; i++)
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++)
			if (p->stages.v[i].batches.v[k].devices.n > most)
				most = p->stages.v[i].batches.v[k].devices.n;
	clock_span(p->copies_ms, likely);
	clock_span(p->copies_p95_ms, late);
	return xasprintf(_("all copies done %s after the start (p95 %s), at most %zu at once"),
			 likely, late, most);
}
