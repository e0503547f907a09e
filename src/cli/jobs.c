/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/runner.h"

#include "model/json.h"
#include "run/create.h"
#include "run/words.h"

#include <stdlib.h>

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
	json_put_text(o, "version", v->job->version);
	json_put_text(o, "procedure", v->job->procedure);
	json_put_text(o, "operator", v->job->operator);
	json_put_number(o, "devices", (int64_t)v->tasks.n);
	json_put_number(o, "done", (int64_t)n[TASK_DONE]);
	json_put_number(o, "failed", (int64_t)jobview_failures(v));
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
	table_cellf(t, "%s%s", v ? word_job(v->state) : "?", running ? _(" (live)") : "");
	table_cell(t, v ? v->job->version : NULL);
	if (v)
		table_cellf(t, "%zu/%zu", n[TASK_DONE], v->tasks.n);
	else
		table_cell(t, NULL);
	table_cellf(t, "%zu", v ? jobview_failures(v) : 0);
	table_cell(t, time);
	table_cell(t, row->id);
}

static int jobs(struct cli *c)
{
	static const char *const titles[] = {N_("NAME"),   N_("STATE"),   N_("VERSION"), N_("DONE"),
					     N_("FAILED"), N_("CREATED"), N_("ID")};
	struct job_rows rows = {0};
	struct table t;
	if (!cli_store(c) || store_jobs(c->store, &rows, &c->e) != 0)
		return cli_fail(c);
	if (cli_flag(c, "--names") && !c->json) {
		for (size_t i = 0; i < rows.n; i++)
			put_text(stdout, "", rows.v[i].name);
		job_rows_release(&rows);
		return EXIT_DONE;
	}
	cJSON *list = c->json ? cJSON_CreateArray() : NULL;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < rows.n; i++) {
		struct err why = {0};
		struct jobview *v = create_view(c->store, rows.v[i].id, &why);
		if (c->json)
			json_append(list, row_json(c, &rows.v[i], v));
		else
			put_row(c, &t, &rows.v[i], v);
		jobview_free(v);
	}
	if (c->json)
		put_list(list, "jobs");
	else
		table_print(&t, stdout);
	job_rows_release(&rows);
	return EXIT_DONE;
}

static const struct option jobs_options[] = {
    {"--names", NULL, N_("only the names, one a line"), false},
    {0},
};

const struct verb verbs_jobs[] = {
    {"jobs", "", N_("list all jobs"), jobs_options, 0, 0, .run = jobs},
    {0},
};
