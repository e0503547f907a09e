/* SPDX-License-Identifier: ISC */
/* The life of a job as lines: time, device, phase, what happened. A row of the table a kind of
 * record; kinds that are not in it say nothing to people. */
#include "config.h"

#include "cli/runner.h"

#include "model/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_COLUMN 12
#define PHASE_COLUMN  10

struct event_line {
	struct watcher *w;
	const struct jobview *v;
	const struct record *r;
	size_t number; /* of the task, SIZE_MAX: none */
};

static void put(struct event_line *l, const char *phase, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void put(struct event_line *l, const char *phase, const char *fmt, ...)
{
	char time[32];
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	clock_local_time(l->r->wall, time);
	tell(l->w->c, "%s  %-*s  %-*s  %s", time, DEVICE_COLUMN,
	     l->r->device ? l->r->device : _("job"), PHASE_COLUMN, phase ? phase : "", text);
	l->w->shown = clock_real()->now(clock_real());
	free(text);
}

static const struct task_view *task(const struct event_line *l)
{
	return l->number < l->v->tasks.n ? &l->v->tasks.v[l->number] : NULL;
}

static const char *text(const struct event_line *l, const char *name)
{
	const char *found = json_text(l->r->data, name);
	return found ? found : "";
}

static void limits(const struct event_line *l, char out[64])
{
	char span[32];
	int64_t ms = json_number(l->r->data, "limit_ms", 0);
	out[0] = '\0';
	clock_span(ms, span);
	if (ms > 0)
		snprintf(out, 64, _(" (limit %s)"), span);
}

/* --- one function a kind ---------------------------------------------------------------------- */

static void on_state(struct event_line *l)
{
	const char *reason = text(l, "reason");
	put(l, text(l, "state"), "%s", *reason ? reason : "");
}

/* A device is [3 of 12 done, 1 failed]. */
static void counts(const struct jobview *v, char out[96])
{
	size_t n[TASK_STATE_COUNT];
	jobview_counts(v, n);
	size_t failed = jobview_failures(v);
	if (failed)
		snprintf(out, 96, _("[%zu of %zu done, %zu failed]"), n[TASK_DONE], v->tasks.n,
			 failed);
	else
		snprintf(out, 96, _("[%zu of %zu done]"), n[TASK_DONE], v->tasks.n);
}

static void on_task(struct event_line *l)
{
	const struct task_view *t = task(l);
	char span[32], done[96];
	const char *reason = text(l, "reason");
	if (!t || t->state == TASK_PENDING)
		return;
	counts(l->v, done);
	clock_span(t->started ? l->r->wall - t->started : 0, span);
	if (task_state_final(t->state))
		put(l, task_state_name(t->state), _("%s%sin %s %s"), reason, *reason ? "; " : "",
		    span, done);
	else
		put(l, task_state_name(t->state), "%s", reason);
}

static void on_begin(struct event_line *l)
{
	const struct task_view *t = task(l);
	const char *from = t ? status_from_version(l->v, t->device) : NULL;
	int64_t attempt = json_number(l->r->data, "attempt", 1);
	if (str_eq(text(l, "pass"), pass_names[PASS_UPGRADE]))
		put(l, _("begins"), "%s -> %s%s", from ? from : "?", l->v->job->version,
		    attempt > 1 ? _(" (again)") : "");
	else
		put(l, _("begins"), "%s", text(l, "pass"));
}

/* The phase that was shown last of this task, to change. */
static char **phase_of(struct event_line *l)
{
	while (l->w->phases.n < l->v->tasks.n)
		VEC_PUSH(&l->w->phases, NULL);
	return &l->w->phases.v[l->number];
}

static void on_intent(struct event_line *l)
{
	const char *phase = text(l, "phase");
	char limit[64];
	if (!task(l))
		return;
	char **last = phase_of(l);
	if (str_eq(*last, phase) && !cli_flag(l->w->c, "--verbose"))
		return;
	free(*last);
	*last = xstrdup(phase);
	limits(l, limit);
	put(l, phase, "%s%s", text(l, "title"), limit);
}

static void on_outcome(struct event_line *l)
{
	const struct task_view *t = task(l);
	const char *result = text(l, "result"), *cause = text(l, "cause"),
		   *advice = text(l, "advice");
	char span[32];
	clock_span(json_number(l->r->data, "ms", 0), span);
	if (!t)
		return;
	if (!str_eq(result, "failed")) {
		if (cli_flag(l->w->c, "--verbose"))
			put(l, t->phase, "%s: %s, %s", l->r->step ? l->r->step : "", result, span);
		return;
	}
	put(l, t->phase, _("FAILED: %s"), text(l, "message"));
	if (*cause)
		put(l, NULL, _("cause: %s"), cause);
	if (*advice)
		put(l, NULL, "-> %s", advice);
}

static void on_probe(struct event_line *l)
{
	const char *why = text(l, "why");
	put(l, _("looked"), _("after a lost answer: %s%s%s"), text(l, "verdict"), *why ? ": " : "",
	    why);
}

static void on_progress(struct event_line *l)
{
	int64_t done = json_number(l->r->data, "done", 0),
		total = json_number(l->r->data, "total", 0);
	if (total > 0 && (done * 4 / total) * 4 * 10 != 0 && cli_flag(l->w->c, "--verbose"))
		put(l, NULL, _("%" PRId64 " %% of %" PRId64 " MiB"), done * 100 / total,
		    total >> 20);
}

static void on_question(struct event_line *l)
{
	int64_t id = json_number(l->r->data, "id", 0);
	put(l, _("QUESTION"), "%s", text(l, "text"));
	put(l, NULL, "-> hitless answer '%s' %" PRId64 " %s", l->v->job->name, id,
	    text(l, "choices"));
}

static void on_answer(struct event_line *l)
{
	put(l, _("answer"), _("%s, by %s"), text(l, "answer"), text(l, "who"));
}

static void on_note(struct event_line *l)
{
	const char *note = text(l, "text");
	size_t n = l->r->device ? strlen(l->r->device) : 0;
	if (n && strncmp(note, l->r->device, n) == 0 && strncmp(note + n, ": ", 2) == 0)
		note += n + 2; /* the device stands in its column */
	put(l, str_eq(text(l, "level"), "warning") ? _("warning") : _("note"), "%s", note);
}

static void on_command(struct event_line *l)
{
	const char *refused = text(l, "refused"), *target = text(l, "target");
	put(l, _("order"), "%s%s%s%s%s%s%s", text(l, "verb"), *target ? " " : "", target,
	    *text(l, "who") ? _(", by ") : "", text(l, "who"), *refused ? _(": REFUSED: ") : "",
	    refused);
}

static void on_waive(struct event_line *l)
{
	put(l, _("waived"), _("%s by %s: %s"), text(l, "check"), text(l, "who"), text(l, "reason"));
}

static void (*const lines[RECORD_KIND_COUNT])(struct event_line *) = {
    [RECORD_STATE] = on_state,       [RECORD_TASK] = on_task,         [RECORD_BEGIN] = on_begin,
    [RECORD_INTENT] = on_intent,     [RECORD_OUTCOME] = on_outcome,   [RECORD_PROBE] = on_probe,
    [RECORD_PROGRESS] = on_progress, [RECORD_QUESTION] = on_question, [RECORD_ANSWER] = on_answer,
    [RECORD_NOTE] = on_note,         [RECORD_COMMAND] = on_command,   [RECORD_WAIVE] = on_waive,
};

void watcher_line(struct watcher *w, const struct jobview *v, const struct record *r)
{
	struct event_line l = {.w = w, .v = v, .r = r, .number = SIZE_MAX};
	for (size_t i = 0; r->device && i < v->tasks.n; i++)
		if (str_eq(jobview_device(v, v->tasks.v[i].device), r->device))
			l.number = i;
	if ((unsigned)r->kind < RECORD_KIND_COUNT && lines[r->kind])
		lines[r->kind](&l);
}

/* When nothing was said for a while: what is under way, with time and limit. */
void watcher_heartbeat(struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	struct clock *clock = clock_real();
	int64_t wall = clock->wall(clock);
	struct record now = {.wall = wall};
	struct event_line l = {.w = w, .v = v, .r = &now, .number = SIZE_MAX};
	w->shown = clock->now(clock);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		char elapsed[32], limit[32];
		if (!task_state_active(t->state) || !t->intent_wall)
			continue;
		clock_span(wall - t->intent_wall, elapsed);
		clock_span(t->limit_ms, limit);
		now.device = (char *)jobview_device(v, t->device);
		put(&l, t->phase, "%s %s/%s", t->word ? t->word : "...", elapsed, limit);
	}
}

/* The journal's record as it is, but for the text of the procedure in the first one. */
void watcher_json(const struct jobview *v, const struct record *r)
{
	char time[32];
	cJSON *object = json_object_new("record"), *data = cJSON_Duplicate(r->data, true);
	clock_iso(r->wall, time);
	json_put_text(object, "job", v->job ? v->job->name : NULL);
	json_put_number(object, "seq", r->seq);
	json_put_text(object, "time", time);
	json_put_text(object, "kind", record_kind_name(r->kind));
	json_put_text(object, "device", r->device);
	json_put_text(object, "step", r->step);
	if (r->kind == RECORD_JOB)
		cJSON_DeleteItemFromObjectCaseSensitive(data, "procedure");
	json_put(object, "data", data);
	put_json(object, false);
}
