/* SPDX-License-Identifier: ISC */
/* Windows: their arithmetic, and plans that have to live with them. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void expect_window(int64_t start, int64_t end, int64_t now, int64_t wait, int64_t left)
{
	struct plan_window w = plan_window(start, end, now);

	assert_int_equal(w.wait_minutes, wait);
	assert_int_equal(w.left_minutes, left);
}

static void test_arithmetic(void **state)
{
	(void)state;
	expect_window(-1, -1, 100, 0, 0);
	expect_window(60, 240, 60, 0, 180);
	expect_window(60, 240, 239, 0, 1);
	expect_window(60, 240, 240, 1260, 180); /* the end is outside */
	expect_window(60, 240, 30, 30, 180);
	expect_window(60, 240, -1, 0, 180);
	/* 23:00-02:00 */
	expect_window(1380, 120, 1380, 0, 180);
	expect_window(1380, 120, 1439, 0, 121);
	expect_window(1380, 120, 0, 0, 120);
	expect_window(1380, 120, 119, 0, 1);
	expect_window(1380, 120, 120, 1260, 180);
	expect_window(1380, 120, 1379, 1, 180);
	expect_window(0, 0, 720, 0, 720); /* the whole day */
}

static void test_allows(void **state)
{
	struct job *job = job_new();
	(void)state;

	job->window_start = job->window_end = -1;
	assert_true(plan_window_allows(job, -1, 1));
	job->window_start = 1380;
	job->window_end = 120;
	assert_true(plan_window_allows(job, 100, 20 * 60000));
	assert_false(plan_window_allows(job, 100, 20 * 60000 + 1));
	assert_false(plan_window_allows(job, 600, 1));
	assert_false(
	    plan_window_allows(job, -1, 1)); /* who does not know the time must not start */
	job_free(job);
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

/* A batch takes 229 s; there and back at worst it is 681 s: 11 min 21 s. */
static void test_midnight(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "leaf01 leaf02 spine01");
	f->job->window_start = 1430; /* 23:50 */
	f->job->window_end = 5;
	struct plan *p = fabric_plan(f);
	assert_string_equal(window_line(p, 0, 0)->claim, "fits the window 23:50-00:05 with its way "
							 "back");
	assert_true(window_line(p, 0, 0)->holds);
	assert_string_equal(window_line(p, 0, 0)->detail, "starts 23:50, over by 00:02 at worst");
	/* 3 min 49 s later there are 11 min 11 s left: ten seconds too few */
	assert_false(window_line(p, 1, 0)->holds);
	assert_string_equal(window_line(p, 1, 0)->detail,
			    "waits for window 2: starts 23:50, over by 00:02");
	assert_string_equal(window_line(p, 1, 1)->detail,
			    "waits for window 3: starts 23:50, over by 00:02");
	assert_string_equal(p->warnings.v[p->warnings.n - 1],
			    "Batches 1 to 1 of 3 fit into the window 23:50-00:05. Batch 2 (leaf01) "
			    "would start in the next one; the job needs 3 windows.");
	plan_free(p);
	f->job->window_end = 6;
	p = fabric_plan(f);
	assert_true(window_line(p, 1, 0)->holds);
	assert_string_equal(window_line(p, 1, 0)->detail, "starts 23:53, over by 00:06 at worst");
	assert_false(window_line(p, 1, 1)->holds);
	plan_free(p);
	fabric_free(f);
}

static void test_late_start(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "spine01");
	f->job->window_start = 60;
	f->job->window_end = 120;
	f->in.now_minutes = 115;
	struct plan *p = fabric_plan(f);
	assert_false(window_line(p, 0, 0)->holds);
	assert_non_null(strstr(p->warnings.v[p->warnings.n - 1], "No batch fits"));
	plan_free(p);
	f->in.now_minutes = 100;
	p = fabric_plan(f);
	assert_true(window_line(p, 0, 0)->holds);
	assert_string_equal(window_line(p, 0, 0)->detail, "starts 01:40, over by 01:52 at worst");
	plan_free(p);
	f->in.now_minutes = 600; /* waits until it opens */
	p = fabric_plan(f);
	assert_string_equal(window_line(p, 0, 0)->detail, "starts 01:00, over by 01:12 at worst");
	plan_free(p);
	fabric_free(f);
}

static void test_too_short(void **state)
{
	struct fabric *f = fabric_reference();
	struct err e = {0};
	(void)state;

	f->job->window_start = 60;
	f->job->window_end = 71;
	assert_null(plan_make(&f->in, &e));
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "window 01:00-01:11: spine01, spine02 may need 11m21s"));
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_allows),
	    cmocka_unit_test(test_midnight),   cmocka_unit_test(test_late_start),
	    cmocka_unit_test(test_too_short),
	};

	return cmocka_run_group_tests_name("plan-window", tests, NULL, NULL);
}
