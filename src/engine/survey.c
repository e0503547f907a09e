/* SPDX-License-Identifier: ISC */
/* The pre-checks: every device at the same time, facts first, then the checks; then the plan. */
#include "config.h"

#include "engine/private.h"

#include <stdio.h>

static void survey_task(struct engine *g, struct task *t)
{
	t->surveying = true;
	t->surveyed = false;
	t->reconnect = g->view->checked_again;
	t->survey_took = 0;
	t->connection = (struct err){0};
	values_release(&t->unread);
	t->step_open = false;
	t->work = WORK_IDLE;
	query_end(t);
}

/* The devices that have something open; none: there is only the plan to make. */
static void survey_partly(struct engine *g)
{
	bool any = false;
	for (size_t i = 0; i < g->n; i++)
		if (g->tasks[i].partly) {
			survey_task(g, &g->tasks[i]);
			any = true;
		}
	if (!any)
		survey_finish(g);
}

static void survey_all(struct engine *g)
{
	for (size_t i = 0; i < g->n; i++) {
		g->tasks[i].partly = false;
		survey_task(g, &g->tasks[i]);
	}
}

void survey_start(struct engine *g)
{
	if (g->view->state != JOB_CHECKING)
		set_state(g, JOB_CHECKING, NULL);
	if (g->view->checked_partly) {
		(void)again_mark(g, NULL, true);
		survey_partly(g);
	} else {
		survey_all(g);
	}
}

void survey_again(struct engine *g, const struct task_view *only, bool all, const char *who)
{
	if (!all) {
		again_record(g, again_mark(g, only, false), who);
		survey_partly(g);
		return;
	}
	char *reason = xasprintf("all checks again, asked by %s", who ? who : "?");
	struct record *r = record_new(RECORD_STATE, NULL, NULL);
	record_text(r, "state", job_state_name(JOB_CHECKING));
	record_text(r, "reason", reason);
	emit(g, record_text(r, "who", who));
	free(reason);
	survey_all(g);
}

void survey_stop(struct engine *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct task *t = &g->tasks[i];
		if (t->surveying && t->work == WORK_SENT) {
			struct effect *x = VEC_ADD(&g->out->list);
			x->kind = EFFECT_CANCEL;
			x->device = tv(g, t)->device;
		}
		t->surveying = false;
		t->flight = 0;
		t->work = WORK_IDLE;
		query_end(t);
	}
}

void survey_device(struct engine *g, struct task *t)
{
	if (t->reconnect) {
		t->reconnect = false;
		task_send(g, t, DOING_NOTHING,
		          task_request(g, t, TR_CLOSE, tv(g, t)->device, NULL, 0));
	} else if (t->in_query)
		query_next(g, t);
	else if (!t->surveyed)
		query_start(g, t, QUERY_FACTS, NULL);
}

/* One list is through: after the facts come the checks, after the checks the end. */
void survey_query_done(struct engine *g, struct task *t)
{
	if (!t->surveyed) {
		t->surveyed = true;
		query_start(g, t, QUERY_CHECKS, NULL);
		return;
	}
	t->surveying = false;
	for (size_t i = 0; i < g->n; i++)
		if (g->tasks[i].surveying)
			return;
	survey_finish(g);
}

/* The device cannot be asked: remember why, and let the checks that need no device say it. */
void survey_connection(struct engine *g, struct task *t, const struct err *why)
{
	t->connection = *why;
	if (t->connection.kind == ERR_NONE)
		err_set(&t->connection, ERR_NETWORK, "no answer");
	if (t->surveyed) { /* in the middle of the checks: the rest is skipped, the first ones again */
		size_t at = t->query.i;
		query_end(t);
		note(g, task_name(g, t), true, M_("%s: the pre-checks ended at number %zu: %-s"),
		     task_name(g, t), at + 1, t->connection.text);
	} else {
		query_end(t);
		t->surveyed = true;
	}
	query_start(g, t, QUERY_CHECKS, NULL);
}

void survey_finish(struct engine *g)
{
	g->planning = true;
	struct effect *x = VEC_ADD(&g->out->list);
	x->kind = EFFECT_PLAN;
}

/* Checks that had to wait for the plan. */
static void late_checks(struct engine *g)
{
	const struct procedure *p = g->view->procedure;
	for (size_t i = 0; i < p->n_checks; i++) {
		const struct check *c = &p->checks[i];
		for (size_t n = 0; n < g->n && c->before && str_eq(c->builtin, "isolation"); n++) {
			struct task *t = &g->tasks[n];
			if (!check_applies(g, t, c))
				continue;
			const char *bad = check_blocks(g, t, c) ? "failed" : "warning";
			const char *status = builtin_status(g, t, c, &t->query.found);
			if (str_eq(status, "passed") || str_eq(status, "failed"))
				check_record(g, t, c, str_eq(status, "passed") ? "passed" : bad, NULL,
				             NULL, NULL);
			query_end(t);
		}
	}
}

void survey_planned(struct engine *g, struct event *ev)
{
	g->planning = false;
	if (!ev->plan) {
		set_state(g, JOB_REFUSED, ev->e ? ev->e->text : M_("there is no plan"));
		return;
	}
	struct record *r = record_new(RECORD_PLAN, NULL, NULL);
	emit(g, record_json(r, "plan", plan_to_json(ev->plan, g->view->job->inventory)));
	plan_free(ev->plan);
	ev->plan = NULL;
	for (size_t i = 0; i < g->n; i++)
		task_builtins(g, &g->tasks[i]);
	late_checks(g);
	bool passed = jobview_checks_passed(g->view, NULL, NULL);
	struct check_sums n = jobview_check_sums(g->view);
	char text[96];
	snprintf(text, sizeof(text), M_("pre-checks: %zu errors, %zu unknown, %zu warnings"),
	         n.errors, n.unknown, n.warnings);
	set_state(g, passed ? JOB_READY : JOB_REFUSED, text);
}
