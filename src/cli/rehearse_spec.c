/* SPDX-License-Identifier: ISC */
/* The operator's inventory as a description for the lab (lab/fabric.h). */
#include "config.h"

#include "cli/rehearse.h"

#include "base/path.h"
#include "cli/lab.h"
#include "lab/lab.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

enum { HOSTS = 2 };

static const struct inventory *inventory_of(const struct rehearse *r)
{
	return r->job->inventory;
}

/* --- what is known of a device ---------------------------------------------------------------- */

/* A fact as the pre-checks of the job found it, else as the device said it the last time. */
static const char *fact(struct rehearse *r, const struct known_devices *known, size_t device,
			const char *name)
{
	const char *text = NULL;
	struct task_view *t = r->view ? jobview_task(r->view, device) : NULL;
	const struct known_device *k = known_device(known, inventory_of(r)->devices.v[device].name);
	if (t)
		text = values_get(&t->facts, name);
	return text || !k ? text : values_get(&k->facts, name);
}

/* The hardware as one of these facts tells it, in a word that the lab knows; NULL: the usual one. */
static const char *model_of(struct rehearse *r, const struct known_devices *known, size_t device)
{
	static const char *const names[] = {"asic", "os-family", "model"};
	const char *platform = inventory_of(r)->devices.v[device].platform;
	for (size_t i = 0; i < LEN(names); i++) {
		const char *text = fact(r, known, device, names[i]);
		if (text && lab_model(platform, text))
			return text;
	}
	return NULL;
}

/* What is played of a device: what nobody logs in to may be anything, it only has to be there. */
static bool system_of(const struct rehearse *r, size_t device, struct lab_system *out)
{
	const struct inventory *inv = inventory_of(r);
	const char *own = inv->devices.v[device].platform;
	const char *first = inv->devices.v[r->job->devices.v[0]].platform;
	return str_eq(own, first) && lab_system(own, out);
}

static const char *planned_from(const struct rehearse *r, size_t device)
{
	const struct plan_device *p = r->plan ? plan_device(r->plan, device) : NULL;
	return p ? p->from : NULL;
}

struct lab_system rehearse_system(const struct rehearse *r)
{
	struct lab_system s = {0};
	(void)system_of(r, r->job->devices.v[0], &s); /* rehearse_fabric() has seen that it is there */
	return s;
}

/* What the plan says, else what it ran when it was last asked, else what the operator says. */
static const char *version_of(struct rehearse *r, const struct known_devices *known, size_t device,
			      bool *sure)
{
	const char *from = planned_from(r, device), *said = cli_option(r->c, "--from");
	const struct known_device *k = known_device(known, inventory_of(r)->devices.v[device].name);
	*sure = true;
	if (from && *from)
		return from;
	if (k && k->version)
		return k->version;
	*sure = said != NULL;
	return said ? said : rehearse_system(r).from_version;
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* The lab plays a group of the kind that its members' system has; what else belongs together is known
 * to the planner only. */
static bool is_played(const struct rehearse *r, const struct group *g)
{
	struct lab_system first, s;
	bool good = g->members.n && system_of(r, g->members.v[0], &first) &&
		    str_eq(g->kind, first.group) && (!first.pair || g->members.n == 2);
	for (size_t i = 0; good && i < g->members.n; i++)
		good = system_of(r, g->members.v[i], &s) &&
		       inventory_group(inventory_of(r), g->members.v[i]) == g;
	return good;
}

static bool in_played(const struct rehearse *r, size_t device)
{
	const struct group *g = inventory_group(inventory_of(r), device);
	return g && is_played(r, g);
}

static int links_of(const struct inventory *inv, size_t device)
{
	int n = 0;
	for (size_t i = 0; i < inv->links.n; i++)
		n += inv->links.v[i].a == device || inv->links.v[i].b == device;
	return n;
}

/* Servers: where the work on a device has to leave somebody a path. */
static int hosts_of(const struct rehearse *r, size_t i, const struct lab_system *s)
{
	return s->cables && (in_played(r, i) || !links_of(inventory_of(r), i)) ? HOSTS : 0;
}

static cJSON *device_json(struct rehearse *r, const struct known_devices *known, size_t i,
			  int *guessed)
{
	const struct inventory *inv = inventory_of(r);
	const struct device *d = &inv->devices.v[i];
	struct lab_system system = {.cables = true};
	cJSON *o = cJSON_CreateObject();
	bool sure = true, played = system_of(r, i, &system);
	json_put_text(o, "name", d->name);
	json_put_text(o, "role", d->role);
	if (d->tags && d->tags[0])
		json_put(o, "tags", json_strings(d->tags));
	json_put_text(o, "platform", played ? d->platform : NULL);
	json_put_text(o, "model", played ? model_of(r, known, i) : NULL);
	if (played)
		json_put_text(o, "version", version_of(r, known, i, &sure));
	else
		json_put_flag(o, "scenery", true);
	json_put_number(o, "hosts", hosts_of(r, i, &system));
	*guessed += job_has(r->job, i) && !sure; /* which is played, check_systems() has seen it */
	return o;
}

static size_t batch_of(const struct plan *p, size_t device)
{
	size_t number = 0;
	for (size_t s = 0; s < p->stages.n; s++)
		for (size_t b = 0; b < p->stages.v[s].batches.n; b++, number++)
			for (size_t i = 0; i < p->stages.v[s].batches.v[b].devices.n; i++)
				if (p->stages.v[s].batches.v[b].devices.v[i] == device)
					return number;
	return 0;
}

/* Whom the plan has go last; NULL when there is no plan, which then comes from what the lab does.
 */
static const char *primary_of(const struct rehearse *r, const struct group *g)
{
	size_t a = g->members.v[0], b = g->members.v[g->members.n - 1];
	if (!r->plan || g->members.n != 2 || batch_of(r->plan, a) == batch_of(r->plan, b))
		return NULL;
	bool first = batch_of(r->plan, a) > batch_of(r->plan, b);
	return inventory_of(r)->devices.v[first ? a : b].name;
}

static cJSON *groups_json(struct rehearse *r)
{
	const struct inventory *inv = inventory_of(r);
	cJSON *list = cJSON_CreateArray();
	for (size_t g = 0; g < inv->groups.n; g++) {
		const struct group *group = &inv->groups.v[g];
		if (!is_played(r, group)) {
			rehearse_remark(r,
					_("group %s is kept apart by the plan, but is no group of "
					  "the simulated network"),
					group->name);
			continue;
		}
		cJSON *o = cJSON_CreateObject(), *members = cJSON_CreateArray();
		for (size_t m = 0; m < group->members.n; m++)
			json_append(members,
				    cJSON_CreateString(inv->devices.v[group->members.v[m]].name));
		json_put_text(o, "name", group->name);
		json_put_text(o, "primary", primary_of(r, group));
		json_put(o, "members", members);
		json_append(list, o);
	}
	return list;
}

static void add_end(cJSON *pair, const char *name, const char *port)
{
	char *text = port ? xasprintf("%s:%s", name, port) : xstrdup(name);
	json_append(pair, cJSON_CreateString(text));
	free(text);
}

static cJSON *links_json(struct rehearse *r)
{
	const struct inventory *inv = inventory_of(r);
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		cJSON *pair = cJSON_CreateArray();
		add_end(pair, inv->devices.v[l->a].name, l->a_port);
		add_end(pair, inv->devices.v[l->b].name, l->b_port);
		json_append(list, pair);
	}
	return list;
}

/* One procedure, so one system, or several of which all are simulated. */
static int check_systems(struct rehearse *r)
{
	struct lab_system s;
	for (size_t i = 0; i < r->job->devices.n; i++) {
		const struct device *d = &inventory_of(r)->devices.v[r->job->devices.v[i]];
		if (!system_of(r, r->job->devices.v[i], &s))
			return err_set(&r->c->e, ERR_INPUT,
				       _("%s: the platform \"%s\" is not simulated beside that of "
					 "the job's first device: it cannot be rehearsed with it"),
				       d->name, d->platform);
	}
	return 0;
}

int rehearse_fabric(struct rehearse *r, const char *path)
{
	struct known_devices known = {0};
	int guessed = 0;
	bool sure;
	if (check_systems(r) != 0)
		return -1;
	if (store_history_last(r->c->store, &known, &r->c->e) != 0) {
		known_devices_release(&known);
		return -1;
	}
	cJSON *root = cJSON_CreateObject(), *devices = cJSON_CreateArray();
	for (size_t i = 0; i < inventory_of(r)->devices.n; i++)
		json_append(devices, device_json(r, &known, i, &guessed));
	json_put_number(root, "format", 1);
	json_put_text(root, "version", version_of(r, &known, r->job->devices.v[0], &sure));
	json_put_text(root, "to", r->job->version);
	known_devices_release(&known);
	json_put(root, "devices", devices);
	json_put(root, "groups", groups_json(r));
	json_put(root, "links", links_json(r));
	if (guessed)
		rehearse_remark(r,
				_("it is not known what %d devices run: taken for %s; --from "
				  "VERSION says it, or 'hitless check' asks them"),
				guessed, rehearse_system(r).from_version);
	char *text = json_print(root, false);
	cJSON_Delete(root);
	int rc = path_write(path, text, strlen(text), &r->c->e);
	free(text);
	return rc;
}

static bool is_in(char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

char **rehearse_versions(struct rehearse *r)
{
	struct known_devices known = {0};
	VEC(char *) list = {0};
	bool sure;
	struct err e = {0};
	if (store_history_last(r->c->store, &known, &e) != 0)
		rehearse_remark(r, "%s", e.text);
	VEC_PUSH(&list, xstrdup(r->job->version));
	for (size_t i = 0; i < r->job->targets.n; i++)
		if (!is_in(list.v, list.n, r->job->targets.v[i].version))
			VEC_PUSH(&list, xstrdup(r->job->targets.v[i].version));
	for (size_t i = 0; i < inventory_of(r)->devices.n; i++) {
		struct lab_system s;
		const char *version = version_of(r, &known, i, &sure);
		if (system_of(r, i, &s) && !is_in(list.v, list.n, version))
			VEC_PUSH(&list, xstrdup(version));
	}
	known_devices_release(&known);
	VEC_PUSH(&list, NULL);
	return list.v;
}
