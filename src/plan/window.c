/* SPDX-License-Identifier: ISC */
/* The maintenance windows: nothing starts in one that cannot be done, or undone, before it ends. */
#include "config.h"

#include "plan/making.h"

#include "base/clock.h"
#include "base/i18n.h"

#include <stdlib.h>

#define WINDOWS_MOST 400 /* a plan that needs more of them is none */

int64_t window_need_ms(const struct plan_input *in, size_t i)
{
	return plan_device_estimate(in, i, false).p95_ms + plan_device_estimate(in, i, true).p95_ms;
}

/* Walking through the batches, from window to window. */
struct schedule {
	struct making *m;
	struct window_span span;       /* in which the next batch starts */
	struct window_span first;
	int64_t at;                    /* when, wall ms */
	size_t number;                 /* of the window, from 1; 0: none yet */
	size_t batch, fit;             /* batches so far; in the first window */
	const struct plan_batch *late; /* the first that is not in it */
};

static void schedule_line(struct schedule *s, struct plan_batch *b)
{
	char *window = window_span_text(&s->span);
	char *starts = window_time_text(b->starts), *ends = window_time_text(b->over);
	bool first = b->window == 1;

	proof_line(b, first, xasprintf(M_("fits the window %s with its way back"), window),
		   first ? xasprintf(M_("starts %s, over by %s at worst"), starts, ends)
			 : xasprintf(M_("waits for window %zu: starts %s, over by %s"), b->window,
				     starts, ends));
	free(starts);
	free(ends);
	free(window);
}

static int no_window(const struct schedule *s, const struct plan_batch *b, struct err *e)
{
	const struct windows *w = &s->m->in->job->windows;
	char *window = windows_text(w), span[32];
	char *names = names_text(s->m->inv, b->devices.v, b->devices.n, 4);

	clock_span(b->need_ms, span);
	if (windows_longest(w, s->m->in->now) < b->need_ms)
		err_set(e, ERR_REFUSED,
			M_("window %s: %-s may need %s with the way back, which is more than the "
			   "whole window; make it longer"),
			window, names, span);
	else
		err_set(e, ERR_REFUSED,
			M_("window %s: batch %zu (%-s, %s with the way back) fits into nothing of what "
			  "is left; add a window, or take fewer devices"),
			window, s->batch, names, span);
	free(window);
	free(names);
	return -1;
}

/* The first window, from where we are, that has room for it. */
static bool find_window(struct schedule *s, const struct plan_batch *b)
{
	const struct windows *w = &s->m->in->job->windows;

	while (s->number < WINDOWS_MOST) {
		if (s->number && s->at + b->need_ms <= s->span.closes)
			return true;
		if (!windows_at(w, s->number ? s->span.closes : s->at, &s->span))
			return false;
		s->first = s->number++ ? s->first : s->span;
		s->at = s->at > s->span.opens ? s->at : s->span.opens;
	}
	return false;
}

static int schedule_batch(struct schedule *s, struct plan_batch *b, struct err *e)
{
	s->batch++;
	if (!find_window(s, b))
		return no_window(s, b, e);
	b->window = s->number;
	b->starts = s->at;
	b->over = s->at + b->need_ms;
	if (b->window > 1 && !s->late)
		s->late = b;
	s->fit += b->window == 1;
	schedule_line(s, b);
	s->at += b->estimate_ms;
	return 0;
}

static void warn_late(const struct schedule *s)
{
	struct making *m = s->m;
	const struct windows *all = &m->in->job->windows;
	char *window = all->n == 1 ? windows_text(all) : window_span_text(&s->first);
	char *names = names_text(m->inv, s->late->devices.v, s->late->devices.n, 4);

	if (s->fit)
		warn(m->plan,
		     M_("Batches 1 to %zu of %zu fit into the window %s. Batch %zu (%-s) would start "
		       "in the next one; the job needs %zu windows."),
		     s->fit, s->batch, window, s->fit + 1, names, s->number);
	else
		warn(m->plan,
		     M_("No batch fits into what is left of the window %s. Batch 1 (%-s) would start "
		       "in the next one; the job needs %zu more."),
		     window, names, s->number - 1);
	free(window);
	free(names);
}

static void batch_need(const struct making *m, struct plan_batch *b, const struct component *c)
{
	for (size_t d = 0; d < b->devices.n; d++) {
		size_t i = m->entry[b->devices.v[d]];
		int64_t one = c ? plan_component_estimate(m->in, i, c).p95_ms +
				      plan_device_estimate(m->in, i, true).p95_ms
				: m->plan->devices.v[i].need_ms;
		b->need_ms = one > b->need_ms ? one : b->need_ms;
	}
}

int window_make(struct making *m, struct err *e)
{
	struct schedule s = {.m = m, .at = m->in->now};

	if (windows_to_come(&m->in->job->windows, m->in->now, e) != 0)
		return -1;
	for (size_t i = 0; i < m->plan->stages.n; i++)
		for (size_t k = 0; k < m->plan->stages.v[i].batches.n; k++) {
			struct plan_batch *b = &m->plan->stages.v[i].batches.v[k];
			batch_need(m, b, input_component(m->in, &m->plan->stages.v[i]));
			if (m->in->job->windows.n && schedule_batch(&s, b, e))
				return -1;
		}
	if (s.late)
		warn_late(&s);
	return 0;
}
