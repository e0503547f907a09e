/* SPDX-License-Identifier: ISC */
/* Inventories from files: ours, and those of other tools. */
#include "config.h"

#include "cli/inventory.h"

#include "model/json.h"
#include "model/values.h"
#include "run/import.h"

#include <stdlib.h>
#include <string.h>

static int read_wish(struct cli *c, struct import_wish *w)
{
	bool merge = cli_flag(c, "--merge"), replace = cli_flag(c, "--replace");
	if (merge && replace)
		return err_set(&c->e, ERR_INPUT, _("--merge and --replace: one of them"));
	w->path = c->args[0];
	w->format = cli_option(c, "--format");
	w->platform = cli_option(c, "--platform");
	w->how = merge ? IMPORT_MERGE : replace ? IMPORT_REPLACE : IMPORT_AS_USUAL;
	return 0;
}

static int prepare(struct cli *c, struct import_plan *plan)
{
	struct import_wish w = {0};
	*plan = (struct import_plan){0};
	if (read_wish(c, &w) != 0 || !cli_store(c))
		return -1;
	char **more = cli_procedures(c);
	w.procedures = more;
	int rc = import_prepare(c->store, &w, plan, &c->e);
	strings_free(more);
	return rc;
}

static void put_json_plan(const struct import_plan *p, bool dry)
{
	cJSON *o = inventory_counts(p->next, dry ? "import" : "imported");
	json_put_text(o, "source", p->format->name);
	json_put_flag(o, "replaces", p->replaces);
	json_put(o, "changes", inventory_changes_json(&p->changes));
	json_put(o, "notes", notes_json(&p->notes));
	json_put(o, "left", import_left_json(&p->left));
	put_json(o, false);
}

static size_t removed(const struct inventory_changes *c)
{
	size_t n = 0;
	for (size_t i = 0; i < CHANGE_OFS; i++)
		n += c->count[i][CHANGE_REMOVED];
	return n;
}

/* What goes is asked for where somebody sits who can answer. */
static bool approved(struct cli *c, const struct import_plan *p)
{
	char answer[16];
	if (!removed(&p->changes) || cli_flag(c, "--yes") || !c->in_tty || c->json)
		return true;
	fputs(_("Something is removed. Do it? Type yes: "), stderr);
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

/* The first one brings everything: the counts say it. */
static void show(struct cli *c, struct import_plan *p, bool dry)
{
	struct str summary = {0};
	put_notes(c, &p->notes);
	import_summary(p, &summary);
	if (summary.len)
		remark(c, "%s", str_text(&summary));
	str_release(&summary);
	if (p->now || dry)
		put_changes(c, &p->changes);
	if (!p->changes.n)
		tell(c, _("nothing changes"));
}

/* Nobody sits there who could be asked: devices go by a word of the command only. */
static int check_unasked(struct cli *c, const struct import_plan *p)
{
	size_t gone = p->changes.count[CHANGE_OF_DEVICE][CHANGE_REMOVED];
	bool asked = c->in_tty && !c->json;
	if (!gone || asked || cli_flag(c, "--yes") || cli_flag(c, "--replace"))
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       ngettext("%zu device that the file does not have would be removed: nothing "
				"was changed; --merge keeps it, --yes removes it",
				"%zu devices that the file does not have would be removed: nothing "
				"was changed; --merge keeps them, --yes removes them",
				gone),
		       gone);
}

static int apply(struct cli *c, const struct import_plan *p)
{
	if (check_unasked(c, p) != 0)
		return cli_fail(c);
	if (!approved(c, p)) {
		remark(c, _("nothing was changed"));
		return EXIT_HELD;
	}
	if (import_apply(c->store, p, &c->e) != 0 || warn_credentials(c, p->next) != 0)
		return cli_fail(c);
	tell_counts(c, p->next);
	return EXIT_DONE;
}

static int import(struct cli *c)
{
	struct import_plan plan;
	bool dry = cli_flag(c, "--dry-run");
	int rc = EXIT_DONE;
	if (prepare(c, &plan) != 0) {
		rc = cli_fail(c);
	} else {
		show(c, &plan, dry);
		if (dry)
			tell(c, _("nothing was changed (--dry-run)"));
		else
			rc = apply(c, &plan);
		if (c->json && rc == EXIT_DONE)
			put_json_plan(&plan, dry);
		if (rc == EXIT_DONE && import_left_most(&plan.left))
			rc = EXIT_FAILURES;
	}
	import_plan_release(&plan);
	return rc;
}

static const struct option import_options[] = {
    {"--format", "F", N_("hitless, ansible, netbox, csv or dot (what the file looks like)"), false},
    {"--merge", NULL, N_("devices that the file does not have stay"), false},
    {"--replace", NULL, N_("what the file does not have is removed"), false},
    {"--dry-run", NULL, N_("only show what would change"), false},
    {"--platform", "P", N_("platform of devices whose file does not say it"), false},
    {"--yes", NULL, N_("remove without a question; needed where nobody can be asked"), false},
    PROCEDURE_OPTION,
    {0},
};

const struct verb verbs_inventory_import[] = {
    {"inventory import", "FILE", N_("take in an inventory of ours or of another tool"),
     import_options, 1, 1, .run = import,
     .more = N_(
	 "FILE may be a pipe, and - is standard input: ansible-inventory --list | hitless\n"
	 "inventory import - . It has to be UTF-8.\n"
	 "\n"
	 "Formats: our inventory.json; the output of 'ansible-inventory --list'; devices of\n"
	 "NetBox (JSON of /api/dcim/devices/, active ones with a primary address); CSV with the\n"
	 "columns hostname, ip, port, role, platform, site, tags, credential, serial in any "
	 "order;\n"
	 "a cabling plan (topology.dot). Our own file replaces, the others are merged.\n"
	 "\n"
	 "What a merged file does not speak of stays as it is, and so do roles that were set by\n"
	 "hand. What replaces removes the devices that it does not have, and clears the fields\n"
	 "that it does not give; without a terminal (or with --json) devices only go with --yes\n"
	 "or --replace.\n"
	 "Every change is shown: + added, ~ changed, - removed. A file with a mistake changes\n"
	 "nothing. What is left out is counted by cause; exit status 1 when that is most of the\n"
	 "file because no procedure knows its platforms, or it does not say them.\n"
	 "\n"
	 "Ansible: a group with the name of a role (or its plural) gives the role, the nearest\n"
	 "one counts; a group site_X gives the site; other groups are tags. The variables\n"
	 "hitless_role, hitless_platform, hitless_site and hitless_credential say it outright.")},
    {0},
};
