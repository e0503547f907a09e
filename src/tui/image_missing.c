/* SPDX-License-Identifier: ISC */
/* Images that the devices need and that are not there. */
#include "config.h"

#include "tui/app.h"
#include "tui/image.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/missing.h"

#include <stdlib.h>

static void put_need(const struct image_need *k, struct str *out)
{
	struct str fits = {0};
	for (size_t i = 0; i < k->fits.n; i++)
		str_printf(&fits, "%s%s=%s", i ? " " : "", k->fits.v[i].name, k->fits.v[i].text);
	str_printf(out,
		   ngettext("%s %s %s (%s): %zu device (%s)\n",
			    "%s %s %s (%s): %zu devices (%s, ...)\n", k->devices),
		   k->kind, k->version, str_text(&fits), k->back ? _("way back") : _("target"),
		   k->devices, k->device);
	str_release(&fits);
}

/* For the default version, and for the way back. */
void images_show_missing(struct app *a, void *state)
{
	struct image_needs n = {0};
	struct err e = {0};
	struct str lost = {0}, there = {0}, unknown = {0};
	struct inventory *inv = desk_inventory(a->store, &e);
	char *to =
	    inv && inv->devices.n ? store_default(a->store, inv->devices.v[0].platform) : NULL;
	(void)state;
	if (!inv || images_needed(a->store, inv, to, &n, &e) != 0) {
		app_fail(a, &e);
	} else {
		for (size_t i = 0; i < n.list.n; i++)
			put_need(&n.list.v[i], n.list.v[i].there ? &there : &lost);
		for (size_t i = 0; i < n.unknown.n; i++)
			str_printf(&unknown, "%s%s", i ? ", " : "", n.unknown.v[i]);
		const struct text_part parts[] = {
		    {ROLE_HEADER, 0, lost.len ? _("Missing") : _("Nothing is known to be missing")},
		    {ROLE_ERROR, 2, lost.buf},
		    {ROLE_HEADER, 0, there.len ? _("There") : NULL},
		    {ROLE_OK, 2, there.buf},
		    {ROLE_HEADER, 0,
		     unknown.len ? _("Not known: these devices were never asked") : NULL},
		    {ROLE_WARNING, 2, unknown.buf},
		};
		char *title =
		    to ? xasprintf(_("Images for an upgrade to %s, and for the way back"), to)
		       : xstrdup(_("Images for the way back (there is no default version)"));
		app_open(a, &screen_text, &(struct text_argument){title, parts, LEN(parts)});
		free(title);
	}
	str_release(&lost), str_release(&there), str_release(&unknown);
	image_needs_release(&n);
	inventory_free(inv);
	free(to);
}
