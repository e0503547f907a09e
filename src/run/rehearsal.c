/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/rehearsal.h"

#include "base/i18n.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/json.h"
#include "run/rehearsal_dark.h"

#include <stdlib.h>
#include <string.h>

/* --- stages ----------------------------------------------------------------------------------- */

static cJSON *device_names(const struct jobview *v, const struct plan_batch *b)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < b->devices.n; i++)
		json_append(list, cJSON_CreateString(jobview_device(v, b->devices.v[i])));
	return list;
}

/* When its first device began there and its last one ended; 0, 0: none began. */
static void span_of(const struct jobview *v, size_t stage, const struct plan_batch *b,
		    int64_t *from, int64_t *to)
{
	*from = *to = 0;
	for (size_t i = 0; i < b->devices.n; i++) {
		const struct task_view *t = jobview_task((struct jobview *)v, b->devices.v[i]);
		int64_t first, last;
		if (!t || !jobview_stage_times(v, t, stage, &first, &last))
			continue;
		*from = !*from || first < *from ? first : *from;
		*to = last > *to ? last : *to;
	}
}

static cJSON *batch_json(const struct rehearsal_input *in, size_t stage, const struct plan_batch *b)
{
	cJSON *o = cJSON_CreateObject();
	int64_t from, to;
	span_of(in->view, stage, b, &from, &to);
	json_put(o, "devices", device_names(in->view, b));
	json_put_number(o, "estimate_ms", b->estimate_ms);
	if (from) {
		json_put_number(o, "at_ms", from - in->start);
		json_put_number(o, "took_ms", to - from);
	}
	return o;
}

static void count_stage(const struct jobview *v, size_t stage, const struct plan_stage *s, cJSON *to)
{
	int64_t done = 0, failed = 0, rest = 0;
	for (size_t b = 0; b < s->batches.n; b++)
		for (size_t i = 0; i < s->batches.v[b].devices.n; i++) {
			size_t device = s->batches.v[b].devices.v[i];
			const struct task_view *t = jobview_task((struct jobview *)v, device);
			bool through = t && jobview_stage_state(v, t, stage) == TASK_DONE;
			bool here = t && jobview_stage(v, t) == stage;
			done += through;
			failed += !through && here && task_view_failed(t);
			rest += !through && !(here && task_view_failed(t));
		}
	json_put_number(to, "done", done);
	json_put_number(to, "failed", failed);
	json_put_number(to, "other", rest);
}

/* Stage i, with the times that this plan has for it. */
static cJSON *stage_json(const struct rehearsal_input *in, const struct plan *p, size_t stage)
{
	const struct plan_stage *s = &p->stages.v[stage];
	cJSON *o = cJSON_CreateObject(), *batches = cJSON_CreateArray();
	int64_t first = 0, last = 0, estimate = 0;
	for (size_t i = 0; i < s->batches.n; i++) {
		int64_t from, to;
		span_of(in->view, stage, &s->batches.v[i], &from, &to);
		first = from && (!first || from < first) ? from : first;
		last = to > last ? to : last;
		estimate += s->batches.v[i].estimate_ms;
		json_append(batches, batch_json(in, stage, &s->batches.v[i]));
	}
	json_put_text(o, "stage", s->name);
	count_stage(in->view, stage, s, o);
	if (first) {
		json_put_number(o, "at_ms", first - in->start);
		json_put_number(o, "took_ms", last - first);
	}
	json_put_number(o, "estimate_ms", estimate);
	json_put(o, "batches", batches);
	return o;
}

/* The same batches with the times that the operator's plan has for them. */
static const struct plan *plan_of(const struct rehearsal_input *in)
{
	return in->plan ? in->plan : in->view->plan;
}

static void put_stages(const struct rehearsal_input *in, cJSON *to)
{
	const struct plan *p = plan_of(in);
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; p && i < p->stages.n; i++)
		json_append(list, stage_json(in, p, i));
	json_put(to, "stages", list);
	if (!p)
		return;
	json_put_number(to, "batch_count", (int64_t)plan_batches(p));
	json_put_number(to, "estimate_ms", p->estimate_ms);
	json_put_text(to, "estimate_from", p->estimate_from);
}

/* --- what went wrong -------------------------------------------------------------------------- */

static cJSON *failure_json(const struct jobview *v, const struct task_view *t)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", jobview_device(v, t->device));
	json_put_text(o, "state", task_state_name(t->state));
	json_put_text(o, "step", t->failed_step);
	json_put_text(o, "message", task_view_why(t));
	json_put_text(o, "cause", t->cause);
	json_put_text(o, "advice", t->advice);
	return o;
}

static void put_failures(const struct jobview *v, cJSON *to)
{
	cJSON *list = cJSON_CreateArray();
	int64_t left = 0, back = 0;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (task_view_failed(t) || t->state == TASK_HELD)
			json_append(list, failure_json(v, t));
		left += t->state == TASK_PENDING || t->state == TASK_SKIPPED ||
			t->state == TASK_CANCELLED;
		back += t->state == TASK_ROLLED_BACK;
	}
	json_put(to, "failures", list);
	json_put_number(to, "not_touched", left);
	json_put_number(to, "rolled_back", back);
}

static void put_checks(const struct jobview *v, cJSON *to)
{
	size_t errors = 0, warnings = 0;
	cJSON *list = cJSON_CreateArray();
	(void)jobview_checks_passed(v, &errors, &warnings);
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (str_eq(c->status, "passed") || str_eq(c->status, "skipped"))
			continue;
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "device",
			      c->device == NO_DEVICE ? NULL : jobview_device(v, c->device));
		json_put_text(o, "check", c->check);
		json_put_text(o, "status", c->status);
		json_put_flag(o, "error", c->error);
		json_put_flag(o, "after", c->after);
		json_put_text(o, "message", c->message);
		json_append(list, o);
	}
	json_put(to, "checks", list);
	json_put_number(to, "check_errors", (int64_t)errors);
	json_put_number(to, "check_warnings", (int64_t)warnings);
}

static void put_warnings(const struct plan *p, cJSON *to)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; p && i < p->warnings.n; i++)
		json_append(list, cJSON_CreateString(p->warnings.v[i]));
	json_put(to, "plan_warnings", list);
}

int rehearsal_job(const struct rehearsal_input *in, cJSON *to, struct err *e)
{
	const struct jobview *v = in->view;
	json_put_text(to, "job", v->job->name);
	json_put_text(to, "version", v->job->version);
	json_put_text(to, "only", v->job->kind);
	if (jobview_kind(v))
		json_put_text(to, "only_title", jobview_kind(v)->title);
	json_put_text(to, "state", job_state_name(v->state));
	json_put_text(to, "reason", v->reason);
	json_put_number(to, "devices", (int64_t)v->tasks.n);
	json_put_number(to, "check_ms", (v->started ? v->started : v->last) - in->start);
	if (v->started)
		json_put_number(to, "took_ms", (v->ended ? v->ended : v->last) - v->started);
	put_stages(in, to);
	json_put_number(to, "waited_ms", jobview_waited_in(v, v->started, v->last));
	put_failures(v, to);
	put_checks(v, to);
	put_warnings(plan_of(in), to);
	return dark_put(v->job->inventory, in->lab_log, to, e);
}

/* --- verdict ---------------------------------------------------------------------------------- */

static int length(const cJSON *o, const char *name)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(o, name));
}

/* Points of no return, where the procedure has somebody asked: no trouble. */
static int asked(const cJSON *r)
{
	int n = 0;
	const cJSON *at;
	cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(r, "holds"))
		n += str_eq(json_text(at, "kind"), "no-return");
	return n;
}

static const char *verdict_of(const cJSON *r)
{
	const char *state = json_text(r, "state");
	bool foreseen = length(r, "plan_warnings") > 0;
	if (length(r, "groups_down") || length(r, "violations") ||
	    (length(r, "isolated") && !foreseen))
		return "unsafe";
	if (str_eq(state, "refused"))
		return "refused";
	if (json_text(r, "stopped"))
		return "held";
	return str_eq(state, "done") && !length(r, "failures") && !length(r, "isolated") &&
		       !json_number(r, "not_touched", 0) && length(r, "holds") == asked(r)
		   ? "good"
		   : "trouble";
}

static void replace_text(cJSON *to, char *text) /* consumed */
{
	cJSON_DeleteItemFromObjectCaseSensitive(to, "verdict_text");
	json_put_text(to, "verdict_text", text);
	free(text);
}

/* Where somebody had to be asked, that is said. */
static void verdict_of_asked(cJSON *to)
{
	int n = asked(to);
	if (n && str_eq(json_text(to, "verdict"), "good"))
		replace_text(to, xasprintf(ngettext("all devices were upgraded, you are asked once, at a "
						    "point of no return, and the simulated network "
						    "never lost a redundancy group or a path",
						    "all devices were upgraded, you are asked at %d "
						    "points of no return, and the simulated network "
						    "never lost a redundancy group or a path",
						    (unsigned long)n),
					   n));
}

/* Nobody was upgraded where only a part of the way was gone. */
static void verdict_of_part(cJSON *to)
{
	const char *part = json_text(to, "only_title");
	if (part && str_eq(json_text(to, "verdict"), "good"))
		replace_text(to, xasprintf(_("on all devices it did only this: %s; nobody had to "
					     "decide anything, and the simulated network never lost "
					     "a redundancy group or a path"),
					   translated(part)));
}

/* What did not come about was not tried. */
static void verdict_of_missed(cJSON *to)
{
	int n = length(to, "faults_missed");
	if (n && str_eq(json_text(to, "verdict"), "good"))
		replace_text(to,
			     xasprintf(ngettext("%s; %d fault that was asked for did not come about",
						"%s; %d faults that were asked for did not come about",
						(unsigned long)n),
				       _(json_text(to, "verdict_text")), n));
}

void rehearsal_verdict(cJSON *to)
{
	static const struct {
		const char *name, *text;
	} words[] = {
	    {"good", N_("all devices were upgraded, nobody had to decide anything, and the "
			"simulated network never lost a redundancy group or a path")},
	    {"trouble", N_("it came to its end, but not everything went well: see failures and "
			   "holds")},
	    {"held", N_("it would wait for you: see holds")},
	    {"refused", N_("the pre-checks refuse it: nothing would be started")},
	    {"unsafe", N_("do not run this plan: the simulated network lost a redundancy group or "
			  "a path")},
	};
	const char *verdict = verdict_of(to);
	json_put_text(to, "verdict", verdict);
	for (size_t i = 0; i < LEN(words); i++)
		if (str_eq(words[i].name, verdict))
			json_put_text(to, "verdict_text", words[i].text);
	verdict_of_asked(to);
	verdict_of_part(to);
	verdict_of_missed(to);
	if (length(to, "would_be_refused")) {
		char *text = xasprintf(_("as things are the real job would be refused, see above; "
					 "played, this came of it: %s"),
				       _(json_text(to, "verdict_text")));
		replace_text(to, text);
	}
}
