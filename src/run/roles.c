/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/roles.h"

#include "base/i18n.h"

void role_source(const struct inventory *inv, size_t device, struct str *out)
{
	const struct device *d = &inv->devices.v[device];
	if (d->role_by == ROLE_BY_HAND)
		str_puts(out, _("by hand"));
	else if (d->role_by == ROLE_BY_RULE)
		str_printf(out, _("rule %s"), inv->rules.v[d->role_rule].match);
	else
		str_puts(out, d->role ? _("file") : "-");
}
