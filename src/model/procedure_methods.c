/* SPDX-License-Identifier: ISC */
/* Methods are lists of steps; {"call": NAME} puts a named list in its place. */
#include "config.h"

#include "model/procedure_parts.h"

#include "base/i18n.h"

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
int procedure_check_doubles(struct loader *l, const struct jnode *list, char *const *names)
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

int procedure_read_list(struct loader *l, const struct jnode *root, const struct jnode *object,
			const char *key, char ***out)
{
	struct jnode list;
	struct names names = {0};
	int result = 0;
	if (json_get(object, key, &list))
		result = add_steps(l, root, &list, NULL, &names);
	VEC_PUSH(&names.v, NULL);
	*out = names.v.v;
	return result < 0 ? -1 : procedure_check_doubles(l, object, *out);
}

/* --- kinds of jobs --- */

static const struct field kind_fields[] = {
    NEEDED(struct job_kind, name, "name", type_name),
    NEEDED(struct job_kind, title, "title", type_text),
    FIELD(struct job_kind, help, "help", type_text),
    FIELD(struct job_kind, stays_up, "stays_up", type_flag),
    FIELD(struct job_kind, after, "after", type_flag),
    FIELD(struct job_kind, backwards, "backwards", type_flag),
    FIELD(struct job_kind, follows, "follows", type_texts),
    FIELD(struct job_kind, alone, "alone", type_flag),
    FIELD(struct job_kind, compare, "compare", type_texts),
    FIELD(struct job_kind, keeps, "keeps", type_texts),
    FIELD(struct job_kind, batch_size, "batch_size", type_number),
    {"steps", &type_skip, 0, true, NULL},
    {"rollback", &type_skip, 0, false, NULL},
    END_OF_FIELDS,
};

static int use_names(struct loader *l, const struct jnode *at, enum use_kind kind, char **names)
{
	for (; names && *names; names++)
		loader_use(l, kind, at, *names);
	return 0;
}

/* A kind that leaves devices up must not be able to take one down. */
static int check_stays_up(struct loader *l, const struct jnode *at, const struct job_kind *k)
{
	for (size_t i = 0; k->stays_up && k->steps[i]; i++) {
		const struct step *s = procedure_step(l->p, k->steps[i]);
		if (s && (s->commits || s->action == ACTION_REBOOT))
			return json_bad(at, l->e, "\"stays_up\": step \"%s\" takes the device down",
					s->name);
	}
	return k->stays_up && k->rollback[0]
		   ? json_bad(at, l->e, "\"stays_up\": there is nothing to roll back")
		   : 0;
}

/* What stays has to be known how to be taken away. */
static int check_keeps(struct loader *l, const struct jnode *at, const struct job_kind *k)
{
	for (size_t i = 0; k->keeps && k->keeps[i]; i++) {
		const struct step *s = procedure_step(l->p, k->keeps[i]);
		if (s && !s->undo)
			return json_bad(at, l->e, "\"keeps\": step \"%s\" has no \"undo\"",
					s->name);
	}
	return 0;
}

static int check_follows(struct loader *l, const struct jnode *at, const struct method *m,
			 const struct job_kind *k)
{
	if (!k->follows && (k->backwards || k->compare))
		return json_bad(at, l->e, "needs \"follows\": it goes on with an earlier job");
	for (size_t i = 0; k->follows && k->follows[i]; i++)
		if (strcmp(k->follows[i], KIND_FULL) != 0 && !procedure_kind(m, k->follows[i]))
			return json_bad(at, l->e, "\"follows\": there is no kind \"%s\" before it",
					k->follows[i]);
	return 0;
}

static int read_kind(struct loader *l, const struct jnode *root, const struct jnode *at,
		     const struct method *m, struct job_kind *k)
{
	if (fields_read(l, kind_fields, at, k) < 0 ||
	    procedure_read_list(l, root, at, "steps", &k->steps) < 0 ||
	    procedure_read_list(l, root, at, "rollback", &k->rollback) < 0)
		return -1;
	if (!k->steps[0])
		return json_bad(at, l->e, "\"steps\" is empty");
	if (strcmp(k->name, KIND_FULL) == 0)
		return json_bad(at, l->e, "\"%s\" is the method's own way", KIND_FULL);
	use_names(l, at, USE_FACT, k->compare);
	use_names(l, at, USE_STEP, k->keeps);
	return check_stays_up(l, at, k) < 0 || check_keeps(l, at, k) < 0
		   ? -1
		   : check_follows(l, at, m, k);
}

static int read_kinds(struct loader *l, const struct jnode *root, const struct jnode *method,
		      struct method *m)
{
	struct jnode list, at;
	if (!json_get(method, "kinds", &list))
		return 0;
	if (json_array(&list, l->e) < 0)
		return -1;
	m->kinds = xcalloc(json_count(&list) + 1, sizeof(*m->kinds));
	for (bool on = json_first(&list, &at); on; on = json_next(&at))
		if (read_kind(l, root, &at, m, &m->kinds[m->n_kinds++]) < 0)
			return -1;
	return check_unique(&list, m->kinds, m->n_kinds, sizeof(*m->kinds), l->e);
}

const struct job_kind *procedure_kind(const struct method *m, const char *name)
{
	for (size_t i = 0; m && name && i < m->n_kinds; i++)
		if (m->kinds[i].name && strcmp(m->kinds[i].name, name) == 0)
			return &m->kinds[i];
	return NULL;
}

/* --- methods --- */

static const struct field method_fields[] = {
    NEEDED(struct method, name, "name", type_name),
    NEEDED(struct method, title, "title", type_text),
    FIELD(struct method, done_stays, "done_stays", type_text),
    {"steps", &type_skip, 0, false, NULL},
    {"components", &type_skip, 0, false, NULL},
    {"followers", &type_skip, 0, false, NULL},
    {"rollback", &type_skip, 0, false, NULL},
    {"kinds", &type_skip, 0, false, NULL},
    END_OF_FIELDS,
};

/* Who follows looks on: it must not do anything to a device that another one leads. */
static int check_followers(struct loader *l, const struct jnode *at, const struct method *m)
{
	bool unit = l->p->unit_kind != NULL;
	if (unit != (m->followers[0] != NULL))
		return json_bad(at, l->e,
				unit ? M_("\"followers\": a unit needs to know what its other "
					  "members do")
				     : M_("\"followers\": there is no \"stages.unit\""));
	if (unit && m->n_kinds)
		return json_bad(at, l->e, "\"kinds\": a unit has only whole jobs");
	for (size_t i = 0; m->followers[i]; i++) {
		const struct step *s = procedure_step(l->p, m->followers[i]);
		if (s && (s->changes || s->commits))
			return json_bad(at, l->e, "\"followers\": step \"%s\" changes a device",
					s->name);
	}
	return 0;
}

static int read_method(struct loader *l, const struct jnode *root, const struct jnode *at,
                       struct method *m)
{
	if (fields_read(l, method_fields, at, m) < 0 ||
	    procedure_read_list(l, root, at, "steps", &m->steps) < 0 ||
	    procedure_read_components(l, root, at, m) < 0 ||
	    procedure_read_list(l, root, at, "followers", &m->followers) < 0 ||
	    procedure_read_list(l, root, at, "rollback", &m->rollback) < 0 ||
	    read_kinds(l, root, at, m) < 0)
		return -1;
	if (check_followers(l, at, m) < 0)
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

static void release_kind(struct job_kind *k)
{
	procedure_fields_release(kind_fields, k);
	strings_free(k->steps);
	strings_free(k->rollback);
}

void procedure_release_methods(struct procedure *p)
{
	for (size_t i = 0; i < p->n_methods; i++) {
		procedure_fields_release(method_fields, &p->methods[i]);
		strings_free(p->methods[i].steps);
		strings_free(p->methods[i].followers);
		strings_free(p->methods[i].rollback);
		for (size_t k = 0; k < p->methods[i].n_kinds; k++)
			release_kind(&p->methods[i].kinds[k]);
		free(p->methods[i].kinds);
		procedure_release_components(&p->methods[i]);
	}
	free(p->methods);
}
