/* SPDX-License-Identifier: ISC */
/* Instances and operations of a MicroCloud, as lxc lists them. */
#include "config.h"

#include "lab/cloud.h"
#include "lab/show.h"

#include <string.h>

/* --- the list ----------------------------------------------------------------------------- */
static cJSON *instance_json(const struct cloud *c, const struct instance *in)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", in->name);
	cJSON_AddStringToObject(o, "status", in->running ? "Running" : "Stopped");
	cJSON_AddStringToObject(o, "type", in->vm ? "virtual-machine" : "container");
	cJSON_AddStringToObject(o, "location", c->members.v[in->at]->dev->name);
	cJSON *config = cJSON_AddObjectToObject(o, "config");
	if (in->live)
		cJSON_AddStringToObject(config, "migration.stateful", "true");
	return o;
}

static int list_json(struct sh *sh)
{
	const struct cloud *c = sh->dev->member->cloud;
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < c->instances.n; i++)
		cJSON_AddItemToArray(list, instance_json(c, &c->instances.v[i]));
	show_json(sh->out, list);
	return 0;
}

/* The columns of lxc list by their letters, or by a key of the configuration. */
static const struct column {
	char letter;
	const char *head;
} columns[] = {{'n', "NAME"},     {'s', "STATE"},        {'4', "IPV4"},
	       {'6', "IPV6"},     {'t', "TYPE"},         {'S', "SNAPSHOTS"},
	       {'L', "LOCATION"}, {'l', "LAST USED AT"}, {'e', "PROJECT"}};
static const char *const keys[] = {"migration.stateful", "volatile.evacuate.origin"};
struct chosen {
	VEC(struct column) v; /* letter 0: a key */
};

static void add_cell(struct lab_table *t, const struct cloud *c, size_t i, const struct column *k)
{
	const struct instance *in = &c->instances.v[i];
	char letter = k->letter;
	if (letter == 'n')
		lab_table_add(t, "%s", in->name);
	else if (letter == 's')
		lab_table_add(t, "%s", in->running ? "RUNNING" : "STOPPED");
	else if (letter == '4' && in->running)
		lab_table_add(t, "10.20.0.%zu (eth0)", 10 + i);
	else if (letter == 't')
		lab_table_add(t, "%s", in->vm ? "VIRTUAL-MACHINE" : "CONTAINER");
	else if (letter == 'S')
		lab_table_add(t, "0");
	else if (letter == 'e')
		lab_table_add(t, "default");
	else if (letter == 'L')
		lab_table_add(t, "%s", c->members.v[in->at]->dev->name);
	else if (!letter && str_eq(k->head, keys[0]))
		lab_table_add(t, "%s", in->live ? "true" : "");
	else if (!letter && in->origin >= 0)
		lab_table_add(t, "%s", c->members.v[in->origin]->dev->name);
	else
		lab_table_add(t, "%s", "");
}

/* One part between two commas of what -c takes. -1: said why not. */
static int choose(struct sh *sh, struct chosen *chosen, const char *part, size_t n)
{
	for (size_t k = 0; k < LEN(keys); k++)
		if (strlen(keys[k]) == n && strncmp(keys[k], part, n) == 0) {
			*VEC_ADD(&chosen->v) = (struct column){0, keys[k]};
			return 0;
		}
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < LEN(columns) && columns[k].letter != part[i])
			k++;
		if (k == LEN(columns))
			return say(sh, -1, "Error: Unknown column shorthand char '%c' in '%.*s'",
				   part[i], (int)n, part);
		VEC_PUSH(&chosen->v, columns[k]);
	}
	return 0;
}

static void list_columns(struct sh *sh, const char *format, const struct chosen *chosen)
{
	const struct cloud *c = sh->dev->member->cloud;
	struct lab_table t = {.columns = chosen->v.n};
	for (size_t k = 0; k < chosen->v.n; k++)
		lab_table_add(&t, "%s", chosen->v.v[k].head);
	for (size_t i = 0; i < c->instances.n; i++)
		for (size_t k = 0; k < chosen->v.n; k++)
			add_cell(&t, c, i, &chosen->v.v[k]);
	lab_table_print(&t, lxd_style(format), sh->out);
}

int lxd_instances(struct sh *sh, const char *format, const char *wanted)
{
	struct chosen chosen = {0};
	int bad = 0;
	if (str_eq(format, "json"))
		return list_json(sh);
	for (const char *p = wanted; *p && !bad; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
		bad = choose(sh, &chosen, p, strcspn(p, ","));
	if (!bad)
		list_columns(sh, format, &chosen);
	VEC_RELEASE(&chosen.v);
	return bad ? 1 : 0;
}

/* --- what goes on ------------------------------------------------------------------------- */
int lxd_operations(struct sh *sh, const char *format)
{
	const struct cloud *c = sh->dev->member->cloud;
	static const char *const head[] = {"ID",         "TYPE",    "DESCRIPTION", "STATUS",
					   "CANCELABLE", "CREATED", "LOCATION"};
	struct lab_table t = {.columns = LEN(head)};
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		if (!m->evacuating && !m->restoring)
			continue;
		const char *what =
		    m->evacuating ? "Evacuating cluster member" : "Restoring cluster member";
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		cJSON_AddStringToObject(o, "class", "task");
		cJSON_AddStringToObject(o, "description", what);
		cJSON_AddStringToObject(o, "status", "Running");
		cJSON_AddStringToObject(o, "location", m->dev->name);
		lab_table_add(&t, "6f8c1a5e-0b1d-4c47-9c55-0f7c1e4b%04zx", i);
		lab_table_add(&t, "TASK");
		lab_table_add(&t, "%s", what);
		lab_table_add(&t, "RUNNING");
		lab_table_add(&t, "NO");
		lab_table_add(&t, "2020/10/29 19:33 UTC");
		lab_table_add(&t, "%s", m->dev->name);
	}
	bool json = str_eq(format, "json");
	struct blob *to = json ? blob_new() : blob_ref(sh->out);
	lab_table_print(&t, lxd_style(format), to);
	blob_unref(to);
	if (json)
		show_json(sh->out, list);
	else
		cJSON_Delete(list);
	return 0;
}
