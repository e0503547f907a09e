/* SPDX-License-Identifier: ISC */
/* What the two halves of the search share: who answers (discover_scan.c), and who they are. */
#ifndef RUN_DISCOVER_PARTS_H
#define RUN_DISCOVER_PARTS_H

#include "run/discover.h"

/* Another class, counted; why: copied, NULL: nothing to say. */
void found_set(struct discovery *d, struct found *f, enum found_class class, const char *why);
void found_release(struct found *f);

/* An inventory of these addresses, for those who work on one; in this order. */
struct inventory *discover_addresses(const struct discovery *d, const size_t *which, size_t n,
				     const char *credential);

/* What the inventory has now; an empty one when there is none. */
struct inventory *discover_known(struct store *s, struct err *e);

#endif
