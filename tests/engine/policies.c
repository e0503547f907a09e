/* SPDX-License-Identifier: ISC */
/* What the job does about failures, windows and orders of the operator. */
#include "config.h"

#include "tests/engine/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- failure policies --------------------------------------------------------------------- */

static void one_fails(struct bed *b, struct bed_options o, const char *device)
{
	o.fabric = BED_REFERENCE;
	ready(b, &o);
	claim_fails(b, device);
	go(b);
	task_is(b, device, TASK_FAILED);
}

static void hold_after_the_batch(void **state)
{
	struct bed b;
	(void)state;
	one_fails(&b, (struct bed_options){0}, "spine01");
	job_is(&b, JOB_HELD);
	assert_string_equal(bed_view(&b)->reason, "spine01 failed: Failed at- Claim");
	task_is(&b, "spine02", TASK_DONE); /* the batch finished */
	task_is(&b, "spine03", TASK_PENDING);
	command(&b, "resume", NULL);
	job_is(&b, JOB_FAILED);
	task_is(&b, "fw2", TASK_DONE);
	over(&b);
}

static void stop_after_the_role(void **state)
{
	struct bed b;
	(void)state;
	one_fails(&b, (struct bed_options){.on_failure = ON_FAILURE_STOP}, "spine01");
	job_is(&b, JOB_FAILED);
	task_is(&b, "spine04", TASK_DONE);
	task_is(&b, "leaf01", TASK_SKIPPED);
	assert_string_equal(bed_task(&b, "leaf01")->reason, "SKIPPED_ON_FAILURE");
	over(&b);
}

static void remembered(struct bed *b, const char *device, const char *version, const char *result)
{
	struct known_devices list = {0};
	struct err e = {0};
	assert_int_equal(store_history_last(b->store, &list, &e), 0);
	const struct known_device *k = known_device(&list, device);
	assert_non_null(k);
	assert_true(str_eq(k->version, version));
	assert_true(str_eq(k->result, result));
	assert_true(k->facts.n > 0);
	known_devices_release(&list);
}

/* What the next job can show before it asks: versions, and how it went the last time. */
static void what_is_remembered(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &(struct bed_options){.fabric = BED_REFERENCE});
	remembered(&b, "spine01", BED_FROM, NULL); /* asked, not yet touched */
	claim_fails(&b, "spine01");
	go(&b);
	remembered(&b, "spine01", BED_FROM, "failed"); /* before the point of no return */
	remembered(&b, "spine02", BED_TO, "done");
	remembered(&b, "spine03", BED_FROM, NULL);
	command(&b, "resume", NULL);
	over(&b);
}

static size_t notes_with(struct bed *b, const char *text)
{
	size_t n = 0;
	for (size_t i = 0; i < bed_view(b)->notes.n; i++)
		n += strstr(bed_view(b)->notes.v[i].text, text) != NULL;
	return n;
}

static void go_on_within_the_budget(void **state)
{
	struct bed b;
	struct bed_options o = {
	    .fabric = BED_REFERENCE, .on_failure = ON_FAILURE_GO_ON, .budget = 1};
	(void)state;
	one_fails(&b, o, "spine01");
	job_is(&b, JOB_FAILED);
	task_is(&b, "fw1", TASK_DONE);
	over(&b);

	ready(&b, &o);
	claim_fails(&b, "spine01");
	claim_fails(&b, "leaf01");
	go(&b);
	job_is(&b, JOB_HELD);
	task_is(&b, "border01", TASK_PENDING);
	const char *why = bed_view(&b)->reason;
	static const char used[] = "the failure budget is used up (2 failed, 1 accepted; ";
	assert_memory_equal(why, used, sizeof(used) - 1);
	assert_non_null(strstr(why, "goes on, 'skip' one of them): leaf01 failed: Failed at- Claim"));
	assert_int_equal(notes_with(&b, "past the failure budget"), 0);
	command(&b, "resume", NULL);
	job_is(&b, JOB_FAILED);
	task_is(&b, "fw1", TASK_DONE);
	assert_int_equal(notes_with(&b, "past the failure budget (2 failed, 1 accepted), as "), 1);
	over(&b);

	/* a resume within the budget goes past nothing */
	ready(&b, &o);
	claim_fails(&b, "spine01");
	start_only(&b);
	command(&b, "pause", NULL);
	command(&b, "resume", NULL);
	job_is(&b, JOB_FAILED);
	assert_int_equal(notes_with(&b, "past the failure budget"), 0);
	over(&b);
}

/* Of 12 devices 9 % are one, 8 % are none. */
static void budget_in_per_cent(void **state)
{
	struct bed b;
	struct bed_options o = {.fabric = BED_REFERENCE,
				.on_failure = ON_FAILURE_GO_ON,
				.budget = 9,
				.percent = true};
	(void)state;
	one_fails(&b, o, "spine01");
	assert_int_equal(bed_view(&b)->job->devices.n, 12);
	job_is(&b, JOB_FAILED);
	task_is(&b, "fw1", TASK_DONE);
	over(&b);

	o.budget = 8;
	one_fails(&b, o, "spine01");
	job_is(&b, JOB_HELD);
	task_is(&b, "border01", TASK_PENDING);
	over(&b);
}

static void canary_first(void **state)
{
	struct bed b;
	struct bed_options o = {.fabric = BED_REFERENCE, .canary = true};
	(void)state;
	ready(&b, &o);
	assert_int_equal(bed_view(&b)->plan->stages.v[0].batches.v[0].devices.n, 1);
	go(&b);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* --- hold after a stage ------------------------------------------------------------------- */

static void hold_after_stages(void **state)
{
	struct bed b;
	struct bed_options o = {.fabric = BED_REFERENCE, .hold_after = {"spine", "2"}};
	(void)state;
	ready(&b, &o);
	go(&b);
	job_is(&b, JOB_HELD);
	assert_string_equal(bed_view(&b)->reason,
			    "stage 1 (spine) is over: held as asked; 'resume' goes on");
	task_is(&b, "spine04", TASK_DONE);
	task_is(&b, "leaf01", TASK_PENDING);
	assert_int_equal(begun(&b, "leaf01", "claim", PASS_UPGRADE), 0);
	command(&b, "resume", NULL);
	job_is(&b, JOB_HELD);
	assert_non_null(strstr(bed_view(&b)->reason, "stage 2 (leaf) is over"));
	command(&b, "resume", NULL);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* A failure in the stage is told with it, and going on means both. */
static void hold_after_a_stage_that_failed(void **state)
{
	struct bed b;
	struct bed_options o = {
	    .fabric = BED_REFERENCE, .hold_after = {"1"}, .on_failure = ON_FAILURE_GO_ON};
	(void)state;
	one_fails(&b, o, "spine01");
	job_is(&b, JOB_HELD);
	assert_string_equal(bed_view(&b)->reason,
			    "stage 1 (spine) is over, 1 failed: held as asked; 'resume' goes on");
	/* looked at: the one is tried again, and the job waits at the same place once more */
	command(&b, "retry", "spine01");
	task_is(&b, "spine01", TASK_DONE);
	job_is(&b, JOB_HELD);
	task_is(&b, "leaf01", TASK_PENDING);
	command(&b, "resume", NULL);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* What the operator let go stays so after a crash; after the last stage there is nothing to hold.
 */
static void a_hold_that_was_let_go(void **state)
{
	struct bed b;
	struct bed_options o = {.fabric = BED_PAIR, .hold_after = {"1", "2"}};
	(void)state;
	ready(&b, &o);
	go(&b);
	size_t stages = bed_view(&b)->plan->stages.n;
	for (size_t i = 1; i < stages; i++) {
		job_is(&b, JOB_HELD);
		command(&b, "resume", NULL);
	}
	job_is(&b, JOB_DONE);
	over(&b);
}

/* --- a second person ---------------------------------------------------------------------- */

static void nothing_before_the_second_person(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.second_person = true;
	ready(&b, &o);
	start_only(&b);
	assert_int_equal(bed_run(&b), RUNNER_STOPPED); /* it stays, and nothing would wake it */
	assert_true(b.stuck);
	job_is(&b, JOB_HELD);
	assert_non_null(strstr(bed_view(&b)->reason, "waits for a second person"));
	assert_non_null(strstr(bed_view(&b)->reason, bed_view(&b)->words));
	assert_int_equal(begun(&b, "leaf01", "claim", PASS_UPGRADE), 0);
	/* an order that does not come through the door has no number of a user */
	bed_command(&b, "confirm", NULL, bed_view(&b)->words);
	bed_run(&b);
	assert_null(bed_view(&b)->confirmed);
	job_is(&b, JOB_HELD);
	bed_close(&b);
}

/* --- window ------------------------------------------------------------------------------- */

static int64_t minute_of(struct bed *b)
{
	return b->clock.wall(&b->clock) / 60000 % 1440; /* tests run with TZ=UTC */
}

static struct bed_options later(int64_t from, int64_t length)
{
	struct bed probe = {0};
	struct bed_options o = ALONE;
	assert_int_equal(bed_open(&probe, &o), 0);
	o.window_start = (minute_of(&probe) + from) % 1440;
	o.window_end = (o.window_start + length) % 1440;
	bed_close(&probe);
	return o;
}

static void nothing_before_the_window(void **state)
{
	struct bed b;
	struct bed_options o = later(120, 300);
	(void)state;
	ready(&b, &o);
	int64_t from = b.ms;
	go(&b);
	job_is(&b, JOB_DONE);
	assert_true(b.ms - from > 100 * 60000);
	const struct jobview *v = bed_view(&b); /* nothing went on, but nobody waited for a word */
	assert_int_equal(jobview_waited(v, v->last), 0);
	assert_true(jobview_waited_in(v, v->started, v->last) > 100 * 60000);
	over(&b);
}

static void pause_now(struct bed *b)
{
	const char *verb = b->ctx;
	if (bed_view(b)->state != JOB_HELD || !verb)
		return;
	assert_non_null(
	    strstr(bed_view(b)->reason, "waits for the maintenance window, which opens"));
	assert_true(bed_view(b)->until > b->clock.wall(&b->clock));
	b->ctx = NULL;
	bed_command(b, verb, NULL, NULL);
}

static void orders_while_the_window_is_closed(void **state)
{
	static const char *const verbs[] = {"pause", "cancel"};
	for (size_t i = 0; i < LEN(verbs); i++) {
		struct bed b;
		struct bed_options o = later(120, 300);
		(void)state;
		ready(&b, &o);
		b.ctx = (void *)verbs[i];
		b.on_wait = pause_now;
		start_only(&b);
		enum runner_end end = bed_run(&b); /* it used to look for the window for ever */
		job_is(&b, i ? JOB_CANCELLED : JOB_PAUSED);
		assert_int_equal(end, i ? RUNNER_FINAL : RUNNER_WAITS);
		over(&b);
	}
}

static void leave_once(struct bed *b)
{
	b->on_wait = NULL;
	leave_now(b);
}

/* Nobody runs the job when the window opens; who then orders a pause sees no device begin first. */
static void an_order_comes_before_what_could_begin(void **state)
{
	struct bed b;
	struct bed_options o = later(120, 300);
	(void)state;
	ready(&b, &o);
	b.on_wait = leave_once;
	go(&b);
	b.ms += 150 * 60000;
	command(&b, "pause", NULL);
	job_is(&b, JOB_PAUSED);
	assert_int_equal(begun(&b, "leaf01", "gate", PASS_UPGRADE), 0);
	command(&b, "resume", NULL);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* --- the operator ------------------------------------------------------------------------- */

static void pause_here(struct bed *b)
{
	bed_command(b, "pause", NULL, NULL);
}

static void pause_and_resume(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	when_at(&b, "spine01", "drain", pause_here);
	go(&b);
	job_is(&b, JOB_PAUSED);
	task_is(&b, "spine01", TASK_DONE); /* what was under way went on to its end */
	task_is(&b, "leaf01", TASK_PENDING);
	command(&b, "resume", NULL);
	job_is(&b, JOB_DONE);
	over(&b);
}

static void cancel_it(struct bed *b)
{
	b->on_wait = NULL;
	bed_command(b, "cancel", NULL, NULL);
}

static void cancel_of_the_pre_checks(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, "show space", FAULT_SLOW, 0, 3);
	b.on_wait = cancel_it;
	bed_run(&b);
	job_is(&b, JOB_CANCELLED);
	assert_null(bed_view(&b)->plan);
	over(&b);
}

static void retry_it(struct bed *b)
{
	bed_command(b, "cancel", NULL, NULL);
	bed_command(b, "retry", NULL, NULL);
	bed_command(b, "rollback", "leaf01", NULL);
}

static void a_cancel_is_not_taken_back_by_a_retry(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	when_at(&b, "spine01", "wait-boot", retry_it);
	go(&b);
	job_is(&b, JOB_CANCELLED);
	task_is(&b, "leaf01", TASK_CANCELLED);
	assert_true(noted(&b, "there is nothing to retry"));
	over(&b);
}

static void retry_from_the_failed_step(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "health");
	box(&b, "leaf01")->ill.stays_broken = false;
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(bed_task(&b, "leaf01")->attempt, 2);
	assert_int_equal(begun(&b, "leaf01", "reboot", PASS_UPGRADE), 1);
	assert_int_equal(begun(&b, "leaf01", "gate", PASS_UPGRADE), 1);
	over(&b);
}

static void retry_from_the_start(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	go(&b);
	box(&b, "leaf01")->ill.traffic_stuck = false;
	command(&b, "retry", NULL);
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "gate", PASS_UPGRADE), 2);
	over(&b);
}

static void skip_before_it_starts(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	command(&b, "skip", "leaf02");
	go(&b);
	task_is(&b, "leaf02", TASK_SKIPPED);
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf02", "gate", PASS_UPGRADE), 0);
	over(&b);
}

static void confirm(void **state)
{
	static const char *const answers[] = {"go", "fail"};
	for (size_t i = 0; i < LEN(answers); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.parameters[0] = "ask=yes";
		ready(&b, &o);
		go(&b);
		asked(&b, "confirm");
		assert_string_equal(bed_question(&b)->text, "Go on with leaf01?");
		bed_kill(&b); /* the question outlives the process */
		bed_run(&b);
		asked(&b, "confirm");
		answer(&b, "perhaps");
		asked(&b, "confirm");
		assert_true(noted(&b, "is one of: go|fail"));
		answer(&b, answers[i]);
		task_is(&b, "leaf01", i ? TASK_FAILED : TASK_DONE);
		over(&b);
	}
}

/* What was waived before the job began does not stop it when a step asks again; what was not, does. */
static void waived_is_waived_in_steps(void **state)
{
	(void)state;
	for (int waived = 0; waived < 2; waived++) {
		struct bed b;
		struct bed_options o = ALONE;
		o.edit[0] = "\"check\":[\"peer-up\",\"once\"]";
		o.edit[1] = "\"check\":[\"healthy\"]";
		assert_int_equal(bed_open(&b, &o), 0);
		/* asked twice in the pre-checks ("healthy" and "once"), then by the step */
		switches_force(&b.switches, "leaf01", "show health", FAULT_GARBAGE, waived ? 0 : 2,
			       waived ? 3 : 1);
		bed_run(&b);
		job_is(&b, waived ? JOB_REFUSED : JOB_READY);
		if (waived) {
			bed_waive(&b, "healthy", "known");
			bed_run(&b);
			job_is(&b, JOB_READY);
		}
		bed_command(&b, "start", NULL, NULL);
		go(&b);
		task_is(&b, "leaf01", waived ? TASK_DONE : TASK_FAILED);
		assert_string_equal(check_of(&b, "leaf01", "healthy")->status,
				    waived ? "waived" : "failed");
		over(&b);
	}
}

static void waive_and_recheck(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.no_restore_image = true;
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, "show health", FAULT_ERROR, 0, 1);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "healthy")->status, "failed");
	b.ms += 3600000;
	command(&b, "recheck", NULL);
	assert_int_equal(jobview_waited(bed_view(&b), bed_view(&b)->last), 0); /* not started */
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "healthy")->status, "passed");
	bed_waive(&b, "restoration", "");
	bed_run(&b);
	assert_true(noted(&b, "a waiver needs a reason"));
	bed_waive(&b, "image", "no matter");
	bed_run(&b);
	assert_true(noted(&b, "\"image\" cannot be waived"));
	bed_waive(&b, "restoration", "there is a console");
	bed_run(&b);
	job_is(&b, JOB_READY);
	assert_string_equal(check_of(&b, "leaf01", "restoration")->status, "waived");
	go(&b);
	job_is(&b, JOB_DONE);
	over(&b);
}

static void a_check_that_does_not_apply_any_more(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"title\":\"Healthy\",";
	o.edit[1] = "\"title\":\"Healthy\",\"when\":{\"value\":\"release\",\"is\":\"5.0.0\"},";
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, "show health", FAULT_ERROR, 0, 1);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	strcpy(box(&b, "leaf01")->release, "5.0.9");
	bed_waive(&b, "restoration", "there is a console");
	bed_run(&b);
	command(&b, "recheck", NULL);
	assert_string_equal(check_of(&b, "leaf01", "healthy")->status, "skipped");
	assert_string_equal(check_of(&b, "leaf01", "restoration")->status, "waived");
	job_is(&b, JOB_READY);
	over(&b);
}

static void missing_image(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.no_image = true;
	assert_int_equal(bed_open(&b, &o), 0);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "image")->status, "failed");
	assert_string_equal(check_of(&b, "leaf01", "image")->message,
			    "no image Version - 5.1.0, Model - Model One");
	over(&b);
}

static void orders_that_make_no_sense(void **state)
{
	static const char *const orders[][2] = {
	    {"start", NULL},     {"resume", NULL},    {"rollback", "leaf01"},
	    {"retry", "nobody"}, {"skip", NULL},      {"answer", "77"},
	    {"dance", NULL},     {"retry", "leaf01"}, {"recheck", NULL}};
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	when_at(&b, "leaf01", "drain", pause_here);
	go(&b);
	for (size_t i = 0; i < LEN(orders); i++) {
		size_t before = bed_view(&b)->notes.n;
		bool sense = i == 2; /* it is done by now: it may be rolled back */
		if (sense)
			continue;
		bed_command(&b, orders[i][0], orders[i][1], "x");
		bed_run(&b);
		assert_int_equal(bed_view(&b)->notes.n, before + 1);
	}
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hold_after_the_batch),
	    cmocka_unit_test(stop_after_the_role),
	    cmocka_unit_test(what_is_remembered),
	    cmocka_unit_test(go_on_within_the_budget),
	    cmocka_unit_test(budget_in_per_cent),
	    cmocka_unit_test(canary_first),
	    cmocka_unit_test(hold_after_stages),
	    cmocka_unit_test(hold_after_a_stage_that_failed),
	    cmocka_unit_test(a_hold_that_was_let_go),
	    cmocka_unit_test(nothing_before_the_second_person),
	    cmocka_unit_test(nothing_before_the_window),
	    cmocka_unit_test(orders_while_the_window_is_closed),
	    cmocka_unit_test(an_order_comes_before_what_could_begin),
	    cmocka_unit_test(pause_and_resume),
	    cmocka_unit_test(cancel_of_the_pre_checks),
	    cmocka_unit_test(a_cancel_is_not_taken_back_by_a_retry),
	    cmocka_unit_test(retry_from_the_failed_step),
	    cmocka_unit_test(retry_from_the_start),
	    cmocka_unit_test(skip_before_it_starts),
	    cmocka_unit_test(confirm),
	    cmocka_unit_test(waived_is_waived_in_steps),
	    cmocka_unit_test(waive_and_recheck),
	    cmocka_unit_test(a_check_that_does_not_apply_any_more),
	    cmocka_unit_test(missing_image),
	    cmocka_unit_test(orders_that_make_no_sense),
	};
	setenv("TZ", "UTC", 1);
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
