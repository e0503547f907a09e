/* SPDX-License-Identifier: ISC */
/* Looking back: what happened to each device, and what failed over all jobs, by cause. */
#include "config.h"

#include "cli/past.h"

#include "base/clock.h"
#include "model/json.h"
#include "model/redact.h"

#include <stdlib.h>

int past_filter(struct cli *c, struct archive_filter *f)
{
	const char *since = cli_option(c, "--since");
	*f = (struct archive_filter){.operator = cli_option(c, "--operator"),
				     .version = cli_option(c, "--to"),
				     .match = cli_option(c, "--match")};
	return since ? archive_since(since, clock_real()->wall(clock_real()), &f->since, &c->e) : 0;
}

static void put_out(char *text)
{
	fputs(text, stdout);
	free(text);
}

/* --- devices ---------------------------------------------------------------------------------- */

static void put_wall(cJSON *o, const char *name, int64_t wall)
{
	char time[32];
	clock_iso(wall, time);
	if (wall)
		json_put_text(o, name, time);
}

static cJSON *visit_json(const struct archive_visit *x)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", x->device);
	json_put_text(o, "job", x->job);
	json_put_text(o, "id", x->id);
	json_put_text(o, "job_state", job_state_name(x->job_state));
	json_put_text(o, "state", task_state_name(x->state));
	json_put_text(o, "from", x->from);
	json_put_text(o, "to", x->to);
	json_put_text(o, "failed_phase", x->phase);
	json_put_text(o, "message", x->message);
	json_put_number(o, "attempts", x->attempts);
	aftermath_put(o, &x->after);
	if (x->jobs)
		json_put_number(o, "jobs", (int64_t)x->jobs);
	put_wall(o, "created", x->created);
	put_wall(o, "started", x->started);
	put_wall(o, "ended", x->ended);
	return o;
}

static void put_visits_json(const struct archive_visits *list, const char *device)
{
	cJSON *o = json_object_new("history"), *rows = cJSON_CreateArray();
	for (size_t i = 0; i < list->n; i++)
		json_append(rows, visit_json(&list->v[i]));
	json_put_text(o, "device", device);
	json_put(o, "history", rows);
	put_json(o, false);
}

static int history(struct cli *c)
{
	const char *device = c->n_args ? c->args[0] : NULL;
	struct archive_filter f;
	struct archive_visits list = {.plain = c->json};
	int rc = cli_store(c) ? past_filter(c, &f) : -1;
	if (rc == 0)
		rc = device ? archive_device(c->store, device, &f, &list, &c->e)
			    : archive_devices(c->store, &f, &list, &c->e);
	if (rc != 0)
		rc = cli_fail(c);
	else if (c->json)
		put_visits_json(&list, device);
	else if (list.n == 0 && device)
		remark(c, _("hitless: %s was in no such job"), device);
	else if (list.n == 0)
		remark(c, _("hitless: there is no such job"));
	else
		put_out(archive_visits_text(&list, device != NULL));
	archive_visits_release(&list);
	return rc;
}

/* --- errors ----------------------------------------------------------------------------------- */

static int put_cards_json(struct cli *c, const struct cards *cards)
{
	struct redactor *r = redactor_new(&c->e);
	cJSON *o = json_object_new("errors");
	json_put_number(o, "causes", (int64_t)cards->list.n);
	json_put_number(o, "devices", (int64_t)cards->devices);
	json_put(o, "cards", cards_json(cards));
	if (!r) {
		cJSON_Delete(o);
		return cli_fail(c);
	}
	redact_json(r, o, NULL);
	redactor_free(r);
	put_json(o, false);
	return EXIT_DONE;
}

static int show_cards(struct cli *c, const struct cards *cards, bool jobs)
{
	if (c->json)
		return put_cards_json(c, cards);
	char *text = cards_text(cards, jobs, &c->e);
	if (!text)
		return cli_fail(c);
	put_out(text);
	return EXIT_DONE;
}

static int errors_of_job(struct cli *c)
{
	struct cards cards = {.plain = c->json};
	struct jobview *v = cli_view(c, c->args[0]);
	if (!v)
		return cli_fail(c);
	(void)cards_add(&cards, v, NULL);
	int rc = show_cards(c, &cards, false);
	cards_release(&cards);
	jobview_free(v);
	return rc;
}

static int errors(struct cli *c)
{
	struct archive_filter f;
	struct archive_stats all;
	if (c->n_args)
		return errors_of_job(c);
	if (!cli_store(c) || past_filter(c, &f) != 0)
		return cli_fail(c);
	int rc = archive_stats(c->store, &f, c->json, &all, &c->e);
	rc = rc == 0 ? show_cards(c, &all.cards, true) : cli_fail(c);
	archive_stats_release(&all);
	return rc;
}

static const struct option past_options[] = {PAST_OPTIONS, {0}};

const struct verb verbs_history[] = {
    {"history", "[DEVICE]", N_("what jobs did to a device, or the last result of every device"),
     past_options, 0, 1, .run = history,
     .more = N_("With a device: every job it was in, newest first. Without: every device that was\n"
		"ever in a job, with its last result. 'hitless jobs' lists the jobs themselves. \"done !3\":\n"
		"three things are not as before the job, as 'hitless jobs --help' tells.")},
    {"errors", "[JOB]", N_("failures by their cause, of one job or of all"), past_options, 0, 1,
     .run = errors,
     .more = N_("A card for each cause: what happened, on how many and which devices, the likely\n"
		"cause, what to do, the evidence, and the commands that are possible now. Numbers\n"
		"that differ from device to device are told as a range. Of a job that was refused,\n"
		"the pre-checks that refused it.")},
    {0},
};
