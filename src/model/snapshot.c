/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/snapshot.h"

#include "base/str.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 100000 /* of one element of one device: beyond that it is no evidence but a dump */

/* --- reading ---------------------------------------------------------------------------------------- */

static void add_field(cJSON *row, const char *name, const char *text)
{
	char *safe = utf8_safe(text ? text : "", UTF8_ONE_LINE);
	cJSON_AddStringToObject(row, name, safe);
	free(safe);
}

static int see_leaf(void *ctx, const cJSON *found, const char *key)
{
	struct str *out = ctx;
	char *text = json_leaf(found);
	(void)key;
	str_printf(out, "%s%s", out->len ? "," : "", text ? text : "");
	free(text);
	return 0;
}

/* The text of a field; where the device says nothing: what the collector says of that. */
static void put_field(const struct collector *c, cJSON *row, const char *name, const char *text)
{
	const char *otherwise = text && *text ? NULL : values_get(&c->otherwise, name);
	if (cJSON_GetObjectItemCaseSensitive(row, name))
		return;
	add_field(row, name, otherwise ? otherwise : text);
}

struct reading {
	const struct collector *c;
	cJSON *rows;
};

static void add_key(struct str *out, const char *pointer, const char *const *keys, size_t n)
{
	size_t which = strcmp(pointer, "@key") == 0 ? n : (size_t)(pointer[1] - '0');
	if (which && which <= n && keys[which - 1]) /* an element of an array has no name */
		str_puts(out, keys[which - 1]);
}

/* Pointers with LF between: the first that finds something. */
static void read_field(const char *pointers, const cJSON *row, struct str *out)
{
	while (*pointers && !out->len) {
		size_t n = strcspn(pointers, "\n");
		char *one = xstrndup(pointers, n);
		json_pointer_each(row, one, see_leaf, out);
		free(one);
		pointers += n + (pointers[n] == '\n');
	}
}

static int see_row(void *ctx, const cJSON *found, const char *const *keys, size_t n)
{
	struct reading *r = ctx;
	if (cJSON_GetArraySize(r->rows) >= ROWS_MAX)
		return 1;
	cJSON *row = cJSON_CreateObject();
	for (size_t i = 0; i < r->c->n_fields; i++) {
		struct str text = {0};
		const char *pointer = r->c->fields[i].pointer;
		if (pointer[0] == '@')
			add_key(&text, pointer, keys, n);
		else
			read_field(pointer, found, &text);
		put_field(r->c, row, r->c->fields[i].name, str_text(&text));
		str_release(&text);
	}
	cJSON_AddItemToArray(r->rows, row);
	return 0;
}

static bool read_json(const struct collector *c, const struct answer *a, cJSON *rows)
{
	struct reading r = {.c = c, .rows = rows};
	cJSON *root = json_parse_foreign(a->out, a->out_len);
	if (!root)
		return false;
	json_pointer_keys(root, c->rows, see_row, &r);
	cJSON_Delete(root);
	return true;
}

static void read_line(const struct collector *c, const char *line, size_t n, cJSON *rows)
{
	struct values captures = {0};
	if (pattern_match(c->line, line, n, &captures) == VERDICT_YES) {
		cJSON *row = cJSON_CreateObject();
		for (size_t i = 0; i < captures.n; i++)
			put_field(c, row, captures.v[i].name, captures.v[i].text);
		for (size_t i = 0; i < c->otherwise.n; i++)
			put_field(c, row, c->otherwise.v[i].name, NULL);
		cJSON_AddItemToArray(rows, row);
	}
	values_release(&captures);
}

static void read_lines(const struct collector *c, const struct answer *a, cJSON *rows)
{
	const char *p = a->out, *end = a->out + a->out_len;
	int n = 0;
	while (p < end && n++ < ROWS_MAX) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		read_line(c, p, (size_t)(stop - p), rows);
		p = stop + 1;
	}
}

struct keyed {
	char *key;
	cJSON *row;
	size_t place;
};

/* Rows with the same key stay in the order in which the device told them. */
static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

static struct keyed *keys_of(const struct collector *c, const cJSON *rows, size_t *n)
{
	struct keyed *list = xcalloc((size_t)cJSON_GetArraySize(rows) + 1, sizeof(*list));
	cJSON *row;
	*n = 0;
	cJSON_ArrayForEach(row, rows) {
		list[*n].key = snapshot_key(c, row);
		list[*n].place = *n;
		list[(*n)++].row = row;
	}
	if (*n)
		qsort(list, *n, sizeof(*list), by_key);
	return list;
}

static void keys_free(struct keyed *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i].key);
	free(list);
}

static cJSON *sorted(const struct collector *c, cJSON *rows)
{
	size_t n;
	struct keyed *list = keys_of(c, rows, &n);
	cJSON *out = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(out, cJSON_DetachItemViaPointer(rows, list[i].row));
	keys_free(list, n);
	cJSON_Delete(rows);
	return out;
}

cJSON *snapshot_rows(const struct collector *c, const struct answer *a)
{
	cJSON *rows = cJSON_CreateArray();
	bool good = a->status == 0 && !a->truncated;
	if (good && c->rows)
		good = read_json(c, a, rows);
	else if (good)
		read_lines(c, a, rows);
	if (!good) {
		cJSON_Delete(rows);
		return NULL;
	}
	return sorted(c, rows);
}

char *snapshot_key(const struct collector *c, const cJSON *row)
{
	struct str key = {0};
	for (size_t i = 0; c->key && c->key[i]; i++) {
		const char *text = json_text(row, c->key[i]);
		str_printf(&key, "%s%s", i ? "/" : "", text ? text : "");
	}
	return str_take(&key);
}

/* --- comparing --------------------------------------------------------------------------------------- */

bool snapshot_volatile(const struct collector *c, const char *field)
{
	for (char **name = c->volatile_fields; name && *name; name++)
		if (str_eq(*name, field))
			return true;
	return false;
}

/* Every compared field of a is in b and the same. */
static bool covers(const struct collector *c, const cJSON *a, const cJSON *b)
{
	const cJSON *field;
	cJSON_ArrayForEach(field, a) {
		if (!snapshot_volatile(c, field->string) &&
		    !str_eq(json_text(b, field->string), cJSON_GetStringValue(field)))
			return false;
	}
	return true;
}

static bool same_row(const struct collector *c, const cJSON *a, const cJSON *b)
{
	return covers(c, a, b) && covers(c, b, a);
}

int snapshot_compare(const struct collector *c, const cJSON *before, const cJSON *after,
                     int (*see)(void *, enum snapshot_change, const char *, const cJSON *,
                                const cJSON *),
                     void *ctx)
{
	size_t nb, na, b = 0, a = 0;
	struct keyed *old = keys_of(c, before, &nb), *new = keys_of(c, after, &na);
	int stop = 0;
	while (stop == 0 && (b < nb || a < na)) {
		int order = b == nb ? 1 : a == na ? -1 : strcmp(old[b].key, new[a].key);
		if (order < 0) {
			stop = see(ctx, SNAPSHOT_REMOVED, old[b].key, old[b].row, NULL);
			b++;
		} else if (order > 0) {
			stop = see(ctx, SNAPSHOT_ADDED, new[a].key, NULL, new[a].row);
			a++;
		} else {
			if (!same_row(c, old[b].row, new[a].row))
				stop = see(ctx, SNAPSHOT_CHANGED, old[b].key, old[b].row, new[a].row);
			b++, a++;
		}
	}
	keys_free(old, nb);
	keys_free(new, na);
	return stop;
}
