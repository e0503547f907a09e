/* SPDX-License-Identifier: ISC */
/* What came of the job: failures by cause, devices, decisions, what was changed for a time. */
#include "config.h"

#include "run/report_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_empty(struct page *p, const char *text)
{
	html_put(&p->h, "p", "empty", text);
}

static void put_labelled(struct page *p, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	html_put(&p->h, "dt", NULL, label);
	html_put(&p->h, "dd", NULL, text);
}

/* --- failures --------------------------------------------------------------------------------- */

static char *names_of(const cJSON *devices)
{
	struct str out = {0};
	const cJSON *d;
	cJSON_ArrayForEach(d, devices)
	{
		const char *state = json_text(d, "state");
		int known = state ? task_state_find(state) : -1;
		str_printf(&out, "%s%s", out.len ? ", " : "",
			   json_text(d, "device") ? json_text(d, "device") : _("job"));
		if (known >= 0)
			str_printf(&out, " (%s)", word_task((enum task_state)known));
	}
	return str_take(&out);
}

static void put_evidence(struct page *p, const cJSON *evidence)
{
	const char *command = json_text(evidence, "command");
	const char *output = json_text(evidence, "output");
	if (!command && !output)
		return;
	html_begin(&p->h, "details");
	html_attr(&p->h, "open", "");
	html_putf(&p->h, "summary", NULL, _("Evidence from %s"), page_text(evidence, "device"));
	if (command)
		html_putf(&p->h, "pre", "command", "$ %s", command);
	html_put(&p->h, "pre", "output", output && *output ? output : _("nothing came back"));
	html_end(&p->h);
}

static void put_commands(struct page *p, const cJSON *list)
{
	struct str lines = {0};
	const cJSON *command;
	cJSON_ArrayForEach(command, list) str_printf(&lines, "%s%s", lines.len ? "\n" : "",
						     cJSON_GetStringValue(command));
	if (lines.len) {
		html_put(&p->h, "p", "note", _("What was possible when this report was made:"));
		html_put(&p->h, "pre", "command", lines.buf);
	}
	str_release(&lines);
}

static void put_card(struct page *p, const cJSON *card)
{
	const cJSON *devices = cJSON_GetObjectItemCaseSensitive(card, "devices");
	int n = cJSON_GetArraySize(devices);
	char *names = names_of(devices), *label;
	html_begin(&p->h, "div");
	html_attr(&p->h, "class", "card");
	html_putf(&p->h, "h3", NULL, "! %s", page_text(card, "title"));
	html_begin(&p->h, "dl");
	label = xasprintf(ngettext("%d device", "%d devices", (unsigned long)n), n);
	put_labelled(p, label, names);
	put_labelled(p, _("Phase"), translated(json_text(card, "phase")));
	put_labelled(p, _("Likely cause"), said(p->v, json_text(card, "cause")));
	put_labelled(p, _("What to do"), said(p->v, json_text(card, "action")));
	html_end(&p->h);
	put_evidence(p, cJSON_GetObjectItemCaseSensitive(card, "evidence"));
	put_commands(p, cJSON_GetObjectItemCaseSensitive(card, "commands"));
	html_end(&p->h);
	free(label);
	free(names);
}

void page_failures(struct page *p)
{
	const cJSON *card;
	page_head(p, "failures", _("Failures, by cause"));
	cJSON_ArrayForEach(card, page_list(p, "cards")) put_card(p, card);
	if (cJSON_GetArraySize(page_list(p, "cards")) == 0)
		put_empty(p, _("Nothing has failed."));
	html_end(&p->h);
}

/* --- devices ---------------------------------------------------------------------------------- */

static void put_device(struct page *p, const cJSON *d)
{
	const cJSON *facts = cJSON_GetObjectItemCaseSensitive(d, "facts");
	int state = task_state_find(page_text(d, "state"));
	enum task_state known = state < 0 ? TASK_PENDING : (enum task_state)state;
	char span[32];
	clock_span(json_number(d, "ms", 0), span);
	html_begin(&p->h, "tr");
	html_begin(&p->h, "td");
	html_begin(&p->h, "a");
	html_attrf(&p->h, "href", "#steps-%s", page_text(d, "device"));
	html_text(&p->h, page_text(d, "device"));
	html_end(&p->h);
	html_end(&p->h);
	html_put(&p->h, "td", NULL, page_text(d, "role"));
	html_begin(&p->h, "td");
	page_state(p, page_text(d, "state"), mark_task(known), word_task(known));
	html_end(&p->h);
	html_put(&p->h, "td", NULL, page_text(d, "from"));
	html_put(&p->h, "td", NULL, json_text(d, "now") ? json_text(d, "now") : _("not known"));
	html_put(&p->h, "td", NULL, page_text(facts, "model"));
	html_put(&p->h, "td", NULL, page_text(facts, "serial"));
	page_time(p, "td", d, "started");
	html_put(&p->h, "td", "number", json_number(d, "ms", 0) ? span : "-");
	html_putf(&p->h, "td", "number", "%" PRId64, json_number(d, "attempts", 0));
	html_put(&p->h, "td", NULL, known == TASK_DONE ? "" : said(p->v, json_text(d, "why")));
	html_end(&p->h);
}

void page_devices(struct page *p)
{
	static const char *const titles[] = {N_("Device"),  N_("Role"),    N_("Result"), N_("From"),
					     N_("Now"),     N_("Model"),   N_("Serial"), N_("Started"),
					     N_("Time"),    N_("Tries"),   N_("Why"),    NULL};
	const cJSON *d;
	page_head(p, "devices", _("Devices"));
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(d, page_list(p, "devices")) put_device(p, d);
	page_table_end(p);
	html_end(&p->h);
}

/* --- decisions -------------------------------------------------------------------------------- */

/* What was decided, in the words of the command line. */
static char *decision_text(const struct page *p, const cJSON *d)
{
	const char *kind = page_text(d, "kind");
	struct str out = {0};
	if (str_eq(kind, "owner"))
		str_printf(&out, _("process %" PRId64 " on %s %s"), json_number(d, "pid", 0),
			   page_text(d, "host"),
			   json_flag(d, "resumed") ? _("goes on with the job") : _("takes the job"));
	else if (str_eq(kind, "waive"))
		str_printf(&out, _("waived: %s, because: %s"), page_text(d, "check"),
			   page_text(d, "reason"));
	else if (str_eq(kind, "answer"))
		str_printf(&out, _("answer to question %" PRId64 ": %s"), json_number(d, "id", 0),
			   word_answer(page_text(d, "answer")));
	else
		str_printf(&out, "%s %s %s", page_text(d, "verb"), page_text(d, "target"),
			   page_text(d, "text"));
	if (json_text(d, "refused"))
		str_printf(&out, _(" (refused: %s)"), said(p->v, json_text(d, "refused")));
	return str_take(&out);
}

static void put_decision(struct page *p, const cJSON *d)
{
	const char *who = json_text(d, "who");
	char *text = decision_text(p, d);
	html_begin(&p->h, "tr");
	page_time(p, "td", d, "time");
	html_put(&p->h, "td", NULL, who ? word_who(who) : page_text(d, "user"));
	html_put(&p->h, "td", NULL, page_text(d, "login"));
	html_put(&p->h, "td", NULL, page_text(d, "device"));
	html_put(&p->h, "td", NULL, text);
	html_end(&p->h);
	free(text);
}

static void put_question(struct page *p, const cJSON *q)
{
	html_begin(&p->h, "tr");
	page_time(p, "td", q, "asked");
	html_put(&p->h, "td", NULL, page_text(q, "device"));
	html_put(&p->h, "td", NULL, said(p->v, page_text(q, "text")));
	html_put(&p->h, "td", NULL,
		 json_text(q, "answer") ? word_answer(json_text(q, "answer")) : _("open"));
	html_put(&p->h, "td", NULL, word_who(json_text(q, "who")));
	page_time(p, "td", q, "answered");
	html_end(&p->h);
}

static void put_questions(struct page *p)
{
	static const char *const titles[] = {N_("Asked"), N_("Device"), N_("Question"),
					     N_("Answer"), N_("Who"),   N_("Answered"), NULL};
	const cJSON *q;
	if (cJSON_GetArraySize(page_list(p, "questions")) == 0)
		return;
	html_put(&p->h, "h3", NULL, _("Questions"));
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(q, page_list(p, "questions")) put_question(p, q);
	page_table_end(p);
}

static void put_notes(struct page *p)
{
	static const char *const titles[] = {N_("Time"), N_("Device"), N_("Note"), NULL};
	const cJSON *n;
	if (cJSON_GetArraySize(page_list(p, "notes")) == 0)
		return;
	html_put(&p->h, "h3", NULL, _("Notes"));
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(n, page_list(p, "notes"))
	{
		bool warning = str_eq(page_text(n, "level"), "warning");
		html_begin(&p->h, "tr");
		page_time(p, "td", n, "time");
		html_put(&p->h, "td", NULL, page_text(n, "device"));
		html_putf(&p->h, "td", NULL, "%s%s", warning ? "! " : "",
			  said(p->v, page_text(n, "text")));
		html_end(&p->h);
	}
	page_table_end(p);
}

void page_decisions(struct page *p)
{
	static const char *const titles[] = {N_("Time"),   N_("Who"),     N_("Login"),
					     N_("Device"), N_("Decision"), NULL};
	const cJSON *d;
	page_head(p, "decisions", _("Who decided what"));
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(d, page_list(p, "decisions")) put_decision(p, d);
	page_table_end(p);
	put_questions(p);
	put_notes(p);
	html_end(&p->h);
}

/* --- changes for a time ----------------------------------------------------------------------- */

static void put_end(struct page *p, const cJSON *c)
{
	const char *how = json_text(c, "how");
	html_begin(&p->h, "td");
	if (str_eq(how, "reboot"))
		page_state(p, "done", '+', _("gone with the reboot"));
	else if (how)
		page_state(p, "done", '+', _("taken back"));
	else
		page_state(p, "failed", '!', _("STILL CHANGED"));
	html_end(&p->h);
}

static void put_change(struct page *p, const cJSON *c)
{
	html_begin(&p->h, "tr");
	html_put(&p->h, "td", NULL, page_text(c, "device"));
	html_put(&p->h, "td", NULL, translated(page_text(c, "title")));
	page_time(p, "td", c, "opened");
	put_end(p, c);
	page_time(p, "td", c, "closed");
	html_put(&p->h, "td", NULL, translated(page_text(c, "undo")));
	html_end(&p->h);
}

static size_t put_changes_of(struct page *p, bool closed)
{
	static const char *const titles[] = {N_("Device"), N_("Change"), N_("Made"),
					     N_("End"),    N_("Ended"),  N_("Way back"), NULL};
	const cJSON *c;
	size_t n = 0;
	cJSON_ArrayForEach(c, page_list(p, "changes"))
	{
		if ((json_text(c, "closed") != NULL) != closed)
			continue;
		if (n++ == 0)
			page_table(p, NULL, titles);
		put_change(p, c);
	}
	if (n)
		page_table_end(p);
	return n;
}

static size_t closed_changes(const struct page *p)
{
	const cJSON *c;
	size_t n = 0;
	cJSON_ArrayForEach(c, page_list(p, "changes")) n += json_text(c, "closed") != NULL;
	return n;
}

void page_changes(struct page *p)
{
	size_t closed = closed_changes(p);
	page_head(p, "changes", _("Changes for the time of the upgrade"));
	if (put_changes_of(p, false) == 0)
		put_empty(p, closed ? _("All of them were taken back.")
				    : _("Nothing was changed for a time."));
	if (closed) {
		html_begin(&p->h, "details");
		html_putf(&p->h, "summary", NULL, _("Taken back: %zu"), closed);
		(void)put_changes_of(p, true);
		html_end(&p->h);
	}
	html_end(&p->h);
}
