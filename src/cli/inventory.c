/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/inventory.h"

#include "model/json.h"
#include "model/values.h"
#include "run/roles.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

/* --- list ------------------------------------------------------------------------------------- */

static void put_role_source(struct table *t, const struct inventory *inv, size_t d)
{
	struct str source = {0};
	role_source(inv, d, &source);
	table_cell(t, str_text(&source));
	str_release(&source);
}

static void put_devices(const struct inventory *inv, const struct known_devices *known)
{
	static const char *const titles[] = {N_("NAME"),  N_("ADDRESS"), N_("PLATFORM"),
					     N_("ROLE"),  NC_("a role", "FROM"), N_("VERSION"),
					     N_("GROUP"), N_("CREDENTIAL"), N_("SITE")};
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
		put_role_source(&t, inv, i);
		const struct known_device *k = known_device(known, d->name);
		table_cell(&t, k ? k->version : NULL);
		table_cell(&t, g ? g->name : NULL);
		table_cell(&t, d->credential);
		table_cell(&t, d->site);
	}
	table_print(&t, stdout);
}

static int list(struct cli *c)
{
	if (cli_flag(c, "--decommissioned"))
		return put_decommissioned(c);
	struct inventory *inv = cli_inventory(c);
	struct known_devices known = {0};
	if (!inv || store_history_last(c->store, &known, &c->e) != 0) {
		known_devices_release(&known);
		inventory_free(inv);
		return cli_fail(c);
	}
	if (c->json) {
		cJSON *o = inventory_to_json(inv);
		json_put_text(o, "type", "inventory");
		put_json(o, false);
	} else {
		put_devices(inv, &known);
	}
	known_devices_release(&known);
	inventory_free(inv);
	return EXIT_DONE;
}

/* --- what the verbs share --------------------------------------------------------------------- */

cJSON *inventory_counts(const struct inventory *inv, const char *type)
{
	cJSON *o = json_object_new(type);
	json_put_number(o, "devices", (int64_t)inv->devices.n);
	json_put_number(o, "groups", (int64_t)inv->groups.n);
	json_put_number(o, "links", (int64_t)inv->links.n);
	return o;
}

void tell_counts(struct cli *c, const struct inventory *inv)
{
	char *text = word_inventory(inv);
	tell(c, "%s", text);
	free(text);
}

void put_changes(struct cli *c, const struct inventory_changes *list)
{
	static const char marks[CHANGE_KINDS] = {'+', '~', '-'};
	static const char *const words[CHANGE_OFS] = {N_("device"), N_("group"), N_("link"),
						      N_("rule")};
	for (size_t i = 0; i < list->n; i++) {
		const struct inventory_change *at = &list->v[i];
		tell(c, "%c %s %s%s%s", marks[at->kind], _(words[at->of]), at->name,
		     *at->detail ? "  " : "", at->detail);
	}
}

void put_notes(struct cli *c, const struct str *notes)
{
	for (const char *at = str_text(notes); *at;) {
		size_t n = strcspn(at, "\n");
		remark(c, _("note: %.*s"), (int)n, at);
		at += n + (at[n] == '\n');
	}
}

cJSON *notes_json(const struct str *notes)
{
	cJSON *list = cJSON_CreateArray();
	for (const char *at = str_text(notes); *at;) {
		size_t n = strcspn(at, "\n");
		char *line = xstrndup(at, n);
		json_append(list, cJSON_CreateString(line));
		free(line);
		at += n + (at[n] == '\n');
	}
	return list;
}

static bool used_before(const struct inventory *inv, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!inv->devices.v[k].anchor &&
		    str_eq(inv->devices.v[k].credential, inv->devices.v[i].credential))
			return true;
	return false;
}

int warn_credentials(struct cli *c, const struct inventory *inv)
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

int inventory_commit(struct cli *c, const struct inventory *before, const struct inventory *after,
		     const char *type)
{
	struct inventory_changes changes;
	if (desk_inventory_save(c->store, after, &c->e) != 0)
		return cli_fail(c);
	inventory_compare(before, after, &changes);
	if (c->json) {
		cJSON *o = inventory_counts(after, type);
		json_put(o, "changes", inventory_changes_json(&changes));
		put_json(o, false);
	}
	put_changes(c, &changes);
	inventory_changes_release(&changes);
	return EXIT_DONE;
}

/* --- set -------------------------------------------------------------------------------------- */

static int check_platform(struct cli *c, const char *platform)
{
	struct procedures all;
	char **more = cli_procedures(c);
	int rc = procedures_all(more, &all, &c->e);
	strings_free(more);
	if (rc != 0)
		return -1;
	if (!procedures_of(&all, platform)) {
		char **known = procedures_platforms(&all);
		struct str names = {0};
		for (char **k = known; *k; k++)
			str_printf(&names, "%s%s", k == known ? "" : ", ", *k);
		rc = err_set(&c->e, ERR_INPUT,
			     _("no procedure knows the platform \"%s\"; known are: %s"), platform,
			     str_text(&names));
		str_release(&names);
		strings_free(known);
	}
	procedures_free(&all);
	return rc;
}

int inventory_role_note(struct cli *c, const struct inventory *inv, const size_t *but, size_t n,
			const char *role)
{
	struct procedures all;
	char **more = cli_procedures(c);
	int rc = procedures_all(more, &all, &c->e);
	strings_free(more);
	if (rc != 0)
		return -1;
	if (!role_is_known(inv, but, n, role, all.v, all.n))
		remark(c,
		       _("note: no other device has the role \"%s\", and no procedure orders it; it "
			 "becomes a stage of its own"),
		       role);
	procedures_free(&all);
	return 0;
}

static int set_all(struct cli *c, struct inventory *inv)
{
	size_t *chosen = NULL, n = 0;
	const char *value = c->n_args > 2 && strcmp(c->args[2], "-") != 0 ? c->args[2] : NULL;
	int rc = inventory_select(inv, c->args[0], &chosen, &n, &c->e);
	if (rc == 0 && value && strcmp(c->args[1], "platform") == 0)
		rc = check_platform(c, value);
	if (rc == 0 && value && strcmp(c->args[1], "role") == 0)
		rc = inventory_role_note(c, inv, chosen, n, value);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = inventory_set(inv, chosen[i], c->args[1], value, &c->e);
	free(chosen);
	if (rc == 0 && value && strcmp(c->args[1], "credential") == 0)
		rc = warn_credentials(c, inv);
	if (rc == 0)
		tell(c, ngettext("%s of %zu device set", "%s of %zu devices set", n), c->args[1],
		     n);
	return rc;
}

static int set(struct cli *c)
{
	struct inventory *inv = cli_inventory(c);
	int rc = inv && set_all(c, inv) == 0 && desk_inventory_save(c->store, inv, &c->e) == 0
		     ? EXIT_DONE
		     : cli_fail(c);
	if (rc == EXIT_DONE && c->json)
		put_json(inventory_counts(inv, "set"), false);
	inventory_free(inv);
	return rc;
}

static const struct option set_options[] = {PROCEDURE_OPTION, {0}};

static const struct option list_options[] = {
    {"--decommissioned", NULL, N_("those that went out of service: when, by whom and why"), false},
    {0},
};

const struct verb verbs_inventory[] = {
    {"inventory list", "", N_("list the devices"), list_options, 0, 0, .run = list},
    {"inventory set", "DEVICES FIELD [VALUE]",
     N_("set a field of devices (no value or -: clear it)"), set_options, 2, 3, .run = set,
     .more = N_("Fields: role address port credential site serial model platform anchor. DEVICES "
		"is a pattern\nas of --hosts. A role that is set (or cleared) here is one by hand: "
		"no import and no rule\nchanges it. A job that was made keeps the inventory it was "
		"made with.")},
    {0},
};
