/* SPDX-License-Identifier: ISC */
/*
 * Memory that never fails: when the system has none left, the program says so and aborts.
 * A job survives that: its journal is durable and `hitless resume` goes on from it.
 * Sizes are checked for overflow. All results are released with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define UNUSED __attribute__((unused))
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *old, size_t n, size_t size);
char *xstrdup(const char *s);          /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xmemdup(const void *data, size_t n); /* adds a terminating NUL */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

/* Overwrite n bytes in a way that the compiler may not drop: for secrets. */
void wipe(void *data, size_t n);

#endif
