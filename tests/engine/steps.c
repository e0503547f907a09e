/* SPDX-License-Identifier: ISC */
/* Each kind of step: waits and their limits, copies, peers, what devices say, what is sent. */
#include "config.h"

#include "tests/engine/copyway.h"
#include "tests/engine/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t took(struct bed *b, const char *step)
{
	const struct step_view *s = step_of(b, "leaf01", step);
	return s->ended - s->started;
}

/* --- waits -------------------------------------------------------------------------------- */

static void a_wait_has_a_limit(void **state)
{
	static const char *const timeouts[] = {NULL, "traffic=30"};
	for (size_t i = 0; i < LEN(timeouts); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.timeouts[0] = timeouts[i];
		ready(&b, &o);
		fault(&b, "show traffic", FAULT_GARBAGE, 0, -1);
		go(&b);
		task_is(&b, "leaf01", TASK_FAILED);
		int64_t limit = i ? 30000 : 90000;
		assert_in_range(took(&b, "traffic"), limit, limit + 5000);
		assert_non_null(strstr(bed_task(&b, "leaf01")->cause,
				       i ? "not within 30s" : "not within 1m30s"));
		over(&b);
	}
}

static void a_wait_gives_up_when_told(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_true(took(&b, "traffic") < 5000);
	over(&b);
}

/* Its limit stands in the way only while a parameter says so; silence always does. */
static void a_wait_that_does_not_block(void **state)
{
	static const struct {
		const char *ask;
		enum fault fault;
		enum task_state end;
	} rows[] = {{"ask=no", FAULT_GARBAGE, TASK_DONE},
		    {"ask=yes", FAULT_GARBAGE, TASK_FAILED},
		    {"ask=no", FAULT_NOT_SENT, TASK_FAILED}};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.parameters[0] = rows[i].ask;
		o.edit[0] = "\"ask\",\"peers-ready\",";
		o.edit[1] = "\"peers-ready\",";
		o.edit[2] = "\"expect\":{\"match\":\"^traffic 0\"},";
		o.edit[3] = "\"expect\":{\"match\":\"^traffic 0\"},"
			    "\"blocks\":{\"value\":\"ask\",\"is\":\"yes\"},";
		ready(&b, &o);
		fault(&b, "show traffic", rows[i].fault, 0, -1);
		go(&b);
		task_is(&b, "leaf01", rows[i].end);
		const struct step_view *s = step_of(&b, "leaf01", "traffic");
		assert_in_range(s->ended - s->started, 90000, 95000);
		assert_string_equal(s->result, rows[i].end == TASK_DONE ? "skipped" : "failed");
		assert_int_equal(noted(&b, "it goes on all the same"), rows[i].end == TASK_DONE);
		if (rows[i].end == TASK_DONE)
			assert_non_null(strstr(s->message, "Wait for silence"));
		over(&b);
	}
}

static void a_wait_must_stay_yes(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	go(&b);
	int64_t quiet = took(&b, "health");
	assert_true(quiet >= 10000);
	over(&b);

	ready(&b, &ALONE);
	/* the gate's one, a good one, then a doubtful one: it begins anew */
	switches_force(&b.switches, "leaf01", "show health", FAULT_ERROR, 2, 1);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	assert_true(took(&b, "health") > quiet);
	over(&b);
}

static void a_detached_one_is_asked_about_in_time(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.timeouts[0] = "install=10";
	ready(&b, &o);
	go(&b);
	asked(&b, "unknown-outcome");
	assert_non_null(strstr(bed_question(&b)->text, "has not ended within 10s"));
	answer(&b, "wait");
	asked(&b, "unknown-outcome"); /* for as long again */
	answer(&b, "wait");
	if (bed_question(&b))
		answer(&b, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

/* --- connections -------------------------------------------------------------------------- */

static void five_attempts_to_reach_it(void **state)
{
	for (int times = 4; times <= 5; times++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		fault(&b, "claim", FAULT_NOT_SENT, 0, times);
		go(&b);
		task_is(&b, "leaf01", times < 5 ? TASK_DONE : TASK_FAILED);
		if (times == 5)
			assert_string_equal(bed_task(&b, "leaf01")->cause,
					    "No route to host (5 attempts)");
		over(&b);
	}
}

static void a_changed_host_key_ends_it(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "show config", FAULT_HOSTKEY, 0, 1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->error_kind, "host-key");
	over(&b);

	ready(&b, &ALONE); /* but where the procedure says so, it is waited for */
	fault(&b, "show boot", FAULT_HOSTKEY, 1, 3);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

/* --- copies ------------------------------------------------------------------------------- */

static void copies_are_tried_again(void **state)
{
	static const struct {
		enum fault fault;
		int times;
		enum task_state end;
	} cases[] = {
	    {FAULT_CUT, 4, TASK_DONE},     {FAULT_CUT, 5, TASK_FAILED},
	    {FAULT_CORRUPT, 2, TASK_DONE}, {FAULT_CORRUPT, 3, TASK_FAILED},
	    {FAULT_FULL, 1, TASK_FAILED},
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		fault(&b, "put", cases[i].fault, 0, cases[i].times);
		go(&b);
		task_is(&b, "leaf01", cases[i].end);
		assert_int_equal(begun(&b, "leaf01", "stage", PASS_UPGRADE), 1);
		over(&b);
	}
}

struct told { /* of a copy, as the journal tells it */
	int64_t last, widest;
	int n, tenths;
};

static int see_told(void *ctx, const struct record *r, struct err *e)
{
	struct told *t = ctx;
	(void)e;
	if (!str_eq(r->step, "stage"))
		return 0;
	if (r->kind == RECORD_INTENT)
		t->last = r->wall;
	if (r->kind != RECORD_PROGRESS || !json_number(r->data, "total", 0))
		return 0;
	t->widest = r->wall - t->last > t->widest ? r->wall - t->last : t->widest;
	t->last = r->wall;
	t->n++;
	t->tenths += !json_flag(r->data, "between");
	return 0;
}

/* Whoever follows the journal sees that bytes move; a record for each piece would be too many. */
static void a_copy_tells_how_far_it_is(void **state)
{
	static const struct {
		int64_t takes;
		int least, most; /* records: at each tenth, and not much more often than told */
	} rows[] = {{300000, 29, 39}, {50000, 9, 10}};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		struct told told = {0};
		struct err e = {0};
		(void)state;
		o.copy_ms = rows[i].takes;
		o.timeouts[0] = "restore=600";
		ready(&b, &o);
		go(&b);
		assert_int_equal(store_read(b.store, b.job, 0, 0, see_told, &told, &e), 0);
		assert_in_range(told.n, rows[i].least, rows[i].most);
		assert_int_equal(told.tenths, 9);
		assert_true(told.widest <= COPY_TOLD_MS + COPYWAY_TELLS_MS);
		over(&b);
	}
}

static void error_patterns_say_what_to_do(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "put", FAULT_FULL, 0, 1);
	go(&b);
	const struct task_view *t = bed_task(&b, "leaf01");
	assert_string_equal(t->error_kind, "space");
	assert_string_equal(t->message, "leaf01 has no room for the image: 4711 bytes are missing");
	assert_string_equal(t->cause, "The disk is full.");
	assert_string_equal(t->advice, "Remove old files on leaf01.");
	over(&b);
}

static void the_kept_file_is_used(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	go(&b);
	job_is(&b, JOB_DONE); /* "apply" got the file that "keep" kept, else it had refused */
	const struct task_view *t = bed_task(&b, "leaf01");
	assert_int_equal(strlen(values_get(&t->captures, "file.config")), 64);
	assert_string_equal(values_get(&t->captures, "file.config.size"), "29");
	over(&b);
}

static void a_file_that_was_never_kept(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"claim\",\"keep\",";
	o.edit[1] = "\"claim\",";
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->cause,
			    "the file config of leaf01 was never kept");
	over(&b);
}

/* --- peers -------------------------------------------------------------------------------- */

static void peers_are_told(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	switches_force(&b.switches, "leaf02", "greet", FAULT_LOST_AFTER, 0, 1);
	go(&b);
	job_is(&b, JOB_DONE);
	const struct step_view *s = step_of(&b, "leaf01", "greet");
	assert_string_equal(s->result, "done");
	assert_string_equal(s->output, "hello leaf01\n");                     /* said by leaf02 */
	assert_string_equal(step_of(&b, "spine01", "greet")->result, "done"); /* it has none */
	over(&b);
}

static void peers_that_are_not_ready_are_waited_for(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	switches_force(&b.switches, "leaf02", "show health", FAULT_ERROR, 1, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "peers-ready");
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 0);
	over(&b);
}

/* --- what devices say --------------------------------------------------------------------- */

static void output_is_capped(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "claim", FAULT_FLOOD, 0, 1);
	go(&b);
	const char *output = step_of(&b, "leaf01", "claim")->output;
	assert_in_range(strlen(output), 8000, 40000);
	assert_non_null(strstr(output, " bytes ...]"));
	over(&b);
}

static void hostile_output_is_harmless(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.seed = seed;
		ready(&b, &o);
		fault(&b, "claim", FAULT_GARBAGE, 0, 1);
		go(&b);
		job_is(&b, JOB_DONE);
		const char *output = step_of(&b, "leaf01", "claim")->output;
		for (const char *p = output; *p; p++)
			assert_true((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t');
		assert_null(strchr(output, '\x1b'));
		over(&b);
	}
}

static void facts_that_cannot_be_read(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &ALONE), 0);
	fault(&b, "show id", FAULT_GARBAGE, 2, 1); /* the release */
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "supported")->status, "failed");
	command(&b, "recheck", NULL);
	job_is(&b, JOB_READY);
	assert_string_equal(values_get(&bed_task(&b, "leaf01")->facts, "model"), "Model One");
	over(&b);
}

static bool has_result(struct bed *b, const char *check)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->checks.n; i++)
		if (str_eq(v->checks.v[i].check, check) &&
		    str_eq(jobview_device(v, v->checks.v[i].device), "leaf01"))
			return true;
	return false;
}

static void it_cannot_be_reached(void **state)
{
	static const struct {
		enum fault fault;
		const char *check;
		const char *passed[4], *unknown[4]; /* what lies before, and behind */
	} cases[] = {{FAULT_NOT_SENT, "unreachable", {0}, {"key-unknown", "key-changed", "login"}},
		     {FAULT_AUTH, "login", {"unreachable", "key-unknown", "key-changed"}, {0}},
		     {FAULT_HOSTKEY, "key-changed", {"unreachable", "key-unknown"}, {"login"}},
		     {FAULT_KEY_NEW, "key-unknown", {"unreachable"}, {"key-changed", "login"}}};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct bed b;
		(void)state;
		assert_int_equal(bed_open(&b, &PAIR), 0);
		switches_force(&b.switches, "leaf01", NULL, cases[i].fault, 0, -1);
		bed_run(&b);
		job_is(&b, JOB_REFUSED);
		assert_string_equal(check_of(&b, "leaf01", cases[i].check)->status, "failed");
		for (size_t k = 0; cases[i].passed[k]; k++)
			assert_string_equal(check_of(&b, "leaf01", cases[i].passed[k])->status,
					    "passed");
		for (size_t k = 0; cases[i].unknown[k]; k++) {
			const struct check_view *c = check_of(&b, "leaf01", cases[i].unknown[k]);
			assert_string_equal(c->status, "unknown");
			assert_non_null(strstr(c->message, "Could not be found out: "));
			assert_non_null(strstr(c->advice, "keeps it from being asked"));
		}
		assert_false(has_result(&b, "pair")); /* nobody could ask it */
		over(&b);
	}
}

/* --- what is sent ------------------------------------------------------------------------- */

static void a_value_that_may_not_be_sent(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "banner=two\nlines";
	o.parameters[1] = "rollback=no";
	ready(&b, &o);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "apply");
	assert_non_null(
	    strstr(bed_task(&b, "leaf01")->cause, "${banner} holds control characters"));
	over(&b);
}

static void values_are_one_word(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "banner=x; reboot $(id) 'now";
	ready(&b, &o);
	go(&b);
	job_is(&b, JOB_DONE);
	assert_string_equal(step_of(&b, "leaf01", "apply")->command,
			    "apply 'x; reboot $(id) '\\''now'");
	over(&b);
}

static void parameters_leave_steps_out(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "snapshots=no";
	ready(&b, &o);
	go(&b);
	assert_string_equal(step_of(&b, "leaf01", "snapshot-before")->result, "skipped");
	assert_int_equal(bed_view(&b)->snapshots.n, 0);
	over(&b);

	ready(&b, &ALONE);
	go(&b);
	assert_int_equal(bed_view(&b)->snapshots.n, 2);
	assert_string_equal(bed_view(&b)->snapshots.v[0].when, "before");
	assert_int_equal(cJSON_GetArraySize(bed_view(&b)->snapshots.v[1].rows), 2);
	over(&b);
}

static void repeats_of_a_repeatable_step(void **state)
{
	for (int times = 1; times <= 2; times++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		fault(&b, "claim", FAULT_ERROR, 0, times); /* "retries": 1 */
		go(&b);
		task_is(&b, "leaf01", times == 1 ? TASK_DONE : TASK_FAILED);
		over(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_wait_has_a_limit),
	    cmocka_unit_test(a_wait_gives_up_when_told),
	    cmocka_unit_test(a_wait_that_does_not_block),
	    cmocka_unit_test(a_wait_must_stay_yes),
	    cmocka_unit_test(a_detached_one_is_asked_about_in_time),
	    cmocka_unit_test(five_attempts_to_reach_it),
	    cmocka_unit_test(a_changed_host_key_ends_it),
	    cmocka_unit_test(copies_are_tried_again),
	    cmocka_unit_test(a_copy_tells_how_far_it_is),
	    cmocka_unit_test(error_patterns_say_what_to_do),
	    cmocka_unit_test(the_kept_file_is_used),
	    cmocka_unit_test(a_file_that_was_never_kept),
	    cmocka_unit_test(peers_are_told),
	    cmocka_unit_test(peers_that_are_not_ready_are_waited_for),
	    cmocka_unit_test(output_is_capped),
	    cmocka_unit_test(hostile_output_is_harmless),
	    cmocka_unit_test(facts_that_cannot_be_read),
	    cmocka_unit_test(it_cannot_be_reached),
	    cmocka_unit_test(a_value_that_may_not_be_sent),
	    cmocka_unit_test(values_are_one_word),
	    cmocka_unit_test(parameters_leave_steps_out),
	    cmocka_unit_test(repeats_of_a_repeatable_step),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
