/* SPDX-License-Identifier: ISC */
/* How a job stands, as JSON. */
#include "config.h"

#include "run/status.h"

#include "base/clock.h"
#include "model/hitless.h"
#include "model/json.h"
#include "run/aftermath.h"
#include "run/compare.h"

#include <stdlib.h>

cJSON *checks_json(const struct jobview *v)
{
	cJSON *list = cJSON_CreateArray();
	const struct check_view **rows = status_checks_sorted(v);
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *k = rows[i];
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "check", k->check);
		json_put_text(o, "device",
			      k->device == NO_DEVICE ? NULL : jobview_device(v, k->device));
		json_put_text(o, "group", k->group);
		json_put_text(o, "title", k->title);
		json_put_text(o, "severity", k->error ? "error" : "warning");
		json_put_text(o, "when", k->after ? "after" : "before");
		json_put_text(o, "status", k->status);
		json_put_text(o, "message", k->message);
		json_put_text(o, "action", k->advice);
		json_put_flag(o, "waivable", k->waivable);
		json_put_text(o, "waived_by", k->waived_by);
		json_put_text(o, "waive_reason", k->waive_reason);
		json_put_text(o, "command", k->command);
		json_put_text(o, "output", k->output);
		json_append(list, o);
	}
	free(rows);
	return list;
}

cJSON *steps_json(const struct task_view *t)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		char started[32], ended[32];
		cJSON *o = cJSON_CreateObject();
		clock_iso(s->started, started);
		clock_iso(s->ended, ended);
		json_put_text(o, "step", s->step);
		json_put_text(o, "title", s->title);
		json_put_text(o, "phase", s->phase);
		json_put_text(o, "pass", pass_names[s->pass]);
		json_put_number(o, "attempt", s->attempt);
		json_put_flag(o, "changes", s->changes);
		json_put_text(o, "result", s->result);
		json_put_text(o, "started", started);
		json_put_text(o, "ended", s->ended ? ended : NULL);
		if (s->ended)
			json_put_number(o, "ms", s->ended - s->started);
		json_put_text(o, "command", s->command);
		if (s->exit >= 0)
			json_put_number(o, "exit", s->exit);
		json_put_text(o, "output", s->output);
		json_put_text(o, "message", s->message);
		json_put_text(o, "cause", s->cause);
		json_put_text(o, "action", s->advice);
		json_append(list, o);
	}
	return list;
}

void hitless_put(cJSON *o, const struct jobview *v, size_t device)
{
	cJSON *list = cJSON_CreateArray();
	const struct check_view *c;
	for (size_t at = 0; (c = hitless_reason(v, device, &at));) {
		cJSON *one = cJSON_CreateObject();
		json_put_text(one, "device",
			      c->device == NO_DEVICE ? NULL : jobview_device(v, c->device));
		json_put_text(one, "check", c->check);
		json_put_text(one, "message", c->message);
		json_append(list, one);
	}
	if (hitless_is_broken(v, device) || hitless_is_proven(v, device))
		json_put(o, "not_hitless", list);
	else
		cJSON_Delete(list);
}

void sets_put(cJSON *o, const struct jobview *v)
{
	cJSON *list = v->sets.n ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < v->sets.n; i++) {
		const struct set_view *s = &v->sets.v[i];
		cJSON *one = cJSON_CreateObject();
		char time[32];
		clock_iso(s->wall, time);
		json_put_text(one, "time", time);
		json_put_text(one, "who", s->who);
		json_put_text(one, "parameter", s->name);
		json_put_text(one, "from", s->from);
		json_put_text(one, "to", s->to);
		if (s->device != NO_DEVICE) {
			json_put_text(one, "device", jobview_device(v, s->device));
			json_put_number(one, "attempt", s->attempt);
		}
		json_append(list, one);
	}
	if (list)
		json_put(o, "set_later", list);
}

static cJSON *device_json(const struct jobview *v, const struct task_view *t)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", jobview_device(v, t->device));
	json_put_text(o, "state", task_state_name(t->state));
	json_put_text(o, "reason", t->reason);
	json_put_text(o, "from", status_from_version(v, t->device));
	json_put_text(o, "to", job_version(v->job, t->device));
	json_put_number(o, "attempts", t->tries);
	if (t->started)
		json_put_number(o, "elapsed_ms", task_view_worked(t, v->last));
	if (t->failed_step) {
		json_put_text(o, "failed_step", t->failed_step);
		json_put_text(o, "message", t->message);
		json_put_text(o, "cause", t->cause);
		json_put_text(o, "action", t->advice);
	}
	hitless_put(o, v, t->device);
	return o;
}

cJSON *summary_json(const struct jobview *v, const char *id, const char *type)
{
	size_t counts[TASK_STATE_COUNT];
	struct check_sums sums = jobview_check_sums(v);
	struct aftermath after = aftermath_of(v, NO_DEVICE);
	cJSON *o = json_object_new(type), *n = cJSON_CreateObject(), *list = cJSON_CreateArray();
	jobview_counts(v, counts);
	json_put_text(o, "job", v->job->name);
	json_put_text(o, "id", id);
	json_put_text(o, "state", job_state_name(v->state));
	json_put_text(o, "reason", v->reason);
	json_put_text(o, "version", v->job->version);
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		json_put_number(n, task_state_name((enum task_state)i), (int64_t)counts[i]);
	json_put(o, "counts", n);
	json_put_number(o, "check_errors", (int64_t)sums.errors);
	json_put_number(o, "check_unknown", (int64_t)sums.unknown);
	json_put_number(o, "check_warnings", (int64_t)sums.warnings);
	hitless_put(o, v, NO_DEVICE);
	sets_put(o, v);
	aftermath_put(o, &after);
	json_put_number(o, "snapshots_missing", (int64_t)diff_missing_count(v, DIFF_DUE_OVER));
	if (v->started)
		json_put_number(o, "elapsed_ms", (v->ended ? v->ended : v->last) - v->started);
	for (size_t i = 0; i < v->tasks.n; i++)
		json_append(list, device_json(v, &v->tasks.v[i]));
	json_put(o, "devices", list);
	json_put_number(o, "exit", job_status(v));
	return o;
}
