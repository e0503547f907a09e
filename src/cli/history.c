/* SPDX-License-Identifier: ISC */
/* Looking back: what happened to each device, and what failed over all jobs, by cause. */
#include "config.h"

#include "cli/past.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/phrases.h"
#include "model/redact.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

int past_filter(struct cli *c, struct archive_filter *f)
{
	const char *since = cli_option(c, "--since");
	*f = (struct archive_filter){.operator = cli_option(c, "--operator"),
				     .version = cli_option(c, "--to"),
				     .match = cli_option(c, "--match")};
	return since ? archive_since(since, clock_real()->wall(clock_real()), &f->since, &c->e) : 0;
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

static void put_result(struct table *t, const struct archive_visit *x)
{
	char time[32], span[32];
	bool began = x->started > 0;
	clock_local(began ? x->started : x->created, time);
	clock_span(x->ended - x->started, span);
	/* where the job did not begin, the job's state says more than "pending" */
	table_cell(t, began ? word_task(x->state) : word_job(x->job_state));
	table_cell(t, x->from);
	table_cell(t, x->to);
	table_cellf(t, "%.16s", time);
	table_cell(t, began && x->ended ? span : NULL);
}

/* All jobs of a device, newest first. */
static void put_visits(const struct archive_visits *list)
{
	static const char *const titles[] = {N_("JOB"),  N_("RESULT"), N_("FROM"),  N_("TO"),
					     N_("WHEN"), N_("TIME"),   N_("TRIES"), N_("WHY")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < list->n; i++) {
		table_cell(&t, list->v[i].job);
		put_result(&t, &list->v[i]);
		table_cellf(&t, "%d", list->v[i].attempts);
		table_cell(&t, list->v[i].message);
	}
	table_print(&t, stdout);
}

/* All devices, each with its last job. */
static void put_lasts(const struct archive_visits *list)
{
	static const char *const titles[] = {N_("DEVICE"), N_("LAST RESULT"), N_("FROM"), N_("TO"),
					     N_("WHEN"),   N_("TIME"),	      N_("JOBS"), N_("JOB")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < list->n; i++) {
		table_cell(&t, list->v[i].device);
		put_result(&t, &list->v[i]);
		table_cellf(&t, "%zu", list->v[i].jobs);
		table_cell(&t, list->v[i].job);
	}
	table_print(&t, stdout);
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
	else if (list.n == 0)
		remark(c, device ? _("hitless: %s was in no such job") : _("hitless: no such job%s"),
		       device ? device : "");
	else if (device)
		put_visits(&list);
	else
		put_lasts(&list);
	archive_visits_release(&list);
	return rc;
}

/* --- errors ----------------------------------------------------------------------------------- */

static void put_labelled(const char *label, const char *text)
{
	if (text && *text)
		printf("  %s\n", label), put_text(stdout, "    ", text);
}

static char *members_text(const struct card *k, bool jobs)
{
	struct str out = {0};
	for (size_t i = 0; i < k->members.n; i++) {
		const struct card_member *m = &k->members.v[i];
		const struct task_view *t = card_task(m);
		str_printf(&out, "%s%s", i ? ", " : "", card_device(m));
		if (jobs)
			str_printf(&out, _(" in \"%s\""), m->view->job->name);
		if (t && t->started)
			str_printf(&out, " (%s)", word_task(t->state));
	}
	return str_take(&out);
}

static const char *tail(const char *text)
{
	size_t at = text ? strlen(text) : 0;
	while (at > 0 && (text[at - 1] == '\n' || text[at - 1] == '\r'))
		at--;
	for (int lines = 0; at > 0; at--)
		if (text[at - 1] == '\n' && ++lines == 8)
			break;
	return text ? text + at : NULL;
}

static void put_card(struct cli *c, const struct card *k, const struct redactor *r, bool jobs)
{
	size_t n = k->members.n;
	char *names = members_text(k, jobs), *commands = card_commands(k);
	char *command = redact(r, k->command, NULL), *output = redact(r, tail(k->output), NULL);
	char *count = xasprintf(ngettext("%zu device:", "%zu devices:", n), n);
	tell(c, "! %s", k->title);
	if (k->phase)
		tell(c, "  %s %s", _("Phase:"), translated(k->phase));
	put_labelled(count, names);
	put_labelled(_("Likely cause:"), k->cause);
	put_labelled(_("What to do:"), k->advice);
	put_labelled(_("Evidence:"), command);
	if (output && *output)
		put_text(stdout, "    | ", output);
	put_labelled(_("Possible now:"), commands);
	putchar('\n');
	free(count);
	free(output);
	free(command);
	free(commands);
	free(names);
}

static void put_cards(struct cli *c, const struct cards *cards, bool jobs)
{
	struct redactor *r = redactor_new(&c->e);
	for (size_t i = 0; r && i < cards->list.n; i++)
		put_card(c, &cards->list.v[i], r, jobs);
	if (cards->list.n == 0)
		tell(c, _("Nothing has failed."));
	else
		tell(c, _("Causes: %zu, devices: %zu"), cards->list.n, cards->devices);
	redactor_free(r);
}

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
	put_cards(c, cards, jobs);
	return c->e.kind ? cli_fail(c) : EXIT_DONE;
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
		"ever in a job, with its last result. 'hitless jobs' lists the jobs themselves.")},
    {"errors", "[JOB]", N_("failures by their cause, of one job or of all"), past_options, 0, 1,
     .run = errors,
     .more = N_("A card for each cause: what happened, on how many and which devices, the likely\n"
		"cause, what to do, the evidence, and the commands that are possible now. Numbers\n"
		"that differ from device to device are told as a range. Of a job that was refused,\n"
		"the pre-checks that refused it.")},
    {0},
};
