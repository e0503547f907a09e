/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/roles.h"

#include "base/i18n.h"
#include "base/str.h"

#include <strings.h>

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

static bool is_in(char *const *roles, const char *role)
{
	for (size_t i = 0; roles && roles[i]; i++)
		if (strcasecmp(roles[i], role) == 0)
			return true;
	return false;
}

static bool orders(const struct procedure *p, const char *role)
{
	bool found = is_in(p->roles, role) || is_in(p->core, role);
	for (size_t i = 0; i < p->n_orders; i++)
		found |= is_in(p->orders[i].roles, role);
	for (size_t i = 0; i < p->n_limits; i++)
		found |= is_in(p->limits[i].roles, role);
	return found;
}

static bool is_one_of(const size_t *list, size_t n, size_t device)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == device)
			return true;
	return false;
}

bool role_is_known(const struct inventory *inv, const size_t *but, size_t n_but, const char *role,
		   struct procedure *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (orders(list[i], role))
			return true;
	for (size_t i = 0; i < inv->devices.n; i++)
		if (str_eq(inv->devices.v[i].role, role) && !is_one_of(but, n_but, i))
			return true;
	return false;
}
