/* SPDX-License-Identifier: ISC */
/* Who says how long a step takes. */
#include "config.h"

#include "plan/planner.h"

#include "base/clock.h"
#include "base/i18n.h"

#include <stdlib.h>

char *plan_figure_source(const struct plan_figure *f)
{
	size_t n = (size_t)f->samples;

	if (f->source == PLAN_MODEL)
		return xasprintf(ngettext("%zu run on this model", "%zu runs on this model", n), n);
	if (f->source == PLAN_PLATFORM)
		return xasprintf(ngettext("%zu run on any model", "%zu runs on any model", n), n);
	return xstrdup(_("shipped default"));
}

/* When the last copy is there, and at worst: wall ms. False: the plan knows no windows. */
static bool copies_over(const struct plan *p, int64_t *likely, int64_t *late)
{
	*likely = *late = 0;
	for (size_t i = 0; i < p->stages.n; i++)
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++) {
			const struct plan_batch *b = &p->stages.v[i].batches.v[k];
			for (size_t n = 0; b->window && n < b->devices.n; n++) {
				const struct plan_device *d = plan_device(p, b->devices.v[n]);
				int64_t p50 = d ? b->starts + d->copy_ms : 0,
					p95 = d ? b->starts + d->copy_p95_ms : 0;
				*likely = p50 > *likely && d->copy_ms ? p50 : *likely;
				*late = p95 > *late && d->copy_ms ? p95 : *late;
			}
		}
	return *likely > 0;
}

static char *copies_in_windows(int64_t likely, int64_t late, size_t most)
{
	char *by = window_time_text(likely), *worst = window_time_text(late);
	char *text = xasprintf(_("all copies done by %s (p95 %s), at most %zu at once"), by, worst,
			       most);
	free(by);
	free(worst);
	return text;
}

char *plan_windows_text(const struct plan *p)
{
	size_t windows = 0;
	int64_t over = 0, worst = 0;

	for (size_t i = 0; i < p->stages.n; i++)
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++) {
			const struct plan_batch *b = &p->stages.v[i].batches.v[k];
			int64_t end = b->starts + b->estimate_ms;
			windows = b->window > windows ? b->window : windows;
			over = end > over ? end : over;
			worst = b->over > worst ? b->over : worst;
		}
	if (!windows)
		return NULL;
	char *by = window_time_text(over), *late = window_time_text(worst);
	char *text = xasprintf(ngettext("%zu window is needed: over by %s, with the way back %s",
					"%zu windows are needed: over by %s, with the way back %s",
					windows),
			       windows, by, late);
	free(by);
	free(late);
	return text;
}

char *plan_copies_text(const struct plan *p)
{
	char likely[32], late[32];
	int64_t by, worst;
	size_t most = 0;

	if (!p->copies_ms)
		return NULL;
	for (size_t i = 0; i < p->stages.n; i++)
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++)
			if (p->stages.v[i].batches.v[k].devices.n > most)
				most = p->stages.v[i].batches.v[k].devices.n;
	if (copies_over(p, &by, &worst))
		return copies_in_windows(by, worst, most);
	clock_span(p->copies_ms, likely);
	clock_span(p->copies_p95_ms, late);
	return xasprintf(_("all copies done %s after the start (p95 %s), at most %zu at once"),
			 likely, late, most);
}
