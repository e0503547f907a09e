/* SPDX-License-Identifier: ISC */
/* For the time of building: screens that are not written yet. To be removed. */
#include "tui/screens.h"
#define MISSING(s) __attribute__((weak)) const struct screen s = {.name = #s, .title = #s};
MISSING(screen_home) MISSING(screen_review) MISSING(screen_name) MISSING(screen_options)
 MISSING(screen_live)
MISSING(screen_cards) MISSING(screen_device) MISSING(screen_results) MISSING(screen_compare)
MISSING(screen_history) MISSING(screen_job) MISSING(screen_log)
MISSING(screen_credentials) MISSING(screen_images) MISSING(screen_inventory) MISSING(screen_files)
