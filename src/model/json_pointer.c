/* SPDX-License-Identifier: ISC */
/* RFC 6901 with one addition: a part "*" stands for every member or element. */
#include "config.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 8

struct walk {
	int (*see)(void *ctx, const cJSON *found, const char *const *keys, size_t n);
	void *ctx;
	const char *keys[KEYS_MAX]; /* names of the members that each "*" stands for */
	size_t n;
};

int json_pointer_check(const char *pointer, struct err *e)
{
	if (*pointer != '/')
		return err_set(e, ERR_INPUT, "JSON pointer \"%s\": must start with \"/\"", pointer);
	for (const char *p = pointer; *p; p++)
		if (*p == '~' && p[1] != '0' && p[1] != '1')
			return err_set(e, ERR_INPUT,
			               "JSON pointer \"%s\": write ~0 for ~, ~1 for /", pointer);
	return 0;
}

static char *unescape(const char *part, size_t n)
{
	char *text = xmemdup(part, n), *to = text;
	for (const char *from = text; *from; from++) {
		if (*from == '~' && (from[1] == '0' || from[1] == '1'))
			*to++ = *++from == '0' ? '~' : '/';
		else
			*to++ = *from;
	}
	*to = '\0';
	return text;
}

static const cJSON *element(const cJSON *array, const char *part)
{
	size_t n = strlen(part);
	if (n == 0 || n > 9 || strspn(part, "0123456789") != n || (n > 1 && *part == '0'))
		return NULL;
	return cJSON_GetArrayItem(array, atoi(part));
}

static int walk(struct walk *w, const cJSON *at, const char *pointer);

static int walk_all(struct walk *w, const cJSON *at, const char *rest)
{
	int stop = 0;
	const cJSON *item;
	if (w->n == KEYS_MAX)
		return 0;
	w->n++;
	cJSON_ArrayForEach(item, at)
	{
		w->keys[w->n - 1] = item->string;
		stop = walk(w, item, rest);
		if (stop)
			break;
	}
	w->n--;
	return stop;
}

static int walk(struct walk *w, const cJSON *at, const char *pointer)
{
	if (!*pointer)
		return w->see(w->ctx, at, w->keys, w->n);
	if (!cJSON_IsObject(at) && !cJSON_IsArray(at))
		return 0;
	size_t n = strcspn(pointer + 1, "/");
	const char *rest = pointer + 1 + n;
	if (n == 1 && pointer[1] == '*')
		return walk_all(w, at, rest);
	char *part = unescape(pointer + 1, n);
	const cJSON *next =
	    cJSON_IsArray(at) ? element(at, part) : cJSON_GetObjectItemCaseSensitive(at, part);
	free(part);
	return next ? walk(w, next, rest) : 0;
}

int json_pointer_keys(const cJSON *root, const char *pointer,
                      int (*see)(void *ctx, const cJSON *found, const char *const *keys, size_t n),
                      void *ctx)
{
	struct walk w = {.see = see, .ctx = ctx};
	return root ? walk(&w, root, pointer) : 0;
}

struct last_key {
	int (*see)(void *ctx, const cJSON *found, const char *key);
	void *ctx;
};

static int see_last(void *ctx, const cJSON *found, const char *const *keys, size_t n)
{
	struct last_key *l = ctx;
	return l->see(l->ctx, found, n ? keys[n - 1] : NULL);
}

int json_pointer_each(const cJSON *root, const char *pointer,
                      int (*see)(void *ctx, const cJSON *found, const char *key), void *ctx)
{
	struct last_key l = {see, ctx};
	return json_pointer_keys(root, pointer, see_last, &l);
}

char *json_leaf(const cJSON *value)
{
	if (cJSON_IsString(value))
		return xstrdup(value->valuestring);
	return json_print(value, false);
}
