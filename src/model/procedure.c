/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/procedure_parts.h"

#include "base/path.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_PROCEDURE ((size_t)1 << 20)

/* --- loading --- */

/* What `enum quoting` calls them: "language" is QUOTE_SH plus the place in this list. */
static const char *const languages[] = {"sh", "cli", NULL};

static int read_language(struct loader *l, const struct field *f, const struct jnode *at, void *out)
{
	unsigned language = 0;
	if (type_choice.read(l, f, at, &language) < 0)
		return -1;
	*(enum quoting *)out = language ? QUOTE_CLI : QUOTE_SH;
	return 0;
}

static int read_format(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                       void *out UNUSED)
{
	int64_t format;
	return json_int(at, 1, 1, &format, l->e);
}

static const struct field_type type_language = {read_language, NULL};
static const struct field_type type_format = {read_format, NULL};

#define SECTION(key)                                                                               \
	{                                                                                          \
		key, &type_skip, 0, false, NULL                                                    \
	}

static const struct field procedure_fields[] = {
    {"format", &type_format, 0, true, NULL},
    NEEDED(struct procedure, id, "id", type_name),
    NEEDED(struct procedure, title, "title", type_text),
    NEEDED(struct procedure, noun, "noun", type_text),
    NEEDED(struct procedure, nouns, "nouns", type_text),
    NEEDED(struct procedure, platforms, "platforms", type_texts),
    FIELD(struct procedure, platform_names, "platform_names", type_values),
    {"language", &type_language, offsetof(struct procedure, language), true, languages},
    SECTION("software"),
    SECTION("parameters"),
    SECTION("facts"),
    SECTION("checks"),
    SECTION("stages"),
    SECTION("methods"),
    SECTION("lists"),
    SECTION("steps"),
    SECTION("transfer"),
    SECTION("errors"),
    SECTION("snapshot"),
    SECTION("topology"),
    END_OF_FIELDS,
};

/* Each is a name of a platform that the procedure has. */
static int check_platform_names(struct loader *l, const struct jnode *root)
{
	for (size_t i = 0; i < l->p->platform_names.n; i++) {
		const char *to = l->p->platform_names.v[i].text;
		size_t k = 0;
		while (l->p->platforms[k] && strcmp(l->p->platforms[k], to) != 0)
			k++;
		if (!l->p->platforms[k])
			return json_bad(root, l->e,
					"platform_names: \"%s\" is none of \"platforms\"", to);
	}
	return 0;
}

static int read_all(struct loader *l, const struct jnode *root)
{
	static int (*const sections[])(struct loader *, const struct jnode *) = {
	    procedure_read_software, procedure_read_parameters, procedure_read_facts,
	    procedure_read_checks,   procedure_read_stages,     procedure_read_transfer,
	    procedure_read_steps,    procedure_read_methods,    procedure_read_errors,
	    procedure_read_snapshot, procedure_read_topology,
	};
	if (fields_read(l, procedure_fields, root, l->p) < 0)
		return -1;
	if (!l->p->platforms[0])
		return json_bad(root, l->e, "\"platforms\" is empty");
	if (check_platform_names(l, root) < 0)
		return -1;
	for (size_t i = 0; i < LEN(sections); i++)
		if (sections[i](l, root) < 0)
			return -1;
	return loader_resolve(l);
}

struct procedure *procedure_parse(const char *text, size_t n, const char *name, struct err *e)
{
	cJSON *tree = json_parse(text, n, name, e);
	if (!tree)
		return NULL;
	struct procedure *p = xcalloc(1, sizeof(*p));
	struct loader l = {.p = p, .file = name, .e = e};
	struct jnode root = json_root(tree, name);
	int result = read_all(&l, &root);
	loader_release(&l);
	cJSON_Delete(tree);
	if (result < 0) {
		procedure_free(p);
		return NULL;
	}
	p->text = xmemdup(text, n);
	return p;
}

struct procedure *procedure_load(const char *path, struct err *e)
{
	struct str text = {0};
	struct procedure *p = NULL;
	if (path_read(path, MAX_PROCEDURE, &text, e) == 0)
		p = procedure_parse(str_text(&text), text.len, path, e);
	str_release(&text);
	return p;
}

void procedure_free(struct procedure *p)
{
	if (!p)
		return;
	procedure_release_methods(p);
	procedure_release_steps(p);
	procedure_release_snapshot(p);
	procedure_release_sections(p);
	procedure_fields_release(procedure_fields, p);
	free(p->text);
	strings_free(p->group_values);
	free(p);
}

bool procedure_same_version(const struct procedure *p, const char *a, const char *b)
{
	return str_eq(a, b) || scheme_match(p->versions, a, b) == VERSION_SAME;
}

/* --- finding --- */

const struct step *procedure_step(const struct procedure *p, const char *name)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (str_eq(p->steps[i].name, name))
			return &p->steps[i];
	return NULL;
}

const struct method *procedure_method(const struct procedure *p, const char *name)
{
	for (size_t i = 0; i < p->n_methods; i++)
		if (!name || str_eq(p->methods[i].name, name))
			return &p->methods[i];
	return NULL;
}

const struct check *procedure_check(const struct procedure *p, const char *name)
{
	for (size_t i = 0; i < p->n_checks; i++)
		if (str_eq(p->checks[i].name, name))
			return &p->checks[i];
	return NULL;
}

int64_t procedure_step_limit(const struct step *s, const struct values *parameters)
{
	const char *more = s->timeout_adds ? values_get(parameters, s->timeout_adds) : NULL;
	return s->timeout_ms + (more ? strtoll(more, NULL, 10) * 1000 : 0);
}

const struct parameter *procedure_parameter(const struct procedure *p, const char *name)
{
	for (size_t i = 0; i < p->n_parameters; i++)
		if (str_eq(p->parameters[i].name, name))
			return &p->parameters[i];
	return NULL;
}

const struct image_kind *procedure_image_kind(const struct procedure *p, const char *kind)
{
	for (size_t i = 0; i < p->n_images; i++)
		if (str_eq(p->images[i].kind, kind))
			return &p->images[i];
	return NULL;
}

bool procedure_needs_image(const struct procedure *p)
{
	for (size_t i = 0; i < p->n_images; i++)
		if (!p->images[i].parameter)
			return true;
	return false;
}

/* --- parameters --- */

static char *bool_value(const struct parameter *q, const char *text, struct err *e)
{
	static const char *const words[][2] = {
	    {"yes", "no"}, {"true", "false"}, {"on", "off"}, {"1", "0"}};
	for (size_t i = 0; i < LEN(words); i++)
		for (size_t k = 0; k < 2; k++)
			if (strcasecmp(text, words[i][k]) == 0)
				return xstrdup(words[0][k]);
	err_set(e, ERR_INPUT, "%s: expected \"yes\" or \"no\", not \"%s\"", q->name, text);
	return NULL;
}

static char *int_value(const struct parameter *q, const char *text, struct err *e)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	size_t digits = strspn(text + (*text == '-'), "0123456789");
	if (!errno && digits && !*end && n >= q->least && n <= q->most)
		return xasprintf("%lld", n);
	long long least = q->least, most = q->most;
	if (q->unit)
		err_set(e, ERR_INPUT,
			"%s: expected a whole number from %lld to %lld %-s, not \"%s\"", q->name,
			least, most, q->unit, text);
	else
		err_set(e, ERR_INPUT, "%s: expected a whole number from %lld to %lld, not \"%s\"",
			q->name, least, most, text);
	return NULL;
}

static char *choice_value(const struct parameter *q, const char *text, struct err *e)
{
	struct str all = {0};
	for (char **choice = q->choices; *choice; choice++) {
		if (strcmp(*choice, text) == 0) {
			str_release(&all);
			return xstrdup(text);
		}
		str_printf(&all, "%s%s", all.len ? ", " : "", *choice);
	}
	err_set(e, ERR_INPUT, "%s: \"%s\" is none of %s", q->name, text, str_text(&all));
	str_release(&all);
	return NULL;
}

/* Empty is allowed where empty is the default: it means "not set". */
static char *text_value(const struct parameter *q, const char *text, struct err *e)
{
	bool unset = !*text && (!q->fallback || !*q->fallback);
	if (strlen(text) > 1000 || text_has_control(text, ""))
		err_set(e, ERR_INPUT, "%s: too long, or control characters in it", q->name);
	else if (!unset && q->match &&
	         pattern_match(q->match, text, strlen(text), NULL) != VERDICT_YES)
		err_set(e, ERR_INPUT, "%s: expected %-s, not \"%s\"", q->name, q->expected, text);
	else
		return xstrdup(text);
	return NULL;
}

char *parameter_value(const struct parameter *q, const char *text, struct err *e)
{
	static char *(*const values[])(const struct parameter *, const char *, struct err *) = {
	    [PARAMETER_BOOL] = bool_value,
	    [PARAMETER_INT] = int_value,
	    [PARAMETER_CHOICE] = choice_value,
	    [PARAMETER_TEXT] = text_value,
	};
	return values[q->type](q, text, e);
}

void procedure_defaults(const struct procedure *p, struct values *out)
{
	for (size_t i = 0; i < p->n_parameters; i++)
		values_set(out, p->parameters[i].name, p->parameters[i].fallback);
}

char **procedure_order(const struct procedure *p, const char *text)
{
	for (size_t i = 0; i < p->n_orders; i++)
		if (strcmp(p->orders[i].name, text) == 0)
			return strings_copy(p->orders[i].roles);
	char **parts = str_split(text, ",", NULL);
	char **list = parts[0] ? strings_copy(parts) : NULL;
	free(parts);
	return list;
}

static int set_later(const struct procedure *p, const char *pair, struct values *out, struct err *e)
{
	size_t n = strcspn(pair, "=");
	char *name = xstrndup(pair, n), *value = NULL;
	const struct parameter *q = pair[n] ? procedure_parameter(p, name) : NULL;
	if (!q)
		err_set(e, ERR_INPUT, "there is no parameter \"%s\" with a value (NAME=VALUE)", name);
	else if (!q->later)
		err_set(e, ERR_REFUSED, "%s belongs to the plan of the job: another value needs a new job",
			name);
	else if ((value = parameter_value(q, pair + n + 1, e)))
		values_set(out, name, value);
	bool good = value != NULL;
	free(value);
	free(name);
	return good ? 0 : -1;
}

int procedure_set_later(const struct procedure *p, const char *lines, struct values *out, struct err *e)
{
	size_t n;
	int rc = 0;
	char **list = str_split(lines, "\n", &n);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = *list[i] ? set_later(p, list[i], out, e) : 0;
	free(list);
	return rc;
}
