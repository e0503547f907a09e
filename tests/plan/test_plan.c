/* SPDX-License-Identifier: ISC */
/* The planner on fabrics that a person can check by hand. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_all_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	/* two of four spines, two of four leaves, one of each pair, and what has no role last */
	fabric_expect(f, "spine: spine01 spine02 | spine03 spine04; leaf: leaf01 leaf03 | "
			"leaf02 leaf04; exit: border01 | border02; Stage1: fw1 fw2");
	struct plan *p = fabric_plan(f);
	assert_int_equal(p->lower_bound, 7);
	assert_int_equal(plan_batches(p), 7);
	plan_free(p);
	fabric_free(f);
}

static void test_no_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_roles(f, false);
	fabric_choose(f, "spine01 spine02 leaf01 leaf02 leaf03 leaf04");
	fabric_expect(f, "Stage1: spine01 spine02 leaf01 leaf03 | leaf02 leaf04");
	fabric_free(f);
}

static void test_some_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_roles(f, true);
	fabric_choose(f, "spine01 leaf01 leaf02");
	fabric_expect(f, "leaf: leaf01 | leaf02; Stage1: spine01");
	f->procedure.unstaged = "others";
	fabric_expect(f, "leaf: leaf01 | leaf02; others: spine01");
	fabric_free(f);
}

static void test_edge_first(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_order(f, "exit leaf spine");
	fabric_expect(f, "exit: border01 | border02; leaf: leaf01 leaf03 | leaf02 leaf04; "
			"spine: spine01 spine02 | spine03 spine04; Stage1: fw1 fw2");
	fabric_free(f);
}

static void test_order_mistakes(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_order(f, "spine exit");
	fabric_refused(f, ERR_INPUT, "leaf01, leaf02, leaf03, leaf04");
	fabric_refused(f, ERR_INPUT, "--order spine,exit,leaf");
	f->job->order[1][0] = 'E';
	fabric_refused(f, ERR_INPUT, "\"Exit\"");
	memcpy(f->job->order[1], "spine", 5);
	f->job->order[1] = xrealloc(f->job->order[1], 6, 1);
	strcpy(f->job->order[1], "spine");
	fabric_refused(f, ERR_INPUT, "twice");
	strcpy(f->job->order[1], "leaf");
	fabric_choose(f, "fw1");
	fabric_refused(f, ERR_INPUT, "leave --order out");
	fabric_free(f);
}

static void test_unknown_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_device(f, "tap1", "tap");
	fabric_device(f, "oob1", "oob");
	fabric_choose(f, "tap1 oob1 border01 fw1");
	fabric_expect(f, "exit: border01; tap: tap1; oob: oob1; Stage1: fw1");
	fabric_free(f);
}

static void test_firsts(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_choose(f, "leaf01 leaf02 leaf03 leaf04");
	fabric_fact(f, "leaf02", "mlag_role", "secondary");
	fabric_fact(f, "leaf01", "mlag_role", "primary");
	fabric_fact(f, "leaf03", "mlag_role", "secondary");
	fabric_expect(f, "leaf: leaf02 leaf03 | leaf01 leaf04");
	free(f->inv->devices.v[fabric_find(f, "leaf01")].role);
	f->inv->devices.v[fabric_find(f, "leaf01")].role = xstrdup("spine");
	fabric_refused(f, ERR_REFUSED, "leaf02 must go before leaf01");
	fabric_free(f);
}

static void test_canary(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->job->canary = true;
	fabric_choose(f, "spine01 spine02 spine03 spine04 leaf01 leaf03");
	fabric_expect(f, "spine: spine01 | spine02 spine03 | spine04; leaf: leaf01 leaf03");
	fabric_free(f);
}

static void test_limits(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	/* half of all spines there are, not of those in the job */
	fabric_choose(f, "spine01 spine02");
	fabric_expect(f, "spine: spine01 spine02");
	f->job->role_limit = 1;
	fabric_expect(f, "spine: spine01 | spine02");
	f->job->role_limit = 3;
	fabric_choose(f, "spine01 spine02 spine03 spine04");
	fabric_expect(f, "spine: spine01 spine02 spine03 | spine04");
	f->job->batch_size = 2;
	fabric_expect(f, "spine: spine01 spine02 | spine03 spine04");
	fabric_free(f);
}

static void test_same_input_same_plan(void **state)
{
	(void)state;
	struct fabric *a = fabric_reference(), *b = fabric_reference();
	struct plan *p = fabric_plan(a), *q = fabric_plan(b);

	assert_int_equal(strlen(p->fingerprint), 16);
	assert_string_equal(p->fingerprint, q->fingerprint);
	plan_free(q);
	b->job->batch_size = 1;
	q = fabric_plan(b);
	assert_string_not_equal(p->fingerprint, q->fingerprint);
	plan_free(p);
	plan_free(q);
	fabric_free(a);
	fabric_free(b);
}

static void check_width(const char *text, int width)
{
	char *copy = xstrdup(text), *save = NULL;

	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (utf8_width(l) > width)
			fail_msg("%d columns: %s", utf8_width(l), l);
	free(copy);
}

static void test_text(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_device(f, "srv1", NULL);
	fabric_link(f, "srv1", "leaf01");
	fabric_fact(f, "leaf01", "version", "3.7.11\033[31m"); /* a device may say anything */
	struct plan *p = fabric_plan(f);
	char *text = plan_text(p, f->job, 80);
	check_width(text, 80);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "Stages    spine -> leaf -> exit -> Stage1\n"));
	assert_non_null(strstr(text, "Stage 2: leaf, 4 devices in 2 batches\n"));
	assert_non_null(
	    strstr(text, "    leaf01  3.7.11<U+001B>[31m -> 3.7.12 (isolates others)\n"));
	assert_non_null(strstr(text, "[ok] redundancy groups apart: one member"));
	assert_non_null(strstr(text, "[NO] still true if any one more device fails: if border02"));
	free(text);
	text = plan_text(p, f->job, 40);
	check_width(text, 40);
	free(text);
	plan_free(p);
	fabric_free(f);
}

static void test_dot(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;
	struct plan *p = fabric_plan(f);

	free(f->job->name);
	f->job->name = xstrdup("a \"quoted\\ name");
	char *text = plan_dot(p, f->job);
	assert_non_null(strstr(text, "label=\"a \\\"quoted\\\\ name\""));
	assert_non_null(strstr(text, "[label=\"fw2\"]"));
	if (system("command -v dot >/dev/null 2>&1") == 0) {
		FILE *dot = popen("dot -Tsvg >/dev/null", "w");
		assert_non_null(dot);
		fputs(text, dot);
		assert_int_equal(pclose(dot), 0);
	}
	free(text);
	plan_free(p);
	fabric_free(f);
}

/* A kind of job by which nobody goes down: only how many are worked on at the same time counts. */
static void test_stays_up(void **state)
{
	static char *steps[] = {"backup", NULL}, *none[] = {NULL};
	struct job_kind kind = {.name = "look",
				.title = "look",
				.stays_up = true,
				.batch_size = 8,
				.steps = steps,
				.rollback = none};
	struct fabric *f = fabric_reference();
	struct method with = f->procedure.methods[0], *old = f->procedure.methods;
	struct err e = {0};
	(void)state;

	with.kinds = &kind;
	with.n_kinds = 1;
	f->procedure.methods = &with;
	f->procedure.n_methods = 1;
	struct plan *whole = fabric_plan(f);
	f->job->kind = xstrdup("look");
	struct plan *p = plan_make(&f->in, &e);
	if (!p)
		fail_msg("%s", e.text);
	assert_int_equal(p->stages.n, 1);
	assert_string_equal(p->stages.v[0].name, "look");
	assert_int_equal(p->stages.v[0].batches.n, 2); /* 12 devices, both of every pair at once */
	assert_int_equal(p->stages.v[0].batches.v[0].devices.n, 8);
	assert_int_equal(p->lower_bound, 2);
	assert_string_equal(p->stages.v[0].batches.v[0].proof.v[0].claim, "every device stays up");
	assert_int_equal(p->warnings.n, 0);
	assert_true(p->estimate_ms < whole->estimate_ms);
	assert_int_equal(plan_check(&f->in, p, &e), 0);
	/* the same plan for the whole way breaks every rule there is */
	free(f->job->kind);
	f->job->kind = NULL;
	assert_int_equal(plan_check(&f->in, p, &e), -1);
	f->job->kind = xstrdup("nope");
	assert_null(plan_make(&f->in, &e));
	assert_non_null(strstr(e.text, "has no jobs of kind \"nope\""));
	plan_free(whole);
	plan_free(p);
	f->procedure.methods = old;
	fabric_free(f);
}

/* Units: both members in one batch, the one that leads first; two units count as two devices. */
static void test_units(void **state)
{
	static char *follow[] = {"gate", NULL};
	struct fabric *f = fabric_reference();
	struct method with = f->procedure.methods[0], *old = f->procedure.methods;
	struct err e = {0};
	(void)state;

	with.followers = follow;
	f->procedure.methods = &with;
	f->procedure.unit_kind = "mlag";
	f->procedure.lead_fact = "rg0";
	f->procedure.lead_value = "primary";
	fabric_choose(f, "leaf01 leaf02 leaf03 leaf04");
	fabric_fact(f, "leaf02", "rg0", "primary");
	fabric_fact(f, "leaf03", "rg0", "primary");
	struct plan *p = fabric_plan(f);
	assert_int_equal(p->stages.n, 1);
	assert_int_equal(p->stages.v[0].batches.n, 1);
	assert_int_equal(p->stages.v[0].batches.v[0].devices.n, 4);
	const struct plan_line *one = fabric_proof(p, 0, 0, "each unit as one");
	assert_true(one->holds);
	assert_non_null(strstr(one->detail, "led by leaf02 ("));
	assert_non_null(strstr(one->detail, ", leaf03 ("));
	/* one member at another time than the other */
	struct plan *bad = fabric_write(f, "leaf: leaf02 leaf03 leaf04 | leaf01");
	assert_int_equal(plan_check(&f->in, bad, &e), -1);
	assert_non_null(strstr(e.text, "must be in one batch"));
	plan_free(bad);
	plan_free(p);
	fabric_choose(f, "leaf01 leaf02 leaf03");
	fabric_refused(f, ERR_INPUT, "are upgraded as one (group leaf03-04): choose both");
	f->procedure.unit_kind = f->procedure.lead_fact = f->procedure.lead_value = NULL;
	f->procedure.methods = old;
	fabric_free(f);
}

static void test_holds(void **state)
{
	struct fabric *f = fabric_reference();
	struct err e = {0};
	(void)state;

	f->job->hold_after = xcalloc(3, sizeof(char *));
	f->job->hold_after[0] = xstrdup("leaf");
	f->job->hold_after[1] = xstrdup("2");
	struct plan *p = fabric_plan(f); /* four stages */
	assert_false(fabric_warned(p, "Hold after"));
	plan_free(p);
	free(f->job->hold_after[1]);
	f->job->hold_after[1] = xstrdup("4");
	p = fabric_plan(f);
	assert_true(fabric_warned(p, "Hold after stage 4: it is the last one"));
	plan_free(p);
	free(f->job->hold_after[1]);
	f->job->hold_after[1] = xstrdup("5");
	assert_null(plan_make(&f->in, &e));
	assert_non_null(strstr(e.text, "hold after stage 5: this plan has the stages 1 to 4"));
	free(f->job->hold_after[1]);
	f->job->hold_after[1] = xstrdup("0");
	assert_null(plan_make(&f->in, &e));
	assert_non_null(strstr(e.text, "hold after stage 0:"));
	free(f->job->hold_after[1]);
	f->job->hold_after[1] = xstrdup("02"); /* would be compared with "2" */
	assert_null(plan_make(&f->in, &e));
	free(f->job->hold_after[1]);
	f->job->hold_after[1] = xstrdup("leaves");
	assert_null(plan_make(&f->in, &e));
	assert_non_null(strstr(e.text, "no stage of this job is called \"leaves\""));
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_roles),
	    cmocka_unit_test(test_no_roles),
	    cmocka_unit_test(test_some_roles),
	    cmocka_unit_test(test_edge_first),
	    cmocka_unit_test(test_order_mistakes),
	    cmocka_unit_test(test_unknown_roles),
	    cmocka_unit_test(test_firsts),
	    cmocka_unit_test(test_canary),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_same_input_same_plan),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_dot),
	    cmocka_unit_test(test_stays_up),
	    cmocka_unit_test(test_units),
	    cmocka_unit_test(test_holds),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
