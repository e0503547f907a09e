/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/targets.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

#define KIND_SYSTEM "os"

struct wish { /* one of them, looked up */
	struct image image;
	bool open;       /* for all that it fits */
	bool *has;       /* devices of the inventory it is wanted for */
};

struct taking {
	struct job *job;
	const struct procedure *procedure;
	struct known_devices known;
	VEC(struct wish) wishes;
	const struct wish **gets; /* per device of the inventory */
	struct err *e;
};

/* --- does it fit? ----------------------------------------------------------------------------- */

void targets_facts(const struct procedure *p, const struct device *d,
		   const struct known_device *k, struct values *out)
{
	const struct image_kind *kind = procedure_image_kind(p, KIND_SYSTEM);
	if (k)
		values_copy(out, &k->facts);
	if (kind && kind->supported && !values_get(out, kind->supported))
		values_set(out, kind->supported, d->model);
}

char *targets_misfit(const struct image *i, const struct procedure *p, const struct values *facts)
{
	const struct image_kind *k = procedure_image_kind(p, i->kind);
	struct values need = {0};
	const char *name;
	char *why = NULL;
	if (k)
		procedure_image_need(k, facts, &need);
	if (!image_fits(i, &need, &name))
		why = xasprintf(_("it is for %s %s, not %s"), name, values_get(&i->fits, name),
				values_get(&need, name));
	values_release(&need);
	return why;
}

static char *misfit(const struct taking *t, const struct wish *w, size_t device)
{
	const struct device *d = &t->job->inventory->devices.v[device];
	struct values facts = {0};
	targets_facts(t->procedure, d, known_device(&t->known, d->name), &facts);
	char *why = targets_misfit(&w->image, t->procedure, &facts);
	values_release(&facts);
	return why;
}

static const char *name_of(const struct taking *t, size_t device)
{
	return t->job->inventory->devices.v[device].name;
}

/* --- the wishes ------------------------------------------------------------------------------- */

static bool knows_platform(const struct procedure *p, const char *platform)
{
	for (size_t k = 0; p->platforms[k]; k++)
		if (str_eq(p->platforms[k], platform))
			return true;
	return false;
}

static int check_kind(const struct taking *t, const struct image *i)
{
	if (!knows_platform(t->procedure, i->platform))
		return err_set(t->e, ERR_INPUT,
			       _("image %s is for the platform \"%s\", which procedure \"%s\" does "
				 "not know"),
			       i->label, i->platform, t->procedure->id);
	if (!str_eq(i->kind, KIND_SYSTEM))
		return err_set(t->e, ERR_INPUT, _("image %s is a package (%s), not a system"),
			       i->label, i->kind);
	return 0;
}

static int choose(struct taking *t, struct wish *w, const char *devices)
{
	size_t *list = NULL, n = 0;
	if (inventory_select(t->job->inventory, devices, &list, &n, t->e) != 0)
		return err_at(t->e, "%s", w->image.label);
	w->has = xcalloc(t->job->inventory->devices.n + 1, sizeof(bool));
	for (size_t i = 0; i < n; i++)
		w->has[list[i]] = true;
	free(list);
	return 0;
}

static int look_up(struct taking *t, struct store *s, const struct image_wish *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct wish *w = VEC_ADD(&t->wishes);
		w->open = !list[i].devices;
		if (store_image_find(s, list[i].image, &w->image, t->e) != 0 ||
		    check_kind(t, &w->image) != 0 ||
		    (!w->open && choose(t, w, list[i].devices) != 0))
			return -1;
	}
	return 0;
}

/* --- who gets which --------------------------------------------------------------------------- */

/* The one that names the device. */
static int take_named(struct taking *t, size_t device, const struct wish **out)
{
	for (size_t i = 0; i < t->wishes.n; i++) {
		const struct wish *w = &t->wishes.v[i];
		if (w->open || !w->has[device])
			continue;
		if (*out)
			return err_set(t->e, ERR_INPUT, _("%s is to get two images, %s and %s"),
				       name_of(t, device), (*out)->image.label, w->image.label);
		*out = w;
	}
	char *why = *out ? misfit(t, *out, device) : NULL;
	if (!why)
		return 0;
	err_set(t->e, ERR_INPUT,
		_("image %s does not fit %s: %-s (as it said last; 'hitless check --to VERSION' "
		  "asks it anew)"),
		(*out)->image.label, name_of(t, device), why);
	free(why);
	return -1;
}

static int none_fits(struct taking *t, size_t device, const struct str *reasons)
{
	return err_set(t->e, ERR_INPUT,
		       _("no image fits %s: %-s (as it said last; 'hitless check --to VERSION' "
			 "asks it anew); add one that does, or leave %s out"),
		       name_of(t, device), str_text(reasons), name_of(t, device));
}

static int several_fit(struct taking *t, size_t device, const struct wish *a, const struct wish *b)
{
	return err_set(t->e, ERR_INPUT,
		       _("%s and %s both fit %s, as far as it is known: say which one it gets "
			 "(--image %s=%s)"),
		       a->image.label, b->image.label, name_of(t, device), a->image.label,
		       name_of(t, device));
}

/* The only one that fits. */
static int take_fitting(struct taking *t, size_t device, const struct wish **out)
{
	struct str reasons = {0};
	const struct wish *other = NULL;
	size_t open = 0;
	for (size_t i = 0; i < t->wishes.n; i++) {
		const struct wish *w = &t->wishes.v[i];
		if (!w->open)
			continue;
		open++;
		char *why = misfit(t, w, device);
		if (why)
			str_printf(&reasons, "%s%s: %s", reasons.len ? ", " : "", w->image.label,
				   why);
		else if (*out)
			other = w;
		else
			*out = w;
		free(why);
	}
	int rc = open && !*out ? none_fits(t, device, &reasons)
		 : other       ? several_fit(t, device, *out, other)
			       : 0;
	str_release(&reasons);
	return rc;
}

static int assign(struct taking *t)
{
	for (size_t i = 0; i < t->job->devices.n; i++) {
		size_t d = t->job->devices.v[i];
		if (take_named(t, d, &t->gets[d]) != 0 ||
		    (!t->gets[d] && take_fitting(t, d, &t->gets[d]) != 0))
			return -1;
	}
	return 0;
}

/* A wish for all may not speak against the version that was asked for. */
static int check_version(struct taking *t)
{
	for (size_t i = 0; t->job->version && i < t->wishes.n; i++) {
		const struct wish *w = &t->wishes.v[i];
		if (w->open &&
		    !procedure_same_version(t->procedure, w->image.version, t->job->version))
			return err_set(t->e, ERR_INPUT,
				       _("image %s is version %s, not %s: leave one of the two "
					 "out"),
				       w->image.label, w->image.version, t->job->version);
	}
	return 0;
}

static bool one_for_all(const struct taking *t)
{
	for (size_t i = 1; i < t->job->devices.n; i++)
		if (t->gets[t->job->devices.v[i]] != t->gets[t->job->devices.v[0]])
			return false;
	return t->gets[t->job->devices.v[0]] != NULL;
}

static bool all_have(const struct taking *t)
{
	for (size_t i = 0; i < t->job->devices.n; i++)
		if (!t->gets[t->job->devices.v[i]])
			return false;
	return true;
}

static void set_text(char **to, const char *text)
{
	char *fresh = xstrdup(text);
	free(*to);
	*to = fresh;
}

static void write_down(struct taking *t)
{
	struct job *j = t->job;
	const struct wish *first = t->gets[j->devices.v[0]];
	job_targets_release(j);
	if (one_for_all(t)) {
		set_text(&j->version, first->image.version);
		set_text(&j->os_image, first->image.id);
		return;
	}
	if (!j->version && all_have(t))
		set_text(&j->version, first->image.version);
	for (size_t i = 0; i < j->devices.n; i++) {
		const struct wish *w = t->gets[j->devices.v[i]];
		if (w)
			job_target_add(j, j->devices.v[i], w->image.version, w->image.id);
	}
	job_targets_settle(j);
}

static int take(struct taking *t, struct store *s, const struct image_wish *list, size_t n)
{
	if (store_history_last(s, &t->known, t->e) != 0 || look_up(t, s, list, n) != 0 ||
	    check_version(t) != 0 || assign(t) != 0)
		return -1;
	write_down(t);
	return 0;
}

int targets_take(struct job *j, const struct procedure *p, struct store *s,
		 const struct image_wish *list, size_t n, struct err *e)
{
	struct taking t = {.job = j, .procedure = p, .e = e};
	if (!n || !j->devices.n)
		return 0;
	t.gets = xcalloc(j->inventory->devices.n + 1, sizeof(*t.gets));
	int rc = take(&t, s, list, n);
	for (size_t i = 0; i < t.wishes.n; i++) {
		image_release(&t.wishes.v[i].image);
		free(t.wishes.v[i].has);
	}
	VEC_RELEASE(&t.wishes);
	known_devices_release(&t.known);
	free(t.gets);
	return rc;
}

/* --- the version ------------------------------------------------------------------------------ */

const char *targets_meant(const struct images *images, const struct procedure *p,
			  const char *version)
{
	const char *found = NULL;
	for (size_t i = 0; i < images->n; i++) {
		const struct image *x = &images->v[i];
		if (!str_eq(x->kind, KIND_SYSTEM) || !knows_platform(p, x->platform) ||
		    !procedure_same_version(p, x->version, version))
			continue;
		if (str_eq(x->version, version) || (found && !str_eq(found, x->version)))
			return version;
		found = x->version;
	}
	return found ? found : version;
}

int targets_version(struct job *j, const struct procedure *p, struct store *s, struct err *e)
{
	struct images images = {0};
	if (!j->version || j->os_image)
		return 0;
	int rc = store_images(s, &images, e);
	if (rc == 0)
		set_text(&j->version, targets_meant(&images, p, j->version));
	images_release(&images);
	return rc;
}
