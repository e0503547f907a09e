/* SPDX-License-Identifier: ISC */
/* What a snapshot collects, and what devices know of links and groups: rows out of JSON or out of
 * lines of text. */
#include "config.h"

#include "model/inventory_parts.h"
#include "model/procedure_parts.h"

#include <stdlib.h>
#include <string.h>

static const struct field collector_fields[] = {
    NEEDED(struct collector, element, "element", type_text),
    FIELD(struct collector, when, "when", type_judge),
    NEEDED(struct collector, command, "command", type_command),
    FIELD(struct collector, rows, "rows", type_text),
    FIELD(struct collector, line, "line", type_pattern),
    NEEDED(struct collector, key, "key", type_texts),
    FIELD(struct collector, fields, "fields", type_skip),
    END_OF_FIELDS,
};

static int check_pointer(struct loader *l, const struct jnode *at, const char *pointer)
{
	struct err why = {0};
	return json_pointer_check(pointer, &why) < 0 ? json_bad(at, l->e, "%s", why.text) : 0;
}

static int read_row_fields(struct loader *l, const struct jnode *at, struct collector *c)
{
	struct jnode item;
	if (json_object(at, l->e) < 0)
		return -1;
	c->fields = xcalloc(json_count(at) + 1, sizeof(*c->fields));
	for (bool on = json_first(at, &item); on; on = json_next(&item)) {
		struct row_field *f = &c->fields[c->n_fields++];
		f->name = xstrdup(item.key);
		if (type_text.read(l, NULL, &item, &f->pointer) < 0)
			return -1;
		if (strcmp(f->pointer, "@key") != 0 && check_pointer(l, &item, f->pointer) < 0)
			return -1;
	}
	return c->n_fields ? 0 : json_bad(at, l->e, "this object is empty");
}

static int is_name(void *ctx, const char *name, struct err *e UNUSED)
{
	return strcmp(ctx, name) == 0;
}

static bool has_field(const struct collector *c, char *name)
{
	if (c->line)
		return pattern_groups(c->line, is_name, name, NULL) == 1;
	for (size_t i = 0; i < c->n_fields; i++)
		if (strcmp(c->fields[i].name, name) == 0)
			return true;
	return false;
}

static int check_collector(struct loader *l, const struct jnode *at, const struct collector *c)
{
	struct jnode member;
	if (!c->rows == !c->line)
		return json_bad(at, l->e, "needs either \"rows\" and \"fields\", or \"line\"");
	if (!c->rows != !c->fields)
		return json_bad(at, l->e, "\"fields\" goes with \"rows\"");
	if (c->rows && json_get(at, "rows", &member) && check_pointer(l, &member, c->rows) < 0)
		return -1;
	if (!c->key[0])
		return json_bad(at, l->e, "\"key\" is empty");
	for (char **key = c->key; *key; key++)
		if (!has_field(c, *key))
			return json_bad(at, l->e, "key: there is no field \"%s\"", *key);
	return 0;
}

static int read_collector(struct loader *l, const struct jnode *at, void *out)
{
	struct collector *c = out;
	struct jnode fields;
	if (fields_read(l, collector_fields, at, c) < 0)
		return -1;
	if (json_get(at, "fields", &fields) && read_row_fields(l, &fields, c) < 0)
		return -1;
	return check_collector(l, at, c);
}

int procedure_read_snapshot(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode list;
	if (!json_get(root, "snapshot", &list))
		return 0;
	if (fields_read_list(l, &list, sizeof(*p->collectors), read_collector,
	                     (void **)&p->collectors, &p->n_collectors) < 0)
		return -1;
	return check_unique(&list, p->collectors, p->n_collectors, sizeof(*p->collectors), l->e);
}

static void collectors_release(struct collector *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct collector *c = &list[i];
		for (size_t k = 0; k < c->n_fields; k++) {
			free(c->fields[k].name);
			free(c->fields[k].pointer);
		}
		free(c->fields);
		procedure_fields_release(collector_fields, c);
	}
	free(list);
}

void procedure_release_snapshot(struct procedure *p)
{
	collectors_release(p->collectors, p->n_collectors);
	collectors_release(p->link_queries, p->n_link_queries);
	collectors_release(p->group_queries, p->n_group_queries);
}

/* --- topology --------------------------------------------------------------------------------- */

static int read_link_query(struct loader *l, const struct jnode *at, void *out)
{
	struct collector *c = out;
	if (read_collector(l, at, c) < 0)
		return -1;
	if (!has_field(c, "port") || !has_field(c, "neighbour"))
		return json_bad(at, l->e, "needs the fields \"port\" and \"neighbour\"");
	return 0;
}

static int read_group_query(struct loader *l, const struct jnode *at, void *out)
{
	struct collector *c = out;
	struct err why = {0};
	if (read_collector(l, at, c) < 0)
		return -1;
	if (inventory_check_word(c->element, &why) < 0)
		return json_bad(at, l->e, "element: it is the kind of a group: %s", why.text);
	return has_field(c, "id") ? 0 : json_bad(at, l->e, "needs the field \"id\"");
}

int procedure_read_topology(struct loader *l, const struct jnode *root)
{
	static const char *const keys[] = {"links", "groups", NULL};
	struct procedure *p = l->p;
	struct jnode topology, list;
	if (!json_get(root, "topology", &topology))
		return 0;
	if (json_only(&topology, keys, l->e) < 0)
		return -1;
	if (json_get(&topology, "links", &list) &&
	    fields_read_list(l, &list, sizeof(*p->link_queries), read_link_query,
	                     (void **)&p->link_queries, &p->n_link_queries) < 0)
		return -1;
	if (!json_get(&topology, "groups", &list))
		return 0;
	return fields_read_list(l, &list, sizeof(*p->group_queries), read_group_query,
	                        (void **)&p->group_queries, &p->n_group_queries);
}
