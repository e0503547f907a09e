/* SPDX-License-Identifier: ISC */
/* Inside of the list, for list.c and list_draw.c. */
#ifndef TUI_LIST_PARTS_H
#define TUI_LIST_PARTS_H

#include "tui/list.h"

bool list_has_filter(const struct list *l);

/* The heading above the shown row `at` when the list begins with `top`; NULL: none. */
const char *list_heading(const struct list *l, size_t top, size_t at);

#endif
