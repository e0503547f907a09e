/* SPDX-License-Identifier: ISC */
/* A search through a range of any size: what is kept, what is only counted, and Ctrl-C. The one who
 * asks is a fake. */
#include "config.h"

#include "help.h"

#include "model/values.h"
#include "run/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake {
	size_t asked, pieces, most; /* addresses; calls; the largest of them */
	size_t stop_at;             /* progress() stops there; 0: never */
};

/* Somebody is at 10.x.y.10 of every 16th /24 network. */
static bool at_home(const char *address)
{
	unsigned a, b, c, d;
	char more;
	assert_int_equal(sscanf(address, "%u.%u.%u.%u%c", &a, &b, &c, &d, &more), 4);
	return d == 10 && c % 16 == 0;
}

static int knock(void *ctx, const struct inventory *inv, const size_t *devices, size_t n,
		 const struct pace *pace, int (*progress)(void *ctx, size_t done, size_t total),
		 void *progress_ctx, struct contacts *out, struct err *e)
{
	struct fake *f = ctx;
	int stopped = 0;
	assert_int_equal(pace->per_second, 1000);
	f->pieces++;
	f->most = n > f->most ? n : f->most;
	for (size_t i = 0; i < n; i++) {
		struct contact k = {.device = devices[i], .verdict = KNOWN_NOT};
		const char *address = inv->devices.v[devices[i]].address;
		if (stopped)
			err_set(&k.e, ERR_CANCELLED, "not asked");
		else if (at_home(address))
			k.line = xasprintf("%s ssh-ed25519 AAAA", address);
		else
			err_set(&k.e, ERR_NETWORK, "nobody");
		VEC_PUSH(out, k);
		f->asked += !stopped;
		stopped = stopped || progress(progress_ctx, i + 1, n) != 0;
	}
	return stopped ? err_set(e, ERR_CANCELLED, "stopped") : 0;
}

static int watch(void *ctx, size_t done, size_t total)
{
	const struct fake *f = ctx;
	assert_true(done <= total);
	return f->stop_at && done >= f->stop_at;
}

static int search(struct fake *f, const struct inventory *inv, const struct targets *t,
		  struct discovery *out, struct err *e)
{
	static const struct pace pace = {.per_second = 1000};
	const struct knocker knocker = {knock, f};
	return discover_walk(&knocker, inv, t, &pace, watch, f, out, e);
}

static void add_ranges(struct targets *t, const char *text)
{
	struct err e = {0};
	good(targets_add(t, text, 22, &e), &e);
	targets_unique(t);
}

/* More addresses than were once allowed: rows are kept of few of them. */
static void a_large_range(void **state)
{
	struct targets t = {0};
	struct discovery d;
	struct fake f = {0};
	struct err e = {0};
	struct inventory *inv = inventory_new();
	struct device *known = VEC_ADD(&inv->devices);
	(void)state;
	known->name = xstrdup("leaf01");
	known->address = xstrdup("10.0.7.7");
	known->port = 22;
	add_ranges(&t, "10.0.0.0/12");
	good(search(&f, inv, &t, &d, &e), &e);
	assert_int_equal(d.addresses, 1048574);
	assert_int_equal(f.asked, 1048573);
	assert_true(f.most <= 4096 && f.pieces == 256);
	assert_int_equal(d.count[FOUND_NEW_KEY], 4096 / 16);
	assert_int_equal(d.count[FOUND_KNOWN], 1);
	assert_int_equal(d.count[FOUND_NO_ANSWER], 1048574 - 256 - 1);
	assert_int_equal(d.count[FOUND_WAITING], 0);
	assert_int_equal(d.silent, FOUND_SILENT_MOST);
	assert_int_equal(d.n, FOUND_SILENT_MOST + 256 + 1);
	assert_string_equal(d.v[d.n - 1].address, "10.15.240.10"); /* of the last piece */
	assert_string_equal(d.v[d.n - 1].line, "10.15.240.10 ssh-ed25519 AAAA");
	assert_false(discover_some_left(&d));
	discovery_release(&d);
	targets_release(&t);
	inventory_free(inv);
}

/* Stopped in the middle: what was seen counts, and nobody says anything of the rest. */
static void stopped(void **state)
{
	struct targets t = {0};
	struct discovery d;
	struct fake f = {.stop_at = 100000};
	struct err e = {0};
	struct inventory *inv = inventory_new();
	(void)state;
	add_ranges(&t, "10.0.0.0/8");
	bad(search(&f, inv, &t, &d, &e), &e, ERR_CANCELLED,
	    "stopped after 100000 of 16777214 addresses");
	assert_int_equal(f.asked, 100000);
	assert_int_equal(d.count[FOUND_NEW_KEY], 25);
	assert_int_equal(d.count[FOUND_NO_ANSWER], 100000 - 25);
	assert_int_equal(d.count[FOUND_WAITING], 16777214 - 100000);
	assert_int_equal(d.n, FOUND_SILENT_MOST + 25);
	assert_false(discover_some_left(&d)); /* nobody approved */
	discovery_release(&d);
	targets_release(&t);
	inventory_free(inv);
}

/* Whatever is known, and wherever it stops: the counts make up the range, the words say the same, and
 * with what was not asked it goes on. */
static void counts_make_up_the_range(void **state)
{
	static const size_t stops[] = {1, 9, 250, 4095, 4096, 4097, 5000};
	struct inventory *inv = inventory_new();
	struct device *known = VEC_ADD(&inv->devices);
	(void)state;
	known->name = xstrdup("leaf01");
	known->address = xstrdup("10.0.0.7");
	known->port = 22;
	for (size_t i = 0; i < LEN(stops); i++) {
		struct targets t = {0};
		struct discovery d;
		struct fake f = {.stop_at = stops[i]};
		struct err e = {0};
		size_t sum = 0, asked = 0, total = 0;
		char words[80], first[64];
		add_ranges(&t, "10.0.0.0/18");
		assert_int_equal(search(&f, inv, &t, &d, &e), -1);
		for (int k = 0; k < FOUND_KINDS; k++)
			sum += d.count[k];
		assert_int_equal(sum, d.addresses);
		snprintf(words, sizeof(words), "stopped after %zu of 16382 addresses",
			 sum - d.count[FOUND_WAITING]);
		assert_string_equal(e.text, words);
		assert_non_null(d.next);
		snprintf(first, sizeof(first), "%s", d.next);
		asked = f.asked;
		discovery_release(&d);

		f = (struct fake){0};
		good(targets_skip(&t, first, &e), &e);
		good(search(&f, inv, &t, &d, &e), &e);
		total = asked + f.asked;
		assert_int_equal(total, 16381); /* all but the known one, nobody twice */
		assert_null(d.next);
		discovery_release(&d);
		targets_release(&t);
	}
	inventory_free(inv);
}

/* Whom a file names has a row in any case. */
static void named(void **state)
{
	struct targets t = {0};
	struct discovery d;
	struct fake f = {0};
	struct err e = {0};
	struct inventory *inv = inventory_new();
	(void)state;
	add_ranges(&t, "10.0.0.0/15");
	VEC_PUSH(&t,
		 ((struct target){
		     .name = xstrdup("exit01"), .address = xstrdup("10.1.255.77"), .port = 22}));
	targets_unique(&t);
	good(search(&f, inv, &t, &d, &e), &e);
	assert_int_equal(d.addresses, 131070);
	assert_string_equal(d.v[d.n - 1].wanted, "exit01");
	assert_int_equal(d.v[d.n - 1].class, FOUND_NO_ANSWER);
	assert_string_equal(d.v[d.n - 1].why, "nobody");
	discovery_release(&d);
	targets_release(&t);
	inventory_free(inv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_large_range),
					   cmocka_unit_test(stopped),
	    cmocka_unit_test(counts_make_up_the_range), cmocka_unit_test(named)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
