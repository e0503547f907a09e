/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/record.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[RECORD_KIND_COUNT] = {
#define X(id, name) [RECORD_##id] = name,
    RECORD_KINDS(X)
#undef X
};

const char *record_kind_name(enum record_kind kind)
{
	return kind < RECORD_KIND_COUNT ? kind_names[kind] : "?";
}

int record_kind_find(const char *name)
{
	for (int i = 0; name && i < RECORD_KIND_COUNT; i++)
		if (strcmp(kind_names[i], name) == 0)
			return i;
	return -1;
}

/* cJSON says "no memory" with NULL; for this program that is the end, as in base/mem.c. */
static void *must(void *made)
{
	if (!made)
		abort();
	return made;
}

static struct record *new_with(enum record_kind kind, const char *device, const char *step,
                               cJSON *data)
{
	struct record *r = xcalloc(1, sizeof(*r));
	r->kind = kind;
	r->device = xstrdup(device);
	r->step = xstrdup(step);
	r->data = must(data);
	return r;
}

struct record *record_new(enum record_kind kind, const char *device, const char *step)
{
	return new_with(kind, device, step, cJSON_CreateObject());
}

void record_free(struct record *r)
{
	if (!r)
		return;
	free(r->device);
	free(r->step);
	cJSON_Delete(r->data);
	free(r);
}

struct record *record_copy(const struct record *r)
{
	struct record *copy = new_with(r->kind, r->device, r->step, cJSON_Duplicate(r->data, 1));
	copy->seq = r->seq;
	copy->wall = r->wall;
	return copy;
}

/* A name given twice keeps the last value: two members of one name would be read as the first by
 * cJSON and as the last by most others. */
struct record *record_json(struct record *r, const char *name, cJSON *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(r->data, name);
	if (value && !cJSON_AddItemToObject(r->data, name, value))
		abort();
	return r;
}

struct record *record_text(struct record *r, const char *name, const char *text)
{
	return text ? record_json(r, name, must(cJSON_CreateString(text))) : r;
}

struct record *record_number(struct record *r, const char *name, int64_t number)
{
	return record_json(r, name, must(cJSON_CreateNumber((double)number)));
}

struct record *record_flag(struct record *r, const char *name, bool flag)
{
	return record_json(r, name, must(cJSON_CreateBool(flag)));
}
