/* SPDX-License-Identifier: ISC */
/* The plans of a fabric upgrade with the shipped procedure: worked examples, and what is said about
 * each batch. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct procedure *shipped;

static int load(void **state)
{
	struct err e = {0};
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/src/procedures/junos-hitless.json", top ? top : ".");

	(void)state;
	shipped = procedure_load(path, &e);
	if (!shipped)
		print_error("%s\n", e.text);
	free(path);
	return shipped ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	procedure_free(shipped);
	return 0;
}

/* "l1 s1:spine b1:leaf#dc-gateway+rr x:": a leaf unless a role is given; tags behind a '#'. */
static struct fabric *make(const char *devices, const char *groups)
{
	struct fabric *f = fabric_new();
	char **list = str_split(devices, " ", NULL), **sets = str_split(groups, ",", NULL);

	for (char **d = list; *d; d++) {
		char *tags = strchr(*d, '#'), *role;
		if (tags)
			*tags++ = '\0';
		role = strchr(*d, ':');
		if (role)
			*role++ = '\0';
		size_t n = fabric_device(f, *d, !role ? "leaf" : *role ? role : NULL);
		char **words = str_split(tags ? tags : "", "+", NULL);
		f->inv->devices.v[n].tags = strings_copy(words);
		free(words);
	}
	for (char **g = sets; *g; g++)
		fabric_group(f, *g, *g);
	free(list);
	free(sets);
	fabric_choose(f, NULL);
	f->in.procedure = shipped;
	procedure_defaults(shipped, &f->job->parameters);
	return f;
}

static void expect(const char *devices, const char *groups, const char *expected)
{
	struct fabric *f = make(devices, groups);
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);

	assert_string_equal(shape, expected);
	assert_int_equal(plan_batches(p), p->lower_bound);
	free(shape);
	plan_free(p);
	fabric_free(f);
}

static void test_worked_examples(void **state)
{
	(void)state;
	expect("l1 l2 l3 l4 l5 l6 s1:spine#DC-Gateway s2:spine#DC-Gateway", "l1 l2,l3 l4",
	       "leaf: l1 l3 l5 l6 | l2 l4; spine: s1 | s2");
	expect("s1:spine s2:spine s3:spine s4:spine s5:spine", "", "spine: s1 s2 s3 | s4 s5");
	expect("s1:spine s2:spine s3:spine ss1:superspine", "", "spine: s1 s2 | s3; Rest: ss1");
	expect("l1 l2 l3 l4 l5 l6 l7 l8 l9 l10", "", "leaf: l1 l2 l3 l4 | l5 l6 l7 l8 | l9 l10");
	expect("l1 l2 l3 l4", "l1 l2 l3", "leaf: l1 l4 | l2 | l3");
	expect("l1 l2 l3 l4 l5 l6 l7", "l1 l2", "leaf: l1 l3 l4 l5 | l2 l6 l7");
	expect("b1#DC-Gateway b2#DC-Gateway b3#DC-Gateway l1", "", "leaf: b1 b2 l1 | b3");
	expect("s1:spine", "", "spine: s1");
}

/* What the worked examples leave open. */
static void test_more(void **state)
{
	(void)state;
	/* route reflectors are critical: by tag, by role; capitals do not matter */
	expect("l1#rr l2#RR l3 l4", "", "leaf: l1 l3 l4 | l2");
	expect("s1:spine#Route-Reflector s2:spine#route-reflectors s3:spine s4:spine", "",
	       "spine: s1 s3 | s2 s4");
	expect("r1:Route-Reflector r2:Route-Reflector", "", "Rest: r1 | r2");
	/* each critical role has its own limit */
	expect("l1#crb-mcast-gateway l2#dci-gateway l3#dc-gateway l4#rr", "", "leaf: l1 l2 l3 l4");
	expect("l1#dc-gateway+dci-gateway l2#dc-gateway l3#dci-gateway", "", "leaf: l1 | l2 l3");
	/* whoever has the longest way to go is first: two batches, not three */
	expect("l1 l2 l3 l4 b1#dc-gateway b2#dc-gateway b3#dc-gateway b4#dc-gateway", "",
	       "leaf: l1 l2 b1 b2 | l3 l4 b3 b4");
	/* all that is neither leaf nor spine is one stage, with what has no role */
	expect("x: p1:pnf ss1:superspine l1", "", "leaf: l1; Rest: x p1 ss1");
}

/* Half of those in the job, not of all there are. */
static void test_half_of_the_job(void **state)
{
	struct fabric *f = make("s1:spine s2:spine s3:spine s4:spine", "");
	(void)state;

	fabric_choose(f, "s1 s2");
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);
	assert_string_equal(shape, "spine: s1 | s2");
	free(shape);
	plan_free(p);
	fabric_free(f);
}

/* A plan from somewhere else that breaks a limit is refused; so is a start at run time. */
static void test_judged(void **state)
{
	struct fabric *f = make("l1#rr l2#rr l3 s1:spine s2:spine", "");
	struct err e = {0};
	(void)state;

	struct plan *p = fabric_write(f, "leaf: l1 l2 l3; spine: s1 | s2");
	assert_int_equal(plan_check(&f->in, p, &e), -1);
	assert_non_null(strstr(e.text, "batch 1 has 2 of role Route-Reflector; at most 1"));
	plan_free(p);
	p = fabric_write(f, "leaf: l1 l3 | l2; spine: s1 s2");
	assert_int_equal(plan_check(&f->in, p, &e), -1);
	assert_non_null(strstr(e.text, "batch 3 has 2 of role spine; at most 1"));
	plan_free(p);
	p = fabric_write(f, "leaf: l1 l3 | l2; spine: s1 | s2");
	assert_int_equal(plan_check(&f->in, p, &e), 0);
	plan_free(p);

	bool away[5] = {[0] = true};
	struct plan_guard *g = plan_guard_new(&f->in);
	assert_false(plan_may_start(g, away, fabric_find(f, "l2"), &e));
	assert_string_equal(e.text, "l2 waits: 1 of role Route-Reflector are away, at most 1 may be");
	assert_true(plan_may_start(g, away, fabric_find(f, "l3"), &e));
	plan_guard_free(g);
	fabric_free(f);
}

static void test_operators_limit(void **state)
{
	struct fabric *f = make("l1 l2 l3 x: y: z:pnf", "");
	(void)state;

	f->job->role_limit = 2;
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);
	assert_string_equal(shape, "leaf: l1 l2 | l3; Rest: x y | z");
	free(shape);
	plan_free(p);
	fabric_free(f);
}

static const char *detail(const struct plan *p, size_t stage, size_t batch, const char *claim)
{
	const struct plan_batch *b = &p->stages.v[stage].batches.v[batch];

	for (size_t i = 0; i < b->proof.n; i++)
		if (str_eq(b->proof.v[i].claim, claim))
			return b->proof.v[i].detail;
	fail_msg("no line \"%s\"", claim);
	return NULL;
}

/* Each batch says which rule keeps it from more. */
static void test_bounds(void **state)
{
	static const char why[] = "why no more devices";
	struct fabric *f = make("l1 l2 l3 l4 l5 l6 s1:spine s2:spine s3:spine", "l1 l2,l3 l4");
	(void)state;

	struct plan *p = fabric_plan(f);
	assert_string_equal(detail(p, 0, 0, why), "a batch has at most 4 devices");
	assert_string_equal(detail(p, 0, 1, why), "no device of this stage is left");
	assert_string_equal(detail(p, 1, 0, why),
			    "s3 waits: 2 of role spine are away, at most 2 may be");
	assert_string_equal(detail(p, 1, 0, "at most 2 of role spine at once"), "2 of 3");
	plan_free(p);
	f->job->batch_size = 9;
	p = fabric_plan(f);
	assert_string_equal(detail(p, 0, 0, why),
			    "l2 waits for l1: both are in the redundancy group l1 l2");
	plan_free(p);
	f->job->canary = true;
	p = fabric_plan(f);
	assert_string_equal(detail(p, 0, 0, why), "the first device goes alone");
	plan_free(p);
	fabric_free(f);
}

static void test_left_out(void **state)
{
	struct fabric *f = make("l1 l2 s1:spine s2:spine", "l1 l2");
	(void)state;

	free(f->job->version);
	f->job->version = xstrdup("23.4R2-S3");
	fabric_fact(f, "l1", "release", "23.4R2-S3.9"); /* a spin that was not asked for */
	fabric_fact(f, "l2", "release", "21.4R3-S5.4");
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);
	assert_string_equal(shape, "leaf: l2; spine: s1 | s2; Left out: l1");
	assert_string_equal(plan_device(p, fabric_find(f, "l1"))->left,
			    "it runs the target version already");
	assert_null(plan_device(p, fabric_find(f, "l2"))->left);
	assert_int_equal(p->stages.v[2].batches.v[0].estimate_ms, 0);
	assert_true(p->stages.v[0].batches.v[0].estimate_ms > 0);
	char *text = plan_text(p, f->job, 100);
	assert_non_null(strstr(text, "l1  23.4R2-S3.9 -> 23.4R2-S3 (left alone)"));
	free(text);
	free(shape);
	plan_free(p);

	values_set(&f->job->parameters, "reinstall", "yes");
	p = fabric_plan(f);
	shape = fabric_shape(f, p);
	assert_string_equal(shape, "leaf: l1 | l2; spine: s1 | s2");
	free(shape);
	plan_free(p);
	fabric_free(f);
}

static void expect_hitless(const struct fabric *f, int hitless, const char *said)
{
	struct plan *p = fabric_plan(f);
	char *text = plan_hitless_text(p, f->inv);

	assert_int_equal(p->hitless, hitless);
	if (!strstr(text, said))
		fail_msg("\"%s\" is not in: %s", said, text);
	free(text);
	plan_free(p);
}

static void test_hitless(void **state)
{
	struct fabric *f = make("l1 l2 s1:spine s2:spine x:", "l1 l2");
	(void)state;

	expect_hitless(f, 0, "no, 5 of 5: l1, l2, s1, s2, x (no links are known");
	fabric_link(f, "l1", "s1");
	fabric_link(f, "l1", "s2");
	fabric_link(f, "l2", "s1");
	fabric_link(f, "l2", "s2");
	fabric_link(f, "x", "s1");
	expect_hitless(f, 0, "no, 1 of 5: s1 (it isolates x)");
	fabric_link(f, "x", "s2");
	expect_hitless(f, 1, "yes");
	values_set(&f->job->parameters, "drain", "no");
	expect_hitless(f, 0, "l1, l2, s1, s2, x (its traffic is not moved away first)");
	values_set(&f->job->parameters, "drain", "yes");
	strings_free(f->inv->devices.v[4].tags);
	f->inv->devices.v[4].tags = xcalloc(2, sizeof(char *));
	f->inv->devices.v[4].tags[0] = xstrdup("rr");
	expect_hitless(f, 0, "no, 1 of 5: x (it is the only Route-Reflector)");
	free(f->inv->devices.v[4].tags[0]);
	f->inv->devices.v[4].tags[0] = xstrdup("edge");
	fabric_fact(f, "x", "model", "qfx5120-48y");
	expect_hitless(f, 1, "yes");
	fabric_fact(f, "x", "model", "srx1500");
	expect_hitless(f, 0, "no, 1 of 5: x (devices of its family cannot be upgraded without a hit)");
	fabric_free(f);
}

/* A plan remembers what it said, and one from before there was such a line reads. */
static void test_kept(void **state)
{
	struct fabric *f = make("l1 l2 s1:spine", "l1 l2");
	struct err e = {0};
	(void)state;

	struct plan *p = fabric_plan(f);
	cJSON *json = plan_to_json(p, f->inv);
	struct plan *again = plan_from_json(json, f->inv, "p", &e);
	assert_non_null(again);
	assert_int_equal(again->hitless, 0);
	assert_string_equal(again->devices.v[0].not_hitless, p->devices.v[0].not_hitless);
	plan_free(again);
	cJSON_DeleteItemFromObject(json, "hitless");
	cJSON_DeleteItemFromObject(json, "fingerprint");
	cJSON *device;
	cJSON_ArrayForEach(device, cJSON_GetObjectItem(json, "devices"))
	    cJSON_DeleteItemFromObject(device, "not_hitless");
	again = plan_from_json(json, f->inv, "p", &e);
	assert_non_null(again);
	assert_int_equal(again->hitless, -1);
	assert_null(plan_hitless_text(again, f->inv));
	plan_free(again);
	plan_free(p);
	cJSON_Delete(json);
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worked_examples), cmocka_unit_test(test_more),
	    cmocka_unit_test(test_half_of_the_job), cmocka_unit_test(test_judged),
	    cmocka_unit_test(test_operators_limit), cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_left_out),	    cmocka_unit_test(test_hitless),
	    cmocka_unit_test(test_kept),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
