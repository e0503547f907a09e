/* SPDX-License-Identifier: ISC */
/* Tables and JSON with the columns and members that the other tool's users know. */
#include "config.h"

#include "cli/lcm.h"

#include "cli/facts.h"
#include "model/json.h"
#include "run/create.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void put_ctime(char text[32], int64_t wall)
{
	time_t t = (time_t)(wall / 1000);
	struct tm tm;
	if (wall <= 0 || !localtime_r(&t, &tm) || !strftime(text, 32, "%a %b %e %H:%M:%S %Y", &tm))
		snprintf(text, 32, "N/A");
}

static const struct column {
	const char *table, *title, *key;
} columns[] = {
#define TITLES(table, title, key) {#table, title, key},
#include "cli/lcm.def"
};

/* Rows of named cells: a table for people, an array of objects for programs. */
struct rows {
	struct cli *c;
	const struct column *columns;
	size_t n, column;
	struct table table;
	cJSON *list, *object;
};

static void rows_begin(struct rows *r, struct cli *c, const char *table)
{
	const char *titles[16];
	*r = (struct rows){.c = c};
	for (size_t i = 0; i < LEN(columns); i++) {
		if (strcmp(columns[i].table, table) != 0 || r->n == LEN(titles))
			continue;
		if (r->n == 0)
			r->columns = &columns[i];
		titles[r->n++] = columns[i].title;
	}
	if (c->json)
		r->list = cJSON_CreateArray();
	else
		table_head(&r->table, r->n, titles);
}

static void cell(struct rows *r, const char *text)
{
	if (!r->c->json) {
		table_cell(&r->table, text);
		return;
	}
	if (r->column == 0)
		r->object = cJSON_CreateObject();
	json_put_text(r->object, r->columns[r->column].key, text ? text : "");
	r->column = (r->column + 1) % r->n;
	if (r->column == 0)
		json_append(r->list, r->object);
}

static void cell_time(struct rows *r, int64_t wall)
{
	char text[32];
	put_ctime(text, wall);
	if (!r->c->json) {
		cell(r, text);
		return;
	}
	json_put_number(r->object, r->columns[r->column].key, wall);
	r->column = (r->column + 1) % r->n;
	if (r->column == 0)
		json_append(r->list, r->object);
}

static int rows_end(struct rows *r)
{
	if (r->c->json)
		put_json(r->list, false);
	else
		table_print(&r->table, stdout);
	return EXIT_DONE;
}

/* --- images ----------------------------------------------------------------------------------- */

static bool wanted(const struct image *i, const struct lcm_words *w, bool system)
{
	return str_eq(i->kind, "os") == system && (!w->rest || str_starts(i->id, w->rest));
}

int lcm_show_images(struct cli *c, struct lcm_words *w)
{
	struct images list = {0};
	struct rows r;
	if (!cli_store(c) || store_images(c->store, &list, &c->e) != 0)
		return cli_fail(c);
	rows_begin(&r, c, "images");
	for (size_t i = 0; i < list.n; i++) {
		if (!wanted(&list.v[i], w, true))
			continue;
		cell(&r, list.v[i].id);
		cell(&r, list.v[i].name);
		cell(&r, list.v[i].version);
		cell(&r, values_get(&list.v[i].fits, "cpu"));
		cell(&r, values_get(&list.v[i].fits, "asic"));
		cell_time(&r, list.v[i].added);
	}
	images_release(&list);
	return rows_end(&r);
}

int lcm_show_packages(struct cli *c, struct lcm_words *w)
{
	struct images list = {0};
	struct rows r;
	if (!cli_store(c) || store_images(c->store, &list, &c->e) != 0)
		return cli_fail(c);
	rows_begin(&r, c, "packages");
	for (size_t i = 0; i < list.n; i++) {
		if (!wanted(&list.v[i], w, false))
			continue;
		cell(&r, list.v[i].id);
		cell(&r, list.v[i].name);
		cell(&r, list.v[i].version);
		cell(&r, values_get(&list.v[i].fits, "train"));
		cell(&r, values_get(&list.v[i].fits, "cpu"));
		cell(&r, list.v[i].kind);
		cell_time(&r, list.v[i].added);
	}
	images_release(&list);
	return rows_end(&r);
}

/* --- jobs ------------------------------------------------------------------------------------- */

static const char *checks_status(const struct jobview *v, size_t *errors, size_t *warnings)
{
	bool passed = jobview_checks_passed(v, errors, warnings);
	if (v->state == JOB_NEW || v->state == JOB_CHECKING)
		return "IN PROGRESS";
	return !passed ? "FAILED" : *warnings ? "WARNING" : "COMPLETED";
}

static void count_cell(struct rows *r, size_t n)
{
	char text[32];
	snprintf(text, sizeof(text), "%zu", n);
	cell(r, n ? text : "");
}

int lcm_show_jobs(struct cli *c, struct lcm_words *w)
{
	struct job_rows list = {0};
	struct rows r;
	(void)w;
	if (!cli_store(c) || store_jobs(c->store, &list, &c->e) != 0)
		return cli_fail(c);
	rows_begin(&r, c, "jobs");
	for (size_t i = 0; i < list.n; i++) {
		struct err why = {0};
		size_t errors = 0, warnings = 0;
		struct jobview *v = create_view(c->store, list.v[i].id, &why);
		const char *status = v ? checks_status(v, &errors, &warnings) : "N/A";
		cell(&r, list.v[i].id);
		cell(&r, list.v[i].name);
		cell(&r, v ? v->job->version : NULL);
		cell(&r, status);
		count_cell(&r, warnings);
		count_cell(&r, errors);
		cell_time(&r, list.v[i].created);
		jobview_free(v);
	}
	job_rows_release(&list);
	return rows_end(&r);
}

/* A phase of a task: its first step's time, and how it went. */
static void phase_cells(struct rows *r, const struct task_view *t, const char *phase)
{
	int64_t started = 0;
	bool failed = false, open = false;
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (!str_eq(s->phase, phase) || s->pass != PASS_UPGRADE || s->attempt != t->attempt)
			continue;
		started = started ? started : s->started;
		failed |= str_eq(s->result, "failed");
		open |= !s->result;
	}
	bool ended_badly = task_view_failed(t);
	cell(r, failed        ? "FAILED"
		: open        ? "IN PROGRESS"
		: started     ? "COMPLETED"
		: ended_badly ? "SKIPPED_ON_FAILURE"
			      : "N/A");
	cell_time(r, started);
}

static const char *upgrade_word(const struct task_view *t)
{
	static const char *const words[TASK_STATE_COUNT] = {[TASK_PENDING] = "N/A",
							    [TASK_RUNNING] = "IN PROGRESS",
							    [TASK_HELD] = "IN PROGRESS",
							    [TASK_UNDOING] = "FAILED",
							    [TASK_ROLLING_BACK] = "FAILED",
							    [TASK_DONE] = "COMPLETED",
							    [TASK_FAILED] = "FAILED",
							    [TASK_ROLLED_BACK] = "FAILED",
							    [TASK_SKIPPED] = "SKIPPED_ON_FAILURE",
							    [TASK_CANCELLED] =
								"SKIPPED_ON_FAILURE"};
	return t->state == TASK_ROLLED_BACK && t->by_order ? "ROLLED_BACK" : words[t->state];
}

int lcm_show_status(struct cli *c, struct lcm_words *w)
{
	struct rows r;
	if (!w->rest)
		return cli_bad(c, "name the job");
	struct jobview *v = cli_view(c, w->rest);
	if (!v)
		return cli_fail(c);
	rows_begin(&r, c, "status");
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		cell(&r, jobview_device(v, t->device));
		cell(&r, v->job->version);
		phase_cells(&r, t, "Backup");
		phase_cells(&r, t, "Restore");
		cell(&r, upgrade_word(t));
		cell_time(&r, t->started);
	}
	jobview_free(v);
	return rows_end(&r);
}

/* --- switches and credentials ----------------------------------------------------------------- */

static void switch_row(struct rows *r, const struct device *d, const struct values *facts,
		       const struct jobview *v)
{
	const char *version = facts ? values_get(facts, v->procedure->from_fact) : NULL;
	cell(r, d->name);
	cell(r, d->role);
	cell(r, d->address);
	cell(r, facts ? values_get(facts, "mac") : NULL);
	cell(r, facts ? values_get(facts, "cpu") : NULL);
	cell(r, version);
	cell(r, facts ? values_get(facts, "agent") : NULL);
	cell_time(r, facts ? v->last : 0);
}

static bool is_version(const struct lcm_words *w, const struct values *facts,
		       const struct jobview *v)
{
	const char *system = values_get(&w->given, "version");
	const char *agent = values_get(&w->given, "agent");
	if ((system || agent) && !facts)
		return false;
	return (!system || str_eq(system, values_get(facts, v->procedure->from_fact))) &&
	       (!agent || str_eq(agent, values_get(facts, "agent")));
}

int lcm_show_switches(struct cli *c, struct lcm_words *w)
{
	struct known_facts known = {{0}};
	struct rows r;
	struct inventory *inv = cli_inventory(c);
	if (!inv || known_facts_load(c, &known) != 0) {
		inventory_free(inv);
		return cli_fail(c);
	}
	rows_begin(&r, c, "switches");
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct jobview *v = NULL;
		const struct values *facts = known_facts_of(&known, inv->devices.v[i].name, &v);
		if (is_version(w, facts, v))
			switch_row(&r, &inv->devices.v[i], facts, v);
	}
	known_facts_release(&known);
	inventory_free(inv);
	return rows_end(&r);
}

int lcm_show_credentials(struct cli *c, struct lcm_words *w)
{
	struct credentials list;
	struct rows r;
	(void)w;
	if (cli_credentials(c, &list) != 0)
		return cli_fail(c);
	rows_begin(&r, c, "credentials");
	for (size_t i = 0; i < list.n; i++) {
		const struct credential *k = &list.v[i];
		bool key = k->method == CREDENTIAL_KEY || k->method == CREDENTIAL_AGENT;
		cell(&r, k->name);
		cell(&r, key ? "SSH" : "BASIC");
		cell(&r, key ? "**************" : NULL);
		cell(&r, k->user);
		cell(&r, key ? NULL : "**************");
		cell_time(&r, k->added);
	}
	credentials_release(&list);
	return rows_end(&r);
}
