/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/fold_failure.h"

#include "base/i18n.h"
#include "base/str.h"
#include "model/json.h"

#include <stdlib.h>

static void set(char **field, const char *text)
{
	char *copy = xstrdup(text);
	free(*field);
	*field = copy;
}

/* What stands behind a sentence begins one. */
static char *join(const char *first, const char *then)
{
	bool same = str_eq(first, then);
	bool over = first[str_without_stop(first)] || str_ends(first, "!") || str_ends(first, "?");
	if (over)
		return same ? xasprintf(M_("%-s Then the way back failed in the same way."), first)
			    : xasprintf(M_("%-s Then the way back failed: %-s"), first, then);
	return same ? xasprintf(M_("%-s; then the way back failed in the same way"), first)
		    : xasprintf(M_("%-s; then the way back failed: %-s"), first, then);
}

/* Why it went back must not be hidden by how that ended. */
static void add(char **field, const char *text)
{
	if (!*field || !text) {
		set(field, *field ? *field : text);
		return;
	}
	char *all = join(*field, text);
	free(*field);
	*field = all;
}

void fold_failure(struct task_view *t, const char *step, const cJSON *outcome)
{
	/* a way back that was not ordered belongs to the attempt that failed */
	bool both = t->pass == PASS_ROLLBACK && t->failed_pass == PASS_UPGRADE &&
	            t->failed_attempt == t->attempt;
	void (*take)(char **, const char *) = both ? add : set;
	if (t->failing)
		return; /* the first cause is the one it fails for */
	t->failing = json_flag(outcome, "later");
	t->was_failed = true;
	t->failed_attempt = t->attempt;
	t->failed_pass = t->pass;
	take(&t->message, json_text(outcome, "message"));
	take(&t->cause, json_text(outcome, "cause"));
	set(&t->failed_step, step);
	set(&t->advice, json_text(outcome, "advice"));
	set(&t->error_kind, json_text(outcome, "kind"));
}

/* --- time that nobody worked ------------------------------------------------------------------- */

void fold_idle(struct task_view *t, int64_t wall)
{
	bool works = task_state_active(t->state) && t->state != TASK_HELD;
	if (works && t->idle_since) {
		t->idle += wall > t->idle_since ? wall - t->idle_since : 0;
		t->idle_since = 0;
	} else if (!works && t->started && !t->idle_since) {
		t->idle_since = wall;
	}
}

void fold_wait(struct jobview *v, int64_t from, int64_t to, bool for_operator)
{
	struct wait_view *last = v->waits.n ? &v->waits.v[v->waits.n - 1] : NULL;
	if (to <= from)
		return;
	if (last && last->to == from)
		last->to = to;
	else
		VEC_PUSH(&v->waits, ((struct wait_view){from, to}));
	v->waited += for_operator ? to - from : 0;
}
