/* SPDX-License-Identifier: ISC */
/* Who holds which devices: the unfinished jobs of this state directory, and whether they live. */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"
#include "model/phrases.h"

#include <stdlib.h>

static cJSON *row_json(const struct lock_row *r, const char *holder)
{
	char time[32];
	cJSON *o = cJSON_CreateObject();
	clock_iso(r->since, time);
	json_put_text(o, "device", r->device);
	json_put_text(o, "identity", r->identity);
	json_put_text(o, "job", r->job);
	json_put_text(o, "id", r->id);
	json_put_text(o, "since", time);
	json_put_flag(o, "running", holder != NULL);
	json_put_flag(o, "left", r->left);
	json_put_text(o, "holder", holder);
	return o;
}

static void put_row(struct table *t, const struct lock_row *r, const char *holder)
{
	char time[32];
	clock_local(r->since, time);
	table_cell(t, r->device);
	table_cell(t, r->job);
	table_cell(t, time);
	char *known = said_new(r->identity), *who = said_new(holder);
	table_cell(t, known);
	table_cell(t, who       ? who
		      : r->left ? _("nobody: the job is over, the next one takes it")
				: _("no process: 'resume' or 'cancel' it"));
	free(known), free(who);
}

static int locks(struct cli *c)
{
	static const char *const titles[] = {N_("DEVICE"), N_("JOB"), N_("SINCE"), N_("KNOWN BY"),
					     N_("HELD BY")};
	struct lock_rows rows;
	struct table t;
	if (!cli_store(c) || store_locks(c->store, &rows, &c->e) != 0)
		return cli_fail(c);
	cJSON *list = c->json ? cJSON_CreateArray() : NULL;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < rows.n; i++) {
		char *holder = store_job_holder(c->store, rows.v[i].id);
		if (c->json)
			json_append(list, row_json(&rows.v[i], holder));
		else
			put_row(&t, &rows.v[i], holder);
		free(holder);
	}
	if (c->json)
		put_list(list, "locks");
	else
		table_print(&t, stdout);
	lock_rows_release(&rows);
	return EXIT_DONE;
}

const struct verb verbs_locks[] = {
    {"locks", "", N_("list the devices that unfinished jobs hold, by whom and since when"), NULL, 0,
     0, .run = locks,
     .more =
	 N_("A device is in one unfinished job, whatever name it has there (address and serial\n"
	    "number). Jobs of other users and other state directories of this machine are\n"
	    "asked when a job starts: their locks end with their process. A job that was\n"
	    "killed keeps its devices in its own state directory until it is resumed or\n"
	    "cancelled, because it may have left them half upgraded; one that was over before\n"
	    "that keeps nothing: the next job takes them, and says so.")},
    {0},
};
