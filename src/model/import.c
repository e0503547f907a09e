/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/import_parts.h"

#include "model/inventory_parts.h"

#include "base/path.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MOST    ((size_t)16 << 20)
#define DEVICES_MOST 20000
#define NAME_MOST    128 /* of what is no name of ours, but perhaps of a device left out */

/* In the order in which they are asked: the last one only wants a line with commas. */
static const struct import_format *const formats[] = {&import_own, &import_ansible, &import_netbox,
						      &import_dot, &import_csv};

const struct import_format *import_format(size_t i)
{
	return i < LEN(formats) ? formats[i] : NULL;
}

/* --- what readers use ------------------------------------------------------------------------- */

static struct import_device *device_add(struct import *in, const char *name, const char *place,
					struct err *e)
{
	if (in->devices.n >= DEVICES_MOST) {
		err_set(e, ERR_INPUT, "%s: more than %d devices", place, DEVICES_MOST);
		return NULL;
	}
	struct import_device *d = VEC_ADD(&in->devices);
	d->name = xstrdup(name);
	d->place = xstrdup(place);
	return d;
}

struct import_device *import_device_add(struct import *in, const char *name, const char *place,
					struct err *e)
{
	if (inventory_check_name(name, e) < 0) {
		err_at(e, "%s", place);
		return NULL;
	}
	return device_add(in, name, place, e);
}

void import_wrong(struct import_device *d, struct err *e)
{
	if (!d->wrong)
		d->wrong = xstrdup(e->text);
	*e = (struct err){0};
}

struct import_device *import_device_any(struct import *in, const char *name, const char *place,
					struct err *e)
{
	struct err why = {0};
	if (text_has_control(name, "") || strlen(name) > NAME_MOST) /* not to be repeated in notes */
		return import_device_add(in, name, place, e);
	struct import_device *d = device_add(in, name, place, e);
	if (d && inventory_check_name(name, &why) < 0) {
		err_at(&why, "%s", place);
		import_wrong(d, &why);
	}
	return d;
}

const char *import_platform(const struct import_words *words, const char *name)
{
	char *small = xstrdup(name);
	for (char *at = small; *at; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	const char *platform = words->platforms ? values_get(words->platforms, small) : NULL;
	free(small);
	return platform;
}

int import_text(const struct import_device *d, const char *field, const char *text, char **to,
		struct err *e)
{
	const struct device_field *f = device_fields;
	while (strcmp(f->key, field) != 0)
		f++;
	if (f->check(text, e) < 0)
		return err_at(e, "%s: %s", d->place, field);
	char *copy = xstrdup(text);
	free(*to);
	*to = copy;
	return 0;
}

int import_port(const struct import_device *d, const char *text, struct err *e)
{
	char *end;
	long port = strspn(text, "0123456789") == strlen(text) ? strtol(text, &end, 10) : 0;
	if (port < 1 || port > 65535 || strlen(text) > 5)
		return err_set(e, ERR_INPUT,
			       "%s: port: expected a number from 1 to 65535, not \"%s\"", d->place,
			       text);
	return (int)port;
}

void import_tag(struct import_device *d, const char *tag)
{
	struct err none = {0};
	size_t n = 0;
	if (inventory_check_word(tag, &none) < 0)
		return;
	for (; d->tags && d->tags[n]; n++)
		if (strcmp(d->tags[n], tag) == 0)
			return;
	d->tags = xrealloc(d->tags, n + 2, sizeof(*d->tags));
	d->tags[n] = xstrdup(tag);
	d->tags[n + 1] = NULL;
}

void import_note(struct import *in, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	VEC_PUSH(&in->notes, xvasprintf(fmt, ap));
	va_end(ap);
}

char *import_name_of(const char *address)
{
	char *name = xstrdup(address);
	for (char *at = name; *at; at++)
		if (*at == ':' || *at == '%')
			*at = '-';
	if (*name == '-') { /* "::1" */
		char *longer = xasprintf("0%s", name);
		free(name);
		name = longer;
	}
	return name;
}

/* --- reading a file --------------------------------------------------------------------------- */

static const struct import_format *find_format(const char *name, struct err *e)
{
	struct str known = {0};
	for (size_t i = 0; i < LEN(formats); i++) {
		if (strcmp(formats[i]->name, name) == 0) {
			str_release(&known);
			return formats[i];
		}
		str_printf(&known, "%s%s", i ? ", " : "", formats[i]->name);
	}
	err_set(e, ERR_INPUT, "there is no format \"%s\"; there are: %s", name, str_text(&known));
	str_release(&known);
	return NULL;
}

static const struct import_format *recognise(const char *text, size_t n, const cJSON *root,
					     const char *file, struct err *e)
{
	struct str known = {0};
	for (size_t i = 0; i < LEN(formats); i++) {
		if (formats[i]->looks(text, n, root)) {
			str_release(&known);
			return formats[i];
		}
		str_printf(&known, "%s%s (%s)", i ? ", " : "", formats[i]->title, formats[i]->name);
	}
	err_set(e, ERR_INPUT, "%s: it looks like none of: %s; --format says which one it is", file,
		str_text(&known));
	str_release(&known);
	return NULL;
}

static bool begins_as_json(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(" \t\r\n", text[i]))
			return text[i] == '{' || text[i] == '[';
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct import_device *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

/* One device twice would be two to the planner. What cannot be a name is no device of ours. */
static int check_doubles(const struct import *in, struct err *e)
{
	size_t n = in->devices.n, k = 0;
	const struct import_device **list = xcalloc(n + 1, sizeof(*list));
	int rc = 0;
	for (size_t i = 0; i < n; i++)
		if (!in->devices.v[i].wrong)
			list[k++] = &in->devices.v[i];
	n = k;
	if (n)
		qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 1; i < n && rc == 0; i++)
		if (strcmp(list[i - 1]->name, list[i]->name) == 0)
			rc = err_set(e, ERR_INPUT, "%s: the name \"%s\" is there twice, also at %s",
				     list[i]->place, list[i]->name, list[i - 1]->place);
	free(list);
	return rc;
}

static int no_device(struct import *in, const char *file, struct err *e)
{
	struct str why = {0};
	if (!in->left.out)
		return err_set(e, ERR_INPUT, "%s: there is no device in it", file);
	import_left_text(&in->left, &why);
	err_set(e, ERR_INPUT, "%s: all %zu of its devices are left out: %s", file, in->left.of,
		str_text(&why));
	str_release(&why);
	return -1;
}

struct import *import_parse(const char *text, size_t n, const char *file, const char *format,
			    const struct import_words *words, struct err *e)
{
	static const struct import_words no_words;
	struct import *in = xcalloc(1, sizeof(*in));
	cJSON *root = NULL;
	int rc = 0;
	if (begins_as_json(text, n) && !(root = json_parse(text, n, file, e)))
		rc = -1;
	if (rc == 0)
		in->format = format ? find_format(format, e) : recognise(text, n, root, file, e);
	if (!in->format ||
	    in->format->read(text, n, root, file, words ? words : &no_words, in, e) < 0)
		rc = -1;
	if (rc == 0)
		rc = check_doubles(in, e);
	cJSON_Delete(root);
	in->left.of = in->devices.n + in->left.out;
	if (rc == 0 && !in->devices.n && !in->links.n)
		rc = no_device(in, file, e);
	if (rc == 0)
		return in;
	import_free(in);
	return NULL;
}

/* A zero byte is one of UTF-16, too. */
static int check_encoding(const struct str *text, const char *path, struct err *e)
{
	if (!text->len || (utf8_valid(text->buf, text->len) && !memchr(text->buf, 0, text->len)))
		return 0;
	return err_set(e, ERR_INPUT,
		       "%s is not UTF-8: convert it first (iconv -f LATIN1 -t UTF-8, or -f UTF-16)",
		       path);
}

struct import *import_load(const char *path, const char *format, const struct import_words *words,
			   struct err *e)
{
	struct str text = {0};
	struct import *in = NULL;
	if (path_read_stream(path, FILE_MOST, &text, e) == 0 &&
	    check_encoding(&text, path, e) == 0)
		in = import_parse(str_text(&text), text.len, path, format, words, e);
	str_release(&text);
	return in;
}

static void device_free(struct import_device *d)
{
	free(d->name);
	free(d->address);
	free(d->platform);
	free(d->role);
	free(d->site);
	free(d->credential);
	free(d->serial);
	free(d->model);
	free(d->user);
	free(d->wrong);
	free(d->place);
	strings_free(d->tags);
}

static void end_free(struct import_end *end)
{
	free(end->device);
	free(end->port);
}

void import_free(struct import *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->devices.n; i++)
		device_free(&in->devices.v[i]);
	for (size_t i = 0; i < in->links.n; i++) {
		end_free(&in->links.v[i].a);
		end_free(&in->links.v[i].b);
	}
	for (size_t i = 0; i < in->groups.n; i++) {
		free(in->groups.v[i].name);
		free(in->groups.v[i].kind);
		strings_free(in->groups.v[i].members);
	}
	for (size_t i = 0; i < in->rules.n; i++) {
		free(in->rules.v[i].match);
		free(in->rules.v[i].role);
	}
	for (size_t i = 0; i < in->notes.n; i++)
		free(in->notes.v[i]);
	VEC_RELEASE(&in->devices);
	VEC_RELEASE(&in->links);
	VEC_RELEASE(&in->groups);
	VEC_RELEASE(&in->rules);
	VEC_RELEASE(&in->notes);
	import_left_release(&in->left);
	free(in);
}
