/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/procedure_parts.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

#define MOST_FIELDS   64
#define MOST_ELEMENTS 10000

/* --- one member --- */

static int read_string(struct loader *l, const struct jnode *at, const char **out)
{
	return json_string(at, out, l->e);
}

static int read_text(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                     void *out)
{
	const char *text;
	if (read_string(l, at, &text) < 0)
		return -1;
	if (strstr(text, "${"))
		return json_bad(at, l->e, "values (${...}) are not filled in here");
	*(char **)out = xstrdup(text);
	return 0;
}

static int read_name(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                     void *out)
{
	const char *text;
	if (read_string(l, at, &text) < 0)
		return -1;
	size_t n = strlen(text);
	if (n == 0 || n > 64 || *text == '-' ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") != n)
		return json_bad(at, l->e, "\"%s\" is no name (a-z, 0-9, _ and -, at most 64)",
		                text);
	*(char **)out = xstrdup(text);
	return 0;
}

static int read_file(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                     void *out)
{
	const char *text;
	if (read_string(l, at, &text) < 0)
		return -1;
	if (!path_is_name(text))
		return json_bad(at, l->e, "\"%s\" is no plain file name", text);
	*(char **)out = xstrdup(text);
	return 0;
}

struct seeing {
	struct loader *l;
	const struct jnode *at;
};

static int see_value(void *ctx, const char *name, struct err *e UNUSED)
{
	struct seeing *s = ctx;
	return loader_use(s->l, USE_VALUE, s->at, name);
}

static int see_capture(void *ctx, const char *name, struct err *e UNUSED)
{
	struct loader *l = ctx;
	VEC_PUSH(&l->captures, xstrdup(name));
	return 0;
}

int loader_pattern(struct loader *l, const struct pattern *p)
{
	return pattern_groups(p, see_capture, l, l->e);
}

static int read_template(struct loader *l, const struct jnode *at, enum quoting quoting, char **out)
{
	const char *text;
	struct err why = {0};
	struct seeing seeing = {l, at};
	if (read_string(l, at, &text) < 0)
		return -1;
	if (!*text && quoting != QUOTE_NONE)
		return json_bad(at, l->e, "this is empty");
	if (template_names(text, quoting, see_value, &seeing, &why) < 0)
		return json_bad_text(at, l->e, why.text);
	*out = xstrdup(text);
	return 0;
}

static int read_message(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                        void *out)
{
	return read_template(l, at, QUOTE_NONE, out);
}

static int read_remote(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                       void *out)
{
	if (read_template(l, at, QUOTE_RAW, out) < 0)
		return -1;
	return text_has_control(*(char **)out, "")
	           ? json_bad(at, l->e, "control characters are not allowed here")
	           : 0;
}

static int read_command(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                        void *out)
{
	return read_template(l, at, l->p->language, out);
}

static int read_judge(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                      void *out)
{
	struct seeing seeing = {l, at};
	struct judge *j = judge_new(at, l->p->versions, l->e);
	if (!j)
		return -1;
	*(struct judge **)out = j;
	if (judge_reads(j, see_value, &seeing, l->e) < 0)
		return -1;
	return judge_makes(j, see_capture, l, l->e);
}

static int read_pattern(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                        void *out)
{
	const char *text;
	struct err why = {0};
	if (read_string(l, at, &text) < 0)
		return -1;
	struct pattern *p = pattern_new(text, false, &why);
	if (!p)
		return json_bad_text(at, l->e, why.text);
	*(struct pattern **)out = p;
	return loader_pattern(l, p);
}

static int read_flag(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                     void *out)
{
	return json_bool(at, out, l->e);
}

static int read_duration(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                         void *out)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	const char *text = "";
	if (cJSON_IsString(at->value) && read_string(l, at, &text) < 0)
		return -1;
	size_t digits = strspn(text, "0123456789");
	for (size_t i = 0; i < LEN(units) && digits >= 1 && digits <= 8; i++)
		if (strcmp(text + digits, units[i].unit) == 0) {
			*(int64_t *)out = atoll(text) * units[i].ms;
			return 0;
		}
	return json_bad(at, l->e, "expected a duration with its unit: \"300s\" (ms, s, m or h)");
}

static int read_number(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                       void *out)
{
	return json_int(at, -1000000000000, 1000000000000, out, l->e);
}

static int read_choice(struct loader *l, const struct field *f, const struct jnode *at, void *out)
{
	const char *text;
	struct str all = {0};
	if (read_string(l, at, &text) < 0)
		return -1;
	for (unsigned i = 0; f->names[i]; i++) {
		if (strcmp(f->names[i], text) == 0) {
			*(unsigned *)out = i; /* what gcc and clang make of an enum */
			str_release(&all);
			return 0;
		}
		str_printf(&all, "%s\"%s\"", i ? ", " : "", f->names[i]);
	}
	json_bad(at, l->e, "\"%s\" is none of %s", text, str_text(&all));
	str_release(&all);
	return -1;
}

static int read_texts(struct loader *l, const struct field *f, const struct jnode *at, void *out)
{
	struct jnode item;
	size_t n = 0;
	if (json_array(at, l->e) < 0)
		return -1;
	char **list = xcalloc(json_count(at) + 1, sizeof(*list));
	*(char ***)out = list;
	for (bool on = json_first(at, &item); on; on = json_next(&item)) {
		if (read_text(l, f, &item, &list[n++]) < 0)
			return -1;
		for (size_t i = 0; i + 1 < n; i++)
			if (strcmp(list[i], list[n - 1]) == 0)
				return json_bad(&item, l->e, "\"%s\" occurs twice", list[i]);
	}
	return 0;
}

static int read_values(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                       void *out)
{
	struct jnode item;
	if (json_object(at, l->e) < 0)
		return -1;
	for (bool on = json_first(at, &item); on; on = json_next(&item)) {
		const char *text;
		if (cJSON_IsString(item.value) && read_string(l, &item, &text) < 0)
			return -1;
		if (!cJSON_IsString(item.value) && !cJSON_IsNumber(item.value) &&
		    !cJSON_IsBool(item.value))
			return json_bad(&item, l->e, "expected a text, a number, true or false");
		char *leaf = json_leaf(item.value);
		values_set(out, item.key, leaf);
		free(leaf);
	}
	return 0;
}

static int read_fact(struct loader *l, const struct field *f, const struct jnode *at, void *out)
{
	return read_name(l, f, at, out) < 0 ? -1 : loader_use(l, USE_FACT, at, *(char **)out);
}

static int read_parameter(struct loader *l, const struct field *f, const struct jnode *at,
                          void *out)
{
	return read_name(l, f, at, out) < 0 ? -1 : loader_use(l, USE_PARAMETER, at, *(char **)out);
}

static int read_nothing(struct loader *l UNUSED, const struct field *f UNUSED,
                        const struct jnode *at UNUSED, void *out UNUSED)
{
	return 0;
}

static void free_text(void *out)
{
	free(*(char **)out);
}

static void free_judge(void *out)
{
	judge_free(*(struct judge **)out);
}

static void free_pattern(void *out)
{
	pattern_free(*(struct pattern **)out);
}

static void free_texts(void *out)
{
	strings_free(*(char ***)out);
}

static void free_values(void *out)
{
	values_release(out);
}

const struct field_type type_text = {read_text, free_text};
const struct field_type type_name = {read_name, free_text};
const struct field_type type_file = {read_file, free_text};
const struct field_type type_message = {read_message, free_text};
const struct field_type type_remote = {read_remote, free_text};
const struct field_type type_command = {read_command, free_text};
const struct field_type type_judge = {read_judge, free_judge};
const struct field_type type_pattern = {read_pattern, free_pattern};
const struct field_type type_flag = {read_flag, NULL};
const struct field_type type_duration = {read_duration, NULL};
const struct field_type type_number = {read_number, NULL};
const struct field_type type_choice = {read_choice, NULL};
const struct field_type type_texts = {read_texts, free_texts};
const struct field_type type_values = {read_values, free_values};
const struct field_type type_fact = {read_fact, free_text};
const struct field_type type_parameter = {read_parameter, free_text};
const struct field_type type_skip = {read_nothing, NULL};

/* --- whole objects --- */

int fields_read(struct loader *l, const struct field *fields, const struct jnode *object, void *out)
{
	const char *keys[MOST_FIELDS + 1];
	size_t n = 0;
	for (const struct field *f = fields; f->key && n < MOST_FIELDS; f++)
		keys[n++] = f->key;
	keys[n] = NULL;
	if (json_only(object, keys, l->e) < 0)
		return -1;
	for (const struct field *f = fields; f->key; f++) {
		struct jnode at;
		if (f->needed && json_need(object, f->key, &at, l->e) < 0)
			return -1;
		if (json_get(object, f->key, &at) &&
		    f->type->read(l, f, &at, (char *)out + f->offset) < 0)
			return -1;
	}
	return 0;
}

void procedure_fields_release(const struct field *fields, void *out)
{
	for (const struct field *f = fields; f->key; f++)
		if (f->type->release)
			f->type->release((char *)out + f->offset);
}

int fields_read_list(struct loader *l, const struct jnode *list, size_t size,
                     int (*read)(struct loader *l, const struct jnode *at, void *out), void **out,
                     size_t *n)
{
	struct jnode at;
	if (json_array(list, l->e) < 0)
		return -1;
	if (json_count(list) > MOST_ELEMENTS)
		return json_bad(list, l->e, "more than %d elements", MOST_ELEMENTS);
	*out = xcalloc(json_count(list) + 1, size);
	for (bool on = json_first(list, &at); on; on = json_next(&at))
		if (read(l, &at, (char *)*out + size * (*n)++) < 0)
			return -1;
	return 0;
}

int check_unique(const struct jnode *list, const void *array, size_t n, size_t size, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const char *a = *(char *const *)((const char *)array + i * size);
			const char *b = *(char *const *)((const char *)array + k * size);
			if (strcmp(a, b) == 0) {
				struct jnode at = json_item(list, i);
				return json_bad(&at, e, "\"%s\" occurs twice", a);
			}
		}
	return 0;
}
