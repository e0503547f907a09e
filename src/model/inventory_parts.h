/* SPDX-License-Identifier: ISC */
/* Inside of the inventory: what a name, an address, a port may be. */
#ifndef MODEL_INVENTORY_PARTS_H
#define MODEL_INVENTORY_PARTS_H

#include "model/inventory.h"

/* A text member of a device. */
struct device_field {
	const char *key;
	size_t offset;
	int (*check)(const char *text, struct err *e);
	bool needed;
	const char *fallback; /* when absent; NULL: none */
};
extern const struct device_field device_fields[]; /* ends with a NULL key */

char **device_text(struct device *d, const struct device_field *f);

int inventory_check_name(const char *text, struct err *e); /* of devices and groups */
int inventory_check_address(const char *text, struct err *e);
int inventory_check_word(const char *text, struct err *e); /* roles, platforms, tags, kinds */

/* A copy of everything that is a device's own into an empty one. */
void device_copy(struct device *to, const struct device *from);
void device_release(struct device *d);
bool device_has_tag(const struct device *d, const char *tag);

/* --- inventory_rules.c --- */
struct jnode;
int rules_read(struct inventory *inv, const struct jnode *root, struct err *e);
void rules_copy(struct inventory *to, const struct inventory *from); /* into an empty list */
void rules_apply(struct inventory *inv);
void rules_release(struct inventory *inv);
void role_set(struct device *d, const char *role, enum role_source by);

#endif
