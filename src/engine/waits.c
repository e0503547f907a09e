/* SPDX-License-Identifier: ISC */
/* What a job waits for because it was asked to: its windows, the end of a stage, a second person. */
#include "config.h"

#include "engine/private.h"

#include "base/i18n.h"

#include <stdlib.h>

#define WINDOW_LOOK_MS (10 * 60 * 1000) /* the clock may be set: look now and then */

/* --- windows ------------------------------------------------------------------------------------------ */

/* The soonest opening is when to look again. */
static void window_closed(struct wait_window *w, bool again, const struct window_span *s)
{
	if (again && (!w->again || s->opens < w->span.opens))
		w->span = *s;
	w->again |= again;
	w->closed = true;
}

/* Is there time enough, the way back included? A way back that was ordered waits for no window. */
bool wait_window_open(struct engine *g, struct wait_window *w, const struct task_view *v,
		      const struct plan_batch *b)
{
	const struct windows *windows = &g->view->job->windows;
	const struct plan_device *p = plan_device(g->view->plan, v->device);
	int64_t need = jobview_component(g->view, v) ? b->need_ms : p ? p->need_ms : 0;
	struct window_span s;
	if (!windows->n || v->next_pass != PASS_UPGRADE)
		return true;
	if (!windows_at(windows, g->wall, &s)) {
		window_closed(w, false, NULL);
		return false;
	}
	bool open = s.opens <= g->wall;
	if (open && s.closes - g->wall >= need)
		return true;
	/* what is left of it is too short: the next one */
	window_closed(w, !open || windows_at(windows, s.closes, &s), &s);
	return false;
}

void wait_hold_window(struct engine *g, const struct wait_window *w)
{
	int64_t wait = w->span.opens - g->wall;
	if (!w->again) {
		set_state(g, JOB_HELD,
			  M_("the last maintenance window is over; what is left needs a job of "
			     "its own"));
		return;
	}
	char *opens = window_time_text(w->span.opens);
	char *text = xasprintf(M_("waits for the maintenance window, which opens %s"), opens);
	g->window_at = g->now + (wait < 0 ? 0 : wait < WINDOW_LOOK_MS ? wait : WINDOW_LOOK_MS);
	hold_until(g, w->span.opens, text);
	free(opens);
	free(text);
}

/* --- the end of a stage --------------------------------------------------------------------------------- */

static bool stage_is_over(struct engine *g, size_t stage)
{
	const struct plan_stage *s = &g->view->plan->stages.v[stage];
	for (size_t b = 0; b < s->batches.n; b++)
		for (size_t i = 0; i < s->batches.v[b].devices.n; i++) {
			const struct task_view *v = jobview_task(g->view, s->batches.v[b].devices.v[i]);
			if (!task_state_final(jobview_stage_state(g->view, v, stage)))
				return false;
		}
	return true;
}

size_t schedule_reached(struct engine *g)
{
	const struct plan *p = g->view->plan;
	size_t n = 0;
	while (p && n < p->stages.n && stage_is_over(g, n))
		n++;
	return n;
}

/* Is the job to wait here? Not when the operator has let it go on, or nobody is left to wait for.
 */
bool wait_holds_after(struct engine *g, size_t stage)
{
	const struct plan *p = g->view->plan;
	if (stage < g->view->past_stage ||
	    !job_holds_after(g->view->job, stage, p->stages.v[stage].name))
		return false;
	for (size_t s = stage + 1; s < p->stages.n; s++)
		for (size_t b = 0; b < p->stages.v[s].batches.n; b++)
			for (size_t i = 0; i < p->stages.v[s].batches.v[b].devices.n; i++) {
				size_t device = p->stages.v[s].batches.v[b].devices.v[i];
				if (jobview_task(g->view, device)->state == TASK_PENDING)
					return true;
			}
	return false;
}

char *wait_hold_text(struct engine *g, size_t number)
{
	const char *name = g->view->plan->stages.v[number - 1].name;
	size_t failed = jobview_failures(g->view);
	if (!failed)
		return xasprintf(M_("stage %zu (%s) is over: held as asked; 'resume' goes on"), number,
				 name);
	return xasprintf(M_("stage %zu (%s) is over, %zu failed: held as asked; 'resume' goes on"),
			 number, name, failed);
}

/* --- the failure budget ---------------------------------------------------------------------------------- */

/* Failures that nobody has said anything about yet. */
static size_t open_failures(const struct engine *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		n += task_view_failed(v) && !v->acknowledged && !v->released;
	}
	return n;
}

static bool is_past_budget(const struct engine *g, size_t failed)
{
	const struct job *j = g->view->job;
	return j->on_failure == ON_FAILURE_GO_ON && failed && !job_within_budget(j, failed);
}

char *budget_hold_text(const struct engine *g, const char *why)
{
	size_t n = open_failures(g);
	if (!is_past_budget(g, n))
		return NULL;
	char *most = job_budget_text(g->view->job);
	char *text = xasprintf(
	    M_("the failure budget is used up (%zu failed, %s accepted; 'resume' accepts these and "
	       "goes on, 'skip' one of them): %-s"),
	    n, most, why);
	free(most);
	return text;
}

void budget_note(struct engine *g, const char *who)
{
	size_t n = open_failures(g);
	if (!is_past_budget(g, n))
		return;
	char *most = job_budget_text(g->view->job);
	note(g, NULL, true,
	     M_("it goes on past the failure budget (%zu failed, %s accepted), as ordered by %s; from "
		"here it is counted anew"),
	     n, most, who && *who ? who : "?");
	free(most);
}

/* --- a second person ------------------------------------------------------------------------------------- */

bool schedule_unconfirmed(const struct engine *g)
{
	const struct jobview *v = g->view;
	return v->job && v->job->second_person && !str_eq(v->confirmed, v->words);
}
