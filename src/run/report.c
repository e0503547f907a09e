/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/report_parts.h"

#include "base/clock.h"
#include "model/json.h"
#include "model/redact.h"
#include "run/cards.h"
#include "run/compare.h"
#include "run/status.h"

#include <string.h>

/* --- snapshots -------------------------------------------------------------------------------- */

static cJSON *snapshots_json(const struct jobview *v)
{
	struct comparison c;
	cJSON *o = cJSON_CreateObject();
	compare_job(v, NULL, &c);
	compare_json(&c, NULL, o);
	comparison_release(&c);
	return o;
}

/* --- devices ---------------------------------------------------------------------------------- */

static void put_when(cJSON *o, const char *key, int64_t wall)
{
	char time[32];
	clock_iso(wall, time);
	if (wall)
		json_put_text(o, key, time);
}

static cJSON *open_changes(const struct task_view *t)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < t->open.n; i++)
		json_append(list, cJSON_CreateString(t->open.v[i].step));
	return list;
}

/* What runs on it for sure; NULL: nobody knows (it failed behind the point of no return). */
static const char *version_now(const struct jobview *v, const struct task_view *t)
{
	if (t->state == TASK_DONE)
		return job_version(v->job, t->device);
	return t->state == TASK_ROLLED_BACK || !t->committed ? status_from_version(v, t->device)
							     : NULL;
}

static cJSON *device_report(const struct jobview *v, const struct task_view *t)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", jobview_device(v, t->device));
	json_put_text(o, "role", v->job->inventory->devices.v[t->device].role);
	json_put_text(o, "state", task_state_name(t->state));
	json_put_text(o, "reason", t->reason);
	json_put_text(o, "from", status_from_version(v, t->device));
	json_put_text(o, "to", job_version(v->job, t->device));
	json_put_text(o, "now", version_now(v, t));
	json_put_number(o, "attempts", t->tries);
	put_when(o, "started", t->started);
	put_when(o, "ended", t->ended);
	if (t->started && t->ended)
		json_put_number(o, "ms", task_view_worked(t, t->ended));
	json_put_text(o, "failed_step", t->failed_step);
	json_put_text(o, "message", t->message);
	json_put_text(o, "why", task_view_why(t));
	json_put_text(o, "cause", t->cause);
	json_put_text(o, "action", t->advice);
	hitless_put(o, v, t->device);
	json_put(o, "facts", values_to_json(&t->facts));
	json_put(o, "open_changes", open_changes(t));
	json_put(o, "steps", steps_json(t));
	return o;
}

/* As it was asked for: with what was changed for later tries as it was before. */
static cJSON *request_json(const struct jobview *v)
{
	cJSON *o = job_to_json(v->job);
	cJSON *parameters = cJSON_GetObjectItemCaseSensitive(o, "parameters");
	cJSON_DeleteItemFromObjectCaseSensitive(o, "inventory");
	for (size_t i = v->sets.n; parameters && i-- > 0;) {
		const struct set_view *s = &v->sets.v[i];
		cJSON_DeleteItemFromObjectCaseSensitive(parameters, s->name);
		json_put_text(parameters, s->name, s->from);
	}
	return o;
}

static cJSON *notes_json(const struct jobview *v)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < v->notes.n; i++) {
		const struct note_view *n = &v->notes.v[i];
		cJSON *o = cJSON_CreateObject();
		put_when(o, "time", n->wall);
		json_put_text(o, "device",
			      n->device == NO_DEVICE ? NULL : jobview_device(v, n->device));
		json_put_text(o, "level", n->warning ? "warning" : "info");
		json_put_text(o, "text", n->text);
		json_append(list, o);
	}
	return list;
}

/* Up to the last record of the view: the head proves that nothing in the report was changed later. */
static cJSON *journal_json(struct store *s, const struct jobview *v, const char *id, struct err *e)
{
	struct store_chain chain;
	if (store_verify(s, id, v->seq, NULL, &chain, e) != 0)
		return NULL;
	cJSON *o = cJSON_CreateObject();
	json_put_number(o, "records", chain.records);
	put_when(o, "last", chain.wall);
	json_put_text(o, "head", chain.head);
	json_put_flag(o, "complete", true);
	return o;
}

static cJSON *cards_of(const struct jobview *v)
{
	struct cards cards = {.plain = true};
	(void)cards_add(&cards, v, NULL);
	cJSON *list = cards_json(&cards);
	cards_release(&cards);
	return list;
}

/* The whole of it, as it is in the journal. */
static int fill(cJSON *o, struct store *s, const struct jobview *v, const char *id, struct err *e)
{
	cJSON *journal = journal_json(s, v, id, e), *devices = cJSON_CreateArray();
	json_put_text(o, "hitless", PACKAGE_VERSION);
	json_put(o, "request", request_json(v));
	put_when(o, "created", v->created);
	put_when(o, "started", v->started);
	put_when(o, "ended", v->ended);
	cJSON_DeleteItemFromObjectCaseSensitive(o, "devices");
	for (size_t i = 0; i < v->tasks.n; i++)
		json_append(devices, device_report(v, &v->tasks.v[i]));
	json_put(o, "devices", devices);
	json_put(o, "checks", checks_json(v));
	json_put(o, "cards", cards_of(v));
	if (v->plan)
		json_put(o, "plan", plan_to_json(v->plan, v->job->inventory));
	json_put(o, "snapshots", snapshots_json(v));
	json_put(o, "notes", notes_json(v));
	if (!journal)
		return -1;
	json_put(o, "journal", journal);
	return trail_put(o, s, v, id, e);
}

cJSON *report_json(struct store *s, const struct jobview *v, const char *id, struct err *e)
{
	size_t removed = 0;
	struct redactor *r = redactor_new(e);
	cJSON *o = r ? summary_json(v, id, "report") : NULL;
	if (o && fill(o, s, v, id, e) != 0) {
		cJSON_Delete(o);
		o = NULL;
	}
	if (o) {
		redact_json(r, o, &removed);
		json_put_number(o, "redacted", (int64_t)removed);
		json_safe(o);
	}
	redactor_free(r);
	return o;
}

/* --- formats ---------------------------------------------------------------------------------- */

const struct report_kind report_kinds[REPORT_FORMATS] = {
    [REPORT_TEXT] = {"text", ".txt"},
    [REPORT_JSON] = {"json", ".json"},
    [REPORT_HTML] = {"html", ".html"},
};

int report_format(const char *name)
{
	for (int i = 0; i < REPORT_FORMATS; i++)
		if (str_eq(report_kinds[i].name, name))
			return i;
	return -1;
}

char *report_make(enum report_format f, struct store *s, const struct jobview *v, const char *id,
		  struct err *e)
{
	if (f == REPORT_TEXT)
		return report_text(s, v, id, e);
	if (f == REPORT_HTML)
		return report_html(s, v, id, e);
	cJSON *report = report_json(s, v, id, e);
	if (!report)
		return NULL;
	char *text = json_print(report, true), *whole = xasprintf("%s\n", text);
	free(text);
	cJSON_Delete(report);
	return whole;
}
