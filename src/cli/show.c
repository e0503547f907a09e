/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/home.h"
#include "cli/runner.h"

#include "base/utf8.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/forecast.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>

/* --- the job ---------------------------------------------------------------------------------- */

/* Where it is, or was last. */
static const char *stage_of(const struct jobview *v, const struct task_view *t)
{
	size_t stage = jobview_stage(v, t);
	return stage != SIZE_MAX ? v->plan->stages.v[stage].name : NULL;
}

static void put_tasks(struct cli *c, const struct jobview *v, const char *id)
{
	static const char *const titles[] = {N_("DEVICE"), N_("STAGE"),   N_("STATE"), N_("PHASE"),
					     N_("STEP"),   N_("TIME/LIMIT"), N_("REASON")};
	struct table t;
	bool runs;
	int64_t now = status_now(c->store, v, id, &runs);
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *k = &v->tasks.v[i];
		bool failed = k->message && !k->between && k->state != TASK_DONE;
		struct str time = {0};
		if (runs || !task_state_active(k->state)) /* else nothing goes on */
			word_task_time(k, now, &time);
		table_cell(&t, jobview_device(v, k->device));
		table_cell(&t, stage_of(v, k));
		table_cell(&t, word_task(k->state));
		table_cell(&t, translated(k->phase));
		table_cell(&t, k->step);
		table_cell(&t, time.len ? time.buf : NULL);
		str_release(&time);
		char *silent = runs ? word_silent(v, k, now) : NULL;
		table_cell(&t, silent ? silent : said(v, failed ? task_view_why(k) : k->reason));
		free(silent);
	}
	table_print(&t, stdout);
}

/* Values that were given for later tries, after `from` until `to`, wall ms. */
static void put_sets(struct cli *c, const struct jobview *v, int64_t from, int64_t to)
{
	for (size_t i = 0; i < v->sets.n; i++) {
		const struct set_view *s = &v->sets.v[i];
		char *words = s->wall > from && s->wall <= to ? word_set(v, s) : NULL;
		if (words)
			tell(c, _("Set:     %s"), words);
		free(words);
	}
}

static void put_head(struct cli *c, const struct jobview *v, const char *id)
{
	char *holder = store_job_holder(c->store, id), *reason = status_reason(v);
	char created[32];
	clock_local(v->created, created);
	tell(c, _("Job \"%s\" (%s): %s%s%s"), v->job->name, id, word_job(v->state),
	     *reason ? ": " : "", reason);
	tell(c, _("%s %s by method \"%s\", made by %s at %s"), v->procedure->software,
	     job_versions(v->job), v->job->method, v->job->operator ? v->job->operator : "?", created);
	if (v->job->kind)
		tell(c, _("Only:    %s%s%s"), v->job->kind,
		     v->job->before ? _(", after the job ") : "",
		     v->job->before ? v->job->before->name : "");
	if (v->words)
		tell(c, _("Plan:    %s"), v->words);
	if (v->confirmed)
		tell(c, _("Confirmed by %s: %s"), v->confirmed_by, v->confirmed);
	else if (v->job->second_person)
		tell(c, _("A second person has to confirm the plan: hitless confirm '%s' WORDS"),
		     v->job->name);
	put_sets(c, v, 0, INT64_MAX);
	tell(c, _("Process: %s\n"), holder ? said(v, holder) : C_("a process", "none"));
	free(holder);
	free(reason);
}

static void put_forecast(struct cli *c, const struct jobview *v, const char *id)
{
	struct forecast_times f;
	bool runs;
	int64_t now = status_now(c->store, v, id, &runs);
	if (!forecast_times(v, now, runs, &f))
		return;
	char *copies = forecast_copies_text(&f), *end = forecast_end_text(&f);
	if (copies)
		tell(c, _("\nCopies: %zu of %zu done, %zu under way; %s"), f.copied, f.copies,
		     f.copying, copies);
	tell(c, "%s", end);
	free(copies);
	free(end);
}

static cJSON *questions_json(const struct jobview *v)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct question_view *q = &v->questions.v[i];
		cJSON *o = cJSON_CreateObject();
		json_put_number(o, "id", q->id);
		json_put_text(o, "device",
			      q->device == NO_DEVICE ? NULL : jobview_device(v, q->device));
		json_put_text(o, "kind", q->kind);
		json_put_text(o, "text", q->text);
		json_put_text(o, "choices", q->choices);
		json_put_text(o, "answer", q->answer);
		json_put_text(o, "who", q->who);
		json_append(list, o);
	}
	return list;
}

/* How long the steps under way have taken, and may take. */
static void put_step_times(cJSON *job, const struct jobview *v, int64_t now)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(job, "devices");
	cJSON *o = list ? list->child : NULL;
	for (size_t i = 0; o && i < v->tasks.n; i++, o = o->next) {
		const struct task_view *t = &v->tasks.v[i];
		if (!task_state_active(t->state) || !t->intent_wall || t->waits)
			continue;
		json_put_text(o, "step", t->step);
		json_put_number(o, "step_ms", now - t->intent_wall);
		json_put_number(o, "step_limit_ms", t->limit_ms);
		if (jobview_silent(v, t, now))
			json_put_number(o, "silent_ms", jobview_silent(v, t, now));
	}
}

static void show_job(struct cli *c, const struct jobview *v, const char *id)
{
	if (c->json) {
		bool runs;
		int64_t now = status_now(c->store, v, id, &runs);
		cJSON *o = summary_json(v, id, "job");
		if (runs)
			put_step_times(o, v, now);
		json_put(o, "questions", questions_json(v));
		json_put(o, "checks", checks_json(v));
		json_put_text(o, "kind", v->job->kind ? v->job->kind : KIND_FULL);
		json_put_text(o, "after_job", v->job->before ? v->job->before->name : NULL);
		json_put_text(o, "words", v->words);
		json_put_flag(o, "second_person", v->job->second_person);
		json_put_text(o, "confirmed_by", v->confirmed_by);
		if (v->plan)
			json_put(o, "plan", plan_to_json(v->plan, v->job->inventory));
		json_put_flag(o, "running", runs);
		cJSON *forecast = forecast_json(v, now, runs);
		if (forecast)
			json_put(o, "forecast", forecast);
		put_json(o, false);
		return;
	}
	put_head(c, v, id);
	put_tasks(c, v, id);
	put_forecast(c, v, id);
	putchar('\n');
	put_checks(c, v, false);
	put_summary(c, v, id);
}

/* --- one device ------------------------------------------------------------------------------- */

static void put_step(struct cli *c, const struct jobview *v, const struct step_view *s, bool raw)
{
	char time[32], span[32];
	clock_local_time(s->started, time);
	clock_span(s->ended ? s->ended - s->started : 0, span);
	const char *pass = word_pass(s->pass), *phase = translated(s->phase);
	tell(c, "%s  %-*s  %-*s  %-24s %s%s", time, utf8_field(pass, 8), pass,
	     utf8_field(phase, 10), phase, s->step ? s->step : "",
	     s->result ? word_result(s->result) : _("under way"),
	     s->attempt > 1 ? _(" (again)") : "");
	if (s->title)
		tell(c, "          %s, %s", translated(s->title), span);
	if (s->command)
		put_text(stdout, "          $ ", s->command);
	if (s->exit >= 0)
		tell(c, _("          exit status %d"), s->exit);
	if (raw && s->output)
		put_text(stdout, "          | ", s->output);
	if (s->message)
		tell(c, "          %s", said(v, s->message));
	if (s->cause)
		tell(c, _("          cause: %s"), said(v, s->cause));
	if (s->advice)
		tell(c, "          -> %s", said(v, s->advice));
}

static void show_steps(struct cli *c, const struct jobview *v, const struct task_view *t)
{
	if (c->json) {
		cJSON *o = json_object_new("device");
		json_put_text(o, "job", v->job->name);
		json_put_text(o, "device", jobview_device(v, t->device));
		json_put_text(o, "state", task_state_name(t->state));
		json_put(o, "facts", values_to_json(&t->facts));
		sets_put(o, v);
		json_put(o, "steps", steps_json(t));
		put_json(o, false);
		return;
	}
	tell(c, "%s: %s%s%s\n", jobview_device(v, t->device), word_task(t->state),
	     t->reason ? ": " : "", t->reason ? said(v, t->reason) : "");
	for (size_t i = 0; i < t->facts.n; i++)
		tell(c, "%-*s %s", utf8_field(t->facts.v[i].name, 20), t->facts.v[i].name,
		     t->facts.v[i].text);
	for (size_t i = 0; i < t->open.n; i++)
		tell(c, _("still changed on the device: %s"), t->open.v[i].step);
	int64_t last = 0;
	for (size_t i = 0; i < t->steps.n; last = t->steps.v[i++].started) {
		put_sets(c, v, last, t->steps.v[i].started); /* where they came into force */
		put_step(c, v, &t->steps.v[i], true);
	}
	put_sets(c, v, last, INT64_MAX);
}

static int show_device(struct cli *c, struct jobview *v, const char *device)
{
	size_t d = inventory_find(v->job->inventory, device);
	const struct task_view *t = d == NO_DEVICE ? NULL : jobview_task(v, d);
	if (!t)
		return cli_bad(c, "%s is not a device of this job", device);
	show_steps(c, v, t);
	return EXIT_DONE;
}

static int show(struct cli *c)
{
	const char *device = cli_option(c, "--device");
	char *id = cli_job(c, c->args[0]);
	struct jobview *v = id ? cli_view(c, id) : NULL;
	int rc = EXIT_DONE;
	if (!v)
		rc = cli_fail(c);
	else if (device)
		rc = show_device(c, v, device);
	else
		show_job(c, v, id);
	jobview_free(v);
	free(id);
	return rc;
}

static int attach_lines(struct cli *c)
{
	char *id = cli_job(c, c->args[0]);
	struct watcher *w = id ? watcher_new(c, id) : NULL;
	int rc;
	if (!w || watcher_catch_up(w) != 0) {
		rc = cli_fail(c);
	} else {
		w->look_only = true;
		if (!c->json && watcher_view(w)->job)
			put_head(c, watcher_view(w), id), put_tasks(c, watcher_view(w), id), putchar('\n');
		rc = watcher_until(w, WATCH_ENDED);
		if (rc == 0) {
			put_summary(c, watcher_view(w), id);
			rc = end_status(c, watcher_view(w), id);
		}
	}
	watcher_free(w);
	free(id);
	return rc;
}

/* Whoever wants every step, or lines to copy, gets lines. */
static int attach(struct cli *c)
{
	bool lines = cli_flag(c, "--text") || cli_flag(c, "--verbose") || !can_show_screens(c);
	return lines ? attach_lines(c) : c->screens(c, c->args[0], false);
}

static const struct option show_options[] = {
    {"--device", "DEVICE", N_("its facts and steps: times, commands, raw output, cause, action"),
     false},
    {0},
};
static const struct option attach_options[] = {
    {"--text", NULL, N_("lines of text, no screens"), false},
    {"--verbose", NULL, N_("show every step (as text)"), false},
    {0},
};

const struct verb verbs_show[] = {
    {"show", "JOB", N_("show how a job stands: devices, checks, questions, failures"), show_options,
     1, 1, .run = show},
    {"attach", "JOB", N_("follow a job that runs, from any login"), attach_options, 1, 1,
     .run = attach},
    {0},
};
