/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/report.h"

#include "run/compare.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/table.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/phrases.h"
#include "model/redact.h"
#include "run/status.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_head(struct str *out, const struct jobview *v)
{
	char started[32], ended[32], span[32];
	clock_local(v->started, started);
	clock_local(v->ended, ended);
	clock_span(v->started ? (v->ended ? v->ended : v->last) - v->started : 0, span);
	utf8_line(out, _("Report of job \"%s\""), v->job->name);
	utf8_line(out, _("Procedure   %s, method %s"), translated(v->procedure->title),
		  v->job->method);
	utf8_line(out, _("Target      %s %s"), v->procedure->software, job_versions(v->job));
	utf8_line(out, _("Operator    %s"), v->job->operator ? v->job->operator : "?");
	utf8_line(out, _("Result      %s%s%s"), word_job(v->state), v->reason ? ": " : "",
		  v->reason ? said(v, v->reason) : "");
	utf8_line(out, _("Time        %s to %s, %s\n"), started, ended, span);
}

static void put_devices(struct str *out, const struct jobview *v)
{
	static const char *const titles[] = {N_("DEVICE"),  N_("RESULT"), N_("FROM"),
					     N_("STARTED"), N_("TIME"),   N_("TRIES"),
					     N_("MESSAGE")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *k = &v->tasks.v[i];
		char started[32], span[32];
		clock_local(k->started, started);
		clock_span(k->ended ? task_view_worked(k, k->ended) : 0, span);
		table_cell(&t, jobview_device(v, k->device));
		table_cell(&t, word_task(k->state));
		table_cell(&t, status_from_version(v, k->device));
		table_cell(&t, started);
		table_cell(&t, k->started && k->ended ? span : NULL);
		table_cellf(&t, "%d", k->tries);
		table_cell(&t, k->state == TASK_DONE ? NULL : said(v, task_view_why(k)));
	}
	table_text(&t, out);
}

static void put_sets(struct str *out, const struct jobview *v)
{
	if (v->sets.n)
		utf8_line(out, _("\nParameters that were changed for later tries"));
	for (size_t i = 0; i < v->sets.n; i++) {
		char *words = word_set(v, &v->sets.v[i]);
		utf8_line(out, "  %s", words);
		free(words);
	}
}

static void put_steps(struct str *out, const struct jobview *v)
{
	static const char *const titles[] = {N_("STEP"),   N_("PHASE"), N_("WAY"),
					     N_("RESULT"), N_("AT"),    N_("TIME")};
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *k = &v->tasks.v[i];
		struct table t;
		if (!k->steps.n)
			continue;
		utf8_line(out, _("\nSteps of %s"), jobview_device(v, k->device));
		table_head(&t, LEN(titles), titles);
		for (size_t n = 0; n < k->steps.n; n++) {
			const struct step_view *s = &k->steps.v[n];
			char at[32], span[32];
			clock_local_time(s->started, at);
			clock_span(s->ended ? s->ended - s->started : 0, span);
			table_cell(&t, s->step);
			table_cell(&t, translated(s->phase));
			table_cell(&t, word_pass(s->pass));
			table_cell(&t, s->result ? word_result(s->result) : NULL);
			table_cell(&t, at);
			table_cell(&t, span);
		}
		table_text(&t, out);
	}
}

static const char *text(const cJSON *o, const char *key)
{
	const char *found = json_text(o, key);
	return found ? found : "";
}

static void put_differences(struct str *out, const struct jobview *v)
{
	struct comparison c;
	compare_job(v, NULL, &c);
	utf8_line(out, _("\nSnapshots: before against after"));
	if (c.n)
		compare_text(&c, NULL, false, out);
	else
		utf8_line(out, _("There are none."));
	comparison_release(&c);
}

static const char *kind_word(const cJSON *d)
{
	static const char *const words[] = {N_("owner"), N_("command"), N_("answer"), N_("waive")};
	for (size_t i = 0; i < LEN(words); i++)
		if (str_eq(words[i], text(d, "kind")))
			return _(words[i]);
	return text(d, "kind");
}

/* The process that had the job: nobody's decision by name, but where it was taken. */
static void put_owner(struct str *out, const cJSON *d)
{
	const char *kind = kind_word(d);
	utf8_line(out, _("  %s  %-*s %s on %s, process %" PRId64 ", %s"), text(d, "time"),
		  utf8_field(kind, 8), kind, text(d, "user"), text(d, "host"),
		  json_number(d, "pid", 0),
		  json_flag(d, "resumed") ? _("goes on with the job") : _("takes the job"));
}

static void put_decision(struct str *out, const struct jobview *v, const cJSON *d)
{
	const char *kind = kind_word(d), *refused = json_text(d, "refused");
	char *why = refused ? xasprintf(_(" (refused: %s)"), said(v, refused)) : NULL;
	utf8_line(out, "  %s  %-*s %s %s%s%s %s%s%s", text(d, "time"), utf8_field(kind, 8), kind,
		  word_who(text(d, "who")), text(d, "verb"), text(d, "check"),
		  word_answer(text(d, "answer")),
		  text(d, "target"), text(d, "reason"), why ? why : "");
	free(why);
}

static void put_decisions(struct str *out, const struct jobview *v, const cJSON *report)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(report, "decisions"), *d;
	utf8_line(out, _("\nWho decided what"));
	cJSON_ArrayForEach(d, list)
	{
		if (str_eq(text(d, "kind"), "owner"))
			put_owner(out, d);
		else
			put_decision(out, v, d);
	}
}

/* What the job wanted to be known, and what went another way than it should. */
static void put_notes(struct str *out, const struct jobview *v)
{
	if (v->notes.n)
		utf8_line(out, "\n%s", _("Notes"));
	for (size_t i = 0; i < v->notes.n; i++) {
		const struct note_view *n = &v->notes.v[i];
		char time[32];
		clock_iso(n->wall, time);
		utf8_line(out, "  %s  %s%s", time, n->warning ? "! " : "", said(v, n->text));
	}
}

/* Messages may repeat what a device said. Line by line: there is nothing longer in this report. */
static char *without_secrets(const char *text, struct err *e)
{
	struct redactor *r = redactor_new(e);
	struct str out = {0};
	for (size_t n; r && *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		char *line = xstrndup(text, n), *clean = redact(r, line, NULL);
		str_printf(&out, "%s\n", clean);
		free(line);
		free(clean);
	}
	bool done = r != NULL;
	redactor_free(r);
	return done ? str_take(&out) : NULL;
}

char *report_text(struct store *s, const struct jobview *v, const char *id, struct err *e)
{
	struct str out = {0};
	cJSON *report = report_json(s, v, id, e);
	if (!report)
		return NULL;
	put_head(&out, v);
	put_devices(&out, v);
	put_sets(&out, v);
	utf8_line(&out, _("\nChecks"));
	status_checks_text(v, false, &out);
	status_hitless_text(v, &out);
	put_differences(&out, v);
	put_decisions(&out, v, report);
	put_notes(&out, v);
	put_steps(&out, v);
	cJSON_Delete(report);
	char *text = without_secrets(str_text(&out), e);
	str_release(&out);
	return text;
}
