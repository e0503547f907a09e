/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct str *s, size_t more)
{
	size_t need = s->len + more + 1;
	if (need <= s->cap)
		return;
	size_t cap = s->cap ? s->cap : 32;
	while (cap < need)
		cap *= 2;
	s->buf = xrealloc(s->buf, cap, 1);
	s->cap = cap;
}

void str_add(struct str *s, const void *data, size_t n)
{
	reserve(s, n);
	if (n)
		memcpy(s->buf + s->len, data, n);
	s->len += n;
	s->buf[s->len] = '\0';
}

void str_puts(struct str *s, const char *text)
{
	if (text)
		str_add(s, text, strlen(text));
}

void str_putc(struct str *s, char c)
{
	reserve(s, 1);
	s->buf[s->len++] = c;
	s->buf[s->len] = '\0';
}

void str_vprintf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	if (n > 0) {
		reserve(s, (size_t)n);
		vsnprintf(s->buf + s->len, (size_t)n + 1, fmt, again);
		s->len += (size_t)n;
	}
	va_end(again);
}

void str_printf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(s, fmt, ap);
	va_end(ap);
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->buf[len] = '\0';
}

void str_clear(struct str *s)
{
	str_cut(s, 0);
}

void str_release(struct str *s)
{
	free(s->buf);
	*s = (struct str){0};
}

char *str_take(struct str *s)
{
	char *text = s->buf ? s->buf : xstrdup("");
	*s = (struct str){0};
	return text;
}

const char *str_text(const struct str *s)
{
	return s->buf ? s->buf : "";
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && strcmp(s + n - m, suffix) == 0;
}

size_t str_without_stop(const char *s)
{
	static const char wide[] = "\343\200\202"; /* an ideographic full stop */
	size_t n = strlen(s);
	if (str_ends(s, wide))
		return n - strlen(wide);
	return str_ends(s, ".") && !str_ends(s, "..") ? n - 1 : n;
}

static size_t count_parts(const char *text, const char *separators)
{
	size_t n = 0;
	for (const char *p = text + strspn(text, separators); *p; p += strspn(p, separators)) {
		n++;
		p += strcspn(p, separators);
	}
	return n;
}

char **str_split(const char *text, const char *separators, size_t *n)
{
	size_t parts = count_parts(text, separators), head = (parts + 1) * sizeof(char *);
	char **array = xmalloc(head + strlen(text) + 1);
	char *copy = (char *)array + head, *save = NULL;
	memcpy(copy, text, strlen(text) + 1);
	size_t i = 0;
	for (char *p = strtok_r(copy, separators, &save); p; p = strtok_r(NULL, separators, &save))
		array[i++] = p;
	array[i] = NULL;
	if (n)
		*n = parts;
	return array;
}
