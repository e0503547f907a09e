/* SPDX-License-Identifier: ISC */
#ifndef RUN_ROLES_H
#define RUN_ROLES_H

#include "model/inventory.h"

/* Where a device has its role from, for people: "by hand", "rule leaf*", "file"; "-": it has none,
 * and nobody said so. Appended. */
void role_source(const struct inventory *inv, size_t device, struct str *out);

#endif
