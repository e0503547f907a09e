/* SPDX-License-Identifier: ISC */
/* Windows: their arithmetic, also over midnight and where the clocks change, and plans that have to
 * live with them. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static void zone(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

/* "2026-10-21 00:30" of the zone's standard or summer time. */
static int64_t at(const char *text)
{
	struct tm tm = {.tm_isdst = -1};
	assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
				&tm.tm_hour, &tm.tm_min),
			 5);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)mktime(&tm) * 1000;
}

/* The window that counts at `now`, and how many minutes it has in all. */
static void expect(const char *windows, const char *now, const char *span, int64_t minutes)
{
	struct windows w;
	struct window_span s = {0};
	struct err e = {0};

	assert_int_equal(windows_parse(windows, &w, &e), 0);
	assert_true(windows_at(&w, at(now), &s));
	char *text = window_span_text(&s);
	assert_string_equal(text, span);
	assert_int_equal((s.closes - s.opens) / MINUTE, minutes);
	free(text);
	windows_release(&w);
}

static void test_spans(void **state)
{
	(void)state;
	zone("UTC");
	expect("01:00-04:00", "2026-10-21 01:00", "2026-10-21 01:00-04:00", 180);
	expect("01:00-04:00", "2026-10-21 03:59", "2026-10-21 01:00-04:00", 180);
	expect("01:00-04:00", "2026-10-21 04:00", "2026-10-22 01:00-04:00", 180); /* end outside */
	expect("01:00-04:00", "2026-10-21 00:30", "2026-10-21 01:00-04:00", 180);
	expect("23:00-02:00", "2026-10-21 00:30", "2026-10-20 23:00-2026-10-21 02:00", 180);
	expect("23:00-02:00", "2026-10-21 02:00", "2026-10-21 23:00-2026-10-22 02:00", 180);
	expect("00:00-24:00", "2026-10-21 12:00", "2026-10-21 00:00-2026-10-22 00:00", 1440);
	expect("2026-10-21 22:00-04:00", "2026-10-01 12:00", "2026-10-21 22:00-2026-10-22 04:00",
	       360);
	expect("2026-10-24 22:00-2026-10-26 04:00", "2026-10-25 12:00",
	       "2026-10-24 22:00-2026-10-26 04:00", 1800);
	/* of several the one that is open, else the next */
	expect("2026-12-01 01:00-02:00, 2026-11-01 01:00-03:00", "2026-10-21 00:00",
	       "2026-11-01 01:00-03:00", 120);
	expect("2026-12-01 01:00-02:00,2026-11-01 01:00-03:00", "2026-11-01 03:00",
	       "2026-12-01 01:00-02:00", 60);
}

/* In the night of the 29th of March the hour from two to three is not there, in that of the 25th of
 * October it is there twice. */
static void test_clock_changes(void **state)
{
	(void)state;
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	expect("01:00-04:00", "2026-03-28 12:00", "2026-03-29 01:00-04:00", 120);
	expect("01:00-04:00", "2026-10-24 12:00", "2026-10-25 01:00-04:00", 240);
	expect("23:00-05:00", "2026-03-28 23:30", "2026-03-28 23:00-2026-03-29 05:00", 300);
	expect("01:00-04:00", "2026-03-29 12:00", "2026-03-30 01:00-04:00", 180);
	/* never longer than it says, also when it ends or begins in an hour that is not there */
	expect("01:00-02:30", "2026-03-28 12:00", "2026-03-29 01:00-03:30", 90);
	expect("2026-03-29 02:30-05:00", "2026-03-28 12:00", "2026-03-29 03:30-05:00", 90);
	expect("02:10-02:50", "2026-10-24 12:00", "2026-10-25 02:10-02:50", 40);
	zone("UTC");
}

static void refused(const char *text)
{
	struct windows w;
	struct err e = {0};

	if (windows_parse(text, &w, &e) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, text));
	assert_int_equal(w.n, 0);
}

static void test_texts(void **state)
{
	static const char *const good[] = {"01:00-04:00", "2026-10-21 22:00-04:00",
					   "2026-10-24 22:00-2026-10-26 04:00",
					   "01:00-02:00, 2026-10-21 03:00-04:00", ""};
	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		struct windows w;
		struct err e = {0};
		assert_int_equal(windows_parse(good[i], &w, &e), 0);
		char *text = windows_text(&w);
		assert_string_equal(text, good[i]);
		free(text);
		windows_release(&w);
	}
	refused("1:00-04:00");
	refused("01:00");
	refused("01:00-04:60");
	refused("01:00-25:00");
	refused("2026-02-30 01:00-04:00");
	refused("2026-10-26 22:00-2026-10-24 04:00"); /* over before it begins */
	refused("01:00-2026-10-24 04:00");
	refused("01:00-04:00 02:00-03:00");
	refused("01:00-04:00;");
}

static void test_over(void **state)
{
	struct windows w;
	struct window_span s;
	struct err e = {0};
	(void)state;

	assert_int_equal(windows_parse("2026-10-21 01:00-02:00", &w, &e), 0);
	assert_false(windows_at(&w, at("2026-10-21 02:00"), &s));
	assert_int_equal(windows_longest(&w, at("2026-10-21 02:00")), 0);
	assert_int_equal(windows_longest(&w, at("2026-10-21 01:45")), 15 * MINUTE);
	assert_int_equal(windows_longest(&w, at("2026-10-01 01:45")), HOUR);
	windows_release(&w);
}

static const struct plan_line *window_line(const struct plan *p, size_t stage, size_t batch)
{
	const struct plan_batch *b = &p->stages.v[stage].batches.v[batch];

	for (size_t i = 0; i < b->proof.n; i++)
		if (str_starts(b->proof.v[i].claim, "fits the window"))
			return &b->proof.v[i];
	fail_msg("no window line");
	return NULL;
}

static void set_window(struct fabric *f, const char *text)
{
	struct err e = {0};

	assert_int_equal(job_window(f->job, text, &e), 0);
}

/* A batch takes 229 s; there and back at worst it is 681 s: 11 min 21 s. */
static void test_midnight(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "leaf01 leaf02 spine01");
	set_window(f, "23:50-00:05");
	f->in.now = at("2026-10-21 12:00");
	struct plan *p = fabric_plan(f);
	assert_string_equal(window_line(p, 0, 0)->claim,
			    "fits the window 2026-10-21 23:50-2026-10-22 00:05 with its way back");
	assert_true(window_line(p, 0, 0)->holds);
	assert_string_equal(window_line(p, 0, 0)->detail,
			    "starts 2026-10-21 23:50, over by 2026-10-22 00:01 at worst");
	/* 3 min 49 s later there are 11 min 11 s left: ten seconds too few */
	assert_false(window_line(p, 1, 0)->holds);
	assert_string_equal(
	    window_line(p, 1, 0)->detail,
	    "waits for window 2: starts 2026-10-22 23:50, over by 2026-10-23 00:01");
	assert_int_equal(p->stages.v[1].batches.v[1].window, 3);
	assert_int_equal(p->stages.v[1].batches.v[1].starts, at("2026-10-23 23:50"));
	assert_string_equal(p->warnings.v[p->warnings.n - 1],
			    "Batches 1 to 1 of 3 fit into the window 23:50-00:05. Batch 2 (leaf01) "
			    "would start in the next one; the job needs 3 windows.");
	char *text = plan_windows_text(p);
	assert_string_equal(text, "3 windows are needed: over by 2026-10-23 23:53, with the way "
				  "back 2026-10-24 00:01");
	free(text);
	text = plan_text(p, f->job, 100);
	assert_non_null(strstr(text, "3 windows are needed"));
	assert_null(strstr(text, "after the start"));
	free(text);
	plan_free(p);
	/* of several the one that is meant */
	set_window(f, "2026-10-21 23:50-00:05, 2026-10-22 23:50-00:05, 2026-10-23 23:50-00:05");
	p = fabric_plan(f);
	assert_non_null(strstr(p->warnings.v[p->warnings.n - 1],
			       "fit into the window 2026-10-21 23:50-2026-10-22 00:05. Batch 2"));
	plan_free(p);
	set_window(f, "23:50-00:06");
	p = fabric_plan(f);
	assert_true(window_line(p, 1, 0)->holds);
	assert_int_equal(p->stages.v[1].batches.v[0].window, 1);
	assert_false(window_line(p, 1, 1)->holds);
	plan_free(p);
	fabric_free(f);
}

static void test_late_start(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "spine01");
	set_window(f, "01:00-02:00");
	f->in.now = at("2026-10-21 01:55");
	struct plan *p = fabric_plan(f);
	assert_false(window_line(p, 0, 0)->holds);
	assert_non_null(strstr(p->warnings.v[p->warnings.n - 1], "No batch fits"));
	plan_free(p);
	f->in.now = at("2026-10-21 01:40");
	p = fabric_plan(f);
	assert_true(window_line(p, 0, 0)->holds);
	assert_int_equal(p->stages.v[0].batches.v[0].starts, f->in.now);
	assert_int_equal(p->stages.v[0].batches.v[0].over, f->in.now + 681000);
	plan_free(p);
	fabric_free(f);
}

static void too_little(const char *window, const char *why)
{
	struct fabric *f = fabric_reference();
	struct err e = {0};

	set_window(f, window);
	f->in.now = at("2026-10-21 00:00");
	assert_null(plan_make(&f->in, &e));
	assert_int_equal(e.kind, ERR_REFUSED);
	if (!strstr(e.text, why))
		fail_msg("%s", e.text);
	fabric_free(f);
}

static void test_too_short(void **state)
{
	(void)state;
	too_little("01:00-01:11", "window 01:00-01:11: spine01, spine02 may need 11m21s");
	/* one night is not enough for six batches, and there is no other */
	too_little("2026-10-21 01:00-01:20", "fits into nothing of what is left");
	too_little("2026-10-20 01:00-05:00",
		   "window 2026-10-20 01:00-05:00: this window is over, it ended at 2026-10-20 05:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spans),     cmocka_unit_test(test_clock_changes),
	    cmocka_unit_test(test_texts),     cmocka_unit_test(test_over),
	    cmocka_unit_test(test_midnight),  cmocka_unit_test(test_late_start),
	    cmocka_unit_test(test_too_short),
	};

	zone("UTC");
	return cmocka_run_group_tests_name("plan-window", tests, NULL, NULL);
}
