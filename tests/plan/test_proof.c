/* SPDX-License-Identifier: ISC */
/* Who may be down together: paths, anchors, the proof of each batch. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* All four spines at once would leave the leaves nothing but their peer. */
static void test_paths_split(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->job->role_limit = 4;
	fabric_choose(f, "spine01 spine02 spine03 spine04");
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);
	assert_string_equal(shape, "spine: spine01 spine02 spine03 | spine04");
	assert_int_equal(p->lower_bound, 1);
	assert_true(fabric_warned(p, "The plan has 2 batches; groups and sizes alone would allow 1"));
	free(shape);
	plan_free(p);
	fabric_free(f);
}

/* With pods, a batch takes one spine of each and not all of one. */
static void test_spread(void **state)
{
	struct fabric *f = fabric_clos(4, 1);
	(void)state;
	struct plan *p = fabric_plan(f);

	for (size_t k = 0; k < 4; k++)
		assert_string_equal(fabric_proof(p, 1, k, "at least 3 uplinks stay at every leaf")->detail,
				    "p000-leaf000 keeps 3 of 4");
	plan_free(p);
	fabric_free(f);
}

static void test_single_homed(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_device(f, "srv1", NULL);
	fabric_device(f, "srv2", NULL);
	fabric_link(f, "srv1", "leaf01");
	fabric_link(f, "srv2", "leaf01");
	fabric_choose(f, "leaf01 leaf03 srv2");
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);
	assert_string_equal(shape, "leaf: leaf01 leaf03; Stage1: srv2");
	assert_true(fabric_warned(p, "leaf01 switch cannot be upgraded without isolating srv1, srv2 which "
			      "are connected neighbors. Unable to upgrade"));
	assert_true(fabric_warned(p, "In this job too: srv2."));
	assert_int_equal(plan_device(p, fabric_find(f, "leaf01"))->isolates.n, 2);
	assert_int_equal(plan_device(p, fabric_find(f, "leaf03"))->isolates.n, 0);
	assert_false(fabric_proof(p, 0, 0, "every other device keeps a path")->holds);
	assert_string_equal(fabric_proof(p, 0, 0, "every other")->detail, "isolated: srv1, srv2");
	free(shape);
	plan_free(p);
	/* of one role, a device and what it cuts off do not go together */
	fabric_roles(f, false);
	fabric_expect(f, "Stage1: leaf01 leaf03 | srv2");
	fabric_free(f);
}

/* An anchor behind two devices keeps one of them; a part without anchor counts as lost. */
static void test_anchors(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_roles(f, false);
	f->inv->devices.v[fabric_find(f, "fw1")].anchor = true;
	f->inv->groups.n = 2; /* the borders are no pair now */
	fabric_choose(f, "border01 border02");
	fabric_expect(f, "Stage1: border01 | border02");
	fabric_choose(f, "border01 fw1");
	fabric_refused(f, ERR_INPUT, "fw1 is an anchor");
	f->inv->groups.n = 3;
	fabric_free(f);
}

/* Two anchors are the fabric, even against three devices without one. */
static void test_anchors_are_the_rest(void **state)
{
	struct fabric *f = fabric_new();
	static const char *const names[] = {"a1", "a2", "x", "b", "c", "d"};
	(void)state;

	for (size_t i = 0; i < LEN(names); i++) {
		fabric_device(f, names[i], NULL);
		f->inv->devices.v[i].anchor = i < 2;
		if (i)
			fabric_link_number(f, i - 1, i);
	}
	fabric_choose(f, "x");
	struct plan *p = fabric_plan(f);
	assert_true(fabric_warned(p, "x switch cannot be upgraded without isolating b, c, d which"));
	plan_free(p);
	f->in.jump_host = fabric_find(f, "d"); /* and where the operator sits, even more so */
	p = fabric_plan(f);
	assert_true(fabric_warned(p, "x switch cannot be upgraded without isolating a1, a2 which"));
	plan_free(p);
	fabric_free(f);
}

static void test_jump_host(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->in.jump_host = fabric_find(f, "leaf03");
	fabric_choose(f, "leaf01 leaf03 spine01");
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);
	assert_string_equal(shape, "spine: spine01; leaf: leaf01 | leaf03");
	assert_true(fabric_warned(p, "This machine is connected through leaf03"));
	free(shape);
	plan_free(p);
	fabric_free(f);
}

static void test_no_links(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->inv->links.n = 0;
	struct plan *p = fabric_plan(f);
	assert_int_equal(plan_batches(p), 7);
	assert_false(fabric_proof(p, 0, 0, "no links known: paths not proven")->holds);
	assert_true(fabric_warned(p, "The inventory has no links"));
	plan_free(p);
	fabric_free(f);
}

static void test_proof(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;
	struct plan *p = fabric_plan(f);

	assert_true(fabric_proof(p, 0, 0, "redundancy groups apart")->holds);
	assert_string_equal(fabric_proof(p, 1, 0, "redundancy groups apart")->detail,
			    "one member away in each of 2 groups");
	assert_string_equal(fabric_proof(p, 0, 0, "at most 2 of role spine at once")->detail, "2 of 4");
	assert_true(fabric_proof(p, 0, 0, "every other device keeps a path")->holds);
	assert_string_equal(fabric_proof(p, 0, 0, "at least 2 uplinks stay at every leaf")->detail,
			    "leaf01 keeps 2 of 4");
	assert_true(fabric_proof(p, 1, 0, "nobody else loses an uplink")->holds);
	assert_true(fabric_proof(p, 0, 0, "still true if any one more")->holds);
	/* a firewall hangs on both borders: with one away the other is its last */
	const struct plan_line *more = fabric_proof(p, 2, 0, "still true if any one more");
	assert_false(more->holds);
	assert_string_equal(more->detail, "if border02 fails too, fw1 is isolated");
	assert_string_equal(fabric_proof(p, 0, 0, "at most 4 devices in a batch")->detail, "2");
	plan_free(p);
	fabric_free(f);
}

/* A counter-example that no neighbour of the batch shows: the ring is cut two hops away. */
static void test_proof_far(void **state)
{
	struct fabric *f = fabric_new();
	char name[16];
	(void)state;

	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		fabric_device(f, name, NULL);
	}
	for (size_t i = 0; i < 8; i++)
		fabric_link_number(f, i, (i + 1) % 8);
	fabric_link_number(f, 8, 1); /* both neighbours of r0 keep two links */
	fabric_link_number(f, 8, 2);
	fabric_device(f, "x", NULL);
	fabric_link(f, "x", "r7");
	fabric_link(f, "x", "r6");
	fabric_choose(f, "r0");
	struct plan *p = fabric_plan(f);
	const struct plan_line *more = fabric_proof(p, 0, 0, "still true if any one more");
	assert_false(more->holds);
	assert_non_null(strstr(more->detail, "fails too"));
	assert_string_equal(more->detail, "if r2 fails too, r1 is isolated");
	plan_free(p);
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths_split),
	    cmocka_unit_test(test_spread),
	    cmocka_unit_test(test_single_homed),
	    cmocka_unit_test(test_anchors),
	    cmocka_unit_test(test_anchors_are_the_rest),
	    cmocka_unit_test(test_jump_host),
	    cmocka_unit_test(test_no_links),
	    cmocka_unit_test(test_proof),
	    cmocka_unit_test(test_proof_far),
	};

	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
