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

static void expect_shape(const struct fabric *f, const char *expected)
{
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);

	assert_string_equal(shape, expected);
	free(shape);
	plan_free(p);
}

static void expect_refused(const struct fabric *f, enum err_kind kind, const char *text)
{
	struct err e = {0};

	assert_null(plan_make(&f->in, &e));
	assert_int_equal(e.kind, kind);
	if (!strstr(e.text, text))
		fail_msg("\"%s\" is not in: %s", text, e.text);
}

static const struct plan_line *line(const struct plan *p, size_t stage, size_t batch,
				    const char *claim)
{
	const struct plan_batch *b = &p->stages.v[stage].batches.v[batch];

	for (size_t i = 0; i < b->proof.n; i++)
		if (str_starts(b->proof.v[i].claim, claim))
			return &b->proof.v[i];
	fail_msg("no line \"%s\"", claim);
	return NULL;
}

static bool warned(const struct plan *p, const char *text)
{
	for (size_t i = 0; i < p->warnings.n; i++)
		if (strstr(p->warnings.v[i], text))
			return true;
	return false;
}

static void test_all_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	/* two of four spines, two of four leaves, one of each pair, and what has no role last */
	expect_shape(f, "spine: spine01 spine02 | spine03 spine04; leaf: leaf01 leaf03 | "
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
	expect_shape(f, "Stage1: spine01 spine02 leaf01 leaf03 | leaf02 leaf04");
	fabric_free(f);
}

static void test_some_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_roles(f, true);
	fabric_choose(f, "spine01 leaf01 leaf02");
	expect_shape(f, "leaf: leaf01 | leaf02; Stage1: spine01");
	f->procedure.unstaged = "others";
	expect_shape(f, "leaf: leaf01 | leaf02; others: spine01");
	fabric_free(f);
}

static void test_edge_first(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_order(f, "exit leaf spine");
	expect_shape(f, "exit: border01 | border02; leaf: leaf01 leaf03 | leaf02 leaf04; "
			"spine: spine01 spine02 | spine03 spine04; Stage1: fw1 fw2");
	fabric_free(f);
}

static void test_order_mistakes(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_order(f, "spine exit");
	expect_refused(f, ERR_INPUT, "leaf01, leaf02, leaf03, leaf04");
	expect_refused(f, ERR_INPUT, "--order spine,exit,leaf");
	f->job->order[1][0] = 'E';
	expect_refused(f, ERR_INPUT, "\"Exit\"");
	memcpy(f->job->order[1], "spine", 5);
	f->job->order[1] = xrealloc(f->job->order[1], 6, 1);
	strcpy(f->job->order[1], "spine");
	expect_refused(f, ERR_INPUT, "twice");
	strcpy(f->job->order[1], "leaf");
	fabric_choose(f, "fw1");
	expect_refused(f, ERR_INPUT, "leave --order out");
	fabric_free(f);
}

static void test_unknown_roles(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	fabric_device(f, "tap1", "tap");
	fabric_device(f, "oob1", "oob");
	fabric_choose(f, "tap1 oob1 border01 fw1");
	expect_shape(f, "exit: border01; tap: tap1; oob: oob1; Stage1: fw1");
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
	expect_shape(f, "leaf: leaf02 leaf03 | leaf01 leaf04");
	free(f->inv->devices.v[fabric_find(f, "leaf01")].role);
	f->inv->devices.v[fabric_find(f, "leaf01")].role = xstrdup("spine");
	expect_refused(f, ERR_REFUSED, "leaf02 must go before leaf01");
	fabric_free(f);
}

static void test_canary(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->job->canary = true;
	fabric_choose(f, "spine01 spine02 spine03 spine04 leaf01 leaf03");
	expect_shape(f, "spine: spine01 | spine02 spine03 | spine04; leaf: leaf01 leaf03");
	fabric_free(f);
}

static void test_limits(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	/* half of all spines there are, not of those in the job */
	fabric_choose(f, "spine01 spine02");
	expect_shape(f, "spine: spine01 spine02");
	f->job->role_limit = 1;
	expect_shape(f, "spine: spine01 | spine02");
	f->job->role_limit = 3;
	fabric_choose(f, "spine01 spine02 spine03 spine04");
	expect_shape(f, "spine: spine01 spine02 spine03 | spine04");
	f->job->batch_size = 2;
	expect_shape(f, "spine: spine01 spine02 | spine03 spine04");
	fabric_free(f);
}

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
	assert_true(warned(p, "The plan has 2 batches; groups and sizes alone would allow 1"));
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
		assert_string_equal(line(p, 1, k, "at least 3 uplinks stay at every leaf")->detail,
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
	assert_true(warned(p, "leaf01 switch cannot be upgraded without isolating srv1, srv2 which "
			      "are connected neighbors. Unable to upgrade"));
	assert_true(warned(p, "In this job too: srv2."));
	assert_int_equal(plan_device(p, fabric_find(f, "leaf01"))->isolates.n, 2);
	assert_int_equal(plan_device(p, fabric_find(f, "leaf03"))->isolates.n, 0);
	assert_false(line(p, 0, 0, "every other device keeps a path")->holds);
	assert_string_equal(line(p, 0, 0, "every other")->detail, "isolated: srv1, srv2");
	free(shape);
	plan_free(p);
	/* of one role, a device and what it cuts off do not go together */
	fabric_roles(f, false);
	expect_shape(f, "Stage1: leaf01 leaf03 | srv2");
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
	expect_shape(f, "Stage1: border01 | border02");
	fabric_choose(f, "border01 fw1");
	expect_refused(f, ERR_INPUT, "fw1 is an anchor");
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
	assert_true(warned(p, "x switch cannot be upgraded without isolating b, c, d which"));
	plan_free(p);
	f->in.jump_host = fabric_find(f, "d"); /* and where the operator sits, even more so */
	p = fabric_plan(f);
	assert_true(warned(p, "x switch cannot be upgraded without isolating a1, a2 which"));
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
	assert_true(warned(p, "This machine is connected through leaf03"));
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
	assert_false(line(p, 0, 0, "no links known: paths not proven")->holds);
	assert_true(warned(p, "The inventory has no links"));
	plan_free(p);
	fabric_free(f);
}

static void test_proof(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;
	struct plan *p = fabric_plan(f);

	assert_true(line(p, 0, 0, "redundancy groups apart")->holds);
	assert_string_equal(line(p, 1, 0, "redundancy groups apart")->detail,
			    "one member away in each of 2 groups");
	assert_string_equal(line(p, 0, 0, "at most 2 of role spine at once")->detail, "2 of 4");
	assert_true(line(p, 0, 0, "every other device keeps a path")->holds);
	assert_string_equal(line(p, 0, 0, "at least 2 uplinks stay at every leaf")->detail,
			    "leaf01 keeps 2 of 4");
	assert_true(line(p, 1, 0, "nobody else loses an uplink")->holds);
	assert_true(line(p, 0, 0, "still true if any one more")->holds);
	/* a firewall hangs on both borders: with one away the other is its last */
	const struct plan_line *more = line(p, 2, 0, "still true if any one more");
	assert_false(more->holds);
	assert_string_equal(more->detail, "if border02 fails too, fw1 is isolated");
	assert_string_equal(line(p, 0, 0, "at most 4 devices in a batch")->detail, "2");
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
	const struct plan_line *more = line(p, 0, 0, "still true if any one more");
	assert_false(more->holds);
	assert_non_null(strstr(more->detail, "fails too"));
	assert_string_equal(more->detail, "if r2 fails too, r1 is isolated");
	plan_free(p);
	fabric_free(f);
}

static struct image an_image(char *id, char *version)
{
	return (struct image){
	    .id = id, .kind = "os", .name = "x.bin", .version = version, .platform = "test-os"};
}

static void test_images(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;

	f->images.v = xcalloc(3, sizeof(struct image));
	f->images.n = 3;
	f->images.v[0] = an_image("image_b", "3.7.12");
	f->images.v[1] = an_image("image_m", "3.7.12");
	f->images.v[2] = an_image("image_o", "3.7.11");
	values_set(&f->images.v[0].fits, "asic", "b");
	values_set(&f->images.v[1].fits, "asic", "m");
	values_set(&f->images.v[2].fits, "asic", "m");
	fabric_choose(f, "leaf01 leaf03 leaf04");
	fabric_fact(f, "leaf01", "asic", "m");
	fabric_fact(f, "leaf01", "version", "3.7.11");
	fabric_fact(f, "leaf03", "asic", "b");
	fabric_fact(f, "leaf03", "version", "3.7.11");
	fabric_fact(f, "leaf04", "asic", "x");
	struct plan *p = fabric_plan(f);
	const struct plan_device *d = plan_device(p, fabric_find(f, "leaf01"));
	assert_string_equal(d->from, "3.7.11");
	assert_string_equal(d->to, "3.7.12");
	assert_string_equal(d->image, "image_m");
	assert_string_equal(d->restore, "image_o");
	assert_string_equal(plan_device(p, fabric_find(f, "leaf03"))->image, "image_b");
	assert_null(plan_device(p, fabric_find(f, "leaf03"))->restore);
	assert_null(plan_device(p, fabric_find(f, "leaf04"))->image);
	assert_null(plan_device(p, fabric_find(f, "leaf04"))->from);
	plan_free(p);
	fabric_free(f);
}

/* A copy takes as long as its size says, at the rate that was learnt; the source is told. */
/* Each device goes to the image that it was given, when that fits. */
static void test_images_of_each(void **state)
{
	struct fabric *f = fabric_reference();
	struct err e = {0};
	(void)state;

	f->images.v = xcalloc(3, sizeof(struct image));
	f->images.n = 3;
	f->images.v[0] = an_image("image_b", "3.7.12");
	f->images.v[1] = an_image("image_x", "3.7.14");
	f->images.v[2] = an_image("image_y", "3.7.14");
	values_set(&f->images.v[2].fits, "asic", "m,n*");
	fabric_fact(f, "leaf02", "asic", "n7");
	fabric_fact(f, "leaf03", "asic", "b");
	fabric_fact(f, "leaf04", "version", "3.7.14");
	values_set(&f->job->parameters, "reinstall", "no");
	job_target_add(f->job, fabric_find(f, "leaf01"), "3.7.14", "image_x");
	job_target_add(f->job, fabric_find(f, "leaf02"), "3.7.14", "image_y");
	job_target_add(f->job, fabric_find(f, "leaf03"), "3.7.14", "image_y");
	job_target_add(f->job, fabric_find(f, "leaf04"), "3.7.14", "image_x");
	job_targets_settle(f->job);
	struct plan *p = fabric_plan(f);
	const struct plan_device *d = plan_device(p, fabric_find(f, "leaf01"));
	assert_string_equal(d->to, "3.7.14");
	assert_string_equal(d->image, "image_x");
	assert_string_equal(plan_device(p, fabric_find(f, "leaf02"))->image, "image_y");
	assert_null(plan_device(p, fabric_find(f, "leaf03"))->image); /* it does not fit */
	d = plan_device(p, fabric_find(f, "spine01"));
	assert_string_equal(d->to, "3.7.12");
	assert_string_equal(d->image, "image_b");
	assert_non_null(plan_device(p, fabric_find(f, "leaf04"))->left); /* is there already */
	char *text = plan_text(p, f->job, 100);
	assert_non_null(strstr(text, "devices to 3.7.12, 3.7.14"));
	free(text);
	/* a plan that takes one of them elsewhere is refused */
	job_targets_release(f->job);
	assert_int_equal(plan_check(&f->in, p, &e), -1);
	assert_non_null(strstr(e.text, "the plan takes leaf01 to 3.7.14; the job asks for 3.7.12"));
	plan_free(p);
	fabric_free(f);
}

static void test_copy_estimates(void **state)
{
	char name[] = "copy", image[] = "os";
	struct step copy = {.name = name, .action = ACTION_PUT, .image = image};
	struct plan_duration rows[] = {{NULL, "copy", 50000, 60000, 9, 0}, /* of before: no size */
				       {NULL, "copy", 100000, 200000, 4, 1000000},
				       {"x1", "copy", 10000, 30000, 2, 1000000}};
	struct plan_durations list = {rows, LEN(rows), 9};
	struct plan_estimate e = plan_step_estimate(&list, "x1", &copy, 3000000);
	(void)state;
	assert_int_equal(e.p50_ms, 30000);
	assert_int_equal(e.p95_ms, 90000);
	assert_int_equal(e.source, PLAN_MODEL);
	e = plan_step_estimate(&list, "x2", &copy, 500000);
	assert_int_equal(e.p50_ms, 50000);
	assert_int_equal(e.source, PLAN_PLATFORM);
	assert_int_equal(e.samples, 4);
	e = plan_step_estimate(NULL, "x1", &copy, 1000000000);
	assert_int_equal(e.p50_ms, 4000 + 100000);
	assert_int_equal(e.source, PLAN_SHIPPED);
	assert_int_equal(e.samples, 0);
}

static void test_estimates(void **state)
{
	struct fabric *f = fabric_reference();
	(void)state;
	struct plan_duration rows[] = {{NULL, "install", 50000, 60000, 9, 0},
				       {"x1", "install", 100000, 110000, 3, 0},
				       {"x1", "up", 200000, 300000, 0, 0}};
	struct plan_durations learnt = {rows, LEN(rows), 12};

	struct plan *p = fabric_plan(f);
	/* 4 s + 90 s + 5 s + 115 s + 15 s, a person's answer not counted; seven batches */
	assert_int_equal(p->stages.v[0].batches.v[0].estimate_ms, 229000);
	assert_int_equal(p->estimate_ms, 7 * 229000);
	assert_string_equal(p->estimate_from, "shipped defaults");
	assert_true(p->figures.n > 3);
	assert_int_equal(p->figures.v[0].source, PLAN_SHIPPED);
	assert_true(p->p95_ms > p->estimate_ms);
	plan_free(p);
	f->in.durations = &learnt;
	fabric_choose(f, "spine01 spine02");
	fabric_fact(f, "spine01", "model", "x1");
	p = fabric_plan(f);
	assert_int_equal(plan_device(p, 0)->estimate_ms, 239000);
	assert_int_equal(plan_device(p, 1)->estimate_ms, 189000);
	assert_int_equal(p->estimate_ms, 239000); /* the slowest of the batch */
	assert_string_equal(p->estimate_from,
			    "learnt from 12 upgrades; shipped defaults for the rest");
	struct plan_estimate est = plan_device_estimate(&f->in, 0, true);
	assert_int_equal(est.p50_ms, 100000 + 5000 + 115000 + 15000);
	assert_int_equal(est.p95_ms, 110000 + 7500 + 172500 + 22500);
	plan_free(p);
	fabric_free(f);
}

/* A step counts unless its condition is known to say no. */
static void test_conditions(void **state)
{
	static const char text[] = "{\"value\": \"backup\", \"is\": \"yes\"}";
	struct fabric *f = fabric_reference();
	struct err e = {0};
	struct step all[16];
	(void)state;

	cJSON *json = json_parse(text, strlen(text), "test", &e);
	struct jnode root = json_root(json, "test");
	memcpy(all, f->procedure.steps, f->procedure.n_steps * sizeof(all[0]));
	f->procedure.steps = all;
	all[0].when = judge_new(&root, NULL, &e);
	assert_non_null(all[0].when);
	assert_int_equal(plan_device_estimate(&f->in, 0, false).p50_ms, 229000);
	values_set(&f->job->parameters, "backup", "no");
	assert_int_equal(plan_device_estimate(&f->in, 0, false).p50_ms, 225000);
	values_set(&f->job->parameters, "backup", "yes");
	assert_int_equal(plan_device_estimate(&f->in, 0, false).p50_ms, 229000);
	judge_free(all[0].when);
	cJSON_Delete(json);
	fabric_free(f);
}

/* What is settled counts, what a step may capture yet does not settle anything: the last numbers are
 * seconds of the way there and back. Nobody captures the parameter "extra" or the fact "asn". */
static void test_foreseen(void **state)
{
#define EXISTS(NAME) "{\"value\": \"" NAME "\", \"exists\": true}"
#define IS(NAME, TEXT) "{\"value\": \"" NAME "\", \"is\": \"" TEXT "\"}"
	static const struct {
		const char *when;
		int64_t there, back;
	} rows[] = {
	    {IS("first", "a"), 229, 225},
	    {IS("first", "b"), 139, 135},
	    {"{\"all\": [" EXISTS("extra") "," EXISTS("image.extra.name") "]}", 139, 135},
	    {EXISTS("asn"), 139, 135},
	    {IS("asn", "7"), 139, 135},
	    {IS("captured", "7"), 229, 225},
	    {EXISTS("captured"), 229, 225},
	    {"{\"no\": " EXISTS("captured") "}", 229, 225},
	    {"{\"all\": [" EXISTS("captured") "," IS("nvue", "yes") "]}", 139, 135},
	    {"{\"any\": [" IS("pass", "upgrade") "," IS("captured", "7") "]}", 229, 225},
	    {"{\"all\": [" IS("pass", "rollback") "," IS("captured", "7") "]}", 139, 225},
	    {IS("kind", "full"), 229, 225},
	    {IS("role", "leaf"), 139, 135},
	    {IS("version.major", "3"), 229, 135},
	};
	struct parameter parameters[] = {{.name = (char[]){"first"}}, {.name = (char[]){"extra"}}};
	struct fact facts[] = {{.name = (char[]){"asn"}}, {.name = (char[]){"nvue"}}};
	struct fabric *f = fabric_reference();
	struct err e = {0};
	struct step all[16], *install = NULL;
	(void)state;

	fabric_choose(f, "spine01");
	fabric_fact(f, "spine01", "nvue", "no");
	fabric_fact(f, "spine01", f->procedure.from_fact, "2.7.1");
	memcpy(all, f->procedure.steps, f->procedure.n_steps * sizeof(all[0]));
	for (size_t i = 0; i < f->procedure.n_steps; i++)
		install = str_eq(all[i].name, "install") ? &all[i] : install;
	assert_non_null(install);
	f->procedure.steps = all;
	f->procedure.parameters = parameters;
	f->procedure.n_parameters = LEN(parameters);
	f->procedure.facts = facts;
	f->procedure.n_facts = LEN(facts);
	values_set(&f->job->parameters, "first", "a");
	for (size_t i = 0; i < LEN(rows); i++) {
		cJSON *json = json_parse(rows[i].when, strlen(rows[i].when), "test", &e);
		struct jnode root = json_root(json, "test");
		install->when = judge_new(&root, NULL, &e);
		assert_non_null(install->when);
		struct plan_estimate there = plan_device_estimate(&f->in, 0, false);
		struct plan_estimate back = plan_device_estimate(&f->in, 0, true);
		if (there.p50_ms != rows[i].there * 1000 || back.p50_ms != rows[i].back * 1000)
			fail_msg("%s: %lld and back %lld", rows[i].when, (long long)there.p50_ms,
				 (long long)back.p50_ms);
		judge_free(install->when);
		cJSON_Delete(json);
	}
	fabric_free(f);
#undef EXISTS
#undef IS
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
	const struct plan_line *one = line(p, 0, 0, "each unit as one");
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
	expect_refused(f, ERR_INPUT, "are upgraded as one (group leaf03-04): choose both");
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
	assert_false(warned(p, "Hold after"));
	plan_free(p);
	free(f->job->hold_after[1]);
	f->job->hold_after[1] = xstrdup("4");
	p = fabric_plan(f);
	assert_true(warned(p, "Hold after stage 4: it is the last one"));
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
	    cmocka_unit_test(test_stays_up),
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_units),
	    cmocka_unit_test(test_all_roles),
	    cmocka_unit_test(test_no_roles),
	    cmocka_unit_test(test_some_roles),
	    cmocka_unit_test(test_edge_first),
	    cmocka_unit_test(test_order_mistakes),
	    cmocka_unit_test(test_unknown_roles),
	    cmocka_unit_test(test_firsts),
	    cmocka_unit_test(test_canary),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_paths_split),
	    cmocka_unit_test(test_single_homed),
	    cmocka_unit_test(test_anchors),
	    cmocka_unit_test(test_jump_host),
	    cmocka_unit_test(test_no_links),
	    cmocka_unit_test(test_proof),
	    cmocka_unit_test(test_proof_far),
	    cmocka_unit_test(test_images),
	    cmocka_unit_test(test_images_of_each),
	    cmocka_unit_test(test_estimates), cmocka_unit_test(test_foreseen), cmocka_unit_test(test_copy_estimates),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_same_input_same_plan),
	    cmocka_unit_test(test_dot),
	    cmocka_unit_test(test_spread),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_anchors_are_the_rest),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
