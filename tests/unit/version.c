/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/version.h"

static void order(void **state)
{
	static const struct {
		const char *a, *b;
		int d;
	} rows[] = {
	    {"3.7.9", "3.7.12", -1},
	    {"3.7.12", "4.0.0", -1},
	    {"4.2", "4.2.0", 0},
	    {"4.2", "4.2.0.1", -1},
	    {"3.3.0~1", "3.3.0", -1},
	    {"3.3.0~2", "3.3.0~10", -1},
	    {"5.0", "5.0r1", -1},
	    {"18.2R1", "18.2R2", -1},
	    {"18.2R1-S9", "18.2R1-S10", -1},
	    {"23.4R1", "23.4R2-S3", -1},
	    {"1.0~rc1", "1.0-1", -1},
	    {"01.2", "1.2", 0},
	    {"99999999999999999999999", "99999999999999999999998", 1},
	    {"4.2.1", "4.2.1", 0},
	    {"5.6~lts", "5.6", -1},
	    {"10", "9", 1},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		int d = version_compare(rows[i].a, rows[i].b),
		    back = version_compare(rows[i].b, rows[i].a);
		if (d != rows[i].d || back != -rows[i].d)
			fail_msg("%s <> %s: %d, %d", rows[i].a, rows[i].b, d, back);
	}
}

static void same(void **state)
{
	(void)state;
	assert_true(version_same("4.2.1", "4.3", 1));
	assert_false(version_same("4.2.1", "4.3", 2));
	assert_true(version_same("4", "4.0", 2));
	assert_false(version_same("3.7", "4.7", 1));
	assert_true(version_same("4.2.1~x", "4.2.1", 3));
}

static void valid(void **state)
{
	static const char *const bad[] = {"", "a1", ".1", "1 2", "1;2", "-1", "1\n", "1/2", "${x}"};
	char longest[66];
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (version_valid(bad[i]))
			fail_msg("\"%s\" is valid", bad[i]);
	assert_true(version_valid("4.2.1"));
	assert_true(version_valid("3.3.0~1493169975"));
	assert_true(version_valid("23.4R2-S3.9"));
	memset(longest, '1', 65);
	longest[65] = '\0';
	assert_false(version_valid(longest));
	longest[64] = '\0';
	assert_true(version_valid(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),
	    cmocka_unit_test(same),
	    cmocka_unit_test(valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
