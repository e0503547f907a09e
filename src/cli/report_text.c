/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/report.h"
#include "cli/runner.h"

#include "model/json.h"

#include <inttypes.h>
#include <string.h>

static void put_head(struct cli *c, const struct jobview *v)
{
	char started[32], ended[32], span[32];
	put_time(started, v->started);
	put_time(ended, v->ended);
	clock_span(v->started ? (v->ended ? v->ended : v->last) - v->started : 0, span);
	tell(c, _("Report of job \"%s\""), v->job->name);
	tell(c, _("Procedure   %s, method %s"), v->procedure->title, v->job->method);
	tell(c, _("Target      %s %s"), v->procedure->software, v->job->version);
	tell(c, _("Operator    %s"), v->job->operator ? v->job->operator : "?");
	tell(c, _("Result      %s%s%s"), job_state_name(v->state), v->reason ? ": " : "",
	     v->reason ? v->reason : "");
	tell(c, _("Time        %s to %s, %s\n"), started, ended, span);
}

static void put_devices(const struct jobview *v)
{
	static const char *const titles[] = {N_("DEVICE"),  N_("RESULT"), N_("FROM"),
					     N_("STARTED"), N_("TIME"),   N_("TRIES"),
					     N_("MESSAGE")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *k = &v->tasks.v[i];
		char started[32], span[32];
		put_time(started, k->started);
		clock_span(k->started && k->ended ? k->ended - k->started : 0, span);
		table_cell(&t, jobview_device(v, k->device));
		table_cell(&t, task_state_name(k->state));
		table_cell(&t, from_version(v, k->device));
		table_cell(&t, started);
		table_cell(&t, k->started && k->ended ? span : NULL);
		table_cellf(&t, "%d", k->attempt);
		table_cell(&t, k->state == TASK_DONE ? NULL : k->message ? k->message : k->reason);
	}
	table_print(&t, stdout);
}

static void put_steps(struct cli *c, const struct jobview *v)
{
	static const char *const titles[] = {N_("STEP"),   N_("PHASE"), N_("WAY"),
					     N_("RESULT"), N_("AT"),    N_("TIME")};
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *k = &v->tasks.v[i];
		struct table t;
		if (!k->steps.n)
			continue;
		tell(c, _("\nSteps of %s"), jobview_device(v, k->device));
		table_head(&t, LEN(titles), titles);
		for (size_t n = 0; n < k->steps.n; n++) {
			const struct step_view *s = &k->steps.v[n];
			char at[32], span[32];
			put_clock(at, s->started);
			clock_span(s->ended ? s->ended - s->started : 0, span);
			table_cell(&t, s->step);
			table_cell(&t, s->phase);
			table_cell(&t, pass_names[s->pass]);
			table_cell(&t, s->result);
			table_cell(&t, at);
			table_cell(&t, span);
		}
		table_print(&t, stdout);
	}
}

static const char *text(const cJSON *o, const char *key)
{
	const char *found = json_text(o, key);
	return found ? found : "";
}

static void put_differences(struct cli *c, const cJSON *report)
{
	const cJSON *snapshots = cJSON_GetObjectItemCaseSensitive(report, "snapshots"), *d;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(snapshots, "differences");
	tell(c, _("\nSnapshots: %d differences between before and after"),
	     cJSON_GetArraySize(list));
	cJSON_ArrayForEach(d, list) tell(c, "  %-12s  %-12s  %-8s %s", text(d, "device"),
					 text(d, "element"), text(d, "change"), text(d, "key"));
}

/* The process that had the job: nobody's decision by name, but where it was taken. */
static void put_owner(struct cli *c, const cJSON *d)
{
	tell(c, _("  %s  %-8s %s on %s, process %" PRId64 ", %s"), text(d, "time"), "owner",
	     text(d, "user"), text(d, "host"), json_number(d, "pid", 0),
	     json_flag(d, "resumed") ? _("goes on with the job") : _("takes the job"));
}

static void put_decisions(struct cli *c, const cJSON *report)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(report, "decisions"), *d;
	tell(c, _("\nWho decided what"));
	cJSON_ArrayForEach(d, list)
	{
		if (strcmp(text(d, "kind"), "owner") == 0)
			put_owner(c, d);
		else
			tell(c, "  %s  %-8s %s %s%s%s %s%s", text(d, "time"), text(d, "kind"),
			     text(d, "who"), text(d, "verb"), text(d, "check"), text(d, "answer"),
			     text(d, "target"), text(d, "reason"));
	}
}

void report_text(struct cli *c, const struct jobview *v, const cJSON *report)
{
	bool json = c->json;
	c->json = false; /* --format text was given beside --json */
	put_head(c, v);
	put_devices(v);
	tell(c, _("\nChecks"));
	put_checks(c, v, false);
	put_differences(c, report);
	put_decisions(c, report);
	put_steps(c, v);
	c->json = json;
}
