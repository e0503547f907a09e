/* SPDX-License-Identifier: ISC */
/* Two small languages of the shell: arithmetic of $((...)) and patterns of case and file names. */
#include "config.h"

#include "lab/shell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct sum {
	struct sh *sh;
	const char *at;
	int depth;
};

static long sum_level(struct sum *s, int level);

static long sum_atom(struct sum *s)
{
	s->at += strspn(s->at, " \t\n");
	if (++s->depth > 50)
		return 0;
	long value = 0;
	if (*s->at == '(') {
		s->at++;
		value = sum_level(s, 0);
		s->at += strspn(s->at, " \t\n");
		s->at += *s->at == ')';
	} else if (*s->at == '-' || *s->at == '!' || *s->at == '+') {
		char sign = *s->at++;
		value = sum_atom(s);
		value = sign == '-'   ? (long)(0UL - (unsigned long)value)
			: sign == '!' ? !value
				      : value;
	} else if (isdigit((unsigned char)*s->at)) {
		char *end;
		value = strtol(s->at, &end, 0);
		s->at = end;
	} else {
		s->at += *s->at == '$';
		size_t n = 0;
		while (isalnum((unsigned char)s->at[n]) || s->at[n] == '_')
			n++;
		char *name = xstrndup(s->at, n);
		const char *text = sh_get(s->sh, name);
		value = text ? strtol(text, NULL, 0) : 0;
		free(name);
		s->at += n;
	}
	s->depth--;
	return value;
}

static const struct sum_operator {
	const char *text;
	int level;
} sum_operators[] = {
    {"||", 0}, {"&&", 1}, {"==", 2}, {"!=", 2}, {"<=", 3}, {">=", 3}, {"<", 3},
    {">", 3},  {"+", 4},  {"-", 4},  {"*", 5},  {"/", 5},  {"%", 5},
};

static long sum_apply(const char *op, long a, long b)
{
	unsigned long ua = (unsigned long)a, ub = (unsigned long)b;
	switch (op[0]) {
	case '|':
		return a || b;
	case '&':
		return a && b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return op[1] ? a <= b : a < b;
	case '>':
		return op[1] ? a >= b : a > b;
	case '+':
		return (long)(ua + ub);
	case '-':
		return (long)(ua - ub);
	case '*':
		return (long)(ua * ub);
	case '/':
		return b && b != -1 ? a / b : 0;
	case '%':
		return b && b != -1 ? a % b : 0;
	default:
		return 0;
	}
}

static long sum_level(struct sum *s, int level)
{
	if (level > 5)
		return sum_atom(s);
	long value = sum_level(s, level + 1);
	for (;;) {
		s->at += strspn(s->at, " \t\n");
		const char *op = NULL;
		for (size_t i = 0; i < LEN(sum_operators) && !op; i++)
			if (sum_operators[i].level == level &&
			    str_starts(s->at, sum_operators[i].text))
				op = sum_operators[i].text;
		if (!op)
			return value;
		s->at += strlen(op);
		value = sum_apply(op, value, sum_level(s, level + 1));
	}
}

long sum_value(struct sh *sh, const char *text)
{
	struct sum s = {.sh = sh, .at = text};
	return sum_level(&s, 0);
}

static bool match_class(const char **pattern, char c)
{
	const char *p = *pattern + 1;
	bool negated = *p == '!' || *p == '^', hit = false;
	p += negated;
	const char *first = p;
	for (; *p && (*p != ']' || p == first); p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			hit |= (unsigned char)c >= (unsigned char)p[0] &&
			       (unsigned char)c <= (unsigned char)p[2];
			p += 2;
		} else {
			hit |= *p == c;
		}
	}
	*pattern = *p ? p + 1 : p;
	return hit != negated;
}

bool word_match(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;
	while (*text) {
		const char *next = pattern;
		bool hit = false;
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
			continue;
		}
		if (*pattern == '?') {
			hit = true;
			next = pattern + 1;
		} else if (*pattern == '[' && strchr(pattern + 1, ']')) {
			hit = match_class(&next, *text);
		} else {
			next += *next == '\\' && next[1];
			hit = *next == *text;
			next++;
		}
		if (hit) {
			pattern = next;
			text++;
		} else if (star) {
			pattern = star;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
