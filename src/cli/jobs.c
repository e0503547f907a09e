/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/past.h"
#include "cli/runner.h"

#include "model/json.h"
#include "run/aftermath.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

static cJSON *row_json(struct cli *c, const struct job_row *row, const struct jobview *v)
{
	size_t n[TASK_STATE_COUNT];
	char time[32];
	cJSON *o = cJSON_CreateObject();
	clock_iso(row->created, time);
	json_put_text(o, "id", row->id);
	json_put_text(o, "name", row->name);
	json_put_text(o, "created", time);
	json_put_flag(o, "running", store_job_running(c->store, row->id));
	if (!v)
		return o;
	jobview_counts(v, n);
	json_put_text(o, "state", job_state_name(v->state));
	json_put_flag(o, "superseded", v->superseded);
	json_put_text(o, "version", v->job->version);
	json_put_text(o, "procedure", v->job->procedure);
	json_put_text(o, "operator", v->job->operator);
	json_put_number(o, "devices", (int64_t)v->tasks.n);
	json_put_number(o, "done", (int64_t)n[TASK_DONE]);
	json_put_number(o, "failed", (int64_t)jobview_failures(v));
	struct aftermath after = aftermath_of(v, NO_DEVICE);
	aftermath_put(o, &after);
	return o;
}

static void put_row(struct cli *c, struct table *t, const struct job_row *row,
		    const struct jobview *v)
{
	size_t n[TASK_STATE_COUNT] = {0};
	char time[32];
	bool running = store_job_running(c->store, row->id);
	clock_local(row->created, time);
	if (v)
		jobview_counts(v, n);
	table_cell(t, row->name);
	const char *beside = running ? _(" (live)") : v && v->superseded ? _(" (superseded)") : "";
	table_cellf(t, "%s%s", v ? word_job(v->state) : "?", beside);
	table_cell(t, v ? job_versions(v->job) : NULL);
	if (v)
		table_cellf(t, "%zu/%zu", n[TASK_DONE], v->tasks.n);
	else
		table_cell(t, NULL);
	table_cellf(t, "%zu", v ? jobview_failures(v) : 0);
	struct aftermath after = v ? aftermath_of(v, NO_DEVICE) : (struct aftermath){0};
	table_cellf(t, "%zu", aftermath_count(&after));
	table_cell(t, time);
	table_cell(t, row->id);
}

/* For completion: quick, and whatever is in the journals. */
static int put_names(struct cli *c)
{
	struct job_rows rows = {0};
	if (store_jobs(c->store, &rows, &c->e) != 0)
		return cli_fail(c);
	for (size_t i = 0; i < rows.n; i++)
		put_text(stdout, "", rows.v[i].name);
	job_rows_release(&rows);
	return EXIT_DONE;
}

struct listing {
	struct cli *c;
	struct table t;
	cJSON *list; /* NULL: as text */
};

static int list_job(void *ctx, const struct job_row *row, struct jobview **v)
{
	struct listing *l = ctx;
	if (l->list)
		json_append(l->list, row_json(l->c, row, *v));
	else
		put_row(l->c, &l->t, row, *v);
	return 0;
}

static int put_stats(struct cli *c, const struct archive_filter *f)
{
	struct archive_stats s;
	int rc = archive_stats(c->store, f, c->json, &s, &c->e);
	if (rc == 0 && c->json) {
		cJSON *o = json_object_new("statistics");
		json_put(o, "statistics", archive_stats_json(&s));
		put_json(o, false);
	} else if (rc == 0) {
		char *text = archive_stats_text(&s);
		fputs(text, stdout);
		free(text);
	}
	archive_stats_release(&s);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static int read_filter(struct cli *c, struct archive_filter *f)
{
	const char *state = cli_option(c, "--only");
	if (past_filter(c, f) != 0)
		return -1;
	f->device = cli_option(c, "--device");
	f->state = state;
	for (int i = 0; state && i < JOB_STATE_COUNT; i++)
		if (strcmp(job_state_name((enum job_state)i), state) == 0)
			return 0;
	return !state ? 0 : err_set(&c->e, ERR_INPUT, _("--only: there is no state \"%s\""), state);
}

static int jobs(struct cli *c)
{
	static const char *const titles[] = {N_("NAME"),   N_("STATE"),   N_("VERSION"), N_("DONE"),
					     N_("FAILED"), N_("WARNINGS"), N_("CREATED"), N_("ID")};
	struct archive_filter f;
	struct listing l = {.c = c};
	if (!cli_store(c) || read_filter(c, &f) != 0)
		return cli_fail(c);
	if (cli_flag(c, "--names") && !c->json)
		return put_names(c);
	if (cli_flag(c, "--stats"))
		return put_stats(c, &f);
	if (c->json)
		l.list = cJSON_CreateArray();
	else
		table_head(&l.t, LEN(titles), titles);
	if (archive_each(c->store, &f, list_job, &l, &c->e) != 0)
		return cli_fail(c);
	if (c->json)
		put_list(l.list, "jobs");
	else
		table_print(&l.t, stdout);
	return EXIT_DONE;
}

static const struct option jobs_options[] = {
    {"--names", NULL, N_("only the names, one a line"), false},
    {"--stats", NULL, N_("figures over all of them instead: results, times, causes"), false},
    {"--only", "STATE", N_("only jobs in this state: done, failed, held, running, ..."), false},
    {"--device", "DEVICE", N_("only jobs with this device"), false},
    PAST_OPTIONS,
    {0},
};

const struct verb verbs_jobs[] = {
    {"jobs", "", N_("list all jobs, or those that are asked for"), jobs_options, 0, 0, .run = jobs,
     .more = N_("WARNINGS counts what is not as it was before a job: checks that did not pass after\n"
		"the upgrade, and real differences of its snapshots: 'hitless show', 'hitless\n"
		"snapshot compare'.")},
    {0},
};
