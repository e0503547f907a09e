/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

static void put_devices(const struct inventory *inv)
{
	static const char *const titles[] = {N_("NAME"), N_("ADDRESS"), N_("PLATFORM"),
					     N_("ROLE"), N_("GROUP"),   N_("CREDENTIAL"),
					     N_("SITE")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct group *g = inventory_group(inv, i);
		table_cell(&t, d->name);
		if (d->port == 22)
			table_cell(&t, d->address);
		else
			table_cellf(&t, "%s port %d", d->address, d->port);
		table_cell(&t, d->platform);
		table_cell(&t, d->anchor ? _("(anchor)") : d->role);
		table_cell(&t, g ? g->name : NULL);
		table_cell(&t, d->credential);
		table_cell(&t, d->site);
	}
	table_print(&t, stdout);
}

static int list(struct cli *c)
{
	struct inventory *inv = cli_inventory(c);
	if (!inv)
		return cli_fail(c);
	if (c->json) {
		cJSON *o = inventory_to_json(inv);
		json_put_text(o, "type", "inventory");
		put_json(o, false);
	} else {
		put_devices(inv);
	}
	inventory_free(inv);
	return EXIT_DONE;
}

static int say_counts(struct cli *c, const struct inventory *inv, const char *type)
{
	if (c->json) {
		cJSON *o = json_object_new(type);
		json_put_number(o, "devices", (int64_t)inv->devices.n);
		json_put_number(o, "groups", (int64_t)inv->groups.n);
		json_put_number(o, "links", (int64_t)inv->links.n);
		put_json(o, false);
	}
	tell(c, _("%zu devices, %zu redundancy groups, %zu links"), inv->devices.n, inv->groups.n,
	     inv->links.n);
	return EXIT_DONE;
}

/* The whole file is checked before anything of ours is replaced. */
static int import(struct cli *c)
{
	struct inventory *inv = inventory_load(c->args[0], &c->e);
	int rc = inv && cli_store(c) && desk_inventory_save(c->store, inv, &c->e) == 0
		     ? say_counts(c, inv, "imported")
		     : cli_fail(c);
	inventory_free(inv);
	return rc;
}

static int check(struct cli *c)
{
	struct inventory *inv = c->n_args ? inventory_load(c->args[0], &c->e) : cli_inventory(c);
	int rc = inv ? say_counts(c, inv, "checked") : cli_fail(c);
	inventory_free(inv);
	return rc;
}

static int set_all(struct cli *c, struct inventory *inv)
{
	size_t *chosen = NULL, n = 0;
	const char *value = c->n_args > 2 && strcmp(c->args[2], "-") != 0 ? c->args[2] : NULL;
	int rc = inventory_select(inv, c->args[0], &chosen, &n, &c->e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = inventory_set(inv, chosen[i], c->args[1], value, &c->e);
	free(chosen);
	if (rc == 0)
		tell(c, _("%s of %zu devices set"), c->args[1], n);
	return rc;
}

static int set(struct cli *c)
{
	struct inventory *inv = cli_inventory(c);
	int rc = inv && set_all(c, inv) == 0 && desk_inventory_save(c->store, inv, &c->e) == 0
		     ? EXIT_DONE
		     : cli_fail(c);
	if (rc == EXIT_DONE && c->json)
		(void)say_counts(c, inv, "set");
	inventory_free(inv);
	return rc;
}

const struct verb verbs_inventory[] = {
    {"inventory list", "", N_("list the devices"), NULL, 0, 0, .run = list},
    {"inventory import", "FILE", N_("check an inventory file and make it ours"), NULL, 1, 1,
     .run = import},
    {"inventory check", "[FILE]", N_("check an inventory file (ours); nothing is changed"), NULL, 0,
     1, .run = check},
    {"inventory set", "DEVICES FIELD [VALUE]",
     N_("set a field of devices (no value or -: clear it)"), NULL, 2, 3, .run = set,
     .more = N_("Fields: role address port credential site platform anchor. DEVICES is a pattern\n"
		"as of --hosts. A job that was made keeps the inventory it was made with.")},
    {0},
};
