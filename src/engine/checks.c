/* SPDX-License-Identifier: ISC */
/* Results of checks, as records. */
#include "config.h"

#include "engine/private.h"

#include "base/clock.h"

#include <stdlib.h>

/* The member that speaks for its group: who leads it, of a unit, else the first one that is in the
 * job. */
static bool speaks(struct engine *g, size_t device)
{
	const struct group *group = inventory_group(g->view->job->inventory, device);
	const struct task_view *own = jobview_task(g->view, device);
	if (own && unit_of(g->view->procedure, g->view->job->inventory, device))
		return !unit_follows(g->view, own);
	if (!group)
		return true;
	for (size_t i = 0; i < g->view->tasks.n; i++) {
		size_t d = g->view->tasks.v[i].device;
		if (inventory_group(g->view->job->inventory, d) == group)
			return d == device;
	}
	return true;
}

bool check_applies(struct engine *g, struct task *t, const struct check *c)
{
	if (c->scope == CHECK_ONCE)
		return speaks(g, tv(g, t)->device);
	if (c->scope == CHECK_JOB)
		return t->number == 0;
	return true;
}

bool check_blocks(struct engine *g, struct task *t, const struct check *c)
{
	struct scope scope;
	struct answer none = {.status = -1, .out = "", .err = ""};
	if (c->severity != SEVERITY_ERROR || !c->blocks)
		return c->severity == SEVERITY_ERROR;
	task_scope(g, t, &scope);
	return judge_ask(c->blocks, &none, &scope, NULL, NULL) != VERDICT_NO;
}

static char *words(struct engine *g, struct task *t, const char *template, const char *why)
{
	if (!template)
		return NULL;
	struct scope s;
	struct values extra = {0};
	struct str out = {0};
	task_scope(g, t, &s);
	char span[32];
	values_set(&extra, "why", why ? why : "");
	clock_span(t->step_open ? task_left(g, t, task_step(g, t)) : 0, span);
	values_set(&extra, "wait", span);
	clock_span(t->step_open ? g->now - t->step_since : 0, span);
	values_set(&extra, "waited", span);
	values_set(&extra, "unseen", why ? why : "");
	s.layers[4] = &t->query.found;
	s.layers[5] = &extra;
	if (template_expand(template, &s, QUOTE_NONE, &out, NULL) != 0)
		str_puts(&out, template);
	values_release(&extra);
	return str_take(&out);
}

/* It said so already in an earlier round, and will be asked again: no news. */
static bool is_news(struct engine *g, struct task *t, const struct check *c, const char *status,
                    const char *message)
{
	if (!t->step_open || !t->sampling.state || t->sampling.last)
		return true;
	for (size_t i = 0; i < g->view->checks.n; i++) {
		const struct check_view *v = &g->view->checks.v[i];
		if (v->device == tv(g, t)->device && str_eq(v->check, c->name))
			return !str_eq(v->status, status) || !str_eq(v->message, message);
	}
	return true;
}

void check_record(struct engine *g, struct task *t, const struct check *c, const char *status,
                  const char *why, const char *command, const struct tr_reply *r)
{
	bool unknown = str_eq(status, "unknown");
	bool bad = !str_eq(status, "passed") && !str_eq(status, "skipped");
	const char *message = unknown && c->message_unknown ? c->message_unknown : c->message;
	const char *advice = unknown && c->advice_unknown ? c->advice_unknown : c->advice;
	if (t->step_open && task_step(g, t)->interval_ms && !t->sampling.last && c->advice_wait)
		advice = c->advice_wait;
	char *m = bad ? words(g, t, message, why) : NULL;
	if (!is_news(g, t, c, status, m)) {
		free(m);
		return;
	}
	char *a = bad ? words(g, t, advice, why) : NULL;
	char *sent = command ? words(g, t, command, NULL) : NULL;
	char *output = r ? reply_output(r) : NULL;
	struct record *x =
	    record_new(RECORD_CHECK, c->scope == CHECK_JOB ? NULL : task_name(g, t), NULL);
	record_text(x, "check", c->name);
	record_text(x, "group", c->group);
	record_text(x, "title", c->title);
	record_text(x, "status", status);
	record_text(x, "severity", check_blocks(g, t, c) ? "error" : "warning");
	record_text(x, "message", m);
	record_text(x, "advice", a);
	record_text(x, "why", bad ? why : NULL);
	record_text(x, "command", sent);
	record_text(x, "output", output);
	record_flag(x, "waivable", c->waivable);
	if (bad && c->hitless)
		record_flag(x, "not_hitless", true);
	record_flag(x, "after", t->query.names != NULL);
	emit(g, x);
	free(m), free(a), free(sent), free(output);
}

/* It does not apply now: what it said at an earlier time must not stand in the way. */
void check_skip(struct engine *g, struct task *t, const struct check *c)
{
	size_t device = c->scope == CHECK_JOB ? NO_DEVICE : tv(g, t)->device;
	if (!check_applies(g, t, c))
		return; /* another device speaks for this check: it is not ours to withdraw */
	for (size_t i = 0; i < g->view->checks.n; i++) {
		const struct check_view *v = &g->view->checks.v[i];
		if (v->device != device || v->after || !str_eq(v->check, c->name) ||
		    !again_is_open(v))
			continue;
		check_record(g, t, c, "skipped", NULL, NULL, NULL);
		return;
	}
}
