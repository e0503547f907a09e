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
    FIELD(struct collector, otherwise, "otherwise", type_values),
    FIELD(struct collector, volatile_fields, "volatile", type_texts),
    FIELD(struct collector, tolerances, "tolerance", type_skip),
    FIELD(struct collector, expected, "expected", type_skip),
    END_OF_FIELDS,
};

static const char *const change_names[] = {
    [EXPECTED_CHANGED] = "changed",
    [EXPECTED_ADDED] = "added",
    [EXPECTED_REMOVED] = "removed",
    NULL,
};

static const struct field expected_fields[] = {
    NEEDED(struct expected, field, "field", type_text),
    CHOICE(struct expected, change, "change", change_names),
    FIELD(struct expected, to, "to", type_message),
    FIELD(struct expected, match, "match", type_pattern),
    FIELD(struct expected, when, "when", type_judge),
    FIELD(struct expected, falls, "falls", type_flag),
    NEEDED(struct expected, message, "message", type_message),
    END_OF_FIELDS,
};

static int check_pointer(struct loader *l, const struct jnode *at, const char *pointer)
{
	struct err why = {0};
	return json_pointer_check(pointer, &why) < 0 ? json_bad_text(at, l->e, why.text) : 0;
}

/* "@key", "@1": no pointers but names on the way to the row. */
static bool is_key(const char *pointer)
{
	return strcmp(pointer, "@key") == 0 ||
	       (pointer[0] == '@' && pointer[1] >= '1' && pointer[1] <= '8' && !pointer[2]);
}

/* A pointer, or a list of them of which the first that finds something counts (the words of several
 * releases): kept with LF between. */
static int read_pointers(struct loader *l, const struct jnode *at, char **out)
{
	struct str all = {0};
	struct jnode item;
	const char *text;
	bool list = cJSON_IsArray(at->value);
	int rc = 0;
	if (!list)
		return type_text.read(l, NULL, at, out);
	for (bool on = json_first(at, &item); on && rc == 0; on = json_next(&item)) {
		rc = json_string(&item, &text, l->e);
		if (rc == 0 && (rc = check_pointer(l, &item, text)) == 0)
			str_printf(&all, "%s%s", all.len ? "\n" : "", text);
	}
	if (rc == 0 && !all.len)
		rc = json_bad(at, l->e, "this list is empty");
	*out = rc == 0 ? xstrdup(str_text(&all)) : NULL;
	str_release(&all);
	return rc;
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
		if (read_pointers(l, &item, &f->pointer) < 0)
			return -1;
		if (!is_key(f->pointer) && !strchr(f->pointer, '\n') &&
		    check_pointer(l, &item, f->pointer) < 0)
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

static int known_field(struct loader *l, const struct jnode *at, const struct collector *c,
                       char *name)
{
	return has_field(c, name) ? 0 : json_bad(at, l->e, "there is no field \"%s\"", name);
}

static int read_tolerances(struct loader *l, const struct jnode *at, struct collector *c)
{
	struct jnode item;
	if (json_object(at, l->e) < 0)
		return -1;
	c->tolerances = xcalloc(json_count(at) + 1, sizeof(*c->tolerances));
	for (bool on = json_first(at, &item); on; on = json_next(&item)) {
		struct tolerance *t = &c->tolerances[c->n_tolerances++];
		t->field = xstrdup(item.key);
		if (json_int(&item, 0, 100, &t->percent, l->e) < 0)
			return -1;
		if (strcmp(t->field, "@rows") != 0 && known_field(l, &item, c, t->field) < 0)
			return -1;
	}
	return 0;
}

static int read_expected(struct loader *l, const struct jnode *at, void *out)
{
	return fields_read(l, expected_fields, at, out);
}

/* What speaks of fields, when all fields are known. */
static int read_comparing(struct loader *l, const struct jnode *at, struct collector *c)
{
	struct jnode member;
	if (json_get(at, "tolerance", &member) && read_tolerances(l, &member, c) < 0)
		return -1;
	if (json_get(at, "expected", &member) &&
	    fields_read_list(l, &member, sizeof(*c->expected), read_expected,
	                     (void **)&c->expected, &c->n_expected) < 0)
		return -1;
	for (size_t i = 0; i < c->n_expected; i++)
		if (known_field(l, &member, c, c->expected[i].field) < 0)
			return -1;
	if (json_get(at, "volatile", &member))
		for (char **name = c->volatile_fields; name && *name; name++)
			if (known_field(l, &member, c, *name) < 0)
				return -1;
	if (json_get(at, "otherwise", &member))
		for (size_t i = 0; i < c->otherwise.n; i++)
			if (known_field(l, &member, c, c->otherwise.v[i].name) < 0)
				return -1;
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
	return check_collector(l, at, c) < 0 ? -1 : read_comparing(l, at, c);
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
		for (size_t k = 0; k < c->n_tolerances; k++)
			free(c->tolerances[k].field);
		free(c->tolerances);
		for (size_t k = 0; k < c->n_expected; k++)
			procedure_fields_release(expected_fields, &c->expected[k]);
		free(c->expected);
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
