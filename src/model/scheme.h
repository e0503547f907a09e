/* SPDX-License-Identifier: ISC */
/*
 * How the versions of a system are read and ordered, where numbers between dots do not say it. Part
 * of a procedure ("software"."versions"):
 *
 *   "forms": [REGEX, ...]   the first that matches reads the version into its named groups
 *   "system": [GROUP...]    other text here: another system; nothing can be said of the two
 *   "train": [GROUP...]     compared first, number by number
 *   "branch": [GROUP...]    of one train: another form, or another number here, is another branch;
 *                           there is no order between branches, a person has to say
 *   "order": [GROUP...]     compared last, number by number; one that is not there is 0
 *   "loose": [GROUP...]     of "order": two versions are the same when one does not give it
 *
 * Numbers are of any length, so no group can be too large for them.
 */
#ifndef MODEL_SCHEME_H
#define MODEL_SCHEME_H

#include "model/json.h"

enum version_order {
	VERSION_BEFORE = -1,
	VERSION_SAME = 0,
	VERSION_AFTER = 1,
	VERSION_BRANCH,    /* of different branches: later and earlier mean nothing */
	VERSION_SYSTEM,    /* of different systems */
	VERSION_UNREADABLE /* one of them has no form that is known */
};

struct scheme;

/* Read and check; NULL and e (with JSON path) on a mistake. scheme_free() it. */
struct scheme *scheme_new(const struct jnode *at, struct err *e);
void scheme_free(struct scheme *s);

/* How a stands to b. Without a scheme (NULL): version_compare(). */
enum version_order scheme_compare(const struct scheme *s, const char *a, const char *b);

/* VERSION_SAME also when they differ only in what one of them does not give ("loose"). */
enum version_order scheme_match(const struct scheme *s, const char *a, const char *b);

/* Are the first `parts` numbers the same, "train" and then "order"? -1: cannot be said. */
int scheme_same(const struct scheme *s, const char *a, const char *b, int parts);

#endif
