/* SPDX-License-Identifier: ISC */
/* plan_check() on plans that somebody wrote: each rule broken once, and only that one; and the same
 * rules at run time. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define GOOD                                                                                       \
	"spine: spine01 spine02 | spine03 spine04; leaf: leaf01 leaf03 | leaf02 leaf04; "          \
	"exit: border01 | border02; Stage1: fw1 fw2"

static void expect_allowed(const struct fabric *f, const char *shape)
{
	struct plan *p = fabric_write(f, shape);
	struct err e = {0};

	if (plan_check(&f->in, p, &e))
		fail_msg("%s: %s", shape, e.text);
	plan_free(p);
}

static void expect_broken(const struct fabric *f, const char *shape, const char *text)
{
	struct plan *p = fabric_write(f, shape);
	struct err e = {0};

	assert_int_equal(plan_check(&f->in, p, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	if (!strstr(e.text, text))
		fail_msg("\"%s\" is not in: %s", text, e.text);
	plan_free(p);
}

static void test_members(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	expect_allowed(f, GOOD);
	fabric_choose(f, "leaf01 leaf03");
	expect_allowed(f, "leaf: leaf01 leaf03");
	expect_broken(f, "leaf: leaf01", "leaves out leaf03");
	expect_broken(f, "leaf: leaf01 leaf03 | leaf02", "leaf02, which is not in the job");
	expect_broken(f, "leaf: leaf01 leaf03 | leaf01", "leaf01 twice");
	expect_broken(f, "leaf: leaf01 | | leaf03", "batch 2 of the plan is empty");
	struct plan *p = fabric_write(f, "leaf: leaf01 leaf03");
	struct plan_device *d = VEC_ADD(&p->devices);
	struct err e = {0};
	d->device = fabric_find(f, "leaf01");
	d->to = xstrdup("3.7.13");
	assert_int_equal(plan_check(&f->in, p, &e), -1);
	assert_non_null(strstr(e.text, "takes leaf01 to 3.7.13"));
	plan_free(p);
	f->job->hold_after = xcalloc(2, sizeof(char *));
	f->job->hold_after[0] = xstrdup("2");
	p = fabric_write(f, "leaf: leaf01 leaf03");
	assert_int_equal(plan_check(&f->in, p, &e), -1);
	assert_non_null(strstr(e.text, "hold after stage 2: this plan has the stages 1 to 1"));
	plan_free(p);
	fabric_free(f);
}

static void test_order(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "spine01 leaf01 fw1");
	expect_allowed(f, "spine: spine01; leaf: leaf01; Stage1: fw1");
	expect_broken(f, "leaf: leaf01; spine: spine01; Stage1: fw1",
		      "leaf01 comes before spine01");
	expect_broken(f, "Stage1: fw1; spine: spine01; leaf: leaf01", "fw1 comes before spine01");
	expect_broken(f, "spine: spine01 leaf01; Stage1: fw1", "mixes roles: spine01 and leaf01");
	fabric_order(f, "leaf spine");
	expect_allowed(f, "leaf: leaf01; spine: spine01; Stage1: fw1");
	expect_broken(f, "spine: spine01; leaf: leaf01; Stage1: fw1",
		      "spine01 comes before leaf01");
	fabric_free(f);
}

static void test_groups(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "leaf01 leaf02");
	expect_broken(f, "leaf: leaf01 leaf02", "leaf01 and leaf02 are both in batch 1");
	expect_allowed(f, "leaf: leaf01 | leaf02");
	fabric_fact(f, "leaf02", "mlag_role", "secondary");
	expect_broken(f, "leaf: leaf01 | leaf02", "leaf02 must go before leaf01");
	expect_allowed(f, "leaf: leaf02 | leaf01");
	fabric_group(f, "other", "leaf02 leaf03"); /* groups may share a device */
	fabric_choose(f, "leaf02 leaf03");
	expect_broken(f, "leaf: leaf02 leaf03", "redundancy group other");
	fabric_free(f);
}

static void test_sizes(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "spine01 spine02 spine03");
	expect_broken(f, "spine: spine01 spine02 spine03", "at most 2 may be away");
	f->job->role_limit = 3;
	expect_allowed(f, "spine: spine01 spine02 spine03");
	f->job->batch_size = 2;
	expect_broken(f, "spine: spine01 spine02 spine03", "the batch size is 2");
	f->job->canary = true;
	expect_broken(f, "spine: spine01 spine02 | spine03", "canary");
	expect_allowed(f, "spine: spine01 | spine02 spine03");
	fabric_free(f);
}

static void test_paths(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->job->role_limit = 4;
	fabric_choose(f, "spine01 spine02 spine03 spine04");
	expect_broken(f, "spine: spine01 spine02 spine03 spine04", "paths: batch 1 isolates");
	fabric_device(f, "srv1", "leaf");
	fabric_link(f, "srv1", "leaf01");
	fabric_choose(f, "leaf01 srv1");
	expect_allowed(f, "leaf: leaf01 | srv1"); /* there is no other plan */
	expect_broken(f, "leaf: leaf01 srv1", "srv1 is cut off by the others");
	fabric_choose(f, "leaf01 leaf03");
	f->in.jump_host = fabric_find(f, "leaf03");
	expect_broken(f, "leaf: leaf01 leaf03", "leaf03, which must be alone");
	fabric_free(f);
}

static void test_window(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "leaf01");
	/* 229 s there and 225 s back, and half as much again: 681 s */
	assert_int_equal(job_window(f->job, "01:00-01:10", NULL), 0);
	expect_broken(f, "leaf: leaf01", "leaf01 in batch 1 may need 11 minutes");
	assert_int_equal(job_window(f->job, "01:00-01:12", NULL), 0);
	expect_allowed(f, "leaf: leaf01");
	fabric_free(f);
}

/* --- run time
 * ------------------------------------------------------------------------------------- */

static void expect_start(const struct fabric *f, struct plan_guard *g, const char *away,
			 const char *device, const char *why)
{
	bool *flags = xcalloc(f->inv->devices.n, sizeof(*flags));
	char **names = str_split(away, " ", NULL);
	struct err e = {0};
	bool allowed;

	for (char **n = names; *n; n++)
		flags[fabric_find(f, *n)] = true;
	allowed = plan_may_start(g, flags, fabric_find(f, device), &e);
	if (allowed != !why)
		fail_msg("%s with %s away: %s", device, away, allowed ? "allowed" : e.text);
	if (why && !strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
	free(names);
	free(flags);
}

static void test_guard(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;
	fabric_device(f, "srv1", NULL);
	fabric_link(f, "srv1", "leaf01");
	f->job->role_limit = 4;
	struct plan_guard *g = plan_guard_new(&f->in);

	expect_start(f, g, "", "leaf01", NULL); /* isolates srv1, and always would */
	expect_start(f, g, "leaf01", "leaf02", "leaf02 waits for leaf01");
	expect_start(f, g, "leaf01", "leaf03", NULL);
	expect_start(f, g, "leaf01", "srv1", "srv1 waits: it has no path left itself");
	expect_start(f, g, "srv1", "leaf01", "without it, srv1 would be isolated");
	expect_start(f, g, "spine01 spine02", "spine03", NULL);
	expect_start(f, g, "spine01 spine02 spine03", "spine04", "without it, leaf01 would be");
	/* what is broken already does not stop the work elsewhere */
	expect_start(f, g, "border01 border02", "leaf03", NULL);
	plan_guard_free(g);
	f->job->role_limit = 0;
	f->in.jump_host = fabric_find(f, "leaf03");
	g = plan_guard_new(&f->in);
	expect_start(f, g, "spine01", "spine02", NULL);
	expect_start(f, g, "spine01 spine02", "spine03", "2 of role spine are away, at most 2");
	plan_guard_beside(g, true);
	expect_start(f, g, "spine01 spine02", "spine03",
		     "2 of role spine are away or will be, at most 2");
	plan_guard_beside(g, false);
	expect_start(f, g, "spine01", "leaf03", "connected through leaf03");
	expect_start(f, g, "leaf03", "spine01", "spine01 waits for leaf03");
	plan_guard_free(g);
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members), cmocka_unit_test(test_order),
	    cmocka_unit_test(test_groups),  cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_paths),   cmocka_unit_test(test_window),
	    cmocka_unit_test(test_guard),
	};

	return cmocka_run_group_tests_name("plan-check", tests, NULL, NULL);
}
