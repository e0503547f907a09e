/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/inventory_diff.h"

#include "model/inventory_parts.h"

#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

const char *const change_kind_names[CHANGE_KINDS] = {"added", "changed", "removed"};
const char *const change_of_names[CHANGE_OFS] = {"device", "group", "link", "rule"};

/* name and detail are taken. */
static void add(struct inventory_changes *c, enum change_of of, enum change_kind kind, char *name,
		char *detail)
{
	VEC_PUSH(c, ((struct inventory_change){kind, of, name, detail}));
	c->count[of][kind]++;
}

/* Two lists of texts with something behind each, both sorted: what is in one only, or in both. */
struct item {
	char *key;
	size_t number;
};
struct items {
	struct item *v;
	size_t n, cap;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->key, ((const struct item *)b)->key);
}

static void items_sort(struct items *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_key);
}

static void items_release(struct items *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].key);
	VEC_RELEASE(list);
}

/* --- devices ---------------------------------------------------------------------------------- */

static void tags_text(const struct device *d, struct str *out)
{
	for (char **t = d->tags; t && *t; t++)
		str_printf(out, "%s%s", t == d->tags ? "" : " ", *t);
}

static void put_difference(struct str *out, const char *what, const char *from, const char *to)
{
	const char *a = from && *from ? from : "-", *b = to && *to ? to : "-";
	if (strcmp(a, b) != 0)
		str_printf(out, "%s%s %s -> %s", out->len ? "; " : "", what, a, b);
}

static const char *by_name(enum role_source by)
{
	static const char *const names[] = {"file", "hand", "rule"};
	return names[by];
}

static char *device_difference(const struct device *a, const struct device *b)
{
	struct str out = {0}, old = {0}, new = {0};
	for (const struct device_field *f = device_fields; f->key; f++)
		put_difference(&out, f->key, *device_text((struct device *)a, f),
			       *device_text((struct device *)b, f));
	if (str_eq(a->role, b->role) && a->role)
		put_difference(&out, "role_by", by_name(a->role_by), by_name(b->role_by));
	if (a->port != b->port)
		str_printf(&out, "%sport %d -> %d", out.len ? "; " : "", a->port, b->port);
	tags_text(a, &old);
	tags_text(b, &new);
	put_difference(&out, "tags", str_text(&old), str_text(&new));
	if (a->anchor != b->anchor)
		str_printf(&out, "%sanchor %s", out.len ? "; " : "", b->anchor ? "yes" : "no");
	str_release(&old);
	str_release(&new);
	return str_take(&out);
}

static char *device_summary(const struct device *d)
{
	struct str out = {0};
	str_puts(&out, d->address);
	if (d->port != 22)
		str_printf(&out, " port %d", d->port);
	str_printf(&out, " %s", d->platform);
	if (d->role)
		str_printf(&out, " %s", d->role);
	return str_take(&out);
}

static void compare_devices(const struct inventory *before, const struct inventory *after,
			    struct inventory_changes *out)
{
	struct inventory_index *old = inventory_index_new(before),
			       *new = inventory_index_new(after);
	for (size_t i = 0; i < after->devices.n; i++) {
		const struct device *d = &after->devices.v[i];
		size_t was = inventory_index_find(old, d->name);
		char *text = was == NO_DEVICE ? device_summary(d)
					      : device_difference(&before->devices.v[was], d);
		if (was == NO_DEVICE || *text)
			add(out, CHANGE_OF_DEVICE, was == NO_DEVICE ? CHANGE_ADDED : CHANGE_CHANGED,
			    xstrdup(d->name), text);
		else
			free(text);
	}
	for (size_t i = 0; i < before->devices.n; i++) {
		const struct device *d = &before->devices.v[i];
		if (inventory_index_find(new, d->name) == NO_DEVICE)
			add(out, CHANGE_OF_DEVICE, CHANGE_REMOVED, xstrdup(d->name),
			    device_summary(d));
	}
	inventory_index_free(old);
	inventory_index_free(new);
}

/* --- groups and rules ------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "mlag leaf01 leaf02", in the order of the names. */
static char *group_text(const struct inventory *inv, const struct group *g)
{
	struct str out = {0};
	const char **names = xcalloc(g->members.n + 1, sizeof(*names));
	for (size_t i = 0; i < g->members.n; i++)
		names[i] = inv->devices.v[g->members.v[i]].name;
	qsort(names, g->members.n, sizeof(*names), by_text);
	str_puts(&out, g->kind);
	for (size_t i = 0; i < g->members.n; i++)
		str_printf(&out, " %s", names[i]);
	free(names);
	return str_take(&out);
}

static const struct group *find_group(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->groups.n; i++)
		if (strcmp(inv->groups.v[i].name, name) == 0)
			return &inv->groups.v[i];
	return NULL;
}

static void compare_groups(const struct inventory *before, const struct inventory *after,
			   struct inventory_changes *out)
{
	for (size_t i = 0; i < after->groups.n; i++) {
		const struct group *g = &after->groups.v[i], *was = find_group(before, g->name);
		char *text = group_text(after, g), *old = was ? group_text(before, was) : NULL;
		if (!was)
			add(out, CHANGE_OF_GROUP, CHANGE_ADDED, xstrdup(g->name), xstrdup(text));
		else if (strcmp(text, old) != 0)
			add(out, CHANGE_OF_GROUP, CHANGE_CHANGED, xstrdup(g->name),
			    xasprintf("%s -> %s", old, text));
		free(text);
		free(old);
	}
	for (size_t i = 0; i < before->groups.n; i++) {
		const struct group *g = &before->groups.v[i];
		if (!find_group(after, g->name))
			add(out, CHANGE_OF_GROUP, CHANGE_REMOVED, xstrdup(g->name),
			    group_text(before, g));
	}
}

static const struct role_rule *find_rule(const struct inventory *inv, const char *match)
{
	for (size_t i = 0; i < inv->rules.n; i++)
		if (strcmp(inv->rules.v[i].match, match) == 0)
			return &inv->rules.v[i];
	return NULL;
}

static void compare_rules(const struct inventory *before, const struct inventory *after,
			  struct inventory_changes *out)
{
	for (size_t i = 0; i < after->rules.n; i++) {
		const struct role_rule *r = &after->rules.v[i], *was = find_rule(before, r->match);
		if (!was || !str_eq(was->role, r->role))
			add(out, CHANGE_OF_RULE, was ? CHANGE_CHANGED : CHANGE_ADDED,
			    xstrdup(r->match), xasprintf("role %s", r->role ? r->role : "-"));
	}
	for (size_t i = 0; i < before->rules.n; i++) {
		const struct role_rule *r = &before->rules.v[i];
		if (!find_rule(after, r->match))
			add(out, CHANGE_OF_RULE, CHANGE_REMOVED, xstrdup(r->match),
			    xasprintf("role %s", r->role ? r->role : "-"));
	}
}

/* --- links ------------------------------------------------------------------------------------ */

static char *end_text(const struct inventory *inv, size_t device, const char *port)
{
	const char *name = inv->devices.v[device].name;
	return port ? xasprintf("%s:%s", name, port) : xstrdup(name);
}

/* Both ends in a fixed order: which is written first means nothing. */
char *inventory_link_text(const struct inventory *inv, const struct link *l)
{
	char *a = end_text(inv, l->a, l->a_port), *b = end_text(inv, l->b, l->b_port);
	char *text = strcmp(a, b) < 0 ? xasprintf("%s -- %s", a, b) : xasprintf("%s -- %s", b, a);
	free(a);
	free(b);
	return text;
}

static void link_items(const struct inventory *inv, struct items *out)
{
	for (size_t i = 0; i < inv->links.n; i++)
		VEC_PUSH(out, ((struct item){inventory_link_text(inv, &inv->links.v[i]), i}));
	items_sort(out);
}

/* Links that are only in one of the two lists, each into a list of its own. */
static void only(struct items *before, struct items *after, struct items *gone, struct items *fresh)
{
	size_t b = 0, a = 0;
	while (b < before->n || a < after->n) {
		int order = b == before->n  ? 1
			    : a == after->n ? -1
					    : strcmp(before->v[b].key, after->v[a].key);
		if (order < 0)
			VEC_PUSH(gone, before->v[b]);
		else if (order > 0)
			VEC_PUSH(fresh, after->v[a]);
		b += order <= 0;
		a += order >= 0;
	}
}

/* Ends that have a port, with the number of the link in `links`. */
static void ends_of(const struct items *links, struct items *out)
{
	for (size_t i = 0; i < links->n; i++) {
		const char *text = links->v[i].key, *middle = strstr(text, " -- ");
		char *first = xstrndup(text, (size_t)(middle - text)),
		     *second = xstrdup(middle + 4);
		char *both[] = {first, second};
		for (size_t k = 0; k < LEN(both); k++)
			if (strchr(both[k], ':'))
				VEC_PUSH(out, ((struct item){both[k], i}));
			else
				free(both[k]);
	}
	items_sort(out);
}

/* For each fresh link the one that is gone and had one of its ends, if there is one. */
static size_t *moved(const struct items *gone, const struct items *fresh, bool *used)
{
	struct items ends = {0}, was = {0};
	size_t *from = xcalloc(fresh->n + 1, sizeof(*from));
	for (size_t i = 0; i < fresh->n; i++)
		from[i] = (size_t)-1;
	ends_of(fresh, &ends);
	ends_of(gone, &was);
	for (size_t a = 0, b = 0; a < ends.n && b < was.n;) {
		int order = strcmp(ends.v[a].key, was.v[b].key);
		size_t link = ends.v[a].number, old = was.v[b].number;
		if (order == 0 && from[link] == (size_t)-1 && !used[old]) {
			from[link] = old;
			used[old] = true;
		}
		a += order <= 0;
		b += order >= 0;
	}
	items_release(&ends);
	items_release(&was);
	return from;
}

static void compare_links(const struct inventory *before, const struct inventory *after,
			  struct inventory_changes *out)
{
	struct items old = {0}, new = {0}, gone = {0}, fresh = {0};
	link_items(before, &old);
	link_items(after, &new);
	only(&old, &new, &gone, &fresh);
	bool *used = xcalloc(gone.n + 1, sizeof(*used));
	size_t *from = moved(&gone, &fresh, used);
	for (size_t i = 0; i < fresh.n; i++)
		if (from[i] == (size_t)-1)
			add(out, CHANGE_OF_LINK, CHANGE_ADDED, xstrdup(fresh.v[i].key),
			    xstrdup(""));
		else
			add(out, CHANGE_OF_LINK, CHANGE_CHANGED, xstrdup(gone.v[from[i]].key),
			    xasprintf("-> %s", fresh.v[i].key));
	for (size_t i = 0; i < gone.n; i++)
		if (!used[i])
			add(out, CHANGE_OF_LINK, CHANGE_REMOVED, xstrdup(gone.v[i].key),
			    xstrdup(""));
	free(used);
	free(from);
	VEC_RELEASE(&gone); /* the texts are those of the whole lists */
	VEC_RELEASE(&fresh);
	items_release(&old);
	items_release(&new);
}

/* --- the whole -------------------------------------------------------------------------------- */

void inventory_compare(const struct inventory *before, const struct inventory *after,
		       struct inventory_changes *out)
{
	struct inventory *none = before ? NULL : inventory_new();
	const struct inventory *from = before ? before : none;
	*out = (struct inventory_changes){0};
	compare_devices(from, after, out);
	compare_groups(from, after, out);
	compare_links(from, after, out);
	compare_rules(from, after, out);
	inventory_free(none);
}

void inventory_changes_release(struct inventory_changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].detail);
	}
	VEC_RELEASE(c);
}

cJSON *inventory_changes_json(const struct inventory_changes *c)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < c->n; i++) {
		const struct inventory_change *at = &c->v[i];
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "change", change_kind_names[at->kind]);
		json_put_text(o, "of", change_of_names[at->of]);
		json_put_text(o, "name", at->name);
		json_put_text(o, "detail", *at->detail ? at->detail : NULL);
		json_append(list, o);
	}
	return list;
}
