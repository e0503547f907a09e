/* SPDX-License-Identifier: ISC */
/* Where procedures are: a file that is named, the installed ones, or those of the source tree when
 * the program runs from its build directory. */
#ifndef RUN_PROCEDURES_H
#define RUN_PROCEDURES_H

#include "model/procedure.h"

/* Paths of all installed procedures, sorted, NULL-ended, strings_free(); never empty. On error *out
 * is NULL. */
int procedures_files(char ***out, struct err *e);

/* By id, or by file (anything with a '/' or ending in ".json"). New, NULL and e; an id that is not
 * there is ERR_INPUT and names the nearest. */
struct procedure *procedures_load(const char *id_or_file, struct err *e);

/* The first that knows the platform (NULL: the first one that installs images). New, NULL and e. */
struct procedure *procedures_for(const char *platform, struct err *e);

/* All that there are, those of `more` first (ids or files; NULL-ended, may be NULL). One that is there
 * twice counts once. New, each of its own, procedures_free(). */
struct procedures {
	struct procedure **v;
	size_t n, cap;
};
int procedures_all(char *const *more, struct procedures *out, struct err *e);
void procedures_free(struct procedures *list);

/* Every platform and every role that they know; NULL-ended, new, strings_free(). */
char **procedures_platforms(const struct procedures *list);
char **procedures_roles(const struct procedures *list);
/* What others call the platforms, of all of them: put into *out. The first that says it counts. */
void procedures_platform_names(const struct procedures *list, struct values *out);
/* The first that knows the platform; borrowed; NULL: none. */
const struct procedure *procedures_of(const struct procedures *list, const char *platform);

#endif
