/* SPDX-License-Identifier: ISC */
/* Tables and JSON with the columns and members that the other tool's users know. */
#include "config.h"

#include "cli/lcm.h"

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

/* Names and ids as they are listed anywhere: ids whole, or the first digits, and with the words before
 * them. */
static bool begins_with(const struct image *i, const char *id)
{
	if (str_eq(i->label, id))
		return true;
	if (str_starts(id, "cl_"))
		id += strlen("cl_");
	if (str_starts(id, "image_"))
		id += strlen("image_");
	return *id && str_starts(i->sha256, id);
}

static void image_cells(struct rows *r, const struct image *i)
{
	cell(r, i->id);
	cell(r, i->name);
	cell(r, i->version);
	cell(r, values_get(&i->fits, "cpu"));
	cell(r, values_get(&i->fits, "asic"));
	cell_time(r, i->added);
}

static void package_cells(struct rows *r, const struct image *i)
{
	cell(r, i->id);
	cell(r, i->name);
	cell(r, i->version);
	cell(r, values_get(&i->fits, "train"));
	cell(r, values_get(&i->fits, "cpu"));
	cell(r, i->kind);
	cell_time(r, i->added);
}

static bool wanted(const struct image *i, const struct lcm_words *w, bool system)
{
	return str_eq(i->kind, "os") == system && (!w->rest || begins_with(i, w->rest));
}

static int show_stored(struct cli *c, const struct lcm_words *w, bool system)
{
	struct images list = {0};
	struct rows r;
	size_t n = 0;
	if (!cli_store(c) || store_images(c->store, &list, &c->e) != 0)
		return cli_fail(c);
	for (size_t i = 0; i < list.n; i++)
		n += wanted(&list.v[i], w, system);
	if (w->rest && !n) {
		images_release(&list);
		return cli_bad(c, _("there is no image %s; 'hitless image list' shows all"), w->rest);
	}
	rows_begin(&r, c, system ? "images" : "packages");
	for (size_t i = 0; i < list.n; i++)
		if (wanted(&list.v[i], w, system))
			(system ? image_cells : package_cells)(&r, &list.v[i]);
	images_release(&list);
	return rows_end(&r);
}

int lcm_show_images(struct cli *c, struct lcm_words *w)
{
	return show_stored(c, w, true);
}

int lcm_show_packages(struct cli *c, struct lcm_words *w)
{
	return show_stored(c, w, false);
}

/* --- jobs ------------------------------------------------------------------------------------- */

static const char *checks_status(const struct jobview *v, struct check_sums *sums)
{
	bool passed = jobview_checks_passed(v, NULL, NULL);
	*sums = jobview_check_sums(v);
	if (v->state == JOB_NEW || v->state == JOB_CHECKING)
		return "IN PROGRESS";
	return !passed ? "FAILED" : sums->warnings + sums->unknown ? "WARNING" : "COMPLETED";
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
		struct check_sums sums = {0};
		struct jobview *v = create_view(c->store, list.v[i].id, &why);
		const char *status = v ? checks_status(v, &sums) : "N/A";
		cell(&r, list.v[i].id);
		cell(&r, list.v[i].name);
		cell(&r, v ? job_versions(v->job) : NULL);
		cell(&r, status);
		count_cell(&r, sums.warnings);
		count_cell(&r, sums.errors);
		count_cell(&r, sums.unknown);
		cell_time(&r, list.v[i].created);
		jobview_free(v);
	}
	job_rows_release(&list);
	return rows_end(&r);
}

struct phase {
	int64_t started; /* wall ms of its first step; 0: it did not begin */
	bool failed, open;
};

/* The last that was on the way there: one that only went back begins with another number. */
static int last_attempt(const struct task_view *t)
{
	int last = 0;
	for (size_t i = 0; i < t->steps.n; i++)
		if (t->steps.v[i].pass == PASS_UPGRADE && t->steps.v[i].attempt > last)
			last = t->steps.v[i].attempt;
	return last;
}

/* A phase of the last attempt. A step that was tried again counts as it ended. */
static struct phase phase_of(const struct task_view *t, const char *name)
{
	struct phase p = {0};
	int attempt = last_attempt(t);
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (!str_eq(s->phase, name) || s->pass != PASS_UPGRADE || s->attempt != attempt ||
		    str_eq(s->result, "skipped"))
			continue;
		p.started = p.started ? p.started : s->started;
		p.failed = str_eq(s->result, "failed");
		p.open = !s->result;
	}
	return p;
}

/* What did not begin: will it still? */
static const char *not_begun(const struct task_view *t)
{
	return task_state_final(t->state) && t->state != TASK_DONE ? "SKIPPED_ON_FAILURE" : "N/A";
}

static void phase_cells(struct rows *r, const struct task_view *t, const char *name)
{
	struct phase p = phase_of(t, name);
	cell(r, p.failed    ? "FAILED"
		: p.open    ? "IN PROGRESS"
		: p.started ? "COMPLETED"
			    : not_begun(t));
	cell_time(r, p.started);
}

static const char *upgrade_word(const struct task_view *t)
{
	static const char *const words[TASK_STATE_COUNT] = {[TASK_PENDING] = "IN PROGRESS",
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

/* Of the system itself: it begins with the installation, not with the device's first step. */
static void upgrade_cells(struct rows *r, const struct task_view *t)
{
	struct phase p = phase_of(t, "Install");
	cell(r, p.started ? upgrade_word(t) : not_begun(t));
	cell_time(r, p.started);
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
		cell(&r, job_version(v->job, t->device));
		phase_cells(&r, t, "Backup");
		phase_cells(&r, t, "Restore");
		upgrade_cells(&r, t);
	}
	jobview_free(v);
	return rows_end(&r);
}

/* --- switches and credentials ----------------------------------------------------------------- */

static const char *known_fact(const struct known_device *k, const char *name)
{
	return k ? values_get(&k->facts, name) : NULL;
}

static void switch_row(struct rows *r, const struct device *d, const struct known_device *k)
{
	cell(r, d->name);
	cell(r, d->role);
	cell(r, d->address);
	cell(r, known_fact(k, "mac"));
	cell(r, known_fact(k, "cpu"));
	cell(r, k ? k->version : NULL);
	cell(r, known_fact(k, "agent"));
	cell_time(r, !k ? 0 : k->ended > k->asked ? k->ended : k->asked);
}

static bool is_version(const struct lcm_words *w, const struct known_device *k)
{
	const char *system = values_get(&w->given, "version");
	const char *agent = values_get(&w->given, "agent");
	return (!system || (k && str_eq(system, k->version))) &&
	       (!agent || str_eq(agent, known_fact(k, "agent")));
}

/* What each runs now, as the inventory shows it: not what it ran before its last upgrade. */
int lcm_show_switches(struct cli *c, struct lcm_words *w)
{
	struct known_devices known = {0};
	struct rows r;
	struct inventory *inv = cli_inventory(c);
	int rc = inv ? store_history_last(c->store, &known, &c->e) : -1;
	if (rc == 0)
		rows_begin(&r, c, "switches");
	for (size_t i = 0; rc == 0 && i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct known_device *k = known_device(&known, d->name);
		if (is_version(w, k))
			switch_row(&r, d, k);
	}
	known_devices_release(&known);
	inventory_free(inv);
	return rc == 0 ? rows_end(&r) : cli_fail(c);
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
