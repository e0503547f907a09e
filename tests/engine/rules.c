/* SPDX-License-Identifier: ISC */
/* The hard rules of the engine, one small story or more each. The rules that watch.c and
 * switchmodel.c look after hold in every story: over() says so. */
#include "config.h"

#include "tests/engine/help.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- 1: intent before, outcome after ------------------------------------------------------ */

static int writes_of_a_run(void)
{
	struct bed b;
	ready(&b, &ALONE);
	b.appends = 0;
	go(&b);
	job_is(&b, JOB_DONE);
	int n = b.appends;
	over(&b);
	return n;
}

static void killed_at_every_write(void **state)
{
	(void)state;
	int n = writes_of_a_run();
	assert_true(n > 20);
	for (int at = 1; at <= n; at++)
		for (int before = 0; before < 2; before++) {
			struct bed b;
			ready(&b, &ALONE);
			b.appends = 0;
			b.crash_at = at;
			b.crash_before = before;
			go(&b);
			if (bed_view(&b)->state == JOB_READY) /* killed before "start" was kept */
				go(&b);
			task_is(&b, "leaf01", TASK_DONE);
			assert_int_equal(b.crashes, 1);
			assert_int_equal(box(&b, "leaf01")->rebooted.n, 1);
			assert_int_equal(begun(&b, "leaf01", "check-after", PASS_UPGRADE), 1);
			over(&b);
		}
}

/* --- 2: lost means unknown ---------------------------------------------------------------- */

static void lost_after_it_was_done(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "drain", FAULT_LOST_AFTER, 0, 1);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 1);
	over(&b);
}

static void lost_before_it_was_done(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "drain", FAULT_LOST_BEFORE, 0, 1);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 2); /* each with an intent */
	/* "not done" was not believed at once: the device might not have shown it yet */
	const struct task_view *t = bed_task(&b, "leaf01");
	for (size_t i = 0; i < t->steps.n; i++)
		if (str_eq(t->steps.v[i].step, "drain") && str_eq(t->steps.v[i].result, "repeat"))
			assert_true(t->steps.v[i].ended - t->steps.v[i].started >= 20000);
	over(&b);
}

static void unclear_drain(struct bed *b, enum fault first)
{
	ready(b, &ALONE);
	fault(b, "drain", first, 0, 1);
	fault(b, "show health", FAULT_GARBAGE, 1, 1); /* the first is a check of the gate */
	go(b);
	task_is(b, "leaf01", TASK_HELD);
	job_is(b, JOB_HELD);
	asked(b, "unknown-outcome");
}

static void cannot_tell_is_asked(void **state)
{
	struct bed b;
	(void)state;
	unclear_drain(&b, FAULT_LOST_AFTER);
	answer(&b, "wait"); /* the device is asked again, and now it says it */
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 1);
	over(&b);
}

static void answer_done(void **state)
{
	struct bed b;
	(void)state;
	unclear_drain(&b, FAULT_TIMEOUT);
	answer(&b, "done");
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

static void answer_retry(void **state)
{
	struct bed b;
	(void)state;
	unclear_drain(&b, FAULT_HANG);
	answer(&b, "retry");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 2);
	over(&b);
}

static void answer_fail(void **state)
{
	struct bed b;
	(void)state;
	unclear_drain(&b, FAULT_LOST_AFTER);
	answer(&b, "fail");
	task_is(&b, "leaf01", TASK_FAILED);
	assert_false(box(&b, "leaf01")->drained); /* it may have been done: taken back */
	over(&b);
}

static void wait_after_a_restart_asks_first(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "reboot", FAULT_LOST_AFTER, 0, 1);
	fault(&b, "show boot", FAULT_GARBAGE, 1, 1);
	go(&b);
	asked(&b, "unknown-outcome");
	bed_kill(&b);
	bed_run(&b);
	answer(&b, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(box(&b, "leaf01")->rebooted.n, 1);
	over(&b);
}

/* --- 3: success is version and boot ------------------------------------------------------- */

static void old_system_again(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.boots_old = true;
	go(&b);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "wait-boot");
	assert_string_equal(bed_task(&b, "leaf01")->message,
			    "leaf01 did not come back with 5.1.0: expected \"5.1.0\" for "
			    "release_now, got \"5.0.0\"");
	over(&b);
}

static void never_comes_back(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.never_returns = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	job_is(&b, JOB_FAILED);
	assert_true(noted(&b, "Undrain"));
	over(&b);
}

/* --- 4: one reboot, after an install that said it succeeded ------------------------------- */

static void failed_install_is_no_reason_to_reboot(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.install_fails = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(box(&b, "leaf01")->rebooted.n, 0);
	assert_string_equal(bed_task(&b, "leaf01")->message, "leaf01 does not take the image");
	assert_string_equal(bed_task(&b, "leaf01")->error_kind, "image");
	over(&b);
}

static void proven_not_done_is_not_sent_for_ever(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "reboot", FAULT_LOST_BEFORE, 0, -1);
	go(&b);
	asked(&b, "unknown-outcome");
	assert_true(begun(&b, "leaf01", "reboot", PASS_UPGRADE) <= 5);
	b.switches.forced.n = 0;
	answer(&b, "fail");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	over(&b);
}

static void a_second_rollback_has_marks_of_its_own(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	fault(&b, "apply", FAULT_ERROR, 0, 3);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_FAILED);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	over(&b);
}

static void retry_of_the_reboot_starts_before_the_drain(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	fault(&b, "reboot", FAULT_ERROR, 0, 1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_false(box(&b, "leaf01")->drained);
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 2);
	over(&b);
}

/* --- 5: long installs run on the device --------------------------------------------------- */

static void install_goes_on_without_us(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "install start", FAULT_LOST_AFTER, 0, 1);
	fault(&b, "install state", FAULT_LOST_BEFORE, 1, 2);
	when_at(&b, "leaf01", "install", leave_now);
	go(&b);
	bed_run(&b);
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "install", PASS_UPGRADE), 1);
	over(&b);
}

static void install_that_does_not_end(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "install state", FAULT_HANG, 0, 11);
	go(&b);
	asked(&b, "unknown-outcome");
	bed_kill(&b);
	bed_run(&b);
	answer(&b, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "install", PASS_UPGRADE), 1);
	over(&b);
}

/* --- 6: redundancy groups ----------------------------------------------------------------- */

static void peer_of_a_failed_one_waits_for_a_word(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.on_failure = ON_FAILURE_GO_ON;
	ready(&b, &o);
	claim_fails(&b, "leaf01");
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	task_is(&b, "leaf02", TASK_SKIPPED);
	assert_int_equal(begun(&b, "leaf02", "gate", PASS_UPGRADE), 0);
	command(&b, "skip", "leaf01"); /* the word */
	command(&b, "retry", "leaf02");
	task_is(&b, "leaf02", TASK_DONE);
	over(&b);
}

static void who_is_down_is_retried_first(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	claim_fails(&b, "leaf01");
	box(&b, "leaf02")->ill.never_returns = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	command(&b, "skip", "leaf01");
	task_is(&b, "leaf02", TASK_FAILED); /* and it is down */
	switches_heal(&b.switches, b.ms);
	box(&b, "leaf02")->up_at = b.ms + 200000;
	command(&b, "retry", NULL);
	task_is(&b, "leaf02", TASK_DONE);
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

/* --- 7: drift ----------------------------------------------------------------------------- */

static void another_box_is_not_touched(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->serial = 4711;
	go(&b);
	asked(&b, "drift");
	assert_string_equal(bed_question(&b)->text,
			    "leaf01 is not as planned: serial was \"S1000\" when planned and is "
			    "\"S4711\" now");
	answer(&b, "retry");
	asked(&b, "drift");
	box(&b, "leaf01")->serial = 1000;
	answer(&b, "retry");
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

static void drift_may_be_accepted_or_refused(void **state)
{
	for (int accept = 0; accept < 2; accept++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		strcpy(box(&b, "leaf01")->release, "5.0.9");
		go(&b);
		asked(&b, "drift");
		answer(&b, accept ? "done" : "fail");
		task_is(&b, "leaf01", accept ? TASK_DONE : TASK_FAILED);
		over(&b);
	}
}

/* --- 8: logins ---------------------------------------------------------------------------- */

static void a_refused_login_is_not_tried_again(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &PAIR), 0);
	fault(&b, NULL, FAULT_AUTH, 3, -1);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_int_equal(b.refusals, 1);
	over(&b);

	ready(&b, &ALONE);
	fault(&b, "claim", FAULT_AUTH, 0, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(b.refusals, 1);
	assert_string_equal(bed_task(&b, "leaf01")->error_kind, "authentication");
	over(&b);
}

/* --- 12: kill -9 -------------------------------------------------------------------------- */

static void restarts_that_get_nowhere_are_held(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	start_only(&b);
	for (int i = 0; i < 4; i++) {
		when_at(&b, "leaf01", "traffic", leave_now);
		fault(&b, "show traffic", FAULT_LOST_BEFORE, 0, 3);
		bed_run(&b);
	}
	b.on_wait = NULL;
	bed_run(&b);
	asked(&b, "restart-loop");
	answer(&b, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

/* Two groups, one failure in each: everybody is told of its own peer. */
static void skipped_for_its_own_peer(void **state)
{
	struct bed b;
	struct bed_options o = {.fabric = BED_REFERENCE, .on_failure = ON_FAILURE_GO_ON, .budget = 4};
	(void)state;
	ready(&b, &o);
	claim_fails(&b, "leaf01");
	claim_fails(&b, "leaf03");
	go(&b);
	task_is(&b, "leaf02", TASK_SKIPPED);
	assert_non_null(strstr(bed_task(&b, "leaf02")->reason, "leaf01 of the same redundancy group"));
	task_is(&b, "leaf04", TASK_SKIPPED);
	assert_non_null(strstr(bed_task(&b, "leaf04")->reason, "leaf03 of the same redundancy group"));
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(killed_at_every_write),
	    cmocka_unit_test(lost_after_it_was_done),
	    cmocka_unit_test(lost_before_it_was_done),
	    cmocka_unit_test(cannot_tell_is_asked),
	    cmocka_unit_test(answer_done),
	    cmocka_unit_test(answer_retry),
	    cmocka_unit_test(answer_fail),
	    cmocka_unit_test(wait_after_a_restart_asks_first),
	    cmocka_unit_test(old_system_again),
	    cmocka_unit_test(never_comes_back),
	    cmocka_unit_test(failed_install_is_no_reason_to_reboot),
	    cmocka_unit_test(proven_not_done_is_not_sent_for_ever),
	    cmocka_unit_test(a_second_rollback_has_marks_of_its_own),
	    cmocka_unit_test(retry_of_the_reboot_starts_before_the_drain),
	    cmocka_unit_test(install_goes_on_without_us),
	    cmocka_unit_test(install_that_does_not_end),
	    cmocka_unit_test(peer_of_a_failed_one_waits_for_a_word),
	    cmocka_unit_test(who_is_down_is_retried_first),
	    cmocka_unit_test(another_box_is_not_touched),
	    cmocka_unit_test(drift_may_be_accepted_or_refused),
	    cmocka_unit_test(a_refused_login_is_not_tried_again),
	    cmocka_unit_test(restarts_that_get_nowhere_are_held),
	    cmocka_unit_test(skipped_for_its_own_peer),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
