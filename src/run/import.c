/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/import.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/values.h"
#include "run/decommission.h"
#include "run/desk.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

/* --- what the file does not say --------------------------------------------------------------- */

static const char *only_platform(const struct inventory *now, char *const *known)
{
	const char *found = NULL;
	for (size_t i = 0; now && i < now->devices.n; i++) {
		const struct device *d = &now->devices.v[i];
		if (d->anchor)
			continue;
		if (found && !str_eq(found, d->platform))
			return NULL;
		found = d->platform;
	}
	return found ? found : known[0] && !known[1] ? known[0] : NULL;
}

static int check_platform(const char *platform, char *const *known, struct err *e)
{
	struct str list = {0};
	for (; *known && strcmp(*known, platform) != 0; known++)
		str_printf(&list, "%s%s", list.len ? ", " : "", *known);
	int rc = *known ? 0
			: err_set(e, ERR_INPUT,
				  _("no procedure knows the platform \"%s\"; known are: %s"),
				  platform, str_text(&list));
	str_release(&list);
	return rc;
}

/* The only credential of this user; NULL: none, or more than one. */
static const char *credential_of(const struct credentials *list, const char *user)
{
	const char *found = NULL;
	for (size_t i = 0; i < list->n; i++) {
		if (!str_eq(list->v[i].user, user))
			continue;
		if (found)
			return NULL;
		found = list->v[i].name;
	}
	return found;
}

static bool user_before(const struct import *in, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(in->devices.v[k].user, in->devices.v[i].user))
			return true;
	return false;
}

static void choose_credentials(struct import *in, const struct inventory *now,
			       const struct credentials *list, struct str *notes)
{
	struct inventory_index *known = now ? inventory_index_new(now) : NULL;
	for (size_t i = 0; i < in->devices.n; i++) {
		struct import_device *d = &in->devices.v[i];
		if (!d->user || d->credential ||
		    (known && inventory_index_find(known, d->name) != NO_DEVICE))
			continue;
		const char *name = credential_of(list, d->user);
		if (name)
			d->credential = xstrdup(name);
		else if (!user_before(in, i))
			str_printf(
			    notes,
			    _("the file logs in as %s, and not exactly one credential has this "
			      "user: the devices get the credential \"default\"\n"),
			    d->user);
	}
	inventory_index_free(known);
}

/* --- the plan --------------------------------------------------------------------------------- */

static int load_now(struct store *s, struct inventory **now, struct err *e)
{
	char *path = store_path(s, "inventory.json");
	bool there = path_exists(path);
	free(path);
	*now = there ? desk_inventory(s, e) : NULL;
	return there && !*now ? -1 : 0;
}

static int merge(struct store *s, const struct import_wish *w, struct import *in,
		 const struct procedures *procedures, struct import_plan *out, struct err *e)
{
	char **known = procedures_platforms(procedures), **retired = NULL;
	struct credentials credentials = {0};
	int rc = w->platform ? check_platform(w->platform, known, e) : 0;
	if (rc == 0)
		rc = decommissioned(s, &retired, e);
	if (rc == 0)
		rc = desk_credentials(s, &credentials, e);
	if (rc == 0) {
		choose_credentials(in, out->now, &credentials, &out->notes);
		struct merge_options o = {.replace = out->replaces,
					  .platform = w->platform,
					  .platform_named = w->platform != NULL,
					  .known = known,
					  .retired = retired,
					  .left = &out->left};
		if (!o.platform)
			o.platform = only_platform(out->now, known);
		out->next = import_merge(out->now, in, &o, w->path, &out->notes, e);
		rc = out->next ? 0 : -1;
	}
	credentials_release(&credentials);
	strings_free(retired);
	strings_free(known);
	return rc;
}

int import_prepare(struct store *s, const struct import_wish *w, struct import_plan *out,
		   struct err *e)
{
	struct procedures procedures;
	*out = (struct import_plan){0};
	if ((!w->alone && load_now(s, &out->now, e) != 0) ||
	    procedures_all(w->procedures, &procedures, e) != 0)
		return -1;
	char **roles = procedures_roles(&procedures);
	struct values names = {0};
	procedures_platform_names(&procedures, &names);
	struct import_words words = {roles, &names};
	struct import *in = import_load(w->path, w->format, &words, e);
	int rc = in ? 0 : -1;
	if (rc == 0) {
		out->format = in->format;
		out->replaces =
		    w->how == IMPORT_REPLACE || (w->how == IMPORT_AS_USUAL && in->whole);
		rc = merge(s, w, in, &procedures, out, e);
	}
	if (rc == 0)
		inventory_compare(out->now, out->next, &out->changes);
	import_free(in);
	values_release(&names);
	strings_free(roles);
	procedures_free(&procedures);
	return rc;
}

void import_summary(struct import_plan *p, struct str *out)
{
	struct str why = {0};
	if (!p->left.out)
		return;
	import_left_text(&p->left, &why);
	str_printf(out, _("%zu of %zu devices of the file are left out: %s"), p->left.out,
		   p->left.of, str_text(&why));
	str_release(&why);
}

int import_apply(struct store *s, const struct import_plan *p, struct err *e)
{
	struct inventory *there = NULL;
	struct inventory_changes others = {0};
	if (load_now(s, &there, e) != 0)
		return -1;
	int rc = !there == !p->now ? 0 : 1;
	if (rc == 0 && there)
		inventory_compare(p->now, there, &others);
	if (rc != 0 || others.n)
		rc = err_set(e, ERR_REFUSED,
			     _("somebody else changed the inventory in the meantime: nothing was "
			       "done; look at the changes once more"));
	if (rc == 0)
		rc = desk_inventory_save(s, p->next, e);
	inventory_changes_release(&others);
	inventory_free(there);
	return rc;
}

void import_plan_release(struct import_plan *p)
{
	inventory_free(p->now);
	inventory_free(p->next);
	inventory_changes_release(&p->changes);
	str_release(&p->notes);
	import_left_release(&p->left);
	*p = (struct import_plan){0};
}
