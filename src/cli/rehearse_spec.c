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

/* A fact as the pre-checks of the job found it, else as the device said it the last time; new. */
static char *fact(struct rehearse *r, const struct known_devices *known, size_t device,
		  const char *name)
{
	const char *device_name = inventory_of(r)->devices.v[device].name, *text = NULL;
	struct task_view *t = r->view ? jobview_task(r->view, device) : NULL;
	const struct known_device *k = known_device(known, device_name);
	if (t)
		text = values_get(&t->facts, name);
	if (!text && k)
		text = values_get(&k->facts, name);
	return xstrdup(text);
}

static const char *planned_from(const struct rehearse *r, size_t device)
{
	const struct plan_device *p = r->plan ? plan_device(r->plan, device) : NULL;
	return p ? p->from : NULL;
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
	return said ? said : lab_default_from(NULL);
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* The lab makes pairs of devices with a link between them; what else belongs together is known to
 * the planner only. */
static bool is_pair(const struct group *g)
{
	return str_eq(g->kind, "mlag") && g->members.n == 2;
}

static bool in_pair(const struct inventory *inv, size_t device)
{
	const struct group *g = inventory_group(inv, device);
	return g && is_pair(g);
}

static int links_of(const struct inventory *inv, size_t device)
{
	int n = 0;
	for (size_t i = 0; i < inv->links.n; i++)
		n += inv->links.v[i].a == device || inv->links.v[i].b == device;
	return n;
}

static cJSON *device_json(struct rehearse *r, const struct known_devices *known, size_t i,
			  int *guessed)
{
	const struct inventory *inv = inventory_of(r);
	const struct device *d = &inv->devices.v[i];
	cJSON *o = cJSON_CreateObject();
	bool sure, chosen = job_has(r->job, i);
	char *model = fact(r, known, i, "asic");
	json_put_text(o, "name", d->name);
	json_put_text(o, "role", d->role);
	/* what nobody logs in to may be anything; it only has to be there */
	if (chosen)
		json_put_text(o, "platform", d->platform);
	json_put_text(o, "model", model);
	json_put_text(o, "version", version_of(r, known, i, &sure));
	json_put_number(o, "hosts", in_pair(inv, i) || !links_of(inv, i) ? HOSTS : 0);
	*guessed += chosen && !sure;
	free(model);
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
	size_t a = g->members.v[0], b = g->members.v[1];
	if (!r->plan || batch_of(r->plan, a) == batch_of(r->plan, b))
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
		if (!is_pair(group) || inventory_group(inv, group->members.v[0]) != group ||
		    inventory_group(inv, group->members.v[1]) != group) {
			rehearse_remark(r,
					_("group %s is kept apart by the plan, but is no pair of "
					  "the simulated network"),
					group->name);
			continue;
		}
		cJSON *o = cJSON_CreateObject(), *members = cJSON_CreateArray();
		for (size_t m = 0; m < 2; m++)
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

int rehearse_fabric(struct rehearse *r, const char *path)
{
	struct known_devices known = {0};
	int guessed = 0;
	if (store_history_last(r->c->store, &known, &r->c->e) != 0) {
		known_devices_release(&known);
		return -1;
	}
	cJSON *root = cJSON_CreateObject(), *devices = cJSON_CreateArray();
	for (size_t i = 0; i < inventory_of(r)->devices.n; i++)
		json_append(devices, device_json(r, &known, i, &guessed));
	known_devices_release(&known);
	json_put_number(root, "format", 1);
	json_put(root, "devices", devices);
	json_put(root, "groups", groups_json(r));
	json_put(root, "links", links_json(r));
	if (guessed)
		rehearse_remark(r,
				_("it is not known what %d devices run: taken for %s; --from "
				  "VERSION says it, or 'hitless check' asks them"),
				guessed, lab_default_from(NULL));
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
		const char *version = version_of(r, &known, i, &sure);
		if (!is_in(list.v, list.n, version))
			VEC_PUSH(&list, xstrdup(version));
	}
	known_devices_release(&known);
	VEC_PUSH(&list, NULL);
	return list.v;
}
