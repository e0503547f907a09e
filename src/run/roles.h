/* SPDX-License-Identifier: ISC */
#ifndef RUN_ROLES_H
#define RUN_ROLES_H

#include "model/inventory.h"
#include "model/procedure.h"

/* Where a device has its role from, for people: "by hand", "rule leaf*", "file"; "-": it has none,
 * and nobody said so. Appended. */
void role_source(const struct inventory *inv, size_t device, struct str *out);

/* Does one of the procedures order this role, or has a device of the inventory it that is none of
 * `but` (n_but of them)? If not, it is likely a mistake in writing. */
bool role_is_known(const struct inventory *inv, const size_t *but, size_t n_but, const char *role,
		   struct procedure *const *list, size_t n);

#endif
