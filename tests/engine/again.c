/* SPDX-License-Identifier: ISC */
/* Pre-checks that are asked again: only what is open, and whatever that result rests on. */
#include "config.h"

#include "model/json.h"
#include "tests/engine/help.h"

#include "model/hitless.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the record that said so last: the journal knows it. */
static int64_t seq_of(struct bed *b, const char *device, const char *check)
{
	struct jobview *v = bed_fold(b, false);
	int64_t seq = 0;
	for (size_t i = 0; i < v->checks.n; i++)
		if (v->checks.v[i].device != NO_DEVICE && str_eq(v->checks.v[i].check, check) &&
		    str_eq(jobview_device(v, v->checks.v[i].device), device))
			seq = v->checks.v[i].seq;
	jobview_free(v);
	return seq;
}

static void status_is(struct bed *b, const char *device, const char *check, const char *status)
{
	const struct check_view *c = check_of(b, device, check);
	assert_non_null(c);
	assert_string_equal(c->status, status);
	assert_false(c->again);
}

/* leaf01 has an ill health in its first round; all else is well. */
static void refused(struct bed *b, const struct bed_options *o)
{
	assert_int_equal(bed_open(b, o), 0);
	switches_force(&b->switches, "leaf01", "show health", FAULT_ERROR, 0, 1);
	bed_run(b);
	job_is(b, JOB_REFUSED);
	status_is(b, "leaf01", "healthy", "failed");
}

static void only_what_is_open(void **state)
{
	struct bed b;
	(void)state;
	refused(&b, &PAIR);
	int64_t space = seq_of(&b, "leaf01", "space"), other = seq_of(&b, "leaf02", "healthy");
	int64_t path = seq_of(&b, "leaf01", "path");
	command(&b, "recheck", NULL);
	job_is(&b, JOB_READY);
	status_is(&b, "leaf01", "healthy", "passed");
	assert_int_equal(seq_of(&b, "leaf01", "space"), space);
	assert_int_equal(seq_of(&b, "leaf01", "path"), path); /* judged, and nothing new to say */
	assert_int_equal(seq_of(&b, "leaf02", "healthy"), other);
	go(&b);
	job_is(&b, JOB_DONE);
	over(&b);
}

static int find_round(void *ctx, const struct record *r, struct err *e)
{
	cJSON **found = ctx;
	(void)e;
	if (r->kind == RECORD_STATE && cJSON_GetObjectItemCaseSensitive(r->data, "who")) {
		cJSON_Delete(*found);
		*found = cJSON_Duplicate(r->data, true);
	}
	return 0;
}

static void the_journal_says_what_and_who(void **state)
{
	struct bed b;
	struct err e = {0};
	cJSON *round = NULL;
	(void)state;
	refused(&b, &PAIR);
	command(&b, "recheck", NULL);
	assert_int_equal(store_read(b.store, b.job, 0, 0, find_round, &round, &e), 0);
	assert_non_null(round);
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(round, "again"));
	assert_string_equal(text, "[{\"device\":\"leaf01\",\"checks\":[\"healthy\"]}]");
	assert_true(strlen(json_text(round, "who")) > 0);
	assert_non_null(strstr(json_text(round, "reason"), "1 checks of 1 devices again"));
	free(text);
	cJSON_Delete(round);
	over(&b);
}

static void all_means_all(void **state)
{
	struct bed b;
	(void)state;
	refused(&b, &PAIR);
	int64_t space = seq_of(&b, "leaf01", "space"), other = seq_of(&b, "leaf02", "healthy");
	bed_command(&b, "recheck", NULL, "all");
	bed_run(&b);
	job_is(&b, JOB_READY);
	assert_true(seq_of(&b, "leaf01", "space") > space);
	assert_true(seq_of(&b, "leaf02", "healthy") > other);
	over(&b);
}

static void one_device(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &PAIR), 0);
	switches_force(&b.switches, "leaf01", "show health", FAULT_ERROR, 0, -1);
	switches_force(&b.switches, "leaf02", "show health", FAULT_ERROR, 0, -1);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	int64_t other = seq_of(&b, "leaf02", "healthy");
	switches_heal(&b.switches, b.ms);
	b.switches.forced.n = 0;
	command(&b, "recheck", "leaf01");
	job_is(&b, JOB_REFUSED);
	status_is(&b, "leaf01", "healthy", "passed");
	assert_int_equal(seq_of(&b, "leaf02", "healthy"), other);
	size_t before = bed_view(&b)->notes.n;
	command(&b, "recheck", "leaf01"); /* nothing of it is open */
	assert_int_equal(bed_view(&b)->notes.n, before + 1);
	assert_true(noted(&b, "nothing is open of leaf01"));
	command(&b, "recheck", NULL);
	job_is(&b, JOB_READY);
	over(&b);
}

static void nothing_to_ask(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	int64_t before = seq_of(&b, "leaf01", "healthy");
	command(&b, "recheck", NULL);
	assert_true(noted(&b, "every check has passed"));
	assert_int_equal(seq_of(&b, "leaf01", "healthy"), before);
	bed_command(&b, "recheck", NULL, "some");
	bed_run(&b);
	assert_true(noted(&b, "check again what is open"));
	bed_command(&b, "recheck", NULL, "all");
	bed_run(&b);
	assert_true(seq_of(&b, "leaf01", "healthy") > before);
	over(&b);
}

static void other_facts_open_everything(void **state)
{
	struct bed b;
	(void)state;
	refused(&b, &PAIR);
	int64_t space = seq_of(&b, "leaf01", "space"), path = seq_of(&b, "leaf01", "path");
	int64_t other = seq_of(&b, "leaf02", "space");
	strcpy(box(&b, "leaf01")->release, "5.0.9");
	command(&b, "recheck", NULL);
	assert_true(seq_of(&b, "leaf01", "space") > space);
	assert_true(seq_of(&b, "leaf01", "path") > path);
	assert_int_equal(seq_of(&b, "leaf02", "space"), other);
	assert_true(noted(&b, "release was \"5.0.0\" and is \"5.0.9\": all its checks"));
	assert_string_equal(values_get(&bed_task(&b, "leaf01")->facts, "release"), "5.0.9");
	/* and the plan is one for what it is now */
	status_is(&b, "leaf01", "restoration", "failed");
	over(&b);
}

static void a_device_that_is_gone_now(void **state)
{
	struct bed b;
	(void)state;
	refused(&b, &PAIR);
	switches_force(&b.switches, "leaf01", NULL, FAULT_HOSTKEY, 0, -1);
	command(&b, "recheck", NULL);
	job_is(&b, JOB_REFUSED);
	status_is(&b, "leaf01", "key-changed", "failed"); /* it had passed */
	assert_true(check_of(&b, "leaf01", "healthy")->again); /* not answered: it stays open */
	b.switches.forced.n = 0;
	command(&b, "recheck", NULL);
	job_is(&b, JOB_READY);
	status_is(&b, "leaf01", "key-changed", "passed");
	status_is(&b, "leaf01", "healthy", "passed");
	over(&b);
}

static void lost_in_the_middle(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &ALONE), 0);
	fault(&b, "show space", FAULT_NOT_SENT, 0, -1);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	status_is(&b, "leaf01", "unreachable", "failed");
	assert_int_equal(seq_of(&b, "leaf01", "space"), 0);
	int64_t healthy = seq_of(&b, "leaf01", "healthy");
	b.switches.forced.n = 0;
	command(&b, "recheck", NULL);
	job_is(&b, JOB_READY);
	status_is(&b, "leaf01", "space", "passed"); /* it never had a result */
	assert_int_equal(seq_of(&b, "leaf01", "healthy"), healthy);
	over(&b);
}

/* "space" speaks with what "healthy" found. */
static void what_it_rests_on(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"^health good\"},\"message\":\"${device}: ${why}\",\"waivable\":true}";
	o.edit[1] = "\"^health (?<how>good)\"},\"message\":\"${device}: ${why}\",\"waivable\":true}";
	o.edit[2] = "{\"json\":\"/free\",\"least\":1000}";
	o.edit[3] = "{\"all\":[{\"json\":\"/free\",\"least\":1000},{\"value\":\"how\",\"is\":\"good\"}]}";
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, "show space", FAULT_ERROR, 0, 1);
	bed_run(&b);
	status_is(&b, "leaf01", "space", "unknown");
	int64_t healthy = seq_of(&b, "leaf01", "healthy"), once = seq_of(&b, "leaf01", "once");
	command(&b, "recheck", NULL);
	status_is(&b, "leaf01", "space", "passed");
	assert_true(seq_of(&b, "leaf01", "healthy") > healthy);
	assert_int_equal(seq_of(&b, "leaf01", "once"), once);
	over(&b);
}

static void killed_in_the_round(void **state)
{
	(void)state;
	for (int at = 1; at < 10; at++) {
		struct bed b;
		refused(&b, &PAIR);
		int64_t other = seq_of(&b, "leaf02", "healthy");
		int64_t space = seq_of(&b, "leaf01", "space");
		b.appends = 0;
		b.crash_at = at;
		b.crash_before = at % 2;
		command(&b, "recheck", NULL);
		if (bed_view(&b)->state == JOB_REFUSED) /* before the order was kept */
			command(&b, "recheck", NULL);
		job_is(&b, JOB_READY);
		status_is(&b, "leaf01", "healthy", "passed");
		assert_int_equal(seq_of(&b, "leaf02", "healthy"), other);
		assert_int_equal(seq_of(&b, "leaf01", "space"), space);
		over(&b);
	}
}

/* Its failure blocks only while a parameter says so; if not, the job goes on and is not hitless, which
 * the next good answer takes back. */
static void a_check_that_does_not_block(void **state)
{
	static const char *const asks[] = {"ask=yes", "ask=no"};
	(void)state;
	for (size_t i = 0; i < LEN(asks); i++) {
		struct bed b;
		struct bed_options o = PAIR;
		o.parameters[0] = asks[i];
		o.edit[0] = "\"title\":\"Healthy\",";
		o.edit[1] = "\"title\":\"Healthy\",\"blocks\":{\"value\":\"ask\",\"is\":\"yes\"},"
			    "\"hitless\":true,";
		assert_int_equal(bed_open(&b, &o), 0);
		switches_force(&b.switches, "leaf01", "show health", FAULT_ERROR, 0, 1);
		bed_run(&b);
		const struct check_view *c = check_of(&b, "leaf01", "healthy");
		assert_true(hitless_is_told(bed_view(&b)) && c->not_hitless);
		job_is(&b, i ? JOB_READY : JOB_REFUSED);
		assert_string_equal(c->status, i ? "warning" : "failed");
		assert_int_equal(c->error, !i);
		/* what stands in the way is no upgrade that hits somebody */
		assert_int_equal(hitless_is_broken(bed_view(&b), c->device), i);
		assert_int_equal(hitless_count(bed_view(&b)), i);
		assert_false(hitless_is_proven(bed_view(&b), NO_DEVICE));
		command(&b, "recheck", NULL);
		assert_false(hitless_is_broken(bed_view(&b), NO_DEVICE));
		assert_true(hitless_is_proven(bed_view(&b), NO_DEVICE));
		over(&b);
	}
}

/* --- how long they may take ------------------------------------------------------------------- */

static void stands_still(struct bed *b)
{
	b->on_wait = NULL;
	b->ms += 3600000;
}

/* The limit is that of the device: a program that was stopped, or a machine with too much to do, is
 * no reason to refuse a job. */
static void the_program_stood_still(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &PAIR), 0);
	b.on_wait = stands_still;
	bed_run(&b);
	assert_null(b.on_wait);
	job_is(&b, JOB_READY);
	over(&b);
}

static void a_device_that_takes_too_long(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &PAIR), 0);
	switches_force(&b.switches, "leaf01", "show health", FAULT_HANG, 0, 2);
	switches_force(&b.switches, "leaf02", "show health", FAULT_HANG, 0, -1);
	switches_force(&b.switches, "leaf01", NULL, FAULT_SLOW, 0, -1);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	const struct check_view *c = check_of(&b, "leaf01", "once");
	assert_string_equal(c->status, "unknown");
	assert_non_null(strstr(c->message, "took too long"));
	over(&b);
}

/* A peer has the time that the device itself has, and is asked again as that is; once one has said
 * nothing twice, it is not waited for twice again. */
static void a_slow_peer(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &PAIR), 0);
	switches_force(&b.switches, "leaf02", "show health", FAULT_SLOW, 0, -1);
	bed_run(&b);
	job_is(&b, JOB_READY);
	over(&b);
	assert_int_equal(bed_open(&b, &PAIR), 0);
	switches_force(&b.switches, "leaf02", "show health", FAULT_LOST_BEFORE, 2, 1);
	bed_run(&b);
	job_is(&b, JOB_READY);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_check_that_does_not_block),
	    cmocka_unit_test(only_what_is_open),
	    cmocka_unit_test(the_journal_says_what_and_who),
	    cmocka_unit_test(all_means_all),
	    cmocka_unit_test(one_device),
	    cmocka_unit_test(nothing_to_ask),
	    cmocka_unit_test(other_facts_open_everything),
	    cmocka_unit_test(a_device_that_is_gone_now),
	    cmocka_unit_test(lost_in_the_middle),
	    cmocka_unit_test(what_it_rests_on),
	    cmocka_unit_test(killed_in_the_round),
	    cmocka_unit_test(the_program_stood_still),
	    cmocka_unit_test(a_device_that_takes_too_long),
	    cmocka_unit_test(a_slow_peer),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
