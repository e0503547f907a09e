/* SPDX-License-Identifier: ISC */
/* Methods are lists of steps; {"call": NAME} puts a named list in its place. */
#include "config.h"

#include "model/procedure_parts.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 1000

struct call { /* the lists that are open, innermost first */
	const char *name;
	const struct call *up;
};

struct names {
	VEC(char *) v;
};

static int add_steps(struct loader *l, const struct jnode *root, const struct jnode *list,
                     const struct call *up, struct names *out);

static int add_call(struct loader *l, const struct jnode *root, const struct jnode *at,
                    const struct call *up, struct names *out)
{
	static const char *const keys[] = {"call", NULL};
	struct jnode name, lists, list;
	const char *text;
	if (json_only(at, keys, l->e) < 0 || json_need(at, "call", &name, l->e) < 0 ||
	    json_string(&name, &text, l->e) < 0)
		return -1;
	for (const struct call *c = up; c; c = c->up)
		if (strcmp(c->name, text) == 0)
			return json_bad(&name, l->e, "the list \"%s\" calls itself", text);
	if (!json_get(root, "lists", &lists) || !json_get(&lists, text, &list))
		return json_bad(&name, l->e, "there is no list \"%s\"", text);
	struct call call = {text, up};
	return add_steps(l, root, &list, &call, out);
}

static int add_steps(struct loader *l, const struct jnode *root, const struct jnode *list,
                     const struct call *up, struct names *out)
{
	struct jnode at;
	const char *text;
	if (json_array(list, l->e) < 0)
		return -1;
	for (bool on = json_first(list, &at); on; on = json_next(&at)) {
		if (cJSON_IsObject(at.value)) {
			if (add_call(l, root, &at, up, out) < 0)
				return -1;
			continue;
		}
		if (json_string(&at, &text, l->e) < 0)
			return -1;
		if (out->v.n == MOST_STEPS)
			return json_bad(&at, l->e, "more than %d steps", MOST_STEPS);
		loader_use(l, USE_STEP, &at, text);
		VEC_PUSH(&out->v, xstrdup(text));
	}
	return 0;
}

/* Open changes and probes are known by the step's name: the same change twice would be one. */
static int check_doubles(struct loader *l, const struct jnode *list, char *const *names)
{
	for (size_t i = 0; names[i]; i++) {
		const struct step *s = procedure_step(l->p, names[i]);
		for (size_t k = 0; s && s->changes && k < i; k++)
			if (strcmp(names[i], names[k]) == 0)
				return json_bad(list, l->e,
				                "step \"%s\" changes the device and occurs twice",
				                names[i]);
	}
	return 0;
}

static int read_list(struct loader *l, const struct jnode *root, const struct jnode *method,
                     const char *key, char ***out)
{
	struct jnode list;
	struct names names = {0};
	int result = 0;
	if (json_get(method, key, &list))
		result = add_steps(l, root, &list, NULL, &names);
	VEC_PUSH(&names.v, NULL);
	*out = names.v.v;
	return result < 0 ? -1 : check_doubles(l, method, *out);
}

static const struct field method_fields[] = {
    NEEDED(struct method, name, "name", type_name),
    NEEDED(struct method, title, "title", type_text),
    {"steps", &type_skip, 0, true, NULL},
    {"rollback", &type_skip, 0, false, NULL},
    END_OF_FIELDS,
};

static int read_method(struct loader *l, const struct jnode *root, const struct jnode *at,
                       struct method *m)
{
	if (fields_read(l, method_fields, at, m) < 0 ||
	    read_list(l, root, at, "steps", &m->steps) < 0 ||
	    read_list(l, root, at, "rollback", &m->rollback) < 0)
		return -1;
	return m->steps[0] ? 0 : json_bad(at, l->e, "\"steps\" is empty");
}

/* A list that no method calls is read, too: its mistakes are not kept for later. */
static int check_lists(struct loader *l, const struct jnode *root)
{
	struct jnode lists, at;
	if (!json_get(root, "lists", &lists))
		return 0;
	if (json_object(&lists, l->e) < 0)
		return -1;
	for (bool on = json_first(&lists, &at); on; on = json_next(&at)) {
		struct names names = {0};
		struct call call = {at.key, NULL};
		int result = add_steps(l, root, &at, &call, &names);
		VEC_PUSH(&names.v, NULL);
		strings_free(names.v.v);
		if (result < 0)
			return -1;
	}
	return 0;
}

int procedure_read_methods(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode list, at;
	if (check_lists(l, root) < 0 || json_need(root, "methods", &list, l->e) < 0 ||
	    json_array(&list, l->e) < 0)
		return -1;
	p->methods = xcalloc(json_count(&list) + 1, sizeof(*p->methods));
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_method(l, root, &at, &p->methods[p->n_methods++]) < 0)
			return -1;
	if (p->n_methods == 0)
		return json_bad(&list, l->e, "there must be a method");
	return check_unique(&list, p->methods, p->n_methods, sizeof(*p->methods), l->e);
}

void procedure_release_methods(struct procedure *p)
{
	for (size_t i = 0; i < p->n_methods; i++) {
		procedure_fields_release(method_fields, &p->methods[i]);
		strings_free(p->methods[i].steps);
		strings_free(p->methods[i].rollback);
	}
	free(p->methods);
}
