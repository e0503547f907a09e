/* SPDX-License-Identifier: ISC */
/*
 * A growing byte string. `struct str s = {0}` is an empty one; .buf is NULL or NUL-terminated
 * (the bytes may hold NULs of their own: use .len). The caller owns it: str_release() frees.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct str {
	char *buf;
	size_t len;
	size_t cap;
};

void str_add(struct str *s, const void *data, size_t n);
void str_puts(struct str *s, const char *text);      /* NULL adds nothing */
void str_putc(struct str *s, char c);
void str_printf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void str_vprintf(struct str *s, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void str_cut(struct str *s, size_t len);             /* keep the first len bytes */
void str_clear(struct str *s);                       /* empty, memory kept */
void str_release(struct str *s);                     /* empty, memory freed */
char *str_take(struct str *s);                       /* new owner; never NULL; s is empty after */
const char *str_text(const struct str *s);           /* never NULL; borrowed */

bool str_eq(const char *a, const char *b);           /* both NULL are equal */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* Bytes of a text without the full stop of its last sentence, for what is to go on behind it; all of
 * them when it ends otherwise (also with "..."). */
size_t str_without_stop(const char *s);

/* Split text at any byte of separators, empty parts dropped. The array ends with NULL and is one
 * block with its strings: free() it. *n (may be NULL) is the number of parts. */
char **str_split(const char *text, const char *separators, size_t *n);

#endif
