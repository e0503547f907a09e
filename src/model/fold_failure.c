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

/* Why it went back must not be hidden by how that ended. */
static void add(char **field, const char *text)
{
	if (!*field || !text) {
		set(field, *field ? *field : text);
		return;
	}
	bool same = str_eq(*field, text);
	char *all = same ? xasprintf(M_("%-s; then the way back failed in the same way"), *field)
			 : xasprintf(M_("%-s; then the way back failed: %-s"), *field, text);
	free(*field);
	*field = all;
}

void fold_failure(struct task_view *t, const char *step, const cJSON *outcome)
{
	/* a way back that was not ordered belongs to the attempt that failed */
	bool both = t->pass == PASS_ROLLBACK && t->failed_pass == PASS_UPGRADE &&
	            t->failed_attempt == t->attempt;
	void (*take)(char **, const char *) = both ? add : set;
	t->was_failed = true;
	t->failed_attempt = t->attempt;
	t->failed_pass = t->pass;
	take(&t->message, json_text(outcome, "message"));
	take(&t->cause, json_text(outcome, "cause"));
	set(&t->failed_step, step);
	set(&t->advice, json_text(outcome, "advice"));
	set(&t->error_kind, json_text(outcome, "kind"));
}
