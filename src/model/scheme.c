/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/scheme.h"

#include "model/judge.h"
#include "model/version.h"

#include <stdlib.h>
#include <string.h>

struct scheme {
	VEC(struct pattern *) forms;
	char **system, **train, **branch, **order, **loose; /* group names, NULL-ended; may be NULL */
};

/* --- reading --- */

static int see_group(void *name, const char *group, struct err *e UNUSED)
{
	return str_eq(name, group);
}

/* A group that no form has would always be the same: a mistake that nobody notices. */
static int check_group(const struct scheme *s, const struct jnode *at, struct err *e)
{
	for (size_t i = 0; i < s->forms.n; i++)
		if (pattern_groups(s->forms.v[i], see_group, at->value->valuestring, NULL) == 1)
			return 0;
	return json_bad(at, e, "no form has a group of this name");
}

static int read_forms(struct scheme *s, const struct jnode *at, struct err *e)
{
	struct jnode list, item;
	if (json_need(at, "forms", &list, e) < 0 || json_array(&list, e) < 0)
		return -1;
	for (bool on = json_first(&list, &item); on; on = json_next(&item)) {
		struct err why = {0};
		const char *text;
		if (json_string(&item, &text, e) < 0)
			return -1;
		struct pattern *p = pattern_new(text, false, &why);
		if (!p)
			return json_bad(&item, e, "%s", why.text);
		VEC_PUSH(&s->forms, p);
	}
	return s->forms.n ? 0 : json_bad(&list, e, "no form at all");
}

static int read_groups(struct scheme *s, const struct jnode *at, const char *key, char ***out,
		       struct err *e)
{
	struct jnode list, item;
	if (!json_get(at, key, &list))
		return 0;
	if (json_array(&list, e) < 0)
		return -1;
	*out = xcalloc(json_count(&list) + 1, sizeof(**out));
	size_t n = 0;
	for (bool on = json_first(&list, &item); on; on = json_next(&item)) {
		const char *name;
		if (json_string(&item, &name, e) < 0 || check_group(s, &item, e) < 0)
			return -1;
		(*out)[n++] = xstrdup(name);
	}
	return 0;
}

static int read_scheme(struct scheme *s, const struct jnode *at, struct err *e)
{
	static const char *const keys[] = {"forms",  "system", "train", "branch",
					   "order", "loose",  NULL};
	if (json_only(at, keys, e) < 0 || read_forms(s, at, e) < 0)
		return -1;
	struct {
		const char *key;
		char ***out;
	} lists[] = {{"system", &s->system},
		     {"train", &s->train},
		     {"branch", &s->branch},
		     {"order", &s->order},
		     {"loose", &s->loose}};
	for (size_t i = 0; i < LEN(lists); i++)
		if (read_groups(s, at, lists[i].key, lists[i].out, e) < 0)
			return -1;
	return 0;
}

struct scheme *scheme_new(const struct jnode *at, struct err *e)
{
	struct scheme *s = xcalloc(1, sizeof(*s));
	if (read_scheme(s, at, e) == 0)
		return s;
	scheme_free(s);
	return NULL;
}

void scheme_free(struct scheme *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->forms.n; i++)
		pattern_free(s->forms.v[i]);
	VEC_RELEASE(&s->forms);
	strings_free(s->system);
	strings_free(s->train);
	strings_free(s->branch);
	strings_free(s->order);
	strings_free(s->loose);
	free(s);
}

/* --- comparing --- */

struct reading { /* of one version */
	size_t form;
	struct values groups;
};

static bool read_version(const struct scheme *s, const char *v, struct reading *r)
{
	for (r->form = 0; r->form < s->forms.n; r->form++) {
		values_release(&r->groups);
		r->groups = (struct values){0};
		if (pattern_match(s->forms.v[r->form], v, strlen(v), &r->groups) == VERDICT_YES)
			return true;
	}
	return false;
}

static const char *group(const struct reading *r, const char *name)
{
	const char *text = values_get(&r->groups, name);
	return text ? text : "";
}

static int compare_numbers(char *const *names, const struct reading *a, const struct reading *b)
{
	for (; names && *names; names++) {
		const char *x = group(a, *names), *y = group(b, *names);
		int d = version_compare(*x ? x : "0", *y ? y : "0");
		if (d)
			return d;
	}
	return 0;
}

static bool same_texts(char *const *names, const struct reading *a, const struct reading *b)
{
	for (; names && *names; names++)
		if (strcmp(group(a, *names), group(b, *names)) != 0)
			return false;
	return true;
}

static enum version_order compare(const struct scheme *s, const struct reading *a,
				  const struct reading *b)
{
	if (!same_texts(s->system, a, b))
		return VERSION_SYSTEM;
	int d = compare_numbers(s->train, a, b);
	if (d)
		return d < 0 ? VERSION_BEFORE : VERSION_AFTER;
	if (a->form != b->form || compare_numbers(s->branch, a, b) != 0)
		return VERSION_BRANCH;
	d = compare_numbers(s->order, a, b);
	return d < 0 ? VERSION_BEFORE : d > 0 ? VERSION_AFTER : VERSION_SAME;
}

/* What one of the two leaves open is what the other says. */
static void forgive(const struct scheme *s, struct reading *a, struct reading *b)
{
	for (char *const *name = s->loose; name && *name; name++)
		if (!*group(a, *name) || !*group(b, *name)) {
			values_set(&a->groups, *name, NULL);
			values_set(&b->groups, *name, NULL);
		}
}

static enum version_order stand(const struct scheme *s, const char *a, const char *b, bool loose)
{
	struct reading x = {0}, y = {0};
	enum version_order o = VERSION_UNREADABLE;
	if (read_version(s, a, &x) && read_version(s, b, &y)) {
		if (loose)
			forgive(s, &x, &y);
		o = compare(s, &x, &y);
	}
	values_release(&x.groups);
	values_release(&y.groups);
	return o;
}

static enum version_order plain(const char *a, const char *b)
{
	if (!version_valid(a) || !version_valid(b))
		return VERSION_UNREADABLE;
	int d = version_compare(a, b);
	return d < 0 ? VERSION_BEFORE : d > 0 ? VERSION_AFTER : VERSION_SAME;
}

enum version_order scheme_compare(const struct scheme *s, const char *a, const char *b)
{
	return s ? stand(s, a, b, false) : plain(a, b);
}

enum version_order scheme_match(const struct scheme *s, const char *a, const char *b)
{
	return s ? stand(s, a, b, true) : plain(a, b);
}

/* The first `parts` of two lists of names, one behind the other. */
static bool same_parts(const struct scheme *s, const struct reading *a, const struct reading *b,
		       int parts)
{
	char *one[] = {NULL, NULL};
	char *const *lists[] = {s->train, s->order};
	for (size_t i = 0; i < LEN(lists); i++)
		for (char *const *name = lists[i]; name && *name && parts > 0; name++, parts--) {
			one[0] = *name;
			if (compare_numbers(one, a, b) != 0)
				return false;
		}
	return true;
}

int scheme_same(const struct scheme *s, const char *a, const char *b, int parts)
{
	struct reading x = {0}, y = {0};
	int same = -1;
	if (!s)
		return version_valid(a) && version_valid(b) ? version_same(a, b, parts) : -1;
	if (read_version(s, a, &x) && read_version(s, b, &y))
		same = same_texts(s->system, &x, &y) && same_parts(s, &x, &y, parts);
	values_release(&x.groups);
	values_release(&y.groups);
	return same;
}
