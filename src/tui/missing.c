/* SPDX-License-Identifier: ISC */
/* For the time of building: screens that are not written yet. To be removed. */
#include "tui/screens.h"
#define MISSING(s) __attribute__((weak)) const struct screen s = {.name = #s, .title = #s};
MISSING(screen_checks) MISSING(screen_preview) MISSING(screen_confirm) MISSING(screen_live)
MISSING(screen_cards) MISSING(screen_device) MISSING(screen_results) MISSING(screen_compare)
MISSING(screen_history) MISSING(screen_job) MISSING(screen_log) MISSING(screen_text)
MISSING(screen_credentials) MISSING(screen_images) MISSING(screen_inventory) MISSING(screen_files)
#include "run/themes.h"
__attribute__((weak)) int themes_load(const char *n, struct theme *o, struct err *e) { (void)n; (void)e; static struct theme t; *o = t; return 0; }
__attribute__((weak)) int themes_list(struct theme_files *o, struct err *e) { (void)o; (void)e; return 0; }
__attribute__((weak)) void themes_release(struct theme_files *l) { (void)l; }
__attribute__((weak)) struct theme_style theme_style(const struct theme *t, enum theme_role r) { (void)t; (void)r; struct theme_style s = {{-1,-1,-1,-1},{-1,-1,-1,-1},0}; return s; }
