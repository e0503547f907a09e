/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/inventory_parts.h"

#include "base/path.h"
#include "model/digest.h"
#include "model/json.h"
#include "model/values.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct inventory *inventory_new(void)
{
	return xcalloc(1, sizeof(struct inventory));
}

void inventory_free(struct inventory *inv)
{
	if (!inv)
		return;
	for (size_t i = 0; i < inv->devices.n; i++)
		device_release(&inv->devices.v[i]);
	for (size_t i = 0; i < inv->groups.n; i++) {
		free(inv->groups.v[i].name);
		free(inv->groups.v[i].kind);
		VEC_RELEASE(&inv->groups.v[i].members);
	}
	for (size_t i = 0; i < inv->links.n; i++) {
		free(inv->links.v[i].a_port);
		free(inv->links.v[i].b_port);
	}
	VEC_RELEASE(&inv->devices);
	VEC_RELEASE(&inv->groups);
	VEC_RELEASE(&inv->links);
	for (size_t i = 0; i < inv->retired.n; i++) {
		free(inv->retired.v[i].name);
		free(inv->retired.v[i].text);
	}
	VEC_RELEASE(&inv->retired);
	rules_release(inv);
	free(inv);
}

size_t inventory_find(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->devices.n; i++)
		if (str_eq(inv->devices.v[i].name, name))
			return i;
	return NO_DEVICE;
}

size_t inventory_credential_users(const struct inventory *inv, const char *credential)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		n += str_eq(inv->devices.v[i].credential, credential);
	return n;
}

const struct group *inventory_group(const struct inventory *inv, size_t d)
{
	for (size_t i = 0; i < inv->groups.n; i++)
		for (size_t k = 0; k < inv->groups.v[i].members.n; k++)
			if (inv->groups.v[i].members.v[k] == d)
				return &inv->groups.v[i];
	return NULL;
}

/* --- writing --- */

static cJSON *device_json(const struct device *d)
{
	cJSON *object = cJSON_CreateObject();
	json_put_text(object, "name", d->name);
	json_put_text(object, "address", d->address);
	json_put_number(object, "port", d->port);
	json_put_text(object, "platform", d->platform);
	json_put_text(object, "role", d->role);
	if (d->role_by != ROLE_FROM_FILE)
		json_put_text(object, "role_by", d->role_by == ROLE_BY_HAND ? "hand" : "rule");
	json_put_text(object, "credential", d->credential);
	json_put_text(object, "site", d->site);
	json_put_text(object, "serial", d->serial);
	json_put_text(object, "model", d->model);
	if (d->tags && d->tags[0])
		json_put(object, "tags", json_strings(d->tags));
	if (d->anchor)
		json_put_flag(object, "anchor", true);
	return object;
}

static cJSON *group_json(const struct inventory *inv, const struct group *g)
{
	cJSON *object = cJSON_CreateObject(), *members = cJSON_CreateArray();
	json_put_text(object, "name", g->name);
	json_put_text(object, "kind", g->kind);
	for (size_t i = 0; i < g->members.n; i++)
		json_append(members, cJSON_CreateString(inv->devices.v[g->members.v[i]].name));
	json_put(object, "members", members);
	return object;
}

static cJSON *rules_json(const struct inventory *inv)
{
	cJSON *rules = cJSON_CreateArray();
	for (size_t i = 0; i < inv->rules.n; i++) {
		cJSON *object = cJSON_CreateObject();
		json_put_text(object, "match", inv->rules.v[i].match);
		json_put_text(object, "role", inv->rules.v[i].role);
		json_append(rules, object);
	}
	return rules;
}

static void append_end(cJSON *array, const struct device *d, const char *port)
{
	char *text = port ? xasprintf("%s:%s", d->name, port) : xstrdup(d->name);
	json_append(array, cJSON_CreateString(text));
	free(text);
}

cJSON *inventory_to_json(const struct inventory *inv)
{
	cJSON *root = cJSON_CreateObject(), *devices = cJSON_CreateArray();
	cJSON *groups = cJSON_CreateArray(), *links = cJSON_CreateArray();
	for (size_t i = 0; i < inv->devices.n; i++)
		json_append(devices, device_json(&inv->devices.v[i]));
	for (size_t i = 0; i < inv->groups.n; i++)
		json_append(groups, group_json(inv, &inv->groups.v[i]));
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *link = &inv->links.v[i];
		cJSON *ends = cJSON_CreateArray();
		append_end(ends, &inv->devices.v[link->a], link->a_port);
		append_end(ends, &inv->devices.v[link->b], link->b_port);
		json_append(links, ends);
	}
	json_put_number(root, "format", 1);
	json_put(root, "devices", devices);
	json_put(root, "groups", groups);
	json_put(root, "links", links);
	if (inv->rules.n)
		json_put(root, "rules", rules_json(inv));
	return root;
}

struct inventory *inventory_copy(const struct inventory *inv)
{
	struct inventory *copy = inventory_new();
	for (size_t i = 0; i < inv->devices.n; i++)
		device_copy(VEC_ADD(&copy->devices), &inv->devices.v[i]);
	for (size_t i = 0; i < inv->groups.n; i++) {
		const struct group *from = &inv->groups.v[i];
		struct group *g = VEC_ADD(&copy->groups);
		g->name = xstrdup(from->name);
		g->kind = xstrdup(from->kind);
		for (size_t k = 0; k < from->members.n; k++)
			VEC_PUSH(&g->members, from->members.v[k]);
	}
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		VEC_PUSH(&copy->links, ((struct link){.a = l->a,
		                                      .b = l->b,
		                                      .a_port = xstrdup(l->a_port),
		                                      .b_port = xstrdup(l->b_port)}));
	}
	for (size_t i = 0; i < inv->retired.n; i++)
		VEC_PUSH(&copy->retired, ((struct retired){xstrdup(inv->retired.v[i].name),
							   xstrdup(inv->retired.v[i].text)}));
	rules_copy(copy, inv);
	return copy;
}

void inventory_fingerprint(const struct inventory *inv, char out[17])
{
	static const char *const other[] = {"credential", "site",    "tags",
	                                    "serial",     "model", "role_by"};
	char hex[DIGEST_HEX];
	cJSON *root = inventory_to_json(inv), *at;
	cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(root, "devices"))
	    for (size_t i = 0; i < LEN(other); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(at, other[i]);
	/* what they give is in the devices */
	cJSON_DeleteItemFromObjectCaseSensitive(root, "rules");
	char *text = json_print(root, false);
	digest_bytes(text, strlen(text), hex);
	memcpy(out, hex, 16);
	out[16] = '\0';
	free(text);
	cJSON_Delete(root);
}

int inventory_save(const struct inventory *inv, const char *path, struct err *e)
{
	cJSON *root = inventory_to_json(inv);
	char *text = json_print(root, true);
	struct str line = {0};
	str_printf(&line, "%s\n", text);
	int result = path_write(path, line.buf, line.len, e);
	str_release(&line);
	free(text);
	cJSON_Delete(root);
	return result;
}

/* --- choosing --- */

bool device_has_tag(const struct device *d, const char *tag)
{
	for (char **t = d->tags; t && *t; t++)
		if (strcmp(*t, tag) == 0)
			return true;
	return false;
}

static bool chosen_by(const struct device *d, const char *entry)
{
	if (*entry == '@')
		return str_eq(d->role, entry + 1);
	if (*entry == '#')
		return device_has_tag(d, entry + 1);
	return fnmatch(entry, d->name, 0) == 0;
}

static int chose_nothing(const struct inventory *inv, const char *entry, struct err *e)
{
	if (*entry == '@')
		return err_set(e, ERR_INPUT, "no device has the role \"%s\"", entry + 1);
	if (*entry == '#')
		return err_set(e, ERR_INPUT, "no device has the tag \"%s\"", entry + 1);
	for (size_t i = 0; i < inv->retired.n; i++)
		if (strcmp(inv->retired.v[i].name, entry) == 0)
			return err_text(e, ERR_INPUT, inv->retired.v[i].text);
	const char **names = xcalloc(inv->devices.n + 1, sizeof(*names));
	for (size_t i = 0; i < inv->devices.n; i++)
		names[i] = inv->devices.v[i].name;
	const char *near = json_nearest(entry, names);
	err_set(e, ERR_INPUT, "no device is called \"%s\"%-s", entry,
		json_hint(near, (char[JSON_HINT]){0}));
	free(names);
	return -1;
}

static int choose(const struct inventory *inv, const char *entry, bool *chosen, struct err *e)
{
	bool any = false;
	for (size_t i = 0; i < inv->devices.n; i++)
		if (chosen_by(&inv->devices.v[i], entry))
			chosen[i] = any = true;
	return any ? 0 : chose_nothing(inv, entry, e);
}

static bool is_plain(const char *entry)
{
	return *entry != '@' && *entry != '#' && !strpbrk(entry, "*?[\\");
}

static bool listed(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static size_t *numbers(const struct inventory *inv, const bool *chosen, size_t *n)
{
	size_t *out = xcalloc(inv->devices.n + 1, sizeof(*out));
	*n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		if (chosen[i])
			out[(*n)++] = i;
	return out;
}

int inventory_pick(const struct inventory *inv, const char *patterns, size_t **out, size_t *n,
                   char ***missing, struct err *e)
{
	size_t entries, unknown = 0;
	char **list = str_split(patterns, ", \t\n", &entries);
	char **names = xcalloc(entries + 1, sizeof(*names));
	bool *chosen = xcalloc(inv->devices.n + 1, sizeof(*chosen));
	int result = entries ? 0 : err_set(e, ERR_INPUT, "no device is named");
	for (size_t i = 0; i < entries && !result; i++) {
		if (!missing || !is_plain(list[i]) || inventory_find(inv, list[i]) != NO_DEVICE)
			result = choose(inv, list[i], chosen, e);
		else if (!listed(names, unknown, list[i]))
			names[unknown++] = xstrdup(list[i]);
	}
	free(list);
	if (!result)
		*out = numbers(inv, chosen, n);
	free(chosen);
	if (!result && unknown) {
		*missing = names;
		return 0;
	}
	strings_free(names);
	if (!result && missing)
		*missing = NULL;
	return result;
}

int inventory_select(const struct inventory *inv, const char *patterns, size_t **out, size_t *n,
                     struct err *e)
{
	return inventory_pick(inv, patterns, out, n, NULL, e);
}
