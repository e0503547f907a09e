/* SPDX-License-Identifier: ISC */
/* Results of checks, as records. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

/* The member that speaks for its group: the first one that is in the job. */
static bool speaks(struct engine *g, size_t device)
{
	const struct group *group = inventory_group(g->view->job->inventory, device);
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

static char *words(struct engine *g, struct task *t, const char *template, const char *why)
{
	if (!template)
		return NULL;
	struct scope s;
	struct values extra = {0};
	struct str out = {0};
	task_scope(g, t, &s);
	values_set(&extra, "why", why ? why : "");
	s.layers[4] = &t->query.found;
	s.layers[5] = &extra;
	if (template_expand(template, &s, QUOTE_NONE, &out, NULL) != 0)
		str_puts(&out, template);
	values_release(&extra);
	return str_take(&out);
}

void check_record(struct engine *g, struct task *t, const struct check *c, const char *status,
                  const char *why, const char *command, const struct tr_reply *r)
{
	bool unknown = str_eq(status, "unknown");
	bool bad = !str_eq(status, "passed") && !str_eq(status, "skipped");
	const char *message = unknown && c->message_unknown ? c->message_unknown : c->message;
	const char *advice = unknown && c->advice_unknown ? c->advice_unknown : c->advice;
	char *m = bad ? words(g, t, message, why) : NULL;
	char *a = bad ? words(g, t, advice, why) : NULL;
	char *sent = command ? words(g, t, command, NULL) : NULL;
	char *output = r ? reply_output(r) : NULL;
	struct record *x =
	    record_new(RECORD_CHECK, c->scope == CHECK_JOB ? NULL : task_name(g, t), NULL);
	record_text(x, "check", c->name);
	record_text(x, "group", c->group);
	record_text(x, "title", c->title);
	record_text(x, "status", status);
	record_text(x, "severity", c->severity == SEVERITY_ERROR ? "error" : "warning");
	record_text(x, "message", m);
	record_text(x, "advice", a);
	record_text(x, "why", bad ? why : NULL);
	record_text(x, "command", sent);
	record_text(x, "output", output);
	record_flag(x, "waivable", c->waivable);
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
