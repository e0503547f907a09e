/* SPDX-License-Identifier: ISC */
/* Links and redundancy groups as the devices see them. */
#include "config.h"

#include "cli/inventory.h"
#include "cli/inventory_ask.h"

#include "model/json.h"
#include "run/topology.h"

#include <stdlib.h>

static size_t put_away(struct cli *c, const struct inventory *inv, const struct portraits *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].state == PORTRAIT_DONE)
			continue;
		remark(c, _("note: %s was not asked: %s"), inv->devices.v[p->v[i].device].name,
		       p->v[i].why.text);
		n++;
	}
	return n;
}

/* Another box at their addresses: what it says is no news of them. */
static size_t others(const struct inventory *inv, const struct portraits *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		n += topology_is_other(inv, &p->v[i]);
	return n;
}

static void put_unknown(struct cli *c, const struct unknown_neighbours *list)
{
	for (size_t i = 0; i < list->n && !c->json; i++) {
		const struct unknown_neighbour *u = &list->v[i];
		tell(c, "? link %s:%s -- %s%s%s", u->device, u->port, u->neighbour,
		     *u->neighbour_port ? ":" : "", u->neighbour_port);
	}
	if (list->n)
		remark(c, _("note: %zu neighbours are no devices of the inventory"), list->n);
}

static cJSON *unknown_json(const struct unknown_neighbours *list)
{
	cJSON *all = cJSON_CreateArray();
	for (size_t i = 0; i < list->n; i++) {
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "device", list->v[i].device);
		json_put_text(o, "port", list->v[i].port);
		json_put_text(o, "neighbour", list->v[i].neighbour);
		json_put_text(o, "neighbour_port", list->v[i].neighbour_port);
		json_append(all, o);
	}
	return all;
}

static int show(struct cli *c, const struct inventory *inv, const struct inventory *next,
		const struct str *notes, const struct unknown_neighbours *unknown, size_t away,
		size_t others)
{
	struct inventory_changes changes;
	bool apply = cli_flag(c, "--apply");
	int rc = 0;
	inventory_compare(inv, next, &changes);
	if (apply && changes.n)
		rc = desk_inventory_save(c->store, next, &c->e);
	if (rc == 0 && c->json) {
		cJSON *o = inventory_counts(next, apply ? "learnt" : "proposal");
		json_put(o, "changes", inventory_changes_json(&changes));
		json_put(o, "notes", notes_json(notes));
		json_put_number(o, "not_asked", (int64_t)away);
		json_put_number(o, "not_themselves", (int64_t)others);
		json_put_number(o, "strangers", (int64_t)unknown->n);
		json_put(o, "unknown_neighbours", unknown_json(unknown));
		put_json(o, false);
	}
	put_changes(c, &changes);
	put_notes(c, notes);
	put_unknown(c, unknown);
	if (rc == 0 && !changes.n)
		tell(c, _("nothing changes"));
	else if (rc == 0 && !apply)
		tell(c, _("nothing was changed; --apply takes it over"));
	inventory_changes_release(&changes);
	if (rc != 0)
		return cli_fail(c);
	return others ? EXIT_FAILURES : away ? EXIT_UNREACHABLE : EXIT_DONE;
}

static int learn(struct cli *c)
{
	struct inventory *inv = cli_inventory(c);
	struct procedures list = {0};
	struct portraits portraits = {0};
	struct str notes = {0};
	struct unknown_neighbours unknown = {0};
	size_t *devices = NULL, n = 0;
	int rc;
	if (!inv || asked_devices(c, inv, &devices, &n) != 0 ||
	    ask_devices(c, inv, devices, n, true, &list, &portraits) != 0) {
		rc = cli_fail(c);
	} else {
		size_t away = put_away(c, inv, &portraits);
		struct inventory *next =
		    topology_learn(inv, &portraits, !cli_flag(c, "--keep"), &notes, &unknown);
		rc = show(c, inv, next, &notes, &unknown, away, others(inv, &portraits));
		inventory_free(next);
	}
	VEC_RELEASE(&unknown);
	str_release(&notes);
	portraits_release(&portraits);
	procedures_free(&list);
	free(devices);
	inventory_free(inv);
	return rc;
}

static const struct option learn_options[] = {
    {"--hosts", "PATTERNS", N_("devices to ask (all)"), false},
    {"--apply", NULL, N_("write it into the inventory"), false},
    {"--keep", NULL, N_("remove nothing that was not seen"), false},
    PACE_OPTIONS,
    {"--password-stdin", NULL, N_("read passwords from standard input, one line a credential"),
     false},
    PROCEDURE_OPTION,
    {0},
};

const struct verb verbs_inventory_learn[] = {
    {"inventory learn", "", N_("links and redundancy groups as the devices see them"),
     learn_options, 0, 0, .run = learn,
     .more =
	 N_("Shows what is different from the inventory; --apply writes it. A link or group is\n"
	    "removed only when all devices that could see it were asked and do not: a link that\n"
	    "is down right now is such a one, --keep leaves it. \"?\" is a neighbour that is no\n"
	    "device of the inventory. A device that calls itself otherwise than the inventory is\n"
	    "not learnt from, and what the other end of a link contradicts changes nothing. Exit\n"
	    "status 1 when a device is not itself, 5 when one could not be asked.")},
    {0},
};
