/* SPDX-License-Identifier: ISC */
/* Our own inventory.json: read by inventory_from_json(), so that it means the same here. */
#include "config.h"

#include "model/import_parts.h"

#include "model/json.h"
#include "model/values.h"

#include <stdio.h>
#include <string.h>

static bool looks(const char *text, size_t n, const cJSON *root)
{
	(void)text, (void)n;
	return cJSON_IsObject(root) && (cJSON_GetObjectItemCaseSensitive(root, "devices") ||
					cJSON_GetObjectItemCaseSensitive(root, "format"));
}

static bool has(const cJSON *said, const char *field)
{
	return cJSON_GetObjectItemCaseSensitive(said, field) != NULL;
}

/* The value is that of inventory_from_json(); a default of its is nothing that the file says. */
static int add_device(struct import *in, const struct inventory *inv, size_t i, const cJSON *said,
		      struct err *e)
{
	const struct device *d = &inv->devices.v[i];
	char place[48];
	snprintf(place, sizeof(place), "devices[%zu]", i);
	struct import_device *to = import_device_add(in, d->name, place, e);
	if (!to)
		return -1;
	to->address = has(said, "address") ? xstrdup(d->address) : NULL;
	to->port = has(said, "port") ? d->port : 0;
	to->platform = xstrdup(d->platform);
	to->role = d->role_by == ROLE_BY_RULE ? NULL : xstrdup(d->role);
	to->site = xstrdup(d->site);
	to->credential = has(said, "credential") ? xstrdup(d->credential) : NULL;
	to->serial = xstrdup(d->serial);
	to->model = xstrdup(d->model);
	to->tags = has(said, "tags") ? strings_copy(d->tags) : NULL;
	to->anchor = d->anchor;
	to->anchor_given = has(said, "anchor");
	return 0;
}

static void add_group(struct import *in, const struct inventory *inv, const struct group *g)
{
	struct import_group *to = VEC_ADD(&in->groups);
	to->name = xstrdup(g->name);
	to->kind = xstrdup(g->kind);
	to->members = xcalloc(g->members.n + 1, sizeof(*to->members));
	for (size_t i = 0; i < g->members.n; i++)
		to->members[i] = xstrdup(inv->devices.v[g->members.v[i]].name);
}

static void add_link(struct import *in, const struct inventory *inv, const struct link *l)
{
	struct import_link *to = VEC_ADD(&in->links);
	to->a = (struct import_end){xstrdup(inv->devices.v[l->a].name), xstrdup(l->a_port)};
	to->b = (struct import_end){xstrdup(inv->devices.v[l->b].name), xstrdup(l->b_port)};
}

static int read(const char *text, size_t n, const cJSON *root, const char *file,
		const struct import_words *words, struct import *in, struct err *e)
{
	(void)text, (void)n, (void)words;
	if (!root)
		return err_set(e, ERR_INPUT, "%s: it is no JSON", file);
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(root, "devices");
	struct inventory *inv = inventory_from_json(root, file, e);
	int rc = inv ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < inv->devices.n; i++)
		rc = add_device(in, inv, i, cJSON_GetArrayItem(said, (int)i), e);
	for (size_t i = 0; rc == 0 && i < inv->groups.n; i++)
		add_group(in, inv, &inv->groups.v[i]);
	for (size_t i = 0; rc == 0 && i < inv->links.n; i++)
		add_link(in, inv, &inv->links.v[i]);
	for (size_t i = 0; rc == 0 && i < inv->rules.n; i++)
		VEC_PUSH(&in->rules, ((struct role_rule){.match = xstrdup(inv->rules.v[i].match),
							 .role = xstrdup(inv->rules.v[i].role)}));
	in->whole = true;
	in->has_links = cJSON_GetObjectItemCaseSensitive(root, "links") != NULL;
	in->has_groups = cJSON_GetObjectItemCaseSensitive(root, "groups") != NULL;
	in->has_rules = cJSON_GetObjectItemCaseSensitive(root, "rules") != NULL;
	inventory_free(inv);
	return rc;
}

const struct import_format import_own = {"hitless", "our own inventory.json", looks, read};
