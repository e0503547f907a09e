/* SPDX-License-Identifier: ISC */
/* First contact: the fingerprints of devices that nothing is known about, all at once, for one
 * approval. A host that is known by another key is never added here. */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"
#include "model/phrases.h"
#include "run/contact.h"

#include <stdlib.h>
#include <string.h>

static int scan_all(struct cli *c, const struct inventory *inv, struct contacts *out)
{
	const char *hosts = cli_option(c, "--hosts");
	size_t *chosen = NULL, n = 0;
	int rc = inventory_select(inv, hosts ? hosts : "*", &chosen, &n, &c->e);
	if (rc == 0)
		rc = contacts_scan(c->store, inv, chosen, n, NULL, NULL, NULL, out, &c->e);
	free(chosen);
	return rc;
}

static const char *verdict_word(const struct contact *s)
{
	static const char *const words[] = {[KNOWN_CHANGED] = N_("CHANGED"),
					    [KNOWN_NOT] = N_("new"),
					    [KNOWN_REVOKED] = N_("REVOKED"),
					    [KNOWN_UNSUPPORTED] = N_("unsupported"),
					    [KNOWN_OK] = N_("known")};
	return s->e.kind != ERR_NONE ? N_("no answer") : words[s->verdict];
}

static void put_scan(struct cli *c, const struct inventory *inv, const struct contacts *s)
{
	static const char *const titles[] = {N_("DEVICE"), N_("ADDRESS"), N_("HOST KEY"),
					     N_("FINGERPRINT")};
	cJSON *rows = c->json ? cJSON_CreateArray() : NULL;
	struct table t;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < s->n; i++) {
		const struct contact *k = &s->v[i];
		const struct device *d = &inv->devices.v[k->device];
		bool bad = k->e.kind != ERR_NONE;
		if (!c->json) {
			table_cell(&t, d->name);
			table_cellf(&t, "%s port %d", d->address, d->port);
			table_cell(&t, _(verdict_word(k)));
			table_cell(&t, bad ? said_err(&k->e).text : k->fingerprint);
			continue;
		}
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "device", d->name);
		json_put_text(o, "verdict", verdict_word(k));
		json_put_text(o, bad ? "error" : "fingerprint", bad ? k->e.text : k->fingerprint);
		json_append(rows, o);
	}
	if (c->json)
		put_list(rows, "host_keys");
	else
		table_print(&t, stdout);
}

static bool approved(struct cli *c)
{
	char answer[16];
	if (cli_flag(c, "--accept"))
		return true;
	if (!c->in_tty || c->json)
		return false;
	fputs(_("Compare these with what you know. Add all new keys? Type yes: "), stderr);
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

static int finish(struct cli *c, const struct inventory *inv, const struct contacts *s)
{
	put_scan(c, inv, s);
	if (s->fresh && !approved(c)) {
		remark(c, _("%zu new keys, none added; --accept adds them"), s->fresh);
		return EXIT_HELD;
	}
	if (s->fresh && contacts_accept(c->store, s, &c->e) != 0)
		return cli_fail(c);
	if (s->fresh)
		tell(c, ngettext("%zu host key added", "%zu host keys added", s->fresh), s->fresh);
	return s->bad ? EXIT_UNREACHABLE : EXIT_DONE;
}

static int scan(struct cli *c)
{
	struct contacts s = {0};
	struct inventory *inv = cli_inventory(c);
	int rc = inv && scan_all(c, inv, &s) == 0 ? finish(c, inv, &s) : cli_fail(c);
	contacts_release(&s);
	inventory_free(inv);
	return rc;
}

static const struct option scan_options[] = {
    {"--hosts", "PATTERNS", N_("devices (all)"), false},
    {"--accept", NULL, N_("add the new keys without a question"), false},
    {0},
};

const struct verb verbs_host_key[] = {
    {"host-key scan", "", N_("show host keys that are not known yet, and add them"), scan_options,
     0, 0, .run = scan,
     .more = N_("Exit status 4 when there are new keys and nobody approved them; 5 when a device\n"
		"did not answer or showed another key than the known one (never added).")},
    {0},
};
