/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/missing.h"

#include "run/desk.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

void image_needs_release(struct image_needs *n)
{
	for (size_t i = 0; i < n->list.n; i++) {
		struct image_need *k = &n->list.v[i];
		free(k->kind), free(k->version), free(k->platform), free(k->device);
		values_release(&k->fits);
	}
	for (size_t i = 0; i < n->unknown.n; i++)
		free(n->unknown.v[i]);
	VEC_RELEASE(&n->list);
	VEC_RELEASE(&n->unknown);
	n->missing = 0;
}

static bool same(const struct image_need *a, const struct image_kind *k, const char *version,
		 const char *platform, bool back, bool there, const struct values *fits)
{
	if (a->back != back || a->there != there || !str_eq(a->kind, k->kind) || !str_eq(a->version, version) ||
	    !str_eq(a->platform, platform) || a->fits.n != fits->n)
		return false;
	for (size_t i = 0; i < fits->n; i++)
		if (!str_eq(a->fits.v[i].text, fits->v[i].text))
			return false;
	return true;
}

/* Devices of one combination are one need, but those whose model an image does not support. */
static void add(struct image_needs *n, const struct images *have, const struct procedure *p,
		const struct image_kind *k, const struct known_device *d, const char *version,
		bool back)
{
	struct values fits = {0}, all = {0};
	procedure_image_need(k, &d->facts, &all);
	bool there = images_match(have, p->platforms[0], k->kind, version, &all) != NULL;
	values_release(&all);
	for (size_t f = 0; k->fits && k->fits[f]; f++)
		values_set(&fits, k->fits[f], values_get(&d->facts, k->fits[f]));
	for (size_t i = 0; i < n->list.n; i++)
		if (same(&n->list.v[i], k, version, p->platforms[0], back, there, &fits)) {
			n->list.v[i].devices++;
			values_release(&fits);
			return;
		}
	struct image_need *fresh = VEC_ADD(&n->list);
	*fresh = (struct image_need){.kind = xstrdup(k->kind),
				     .version = xstrdup(version),
				     .platform = xstrdup(p->platforms[0]),
				     .fits = fits,
				     .back = back,
				     .there = there,
				     .device = xstrdup(d->device),
				     .devices = 1};
}

/* What runs now: since an upgrade of ours another version than it said at its pre-checks. */
static const char *runs_now(const struct procedure *p, const struct image_kind *k,
			    const struct known_device *d)
{
	if (!k->current)
		return NULL;
	return str_eq(k->current, p->from_fact) && d->version ? d->version
							      : values_get(&d->facts, k->current);
}

static void need(struct image_needs *n, const struct images *have, const struct procedure *p,
		 const struct known_device *d, const char *to)
{
	for (size_t i = 0; i < p->n_images; i++) {
		const struct image_kind *k = &p->images[i];
		const char *now = runs_now(p, k, d);
		if (to && !k->parameter)
			add(n, have, p, k, d, to, false);
		if (now && *now)
			add(n, have, p, k, d, now, true);
	}
}

/* Most devices of a fleet are of one platform. */
static const struct procedure *procedure_of(struct procedure **last, const char *platform,
					    struct err *e)
{
	for (size_t i = 0; *last && (*last)->platforms[i]; i++)
		if (str_eq((*last)->platforms[i], platform))
			return *last;
	procedure_free(*last);
	*last = procedures_for(platform, e);
	return *last;
}

static int gather(struct store *s, struct image_needs *n, const struct inventory *inv,
		  const struct known_devices *known, const struct images *have, const char *to,
		  struct err *e)
{
	struct procedure *p = NULL;
	int rc = 0;
	for (size_t i = 0; i < inv->devices.n && rc == 0; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct known_device *k = known_device(known, d->name);
		if (d->anchor)
			continue;
		char *usual = to && !*to ? store_default(s, d->platform) : NULL;
		if (!k || !k->facts.n)
			VEC_PUSH(&n->unknown, xstrdup(d->name));
		else if (!procedure_of(&p, d->platform, e))
			rc = -1;
		else
			need(n, have, p, k, to && !*to ? usual : to);
		free(usual);
	}
	procedure_free(p);
	return rc;
}

int images_needed(struct store *s, const struct inventory *inv, const char *to,
		  struct image_needs *out, struct err *e)
{
	struct images images = {0};
	struct known_devices known = {0};
	*out = (struct image_needs){0};
	int rc = store_images(s, &images, e);
	if (rc == 0)
		rc = store_history_last(s, &known, e);
	if (rc == 0)
		rc = gather(s, out, inv, &known, &images, to, e);
	for (size_t i = 0; i < out->list.n; i++)
		out->missing += !out->list.v[i].there;
	known_devices_release(&known);
	images_release(&images);
	return rc;
}

/* Would it do, and none of the others? */
static bool is_only(const struct images *all, const struct image *i, const struct image_need *k)
{
	bool only = false;
	for (size_t n = 0; n < all->n; n++) {
		struct images one = {.v = &all->v[n], .n = 1};
		if (!images_match(&one, k->platform, k->kind, k->version, &k->fits))
			continue;
		if (!str_eq(all->v[n].id, i->id))
			return false;
		only = true;
	}
	return only;
}

size_t image_way_back(struct store *s, const struct image *i)
{
	struct err e = {0};
	struct images all = {0};
	struct image_needs needs = {0};
	size_t n = 0;
	struct inventory *inv = desk_inventory(s, &e);
	if (inv && store_images(s, &all, &e) == 0 && images_needed(s, inv, NULL, &needs, &e) == 0)
		for (size_t k = 0; k < needs.list.n; k++)
			if (is_only(&all, i, &needs.list.v[k]))
				n += needs.list.v[k].devices;
	image_needs_release(&needs);
	images_release(&all);
	inventory_free(inv);
	return n;
}
