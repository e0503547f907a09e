/* SPDX-License-Identifier: ISC */
/* Rows of columns for people, as wide as their texts. Cells are sanitised. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/str.h"
#include "base/vec.h"

#include <stdio.h>

struct table { /* the last column is not padded */
	size_t columns;
	VEC(char *) cells; /* sanitised copies */
};

/* Begin one with these titles (marked N_(), translated here). */
void table_head(struct table *t, size_t columns, const char *const *titles);
void table_cell(struct table *t, const char *text); /* NULL or "": "-" */
void table_cellf(struct table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void table_text(struct table *t, struct str *out); /* add its lines, and release it */
void table_print(struct table *t, FILE *to);       /* and release it */

#endif
