/* SPDX-License-Identifier: ISC */
/* Every step of every device: when, how often, what was sent and what came back. Folded. */
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

static const char *word_of_pass(const char *name)
{
	for (int i = 0; pass_names[i]; i++)
		if (str_eq(pass_names[i], name))
			return word_pass((enum pass)i);
	return name;
}

/* The style of a result is that of the state it is like. */
static const char *style_of(const char *result)
{
	return !result                                   ? "running"
	       : str_eq(result, "done")                  ? "done"
	       : str_eq(result, "failed")                ? "failed"
	       : str_eq(result, "skipped")               ? "skipped"
							 : "held";
}

static void put_said(struct page *p, const char *style, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	html_begin(&p->h, "p");
	html_attr(&p->h, "class", style);
	html_put(&p->h, "b", NULL, label);
	html_textf(&p->h, " %s", said(p->v, text));
	html_end(&p->h);
}

static bool has_more(const cJSON *s)
{
	return json_text(s, "command") || json_text(s, "output") || json_text(s, "message");
}

static void put_exchange(struct page *p, const cJSON *s)
{
	const char *command = json_text(s, "command"), *output = json_text(s, "output");
	int64_t status = json_number(s, "exit", -1);
	put_said(p, "failed", _("What happened:"), json_text(s, "message"));
	put_said(p, "cause", _("Likely cause:"), json_text(s, "cause"));
	put_said(p, "action", _("What to do:"), json_text(s, "action"));
	if (command)
		html_putf(&p->h, "pre", "command", "$ %s", command);
	if (output && *output)
		html_put(&p->h, "pre", "output", output);
	if (status >= 0)
		html_putf(&p->h, "p", "note", _("exit status %" PRId64), status);
}

static void put_step(struct page *p, const cJSON *s)
{
	const char *result = json_text(s, "result");
	char span[32], at[32];
	clock_local_time(page_wall(s, "started"), at);
	clock_span(json_number(s, "ms", 0), span);
	html_begin(&p->h, "tr");
	html_put(&p->h, "td", "time", at);
	html_put(&p->h, "td", "number", json_text(s, "ended") ? span : "-");
	html_put(&p->h, "td", NULL, translated(page_text(s, "phase")));
	html_begin(&p->h, "td");
	if (has_more(s)) {
		html_begin(&p->h, "details");
		if (str_eq(result, "failed"))
			html_attr(&p->h, "open", "");
		html_put(&p->h, "summary", NULL, translated(page_text(s, "title")));
		put_exchange(p, s);
		html_end(&p->h);
	} else {
		html_text(&p->h, json_text(s, "title") ? translated(page_text(s, "title"))
						       : page_text(s, "step"));
	}
	html_end(&p->h);
	html_put(&p->h, "td", NULL, word_of_pass(page_text(s, "pass")));
	html_putf(&p->h, "td", "number", "%" PRId64, json_number(s, "attempt", 1));
	html_begin(&p->h, "td");
	page_state(p, style_of(result), mark_result(result), word_result(result));
	html_end(&p->h);
	html_end(&p->h);
}

static void put_facts(struct page *p, const cJSON *facts)
{
	const cJSON *f;
	if (!cJSON_GetArraySize(facts))
		return;
	html_begin(&p->h, "dl");
	html_attr(&p->h, "class", "facts");
	cJSON_ArrayForEach(f, facts)
	{
		html_put(&p->h, "dt", NULL, f->string);
		html_put(&p->h, "dd", NULL, cJSON_GetStringValue(f));
	}
	html_end(&p->h);
}

static void put_device(struct page *p, const cJSON *d)
{
	static const char *const titles[] = {N_("At"),   N_("Time"),  N_("Phase"), N_("Step"),
					     N_("Way"), N_("Try"), N_("Result"), NULL};
	const cJSON *s, *steps = cJSON_GetObjectItemCaseSensitive(d, "steps");
	int state = task_state_find(page_text(d, "state")), n = cJSON_GetArraySize(steps);
	enum task_state known = state < 0 ? TASK_PENDING : (enum task_state)state;
	html_begin(&p->h, "details");
	html_attr(&p->h, "class", "device");
	html_attrf(&p->h, "id", "steps-%s", page_text(d, "device"));
	if (known == TASK_FAILED || known == TASK_HELD)
		html_attr(&p->h, "open", "");
	html_begin(&p->h, "summary");
	html_put(&p->h, "b", NULL, page_text(d, "device"));
	html_text(&p->h, " ");
	page_state(p, page_text(d, "state"), mark_task(known), word_task(known));
	html_textf(&p->h, ngettext(" %d step", " %d steps", (unsigned long)n), n);
	html_end(&p->h);
	put_facts(p, cJSON_GetObjectItemCaseSensitive(d, "facts"));
	if (n) {
		page_table(p, "steps", titles);
		cJSON_ArrayForEach(s, steps) put_step(p, s);
		page_table_end(p);
	}
	html_end(&p->h);
}

void page_steps(struct page *p)
{
	const cJSON *d;
	page_head(p, "steps", _("Steps of every device"));
	html_put(&p->h, "p", "note",
		 _("Unfold a device, then a step, to see what was sent and what came back. What is "
		   "unfolded is printed."));
	cJSON_ArrayForEach(d, page_list(p, "devices")) put_device(p, d);
	html_end(&p->h);
}
