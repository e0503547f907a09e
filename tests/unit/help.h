/* SPDX-License-Identifier: ISC */
/* What the unit tests share. Helpers fail the test that calls them. */
#ifndef TESTS_UNIT_HELP_H
#define TESTS_UNIT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Parse JSON that must be good; ' stands for " so that it reads well in C. */
cJSON *tree(const char *json);
char *quoted(const char *json); /* the same text with " for '; new */

/* The text holds the part; says both where it does not. */
void has(const char *text, const char *part);

/* The text with the only occurrence of `from` replaced; new. */
char *changed(const char *text, const char *from, const char *to);

/* Path of a new file with this content in a new directory; remove() both with drop_file(). */
char *make_file(const void *data, size_t n);
void drop_file(char *path); /* and free the path */

#endif
