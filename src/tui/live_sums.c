/* SPDX-License-Identifier: ISC */
/* The live run: how many are in which state, as a whole and stage by stage, and what time is left. */
#include "config.h"

#include "tui/live.h"
#include "tui/outcome.h"

#include <stdlib.h>

size_t *live_tasks_of_devices(const struct jobview *v)
{
	size_t n = v->job->inventory->devices.n;
	size_t *of = xcalloc(n ? n : 1, sizeof(*of));
	for (size_t i = 0; i < n; i++)
		of[i] = SIZE_MAX;
	for (size_t i = 0; i < v->tasks.n; i++)
		of[v->tasks.v[i].device] = i;
	return of;
}

static void add_to_sums(struct live *s, const struct live_row *row)
{
	const struct task_view *t = &s->view->tasks.v[row->task];
	s->sums.n[t->state]++;
	s->sums.failed += live_failed(t);
	s->sums.busy += task_state_active(t->state) && t->state != TASK_HELD;
	s->sums.steps += 1000;
	s->sums.steps_ended += outcome_progress(s->view, t);
}

/* A device stands in each stage that it has a turn in. */
static void add_to_stage(struct live *s, size_t stage, const struct task_view *t)
{
	struct live_stage *g = &s->stages.v[stage];
	enum task_state state = jobview_stage_state(s->view, t, stage);
	g->total++;
	g->ended += task_state_final(state);
	g->done += state == TASK_DONE;
	g->failed += state == t->state && live_failed(t);
	g->held += state == TASK_HELD;
	g->active += task_state_active(state);
}

static void add_to_stages(struct live *s, const size_t *of)
{
	for (size_t g = 0; s->plan && g < s->stages.n; g++)
		for (size_t b = 0; b < s->plan->stages.v[g].batches.n; b++) {
			const struct plan_batch *batch = &s->plan->stages.v[g].batches.v[b];
			for (size_t i = 0; i < batch->devices.n; i++)
				if (of[batch->devices.v[i]] != SIZE_MAX)
					add_to_stage(s, g, &s->view->tasks.v[of[batch->devices.v[i]]]);
		}
}

/* What is left of a batch by the plan's figures, -1: it has none. */
static int64_t batch_left(const struct live *s, size_t stage, const struct plan_batch *b,
			  const size_t *of)
{
	bool cut = jobview_stage_component(s->view, stage) != NULL;
	int64_t most = 0, first, last;
	for (size_t i = 0; i < b->devices.n; i++) {
		size_t task = of[b->devices.v[i]];
		const struct task_view *t = task == SIZE_MAX ? NULL : &s->view->tasks.v[task];
		enum task_state state = t ? jobview_stage_state(s->view, t, stage) : TASK_DONE;
		if (task_state_final(state))
			continue;
		int64_t own = s->tasks.v[task].estimate, all = own && !cut ? own : b->estimate_ms;
		if (all <= 0)
			return -1;
		bool began = task_state_active(state) &&
			     jobview_stage_times(s->view, t, stage, &first, &last);
		int64_t gone = began ? s->now - first - jobview_waited_in(s->view, first, s->now) : 0;
		int64_t left = all - gone;
		most = left > most ? left : most;
	}
	return most;
}

/* How the devices that are done compare with their estimates, in thousandths. */
static int64_t experience(const struct live *s)
{
	int64_t took = 0, guessed = 0;
	for (size_t i = 0; i < s->view->tasks.n; i++) {
		const struct task_view *t = &s->view->tasks.v[i];
		if (t->state != TASK_DONE || t->attempt != 1 || !s->tasks.v[i].estimate)
			continue;
		took += task_view_worked(t, s->now);
		guessed += s->tasks.v[i].estimate;
	}
	int64_t factor = guessed > 0 ? took * 1000 / guessed : 1000;
	return factor < 200 ? 200 : factor > 5000 ? 5000 : factor;
}

void live_guess_left(struct live *s)
{
	int64_t sum = 0, factor = experience(s);
	size_t *of = live_tasks_of_devices(s->view);
	s->sums.left_least = s->sums.left_most = -1;
	for (size_t g = 0; s->plan && g < s->plan->stages.n && sum >= 0; g++)
		for (size_t b = 0; b < s->plan->stages.v[g].batches.n && sum >= 0; b++) {
			int64_t left = batch_left(s, g, &s->plan->stages.v[g].batches.v[b], of);
			sum = left < 0 ? -1 : sum + left;
		}
	free(of);
	if (!s->plan || sum < 0)
		return;
	s->sums.left_least = factor < 1000 ? sum * factor / 1000 : sum;
	s->sums.left_most = factor > 1000 ? sum * factor / 1000 : sum;
}

void live_add_up(struct live *s)
{
	s->sums = (struct live_sums){0};
	for (size_t i = 0; i < s->stages.n; i++)
		s->stages.v[i] = (struct live_stage){0};
	for (size_t i = 0; i < s->rows.n; i++)
		add_to_sums(s, &s->rows.v[i]);
	size_t *of = live_tasks_of_devices(s->view);
	add_to_stages(s, of);
	free(of);
	live_guess_left(s);
}
