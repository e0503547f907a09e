/* SPDX-License-Identifier: ISC */
/* What a plan foresees of each device: its image, its steps, how long they take. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_images),
	    cmocka_unit_test(test_images_of_each),
	    cmocka_unit_test(test_copy_estimates),
	    cmocka_unit_test(test_estimates),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_foreseen),
	};

	return cmocka_run_group_tests_name("foreseen", tests, NULL, NULL);
}
