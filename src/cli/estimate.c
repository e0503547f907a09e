/* SPDX-License-Identifier: ISC */
/* What earlier upgrades taught about how long things take, to see and to forget. */
#include "config.h"

#include "cli/cli.h"

#include "base/clock.h"
#include "model/json.h"
#include "plan/planner.h"
#include "run/procedures.h"
#include "run/words.h"

#include <stdlib.h>

static bool wanted(const char *option, const char *value)
{
	return !option || str_eq(option, value);
}

static bool is_wanted(struct cli *c, const struct duration *d)
{
	return wanted(cli_option(c, "--platform"), d->platform) &&
	       wanted(cli_option(c, "--model"), d->model) &&
	       wanted(cli_option(c, "--step"), d->step);
}

/* A copy is told as a rate: its time depends on the size of the image. */
static void put_figure(struct table *t, const struct duration *d, int64_t ms)
{
	char text[32];
	if (d->copy)
		word_rate(ms > 0 ? DURATION_BYTES * 1000 / ms : 0, text);
	else
		clock_span(ms, text);
	table_cell(t, text);
}

static void put_row(struct table *t, const struct duration *d)
{
	struct plan_figure f = {.samples = (int64_t)d->samples, .source = PLAN_MODEL};
	char last[32], *source = plan_figure_source(&f);
	clock_local(d->last, last);
	table_cell(t, d->platform);
	table_cell(t, d->model);
	table_cell(t, d->step);
	put_figure(t, d, d->p50);
	put_figure(t, d, d->p95);
	table_cell(t, source);
	table_cellf(t, "%.16s", last);
	free(source);
}

static cJSON *row_json(const struct duration *d)
{
	char last[32];
	cJSON *o = cJSON_CreateObject();
	clock_iso(d->last, last);
	json_put_text(o, "platform", d->platform);
	json_put_text(o, "model", d->model);
	json_put_text(o, "step", d->step);
	json_put_number(o, "p50_ms", d->p50);
	json_put_number(o, "p95_ms", d->p95);
	if (d->copy)
		json_put_number(o, "for_bytes", DURATION_BYTES);
	json_put_number(o, "samples", (int64_t)d->samples);
	json_put_text(o, "source", plan_source_names[PLAN_MODEL]);
	json_put_text(o, "last", d->last ? last : NULL);
	return o;
}

static void put_all(struct cli *c, const struct durations *list)
{
	static const char *const titles[] = {N_("PLATFORM"), N_("MODEL"),  N_("STEP"), N_("P50"),
					     N_("P95"),	     N_("SOURCE"), N_("LAST")};
	struct table t;
	size_t n = 0;
	cJSON *rows = cJSON_CreateArray();
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < list->n; i++) {
		if (!is_wanted(c, &list->v[i]))
			continue;
		n++;
		put_row(&t, &list->v[i]);
		json_append(rows, row_json(&list->v[i]));
	}
	if (c->json) {
		struct str text = {0};
		table_text(&t, &text);
		str_release(&text);
		put_list(rows, "estimates");
		return;
	}
	cJSON_Delete(rows);
	table_print(&t, stdout);
	if (n == 0)
		remark(c, _("hitless: nothing was learnt yet: plans use shipped defaults"));
}

static int list(struct cli *c)
{
	struct durations all = {0};
	int rc = cli_store(c) ? store_durations_all(c->store, &all, &c->e) : -1;
	if (rc == 0)
		put_all(c, &all);
	durations_release(&all);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static int forget(struct cli *c)
{
	const char *platform = cli_option(c, "--platform"), *model = cli_option(c, "--model"),
		   *step = cli_option(c, "--step");
	if (!platform && !model && !step && !cli_flag(c, "--all"))
		return cli_bad(c, _("what is to be forgotten? --platform, --model, --step, or --all"));
	int64_t n = cli_store(c) ? store_durations_forget(c->store, platform, model, step, &c->e) : -1;
	if (n < 0)
		return cli_fail(c);
	if (c->json) {
		cJSON *o = json_object_new("forgotten");
		json_put_number(o, "samples", n);
		put_json(o, false);
	}
	tell(c, _("%lld measured durations are forgotten"), (long long)n);
	return EXIT_DONE;
}

#define WHICH                                                                                      \
	{"--platform", "PLATFORM", N_("only of this platform"), false},                            \
	{"--model", "MODEL", N_("only of this model"), false},                                     \
	{"--step", "STEP", N_("only of this step"), false}

static const struct option list_options[] = {WHICH, {0}};
static const struct option forget_options[] = {
    WHICH, {"--all", NULL, N_("everything that was learnt"), false}, {0}};

const struct verb verbs_estimate[] = {
    {"estimate list", "", N_("how long steps took on each model: p50, p95, from how many runs"),
     list_options, 0, 0, .run = list,
     .more = N_("Half of the runs were done by p50, nearly all by p95. Copies are told as bytes in a\n"
		"second. A plan takes these figures where there are any (of the model, else of all\n"
		"models of the platform), and a shipped default where there are none; its JSON\n"
		"says for each step which.")},
    {"estimate forget", "", N_("forget what was learnt about durations"), forget_options, 0, 0,
     .run = forget},
    {0},
};
