/* SPDX-License-Identifier: ISC */
/* Which images a fleet needs and which of them are not there: from the facts that the latest
 * pre-checks of each device found. */
#include "config.h"

#include "cli/facts.h"
#include "cli/image.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

struct need { /* one combination */
	const char *kind, *version, *platform;
	struct values values;
	const char *device; /* the first that needs it */
	size_t devices;
	bool there;
};

struct needs {
	VEC(struct need) list;
	struct known_facts facts; /* what the needs borrow from */
	VEC(const char *) unknown; /* devices that no pre-check has asked yet */
};

static void release(struct needs *n)
{
	for (size_t i = 0; i < n->list.n; i++)
		values_release(&n->list.v[i].values);
	known_facts_release(&n->facts);
	VEC_RELEASE(&n->unknown);
	VEC_RELEASE(&n->list);
}

static bool same(const struct need *a, const struct need *b)
{
	if (strcmp(a->kind, b->kind) != 0 || !str_eq(a->version, b->version) ||
	    a->values.n != b->values.n)
		return false;
	for (size_t i = 0; i < a->values.n; i++)
		if (!str_eq(a->values.v[i].text, b->values.v[i].text))
			return false;
	return true;
}

static void add_need(struct needs *n, struct need *fresh)
{
	for (size_t i = 0; i < n->list.n; i++)
		if (same(&n->list.v[i], fresh)) {
			n->list.v[i].devices++;
			values_release(&fresh->values);
			return;
		}
	fresh->devices = 1;
	VEC_PUSH(&n->list, *fresh);
}

/* For the way there (`to`) and, without it, for the way back: what runs now. */
static void need_images(struct needs *n, const struct procedure *p, const struct values *facts,
			const char *device, const char *to)
{
	for (size_t i = 0; i < p->n_images; i++) {
		const struct image_kind *k = &p->images[i];
		const char *version = to && !k->parameter ? to : NULL;
		if (!to && k->current)
			version = values_get(facts, k->current);
		if (!version || !*version)
			continue;
		struct need fresh = {.kind = k->kind,
				     .version = version,
				     .device = device,
				     .platform = p->platforms[0]};
		for (size_t f = 0; k->fits && k->fits[f]; f++)
			values_set(&fresh.values, k->fits[f], values_get(facts, k->fits[f]));
		add_need(n, &fresh);
	}
}

static void put_needs(const struct needs *n)
{
	static const char *const titles[] = {N_("IMAGE"), N_("KIND"),    N_("VERSION"),
					     N_("FOR"),   N_("DEVICES"), N_("FIRST")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < n->list.n; i++) {
		const struct need *k = &n->list.v[i];
		struct str fits = {0};
		for (size_t f = 0; f < k->values.n; f++)
			str_printf(&fits, "%s%s=%s", f ? " " : "", k->values.v[f].name,
				   k->values.v[f].text);
		table_cell(&t, k->there ? _("there") : _("MISSING"));
		table_cell(&t, k->kind);
		table_cell(&t, k->version);
		table_cell(&t, str_text(&fits));
		table_cellf(&t, "%zu", k->devices);
		table_cell(&t, k->device);
		str_release(&fits);
	}
	table_print(&t, stdout);
}

static void put_needs_json(const struct needs *n)
{
	cJSON *o = json_object_new("missing"), *rows = cJSON_CreateArray();
	for (size_t i = 0; i < n->list.n; i++) {
		const struct need *k = &n->list.v[i];
		cJSON *row = cJSON_CreateObject();
		json_put_flag(row, "there", k->there);
		json_put_text(row, "kind", k->kind);
		json_put_text(row, "version", k->version);
		json_put(row, "fits", values_to_json(&k->values));
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

static void gather(struct needs *n, const struct inventory *inv, const char *to)
{
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct jobview *v = NULL;
		const struct device *d = &inv->devices.v[i];
		const struct values *facts = known_facts_of(&n->facts, d->name, &v);
		if (d->anchor)
			continue;
		if (!facts) {
			VEC_PUSH(&n->unknown, d->name);
			continue;
		}
		if (to)
			need_images(n, v->procedure, facts, d->name, to);
		need_images(n, v->procedure, facts, d->name, NULL);
	}
}

static int judge(struct cli *c, struct needs *n, const struct inventory *inv)
{
	struct images images = {0};
	int missing = 0;
	if (known_facts_load(c, &n->facts) != 0 || store_images(c->store, &images, &c->e) != 0)
		return -1;
	gather(n, inv, cli_option(c, "--to"));
	for (size_t i = 0; i < n->list.n; i++) {
		struct need *k = &n->list.v[i];
		k->there =
		    images_match(&images, k->platform, k->kind, k->version, &k->values) != NULL;
		missing += !k->there;
	}
	images_release(&images);
	return missing;
}

static void say_unknown(struct cli *c, const struct needs *n)
{
	struct str names = {0};
	for (size_t i = 0; i < n->unknown.n; i++)
		str_printf(&names, "%s%s", i ? ", " : "", n->unknown.v[i]);
	remark(c,
	       _("%zu devices were never asked, so it is not known what they need: %s; 'hitless "
		 "check' asks them"),
	       n->unknown.n, str_text(&names));
	str_release(&names);
}

static int missing(struct cli *c)
{
	struct needs n = {0};
	struct inventory *inv = cli_inventory(c);
	int rc = inv ? judge(c, &n, inv) : -1;
	if (rc < 0) {
		rc = cli_fail(c);
	} else {
		if (c->json)
			put_needs_json(&n);
		else
			put_needs(&n);
		if (n.unknown.n)
			say_unknown(c, &n);
		rc = rc || n.unknown.n ? EXIT_FAILURES : EXIT_DONE;
	}
	release(&n);
	inventory_free(inv);
	return rc;
}

static const struct option missing_options[] = {
    {"--to", "VERSION", N_("also for an upgrade to this version"), false},
    {0},
};

const struct verb verbs_missing[] = {
    {"image missing", "", N_("images that the devices need and that are not there"),
     missing_options, 0, 0, .run = missing,
     .more = N_("Judged by the facts of the latest pre-checks of each device: the image that runs\n"
		"now is needed for a rollback. Exit status 1 when something is missing, or may be\n"
		"missing: on a device that no pre-check has asked yet.")},
    {0},
};
