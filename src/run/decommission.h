/* SPDX-License-Identifier: ISC */
/*
 * Devices that are no longer in service: out of the inventory, so that no list and no new job has
 * them, and kept in DIR/decommissioned.json with their groups and links, so that they can come
 * back. What the history says of them stays.
 */
#ifndef RUN_DECOMMISSION_H
#define RUN_DECOMMISSION_H

#include "model/inventory.h"
#include "store/store.h"

/* Take the device out. ERR_LOCKED while a job that was started and is not over has it. *loss (may
 * be NULL) gets what goes with it: redundancy groups that are none any more, links. */
int decommission(struct store *s, const char *device, const char *reason, struct str *loss,
		 struct err *e);

/* Put it back as it was, into its groups and with its links as far as the other ends are there. */
int recommission(struct store *s, const char *device, struct err *e);

/* "NAME was decommissioned (when, by whom: why); what brings it back", of an entry of the list; new. */
char *decommissioned_text(const cJSON *entry, const char *name);

/* Those that there are, into inv->retired: who asks for one by its name is told. A list that cannot be
 * read gives none. */
void decommissioned_tell(struct store *s, struct inventory *inv);

/* Their names: NULL-ended, new, strings_free(). */
int decommissioned(struct store *s, char ***names, struct err *e);

/* All that is kept of them: an array of {"device": {...}, "groups", "links", "at", "by", "reason"};
 * new; NULL and e. */
cJSON *decommissioned_list(struct store *s, struct err *e);

#endif
