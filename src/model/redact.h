/* SPDX-License-Identifier: ISC */
/*
 * What looks like a secret is taken out of text that leaves the machine: reports and bundles are
 * attached to tickets. What is looked for is data: the rows of redact.def. A match is replaced by
 * "[removed: password hash]"; the words around it stay, so that one sees what stood there.
 */
#ifndef MODEL_REDACT_H
#define MODEL_REDACT_H

#include "base/err.h"

#include <cjson/cJSON.h>
#include <stddef.h>

struct redactor;

/* New. NULL and ERR_SYSTEM when a pattern of the table is wrong: then nothing may leave. */
struct redactor *redactor_new(struct err *e);
void redactor_free(struct redactor *r);

/* The text without secrets, new; *removed (may be NULL) grows by how many there were. Text that a
 * pattern cannot be looked for in (it takes too long) is left out as a whole, and says so. */
char *redact(const struct redactor *r, const char *text, size_t *removed);

/* The same for all strings of a tree, in place; a member that is called "password" is one. */
void redact_json(const struct redactor *r, cJSON *value, size_t *removed);

#endif
