/* SPDX-License-Identifier: ISC */
/* The devices of a job that go to another image, or version, than the rest. */
#include "config.h"

#include "model/job.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

static bool target_has(const struct job_target *t, size_t device)
{
	size_t low = 0, high = t->devices.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (t->devices.v[middle] == device)
			return true;
		if (t->devices.v[middle] < device)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

const struct job_target *job_target(const struct job *j, size_t device)
{
	for (size_t i = 0; i < j->targets.n; i++)
		if (target_has(&j->targets.v[i], device))
			return &j->targets.v[i];
	return NULL;
}

const char *job_version(const struct job *j, size_t device)
{
	const struct job_target *t = job_target(j, device);
	return t ? t->version : j->version;
}

const char *job_image(const struct job *j, size_t device)
{
	const struct job_target *t = job_target(j, device);
	return t ? t->image : j->os_image;
}

const char *job_versions(const struct job *j)
{
	return j->versions ? j->versions : j->version;
}

/* With one version for all there is nothing to list. */
void job_targets_settle(struct job *j)
{
	VEC(const char *) seen = {0};
	struct str out = {0};
	free(j->versions);
	j->versions = NULL;
	for (size_t i = 0; j->targets.n && i < j->devices.n; i++) {
		const char *version = job_version(j, j->devices.v[i]);
		bool known = !version;
		for (size_t k = 0; k < seen.n && !known; k++)
			known = strcmp(seen.v[k], version) == 0;
		if (known)
			continue;
		VEC_PUSH(&seen, version);
		str_printf(&out, "%s%s", out.len ? ", " : "", version);
	}
	VEC_RELEASE(&seen);
	if (out.len)
		j->versions = str_take(&out);
	str_release(&out);
}

static void insert(struct job_target *t, size_t device)
{
	size_t at = t->devices.n;
	VEC_PUSH(&t->devices, device);
	for (; at > 0 && t->devices.v[at - 1] > device; at--)
		t->devices.v[at] = t->devices.v[at - 1];
	t->devices.v[at] = device;
}

void job_target_add(struct job *j, size_t device, const char *version, const char *image)
{
	struct job_target *t = NULL;
	for (size_t i = 0; i < j->targets.n && !t; i++)
		if (str_eq(j->targets.v[i].version, version) &&
		    str_eq(j->targets.v[i].image, image))
			t = &j->targets.v[i];
	if (!t) {
		t = VEC_ADD(&j->targets);
		*t = (struct job_target){.version = xstrdup(version), .image = xstrdup(image)};
	}
	insert(t, device);
}

void job_targets_release(struct job *j)
{
	for (size_t i = 0; i < j->targets.n; i++) {
		free(j->targets.v[i].version);
		free(j->targets.v[i].image);
		VEC_RELEASE(&j->targets.v[i].devices);
	}
	VEC_RELEASE(&j->targets);
	free(j->versions);
	j->versions = NULL;
}

cJSON *job_targets_json(const struct job *j)
{
	cJSON *array = cJSON_CreateArray();
	for (size_t i = 0; i < j->targets.n; i++) {
		const struct job_target *t = &j->targets.v[i];
		cJSON *object = cJSON_CreateObject(), *names = cJSON_CreateArray();
		json_put_text(object, "version", t->version);
		json_put_text(object, "image", t->image);
		for (size_t k = 0; k < t->devices.n; k++)
			json_append(names, cJSON_CreateString(
					       j->inventory->devices.v[t->devices.v[k]].name));
		json_put(object, "devices", names);
		json_append(array, object);
	}
	return array;
}

static int read_device(const struct job *j, const struct jnode *at, struct job_target *t,
		       struct err *e)
{
	const char *name;
	if (json_string(at, &name, e) < 0)
		return -1;
	size_t d = inventory_find(j->inventory, name);
	if (d == NO_DEVICE || !job_has(j, d))
		return json_bad(at, e, "\"%s\" is not in the job", name);
	if (job_target(j, d))
		return json_bad(at, e, "\"%s\" has two targets", name);
	insert(t, d);
	return 0;
}

static int read_target(struct job *j, const struct jnode *at, struct err *e)
{
	static const char *const keys[] = {"version", "image", "devices", NULL};
	struct job_target *t = VEC_ADD(&j->targets);
	struct jnode list, item, version;
	if (json_only(at, keys, e) < 0 || json_need(at, "version", &version, e) < 0 ||
	    json_opt_string(at, "version", NULL, &t->version, e) < 0 ||
	    json_opt_string(at, "image", NULL, &t->image, e) < 0 ||
	    json_need(at, "devices", &list, e) < 0 || json_array(&list, e) < 0)
		return -1;
	for (bool on = json_first(&list, &item); on; on = json_next(&item))
		if (read_device(j, &item, t, e) < 0)
			return -1;
	return 0;
}

int job_targets_read(struct job *j, const struct jnode *at, struct err *e)
{
	struct jnode list, item;
	if (!json_get(at, "targets", &list))
		return 0;
	if (json_array(&list, e) < 0)
		return -1;
	for (bool on = json_first(&list, &item); on; on = json_next(&item))
		if (read_target(j, &item, e) < 0)
			return -1;
	job_targets_settle(j);
	return 0;
}
