/* SPDX-License-Identifier: ISC */
/* What the screen of the inventory does, a file each. */
#ifndef TUI_INVENTORY_PARTS_H
#define TUI_INVENTORY_PARTS_H

#include "tui/app.h"

/* The inventory is another now: show it, when its screen is the one on top. */
void inventory_refresh(struct app *a);

/* Changes as lines, "+ leaf01  ...", appended. */
struct inventory_changes;
void inventory_put_changes(struct str *out, const struct inventory_changes *list);

/* Actions (see screen.h). */
void inventory_import(struct app *a, void *state);
void inventory_check(struct app *a, void *state);
void inventory_learn(struct app *a, void *state);
void inventory_decommission(struct app *a, void *state);
void inventory_recommission(struct app *a, void *state);

#endif
