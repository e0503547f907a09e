/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/range.h"

#include <stdio.h>
#include <string.h>

/* All addresses, one by one. */
static uint64_t walk(const struct targets *t, char first[64], char last[64])
{
	struct targets_at at = {0};
	struct one_target one;
	uint64_t n = 0;
	while (targets_next(t, &at, &one)) {
		if (n++ == 0)
			snprintf(first, 64, "%s", one.address);
		snprintf(last, 64, "%s", one.address);
	}
	assert_false(targets_next(t, &at, &one));
	return n;
}

static void is(const char *text, size_t n, const char *first, const char *last)
{
	struct targets t = {0};
	struct err e = {0};
	char a[64] = "", b[64] = "";
	if (targets_add(&t, text, 22, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	if (targets_count(&t) != n || walk(&t, a, b) != n)
		fail_msg("%s: %zu addresses", text, (size_t)targets_count(&t));
	assert_string_equal(a, first);
	assert_string_equal(b, last);
	targets_release(&t);
}

/* A search that was stopped goes on with this address. */
static void skipped(void **state)
{
	static const struct {
		const char *range, *from, *first;
		size_t left; /* 0: it is none of them */
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.200", "192.0.2.200", 55},
	    {"192.0.2.0/24", "192.0.2.1", "192.0.2.1", 254},
	    {"192.0.2.0/24", "192.0.2.254", "192.0.2.254", 1},
	    {"192.0.2.7,10.0.0.0/24,leaf01.example.net,10.1.0.0/24", "10.0.0.254", "10.0.0.254", 256},
	    {"192.0.2.7,10.0.0.0/24,leaf01.example.net,10.1.0.0/24", "leaf01.example.net",
	     "leaf01.example.net", 255},
	    {"2001:db8::/88", "2001:0db8::00ff:0", "2001:db8::ff:0", 0xffff010000},
	    {"192.0.2.0/24", "192.0.2.0", NULL, 0},
	    {"192.0.2.0/24", "nobody", NULL, 0},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct targets t = {0};
		struct targets_at at = {0};
		struct one_target one;
		struct err e = {0};
		assert_int_equal(targets_add(&t, rows[i].range, 22, &e), 0);
		assert_int_equal(targets_skip(&t, rows[i].from, &e), rows[i].left ? 0 : -1);
		if (rows[i].left) {
			assert_int_equal(targets_count(&t), rows[i].left);
			assert_true(targets_next(&t, &at, &one));
			assert_string_equal(one.address, rows[i].first);
		} else {
			assert_int_equal(e.kind, ERR_INPUT);
			assert_non_null(strstr(e.text, "none of the addresses"));
		}
		targets_release(&t);
	}
}

static void ranges(void **state)
{
	(void)state;
	is("192.0.2.0/24", 254, "192.0.2.1", "192.0.2.254");
	is("192.0.2.77/24", 254, "192.0.2.1", "192.0.2.254");
	is("10.0.0.0/22", 1022, "10.0.0.1", "10.0.3.254"); /* .255 and .0 in the middle are hosts */
	is("192.0.2.4/31", 2, "192.0.2.4", "192.0.2.5");
	is("192.0.2.4/32", 1, "192.0.2.4", "192.0.2.4");
	is("192.0.2.0-192.0.2.255", 256, "192.0.2.0", "192.0.2.255");
	is("192.0.2.250-192.0.3.5", 12, "192.0.2.250", "192.0.3.5");
	is("192.168.0.24-64,128-190,235", 105, "192.168.0.24", "192.168.0.235");
	is("2001:db8::/120", 256, "2001:db8::", "2001:db8::ff");
	is("2001:db8::1-2001:db8::1f", 31, "2001:db8::1", "2001:db8::1f");
	is("2001:db8::1,2001:db8:1::2", 2, "2001:db8::1", "2001:db8:1::2");
	is("leaf-01.example.net, 192.0.2.9", 2, "leaf-01.example.net", "192.0.2.9");
	is("10.0.0.0/14", 262142, "10.0.0.1", "10.3.255.254");
	is("10.0.0.0/12", 1048574, "10.0.0.1", "10.15.255.254"); /* more than were once taken */
	is("255.255.255.250-255.255.255.255", 6, "255.255.255.250", "255.255.255.255");
	is("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 2,
	   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	is("2001:db8::fffe-2001:db8::1:1", 4, "2001:db8::fffe", "2001:db8::1:1");
}

/* Of any size, for the memory of one item. */
static void large(void **state)
{
	static const struct {
		const char *text;
		uint64_t n;
		const char *fifth;
	} rows[] = {
	    {"10.0.0.0/8", 16777214, "10.0.0.5"},
	    {"0.0.0.0/0", 4294967294, "0.0.0.5"},
	    {"0.0.0.0-255.255.255.255", 4294967296, "0.0.0.4"},
	    {"2001:db8::/96", 4294967296, "2001:db8::4"},
	    {"2001:db8::/88", (uint64_t)1 << 40, "2001:db8::4"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct targets t = {0};
		struct targets_at at = {0};
		struct one_target one = {0};
		struct err e = {0};
		assert_int_equal(targets_add(&t, rows[i].text, 22, &e), 0);
		targets_unique(&t);
		assert_int_equal(t.n, 1);
		assert_true(targets_count(&t) == rows[i].n);
		for (int k = 0; k < 5; k++)
			assert_true(targets_next(&t, &at, &one));
		assert_string_equal(one.address, rows[i].fifth);
		targets_release(&t);
	}
}

static void refused(const char *text, const char *part)
{
	struct targets t = {0};
	struct err e = {0};
	assert_int_equal(targets_add(&t, "192.0.2.1", 22, &e), 0);
	if (targets_add(&t, text, 22, &e) == 0)
		fail_msg("taken: %s", text);
	has(e.text, part);
	assert_int_equal(t.n, 1);
	assert_int_equal(targets_count(&t), 1);
	targets_release(&t);
}

static void mistakes(void **state)
{
	(void)state;
	refused("", "no address is named");
	refused("192.0.2.0/33", "is no network");
	refused("192.0.2.0/-1", "is no network");
	refused("192.0.2.0/", "is no network");
	refused("leaf01/24", "is no network");
	refused("192.0.2.9-192.0.2.1", "the end is not behind the beginning");
	refused("192.0.2.9-1", "the end is not behind the beginning");
	refused("192.0.2.9-2001:db8::1", "the end is not behind the beginning");
	refused("192.0.2.9-leaf", "expected an address behind");
	refused("24-64", "there is no network before it");
	refused("2001:db8::/87", "more than 2^40 addresses");
	refused("2001:db8::/64", "over 35 years");
	refused("::/0", "more than 2^40 addresses");
	refused("::-ffff::", "more than 2^40 addresses");
	refused("2001:db8::/88", "more than 2^40 addresses"); /* with the one before */
	refused("10.0.0.256", "is no IP address");
	refused("-oProxyCommand=x", "is no IP address");
	refused("a b;c", "is no IP address");
}

static void shows(const struct targets *t, const char *wanted)
{
	struct targets_at at = {0};
	struct one_target one;
	char text[512] = "";
	while (targets_next(t, &at, &one))
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 one.port == 22 ? "%s " : "%s:%d ", one.address, one.port);
	assert_string_equal(text, wanted);
}

static void doubles(void **state)
{
	struct targets t = {0};
	struct err e = {0};
	(void)state;
	assert_int_equal(targets_add(&t, "192.0.2.3,192.0.2.1-4,::ffff:192.0.2.2", 22, &e), 0);
	assert_int_equal(targets_add(&t, "192.0.2.1", 2222, &e), 0);
	targets_unique(&t);
	assert_int_equal(targets_count(&t), 5);
	shows(&t, "192.0.2.3 192.0.2.1 192.0.2.4 ::ffff:192.0.2.2 192.0.2.1:2222 ");
	targets_release(&t);
}

/* Ranges that overlap, in any way. */
static void overlaps(void **state)
{
	static const char *const rows[][2] = {
	    {"10.0.0.1-5,10.0.0.3-8", "1 2 3 4 5 6 7 8 "},
	    {"10.0.0.3-8,10.0.0.1-5", "3 4 5 6 7 8 1 2 "},
	    {"10.0.0.3-4,10.0.0.1-6", "3 4 1 2 5 6 "},
	    {"10.0.0.1-6,10.0.0.3-4", "1 2 3 4 5 6 "},
	    {"10.0.0.1-3,10.0.0.1-3", "1 2 3 "},
	    {"10.0.0.1-9,10.0.0.1,10.0.0.9,10.0.0.4", "2 3 5 6 7 8 1 9 4 "},
	    {"10.0.0.1-3,10.0.0.4-6,10.0.0.2-8", "1 2 3 4 5 6 7 8 "},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct targets t = {0};
		struct targets_at at = {0};
		struct one_target one;
		struct err e = {0};
		char text[128] = "";
		size_t n = 0;
		assert_int_equal(targets_add(&t, rows[i][0], 22, &e), 0);
		targets_unique(&t);
		for (; targets_next(&t, &at, &one); n++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
				 one.address + strlen("10.0.0."));
		assert_string_equal(text, rows[i][1]);
		assert_int_equal(targets_count(&t), n);
		targets_release(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ranges),
	    cmocka_unit_test(skipped), cmocka_unit_test(large),
					   cmocka_unit_test(mistakes), cmocka_unit_test(doubles),
					   cmocka_unit_test(overlaps)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
