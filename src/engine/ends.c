/* SPDX-License-Identifier: ISC */
/* The end of a job, and how it is summed up. */
#include "config.h"

#include "engine/private.h"

#include "model/difference.h"

#include <stdlib.h>

static void end_record(struct engine *g, const char *result)
{
	size_t counts[TASK_STATE_COUNT];
	struct record *r = record_new(RECORD_END, NULL, NULL);
	jobview_counts(g->view, counts);
	record_text(r, "result", result);
	for (int s = 0; s < TASK_STATE_COUNT; s++)
		if (counts[s])
			record_number(r, task_state_name((enum task_state)s), (int64_t)counts[s]);
	emit(g, r);
}

static size_t count_by_order(struct engine *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->view->tasks.n; i++)
		n += g->view->tasks.v[i].state == TASK_ROLLED_BACK && g->view->tasks.v[i].by_order;
	return n;
}

/* Those that have components behind them, and will not get the others. */
static size_t count_stopped(struct engine *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		const struct task_view *v = &g->view->tasks.v[i];
		char *turns = jobview_turns_done(g->view, v);
		n += turns && (v->state == TASK_CANCELLED || v->state == TASK_SKIPPED);
		free(turns);
	}
	return n;
}

/* "agent 4/4, system 1/4": what is upgraded, on how many of its devices. New. */
static char *parts_done(struct engine *g)
{
	struct str out = {0};
	for (size_t s = 0; s < g->view->plan->stages.n; s++) {
		const struct component *c = jobview_stage_component(g->view, s);
		size_t of, done = jobview_stage_done(g->view, s, &of);
		if (c && !c->gate && done)
			str_printf(&out, "%s%s %zu/%zu", out.len ? ", " : "", c->name, done, of);
	}
	return str_take(&out);
}

static char *base_text(struct engine *g, size_t rest, size_t missing) /* new */
{
	size_t counts[TASK_STATE_COUNT], ordered = count_by_order(g);
	jobview_counts(g->view, counts);
	size_t done = counts[TASK_DONE], failed = counts[TASK_FAILED];
	size_t back = counts[TASK_ROLLED_BACK];
	if (ordered)
		return xasprintf(M_("%zu done, %zu failed, %zu rolled back (%zu at the operator's "
				    "word), %zu not touched"),
				 done, failed, back, ordered, rest);
	if (missing)
		return xasprintf(M_("%zu done, %zu failed, %zu rolled back, %zu not touched; "
				    "snapshots missing after the upgrade: %zu"),
				 done, failed, back, rest, missing);
	return xasprintf(M_("%zu done, %zu failed, %zu rolled back, %zu not touched"), done, failed,
			 back, rest);
}

static char *closing_words(struct engine *g, size_t missing) /* new */
{
	size_t counts[TASK_STATE_COUNT], stopped = count_stopped(g);
	jobview_counts(g->view, counts);
	size_t rest = counts[TASK_SKIPPED] + counts[TASK_CANCELLED] - stopped;
	char *text = base_text(g, rest, missing);
	if (!stopped)
		return text;
	char *parts = parts_done(g);
	char *all = xasprintf(M_("%-s; stopped on the way: %zu (upgraded so far: %s)"), text,
			      stopped, parts);
	free(parts);
	free(text);
	return all;
}

void job_ends(struct engine *g)
{
	size_t counts[TASK_STATE_COUNT], missing = diff_missing_count(g->view, DIFF_DUE_DONE);
	if (undo_before_end(g))
		return;
	jobview_counts(g->view, counts);
	enum job_state s = jobview_failures(g->view) > 0 || missing ? JOB_FAILED
			   : counts[TASK_CANCELLED]		    ? JOB_CANCELLED
								    : JOB_DONE;
	char *text = closing_words(g, missing);
	end_record(g, job_state_name(s));
	set_state(g, s, text);
	free(text);
}
