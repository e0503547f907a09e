/* SPDX-License-Identifier: ISC */
/* A method that is cut into components: each with its steps, its gate and its point of no return. */
#include "config.h"

#include "model/procedure_parts.h"

#include <stdlib.h>
#include <string.h>

/* A number of devices, or "all". */
static int read_batch(struct loader *l, const struct field *f UNUSED, const struct jnode *at, void *out)
{
	struct component *c = out;
	c->together = cJSON_IsString(at->value) && strcmp(at->value->valuestring, "all") == 0;
	if (!c->together && !cJSON_IsNumber(at->value))
		return json_bad(at, l->e, "expected a number of devices, or \"all\"");
	return c->together ? 0 : json_int(at, 1, 10000, &c->batch_size, l->e);
}

static const struct field_type type_batch = {read_batch, NULL};
static const char *const ends[] = {"first", "last", NULL};

static int read_end(struct loader *l, const struct field *f, const struct jnode *at, void *out)
{
	unsigned end = 0;
	if (type_choice.read(l, f, at, &end) < 0)
		return -1;
	*(bool *)out = end == 1;
	return 0;
}

static const struct field_type type_end = {read_end, NULL};

static const struct field no_return_fields[] = {
    NEEDED(struct component, no_return, "text", type_text),
    {"before", &type_end, offsetof(struct component, no_return_last), true, ends},
    FIELD(struct component, no_return_ask, "ask", type_parameter),
    FIELD(struct component, no_return_fact, "fact", type_name),
    FIELD(struct component, no_return_when, "when", type_judge),
    END_OF_FIELDS,
};

static const struct field component_fields[] = {
    NEEDED(struct component, name, "name", type_name),
    NEEDED(struct component, title, "title", type_text),
    FIELD(struct component, roles, "roles", type_texts),
    FIELD(struct component, when, "when", type_judge),
    {"batch", &type_batch, 0, false, NULL},
    FIELD(struct component, finishes, "finishes", type_flag),
    FIELD(struct component, impact, "impact", type_text),
    FIELD(struct component, no_return, "no_return", type_skip),
    {"steps", &type_skip, 0, true, NULL},
    {"gate", &type_skip, 0, false, NULL},
    END_OF_FIELDS,
};

struct flat { /* the steps of all components */
	VEC(char *) steps;
};

static void add_list(struct flat *all, char **list, struct component *c)
{
	c->from = all->steps.n;
	for (size_t i = 0; list[i]; i++)
		VEC_PUSH(&all->steps, list[i]);
	c->to = all->steps.n;
	free(list); /* the names have moved */
}

/* What only looks must not be able to take anybody down. */
static int check_gate(struct loader *l, const struct jnode *at, char *const *list)
{
	for (size_t i = 0; list[i]; i++) {
		const struct step *s = procedure_step(l->p, list[i]);
		if (s && (s->changes || s->action == ACTION_REBOOT))
			return json_bad(at, l->e, "\"gate\": step \"%s\" changes the device", s->name);
	}
	return 0;
}

static int read_gate(struct loader *l, const struct jnode *root, const struct jnode *at,
		     struct method *m, struct flat *all)
{
	struct component *c = &m->components[m->n_components - 1], *gate = c + 1;
	char **list;
	if (procedure_read_list(l, root, at, "gate", &list) < 0 || check_gate(l, at, list) < 0) {
		strings_free(list);
		return -1;
	}
	if (!list[0]) {
		strings_free(list);
		return 0;
	}
	m->n_components++;
	gate->name = xasprintf("%s-gate", c->name);
	gate->title = xstrdup(c->title);
	gate->roles = c->roles ? strings_copy(c->roles) : NULL;
	gate->together = gate->gate = true;
	add_list(all, list, gate);
	return 0;
}

static int read_component(struct loader *l, const struct jnode *root, const struct jnode *at,
			  struct method *m, struct flat *all)
{
	struct component *c = &m->components[m->n_components++];
	struct jnode no_return;
	char **list;
	if (fields_read(l, component_fields, at, c) < 0)
		return -1;
	if (json_get(at, "no_return", &no_return) &&
	    fields_read(l, no_return_fields, &no_return, c) < 0)
		return -1;
	if (c->together && c->no_return_last)
		return json_bad(at, l->e, "\"no_return\": all begin at once: \"before\" is \"first\"");
	if (c->finishes && (m->n_components < 2 || !c->together || !c[-1].together || !c[-1].no_return))
		return json_bad(at, l->e, "\"finishes\": it is for all at once, and so is the one "
					  "before it, which has no way back");
	int result = procedure_read_list(l, root, at, "steps", &list);
	if (result < 0 || !list[0]) {
		strings_free(list);
		return result < 0 ? -1 : json_bad(at, l->e, "\"steps\" is empty");
	}
	add_list(all, list, c);
	return read_gate(l, root, at, m, all);
}

/* A device needs the gate of what it needs. */
static int share_condition(struct loader *l, const struct jnode *list, struct method *m)
{
	for (size_t i = 0; i < m->n_components; i++)
		if (m->components[i].gate && m->components[i - 1].when)
			m->components[i].when = m->components[i - 1].when;
	return check_unique(list, m->components, m->n_components, sizeof(*m->components), l->e);
}

/* What lasts has to last until something that still comes. */
static int check_until(struct loader *l, const struct jnode *at, const struct method *m)
{
	for (size_t i = 0; m->steps[i]; i++) {
		const struct step *s = procedure_step(l->p, m->steps[i]);
		const char *until = s && s->undo ? s->undo->until : NULL;
		const struct component *c = procedure_component(m, until);
		if (until && (!c || c->from <= i))
			return json_bad(at, l->e,
					"step \"%s\": there is no component \"%s\" behind it",
					s->name, until);
	}
	return 0;
}

int procedure_read_components(struct loader *l, const struct jnode *root,
			      const struct jnode *method, struct method *m)
{
	struct jnode list, at;
	struct flat all = {0};
	int result = 0;
	if (!json_get(method, "components", &list))
		return check_until(l, method, m);
	if (json_array(&list, l->e) < 0)
		return -1;
	if (m->steps[0])
		return json_bad(method, l->e, "\"steps\" or \"components\", not both");
	m->components = xcalloc(2 * json_count(&list) + 1, sizeof(*m->components));
	for (bool on = json_first(&list, &at); on && !result; on = json_next(&at))
		result = read_component(l, root, &at, m, &all);
	VEC_PUSH(&all.steps, NULL);
	strings_free(m->steps);
	m->steps = all.steps.v;
	if (result < 0 || procedure_check_doubles(l, method, m->steps) < 0 ||
	    check_until(l, method, m) < 0)
		return -1;
	return share_condition(l, &list, m);
}

void procedure_release_components(struct method *m)
{
	for (size_t i = 0; i < m->n_components; i++) {
		struct component *c = &m->components[i];
		if (c->gate)
			c->when = NULL; /* it is that of the component before it */
		procedure_fields_release(component_fields, c);
		procedure_fields_release(no_return_fields, c);
	}
	free(m->components);
}

const struct component *procedure_component(const struct method *m, const char *name)
{
	for (size_t i = 0; m && name && i < m->n_components; i++)
		if (str_eq(m->components[i].name, name))
			return &m->components[i];
	return NULL;
}
