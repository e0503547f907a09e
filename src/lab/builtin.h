/* SPDX-License-Identifier: ISC */
/* What the shell itself does: cd, echo, test, sudo and their like. */
#ifndef LAB_BUILTIN_H
#define LAB_BUILTIN_H

#include "lab/shell.h"

struct builtin {
	const char *name;
	int (*run)(struct sh *sh, int argc, char **argv);
	bool program; /* also a program in /usr/bin: command -v shows a path */
};

const struct builtin *builtin_find(const char *name); /* NULL: none. "/usr/bin/test" is found too */
int run_test(struct sh *sh, int argc, char **argv);   /* test, [ and [[ (builtin_test.c) */

int run_source(struct sh *sh, int argc, char **argv); /* . FILE (shell_env.c) */

#endif
