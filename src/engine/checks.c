/* SPDX-License-Identifier: ISC */
/* Results of checks, as records. */
#include "config.h"

#include "engine/private.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"

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

/* Nobody knows: neither the failure of the check nor its remedy may be claimed. */
static char *unknown_message(struct engine *g, struct task *t, const struct check *c,
                             const char *why)
{
	if (c->builtin && t->connection.kind == ERR_SECRET)
		return xstrdup(t->connection.text);
	if (c->message_unknown)
		return words(g, t, c->message_unknown, why);
	const char *title = c->title ? c->title : c->name;
	if (!why || !*why)
		return xasprintf(M_("Could not be found out: %-s"), title);
	char *safe = utf8_safe(why, UTF8_ONE_LINE);
	char *text = xasprintf(M_("Could not be found out: %-s (%-s)"), title, safe);
	free(safe);
	return text;
}

/* What to do about the missing or unreadable answer, of the device that was asked. */
static char *unknown_advice(struct engine *g, struct task *t, const struct check *c,
                            const char *why, const char *sent, const struct tr_reply *r)
{
	if ((c->builtin ? t->connection.kind : r ? r->e.kind : ERR_NONE) == ERR_SECRET)
		return xasprintf(M_("Nothing was sent to %s: hitless recheck asks for it again."),
		                 r ? jobview_device(g->view, r->device) : task_name(g, t));
	if (c->advice_unknown)
		return words(g, t, c->advice_unknown, why);
	if (c->builtin && t->connection.kind != ERR_NONE)
		return xasprintf(M_("%s: put right what keeps it from being asked, then run the "
		                    "checks again."),
		                 task_name(g, t));
	if (!c->command)
		return xasprintf(M_("%s: find out by hand whether the job may go on"), task_name(g, t));
	const char *device = r ? jobview_device(g->view, r->device) : task_name(g, t);
	if (r && r->outcome == TR_NOT_SENT && r->e.kind == ERR_AUTH)
		return xasprintf(M_("Put the credential of %s right (hitless credential test): it refuses "
		                    "the login. Then run the checks again."), device);
	if (r && r->outcome == TR_NOT_SENT && r->e.kind == ERR_HOSTKEY)
		return xasprintf(M_("Compare the host key of %s with the one on its console, for it is not "
		                    "the one known here; only then accept it (hitless host-key scan). Then "
		                    "run the checks again."), device);
	if (!r || r->outcome != TR_DONE)
		return xasprintf(M_("See the load of %s and the line to it: it gave no answer in time. "
		                    "Then run the checks again."), device);
	return xasprintf(M_("Run \"%s\" on %s by hand, see what it answers and put that right. Then run "
	                    "the checks again."), sent, device);
}

void check_record(struct engine *g, struct task *t, const struct check *c, const char *status,
                  const char *why, const char *command, const struct tr_reply *r)
{
	bool unknown = str_eq(status, "unknown");
	bool bad = !str_eq(status, "passed") && !str_eq(status, "skipped");
	bool waits = t->step_open && task_step(g, t)->interval_ms && !t->sampling.last;
	const char *advice = waits && c->advice_wait ? c->advice_wait : c->advice;
	char *m = unknown ? unknown_message(g, t, c, why) : bad ? words(g, t, c->message, why) : NULL;
	if (!is_news(g, t, c, status, m)) {
		free(m);
		return;
	}
	char *sent = command ? words(g, t, command, NULL) : NULL;
	char *a = unknown && advice == c->advice ? unknown_advice(g, t, c, why, sent, r)
	          : bad                          ? words(g, t, advice, why)
	                                         : NULL;
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
	record_flag(x, "waivable", c->waivable || (unknown && c->waivable_unknown));
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
