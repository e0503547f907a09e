/* SPDX-License-Identifier: ISC */
/* Version strings: numbers separated by dots, then an optional suffix ("4.2.1", "3.3.0~1493169975"). */
#ifndef MODEL_VERSION_H
#define MODEL_VERSION_H

#include <stdbool.h>

/* Letters, digits and . _ + ~ - only, a digit first, at most 64 bytes. */
bool version_valid(const char *v);

/* Like strcmp: number by number (3.7.9 < 3.7.12), missing numbers are 0; then the suffix, where
 * "~..." sorts before nothing and anything else after. */
int version_compare(const char *a, const char *b);

/* True if the first `parts` numbers are the same (parts 1: same major version). */
bool version_same(const char *a, const char *b, int parts);

#endif
