/* SPDX-License-Identifier: ISC */
/* What is different between two inventories: for the preview of everything that changes one. */
#ifndef MODEL_INVENTORY_DIFF_H
#define MODEL_INVENTORY_DIFF_H

#include "model/inventory.h"

enum change_kind { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED, CHANGE_KINDS };
enum change_of { CHANGE_OF_DEVICE, CHANGE_OF_GROUP, CHANGE_OF_LINK, CHANGE_OF_RULE, CHANGE_OFS };

extern const char *const change_kind_names[CHANGE_KINDS]; /* "added", ... */
extern const char *const change_of_names[CHANGE_OFS];     /* "device", ... */

struct inventory_change {
	enum change_kind kind;
	enum change_of of;
	char *name;   /* "leaf01", "leaf01-02", "leaf01:swp51 -- spine01:swp1", "leaf*" */
	char *detail; /* "role leaf -> spine", "192.0.2.11 leaf"; may be "" */
};

struct inventory_changes {
	struct inventory_change *v;
	size_t n, cap;
	size_t count[CHANGE_OFS][CHANGE_KINDS];
};

/* before may be NULL: nothing yet. Devices are the same by name, links by their ends; a link of
 * which one end stayed is a changed one. Release *out. */
void inventory_compare(const struct inventory *before, const struct inventory *after,
		       struct inventory_changes *out);
void inventory_changes_release(struct inventory_changes *c);
cJSON *inventory_changes_json(const struct inventory_changes *c); /* new array */

#endif
