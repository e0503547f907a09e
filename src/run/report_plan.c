/* SPDX-License-Identifier: ISC */
/* The plan with its proof, and what was asked for. */
#include "config.h"

#include "run/report_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "model/json.h"
#include "run/words.h"
#include "plan/planner.h"

#include <inttypes.h>
#include <stdlib.h>

/* --- plan ------------------------------------------------------------------------------------- */

static void put_names(struct page *p, const cJSON *names)
{
	const cJSON *n;
	bool first = true;
	cJSON_ArrayForEach(n, names)
	{
		html_textf(&p->h, "%s%s", first ? "" : ", ", cJSON_GetStringValue(n));
		first = false;
	}
}

static void put_proof(struct page *p, const cJSON *proof)
{
	const cJSON *line;
	html_begin(&p->h, "ul");
	html_attr(&p->h, "class", "proof");
	cJSON_ArrayForEach(line, proof)
	{
		bool holds = json_flag(line, "holds");
		html_begin(&p->h, "li");
		page_state(p, holds ? "done" : "failed", holds ? '+' : '!',
			   holds ? _("holds") : _("DOES NOT HOLD"));
		html_textf(&p->h, " %s%s%s", page_text(line, "claim"),
			   json_text(line, "detail") ? ": " : "", page_text(line, "detail"));
		html_end(&p->h);
	}
	html_end(&p->h);
}

static void put_batch(struct page *p, const cJSON *b, int number)
{
	char span[32];
	clock_span(json_number(b, "estimate_ms", 0), span);
	html_begin(&p->h, "tr");
	html_putf(&p->h, "td", "number", "%d", number);
	html_begin(&p->h, "td");
	put_names(p, cJSON_GetObjectItemCaseSensitive(b, "devices"));
	html_end(&p->h);
	html_put(&p->h, "td", "number", span);
	html_begin(&p->h, "td");
	put_proof(p, cJSON_GetObjectItemCaseSensitive(b, "proof"));
	html_end(&p->h);
	html_end(&p->h);
}

static int put_stage(struct page *p, const cJSON *s, int number)
{
	static const char *const titles[] = {N_("Batch"), N_("Devices"), N_("Estimate"), N_("Proof"),
					     NULL};
	const cJSON *b;
	html_putf(&p->h, "h3", NULL, _("Stage %s"), page_text(s, "name"));
	if (json_text(s, "no_return"))
		html_putf(&p->h, "p", NULL, _("Point of no return: %s"),
			  translated(json_text(s, "no_return")));
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(b, cJSON_GetObjectItemCaseSensitive(s, "batches"))
	    put_batch(p, b, ++number);
	page_table_end(p);
	return number;
}

static void put_figure(struct page *p, const struct plan_figure *f)
{
	char p50[32], p95[32], *source = plan_figure_source(f);
	clock_span(f->p50_ms, p50);
	clock_span(f->p95_ms, p95);
	html_begin(&p->h, "tr");
	html_put(&p->h, "td", NULL, f->model ? f->model : "-");
	html_put(&p->h, "td", NULL, f->step);
	html_put(&p->h, "td", "number", p50);
	html_put(&p->h, "td", "number", p95);
	html_put(&p->h, "td", NULL, source);
	html_end(&p->h);
	free(source);
}

/* What the estimates were made of, and when the copies were to be done. */
static void put_figures(struct page *p, const struct plan *plan)
{
	static const char *const titles[] = {N_("Model"), N_("Step"),   "p50",
					     "p95",       N_("Source"), NULL};
	char *copies = plan_copies_text(plan);
	if (copies)
		html_put(&p->h, "p", NULL, copies);
	free(copies);
	if (!plan->figures.n)
		return;
	html_begin(&p->h, "details");
	html_put(&p->h, "summary", NULL, _("What the estimates were made of"));
	page_table(p, NULL, titles);
	for (size_t i = 0; i < plan->figures.n; i++)
		put_figure(p, &plan->figures.v[i]);
	page_table_end(p);
	html_end(&p->h);
}

void page_plan(struct page *p)
{
	const cJSON *plan = page_list(p, "plan"), *x;
	int number = 0;
	char span[32];
	page_head(p, "plan", _("Plan and proof"));
	clock_span(json_number(plan, "estimate_ms", 0), span);
	if (plan)
		html_putf(&p->h, "p", NULL, _("Plan %s: about %s (%s)."),
			  page_text(plan, "fingerprint"), span, page_text(plan, "estimate_from"));
	else
		html_put(&p->h, "p", "empty", _("No plan was made: the job never got so far."));
	if (p->v->plan)
		put_figures(p, p->v->plan);
	cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(plan, "warnings"))
	    html_putf(&p->h, "p", "cause", "! %s", cJSON_GetStringValue(x));
	cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(plan, "stages"))
	    number = put_stage(p, x, number);
	html_end(&p->h);
}

/* --- request ---------------------------------------------------------------------------------- */

static void put_pair(struct page *p, const char *name, const cJSON *value)
{
	const cJSON *item;
	struct str list = {0};
	char *text = NULL;
	if (cJSON_IsArray(value))
		cJSON_ArrayForEach(item, value)
		{
			char *one = json_leaf(item);
			str_printf(&list, "%s%s", list.len ? ", " : "", one);
			free(one);
		}
	else
		text = json_leaf(value);
	html_begin(&p->h, "tr");
	html_put(&p->h, "td", NULL, name);
	html_put(&p->h, "td", NULL, text ? text : str_text(&list));
	html_end(&p->h);
	str_release(&list);
	free(text);
}

/* Members as they are called on the command line and in JSON: they are not translated. */
static void put_members(struct page *p, const char *before, const cJSON *o)
{
	const cJSON *m;
	cJSON_ArrayForEach(m, o)
	{
		char *name = xasprintf("%s%s", before, m->string ? m->string : "");
		if (cJSON_IsObject(m)) {
			char *deeper = xasprintf("%s.", name);
			put_members(p, deeper, m);
			free(deeper);
		} else {
			put_pair(p, name, m);
		}
		free(name);
	}
}

void page_request(struct page *p)
{
	static const char *const titles[] = {N_("Option"), N_("Value"), NULL};
	page_head(p, "request", _("What was asked for"));
	if (p->v->sets.n)
		html_put(&p->h, "p", NULL, _("Parameters that were changed for later tries"));
	for (size_t i = 0; i < p->v->sets.n; i++) {
		char *words = word_set(p->v, &p->v->sets.v[i]);
		html_put(&p->h, "p", "note", words);
		free(words);
	}
	html_begin(&p->h, "details");
	html_put(&p->h, "summary", NULL, _("All options and parameters"));
	page_table(p, "request", titles);
	put_members(p, "", page_list(p, "request"));
	page_table_end(p);
	html_end(&p->h);
	html_end(&p->h);
}
