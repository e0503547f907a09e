/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>
#include <string.h>

void effects_clear(struct effects *x)
{
	for (size_t i = 0; i < x->list.n; i++) {
		record_free(x->list.v[i].record);
		tr_request_free(x->list.v[i].request);
	}
	VEC_RELEASE(&x->list);
}

struct engine *engine_new(struct jobview *view, const struct world *world)
{
	struct engine *g = xcalloc(1, sizeof(*g));
	g->view = view;
	g->world = world;
	g->n = view->tasks.n;
	g->tasks = xcalloc(g->n, sizeof(*g->tasks));
	for (size_t i = 0; i < g->n; i++)
		g->tasks[i].number = i;
	return g;
}

void engine_free(struct engine *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++) {
		values_release(&g->tasks[i].builtins);
		values_release(&g->tasks[i].unread);
		values_release(&g->tasks[i].told);
		query_end(&g->tasks[i]);
		samples_end(&g->tasks[i]);
		undo_fresh(&g->tasks[i]);
	}
	free(g->tasks);
	free(g->marks);
	free(g);
}

struct task_view *tv(struct engine *g, struct task *t)
{
	return &g->view->tasks.v[t->number];
}

const struct device *task_device(struct engine *g, const struct task *t)
{
	return &g->view->job->inventory->devices.v[g->view->tasks.v[t->number].device];
}

const char *task_name(struct engine *g, const struct task *t)
{
	return task_device(g, t)->name;
}

void emit(struct engine *g, struct record *r)
{
	r->wall = g->wall;
	if (jobview_apply(g->view, r, g->e) != 0)
		g->broken = true;
	struct effect *x = VEC_ADD(&g->out->list);
	x->kind = EFFECT_RECORD;
	x->record = r;
}

void note(struct engine *g, const char *device, bool warning, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	struct record *r = record_new(RECORD_NOTE, device, NULL);
	record_text(r, "text", text);
	record_text(r, "level", warning ? "warning" : "info");
	emit(g, r);
	free(text);
}

static void put_state(struct engine *g, enum job_state s, const char *reason, int64_t until)
{
	if (g->view->state == s && str_eq(g->view->reason, reason) && g->view->until == until)
		return;
	struct record *r = record_new(RECORD_STATE, NULL, NULL);
	record_text(r, "state", job_state_name(s));
	if (until)
		record_number(r, "until", until);
	emit(g, record_text(r, "reason", reason));
}

void set_state(struct engine *g, enum job_state s, const char *reason)
{
	put_state(g, s, reason, 0);
}

void hold_until(struct engine *g, int64_t wall, const char *reason)
{
	put_state(g, JOB_HELD, reason, wall);
}

/* --- events --------------------------------------------------------------------------------------- */

static void on_go(struct engine *g)
{
	for (size_t i = 0; i < g->n; i++)
		task_builtins(g, &g->tasks[i]);
	if (g->view->state == JOB_NEW || g->view->state == JOB_CHECKING)
		survey_start(g);
}

static void on_reply(struct engine *g, const struct tr_reply *r)
{
	for (size_t i = 0; i < g->n; i++) {
		struct task *t = &g->tasks[i];
		if (t->beside == r->id) {
			silence_looked(g, t, r);
			return;
		}
		if (t->flight == r->id && t->work == WORK_ASKED && r->outcome != TR_PROGRESS) {
			silence_ended(g, t, r);
			return;
		}
		if (t->flight != r->id || (t->work != WORK_SENT && t->work != WORK_ASKED))
			continue;
		if (r->outcome != TR_PROGRESS) {
			t->work = WORK_IDLE;
			t->flight = 0;
		}
		task_reply(g, t, r);
		return;
	}
}

static void wake(struct engine *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->tasks[i].work == WORK_SLEEP && g->tasks[i].at <= g->now)
			g->tasks[i].work = WORK_IDLE;
		silence_wake(g, &g->tasks[i]);
	}
}

/* Let every task that is ready make its moves, until nobody can. */
static void settle(struct engine *g)
{
	for (size_t i = 0; i < g->n && !g->broken; i++) {
		struct task *t = &g->tasks[i];
		if (t->work != WORK_IDLE)
			continue;
		if (t->surveying)
			survey_device(g, t);
		else if (task_state_active(tv(g, t)->state))
			task_advance(g, t);
	}
}

/* Starting a device may finish another's wait, and the other way round: repeat until it is quiet. */
static void run(struct engine *g)
{
	size_t before;
	do {
		before = g->out->list.n;
		settle(g);
		if (!g->broken)
			schedule(g);
	} while (g->out->list.n != before && !g->broken);
}

int engine_step(struct engine *g, struct event *ev, struct effects *out, struct err *e)
{
	struct err own = {0};
	g->now = ev->now;
	g->wall = ev->wall;
	g->out = out;
	g->e = e ? e : &own;
	int rc = 0;
	switch (ev->kind) {
	case EVENT_GO:
		on_go(g);
		break;
	case EVENT_REPLY:
		on_reply(g, ev->reply);
		break;
	case EVENT_COMMAND:
		rc = control_command(g, ev->command);
		break;
	case EVENT_PLANNED:
		survey_planned(g, ev);
		break;
	case EVENT_TICK:
		break;
	}
	if (!ev->more) {
		wake(g);
		run(g);
	}
	g->out = NULL;
	return g->broken ? -1 : rc;
}

int64_t engine_deadline(const struct engine *g)
{
	int64_t first = schedule_deadline(g);
	for (size_t i = 0; i < g->n; i++) {
		const struct task *t = &g->tasks[i];
		int64_t at = t->work == WORK_SLEEP ? t->at : silence_deadline(t);
		if (at >= 0 && (first < 0 || at < first))
			first = at;
	}
	return first;
}

bool engine_idle(const struct engine *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->tasks[i].work == WORK_SENT || g->tasks[i].work == WORK_SLEEP ||
		    silence_is_open(&g->tasks[i]))
			return false; /* also while it is asked about: the session is to stay */
	if (g->view->started && !job_state_final(g->view->state) && schedule_unconfirmed(g))
		return false; /* somebody may come who is not the one that started it */
	return !g->planning && schedule_deadline(g) < 0;
}

int64_t engine_elapsed(const struct engine *g, size_t device, int64_t now)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->view->tasks.v[i].device == device)
			return g->tasks[i].step_open ? now - g->tasks[i].step_since : -1;
	return -1;
}
