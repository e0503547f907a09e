/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/version.h"

#include <stddef.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

bool version_valid(const char *v)
{
	size_t n = strlen(v);
	return n >= 1 && n <= 64 && strspn(v, DIGITS LETTERS "._+~-") == n && strspn(v, DIGITS) > 0;
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

/* Compare two runs of digits of any length by value; both are moved behind them. */
static int compare_numbers(const char **a, const char **b)
{
	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	size_t n = strspn(*a, DIGITS), m = strspn(*b, DIGITS);
	int d = n != m ? (n < m ? -1 : 1) : sign(memcmp(*a, *b, n));
	*a += n;
	*b += m;
	return d;
}

/* "~" is before the end, the end before letters, letters before the rest. */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (c == '\0' || strchr(DIGITS, c))
		return 0;
	return strchr(LETTERS, c) ? (unsigned char)c : (unsigned char)c + 256;
}

/* The order of Debian's package versions: text by weight and numbers by value, in turn. */
static int compare_suffixes(const char *a, const char *b)
{
	while (*a || *b) {
		while (weight(*a) != 0 || weight(*b) != 0) {
			if (weight(*a) != weight(*b))
				return sign(weight(*a) - weight(*b));
			a++;
			b++;
		}
		int d = compare_numbers(&a, &b);
		if (d)
			return d;
	}
	return 0;
}

/* Step over ".12" to the next number; false when there is none. */
static bool next_number(const char **v)
{
	if (**v != '.' || !strspn(*v + 1, DIGITS))
		return false;
	(*v)++;
	return true;
}

/* Compare at most `parts` leading numbers (0: all); *a and *b end behind them. */
static int compare_heads(const char **a, const char **b, int parts)
{
	static const char zero[] = "0";
	bool more_a = strspn(*a, DIGITS) > 0, more_b = strspn(*b, DIGITS) > 0;
	for (int i = 0; (more_a || more_b) && (parts == 0 || i < parts); i++) {
		const char *none = zero;
		int d = compare_numbers(more_a ? a : &none, more_b ? b : &none);
		if (d)
			return d;
		more_a = more_a && next_number(a);
		more_b = more_b && next_number(b);
	}
	return 0;
}

int version_compare(const char *a, const char *b)
{
	int d = compare_heads(&a, &b, 0);
	return d ? d : compare_suffixes(a, b);
}

bool version_same(const char *a, const char *b, int parts)
{
	return parts < 1 || compare_heads(&a, &b, parts) == 0;
}
