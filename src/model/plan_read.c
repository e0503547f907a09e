/* SPDX-License-Identifier: ISC */
/* Reading a plan back: from the journal, or from a file that somebody kept. */
#include "config.h"

#include "model/plan.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	const char *name;
	size_t device;
};

struct reading {
	const struct inventory *inv;
	struct entry *names; /* sorted */
	struct err *e;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int read_device_name(const struct reading *r, const struct jnode *at, size_t *out)
{
	struct entry wanted = {0};
	if (json_string(at, &wanted.name, r->e) < 0)
		return -1;
	const struct entry *found =
	    r->inv->devices.n
		? bsearch(&wanted, r->names, r->inv->devices.n, sizeof(*r->names), by_name)
		: NULL;
	if (!found)
		return json_bad(at, r->e, "there is no device \"%s\"", wanted.name);
	*out = found->device;
	return 0;
}

/* The devices of a list, as a new array. */
static int read_devices(const struct reading *r, const struct jnode *object, const char *key,
                        size_t **out, size_t *n, size_t *cap)
{
	struct jnode list, at;
	if (json_need(object, key, &list, r->e) < 0 || json_array(&list, r->e) < 0)
		return -1;
	*cap = json_count(&list) + 1;
	*out = xcalloc(*cap, sizeof(**out));
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_device_name(r, &at, &(*out)[(*n)++]) < 0)
			return -1;
	return 0;
}

static int read_line(const struct reading *r, const struct jnode *at, struct plan_line *line)
{
	static const char *const keys[] = {"claim", "holds", "detail", NULL};
	struct jnode claim;
	if (json_only(at, keys, r->e) < 0 || json_need(at, "claim", &claim, r->e) < 0 ||
	    json_opt_string(at, "claim", NULL, &line->claim, r->e) < 0 ||
	    json_opt_string(at, "detail", NULL, &line->detail, r->e) < 0)
		return -1;
	return json_opt_bool(at, "holds", false, &line->holds, r->e);
}

static int read_batch(const struct reading *r, const struct jnode *at, struct plan_batch *b)
{
	static const char *const keys[] = {"devices", "proof",  "estimate_ms", "need_ms",
					   "window",  "starts", "over",        NULL};
	struct jnode proof, line;
	int64_t window;
	if (json_only(at, keys, r->e) < 0 ||
	    read_devices(r, at, "devices", &b->devices.v, &b->devices.n, &b->devices.cap) < 0 ||
	    json_opt_int(at, "estimate_ms", 0, INT64_MAX, 0, &b->estimate_ms, r->e) < 0 ||
	    json_opt_int(at, "need_ms", 0, INT64_MAX, 0, &b->need_ms, r->e) < 0 ||
	    json_opt_int(at, "window", 0, 100000, 0, &window, r->e) < 0 ||
	    json_opt_int(at, "starts", 0, INT64_MAX, 0, &b->starts, r->e) < 0 ||
	    json_opt_int(at, "over", 0, INT64_MAX, 0, &b->over, r->e) < 0)
		return -1;
	b->window = (size_t)window;
	if (!json_get(at, "proof", &proof))
		return 0;
	if (json_array(&proof, r->e) < 0)
		return -1;
	for (bool on = json_first(&proof, &line); on; on = json_next(&line))
		if (read_line(r, &line, VEC_ADD(&b->proof)) < 0)
			return -1;
	return 0;
}

static int read_stage(const struct reading *r, const struct jnode *at, struct plan_stage *s)
{
	static const char *const keys[] = {"name",      "batches",          "component",
					   "no_return", "no_return_before", "no_return_asked",
					   NULL};
	struct jnode name, batches, batch, before;
	if (json_only(at, keys, r->e) < 0 || json_need(at, "name", &name, r->e) < 0 ||
	    json_opt_string(at, "name", NULL, &s->name, r->e) < 0 ||
	    json_opt_string(at, "component", NULL, &s->component, r->e) < 0 ||
	    json_opt_string(at, "no_return", NULL, &s->no_return, r->e) < 0 ||
	    json_need(at, "batches", &batches, r->e) < 0 || json_array(&batches, r->e) < 0)
		return -1;
	s->no_return_last = json_get(at, "no_return_before", &before) &&
			    cJSON_IsString(before.value) &&
			    strcmp(before.value->valuestring, "last") == 0;
	s->no_return_said = json_get(at, "no_return_asked", &before) && cJSON_IsFalse(before.value);
	for (bool on = json_first(&batches, &batch); on; on = json_next(&batch))
		if (read_batch(r, &batch, VEC_ADD(&s->batches)) < 0)
			return -1;
	return 0;
}

static int read_ms(const struct reading *r, const struct jnode *at, const char *key, int64_t *out)
{
	return json_opt_int(at, key, 0, INT64_MAX, 0, out, r->e);
}

static int read_device(const struct reading *r, const struct jnode *at, struct plan_device *d)
{
	static const char *const keys[] = {"device",  "from",     "to",          "image",
	                                   "restore", "isolates", "estimate_ms", "p95_ms",
	                                   "copy_ms", "copy_p95_ms", "need_ms", "left_out",
					   "not_hitless", NULL};
	const struct {
		const char *key;
		char **out;
	} texts[] = {
	    {"from", &d->from},       {"to", &d->to},         {"image", &d->image},
	    {"restore", &d->restore}, {"left_out", &d->left}, {"not_hitless", &d->not_hitless}};
	struct jnode name;
	if (json_only(at, keys, r->e) < 0 || json_need(at, "device", &name, r->e) < 0 ||
	    read_device_name(r, &name, &d->device) < 0)
		return -1;
	for (size_t i = 0; i < LEN(texts); i++)
		if (json_opt_string(at, texts[i].key, NULL, texts[i].out, r->e) < 0)
			return -1;
	if (read_devices(r, at, "isolates", &d->isolates.v, &d->isolates.n, &d->isolates.cap) < 0)
		return -1;
	return read_ms(r, at, "estimate_ms", &d->estimate_ms) < 0 ||
			       read_ms(r, at, "p95_ms", &d->p95_ms) < 0 ||
			       read_ms(r, at, "copy_ms", &d->copy_ms) < 0 ||
			       read_ms(r, at, "copy_p95_ms", &d->copy_p95_ms) < 0 ||
			       read_ms(r, at, "need_ms", &d->need_ms) < 0
		   ? -1
		   : 0;
}

static int read_figure(const struct reading *r, const struct jnode *at, struct plan_figure *f)
{
	static const char *const keys[] = {"model",  "step",    "p50_ms",
	                                   "p95_ms", "samples", "source", NULL};
	struct jnode source;
	const char *name;
	if (json_only(at, keys, r->e) < 0 || json_need(at, "source", &source, r->e) < 0 ||
	    json_string(&source, &name, r->e) < 0 ||
	    json_opt_string(at, "model", NULL, &f->model, r->e) < 0 ||
	    json_opt_string(at, "step", "", &f->step, r->e) < 0 ||
	    read_ms(r, at, "p50_ms", &f->p50_ms) < 0 || read_ms(r, at, "p95_ms", &f->p95_ms) < 0 ||
	    read_ms(r, at, "samples", &f->samples) < 0)
		return -1;
	for (int i = 0; i < PLAN_SOURCE_COUNT; i++)
		if (strcmp(plan_source_names[i], name) == 0) {
			f->source = (enum plan_source)i;
			return 0;
		}
	return json_bad(&source, r->e, "expected shipped, model or platform");
}

static int read_figures(const struct reading *r, const struct jnode *root, struct plan *p)
{
	struct jnode list, at;
	if (!json_get(root, "figures", &list))
		return 0;
	if (json_array(&list, r->e) < 0)
		return -1;
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_figure(r, &at, VEC_ADD(&p->figures)) < 0)
			return -1;
	return 0;
}

static int read_lists(const struct reading *r, const struct jnode *root, struct plan *p)
{
	struct jnode list, at;
	const char *text;
	if (json_need(root, "stages", &list, r->e) < 0 || json_array(&list, r->e) < 0)
		return -1;
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_stage(r, &at, VEC_ADD(&p->stages)) < 0)
			return -1;
	if (json_need(root, "devices", &list, r->e) < 0 || json_array(&list, r->e) < 0)
		return -1;
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_device(r, &at, VEC_ADD(&p->devices)) < 0)
			return -1;
	if (!json_get(root, "warnings", &list))
		return 0;
	if (json_array(&list, r->e) < 0)
		return -1;
	for (bool on = json_first(&list, &at); on; on = json_next(&at)) {
		if (json_string(&at, &text, r->e) < 0)
			return -1;
		VEC_PUSH(&p->warnings, xstrdup(text));
	}
	return 0;
}

/* Does a stage begin another component than the one before it? */
static bool begins_component(const struct plan *p, size_t s)
{
	return s > 0 && !str_eq(p->stages.v[s].component, p->stages.v[s - 1].component);
}

/* Each device once (in each component): a plan that names one twice was not made by us. */
static int check_once(const struct reading *r, const struct jnode *root, const struct plan *p)
{
	size_t n = r->inv->devices.n + 1;
	bool *seen = xcalloc(n, sizeof(*seen));
	int result = 0;
	for (size_t s = 0; s < p->stages.n; s++) {
		if (begins_component(p, s))
			memset(seen, 0, n * sizeof(*seen));
		for (size_t b = 0; b < p->stages.v[s].batches.n; b++) {
			const struct plan_batch *batch = &p->stages.v[s].batches.v[b];
			for (size_t i = 0; i < batch->devices.n && !result; i++) {
				size_t d = batch->devices.v[i];
				if (seen[d])
					result = json_bad(root, r->e, "\"%s\" is planned twice",
					                  r->inv->devices.v[d].name);
				seen[d] = true;
			}
		}
	}
	free(seen);
	return result;
}

/* The fingerprint must be that of what was read: a plan that was changed by hand is refused. */
static int check_seal(const struct reading *r, const struct jnode *root, struct plan *p)
{
	struct jnode at;
	const char *text;
	if (!json_get(root, "fingerprint", &at))
		return 0;
	if (json_string(&at, &text, r->e) < 0)
		return -1;
	plan_seal(p, r->inv);
	if (strcmp(text, p->fingerprint) != 0)
		return json_bad(&at, r->e, "does not belong to this plan: it was changed");
	return 0;
}

static int read_hitless(const struct reading *r, const struct jnode *root, struct plan *p)
{
	struct jnode at;
	bool yes;
	if (!json_get(root, "hitless", &at))
		return 0;
	if (json_bool(&at, &yes, r->e) < 0)
		return -1;
	p->hitless = yes;
	return 0;
}

static int read_plan(const struct reading *r, const struct jnode *root, struct plan *p)
{
	static const char *const keys[] = {"stages",      "devices",     "warnings",
	                                   "lower_bound", "estimate_ms", "estimate_from",
	                                   "fingerprint", "p95_ms",      "copies_ms",
	                                   "copies_p95_ms", "figures",   "hitless", NULL};
	int64_t bound;
	if (json_only(root, keys, r->e) < 0 || read_lists(r, root, p) < 0 ||
	    read_figures(r, root, p) < 0 || read_ms(r, root, "p95_ms", &p->p95_ms) < 0 ||
	    read_ms(r, root, "copies_ms", &p->copies_ms) < 0 ||
	    read_ms(r, root, "copies_p95_ms", &p->copies_p95_ms) < 0 ||
	    json_opt_int(root, "lower_bound", 0, 1000000, 0, &bound, r->e) < 0 ||
	    json_opt_int(root, "estimate_ms", 0, INT64_MAX, 0, &p->estimate_ms, r->e) < 0 ||
	    json_opt_string(root, "estimate_from", NULL, &p->estimate_from, r->e) < 0)
		return -1;
	p->lower_bound = (size_t)bound;
	if (read_hitless(r, root, p) < 0)
		return -1;
	return check_once(r, root, p) < 0 ? -1 : check_seal(r, root, p);
}

struct plan *plan_from_json(const cJSON *object, const struct inventory *inv, const char *file,
                            struct err *e)
{
	struct plan *p = plan_new();
	struct jnode root = json_root(object, file);
	struct reading r = {inv, xcalloc(inv->devices.n + 1, sizeof(struct entry)), e};
	for (size_t i = 0; i < inv->devices.n; i++)
		r.names[i] = (struct entry){inv->devices.v[i].name, i};
	if (inv->devices.n)
		qsort(r.names, inv->devices.n, sizeof(*r.names), by_name);
	int result = read_plan(&r, &root, p);
	free(r.names);
	if (result == 0)
		return p;
	plan_free(p);
	return NULL;
}
