/* SPDX-License-Identifier: ISC */
/* Where a raw word, and each thing in it, ends. */
#include "config.h"

#include "lab/shell.h"

#include <ctype.h>
#include <string.h>

size_t word_skip_single(const char *at)
{
	const char *end = strchr(at + 1, '\'');
	return end ? (size_t)(end - at) + 1 : 0;
}

/* From "$(" or "(": up to the bracket that closes it. */
static size_t skip_brackets(const char *at, char open, char close)
{
	int depth = 0;
	for (const char *c = at; *c; c++) {
		if (*c == '\\' && c[1]) {
			c++;
		} else if (*c == '\'') {
			size_t n = word_skip_single(c);
			if (!n)
				return 0;
			c += n - 1;
		} else if (*c == '"') {
			for (c++; *c && *c != '"'; c++)
				c += *c == '\\' && c[1];
			if (!*c)
				return 0;
		} else if (*c == open) {
			depth++;
		} else if (*c == close && --depth == 0) {
			return (size_t)(c - at) + 1;
		}
	}
	return 0;
}

size_t word_skip_dollar(const char *at)
{
	if (at[1] == '(') {
		size_t n = skip_brackets(at + 1, '(', ')');
		return n ? n + 1 : 0;
	}
	if (at[1] == '{') {
		size_t n = skip_brackets(at + 1, '{', '}');
		return n ? n + 1 : 0;
	}
	if (isalpha((unsigned char)at[1]) || at[1] == '_') {
		size_t n = 1;
		while (isalnum((unsigned char)at[n]) || at[n] == '_')
			n++;
		return n;
	}
	return at[1] && strchr("?@*#$!0123456789-", at[1]) ? 2 : 1;
}

size_t word_skip_backquote(const char *at)
{
	for (size_t n = 1; at[n]; n++) {
		if (at[n] == '\\' && at[n + 1])
			n++;
		else if (at[n] == '`')
			return n + 1;
	}
	return 0;
}

size_t word_skip_double(const char *at)
{
	for (size_t n = 1; at[n];) {
		size_t step = 1;
		if (at[n] == '"')
			return n + 1;
		if (at[n] == '\\' && at[n + 1])
			step = 2;
		else if (at[n] == '$')
			step = word_skip_dollar(at + n);
		else if (at[n] == '`')
			step = word_skip_backquote(at + n);
		if (!step)
			return 0;
		n += step;
	}
	return 0;
}

size_t word_skip(const char *at)
{
	size_t n = 0;
	while (at[n] && !strchr(" \t\r\n;&|<>()", at[n])) {
		size_t step = 1;
		if (at[n] == '\\' && at[n + 1])
			step = 2;
		else if (at[n] == '\'')
			step = word_skip_single(at + n);
		else if (at[n] == '"')
			step = word_skip_double(at + n);
		else if (at[n] == '$')
			step = word_skip_dollar(at + n);
		else if (at[n] == '`')
			step = word_skip_backquote(at + n);
		if (!step)
			return 0;
		n += step;
	}
	return n;
}
