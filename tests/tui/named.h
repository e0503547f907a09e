/* SPDX-License-Identifier: ISC */
/* The screens that can be opened by themselves, without an argument. */
#ifndef TESTS_TUI_NAMED_H
#define TESTS_TUI_NAMED_H

#include "tui/screen.h"

extern const struct screen *const named_screens[]; /* ends with NULL */

const struct screen *screen_named(const char *name); /* NULL: there is none */

#endif
