/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/values.h"

#include "base/utf8.h"
#include "model/json.h"

#include <stdarg.h>
#include <stdlib.h>

static struct value *find(const struct values *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->v[i].name, name) == 0)
			return &v->v[i];
	return NULL;
}

static void take_text(struct values *v, const char *name, char *text)
{
	struct value *old = find(v, name);
	if (old) {
		free(old->text);
		old->text = text;
		return;
	}
	struct value *new = VEC_ADD(v);
	new->name = xstrdup(name);
	new->text = text;
}

void values_set(struct values *v, const char *name, const char *text)
{
	if (text) {
		take_text(v, name, xstrdup(text));
		return;
	}
	struct value *old = find(v, name);
	if (!old)
		return;
	free(old->name);
	free(old->text);
	VEC_REMOVE(v, (size_t)(old - v->v));
}

void values_setf(struct values *v, const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	take_text(v, name, xvasprintf(fmt, ap));
	va_end(ap);
}

const char *values_get(const struct values *v, const char *name)
{
	const struct value *value = find(v, name);
	return value ? value->text : NULL;
}

void values_merge(struct values *into, const struct values *from)
{
	for (size_t i = 0; i < from->n; i++)
		values_set(into, from->v[i].name, from->v[i].text);
}

void values_copy(struct values *into, const struct values *from)
{
	if (into == from)
		return;
	values_release(into);
	values_merge(into, from);
}

void values_release(struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->v[i].name);
		free(v->v[i].text);
	}
	VEC_RELEASE(v);
}

cJSON *values_to_json(const struct values *v)
{
	cJSON *object = cJSON_CreateObject();
	for (size_t i = 0; i < v->n; i++)
		json_put_text(object, v->v[i].name, v->v[i].text);
	return object;
}

void values_from_json(struct values *v, const cJSON *object)
{
	if (!cJSON_IsObject(object))
		return;
	const cJSON *item;
	cJSON_ArrayForEach(item, object) if (cJSON_IsString(item))
	    values_set(v, item->string, item->valuestring);
}

/* C1 counts: some terminals and shells obey U+009B like an escape sequence. */
bool text_has_control(const char *text, const char *but)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (((*p < 0x20 || *p == 0x7f) && !strchr(but, *p)) ||
		    (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f))
			return true;
	return false;
}

char **strings_copy(char *const *list)
{
	size_t n = 0;
	if (!list)
		return NULL;
	while (list[n])
		n++;
	char **copy = xcalloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

void strings_free(char **list)
{
	for (char **s = list; s && *s; s++)
		free(*s);
	free(list);
}

bool strings_have(char *const *list, const char *text)
{
	for (; list && text && *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

char *text_from_bytes(const char *bytes, size_t n)
{
	char *text = xmemdup(bytes, n);
	for (size_t i = 0, used; i < n; i += used) {
		int32_t c = utf8_decode(text + i, n - i, &used);
		if (c <= 0)
			text[i] = '?';
	}
	return text;
}

const char *scope_get(const struct scope *s, const char *name)
{
	for (size_t i = 0; s && i < LEN(s->layers); i++) {
		const char *text = s->layers[i] ? values_get(s->layers[i], name) : NULL;
		if (text)
			return text;
	}
	return NULL;
}
