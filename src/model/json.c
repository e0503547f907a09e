/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/json.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAFE_INTEGER 9007199254740991.0 /* 2^53 - 1: above it a double skips numbers */

struct jnode json_root(const cJSON *value, const char *file)
{
	return (struct jnode){.value = value, .file = file};
}

static const char *path_of(const struct jnode *at, struct str *out)
{
	if (!at->up)
		return at->file;
	const char *file = path_of(at->up, out);
	if (at->key)
		str_printf(out, "%s%s", out->len ? "." : "", at->key);
	else
		str_printf(out, "[%zu]", at->index);
	return file;
}

int json_bad(const struct jnode *at, struct err *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	json_bad_text(at, e, text);
	free(text);
	return -1;
}

int json_bad_text(const struct jnode *at, struct err *e, const char *text)
{
	struct str path = {0};
	const char *file = path_of(at, &path);
	err_text(e, ERR_INPUT, text);
	if (e && path.len)
		err_at(e, "%s", str_text(&path));
	if (e)
		err_at(e, "%s", file ? file : "?");
	str_release(&path);
	return -1;
}

char *json_where(const struct jnode *at)
{
	struct str path = {0};
	path_of(at, &path);
	return str_take(&path);
}

bool json_get(const struct jnode *object, const char *key, struct jnode *out)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object->value, key);
	if (!value || cJSON_IsNull(value))
		return false;
	*out = (struct jnode){.value = value, .up = object, .key = value->string};
	return true;
}

int json_need(const struct jnode *object, const char *key, struct jnode *out, struct err *e)
{
	if (json_get(object, key, out))
		return 0;
	return json_bad(object, e, "member \"%s\" is missing", key);
}

size_t json_count(const struct jnode *at)
{
	size_t n = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, at->value) n++;
	return n;
}

static const cJSON *nth(const struct jnode *at, size_t i)
{
	const cJSON *item = at->value->child;
	while (item && i--)
		item = item->next;
	return item;
}

struct jnode json_item(const struct jnode *array, size_t i)
{
	return (struct jnode){.value = nth(array, i), .up = array, .index = i};
}

struct jnode json_member(const struct jnode *object, size_t i)
{
	const cJSON *value = nth(object, i);
	return (struct jnode){.value = value, .up = object, .key = value->string, .index = i};
}

bool json_first(const struct jnode *in, struct jnode *out)
{
	const cJSON *value = in->value->child;
	if (value)
		*out = (struct jnode){.value = value, .up = in, .key = value->string};
	return value != NULL;
}

bool json_next(struct jnode *at)
{
	const cJSON *value = at->value->next;
	if (!value)
		return false;
	at->value = value;
	at->key = value->string;
	at->index++;
	return true;
}

int json_object(const struct jnode *at, struct err *e)
{
	return cJSON_IsObject(at->value) ? 0 : json_bad(at, e, "expected an object {...}");
}

int json_array(const struct jnode *at, struct err *e)
{
	return cJSON_IsArray(at->value) ? 0 : json_bad(at, e, "expected a list [...]");
}

int json_string(const struct jnode *at, const char **out, struct err *e)
{
	if (!cJSON_IsString(at->value))
		return json_bad(at, e, "expected a text in quotes");
	if (text_has_control(at->value->valuestring, "\n\t"))
		return json_bad(at, e, "control characters are not allowed here");
	*out = at->value->valuestring;
	return 0;
}

int json_int(const struct jnode *at, int64_t least, int64_t most, int64_t *out, struct err *e)
{
	double d = cJSON_IsNumber(at->value) ? at->value->valuedouble : NAN;
	if (isfinite(d) && fabs(d) <= SAFE_INTEGER && d == (double)(int64_t)d &&
	    (int64_t)d >= least && (int64_t)d <= most) {
		*out = (int64_t)d;
		return 0;
	}
	return json_bad(at, e, "expected a whole number from %lld to %lld", (long long)least,
			(long long)most);
}

int json_bool(const struct jnode *at, bool *out, struct err *e)
{
	if (!cJSON_IsBool(at->value))
		return json_bad(at, e, "expected true or false");
	*out = cJSON_IsTrue(at->value);
	return 0;
}

int json_opt_string(const struct jnode *o, const char *key, const char *fallback, char **out,
                    struct err *e)
{
	struct jnode at;
	const char *text = fallback;
	if (json_get(o, key, &at) && json_string(&at, &text, e) < 0)
		return -1;
	*out = xstrdup(text);
	return 0;
}

int json_opt_int(const struct jnode *o, const char *key, int64_t least, int64_t most,
                 int64_t fallback, int64_t *out, struct err *e)
{
	struct jnode at;
	if (json_get(o, key, &at))
		return json_int(&at, least, most, out, e);
	*out = fallback;
	return 0;
}

int json_opt_bool(const struct jnode *o, const char *key, bool fallback, bool *out, struct err *e)
{
	struct jnode at;
	if (json_get(o, key, &at))
		return json_bool(&at, out, e);
	*out = fallback;
	return 0;
}

int json_opt_strings(const struct jnode *o, const char *key, char ***out, struct err *e)
{
	struct jnode list, at;
	*out = NULL;
	if (!json_get(o, key, &list))
		return 0;
	if (json_array(&list, e) < 0)
		return -1;
	char **strings = xcalloc(json_count(&list) + 1, sizeof(*strings));
	size_t n = 0;
	for (bool on = json_first(&list, &at); on; on = json_next(&at)) {
		const char *text;
		if (json_string(&at, &text, e) < 0) {
			strings_free(strings);
			return -1;
		}
		strings[n++] = xstrdup(text);
	}
	*out = strings;
	return 0;
}

int json_only(const struct jnode *object, const char *const *keys, struct err *e)
{
	if (json_object(object, e) < 0)
		return -1;
	const cJSON *item;
	cJSON_ArrayForEach(item, object->value)
	{
		const char *const *key = keys;
		while (*key && strcmp(*key, item->string) != 0)
			key++;
		if (*key)
			continue;
		const char *near = json_nearest(item->string, keys);
		return json_bad(object, e, "unknown member \"%s\"%-s", item->string,
				json_hint(near, (char[JSON_HINT]){0}));
	}
	return 0;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
}

/* Edits (insert, delete, replace, swap of neighbours) between two short words. */
static size_t edits(const char *a, const char *b)
{
	enum { MOST = 40 };
	size_t row[3][MOST + 1], n = strlen(a), m = strlen(b);
	if (n > MOST || m > MOST)
		return MOST;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] =
			    min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return row[n % 3][m];
}

const char *json_nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	size_t least = 3;
	for (; *list; list++) {
		size_t d = edits(word, *list);
		if (d < least && d < strlen(word)) {
			least = d;
			best = *list;
		}
	}
	return best;
}

const char *json_hint(const char *near, char text[JSON_HINT])
{
	if (near)
		snprintf(text, JSON_HINT, M_(" (did you mean \"%s\"?)"), near);
	else
		*text = '\0';
	return text;
}

const char *json_text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

int64_t json_number(const cJSON *object, const char *key, int64_t fallback)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
	if (!cJSON_IsNumber(value) || !(fabs(value->valuedouble) <= SAFE_INTEGER))
		return fallback;
	return (int64_t)value->valuedouble;
}

bool json_flag(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

char *json_print(const cJSON *value, bool indented)
{
	char *text = indented ? cJSON_Print(value) : cJSON_PrintUnformatted(value);
	if (!text)
		abort(); /* cJSON fails here only without memory */
	return text;
}

/* cJSON answers "no memory" with NULL or false all along; here it ends like in base/mem. */
void json_put(cJSON *object, const char *key, cJSON *value)
{
	if (!value || !cJSON_AddItemToObject(object, key, value))
		abort();
}

void json_put_text(cJSON *object, const char *key, const char *text)
{
	if (text)
		json_put(object, key, cJSON_CreateString(text));
}

void json_put_number(cJSON *object, const char *key, int64_t number)
{
	json_put(object, key, cJSON_CreateNumber((double)number));
}

void json_put_flag(cJSON *object, const char *key, bool flag)
{
	json_put(object, key, cJSON_CreateBool(flag));
}

void json_append(cJSON *array, cJSON *value)
{
	if (!value || !cJSON_AddItemToArray(array, value))
		abort();
}

cJSON *json_strings(char *const *list)
{
	cJSON *array = cJSON_CreateArray();
	for (; list && *list; list++)
		json_append(array, cJSON_CreateString(*list));
	return array;
}

cJSON *json_object_new(const char *type)
{
	cJSON *object = cJSON_CreateObject();
	json_put_number(object, "format", 1);
	json_put_text(object, "type", type);
	return object;
}

void json_safe(cJSON *value)
{
	for (; value; value = value->next) {
		if (value->string) {
			char *key = utf8_safe(value->string, UTF8_ONE_LINE);
			if (strcmp(key, value->string) != 0) {
				cJSON_free(value->string);
				value->string = key;
			} else {
				free(key);
			}
		}
		if (cJSON_IsString(value)) {
			char *safe = utf8_safe(value->valuestring, UTF8_KEEP_LINES);
			if (strcmp(safe, value->valuestring) != 0) {
				cJSON_free(value->valuestring);
				value->valuestring = safe;
			} else {
				free(safe);
			}
		}
		json_safe(value->child);
	}
}
