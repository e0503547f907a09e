/* SPDX-License-Identifier: ISC */
/* Inside of the list, for list.c and list_draw.c. */
#ifndef TUI_LIST_PARTS_H
#define TUI_LIST_PARTS_H

#include "tui/list.h"

bool list_has_filter(const struct list *l);

#endif
