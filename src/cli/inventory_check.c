/* SPDX-License-Identifier: ISC */
/* Contradictions: in a file, in our inventory, and between it and the network. */
#include "config.h"

#include "cli/inventory.h"
#include "cli/inventory_ask.h"

#include "model/json.h"
#include "model/values.h"
#include "run/import.h"
#include "run/inspect.h"

#include <stdlib.h>
#include <string.h>

static bool same_cause(const struct finding *a, const struct finding *b)
{
	return strcmp(a->code, b->code) == 0 && strcmp(a->text, b->text) == 0;
}

static bool said_before(const struct findings *f, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_cause(&f->v[k], &f->v[i]))
			return true;
	return false;
}

/* The same of many devices is one line with their names. */
static void put_findings(struct cli *c, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *at = &f->v[i];
		struct str names = {0};
		if (said_before(f, i))
			continue;
		for (size_t k = i; k < f->n; k++)
			if (f->v[k].device && same_cause(at, &f->v[k]))
				str_printf(&names, "%s%s", names.len ? ", " : "", f->v[k].device);
		tell(c, "%-8s %s%s%s", at->error ? _("ERROR") : _("WARNING"), str_text(&names),
		     names.len ? ": " : "", at->text);
		tell(c, "         -> %s", at->advice);
		str_release(&names);
	}
}

static int finish(struct cli *c, const struct inventory *inv, const struct findings *f)
{
	if (c->json) {
		cJSON *o = inventory_counts(inv, "checked");
		json_put_number(o, "errors", (int64_t)f->errors);
		json_put_number(o, "unreachable", (int64_t)f->unreachable);
		json_put(o, "findings", findings_json(f));
		put_json(o, false);
	}
	put_findings(c, f);
	tell_counts(c, inv);
	return f->errors ? EXIT_FAILURES : f->unreachable ? EXIT_UNREACHABLE : EXIT_DONE;
}

static int check_file(struct cli *c)
{
	struct import_plan plan = {0};
	struct findings found = {0};
	struct procedures list = {0};
	char **more = cli_procedures(c);
	struct import_wish w = {.path = c->args[0],
				.format = cli_option(c, "--format"),
				.platform = cli_option(c, "--platform"),
				.alone = true,
				.procedures = more};
	int rc;
	if (!cli_store(c) || import_prepare(c->store, &w, &plan, &c->e) != 0 ||
	    procedures_all(more, &list, &c->e) != 0 || warn_credentials(c, plan.next) != 0) {
		rc = cli_fail(c);
	} else {
		put_notes(c, &plan.notes);
		inspect_file(plan.next, &list, &found);
		rc = finish(c, plan.next, &found);
	}
	findings_release(&found);
	procedures_free(&list);
	import_plan_release(&plan);
	strings_free(more);
	return rc;
}

static int check_ours(struct cli *c)
{
	struct inventory *inv = cli_inventory(c);
	struct procedures list = {0};
	struct portraits portraits = {0};
	struct findings found = {0};
	size_t *devices = NULL, n = 0;
	bool offline = cli_flag(c, "--offline");
	char **more = cli_procedures(c);
	int rc = inv && warn_credentials(c, inv) == 0 ? 0 : -1;
	if (rc == 0 && offline)
		rc = procedures_all(more, &list, &c->e);
	else if (rc == 0)
		rc = asked_devices(c, inv, &devices, &n) == 0 &&
			     ask_devices(c, inv, devices, n, true, &list, &portraits) == 0
			 ? 0
			 : -1;
	if (rc == 0) {
		inspect_file(inv, &list, &found);
		if (!offline)
			inspect_network(inv, &portraits, &found);
		rc = finish(c, inv, &found);
	} else {
		rc = cli_fail(c);
	}
	findings_release(&found);
	portraits_release(&portraits);
	procedures_free(&list);
	strings_free(more);
	free(devices);
	inventory_free(inv);
	return rc;
}

static int check(struct cli *c)
{
	return c->n_args ? check_file(c) : check_ours(c);
}

static const struct option check_options[] = {
    {"--offline", NULL, N_("look at the file only, ask no device"), false},
    {"--hosts", "PATTERNS", N_("devices to ask (all)"), false},
    {"--format", "F", N_("format of FILE (what it looks like)"), false},
    {"--platform", "P", N_("platform of devices of FILE that does not say it"), false},
    PACE_OPTIONS,
    {"--password-stdin", NULL, N_("read passwords from standard input, one line a credential"),
     false},
    PROCEDURE_OPTION,
    {0},
};

const struct verb verbs_inventory_check[] = {
    {"inventory check", "[FILE]",
     N_("contradictions in the inventory, and with the network; nothing is changed"), check_options,
     0, 1, .run = check,
     .more = N_("Names, serial numbers, models, links and redundancy groups as the devices have\n"
		"them against the inventory, devices that are there twice, and those that do not\n"
		"answer. With FILE: that file alone, in any format of import. Exit status 1 when\n"
		"something contradicts, 5 when only devices could not be asked.")},
    {0},
};
