/* SPDX-License-Identifier: ISC */
/* How a job stands, for people: checks, counts, failures with cause and action. */
#include "config.h"

#include "cli/runner.h"

#include "model/json.h"
#include "model/phrases.h"
#include "run/aftermath.h"
#include "run/compare.h"
#include "run/second.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- checks ----------------------------------------------------------------------------------- */

void put_checks(struct cli *c, const struct jobview *v, bool all)
{
	struct str text = {0};
	status_checks_text(v, all, &text);
	if (!c->json)
		fputs(str_text(&text), stdout);
	str_release(&text);
}

void put_hitless(struct cli *c, const struct jobview *v)
{
	struct str text = {0};
	status_hitless_text(v, &text);
	if (!c->json && text.len)
		fputs(str_text(&text), stdout);
	str_release(&text);
}

void put_checks_json(struct cli *c, const struct jobview *v, const char *id)
{
	(void)c;
	cJSON *o = summary_json(v, id, "checks");
	json_put(o, "checks", checks_json(v));
	put_json(o, false);
}

/* --- the end of a run ------------------------------------------------------------------------- */

static void put_failures(struct cli *c, const struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (!task_view_failed(t) && t->state != TASK_HELD)
			continue;
		tell(c, "\n%s: %s%s%s", jobview_device(v, t->device), word_task(t->state),
		     t->failed_step ? _(" at ") : "", t->failed_step ? t->failed_step : "");
		if (t->message || t->reason)
			tell(c, "  %s", said(v, task_view_why(t)));
		if (t->cause)
			tell(c, _("  cause: %s"), said(v, t->cause));
		if (t->advice)
			tell(c, "  -> %s", said(v, t->advice));
	}
}

/* Its window opens: who is there to go on then? */
static void put_window(struct cli *c, const struct jobview *v, const char *id)
{
	const char *name = v->job->name;
	char opens[32];
	clock_local(v->until, opens);
	if (store_job_running(c->store, id))
		tell(c,
		     _("\nThe job waits for its window, which begins at %.16s, and goes on by itself "
		       "then; hitless cancel '%s' ends it"),
		     opens, name);
	else
		tell(c,
		     _("\n! No process works on this job: it does not go on by itself. Before the "
		       "window opens: hitless resume '%s'"),
		     name);
}

static void put_next(struct cli *c, const struct jobview *v, const char *id)
{
	const char *name = v->job->name;
	const struct question_view *q = NULL;
	while ((q = jobview_next_question(v, q ? q->id : 0))) {
		tell(c, _("\nQuestion %" PRId64 "%s%s: %s"), q->id,
		     q->device == NO_DEVICE ? "" : _(" about "),
		     q->device == NO_DEVICE ? "" : jobview_device(v, q->device), said(v, q->text));
		tell(c, "  hitless answer '%s' %" PRId64 " %s", name, q->id, q->choices);
	}
	if (v->until)
		put_window(c, v, id);
	else if (second_wanted(v)) /* nothing else lets it go on */
		tell(c,
		     _("\nThe job waits for a second person: hitless confirm '%s' WORDS; hitless "
		       "cancel '%s' ends it"),
		     name, name);
	else if (v->state == JOB_HELD)
		tell(c,
		     _("\nThe job waits for you: hitless resume|retry|skip|rollback|cancel '%s'"),
		     name);
	if (v->state == JOB_PAUSED)
		tell(c, _("\nThe job is paused: hitless resume '%s'"), name);
	if (v->started)
		tell(c, _("\nReport: hitless report '%s' --format text"), name);
}

/* Two changes that the same undo takes back, and the same step twice, are one for the reader. */
static bool told_before(const struct jobview *v, const struct task_view *t, size_t at)
{
	const struct step *s = procedure_step(v->procedure, t->open.v[at].step);
	for (size_t i = 0; i < at; i++) {
		const struct step *other = procedure_step(v->procedure, t->open.v[i].step);
		if (other == s || (other && other->undo && s->undo->title &&
				   str_eq(other->undo->title, s->undo->title)))
			return true;
	}
	return false;
}

static void put_open(struct cli *c, const struct jobview *v, const char *name, const struct step *s)
{
	if (s->undo->title && *s->undo->title)
		tell(c, _("! Left on %s: \"%s\" could not be done: hitless show '%s' --device %s"), name,
		     translated(s->undo->title), v->job->name, name);
	else
		tell(c,
		     _("! Left on %s: \"%s\" could not be taken back: hitless show '%s' --device %s"),
		     name, word_step(v, s->name), v->job->name, name);
}

/* What could not be taken back; the command to type is in the device's steps. */
static void put_left(struct cli *c, const struct jobview *v)
{
	for (size_t i = 0; job_state_final(v->state) && i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		const char *name = jobview_device(v, t->device);
		for (size_t k = 0; k < t->open.n; k++) {
			const struct step *s = procedure_step(v->procedure, t->open.v[k].step);
			if (s && s->undo && !jobview_keeps(v, s->name) && !told_before(v, t, k))
				put_open(c, v, name, s);
		}
	}
}

/* Done, and not as it was: the exit status does not tell. */
static void put_aftermath(struct cli *c, const struct jobview *v)
{
	struct str text = {0};
	if (v->started)
		aftermath_text(v, &text);
	if (!c->silent && text.len)
		fputs(str_text(&text), stdout);
	str_release(&text);
}

int end_status(struct cli *c, const struct jobview *v, const char *id)
{
	return v->state == JOB_HELD && v->until && !store_job_running(c->store, id) ? EXIT_HELD
										    : job_status(v);
}

void put_summary(struct cli *c, const struct jobview *v, const char *id)
{
	size_t n[TASK_STATE_COUNT];
	char span[32];
	if (c->json) {
		cJSON *o = summary_json(v, id, "summary");
		cJSON_DeleteItemFromObjectCaseSensitive(o, "exit");
		json_put_number(o, "exit", end_status(c, v, id));
		put_json(o, false);
		return;
	}
	jobview_counts(v, n);
	put_failures(c, v);
	clock_span(v->started ? (v->ended ? v->ended : v->last) - v->started : 0, span);
	char *reason = status_reason(v);
	tell(c, _("\nJob \"%s\": %s%s%s"), v->job->name, word_job(v->state), *reason ? ": " : "",
	     reason);
	free(reason);
	tell(c,
	     _("%zu of %zu devices done, %zu failed, %zu rolled back, %zu skipped, %zu cancelled, in "
	       "%s"),
	     n[TASK_DONE], v->tasks.n, n[TASK_FAILED], n[TASK_ROLLED_BACK], n[TASK_SKIPPED],
	     n[TASK_CANCELLED], span);
	if (v->started)
		put_hitless(c, v);
	if (diff_missing_count(v, DIFF_DUE_OVER))
		tell(c,
		     ngettext("! %zu snapshot is missing after the upgrade: hitless snapshot "
			      "compare \"%s\"",
			      "! %zu snapshots are missing after the upgrade: hitless snapshot "
			      "compare \"%s\"",
			      diff_missing_count(v, DIFF_DUE_OVER)),
		     diff_missing_count(v, DIFF_DUE_OVER), v->job->name);
	put_aftermath(c, v);
	put_left(c, v);
	put_next(c, v, id);
}
