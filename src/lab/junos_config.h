/* SPDX-License-Identifier: ISC */
/*
 * A Junos configuration: statements as `show configuration | display set` prints them, without the
 * "set". One is edited (the candidate), the others were committed.
 */
#ifndef LAB_JUNOS_CONFIG_H
#define LAB_JUNOS_CONFIG_H

#include "lab/blob.h"

#include "base/vec.h"

struct cJSON;

struct jconf {
	VEC(char *) lines;
};

void jconf_copy(struct jconf *to, const struct jconf *from); /* replaces */
void jconf_release(struct jconf *c);
bool jconf_same(const struct jconf *a, const struct jconf *b);

/* "interfaces ae1 disable"; "... export [ A B ]" is two statements. false: not a statement. */
bool jconf_set(struct jconf *c, const char *path);
/* With all below it; how many went. */
size_t jconf_delete(struct jconf *c, const char *path);

bool jconf_has(const struct jconf *c, const char *path); /* it, or something below it */
/* The word behind the path: of the first statement from *at on that has one; NULL: none. *at is
 * moved behind it, start with 0. Borrowed until the next change; *n bytes. */
const char *jconf_word(const struct jconf *c, const char *path, size_t *at, size_t *n);

/* As `show configuration PATH` prints it (PATH "": all): with braces, or as set commands. */
void jconf_print(const struct jconf *c, const char *path, bool set, struct blob *out);
/* The same as JSON below parent: {"group": [{"name": "x", "type": "internal"}]}. */
void jconf_json(const struct jconf *c, const char *path, struct cJSON *parent);
/* As `show | compare` prints what makes `from` into `to`; nothing when they are the same. */
void jconf_compare(const struct jconf *from, const struct jconf *to, struct blob *out);

#endif
