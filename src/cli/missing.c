/* SPDX-License-Identifier: ISC */
/* Which images a fleet needs and which of them are not there. */
#include "config.h"

#include "cli/image.h"

#include "model/json.h"
#include "run/missing.h"

#include <stdlib.h>
#include <string.h>

static void put_needs(const struct image_needs *n)
{
	static const char *const titles[] = {N_("IMAGE"), N_("KIND"),    N_("VERSION"), N_("USE"),
					     N_("FOR"),   N_("DEVICES"), N_("FIRST")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < n->list.n; i++) {
		const struct image_need *k = &n->list.v[i];
		struct str fits = {0};
		for (size_t f = 0; f < k->fits.n; f++)
			str_printf(&fits, "%s%s=%s", f ? " " : "", k->fits.v[f].name,
				   k->fits.v[f].text);
		table_cell(&t, k->there ? _("there") : _("MISSING"));
		table_cell(&t, k->kind);
		table_cell(&t, k->version);
		table_cell(&t, k->back ? _("way back") : _("target"));
		table_cell(&t, str_text(&fits));
		table_cellf(&t, "%zu", k->devices);
		table_cell(&t, k->device);
		str_release(&fits);
	}
	table_print(&t, stdout);
}

static void put_needs_json(const struct image_needs *n)
{
	cJSON *o = json_object_new("missing"), *rows = cJSON_CreateArray();
	for (size_t i = 0; i < n->list.n; i++) {
		const struct image_need *k = &n->list.v[i];
		cJSON *row = cJSON_CreateObject();
		json_put_flag(row, "there", k->there);
		json_put_text(row, "kind", k->kind);
		json_put_text(row, "version", k->version);
		json_put_text(row, "use", k->back ? "restoration" : "target");
		json_put(row, "fits", values_to_json(&k->fits));
		json_put_number(row, "devices", (int64_t)k->devices);
		json_put_text(row, "first", k->device);
		json_append(rows, row);
	}
	json_put(o, "images", rows);
	cJSON *unknown = cJSON_CreateArray();
	for (size_t i = 0; i < n->unknown.n; i++)
		json_append(unknown, cJSON_CreateString(n->unknown.v[i]));
	json_put(o, "never_asked", unknown);
	put_json(o, false);
}

static void say_unknown(struct cli *c, const struct image_needs *n)
{
	struct str names = {0};
	for (size_t i = 0; i < n->unknown.n; i++)
		str_printf(&names, "%s%s", i ? ", " : "", n->unknown.v[i]);
	remark(c,
	       _("%zu devices were never asked, so it is not known what they need: %s; 'hitless "
		 "inventory check' asks them"),
	       n->unknown.n, str_text(&names));
	str_release(&names);
}

static int missing(struct cli *c)
{
	struct image_needs n = {0};
	struct inventory *inv = cli_inventory(c);
	const char *to = cli_option(c, "--to");
	int rc = inv ? images_needed(c->store, inv, to ? to : "", &n, &c->e) : -1;
	if (rc < 0) {
		rc = cli_fail(c);
	} else {
		if (c->json)
			put_needs_json(&n);
		else
			put_needs(&n);
		if (n.unknown.n)
			say_unknown(c, &n);
		rc = n.missing || n.unknown.n ? EXIT_FAILURES : EXIT_DONE;
	}
	image_needs_release(&n);
	inventory_free(inv);
	return rc;
}

static const struct option missing_options[] = {
    {"--to", "VERSION",
     N_("for an upgrade to this version (the default version, if there is one)"), false},
    {0},
};

const struct verb verbs_missing[] = {
    {"image missing", "", N_("images that the devices need and that are not there"),
     missing_options, 0, 0, .run = missing,
     .more = N_("Judged by what each device said last (to a pre-check, to inventory check, learn or\n"
		"discover): the image that runs now is needed for a rollback. Exit status 1 when\n"
		"something is missing, or may be missing: on a device that was never asked.")},
    {0},
};
