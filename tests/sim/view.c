/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/sim/view.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool like(const char *pattern, const char *text)
{
	if (!text)
		text = "";
	for (; *pattern; pattern++, text++) {
		if (*pattern == '*') {
			for (; *text; text++)
				if (like(pattern + 1, text))
					return true;
			return like(pattern + 1, text);
		}
		if (*pattern != *text)
			return false;
	}
	return !*text;
}

/* --- every text of a view --------------------------------------------------------------------- */

struct look {
	void (*see)(void *ctx, const char *where, const char *text);
	void *ctx;
};

static void tell(const struct look *l, const char *where, const char *text)
{
	if (text)
		l->see(l->ctx, where, text);
}

static void each_json(const struct look *l, const char *where, const cJSON *x)
{
	if (cJSON_IsString(x))
		tell(l, where, x->valuestring);
	const cJSON *child;
	cJSON_ArrayForEach(child, x)
		each_json(l, where, child);
}

static void each_value(const struct look *l, const char *where, const struct values *v)
{
	for (size_t i = 0; i < v->n; i++)
		tell(l, where, v->v[i].text);
}

static void each_task(const struct look *l, const struct task_view *t)
{
	tell(l, "reason", t->reason);
	tell(l, "message", t->message);
	tell(l, "cause", t->cause);
	tell(l, "advice", t->advice);
	each_value(l, "fact", &t->facts);
	each_value(l, "capture", &t->captures);
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		tell(l, "step output", s->output);
		tell(l, "step message", s->message);
		tell(l, "step cause", s->cause);
		tell(l, "step advice", s->advice);
	}
}

void view_texts(const struct jobview *v, void (*see)(void *, const char *, const char *), void *ctx)
{
	struct look l = {see, ctx};
	tell(&l, "job reason", v->reason);
	for (size_t i = 0; i < v->tasks.n; i++)
		each_task(&l, &v->tasks.v[i]);
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		tell(&l, "check message", c->message);
		tell(&l, "check advice", c->advice);
		tell(&l, "check output", c->output);
	}
	for (size_t i = 0; i < v->questions.n; i++)
		tell(&l, "question", v->questions.v[i].text);
	for (size_t i = 0; i < v->notes.n; i++)
		tell(&l, "note", v->notes.v[i].text);
	for (size_t i = 0; i < v->snapshots.n; i++)
		each_json(&l, "snapshot", v->snapshots.v[i].rows);
}

bool clean_text(const char *text)
{
	size_t n = strlen(text), used;
	for (size_t i = 0; i < n; i += used) {
		int32_t c = utf8_decode(text + i, n - i, &used);
		bool control = c < 0 || (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0);
		bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
		if (control || turns)
			return false;
	}
	return true;
}

/* --- short forms ------------------------------------------------------------------------------- */

char *view_states(const struct jobview *v)
{
	static const char *const words[TASK_STATE_COUNT] = {
	    [TASK_PENDING] = "pending",     [TASK_RUNNING] = "running",
	    [TASK_HELD] = "held",           [TASK_UNDOING] = "undoing",
	    [TASK_ROLLING_BACK] = "back",   [TASK_DONE] = "done",
	    [TASK_FAILED] = "failed",       [TASK_ROLLED_BACK] = "rolled-back",
	    [TASK_SKIPPED] = "skipped",     [TASK_CANCELLED] = "cancelled",
	};
	struct str out = {0};
	for (size_t i = 0; i < v->tasks.n; i++)
		str_printf(&out, "%s%s=%s", i ? " " : "", jobview_device(v, v->tasks.v[i].device),
		           words[v->tasks.v[i].state]);
	return str_take(&out);
}

const struct check_view *view_check(const struct jobview *v, const char *device, const char *check,
                                    bool after)
{
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		const char *name = c->device == NO_DEVICE ? "" : jobview_device(v, c->device);
		if (like(check, c->check) && like(device, name) && c->after == after)
			return c;
	}
	return NULL;
}
