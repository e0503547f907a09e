/* SPDX-License-Identifier: ISC */
/* For the time of building: screens that are not written yet. To be removed. */
#include "tui/screens.h"
#define MISSING(s) __attribute__((weak)) const struct screen s = {.name = #s, .title = #s};
MISSING(screen_home) MISSING(screen_review) MISSING(screen_name) MISSING(screen_options)
