/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((noreturn)) out_of_memory(size_t n, size_t size)
{
	fprintf(stderr, "hitless: out of memory (%zu x %zu bytes); 'hitless resume' continues a job\n",
	        n, size);
	abort();
}

void *xrealloc(void *old, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory(n, size);
	size_t bytes = n * size;
	void *p = realloc(old, bytes ? bytes : 1);
	if (!p)
		out_of_memory(n, size);
	return p;
}

void *xmalloc(size_t size)
{
	return xrealloc(NULL, 1, size);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);
	if (!p)
		out_of_memory(n, size);
	return p;
}

char *xmemdup(const void *data, size_t n)
{
	char *p = xmalloc(n + 1);
	if (n)
		memcpy(p, data, n);
	p[n] = '\0';
	return p;
}

char *xstrdup(const char *s)
{
	return s ? xmemdup(s, strlen(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
	return xmemdup(s, strnlen(s, n));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;
	if (vasprintf(&s, fmt, ap) < 0)
		out_of_memory(1, strlen(fmt));
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void wipe(void *data, size_t n)
{
	if (data && n)
		explicit_bzero(data, n);
}
