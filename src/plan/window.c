/* SPDX-License-Identifier: ISC */
/* The maintenance window: nothing starts in it that cannot be done, or undone, before it ends. */
#include "config.h"

#include "plan/making.h"

#include "base/clock.h"
#include "base/i18n.h"

#define DAY    1440 /* minutes */
#define MINUTE INT64_C(60000)

struct plan_window plan_window(int64_t start, int64_t end, int64_t now)
{
	struct plan_window w = {0};
	int64_t since;

	if (start < 0 || end < 0)
		return w;
	w.length_minutes = (end - start + DAY) % DAY;
	if (!w.length_minutes)
		w.length_minutes = DAY;
	since = now < 0 ? 0 : ((now - start) % DAY + DAY) % DAY;
	w.wait_minutes = since < w.length_minutes ? 0 : DAY - since;
	w.left_minutes = w.wait_minutes ? w.length_minutes : w.length_minutes - since;
	return w;
}

bool plan_window_allows(const struct job *job, int64_t now_minutes, int64_t need_ms)
{
	struct plan_window w;

	if (job->window_start < 0 || job->window_end < 0)
		return true;
	w = plan_window(job->window_start, job->window_end, now_minutes);
	return now_minutes >= 0 && !w.wait_minutes && need_ms <= w.left_minutes * MINUTE;
}

int64_t window_need_ms(const struct plan_input *in, size_t i)
{
	return plan_device_estimate(in, i, false).p95_ms + plan_device_estimate(in, i, true).p95_ms;
}

static int64_t batch_need_ms(const struct making *m, const struct plan_batch *b)
{
	int64_t need = 0;

	for (size_t i = 0; i < b->devices.n; i++) {
		int64_t one = window_need_ms(m->in, m->entry[b->devices.v[i]]);
		need = one > need ? one : need;
	}
	return need;
}

/* Walking through the batches, from window to window. */
struct schedule {
	struct making *m;
	struct plan_window window;
	int64_t opens;    /* minute of the day at which counting starts */
	int64_t at, left; /* ms since it opened (or now), ms until it closes, both of this window */
	size_t night, batch;           /* 0: the first window */
	size_t fit;                    /* batches in the first window */
	const struct plan_batch *late; /* the first that is not */
};

static char *clock_text(int64_t minutes)
{
	minutes = (minutes % DAY + DAY) % DAY;
	return xasprintf("%02d:%02d", (int)(minutes / 60), (int)(minutes % 60));
}

static char *window_text(const struct job *job)
{
	char *start = clock_text(job->window_start), *end = clock_text(job->window_end);
	char *both = xasprintf("%s-%s", start, end);

	free(start);
	free(end);
	return both;
}

static void schedule_line(struct schedule *s, struct plan_batch *b, int64_t need)
{
	const struct job *job = s->m->in->job;
	int64_t from = s->night ? job->window_start : s->opens;
	char *starts = clock_text(from + s->at / MINUTE);
	char *ends = clock_text(from + (s->at + need + MINUTE - 1) / MINUTE);
	char *window = window_text(job);

	proof_line(b, !s->night, xasprintf(M_("fits the window %s with its way back"), window),
		   s->night ? xasprintf(M_("waits for window %zu: starts %s, over by %s"),
					s->night + 1, starts, ends)
			    : xasprintf(M_("starts %s, over by %s at worst"), starts, ends));
	free(starts);
	free(ends);
	free(window);
}

static int schedule_batch(struct schedule *s, struct plan_batch *b, struct err *e)
{
	const struct job *job = s->m->in->job;
	int64_t need = batch_need_ms(s->m, b), length = s->window.length_minutes * MINUTE;

	s->batch++;
	if (need > length) {
		char *window = window_text(job), span[32];
		char *names = names_text(s->m->inv, b->devices.v, b->devices.n, 4);
		clock_span(need, span);
		err_set(e, ERR_REFUSED,
			M_("window %s: %-s may need %s with the way back, which is more than the "
			   "whole window; make it longer"),
			window, names, span);
		free(window);
		free(names);
		return -1;
	}
	if (s->at + need > s->left) {
		s->late = s->late ? s->late : b;
		s->night++;
		s->at = 0;
		s->left = length;
	}
	s->fit += !s->night;
	schedule_line(s, b, need);
	s->at += b->estimate_ms;
	return 0;
}

static void warn_late(const struct schedule *s)
{
	struct making *m = s->m;
	char *window = window_text(m->in->job);
	char *names = names_text(m->inv, s->late->devices.v, s->late->devices.n, 4);

	if (s->fit)
		warn(m->plan,
		     M_("Batches 1 to %zu of %zu fit into the window %s. Batch %zu (%-s) would "
			"start in the next one; the job needs %zu windows."),
		     s->fit, s->batch, window, s->fit + 1, names, s->night + 1);
	else
		warn(m->plan,
		     M_("No batch fits into what is left of the window %s. Batch 1 (%-s) would "
			"start in the next one; the job needs %zu more."),
		     window, names, s->night);
	free(window);
	free(names);
}

int window_make(struct making *m, struct err *e)
{
	const struct job *job = m->in->job;
	struct schedule s = {.m = m};

	if (job->window_start < 0 || job->window_end < 0)
		return 0;
	s.window = plan_window(job->window_start, job->window_end, m->in->now_minutes);
	s.left = s.window.left_minutes * MINUTE;
	s.opens = s.window.wait_minutes || m->in->now_minutes < 0 ? job->window_start
								  : m->in->now_minutes;
	for (size_t i = 0; i < m->plan->stages.n; i++)
		for (size_t k = 0; k < m->plan->stages.v[i].batches.n; k++)
			if (schedule_batch(&s, &m->plan->stages.v[i].batches.v[k], e))
				return -1;
	if (s.late)
		warn_late(&s);
	return 0;
}
