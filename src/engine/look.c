/* SPDX-License-Identifier: ISC */
/* A retry that would go on in the middle, on the new system: does the device run it? One that came
 * back with the old system is done from the start, install and all; waiting for it again would be
 * waiting for ever. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>

bool looks(struct engine *g, struct task *t)
{
	return tv(g, t)->looking && !t->looked;
}

void look_next(struct engine *g, struct task *t)
{
	if (t->in_query)
		query_next(g, t);
	else
		query_start(g, t, QUERY_FACTS, NULL);
}

static void record_look(struct engine *g, struct task *t, const char *verdict, const char *why)
{
	struct record *r = record_new(RECORD_PROBE, task_name(g, t), tv(g, t)->failed_step);
	record_text(r, "pass", pass_names[tv(g, t)->pass]);
	record_number(r, "attempt", tv(g, t)->attempt);
	record_text(r, "verdict", verdict);
	emit(g, record_text(r, "why", why));
}

/* What committed it to the new system is undone when it is where it was when it was planned. */
static void from_the_start(struct engine *g, struct task *t, bool as_planned)
{
	struct record *r = record_new(RECORD_BEGIN, task_name(g, t), NULL);
	record_text(r, "pass", pass_names[PASS_UPGRADE]);
	record_number(r, "attempt", tv(g, t)->attempt);
	if (as_planned)
		record_flag(r, "uncommits", true);
	emit(g, r);
	task_builtins(g, t);
}

void look_finished(struct engine *g, struct task *t, const struct values *found)
{
	const char *fact = g->view->procedure->from_fact;
	const char *now = fact && found ? values_get(found, fact) : NULL;
	char *version = now && *now ? xstrdup(now) : NULL;
	const char *to = job_version(g->view->job, tv(g, t)->device);
	bool same = !version || procedure_same_version(g->view->procedure, version, to);
	query_end(t);
	t->looked = true;
	t->doing = DOING_NOTHING;
	if (same) {
		record_look(g, t, version ? "done" : "unknown",
			    version ? M_("it runs the target version; going on where it failed")
				    : M_("it cannot be told what runs; going on where it failed"));
	} else {
		char *why =
		    xasprintf(M_("it runs %s, not %s: the upgrade begins anew"), version, to);
		record_look(g, t, "absent", why);
		from_the_start(g, t, str_eq(version, values_get(&tv(g, t)->facts, fact)));
		free(why);
	}
	free(version);
}
