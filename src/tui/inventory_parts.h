/* SPDX-License-Identifier: ISC */
/* What the screen of the inventory does, a file each. */
#ifndef TUI_INVENTORY_PARTS_H
#define TUI_INVENTORY_PARTS_H

#include "tui/app.h"

/* The inventory is another now: show it, when its screen is the one on top. */
void inventory_refresh(struct app *a);

/* Actions (see screen.h). */
void inventory_import(struct app *a, void *state);

#endif
