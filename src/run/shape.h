/* SPDX-License-Identifier: ISC */
/* What messages about several devices have in common: the words, without names and quantities. */
#ifndef RUN_SHAPE_H
#define RUN_SHAPE_H

#include "base/str.h"
#include "base/vec.h"

#define SHAPE_QUANTITY '\x01' /* stands for each quantity */

struct quantity { /* as written: the least and the most of all that were joined */
	double least, most;
	char *least_text, *most_text;
};

struct shape {
	char *text;
	VEC(struct quantity) quantities;
};

/* The message with "*" where the name stands, and its quantities taken out. A quantity is a number
 * before a word or a unit: "210 MB", "3 of 12", "30s". Addresses, versions, names with digits and
 * codes ("exit status 1") are words. */
void shape_of(struct shape *s, const char *message, const char *name);
void shape_release(struct shape *s);

/* Take in another one; false: its words are others, nothing is changed. */
bool shape_join(struct shape *s, const struct shape *other);

/* The words with their quantities, as ranges where they differ: new. */
char *shape_text(const struct shape *s);

#endif
