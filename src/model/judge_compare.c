/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/judge_parts.h"

#include "model/scheme.h"

#include <string.h>

/* A plain decimal number; not strtod(), which reads the locale, "inf" and "0x". */
static bool number(const char *text, double *out)
{
	double value = 0, unit = 1;
	const char *p = text + (*text == '-');
	size_t whole = strspn(p, "0123456789");
	if (whole == 0 || whole > 18)
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (*p - '0');
	if (*p == '.' && p[1])
		for (p++; *p >= '0' && *p <= '9'; p++)
			value += (*p - '0') * (unit /= 10);
	*out = *text == '-' ? -value : value;
	return *p == '\0';
}

static enum verdict truth(bool yes)
{
	return yes ? VERDICT_YES : VERDICT_NO;
}

static enum verdict compare_numbers(const char *text, enum test_op op, const char *with)
{
	double a, b;
	if (!number(text, &a) || !number(with, &b))
		return VERDICT_UNKNOWN;
	return truth(op == TEST_LEAST ? a >= b : a <= b);
}

/* By order: no answer where there is none. */
static enum verdict compare_order(enum version_order o, enum test_op op)
{
	if (o > VERSION_AFTER)
		return VERDICT_UNKNOWN;
	switch (op) {
	case TEST_LEAST:
		return truth(o != VERSION_BEFORE);
	case TEST_MOST:
		return truth(o != VERSION_AFTER);
	case TEST_ABOVE:
		return truth(o == VERSION_AFTER);
	default:
		return truth(o == VERSION_BEFORE);
	}
}

static enum verdict compare_versions(const struct scheme *s, const char *text, const struct test *t,
                                     const char *with)
{
	if (t->op == TEST_SAME_PARTS) {
		int same = scheme_same(s, text, with, t->parts);
		return same < 0 ? VERDICT_UNKNOWN : truth(same);
	}
	if (t->op == TEST_LEAST || t->op == TEST_MOST || t->op == TEST_ABOVE || t->op == TEST_BELOW)
		return compare_order(scheme_compare(s, text, with), t->op);
	enum version_order o = scheme_match(s, text, with);
	return o == VERSION_UNREADABLE ? VERDICT_UNKNOWN : truth(o == VERSION_SAME);
}

enum verdict judge_compare(const struct judge *j, const struct test *t, const char *text,
                           const char *with)
{
	if (j->kind == JUDGE_VERSION)
		return compare_versions(j->versions, text, t, with);
	if (t->op == TEST_LEAST || t->op == TEST_MOST)
		return compare_numbers(text, t->op, with);
	return truth(strcmp(text, with) == 0);
}
