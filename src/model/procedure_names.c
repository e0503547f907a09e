/* SPDX-License-Identifier: ISC */
/* Who speaks of whom: names noted while reading are looked up when the procedure is complete. */
#include "config.h"

#include "model/procedure_parts.h"

#include "base/i18n.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values that the engine makes; everything else is a fact, a parameter or a capture. Besides these:
 * image.<kind>.<part> for the kinds of the procedure, file.<name> (SHA-256) for files that a step
 * keeps, group.<capture> (procedure.h). */
static const char *const engine_values[] = {
    "address",
    "attempt",
    "combination",
    "component",
    "component.left",
    "count",
    "device",
    "file",
    "from",
    "from.major",
    "group",
    "holder",
    "image.name",
    "image.path",
    "image.sha256",
    "image.size",
    "image.version",
    "inventory",
    "isolates",
    "job",
    "job.before",
    "kind",
    "limit",
    "method",
    "neighbor",
    "neighbor.port",
    "offset",
    "pass",
    "peer",
    "peers",
    "peers.outside",
    "platform",
    "port",
    "reason",
    "role",
    "token",
    "uplinks",
    "unseen",
    "user",
    "version",
    "version.major",
    "version.platform",
    "wait",
    "waited",
    "why",
    NULL,
};
static const char *const image_parts[] = {"name", "sha256", "size", "version", NULL};

int loader_use(struct loader *l, enum use_kind kind, const struct jnode *at, const char *name)
{
	struct use *u = VEC_ADD(&l->uses);
	u->kind = kind;
	u->where = json_where(at);
	u->name = xstrdup(name);
	return 0;
}

void loader_release(struct loader *l)
{
	for (size_t i = 0; i < l->uses.n; i++) {
		free(l->uses.v[i].where);
		free(l->uses.v[i].name);
	}
	for (size_t i = 0; i < l->captures.n; i++)
		free(l->captures.v[i]);
	VEC_RELEASE(&l->uses);
	VEC_RELEASE(&l->captures);
}

struct names {
	VEC(const char *) v;
};

static void add_list(struct names *n, const char *const *list)
{
	for (; *list; list++)
		VEC_PUSH(&n->v, *list);
}

/* An array of structs whose first member is the name. */
static void add_array(struct names *n, const void *array, size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++)
		VEC_PUSH(&n->v, *(char *const *)((const char *)array + i * size));
}

static void add_files(struct names *n, const struct procedure *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].action == ACTION_GET)
			VEC_PUSH(&n->v, p->steps[i].file);
}

static void collect(struct names *n, const struct loader *l, enum use_kind kind)
{
	const struct procedure *p = l->p;
	if (kind == USE_VALUE)
		add_list(n, engine_values);
	if (kind == USE_VALUE || kind == USE_FACT)
		add_array(n, p->facts, p->n_facts, sizeof(*p->facts));
	if (kind == USE_VALUE || kind == USE_PARAMETER)
		add_array(n, p->parameters, p->n_parameters, sizeof(*p->parameters));
	if (kind == USE_VALUE)
		add_array(n, l->captures.v, l->captures.n, sizeof(*l->captures.v));
	if (kind == USE_STEP)
		add_array(n, p->steps, p->n_steps, sizeof(*p->steps));
	if (kind == USE_CHECK)
		add_array(n, p->checks, p->n_checks, sizeof(*p->checks));
	if (kind == USE_IMAGE)
		add_array(n, p->images, p->n_images, sizeof(*p->images));
	if (kind == USE_FILE)
		add_files(n, p);
	VEC_PUSH(&n->v, NULL);
}

static bool listed(const char *const *list, const char *name)
{
	while (*list && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

/* image.<kind>.<part> */
static bool is_image_value(const struct procedure *p, const char *name)
{
	const char *part = strrchr(name, '.');
	if (strncmp(name, "image.", 6) != 0 || part < name + 6 || !listed(image_parts, part + 1))
		return false;
	for (size_t i = 0; i < p->n_images; i++)
		if (strlen(p->images[i].kind) == (size_t)(part - name - 6) &&
		    strncmp(p->images[i].kind, name + 6, (size_t)(part - name - 6)) == 0)
			return true;
	return false;
}

static bool is_file_value(const struct procedure *p, const char *name)
{
	if (strncmp(name, "file.", 5) != 0)
		return false;
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].action == ACTION_GET && strcmp(p->steps[i].file, name + 5) == 0)
			return true;
	return false;
}

/* group.<capture>: it is remembered that it is asked for. */
static bool is_group_value(const struct loader *l, const char *name)
{
	size_t n = 0;
	char **list = l->p->group_values;
	bool known = false;
	if (strncmp(name, "group.", 6) != 0)
		return false;
	for (size_t i = 0; i < l->captures.n && !known; i++)
		known = strcmp(l->captures.v[i], name + 6) == 0;
	for (; known && list && list[n]; n++)
		if (strcmp(list[n], name + 6) == 0)
			return true;
	if (!known)
		return false;
	list = l->p->group_values = xrealloc(list, n + 2, sizeof(*list));
	list[n] = xstrdup(name + 6);
	list[n + 1] = NULL;
	return true;
}

static int complain(const struct loader *l, const struct use *u, const char *const *list)
{
	static const char *const words[] = {
	    [USE_VALUE] = M_("value"),
	    [USE_FACT] = M_("fact"),
	    [USE_PARAMETER] = M_("parameter"),
	    [USE_STEP] = M_("step"),
	    [USE_CHECK] = M_("check"),
	    [USE_IMAGE] = M_("kind of image"),
	    [USE_FILE] = M_("file kept by a \"get\" step"),
	};
	const char *near = json_nearest(u->name, list);
	err_set(l->e, ERR_INPUT, "there is no %-s \"%s\"%-s", words[u->kind], u->name,
		json_hint(near, (char[JSON_HINT]){0}));
	return err_at(l->e, "%s: %s", l->file, u->where);
}

static int resolve_kind(const struct loader *l, enum use_kind kind)
{
	struct names names = {0};
	int result = 0;
	collect(&names, l, kind);
	for (size_t i = 0; i < l->uses.n && !result; i++) {
		const struct use *u = &l->uses.v[i];
		if (u->kind != kind || listed(names.v.v, u->name))
			continue;
		if (kind == USE_VALUE &&
		    (is_image_value(l->p, u->name) || is_file_value(l->p, u->name) ||
		     is_group_value(l, u->name)))
			continue;
		result = complain(l, u, names.v.v);
	}
	VEC_RELEASE(&names.v);
	return result;
}

/* One name, one meaning: facts and parameters share their names with nobody. */
static int check_clashes(const struct loader *l)
{
	struct names names = {0};
	const struct procedure *p = l->p;
	int result = 0;
	add_list(&names, engine_values);
	VEC_PUSH(&names.v, NULL);
	for (size_t i = 0; i < p->n_facts && !result; i++)
		if (listed(names.v.v, p->facts[i].name) || procedure_parameter(p, p->facts[i].name))
			result = err_set(l->e, ERR_INPUT,
			                 "%s: facts[%zu].name: \"%s\" means something else already",
			                 l->file, i, p->facts[i].name);
	for (size_t i = 0; i < p->n_parameters && !result; i++)
		if (listed(names.v.v, p->parameters[i].name))
			result =
			    err_set(l->e, ERR_INPUT,
			            "%s: parameters[%zu].name: \"%s\" means something else already",
			            l->file, i, p->parameters[i].name);
	VEC_RELEASE(&names.v);
	return result;
}

int loader_resolve(struct loader *l)
{
	static const enum use_kind kinds[] = {USE_FACT,  USE_PARAMETER, USE_STEP, USE_CHECK,
	                                      USE_IMAGE, USE_FILE,      USE_VALUE};
	for (size_t i = 0; i < LEN(kinds); i++)
		if (resolve_kind(l, kinds[i]) < 0)
			return -1;
	return check_clashes(l);
}
