/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/judge_parts.h"

#include "model/version.h"

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

static enum verdict compare_versions(const char *text, const struct test *t, const char *with)
{
	if (!version_valid(text) || !version_valid(with))
		return VERDICT_UNKNOWN;
	if (t->op == TEST_SAME_PARTS)
		return truth(version_same(text, with, t->parts));
	int d = version_compare(text, with);
	switch (t->op) {
	case TEST_LEAST:
		return truth(d >= 0);
	case TEST_MOST:
		return truth(d <= 0);
	case TEST_ABOVE:
		return truth(d > 0);
	case TEST_BELOW:
		return truth(d < 0);
	default:
		return truth(d == 0);
	}
}

enum verdict judge_compare(const struct judge *j, const struct test *t, const char *text,
                           const char *with)
{
	if (j->kind == JUDGE_VERSION)
		return compare_versions(text, t, with);
	if (t->op == TEST_LEAST || t->op == TEST_MOST)
		return compare_numbers(text, t->op, with);
	return truth(strcmp(text, with) == 0);
}
