/* SPDX-License-Identifier: ISC */
/*
 * Where themes are: the user's own ($XDG_CONFIG_HOME/hitless/themes/NAME.theme) before the shipped
 * ones. An own theme may inherit the shipped theme of its own name.
 */
#ifndef RUN_THEMES_H
#define RUN_THEMES_H

#include "base/vec.h"
#include "model/theme.h"

struct theme_file {
	char *name; /* "dark" */
	char *path;
	bool own; /* the user's, not a shipped one */
};

struct theme_files {
	VEC(struct theme_file) list;
};

/* Load a theme by name, or a file (with a '/' or ending in ".theme"). 0, or -1 and e: then *out is
 * theme_plain(), so that there is always something to draw with. */
int themes_load(const char *name, struct theme *out, struct err *e);

/* All themes there are, none of them read. A place that does not exist counts as empty. */
int themes_list(struct theme_files *out, struct err *e);
void themes_release(struct theme_files *list);

#endif
