/* SPDX-License-Identifier: ISC */
/* What each box may do, and the order of versions as the box sees it. */
#include "config.h"

#include "lab/srx.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct srx_model models[] = {
    {"srx5800", "10.4R4", "17.3", true, .snapshot = true},
    {"srx5600", "10.4R4", "17.3", true, .snapshot = true},
    {"srx5400", "12.1X46-D20", "17.3", true, .snapshot = true},
    {"srx1500", "15.1X49-D70", "17.4", false, .long_hold = true},
    {"srx4100", "15.1X49-D80", "17.4", false, .long_hold = true},
    {"srx4200", "15.1X49-D80", "17.4", false, .long_hold = true},
    {"srx4600", "17.4R1", NULL, false, .long_hold = true},
    {"srx1600", "23.4R1", NULL, false, .vmhost = true},
    {"srx2300", "23.4R1", NULL, false, .vmhost = true},
    {"srx4300", "24.2R1", NULL, false, .vmhost = true},
    {"srx300", NULL, NULL, false, .icu = true, .snapshot = true},
    {"srx320", NULL, NULL, false, .icu = true, .snapshot = true},
    {"srx340", NULL, NULL, false, .icu = true, .snapshot = true},
    {"srx345", NULL, NULL, false, .icu = true, .snapshot = true},
    {"srx380", NULL, NULL, false, .icu = true, .snapshot = true},
    {"vsrx", NULL, NULL, false, .snapshot = true},
};

const struct srx_model *srx_model_of(const struct platform *p)
{
	for (size_t i = 0; i < LEN(models); i++)
		if (str_eq(models[i].product, p->product))
			return &models[i];
	return NULL;
}

/* 23.4R2-S3.9: train, letter, and then numbers up to the end. */
struct version {
	long train[2], numbers[3]; /* R or D (or the branch of an X and its D), S, spin */
	char type;
	long branch;
};

static struct version parse(const char *text)
{
	struct version v = {0};
	char *at;
	v.train[0] = strtol(text, &at, 10);
	v.train[1] = *at == '.' ? strtol(at + 1, &at, 10) : 0;
	v.type = (char)toupper((unsigned char)*at);
	if (!v.type)
		return v;
	long n = strtol(at + 1, &at, 10);
	if (v.type == 'X') {
		v.branch = n;
		n = str_starts(at, "-D") ? strtol(at + 2, &at, 10) : 0;
	}
	v.numbers[0] = n;
	if (str_starts(at, "-S"))
		v.numbers[1] = strtol(at + 2, &at, 10);
	if (*at == '.')
		v.numbers[2] = strtol(at + 1, &at, 10);
	return v;
}

static int order_of(long a, long b)
{
	return a < b ? -1 : a > b;
}

bool srx_version_order(const char *a, const char *b, int *order)
{
	struct version x = parse(a), y = parse(b);
	*order = 0;
	for (int i = 0; !*order && i < 2; i++)
		*order = order_of(x.train[i], y.train[i]);
	if (!*order && (x.type != y.type || x.branch != y.branch))
		return false;
	for (int i = 0; !*order && i < 3; i++)
		*order = order_of(x.numbers[i], y.numbers[i]);
	return true;
}
