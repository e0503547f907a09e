/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/planning.h"

#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "model/json.h"
#include "model/values.h"
#include "plan/planner.h"

#include <stdlib.h>
#include <string.h>

struct learnt {
	VEC(struct plan_duration) list;
	VEC(char *) texts; /* owns what the list points at */
	VEC(const char *) asked; /* models; borrowed */
};

/* model NULL: of all models, for those that nothing was learnt of. */
static void learn_model(struct store *s, const char *platform, const char *model, struct learnt *l)
{
	struct durations d = {0};
	struct err e = {0};
	for (size_t i = 0; i < l->asked.n; i++)
		if (str_eq(l->asked.v[i], model))
			return;
	VEC_PUSH(&l->asked, model);
	if (store_durations(s, platform, model, &d, &e) != 0) {
		log_line("plan", "no learnt durations: %s", e.text);
		return;
	}
	for (size_t i = 0; i < d.n; i++) {
		VEC_PUSH(&l->texts, xstrdup(d.v[i].step));
		VEC_PUSH(&l->list, ((struct plan_duration){
				       .model = model,
				       .step = l->texts.v[l->texts.n - 1],
				       .p50_ms = d.v[i].p50,
				       .p95_ms = d.v[i].p95,
				       .samples = (int64_t)d.v[i].samples,
				       .bytes = d.v[i].copy ? DURATION_BYTES : 0}));
	}
	durations_release(&d);
}

/* How many upgrades taught something: by the steps of the whole way. Copies are made without an upgrade,
 * too, and count only where nothing else is known. */
static int64_t upgrades(const struct learnt *l, const struct method *m)
{
	int64_t most = 0, copies = 0;
	for (size_t i = 0; i < l->list.n; i++) {
		const struct plan_duration *d = &l->list.v[i];
		bool whole = d->bytes == 0 && m && strings_have(m->steps, d->step);
		int64_t *count = whole ? &most : &copies;
		*count = d->samples > *count ? d->samples : *count;
	}
	return most ? most : copies;
}

static void release(struct learnt *l)
{
	for (size_t i = 0; i < l->texts.n; i++)
		free(l->texts.v[i]);
	VEC_RELEASE(&l->texts);
	VEC_RELEASE(&l->asked);
	VEC_RELEASE(&l->list);
}

/* The operator's own plan: a copy, if it keeps every rule. */
static struct plan *judged(const struct plan_input *in, const struct jobview *v, struct err *e)
{
	if (plan_check(in, v->plan, e) != 0)
		return NULL;
	cJSON *json = plan_to_json(v->plan, v->job->inventory);
	struct plan *p = plan_from_json(json, v->job->inventory, "plan", e);
	cJSON_Delete(json);
	return p;
}

struct plan *planning_make(struct store *s, const struct jobview *v, const struct images *images,
			   int64_t wall, struct err *e)
{
	struct learnt learnt = {0};
	struct values *facts = xcalloc(v->tasks.n, sizeof(*facts));
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		const char *model = values_get(&t->facts, "model");
		const char *platform = v->job->inventory->devices.v[t->device].platform;
		facts[i] = t->facts; /* borrowed for the call */
		if (model)
			learn_model(s, platform, model, &learnt);
		learn_model(s, platform, NULL, &learnt);
	}
	struct plan_durations durations = {
	    .v = learnt.list.v, .n = learnt.list.n, .upgrades = upgrades(&learnt, jobview_method(v))};
	struct plan_input in = {.job = v->job,
				.procedure = v->procedure,
				.facts = facts,
				.images = images,
				.durations = &durations,
				.now = wall,
				.jump_host = NO_DEVICE};
	struct plan *p = v->plan_given ? judged(&in, v, e) : plan_make(&in, e);
	free(facts);
	release(&learnt);
	return p;
}

/* --- as a file -------------------------------------------------------------------------------- */

/* Names a plan is for: everything of the request but what only this machine and hour knows. */
static cJSON *request_json(const struct job *j, bool named)
{
	static const char *const left_out[] = {"inventory", "operator", "created"};
	cJSON *request = job_to_json(j);
	for (size_t i = 0; i < LEN(left_out); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(request, left_out[i]);
	if (!named)
		cJSON_DeleteItemFromObjectCaseSensitive(request, "name");
	return request;
}

char *planning_json(const struct plan *p, const struct job *j, bool named)
{
	cJSON *o = json_object_new(PLANNING_TYPE), *rest = plan_to_json(p, j->inventory);
	char fingerprint[17];
	inventory_fingerprint(j->inventory, fingerprint);
	json_put(o, "request", request_json(j, named));
	json_put_text(o, "inventory", fingerprint);
	if (named) { /* the name is part of what the words stand for */
		char *words = plan_words(p, j);
		json_put_text(o, "words", words);
		free(words);
	}
	while (rest->child) {
		cJSON *member = cJSON_DetachItemViaPointer(rest, rest->child);
		char *key = xstrdup(member->string);
		json_put(o, key, member);
		free(key);
	}
	cJSON_Delete(rest);
	char *text = json_print(o, true);
	cJSON_Delete(o);
	return text;
}

int planning_save(const struct plan *p, const struct job *j, bool named, const char *path,
		  struct err *e)
{
	char *text = planning_json(p, j, named);
	int rc = path_write(path, text, strlen(text), e);
	free(text);
	return rc;
}
