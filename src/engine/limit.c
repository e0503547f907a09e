/* SPDX-License-Identifier: ISC */
/* How long a step may take. What is shown is kept: the limit is that of one try, counted from when it
 * could be sent; a new try, and a question about what became of it, count anew and say so. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

int64_t task_limit(struct engine *g, const struct step *s)
{
	const char *own = values_get(&g->view->job->timeouts, s->name);
	return own ? strtoll(own, NULL, 10) * 1000
	           : procedure_step_limit(s, &g->view->job->parameters);
}

bool task_expired(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	return s && g->now - t->step_since >= task_limit(g, s);
}

int64_t task_left(struct engine *g, struct task *t, const struct step *s)
{
	int64_t left = task_limit(g, s) - (g->now - t->step_since);
	return left > 1000 ? left : 1000;
}

void task_pause(struct engine *g, struct task *t, const struct step *s, int64_t ms)
{
	int64_t left = task_left(g, t, s);
	task_sleep(g, t, ms < left ? ms : left);
}

static void waits_record(struct engine *g, struct task *t, int tries, const char *why)
{
	struct record *r = record_new(RECORD_PROGRESS, task_name(g, t), tv(g, t)->step);
	record_number(r, "waits", tries);
	emit(g, record_text(r, "text", why));
}

void task_wait_to_try(struct engine *g, struct task *t, const struct step *s, int tries, int64_t ms,
                      const char *why)
{
	t->between = true;
	waits_record(g, t, tries, why);
	task_pause(g, t, s, ms);
}

void task_try(struct engine *g, struct task *t)
{
	if (t->between)
		waits_record(g, t, 0, NULL);
	t->between = false;
}

void task_limit_again(struct engine *g, struct task *t, const char *why)
{
	bool fresh = t->step_open && t->step_since == g->now; /* nothing of it is over */
	t->step_since = t->probe_since = g->now;
	if (fresh)
		return;
	t->asked = false;
	struct record *r = record_new(RECORD_PROGRESS, task_name(g, t), tv(g, t)->step);
	record_flag(r, "again", true);
	t->between = false;
	emit(g, record_text(r, "text", why));
}

bool task_may_repeat(struct engine *g, struct task *t)
{
	if (!task_expired(g, t))
		return true;
	if (t->overdue)
		return false;
	t->overdue = true;
	task_limit_again(g, t, M_("not done within its limit: tried once more"));
	return true;
}
