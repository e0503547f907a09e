/* SPDX-License-Identifier: ISC */
/* The report as one HTML document: no script, no other file, no network. What is long is folded in
 * <details>; every state is a word and a symbol, the colour only repeats it. */
#include "config.h"

#include "run/report_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/aftermath.h"
#include "run/status.h"
#include "run/words.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- what all parts need ---------------------------------------------------------------------- */

const cJSON *page_list(const struct page *p, const char *member)
{
	return cJSON_GetObjectItemCaseSensitive(p->report, member);
}

const char *page_text(const cJSON *o, const char *member)
{
	const char *text = json_text(o, member);
	return text ? text : "";
}

int64_t page_wall(const cJSON *o, const char *member)
{
	const char *text = json_text(o, member);
	struct tm tm = {0};
	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

void page_time(struct page *p, const char *tag, const cJSON *o, const char *member)
{
	char local[32];
	clock_local(page_wall(o, member), local);
	html_put(&p->h, tag, "time", local);
}

void page_head(struct page *p, const char *id, const char *title)
{
	html_begin(&p->h, "section");
	html_attr(&p->h, "id", id);
	html_put(&p->h, "h2", NULL, title);
}

void page_state(struct page *p, const char *state, char mark, const char *word)
{
	char *style = xasprintf("state %s", state);
	for (char *c = style + strlen("state "); *c; c++)
		if (*c == ' ')
			*c = '-';
	html_putf(&p->h, "span", style, "%c %s", mark, word);
	free(style);
}

void page_table(struct page *p, const char *style, const char *const *titles)
{
	html_begin(&p->h, "div");
	html_attr(&p->h, "class", "table");
	html_begin(&p->h, "table");
	html_attr(&p->h, "class", style);
	html_begin(&p->h, "tr");
	for (size_t i = 0; titles[i]; i++) {
		html_begin(&p->h, "th");
		html_attr(&p->h, "scope", "col");
		html_text(&p->h, _(titles[i]));
		html_end(&p->h);
	}
	html_end(&p->h);
}

void page_table_end(struct page *p)
{
	html_end(&p->h);
	html_end(&p->h);
}

/* --- head of the document --------------------------------------------------------------------- */

/* The language that the words are in, as HTML wants it. */
static void put_language(struct page *p)
{
	const char *name = setlocale(LC_MESSAGES, NULL);
	char code[3] = "en";
	if (name && strlen(name) >= 2 && strcmp(_("done"), "done") != 0)
		snprintf(code, sizeof(code), "%.2s", name);
	html_attr(&p->h, "lang", code);
}

static void put_meta(struct page *p, const char *name, const char *content)
{
	html_begin(&p->h, "meta");
	html_attr(&p->h, "name", name);
	html_attr(&p->h, "content", content);
	html_end(&p->h);
}

static void begin_document(struct page *p)
{
	html_own(&p->h, "<!DOCTYPE html>\n");
	html_begin(&p->h, "html");
	put_language(p);
	html_begin(&p->h, "head");
	html_begin(&p->h, "meta");
	html_attr(&p->h, "charset", "utf-8");
	html_end(&p->h);
	html_begin(&p->h, "meta"); /* nothing may be loaded or run, whatever is in the text */
	html_attr(&p->h, "http-equiv", "Content-Security-Policy");
	html_attr(&p->h, "content", "default-src 'none'; style-src 'unsafe-inline'");
	html_end(&p->h);
	put_meta(p, "viewport", "width=device-width, initial-scale=1");
	put_meta(p, "color-scheme", "light dark");
	put_meta(p, "generator", "hitless " PACKAGE_VERSION);
	html_putf(&p->h, "title", NULL, _("Report of job \"%s\""), p->v->job->name);
	html_begin(&p->h, "style");
	html_own(&p->h, page_style);
	html_end(&p->h);
	html_end(&p->h);
	html_begin(&p->h, "body");
	html_begin(&p->h, "main");
}

/* --- summary ---------------------------------------------------------------------------------- */

static void put_pair(struct page *p, const char *name, const char *value)
{
	html_put(&p->h, "dt", NULL, name);
	html_put(&p->h, "dd", NULL, value && *value ? value : "-");
}

static void put_count(struct page *p, const char *style, size_t n, const char *word)
{
	html_begin(&p->h, "li");
	html_attr(&p->h, "class", n ? style : "none");
	html_putf(&p->h, "b", NULL, "%zu", n);
	html_textf(&p->h, " %s", word);
	html_end(&p->h);
}

static size_t waivers(const struct jobview *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->checks.n; i++)
		n += v->checks.v[i].waived_by != NULL;
	return n;
}

static size_t left_changed(const struct jobview *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		n += v->tasks.v[i].open.n;
	return n;
}

static void put_counts(struct page *p)
{
	size_t n[TASK_STATE_COUNT], other;
	struct aftermath after = aftermath_of(p->v, NO_DEVICE);
	jobview_counts(p->v, n);
	html_begin(&p->h, "ul");
	html_attr(&p->h, "class", "counts");
	put_count(p, "done", n[TASK_DONE], word_task(TASK_DONE));
	put_count(p, "failed", n[TASK_FAILED], word_task(TASK_FAILED));
	put_count(p, "rolled-back", n[TASK_ROLLED_BACK], word_task(TASK_ROLLED_BACK));
	put_count(p, "skipped", n[TASK_SKIPPED] + n[TASK_CANCELLED], word_task(TASK_SKIPPED));
	other = p->v->tasks.n - n[TASK_DONE] - n[TASK_FAILED] - n[TASK_ROLLED_BACK] -
		n[TASK_SKIPPED] - n[TASK_CANCELLED];
	if (other)
		put_count(p, "running", other, _("not over"));
	put_count(p, "held", after.checks, _("warnings afterwards"));
	put_count(p, "held", after.differences, _("differences"));
	put_count(p, "held", waivers(p->v), _("waived checks"));
	put_count(p, "failed", left_changed(p->v), _("left changed"));
	html_end(&p->h);
}

static void put_title(struct page *p)
{
	const struct jobview *v = p->v;
	html_begin(&p->h, "header");
	html_put(&p->h, "p", "kind", _("Upgrade report"));
	html_put(&p->h, "h1", NULL, v->job->name);
	html_begin(&p->h, "p");
	page_state(p, job_state_name(v->state), mark_job(v->state), word_job(v->state));
	html_textf(&p->h, " %s",
		   v->reason && *v->reason ? said(v, v->reason) : "");
	html_end(&p->h);
	html_end(&p->h);
}

static void put_summary(struct page *p)
{
	const struct jobview *v = p->v;
	char created[32], started[32], ended[32], span[32];
	char *target = xasprintf("%s %s", v->procedure->software, job_versions(v->job));
	char *method = xasprintf("%s, %s", translated(v->procedure->title), v->job->method);
	char *hitless = status_hitless_words(v);
	clock_local(v->created, created);
	clock_local(v->started, started);
	clock_local(v->ended, ended);
	clock_span(v->started ? (v->ended ? v->ended : v->last) - v->started : 0, span);
	page_head(p, "summary", _("Summary"));
	put_counts(p);
	html_begin(&p->h, "dl");
	put_pair(p, _("Target"), target);
	put_pair(p, _("Procedure"), method);
	if (hitless)
		put_pair(p, _("Traffic"), hitless);
	put_pair(p, _("Operator"), v->job->operator);
	put_pair(p, _("Created"), created);
	put_pair(p, _("Started"), started);
	put_pair(p, _("Ended"), v->ended ? ended : _("not over"));
	put_pair(p, _("Duration"), v->started ? span : "-");
	put_pair(p, _("Plan"), v->plan ? v->plan->fingerprint : NULL);
	html_end(&p->h);
	html_end(&p->h);
	free(target);
	free(method);
	free(hitless);
}

/* --- contents --------------------------------------------------------------------------------- */

static const struct {
	const char *id, *title;
} contents[] = {
    {"summary", N_("Summary")},     {"failures", N_("Failures")},
    {"timeline", N_("Timeline")},   {"devices", N_("Devices")},
    {"decisions", N_("Decisions")}, {"checks", N_("Checks")},
    {"changes", N_("Changes")},     {"snapshots", N_("Snapshots")},
    {"plan", N_("Plan")},           {"steps", N_("Steps")},
    {"request", N_("Request")},     {"journal", N_("Journal")},
};

static void put_contents(struct page *p)
{
	html_begin(&p->h, "nav");
	for (size_t i = 0; i < LEN(contents); i++) {
		html_begin(&p->h, "a");
		html_attrf(&p->h, "href", "#%s", contents[i].id);
		html_text(&p->h, _(contents[i].title));
		html_end(&p->h);
		html_text(&p->h, " ");
	}
	html_end(&p->h);
}

/* --- journal ---------------------------------------------------------------------------------- */

static void put_journal(struct page *p)
{
	const cJSON *j = page_list(p, "journal");
	page_head(p, "journal", _("Journal"));
	html_putf(&p->h, "p", NULL,
		  _("This report was made from %" PRId64 " records of the journal. Each record "
		    "carries the SHA-256 of the one before; the chain is complete. The hash of "
		    "the last one stands for all of them:"),
		  json_number(j, "records", 0));
	html_put(&p->h, "p", "hash", page_text(j, "head"));
	html_putf(&p->h, "p", "note",
		  _("'hitless verify JOB --head HASH' proves that the journal still holds what is "
		    "told here. Texts that looked like a secret and were taken out: %" PRId64 "."),
		  json_number(p->report, "redacted", 0));
	html_putf(&p->h, "p", "note", "%s  hitless %s", page_text(p->report, "id"),
		  PACKAGE_VERSION);
	html_end(&p->h);
}

/* --- all -------------------------------------------------------------------------------------- */

char *report_html(struct store *s, const struct jobview *v, const char *id, struct err *e)
{
	cJSON *report = report_json(s, v, id, e);
	struct page p = {.v = v, .report = report};
	if (!report)
		return NULL;
	begin_document(&p);
	put_title(&p);
	put_contents(&p);
	put_summary(&p);
	page_failures(&p);
	page_timeline(&p);
	page_devices(&p);
	page_decisions(&p);
	page_checks(&p);
	page_changes(&p);
	page_snapshots(&p);
	page_plan(&p);
	page_steps(&p);
	page_request(&p);
	put_journal(&p);
	char *text = html_take(&p.h);
	cJSON_Delete(report);
	return text;
}
