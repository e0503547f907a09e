/* SPDX-License-Identifier: ISC */
/* Line by line over text, and the programs that work so. */
#ifndef LAB_EDIT_H
#define LAB_EDIT_H

#include "lab/shell.h"

/* The next line of [*at, end) without its end; false: none left. */
bool line_next(const char **at, const char *end, struct str *line);

int run_grep(struct sh *sh, int argc, char **argv);
int run_sed(struct sh *sh, int argc, char **argv);
int run_awk(struct sh *sh, int argc, char **argv);

#endif
