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

/* --- what the rest of the program knows of --------------------------------------------------- */

static bool is_in(char *const *list, const char *word)
{
	for (; *list; list++)
		if (str_eq(*list, word))
			return true;
	return false;
}

/* Anchors are not upgraded: they may be of any kind. `file` may be NULL: it is ours. */
static int check_platforms(struct cli *c, const struct inventory *inv, const char *file)
{
	char **known = cli_platforms(c);
	int rc = known ? 0 : -1;
	for (size_t i = 0; i < inv->devices.n && rc == 0; i++) {
		const struct device *d = &inv->devices.v[i];
		if (d->anchor || is_in(known, d->platform))
			continue;
		struct str list = {0};
		for (char **k = known; *k; k++)
			str_printf(&list, "%s%s", k == known ? "" : ", ", *k);
		rc = err_set(&c->e, ERR_INPUT,
			     "%s: devices[%zu].platform: no procedure knows the platform \"%s\" "
			     "of %s; known are: %s",
			     file ? file : "inventory.json", i, d->platform, d->name,
			     str_text(&list));
		str_release(&list);
	}
	strings_free(known);
	return rc;
}

static bool used_before(const struct inventory *inv, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!inv->devices.v[k].anchor &&
		    str_eq(inv->devices.v[k].credential, inv->devices.v[i].credential))
			return true;
	return false;
}

/* No mistake yet: an inventory may come first. */
static int warn_credentials(struct cli *c, const struct inventory *inv)
{
	struct credentials list;
	if (cli_credentials(c, &list) != 0)
		return -1;
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		if (d->anchor || credentials_find(&list, d->credential) || used_before(inv, i))
			continue;
		remark(c,
		       _("warning: %s logs in with the credential \"%s\", which is not there yet: "
			 "hitless credential add %s --user USER ..."),
		       d->name, d->credential, d->credential);
	}
	credentials_release(&list);
	return 0;
}

/* The whole file is checked before anything of ours is replaced. */
static int import(struct cli *c)
{
	struct inventory *inv = inventory_load(c->args[0], &c->e);
	int rc = inv && check_platforms(c, inv, c->args[0]) == 0 && cli_store(c) &&
			 desk_inventory_save(c->store, inv, &c->e) == 0 &&
			 warn_credentials(c, inv) == 0
		     ? say_counts(c, inv, "imported")
		     : cli_fail(c);
	inventory_free(inv);
	return rc;
}

static int check(struct cli *c)
{
	const char *file = c->n_args ? c->args[0] : NULL;
	struct inventory *inv = file ? inventory_load(file, &c->e) : cli_inventory(c);
	int rc = inv && check_platforms(c, inv, file) == 0 && warn_credentials(c, inv) == 0
		     ? say_counts(c, inv, "checked")
		     : cli_fail(c);
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
	if (rc == 0 && strcmp(c->args[1], "platform") == 0)
		rc = check_platforms(c, inv, NULL);
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

static const struct option platform_options[] = {
    {"--procedure", "P", N_("a procedure that is not installed: its platforms are known too"),
     true},
    {0},
};

const struct verb verbs_inventory[] = {
    {"inventory list", "", N_("list the devices"), NULL, 0, 0, .run = list},
    {"inventory import", "FILE", N_("check an inventory file and make it ours"),
     platform_options, 1, 1, .run = import},
    {"inventory check", "[FILE]", N_("check an inventory file (ours); nothing is changed"),
     platform_options, 0, 1, .run = check},
    {"inventory set", "DEVICES FIELD [VALUE]",
     N_("set a field of devices (no value or -: clear it)"), platform_options, 2, 3, .run = set,
     .more = N_("Fields: role address port credential site platform anchor. DEVICES is a pattern\n"
		"as of --hosts. A job that was made keeps the inventory it was made with.")},
    {0},
};
