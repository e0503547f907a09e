/* SPDX-License-Identifier: ISC */
#ifndef MODEL_JSON_SYNTAX_H
#define MODEL_JSON_SYNTAX_H

#include "base/str.h"

/* The first place of a NUL-terminated text where JSON does not go on, with "found ..., expected
 * ..." added to out; NULL: there is none. The text's strings have to have an end. */
const char *json_syntax(const char *text, size_t n, struct str *out);

#endif
