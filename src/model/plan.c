/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/plan.h"

#include "model/digest.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

const char *const plan_source_names[PLAN_SOURCE_COUNT] = {
#define X(id, name) [PLAN_##id] = name,
    PLAN_SOURCES(X)
#undef X
};

struct plan *plan_new(void)
{
	struct plan *p = xcalloc(1, sizeof(*p));
	p->hitless = -1;
	return p;
}

static void release_stage(struct plan_stage *s)
{
	for (size_t i = 0; i < s->batches.n; i++) {
		struct plan_batch *b = &s->batches.v[i];
		for (size_t k = 0; k < b->proof.n; k++) {
			free(b->proof.v[k].claim);
			free(b->proof.v[k].detail);
		}
		VEC_RELEASE(&b->devices);
		VEC_RELEASE(&b->proof);
	}
	VEC_RELEASE(&s->batches);
	free(s->name);
	free(s->component);
	free(s->no_return);
}

static void release_device(struct plan_device *d)
{
	free(d->from);
	free(d->to);
	free(d->image);
	free(d->restore);
	free(d->left);
	free(d->not_hitless);
	VEC_RELEASE(&d->isolates);
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->stages.n; i++)
		release_stage(&p->stages.v[i]);
	for (size_t i = 0; i < p->devices.n; i++)
		release_device(&p->devices.v[i]);
	for (size_t i = 0; i < p->warnings.n; i++)
		free(p->warnings.v[i]);
	VEC_RELEASE(&p->stages);
	VEC_RELEASE(&p->devices);
	VEC_RELEASE(&p->warnings);
	for (size_t i = 0; i < p->figures.n; i++) {
		free(p->figures.v[i].model);
		free(p->figures.v[i].step);
	}
	VEC_RELEASE(&p->figures);
	free(p->estimate_from);
	free(p);
}

const struct plan_device *plan_device(const struct plan *p, size_t device)
{
	for (size_t i = 0; i < p->devices.n; i++)
		if (p->devices.v[i].device == device)
			return &p->devices.v[i];
	return NULL;
}

size_t plan_batches(const struct plan *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->stages.n; i++)
		n += p->stages.v[i].batches.n;
	return n;
}

/* --- writing --- */

static cJSON *names_json(const size_t *devices, size_t n, const struct inventory *inv)
{
	cJSON *array = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++)
		json_append(array, cJSON_CreateString(inv->devices.v[devices[i]].name));
	return array;
}

static cJSON *batch_json(const struct plan_batch *b, const struct inventory *inv)
{
	cJSON *object = cJSON_CreateObject(), *proof = cJSON_CreateArray();
	json_put(object, "devices", names_json(b->devices.v, b->devices.n, inv));
	for (size_t i = 0; i < b->proof.n; i++) {
		cJSON *line = cJSON_CreateObject();
		json_put_text(line, "claim", b->proof.v[i].claim);
		json_put_flag(line, "holds", b->proof.v[i].holds);
		json_put_text(line, "detail", b->proof.v[i].detail);
		json_append(proof, line);
	}
	json_put(object, "proof", proof);
	json_put_number(object, "estimate_ms", b->estimate_ms);
	json_put_number(object, "need_ms", b->need_ms);
	if (b->window) {
		json_put_number(object, "window", (int64_t)b->window);
		json_put_number(object, "starts", b->starts);
		json_put_number(object, "over", b->over);
	}
	return object;
}

static cJSON *stage_json(const struct plan_stage *s, const struct inventory *inv)
{
	cJSON *object = cJSON_CreateObject(), *batches = cJSON_CreateArray();
	json_put_text(object, "name", s->name);
	if (s->component)
		json_put_text(object, "component", s->component);
	if (s->no_return) {
		json_put_text(object, "no_return", s->no_return);
		json_put_text(object, "no_return_before", s->no_return_last ? "last" : "first");
		json_put_flag(object, "no_return_asked", !s->no_return_said);
	}
	for (size_t i = 0; i < s->batches.n; i++)
		json_append(batches, batch_json(&s->batches.v[i], inv));
	json_put(object, "batches", batches);
	return object;
}

/* Plans from before there were such figures keep their fingerprint. */
static void put_ms(cJSON *object, const char *name, int64_t ms)
{
	if (ms)
		json_put_number(object, name, ms);
}

static cJSON *device_json(const struct plan_device *d, const struct inventory *inv)
{
	cJSON *object = cJSON_CreateObject();
	json_put_text(object, "device", inv->devices.v[d->device].name);
	json_put_text(object, "from", d->from);
	json_put_text(object, "to", d->to);
	json_put_text(object, "image", d->image);
	json_put_text(object, "restore", d->restore);
	json_put(object, "isolates", names_json(d->isolates.v, d->isolates.n, inv));
	json_put_number(object, "estimate_ms", d->estimate_ms);
	put_ms(object, "p95_ms", d->p95_ms);
	put_ms(object, "copy_ms", d->copy_ms);
	put_ms(object, "copy_p95_ms", d->copy_p95_ms);
	json_put_number(object, "need_ms", d->need_ms);
	json_put_text(object, "left_out", d->left);
	json_put_text(object, "not_hitless", d->not_hitless);
	return object;
}

static cJSON *figures_json(const struct plan *p)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < p->figures.n; i++) {
		const struct plan_figure *f = &p->figures.v[i];
		cJSON *object = cJSON_CreateObject();
		json_put_text(object, "model", f->model);
		json_put_text(object, "step", f->step);
		json_put_number(object, "p50_ms", f->p50_ms);
		json_put_number(object, "p95_ms", f->p95_ms);
		json_put_number(object, "samples", f->samples);
		json_put_text(object, "source", plan_source_names[f->source]);
		json_append(list, object);
	}
	return list;
}

cJSON *plan_to_json(const struct plan *p, const struct inventory *inv)
{
	cJSON *object = cJSON_CreateObject(), *stages = cJSON_CreateArray();
	cJSON *devices = cJSON_CreateArray(), *warnings = cJSON_CreateArray();
	for (size_t i = 0; i < p->stages.n; i++)
		json_append(stages, stage_json(&p->stages.v[i], inv));
	for (size_t i = 0; i < p->devices.n; i++)
		json_append(devices, device_json(&p->devices.v[i], inv));
	for (size_t i = 0; i < p->warnings.n; i++)
		json_append(warnings, cJSON_CreateString(p->warnings.v[i]));
	json_put(object, "stages", stages);
	json_put(object, "devices", devices);
	json_put(object, "warnings", warnings);
	if (p->hitless >= 0)
		json_put_flag(object, "hitless", p->hitless == 1);
	json_put_number(object, "lower_bound", (int64_t)p->lower_bound);
	json_put_number(object, "estimate_ms", p->estimate_ms);
	put_ms(object, "p95_ms", p->p95_ms);
	put_ms(object, "copies_ms", p->copies_ms);
	put_ms(object, "copies_p95_ms", p->copies_p95_ms);
	json_put_text(object, "estimate_from", p->estimate_from);
	if (p->figures.n)
		json_put(object, "figures", figures_json(p));
	if (p->fingerprint[0])
		json_put_text(object, "fingerprint", p->fingerprint);
	return object;
}

/* The members are written in one order only, so the text of the tree is canonical. */
void plan_seal(struct plan *p, const struct inventory *inv)
{
	char hex[DIGEST_HEX];
	p->fingerprint[0] = '\0';
	cJSON *tree = plan_to_json(p, inv);
	char *text = json_print(tree, false);
	digest_bytes(text, strlen(text), hex);
	memcpy(p->fingerprint, hex, sizeof(p->fingerprint) - 1);
	p->fingerprint[sizeof(p->fingerprint) - 1] = '\0';
	free(text);
	cJSON_Delete(tree);
}
