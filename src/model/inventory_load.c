/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/inventory_parts.h"

#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

#define MOST_DEVICES 20000

/* Texts with the number of what they are of, sorted: large inventories are loaded in one go. */
struct entry {
	const char *key;
	size_t device;
};

struct load {
	struct inventory *inv;
	struct inventory_index *names;
	struct err *e;
};

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int d = strcmp(x->key, y->key);
	return d ? d : (x->device > y->device) - (x->device < y->device);
}

static size_t find(const struct load *l, const char *name)
{
	return inventory_index_find(l->names, name);
}

/* --- devices --- */

static int read_text(const struct jnode *at, int (*check)(const char *, struct err *), char **out,
                     struct err *e)
{
	const char *text;
	struct err why = {0};
	if (json_string(at, &text, e) < 0)
		return -1;
	if (check(text, &why) < 0)
		return json_bad_text(at, e, why.text);
	*out = xstrdup(text);
	return 0;
}

static int read_tags(const struct jnode *at, struct device *d, struct err *e)
{
	struct jnode list, item;
	if (json_opt_strings(at, "tags", &d->tags, e) < 0)
		return -1;
	if (!json_get(at, "tags", &list))
		return 0;
	for (bool on = json_first(&list, &item); on; on = json_next(&item)) {
		struct err why = {0};
		if (inventory_check_word(item.value->valuestring, &why) < 0)
			return json_bad_text(&item, e, why.text);
	}
	return 0;
}

static int read_role_by(const struct jnode *at, struct device *d, struct err *e)
{
	struct jnode member;
	const char *by;
	if (!json_get(at, "role_by", &member))
		return 0;
	if (json_string(&member, &by, e) < 0)
		return -1;
	if (strcmp(by, "hand") != 0 && strcmp(by, "rule") != 0)
		return json_bad(&member, e, "expected \"hand\" or \"rule\", not \"%s\"", by);
	d->role_by = *by == 'h' ? ROLE_BY_HAND : ROLE_BY_RULE; /* which rule: rules_apply() */
	return 0;
}

static int read_device(const struct jnode *at, struct device *d, struct err *e)
{
	static const char *const keys[] = {"name",    "address",    "port", "platform", "role",
	                                   "role_by", "credential", "site", "serial",   "model",
	                                   "tags",    "anchor",     NULL};
	int64_t port;
	if (json_only(at, keys, e) < 0)
		return -1;
	for (const struct device_field *f = device_fields; f->key; f++) {
		struct jnode member;
		if (f->needed && json_need(at, f->key, &member, e) < 0)
			return -1;
		if (!json_get(at, f->key, &member))
			*device_text(d, f) = xstrdup(f->fallback);
		else if (read_text(&member, f->check, device_text(d, f), e) < 0)
			return -1;
	}
	if (!d->address)
		d->address = xstrdup(d->name);
	if (json_opt_int(at, "port", 1, 65535, 22, &port, e) < 0)
		return -1;
	d->port = (int)port;
	if (read_role_by(at, d, e) < 0)
		return -1;
	return read_tags(at, d, e) < 0 ? -1 : json_opt_bool(at, "anchor", false, &d->anchor, e);
}

/* By address; the keys are new. */
static struct entry *sorted(const struct inventory *inv)
{
	struct entry *list = xcalloc(inv->devices.n + 1, sizeof(*list));
	for (size_t i = 0; i < inv->devices.n; i++)
		list[i] = (struct entry){inventory_address(inv->devices.v[i].address), i};
	if (inv->devices.n)
		qsort(list, inv->devices.n, sizeof(*list), by_key);
	return list;
}

/* The index knows the first of two that have the same name. */
static int check_names(const struct load *l, const struct jnode *list)
{
	for (size_t i = 0; i < l->inv->devices.n; i++) {
		const char *name = l->inv->devices.v[i].name;
		if (find(l, name) == i)
			continue;
		struct jnode at = json_item(list, i);
		return json_bad(&at, l->e, "the name \"%s\" occurs twice", name);
	}
	return 0;
}

/* Two names for one box would let two members of a pair be worked on at the same time. */
static int check_addresses(const struct load *l, const struct jnode *list)
{
	const struct device *d = l->inv->devices.v;
	size_t n = l->inv->devices.n;
	struct entry *all = sorted(l->inv);
	int result = 0;
	for (size_t i = 0; i < n && !result; i++)
		for (size_t k = i + 1; k < n && !result && !strcmp(all[i].key, all[k].key); k++) {
			if (d[all[i].device].port != d[all[k].device].port)
				continue;
			const struct device *a = &d[all[i].device], *b = &d[all[k].device];
			struct jnode at = json_item(list, all[k].device);
			result = json_bad(&at, l->e,
			                  "\"%s\" has the address %s port %d of \"%s\" (%s)",
			                  b->name, b->address, b->port, a->name, a->address);
		}
	for (size_t i = 0; i < n; i++)
		free((char *)all[i].key);
	free(all);
	return result;
}

static int read_devices(struct load *l, const struct jnode *root)
{
	struct jnode list, at;
	if (json_need(root, "devices", &list, l->e) < 0 || json_array(&list, l->e) < 0)
		return -1;
	if (json_count(&list) > MOST_DEVICES)
		return json_bad(&list, l->e, "more than %d devices", MOST_DEVICES);
	if (json_count(&list) == 0)
		return json_bad(&list, l->e, "there is no device in it");
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_device(&at, VEC_ADD(&l->inv->devices), l->e) < 0)
			return -1;
	l->names = inventory_index_new(l->inv);
	return check_names(l, &list) < 0 ? -1 : check_addresses(l, &list);
}

/* --- groups --- */

static int read_member(struct load *l, const struct jnode *at, struct group *g)
{
	const char *name;
	if (json_string(at, &name, l->e) < 0)
		return -1;
	size_t d = find(l, name);
	if (d == NO_DEVICE)
		return json_bad(at, l->e, "there is no device \"%s\"", name);
	for (size_t i = 0; i < g->members.n; i++)
		if (g->members.v[i] == d)
			return json_bad(at, l->e, "\"%s\" occurs twice in the group", name);
	VEC_PUSH(&g->members, d);
	return 0;
}

static int read_group(struct load *l, const struct jnode *at, struct group *g)
{
	static const char *const keys[] = {"name", "kind", "members", NULL};
	struct jnode name, kind, list, member;
	if (json_only(at, keys, l->e) < 0 || json_need(at, "name", &name, l->e) < 0 ||
	    read_text(&name, inventory_check_name, &g->name, l->e) < 0)
		return -1;
	if (!json_get(at, "kind", &kind))
		g->kind = xstrdup("group");
	else if (read_text(&kind, inventory_check_word, &g->kind, l->e) < 0)
		return -1;
	if (json_need(at, "members", &list, l->e) < 0 || json_array(&list, l->e) < 0)
		return -1;
	for (bool on = json_first(&list, &member); on; on = json_next(&member))
		if (read_member(l, &member, g) < 0)
			return -1;
	size_t least = str_eq(g->kind, "cluster") ? 1 : 2; /* a cluster may be of one: nothing is spare */
	return g->members.n >= least ? 0
				     : json_bad(&list, l->e, "a group has at least two members");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static int check_groups(const struct load *l, const struct jnode *list)
{
	size_t n = l->inv->groups.n;
	struct entry *all = xcalloc(n + 1, sizeof(*all));
	int result = 0;
	for (size_t i = 0; i < n; i++)
		all[i] = (struct entry){l->inv->groups.v[i].name, i};
	if (n)
		qsort(all, n, sizeof(*all), by_text);
	for (size_t i = 1; i < n && !result; i++)
		if (strcmp(all[i - 1].key, all[i].key) == 0)
			result = json_bad(list, l->e, "the group \"%s\" occurs twice", all[i].key);
	free(all);
	return result;
}

static int read_groups(struct load *l, const struct jnode *root)
{
	struct jnode list, at;
	if (!json_get(root, "groups", &list))
		return 0;
	if (json_array(&list, l->e) < 0)
		return -1;
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_group(l, &at, VEC_ADD(&l->inv->groups)) < 0)
			return -1;
	return check_groups(l, &list);
}

/* --- links --- */

static int read_end(struct load *l, const struct jnode *at, size_t *device, char **port)
{
	const char *text;
	struct err why = {0};
	if (json_string(at, &text, l->e) < 0)
		return -1;
	char *name = xstrndup(text, strcspn(text, ":"));
	const char *colon = strchr(text, ':');
	*device = find(l, name);
	int result = 0;
	if (*device == NO_DEVICE)
		result = json_bad(at, l->e, "there is no device \"%s\"", name);
	else if (colon && inventory_check_port_name(colon + 1, &why) < 0)
		result = json_bad_text(at, l->e, why.text);
	else if (colon)
		*port = xstrdup(colon + 1);
	free(name);
	return result;
}

static int read_link(struct load *l, const struct jnode *at, struct link *link)
{
	if (json_array(at, l->e) < 0)
		return -1;
	if (json_count(at) != 2)
		return json_bad(at, l->e, "a link has two ends: [\"a:port\", \"b:port\"]");
	struct jnode a = json_item(at, 0), b = json_item(at, 1);
	if (read_end(l, &a, &link->a, &link->a_port) < 0 ||
	    read_end(l, &b, &link->b, &link->b_port) < 0)
		return -1;
	if (link->a == link->b)
		return json_bad(at, l->e, "both ends are \"%s\"", l->inv->devices.v[link->a].name);
	return 0;
}

static int read_links(struct load *l, const struct jnode *root)
{
	struct jnode list, at;
	if (!json_get(root, "links", &list))
		return 0;
	if (json_array(&list, l->e) < 0)
		return -1;
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_link(l, &at, VEC_ADD(&l->inv->links)) < 0)
			return -1;
	return 0;
}

/* --- the whole --- */

static int read_inventory(struct load *l, const struct jnode *root)
{
	static const char *const keys[] = {"format", "devices", "groups", "links", "rules", NULL};
	struct jnode format;
	int64_t number;
	if (json_only(root, keys, l->e) < 0 || json_need(root, "format", &format, l->e) < 0 ||
	    json_int(&format, 1, 1, &number, l->e) < 0)
		return -1;
	if (read_devices(l, root) < 0 || read_groups(l, root) < 0 || read_links(l, root) < 0)
		return -1;
	return rules_read(l->inv, root, l->e);
}

struct inventory *inventory_from_json(const cJSON *root, const char *file, struct err *e)
{
	struct load l = {.inv = inventory_new(), .e = e};
	struct jnode at = json_root(root, file);
	int result = read_inventory(&l, &at);
	inventory_index_free(l.names);
	if (result == 0)
		return l.inv;
	inventory_free(l.inv);
	return NULL;
}

struct inventory *inventory_load(const char *path, struct err *e)
{
	cJSON *root = json_load(path, e);
	if (!root)
		return NULL;
	struct inventory *inv = inventory_from_json(root, path, e);
	cJSON_Delete(root);
	return inv;
}
