/* SPDX-License-Identifier: ISC */
/* Rules 9 and 10: what was changed for the time of the upgrade is taken back on every way out, or
 * named; the way back keeps the rules of the way there. */
#include "config.h"

#include "tests/engine/help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void clean(struct bed *b, const char *device)
{
	assert_false(box(b, device)->drained);
	assert_string_equal(box(b, device)->claim, "");
	assert_string_equal(box(b, device)->staged, "");
	assert_int_equal(bed_task(b, device)->open.n, 0);
}

static void after_a_failure(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	clean(&b, "leaf01");
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UNDO), 1);
	assert_int_equal(begun(&b, "leaf01", "claim", PASS_UNDO), 1);
	over(&b);
}

static void after_success(void **state)
{
	static const char *const tidy[] = {"tidy=yes", "tidy=no"};
	for (size_t i = 0; i < LEN(tidy); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.parameters[0] = tidy[i];
		ready(&b, &o);
		go(&b);
		job_is(&b, JOB_DONE);
		clean(&b, "leaf01");
		assert_int_equal(begun(&b, "leaf01", "drain", PASS_UNDO), 1);
		/* the reboot took these back */
		assert_int_equal(begun(&b, "leaf01", "install", PASS_UNDO), 0);
		assert_int_equal(begun(&b, "leaf01", "claim", PASS_UNDO), 0);
		over(&b);
	}
}

static void cancel(struct bed *b)
{
	bed_command(b, "cancel", NULL, NULL);
}

static void after_a_cancel(void **state)
{
	static const char *const steps[] = {"gate",  "claim",   "keep",  "snapshot-before",
					    "drain", "traffic", "stage", "install"};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		fault(&b, "show traffic", FAULT_SLOW, 0, 1);
		when_at(&b, "leaf01", steps[i], cancel);
		go(&b);
		task_is(&b, "leaf01", TASK_CANCELLED);
		job_is(&b, JOB_CANCELLED);
		assert_int_equal(box(&b, "leaf01")->rebooted.n, 0);
		clean(&b, "leaf01");
		over(&b);
	}
}

static void not_after_the_point_of_no_return(void **state)
{
	static const char *const steps[] = {"reboot", "wait-boot", "health"};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct bed b;
		(void)state;
		ready(&b, &PAIR);
		when_at(&b, "spine01", steps[i], cancel);
		go(&b);
		task_is(&b, "spine01", TASK_DONE);
		task_is(&b, "leaf01", TASK_CANCELLED);
		job_is(&b, JOB_CANCELLED);
		clean(&b, "spine01");
		over(&b);
	}
}

static void cancel_of_a_held_one(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "ask=yes";
	ready(&b, &o);
	go(&b);
	asked(&b, "confirm");
	command(&b, "cancel", NULL);
	task_is(&b, "leaf01", TASK_CANCELLED); /* nothing failed */
	clean(&b, "leaf01");
	over(&b);
}

static void cancel_of_an_unknown_one(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "drain", FAULT_LOST_AFTER, 0, 1);
	fault(&b, "show health", FAULT_GARBAGE, 1, 1);
	go(&b);
	asked(&b, "unknown-outcome");
	command(&b, "cancel", NULL);
	task_is(&b, "leaf01", TASK_FAILED);
	clean(&b, "leaf01");
	over(&b);
}

static void an_undo_counts_its_own_tries(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "show config", FAULT_NOT_SENT, 0, 5); /* the step gives up after five */
	fault(&b, "unclaim", FAULT_LOST_BEFORE, 0, 2);  /* and the undo must still try */
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	clean(&b, "leaf01");
	over(&b);
}

/* What was changed on the peers is taken back there, on every way out, or named. */
static void on_peers(void **state)
{
	static const struct {
		bool stuck;
		enum fault fault; /* of one peer, when it is let go */
		int times;
		enum task_state end;
	} rows[] = {
	    {false, FAULT_NONE, 0, TASK_DONE},      {true, FAULT_NONE, 0, TASK_FAILED},
	    {true, FAULT_LOST_AFTER, 1, TASK_FAILED}, {true, FAULT_NOT_SENT, -1, TASK_FAILED},
	    {true, FAULT_ERROR, -1, TASK_FAILED},
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		(void)state;
		ready(&b, &PAIR);
		bool left = rows[i].times < 0;
		box(&b, "leaf01")->ill.traffic_stuck = rows[i].stuck;
		if (rows[i].fault)
			switches_force(&b.switches, "leaf02", "unprepare", rows[i].fault, 0,
				       rows[i].times);
		go(&b);
		task_is(&b, "leaf01", rows[i].end);
		assert_int_equal(begun(&b, "leaf01", "prepare", PASS_UNDO), 1);
		assert_string_equal(box(&b, "leaf02")->prepared, left ? "leaf01" : "");
		assert_int_equal(noted(&b, "\"Let the peers go\" could not be done on the peers (leaf02: "),
				 left);
		assert_int_equal(noted(&b, "Do it by hand on leaf02: unprepare 'leaf01'"), left);
		assert_int_equal(bed_task(&b, "leaf01")->open.n, left);
		assert_string_equal(box(&b, "leaf01")->claim, ""); /* of its own device */
		over(&b);
	}
}

/* A device that is gone for good keeps what is on itself, and each thing is named with why; its peer, which
 * answers, is let go. */
static void peers_of_a_dead_device(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	box(&b, "leaf01")->ill.never_returns = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(box(&b, "leaf02")->prepared, "");
	assert_int_equal(begun(&b, "leaf01", "prepare", PASS_UNDO), 1);
	assert_int_equal(noted(&b, "could not be done on the peers"), 0);
	assert_int_equal(noted(&b, "\"Undrain\" could not be done ("), 1);
	assert_int_equal(begun(&b, "leaf01", "claim", PASS_UNDO), 0);
	assert_int_equal(noted(&b, "could not be done (not tried)"), 1);
	over(&b);
}

/* Two peers: one that cannot be let go does not keep the other, and who is left is named. */
static void on_two_peers(void **state)
{
	static const char *const stuck[] = {"", "leaf02", "leaf03", "leaf02 leaf03"};
	for (size_t i = 0; i < LEN(stuck); i++) {
		struct bed b;
		(void)state;
		ready(&b, &TRIO);
		box(&b, "leaf01")->ill.traffic_stuck = true;
		for (int k = 2; k <= 3; k++) {
			const char *name = k == 2 ? "leaf02" : "leaf03";
			if (strstr(stuck[i], name))
				switches_force(&b.switches, name, "unprepare", FAULT_ERROR, 0, -1);
		}
		go(&b);
		task_is(&b, "leaf01", TASK_FAILED);
		assert_int_equal(begun(&b, "leaf01", "prepare", PASS_UPGRADE), 1);
		assert_int_equal(begun(&b, "leaf01", "prepare", PASS_UNDO), 1);
		for (int k = 2; k <= 3; k++) {
			const char *name = k == 2 ? "leaf02" : "leaf03";
			bool left = strstr(stuck[i], name) != NULL;
			char *first = xasprintf("(%s: ", name), *next = xasprintf("; %s: ", name);
			assert_string_equal(box(&b, name)->prepared, left ? "leaf01" : "");
			assert_int_equal(noted(&b, first) || noted(&b, next), left);
			free(first), free(next);
		}
		assert_int_equal(bed_task(&b, "leaf01")->open.n, *stuck[i] != '\0');
		over(&b);
	}
}

/* A change of the whole group is taken back by a peer when nobody knows whether its device has. */
static void by_any_of_them(void **state)
{
	for (int left = 0; left < 2; left++) {
		struct bed b;
		struct bed_options o = PAIR;
		(void)state;
		o.edit[0] = "\"run\":\"undrain\",";
		o.edit[1] = "\"run\":\"undrain\",\"any\":true,";
		ready(&b, &o);
		box(&b, "leaf01")->ill.traffic_stuck = true;
		switches_force(&b.switches, "leaf01", "undrain", FAULT_LOST_AFTER, 0, -1);
		if (left)
			switches_force(&b.switches, "leaf02", "undrain", FAULT_ERROR, 0, -1);
		go(&b);
		task_is(&b, "leaf01", TASK_FAILED);
		assert_int_equal(begun(&b, "leaf01", "drain", PASS_UNDO), 1);
		assert_int_equal(bed_task(&b, "leaf01")->open.n, left);
		assert_int_equal(noted(&b, "\"Undrain\" could not be done"), left);
		assert_int_equal(noted(&b, "by hand on any of its devices (leaf02): undrain"), left);
		assert_string_equal(box(&b, "leaf01")->claim, ""); /* tried all the same */
		over(&b);
	}
}

/* A peer that is not prepared: the device stays in the traffic, and the message names the peer. */
static void a_peer_that_refuses(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	switches_force(&b.switches, "leaf02", "prepare", FAULT_ERROR, 0, 3);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "prepare");
	assert_non_null(strstr(bed_task(&b, "leaf01")->message, "leaf02 is not prepared for leaf01"));
	assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 0);
	/* nobody knows how much of it was done */
	assert_int_equal(begun(&b, "leaf01", "prepare", PASS_UNDO), 1);
	over(&b);
}

static void what_cannot_be_undone_is_named(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	fault(&b, "undrain", FAULT_ERROR, 0, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_true(box(&b, "leaf01")->drained);
	assert_true(noted(&b, "leaf01: \"Undrain\" could not be done"));
	assert_true(noted(&b, "Do it by hand on the device: undrain"));
	assert_string_equal(box(&b, "leaf01")->claim, ""); /* the others are still taken back */
	over(&b);
}

/* A procedure need not name it. */
static void an_undo_without_a_title(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"title\":\"Undrain\",";
	o.edit[1] = "";
	o.edit[2] = "\"drain\":{\"title\":\"Drain\"";
	o.edit[3] = "\"drain\":{\"title\":\"To Undrain\""; /* watch.c looks for the word */
	ready(&b, &o);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	fault(&b, "undrain", FAULT_ERROR, 0, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_true(noted(&b, "leaf01: \"Take back: To Undrain\" could not be done"));
	const struct task_view *t = bed_task(&b, "leaf01");
	for (size_t i = 0; i < t->steps.n; i++)
		if (t->steps.v[i].pass == PASS_UNDO && str_eq(t->steps.v[i].step, "drain"))
			assert_string_equal(t->steps.v[i].title, "Take back: To Undrain");
	over(&b);
}

static void killed_in_the_middle(void **state)
{
	(void)state;
	for (int at = 1; at < 60; at++) {
		struct bed b;
		ready(&b, &ALONE);
		box(&b, "leaf01")->ill.traffic_stuck = true;
		b.appends = 0;
		b.crash_at = at;
		b.crash_before = at % 2;
		go(&b);
		if (bed_view(&b)->state == JOB_READY)
			go(&b);
		task_is(&b, "leaf01", TASK_FAILED);
		clean(&b, "leaf01");
		bool crashed = b.crashes > 0;
		over(&b);
		if (!crashed)
			break;
	}
}

static void a_retry_of_the_unknown_may_have_been_done(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "drain", FAULT_LOST_AFTER, 0, 1);
	fault(&b, "show health", FAULT_GARBAGE, 1, 1);
	go(&b);
	asked(&b, "unknown-outcome");
	switches_force(&b.switches, "leaf01", "drain", FAULT_NOT_SENT, 0, 5);
	answer(&b, "retry");
	task_is(&b, "leaf01", TASK_FAILED);
	clean(&b, "leaf01");
	over(&b);
}

static void a_cancelled_copy_leaves_no_file(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"put\":{\"image\":\"os\",\"to\":\"/var/${image.name}\"},";
	o.edit[1] = "\"put\":{\"image\":\"os\",\"to\":\"/var/${image.name}\"},"
		    "\"undo\":{\"title\":\"Remove the image\",\"run\":\"greet nobody\"},";
	ready(&b, &o);
	when_at(&b, "leaf01", "stage", cancel);
	go(&b);
	task_is(&b, "leaf01", TASK_CANCELLED);
	assert_int_equal(begun(&b, "leaf01", "stage", PASS_UNDO), 1);
	over(&b);
}

static void never_sent_is_never_committed(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "reboot", FAULT_NOT_SENT, 0, 5);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED); /* undone, not rolled back */
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), 0);
	assert_int_equal(box(&b, "leaf01")->rebooted.n, 0);
	clean(&b, "leaf01");
	over(&b);
}

static void proven_not_done_is_not_committed(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "reboot", FAULT_LOST_BEFORE, 0, 1);
	fault(&b, "reboot", FAULT_NOT_SENT, 0, 5);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(begun(&b, "leaf01", "reboot", PASS_UPGRADE), 2);
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), 0);
	clean(&b, "leaf01");
	over(&b);
}

static void what_an_earlier_step_committed_stays(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"state\":\"installing\",\"timeout\"";
	o.edit[1] = "\"state\":\"installing\",\"commits\":true,\"timeout\"";
	ready(&b, &o);
	fault(&b, "reboot", FAULT_NOT_SENT, 0, 5);
	go(&b);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), 1);
	clean(&b, "leaf01");
	over(&b);
}

/* --- rollback ----------------------------------------------------------------------------- */

static void back_after_a_failure(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.stays_broken = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED); /* it stays broken on the old version, too */
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), 1);
	assert_string_equal(box(&b, "leaf01")->release, BED_FROM);
	over(&b);
}

static void back_as_asked_for(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	go(&b);
	job_is(&b, JOB_DONE);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_string_equal(box(&b, "leaf01")->release, BED_FROM);
	clean(&b, "leaf01");
	command(&b, "retry", "leaf01"); /* and there again */
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

static void roll_back_leaf01(struct bed *b)
{
	bed_command(b, "rollback", "leaf01", NULL);
}

static void back_only_when_the_peer_is_there(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	when_at(&b, "leaf02", "drain", roll_back_leaf01);
	go(&b);
	task_is(&b, "leaf02", TASK_DONE);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	over(&b); /* the switches would have told */
}

static void no_way_back(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.no_restore_image = true;
	assert_int_equal(bed_open(&b, &o), 0);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "restoration")->status, "failed");
	assert_int_equal(box(&b, "leaf01")->claim[0], 0);
	over(&b);

	o = ALONE;
	o.method = "no-way-back";
	ready(&b, &o);
	fault(&b, "undrain", FAULT_ERROR, 0, -1);
	go(&b);
	command(&b, "rollback", "leaf01");
	assert_true(noted(&b, "this method of upgrade has no way back"));
	over(&b);

	o = ALONE; /* a way back after a failure only */
	o.edit[0] = "\"title\":\"Image\"";
	o.edit[1] = "\"title\":\"Image\",\"done_stays\":\"all is new\"";
	ready(&b, &o);
	go(&b);
	job_is(&b, JOB_DONE);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_true(noted(&b, "leaf01 is done and cannot go back: all is new"));
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), 0);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(after_a_failure),
	    cmocka_unit_test(after_success),
	    cmocka_unit_test(after_a_cancel),
	    cmocka_unit_test(not_after_the_point_of_no_return),
	    cmocka_unit_test(cancel_of_a_held_one),
	    cmocka_unit_test(cancel_of_an_unknown_one),
	    cmocka_unit_test(an_undo_counts_its_own_tries),
	    cmocka_unit_test(on_peers),
	    cmocka_unit_test(on_two_peers),
	    cmocka_unit_test(peers_of_a_dead_device),
	    cmocka_unit_test(by_any_of_them),
	    cmocka_unit_test(a_peer_that_refuses),
	    cmocka_unit_test(what_cannot_be_undone_is_named),
	    cmocka_unit_test(an_undo_without_a_title),
	    cmocka_unit_test(killed_in_the_middle),
	    cmocka_unit_test(a_retry_of_the_unknown_may_have_been_done),
	    cmocka_unit_test(a_cancelled_copy_leaves_no_file),
	    cmocka_unit_test(never_sent_is_never_committed),
	    cmocka_unit_test(proven_not_done_is_not_committed),
	    cmocka_unit_test(what_an_earlier_step_committed_stays),
	    cmocka_unit_test(back_after_a_failure),
	    cmocka_unit_test(back_as_asked_for),
	    cmocka_unit_test(back_only_when_the_peer_is_there),
	    cmocka_unit_test(no_way_back),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
