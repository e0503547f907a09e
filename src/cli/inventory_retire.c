/* SPDX-License-Identifier: ISC */
/* Devices that go out of service, and come back. */
#include "config.h"

#include "cli/inventory.h"

#include "model/json.h"
#include "run/decommission.h"

#include <stdlib.h>

int put_decommissioned(struct cli *c)
{
	static const char *const titles[] = {N_("NAME"), N_("ADDRESS"), N_("WHEN"), N_("BY"),
					     N_("REASON")};
	cJSON *rows = cli_store(c) ? decommissioned_list(c->store, &c->e) : NULL;
	const cJSON *at;
	struct table t;
	if (!rows)
		return cli_fail(c);
	if (c->json) {
		put_list(rows, "decommissioned");
		return EXIT_DONE;
	}
	table_head(&t, LEN(titles), titles);
	cJSON_ArrayForEach(at, rows)
	{
		const cJSON *device = cJSON_GetObjectItemCaseSensitive(at, "device");
		char when[32];
		clock_local(json_number(at, "at", 0), when);
		table_cell(&t, json_text(device, "name"));
		table_cell(&t, json_text(device, "address"));
		table_cell(&t, when);
		table_cell(&t, json_text(at, "by"));
		table_cell(&t, json_text(at, "reason"));
	}
	table_print(&t, stdout);
	cJSON_Delete(rows);
	return EXIT_DONE;
}

static int retire(struct cli *c)
{
	struct str loss = {0};
	if (c->n_args == 0)
		return put_decommissioned(c);
	int rc = cli_store(c) && decommission(c->store, c->args[0], cli_option(c, "--reason"),
					      &loss, &c->e) == 0
		     ? EXIT_DONE
		     : cli_fail(c);
	if (rc == EXIT_DONE) {
		put_notes(c, &loss);
		tell(c,
		     _("%s is out of service; 'hitless inventory recommission %s' brings it back"),
		     c->args[0], c->args[0]);
	}
	if (rc == EXIT_DONE && c->json) {
		cJSON *o = json_object_new("decommissioned");
		json_put_text(o, "device", c->args[0]);
		json_put(o, "notes", notes_json(&loss));
		put_json(o, false);
	}
	str_release(&loss);
	return rc;
}

static int bring_back(struct cli *c)
{
	if (!cli_store(c) || recommission(c->store, c->args[0], &c->e) != 0)
		return cli_fail(c);
	if (c->json) {
		cJSON *o = json_object_new("recommissioned");
		json_put_text(o, "device", c->args[0]);
		put_json(o, false);
	}
	tell(c, _("%s is in the inventory again"), c->args[0]);
	return EXIT_DONE;
}

static const struct option retire_options[] = {
    {"--reason", "TEXT", N_("why, for the list"), false},
    {0},
};

const struct verb verbs_inventory_retire[] = {
    {"inventory decommission", "[DEVICE]", N_("take a device out of service (no name: list them)"),
     retire_options, 0, 1, .run = retire,
     .more = N_("It is in no list and no new job any more; its history stays. Refused while a job "
		"that is\nnot over has it. Imports and discovery leave it out until it is brought "
		"back.")},
    {"inventory recommission", "DEVICE", N_("undo a decommission, with groups and links"), NULL, 1,
     1, .run = bring_back},
    {0},
};
