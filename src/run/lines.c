/* SPDX-License-Identifier: ISC */
/* A row of the table a kind of record; kinds that are not in it say nothing to people. */
#include "config.h"

#include "run/lines.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/status.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct event_line {
	struct lines *w;
	const struct jobview *v;
	const struct record *r;
	size_t number; /* of the task, SIZE_MAX: none */
};

static const struct task_view *task(const struct event_line *l)
{
	return l->number < l->v->tasks.n ? &l->v->tasks.v[l->number] : NULL;
}

static void put(struct event_line *l, enum line_kind kind, const char *what, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
static void put(struct event_line *l, enum line_kind kind, const char *what, const char *fmt, ...)
{
	const struct task_view *t = task(l);
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	struct job_line line = {.wall = l->r->wall,
				.device = t ? jobview_device(l->v, t->device) : l->r->device,
				.kind = kind,
				.what = what,
				.text = text};
	l->w->put(l->w->ctx, &line);
	free(text);
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
	static const enum line_kind kinds[JOB_STATE_COUNT] = {
	    [JOB_REFUSED] = LINE_BAD,        [JOB_HELD] = LINE_WARNING, [JOB_PAUSED] = LINE_WARNING,
	    [JOB_CANCELLING] = LINE_WARNING, [JOB_DONE] = LINE_GOOD,    [JOB_FAILED] = LINE_BAD,
	    [JOB_CANCELLED] = LINE_WARNING,
	};
	put(l, kinds[l->v->state], word_job(l->v->state), "%s", said(l->v, text(l, "reason")));
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

/* It had ended before, and the operator let the others go on: no other end of it. */
static bool said_later(const struct task_view *t, const struct record *r)
{
	return task_state_final(t->state) && t->ended && t->ended < r->wall;
}

static void on_task(struct event_line *l)
{
	static const enum line_kind kinds[TASK_STATE_COUNT] = {
	    [TASK_HELD] = LINE_WARNING,    [TASK_DONE] = LINE_GOOD,
	    [TASK_FAILED] = LINE_BAD,      [TASK_ROLLED_BACK] = LINE_BAD,
	    [TASK_UNDOING] = LINE_WARNING, [TASK_ROLLING_BACK] = LINE_WARNING,
	};
	const struct task_view *t = task(l);
	char span[32], done[96];
	const char *reason = said(l->v, text(l, "reason"));
	if (!t || (t->state == TASK_PENDING && !t->between) || said_later(t, l->r))
		return;
	counts(l->v, done);
	clock_span(task_view_worked(t, l->r->wall), span);
	if (task_state_final(t->state))
		put(l, kinds[t->state], word_task(t->state), _("%.*s%sin %s %s"),
		    (int)str_without_stop(reason), reason, *reason ? "; " : "", span, done);
	else
		put(l, kinds[t->state], word_task(t->state), "%s", reason);
}

static void on_begin(struct event_line *l)
{
	const struct task_view *t = task(l);
	const char *from = t ? status_from_version(l->v, t->device) : NULL;
	int64_t attempt = json_number(l->r->data, "attempt", 1);
	if (str_eq(text(l, "pass"), pass_names[PASS_UPGRADE]))
		put(l, LINE_PLAIN, _("begins"), "%s -> %s%s", from ? from : "?",
		    t ? job_version(l->v->job, t->device) : job_versions(l->v->job),
		    attempt > 1 ? _(" (again)") : "");
	else
		put(l, LINE_PLAIN, _("begins"), "%s", word_pass(t ? t->pass : PASS_UPGRADE));
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
	if (str_eq(*last, phase) && !l->w->every)
		return;
	free(*last);
	*last = xstrdup(phase);
	limits(l, limit);
	put(l, LINE_PLAIN, translated(phase), "%s%s", translated(text(l, "title")), limit);
}

/* How long the step took that ends here, ms: what is taken back is not told with its time. */
static int64_t took(const struct event_line *l, const struct task_view *t)
{
	const struct step_view *s = NULL;
	for (size_t i = t->steps.n; i-- > 0 && !s;)
		if (str_eq(t->steps.v[i].step, l->r->step) && t->steps.v[i].ended == l->r->wall)
			s = &t->steps.v[i];
	return json_number(l->r->data, "ms", s ? s->ended - s->started : 0);
}

/* Of a step that takes one back: the name that it began with. */
static const char *name_of(const struct event_line *l)
{
	const char *title = text(l, "title");
	return *title ? translated(title) : l->r->step ? word_step(l->v, l->r->step) : "";
}

static void on_outcome(struct event_line *l)
{
	const struct task_view *t = task(l);
	const char *result = text(l, "result"), *cause = text(l, "cause"),
		   *advice = text(l, "advice");
	char span[32];
	if (!t)
		return;
	clock_span(took(l, t), span);
	if (!str_eq(result, "failed")) {
		if (l->w->every)
			put(l, LINE_PLAIN, translated(t->phase), "%s: %s, %s", name_of(l),
			    word_result(result), span);
		return;
	}
	put(l, LINE_BAD, translated(t->phase), _("FAILED: %s"),
	    said(l->v, text(l, "message")));
	if (*cause)
		put(l, LINE_BAD, NULL, _("cause: %s"), said(l->v, cause));
	if (*advice)
		put(l, LINE_BAD, NULL, "-> %s", said(l->v, advice));
}

static void on_probe(struct event_line *l)
{
	const char *why = said(l->v, text(l, "why"));
	put(l, LINE_WARNING, _("looked"),
	    json_flag(l->r->data, "beside") ? _("beside the open session: %s%s%s")
					    : _("after a lost answer: %s%s%s"),
	    word_verdict(text(l, "verdict")), *why ? ": " : "", why);
}

static void on_progress(struct event_line *l)
{
	int64_t done = json_number(l->r->data, "done", 0),
		total = json_number(l->r->data, "total", 0);
	const char *word = text(l, "word");
	char limit[32];
	if (json_flag(l->r->data, "between"))
		return;
	if (*word && total > 0 && task(l)) {
		put(l, LINE_PLAIN, translated(task(l)->phase), "%s (%" PRId64 " %%)",
		    translated(word), done * 100 / total);
		return;
	}
	if (total > 0 && (done * 4 / total) * 4 * 10 != 0 && l->w->every)
		put(l, LINE_PLAIN, NULL, _("%" PRId64 " %% of %" PRId64 " %s"), done * 100 / total,
		    total >> 20 ? total >> 20 : total >> 10, total >> 20 ? _("MiB") : _("KiB"));
	if (json_flag(l->r->data, "again") && task(l)) {
		clock_span(task(l)->limit_ms, limit);
		put(l, LINE_PLAIN, translated(task(l)->phase), _("%s; the limit counts anew: %s"),
		    said(l->v, text(l, "text")), limit);
	}
	if (json_number(l->r->data, "waits", 0) > 0 && l->w->every)
		put(l, LINE_PLAIN, NULL, _("waits to try again: %s"), text(l, "text"));
}

static void on_question(struct event_line *l)
{
	int64_t id = json_number(l->r->data, "id", 0);
	put(l, LINE_QUESTION, _("QUESTION"), "%s", said(l->v, text(l, "text")));
	if (l->w->commands)
		put(l, LINE_QUESTION, NULL, "-> hitless answer '%s' %" PRId64 " %s",
		    l->v->job->name, id, text(l, "choices"));
}

static void on_answer(struct event_line *l)
{
	put(l, LINE_PLAIN, _("answer"), _("%s, by %s"),
	    word_answer(text(l, "answer")), word_who(text(l, "who")));
}

static void on_note(struct event_line *l)
{
	const char *note = said(l->v, text(l, "text"));
	size_t n = l->r->device ? strlen(l->r->device) : 0;
	if (n && strncmp(note, l->r->device, n) == 0 && strncmp(note + n, ": ", 2) == 0)
		note += n + 2; /* the device stands in its column */
	if (str_eq(text(l, "level"), "warning"))
		put(l, LINE_WARNING, _("warning"), "%s", note);
	else
		put(l, LINE_PLAIN, _("note"), "%s", note);
}

/* The values of an order, in one line; new. */
static char *values_given(struct event_line *l)
{
	char *all = str_eq(text(l, "verb"), "retry") ? xstrdup(text(l, "text")) : xstrdup("");
	for (char *at = all; (at = strchr(at, '\n'));)
		*at = ' ';
	return all;
}

static void on_command(struct event_line *l)
{
	const char *refused = said(l->v, text(l, "refused")), *target = text(l, "target");
	char *values = values_given(l);
	put(l, *refused ? LINE_WARNING : LINE_PLAIN, _("order"), "%s%s%s%s%s%s%s%s%s",
	    text(l, "verb"), *target ? " " : "", target, *values ? " " : "", values,
	    *text(l, "who") ? _(", by ") : "", text(l, "who"), *refused ? _(": REFUSED: ") : "", refused);
	free(values);
}

static void on_confirm(struct event_line *l)
{
	put(l, LINE_PLAIN, _("confirmed"), _("the plan, by %s: %s"), text(l, "who"),
	    text(l, "words"));
}

static void on_waive(struct event_line *l)
{
	put(l, LINE_WARNING, _("waived"), _("%s by %s: %s"), text(l, "check"), text(l, "who"),
	    text(l, "reason"));
}

static void (*const lines[RECORD_KIND_COUNT])(struct event_line *) = {
    [RECORD_STATE] = on_state,       [RECORD_TASK] = on_task,         [RECORD_BEGIN] = on_begin,
    [RECORD_INTENT] = on_intent,     [RECORD_OUTCOME] = on_outcome,   [RECORD_PROBE] = on_probe,
    [RECORD_PROGRESS] = on_progress, [RECORD_QUESTION] = on_question, [RECORD_ANSWER] = on_answer,
    [RECORD_CONFIRM] = on_confirm,   [RECORD_NOTE] = on_note,         [RECORD_COMMAND] = on_command,
    [RECORD_WAIVE] = on_waive,
};

void lines_record(struct lines *w, const struct jobview *v, const struct record *r)
{
	struct event_line l = {.w = w, .v = v, .r = r, .number = SIZE_MAX};
	if ((unsigned)r->kind >= RECORD_KIND_COUNT || !lines[r->kind])
		return;
	for (size_t i = 0; r->device && i < v->tasks.n; i++)
		if (str_eq(jobview_device(v, v->tasks.v[i].device), r->device))
			l.number = i;
	lines[r->kind](&l);
}

void lines_under_way(struct lines *w, const struct jobview *v, int64_t wall)
{
	struct record now = {.wall = wall};
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		struct event_line l = {.w = w, .v = v, .r = &now, .number = i};
		struct str time = {0};
		if (task_state_active(t->state))
			word_task_time(t, wall, &time);
		if (time.len)
			put(&l, LINE_PLAIN, translated(t->phase), "%s %s",
			    t->word ? translated(t->word) : "...", str_text(&time));
		str_release(&time);
	}
}

void lines_release(struct lines *l)
{
	for (size_t i = 0; i < l->phases.n; i++)
		free(l->phases.v[i]);
	VEC_RELEASE(&l->phases);
}
