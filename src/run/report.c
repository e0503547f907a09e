/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/report.h"

#include "base/clock.h"
#include "model/json.h"
#include "model/snapshot.h"
#include "run/status.h"

#include <string.h>

static const char *const change_names[] = {
    [SNAPSHOT_ADDED] = "added", [SNAPSHOT_REMOVED] = "removed", [SNAPSHOT_CHANGED] = "changed"};

/* --- who decided what ------------------------------------------------------------------------- */

struct decisions {
	cJSON *list;
	int64_t last; /* what came after it is not in the view either */
};

static int decide(void *ctx, const struct record *r, struct err *e)
{
	static const char *const copied[] = {"verb",    "target", "text",   "who",
					     "refused", "check",  "reason", "id",
					     "answer",  "user",   "host",   "resumed",
					     "pid",	"words", "uid"};
	struct decisions *d = ctx;
	char time[32];
	(void)e;
	if (r->seq > d->last)
		return 1;
	if (r->kind != RECORD_COMMAND && r->kind != RECORD_ANSWER && r->kind != RECORD_WAIVE &&
	    r->kind != RECORD_OWNER && r->kind != RECORD_CONFIRM)
		return 0;
	cJSON *o = cJSON_CreateObject();
	clock_iso(r->wall, time);
	json_put_text(o, "time", time);
	json_put_text(o, "kind", record_kind_name(r->kind));
	json_put_text(o, "device", r->device);
	for (size_t i = 0; i < LEN(copied); i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(r->data, copied[i]);
		if (value)
			json_put(o, copied[i], cJSON_Duplicate(value, true));
	}
	json_append(d->list, o);
	return 0;
}

static cJSON *decisions_json(struct store *s, const struct jobview *v, const char *id,
			     struct err *e)
{
	struct decisions d = {.list = cJSON_CreateArray(), .last = v->seq};
	if (store_read(s, id, 0, 0, decide, &d, e) == 0)
		return d.list;
	cJSON_Delete(d.list);
	return NULL;
}

/* --- snapshots -------------------------------------------------------------------------------- */

struct differences {
	cJSON *list;
	const char *device, *element;
};

static int difference(void *ctx, enum snapshot_change change, const char *key, const cJSON *before,
		      const cJSON *after)
{
	struct differences *d = ctx;
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", d->device);
	json_put_text(o, "element", d->element);
	json_put_text(o, "change", change_names[change]);
	json_put_text(o, "key", key);
	if (before)
		json_put(o, "before", cJSON_Duplicate(before, true));
	if (after)
		json_put(o, "after", cJSON_Duplicate(after, true));
	json_append(d->list, o);
	return 0;
}

static const struct snapshot_view *find_snapshot(const struct jobview *v, size_t device,
						 const char *element, const char *when)
{
	for (size_t i = 0; i < v->snapshots.n; i++) {
		const struct snapshot_view *s = &v->snapshots.v[i];
		if (s->device == device && str_eq(s->element, element) && str_eq(s->when, when))
			return s;
	}
	return NULL;
}

static cJSON *snapshots_json(const struct jobview *v)
{
	cJSON *o = cJSON_CreateObject(), *taken = cJSON_CreateArray();
	struct differences d = {.list = cJSON_CreateArray()};
	for (size_t i = 0; i < v->tasks.n; i++)
		for (size_t k = 0; k < v->procedure->n_collectors; k++) {
			const struct collector *how = &v->procedure->collectors[k];
			size_t device = v->tasks.v[i].device;
			const struct snapshot_view *before =
			    find_snapshot(v, device, how->element, "before");
			const struct snapshot_view *after =
			    find_snapshot(v, device, how->element, "after");
			if (!before && !after)
				continue;
			d.device = jobview_device(v, device);
			d.element = how->element;
			cJSON *one = cJSON_CreateObject();
			json_put_text(one, "device", d.device);
			json_put_text(one, "element", d.element);
			json_put_number(one, "before",
					before ? cJSON_GetArraySize(before->rows) : -1);
			json_put_number(one, "after", after ? cJSON_GetArraySize(after->rows) : -1);
			json_append(taken, one);
			if (before && after)
				(void)snapshot_compare(how, before->rows, after->rows, difference,
						       &d);
		}
	json_put(o, "taken", taken);
	json_put(o, "differences", d.list);
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

static cJSON *device_report(const struct jobview *v, const struct task_view *t)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", jobview_device(v, t->device));
	json_put_text(o, "role", v->job->inventory->devices.v[t->device].role);
	json_put_text(o, "state", task_state_name(t->state));
	json_put_text(o, "reason", t->reason);
	json_put_text(o, "from", status_from_version(v, t->device));
	json_put_text(o, "to", v->job->version);
	json_put_number(o, "attempts", t->attempt);
	put_when(o, "started", t->started);
	put_when(o, "ended", t->ended);
	if (t->started && t->ended)
		json_put_number(o, "ms", t->ended - t->started);
	json_put_text(o, "failed_step", t->failed_step);
	json_put_text(o, "message", t->message);
	json_put_text(o, "cause", t->cause);
	json_put_text(o, "action", t->advice);
	json_put(o, "facts", values_to_json(&t->facts));
	json_put(o, "open_changes", open_changes(t));
	json_put(o, "steps", steps_json(t));
	return o;
}

static cJSON *request_json(const struct job *j)
{
	cJSON *o = job_to_json(j);
	cJSON_DeleteItemFromObjectCaseSensitive(o, "inventory");
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

cJSON *report_json(struct store *s, const struct jobview *v, const char *id, struct err *e)
{
	cJSON *decisions = decisions_json(s, v, id, e);
	if (!decisions)
		return NULL;
	cJSON *o = summary_json(v, id, "report"), *devices = cJSON_CreateArray();
	cJSON_DeleteItemFromObjectCaseSensitive(o, "devices");
	json_put(o, "request", request_json(v->job));
	put_when(o, "created", v->created);
	put_when(o, "started", v->started);
	put_when(o, "ended", v->ended);
	for (size_t i = 0; i < v->tasks.n; i++)
		json_append(devices, device_report(v, &v->tasks.v[i]));
	json_put(o, "devices", devices);
	json_put(o, "checks", checks_json(v));
	if (v->plan)
		json_put(o, "plan", plan_to_json(v->plan, v->job->inventory));
	json_put(o, "snapshots", snapshots_json(v));
	json_put(o, "decisions", decisions);
	json_put(o, "notes", notes_json(v));
	json_safe(o);
	return o;
}
