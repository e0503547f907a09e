/* SPDX-License-Identifier: ISC */
/* Everything that is known of an image. */
#include "config.h"

#include "tui/app.h"
#include "tui/image.h"
#include "tui/screens.h"

#include "base/i18n.h"

#include <inttypes.h>
#include <stdlib.h>

void image_put_fits(const struct image *i, struct str *out)
{
	for (size_t k = 0; k < i->fits.n; k++)
		str_printf(out, "%s%s=%s", k ? " " : "", i->fits.v[k].name, i->fits.v[k].text);
}

void image_show(struct app *a, const struct image *i)
{
	struct str text = {0}, fits = {0};
	char when[32];
	clock_local(i->added, when);
	image_put_fits(i, &fits);
	str_printf(&text, _("Version   %s\nKind      %s\nPlatform  %s\nFits      %s\n"), i->version,
		   i->kind, i->platform, str_text(&fits));
	if (i->vendor)
		str_printf(&text, _("Vendor    %s\n"), i->vendor);
	if (i->signer)
		str_printf(&text, _("Signed by %s\n"), i->signer);
	str_printf(&text,
		   _("Size      %" PRId64 " bytes\nSHA-256   %s\nAdded     %s\nFile      %s"),
		   i->size, i->sha256, when, i->path);
	const struct text_part part = {ROLE_TEXT, 0, text.buf};
	app_open(a, &screen_text, &(struct text_argument){i->label, &part, 1});
	str_release(&text);
	str_release(&fits);
}
