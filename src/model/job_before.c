/* SPDX-License-Identifier: ISC */
/* The job that another one goes on with: which, and what it left of each device. */
#include "config.h"

#include "model/job.h"

#include "model/json.h"

#include <stdlib.h>

void job_before_free(struct job_before *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->devices.n; i++) {
		values_release(&b->devices.v[i].facts);
		values_release(&b->devices.v[i].captures);
	}
	VEC_RELEASE(&b->devices);
	free(b->id);
	free(b->name);
	free(b->kind);
	free(b);
}

const struct before_device *job_before_device(const struct job *j, size_t device)
{
	for (size_t i = 0; j->before && i < j->before->devices.n; i++)
		if (j->before->devices.v[i].device == device)
			return &j->before->devices.v[i];
	return NULL;
}

cJSON *job_before_json(const struct job_before *b, const struct inventory *inv)
{
	cJSON *object = cJSON_CreateObject(), *devices = cJSON_CreateObject();
	json_put_text(object, "id", b->id);
	json_put_text(object, "name", b->name);
	json_put_text(object, "kind", b->kind);
	for (size_t i = 0; i < b->devices.n; i++) {
		const struct before_device *d = &b->devices.v[i];
		cJSON *one = cJSON_CreateObject();
		json_put(one, "facts", values_to_json(&d->facts));
		json_put(one, "captures", values_to_json(&d->captures));
		json_put(devices, inv->devices.v[d->device].name, one);
	}
	json_put(object, "devices", devices);
	return object;
}

static int read_device(struct job_before *b, const struct jnode *at, const struct inventory *inv,
		       struct err *e)
{
	static const char *const keys[] = {"facts", "captures", NULL};
	struct jnode part;
	size_t device = inventory_find(inv, at->key);
	if (device == NO_DEVICE)
		return json_bad(at, e, "there is no device \"%s\"", at->key);
	if (json_only(at, keys, e) < 0)
		return -1;
	struct before_device *d = VEC_ADD(&b->devices);
	d->device = device;
	if (json_get(at, "facts", &part))
		values_from_json(&d->facts, part.value);
	if (json_get(at, "captures", &part))
		values_from_json(&d->captures, part.value);
	return 0;
}

static int read_before(struct job_before *b, const struct jnode *at, const struct inventory *inv,
		       struct err *e)
{
	static const char *const keys[] = {"id", "name", "kind", "devices", NULL};
	struct jnode devices, one;
	if (json_only(at, keys, e) < 0 || json_need(at, "id", &one, e) < 0 ||
	    json_opt_string(at, "id", NULL, &b->id, e) < 0 ||
	    json_opt_string(at, "name", NULL, &b->name, e) < 0 ||
	    json_opt_string(at, "kind", NULL, &b->kind, e) < 0 ||
	    json_need(at, "devices", &devices, e) < 0 || json_object(&devices, e) < 0)
		return -1;
	for (bool on = json_first(&devices, &one); on; on = json_next(&one))
		if (read_device(b, &one, inv, e) < 0)
			return -1;
	return 0;
}

struct job_before *job_before_read(const struct jnode *at, const struct inventory *inv,
				   struct err *e)
{
	struct job_before *b = xcalloc(1, sizeof(*b));
	if (read_before(b, at, inv, e) == 0)
		return b;
	job_before_free(b);
	return NULL;
}
