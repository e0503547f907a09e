/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/range.h"

#include <stdio.h>

static void is(const char *text, size_t n, const char *first, const char *last)
{
	struct targets t = {0};
	struct err e = {0};
	if (targets_add(&t, text, 22, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	if (t.n != n)
		fail_msg("%s: %zu addresses", text, t.n);
	assert_string_equal(t.v[0].address, first);
	assert_string_equal(t.v[n - 1].address, last);
	targets_release(&t);
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
	refused("10.0.0.0/8", "more than 262144 addresses");
	refused("2001:db8::/32", "more than 262144 addresses");
	refused("::-ffff::", "more than 262144 addresses");
	refused("10.0.0.256", "is no IP address");
	refused("-oProxyCommand=x", "is no IP address");
	refused("a b;c", "is no IP address");
}

static void doubles(void **state)
{
	struct targets t = {0};
	struct err e = {0};
	(void)state;
	assert_int_equal(targets_add(&t, "192.0.2.3,192.0.2.1-4,::ffff:192.0.2.2", 22, &e), 0);
	assert_int_equal(targets_add(&t, "192.0.2.1", 2222, &e), 0);
	targets_unique(&t);
	assert_int_equal(t.n, 5);
	assert_string_equal(t.v[0].address, "192.0.2.3");
	assert_string_equal(t.v[1].address, "192.0.2.1");
	assert_int_equal(t.v[4].port, 2222);
	targets_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ranges), cmocka_unit_test(mistakes),
					   cmocka_unit_test(doubles)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
