/* SPDX-License-Identifier: ISC */
/* What the operator orders: it is done, counted as what it is, and not undone by what went before. */
#include "config.h"

#include "tests/engine/help.h"

#include "model/difference.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>


/* --- a way back at the operator's word ---------------------------------------------------- */

static void a_way_back_is_no_failure(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	go(&b);
	job_is(&b, JOB_DONE);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_string_equal(bed_task(&b, "leaf01")->reason, "as ordered");
	job_is(&b, JOB_DONE);
	assert_string_equal(bed_view(&b)->reason, "3 done, 0 failed, 1 rolled back (1 at the "
						  "operator's word), 0 not touched");
	assert_int_equal(jobview_failures(bed_view(&b)), 0);
	command(&b, "retry", NULL); /* whatever failed: nothing did */
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	job_is(&b, JOB_DONE);
	over(&b);
}

static void a_way_back_is_no_try(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	assert_int_equal(bed_task(&b, "leaf01")->tries, 0);
	go(&b);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_int_equal(bed_task(&b, "leaf01")->attempt, 2); /* its marks are its own */
	assert_int_equal(bed_task(&b, "leaf01")->tries, 1);
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(bed_task(&b, "leaf01")->tries, 2);
	over(&b);
}

static void after_a_failure_it_is_one(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	box(&b, "leaf01")->ill.stays_broken = false;
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	job_is(&b, JOB_FAILED);
	assert_int_equal(jobview_failures(bed_view(&b)), 1);
	over(&b);
}

static void who_cannot_go_back_stays_done(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.on_failure = ON_FAILURE_GO_ON;
	ready(&b, &o);
	claim_fails(&b, "leaf02");
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	task_is(&b, "leaf02", TASK_FAILED);
	command(&b, "rollback", "leaf01"); /* its peer failed and is not released */
	task_is(&b, "leaf01", TASK_DONE);
	assert_non_null(strstr(bed_task(&b, "leaf01")->reason, "not rolled back: leaf02 of the"));
	job_is(&b, JOB_FAILED);
	over(&b);
}

static void a_failure_elsewhere_does_not_hold_it(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	claim_fails(&b, "spine01");
	go(&b);
	task_is(&b, "spine01", TASK_FAILED);
	command(&b, "resume", NULL);
	task_is(&b, "leaf01", TASK_DONE);
	claim_fails(&b, "spine01");
	command(&b, "retry", "spine01"); /* it fails again, and nobody said to go on */
	task_is(&b, "spine01", TASK_FAILED);
	assert_false(bed_task(&b, "spine01")->acknowledged);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	job_is(&b, JOB_FAILED);
	over(&b);
}

/* Before the point of no return all is taken back at once: nothing is left to roll back, and the way
 * there and back would only cost traffic. */
static void who_never_left_cannot_go_back(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PAIR);
	claim_fails(&b, "leaf02");
	go(&b);
	task_is(&b, "leaf02", TASK_FAILED);
	command(&b, "rollback", "leaf02");
	task_is(&b, "leaf02", TASK_FAILED);
	assert_int_equal(begun(&b, "leaf02", "look", PASS_ROLLBACK), 0);
	assert_true(noted(&b, "leaf02 never left its version"));
	assert_int_equal(diff_missing_count(bed_view(&b), DIFF_DUE_OVER), 0);
	over(&b);
}

/* The installation is undone, and its snapshots before are not missed after. */
static void nothing_after_is_missed_of_who_never_left(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "install start", FAULT_ERROR, 0, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_true(bed_view(&b)->snapshots.n > 0);
	assert_int_equal(diff_missing_count(bed_view(&b), DIFF_DUE_OVER), 0);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), 0);
	over(&b);
}

/* A retry that never came, or what a way back has left, does not hide what went wrong. */
static void why_it_is_so(void **state)
{
	static const struct {
		bool by_order;
		char *message, *reason, *why;
	} rows[] = {
	    {false, "no disk", "no disk", "no disk"},
	    {false, "no disk", "no disk; left as it is: etcd", "no disk; left as it is: etcd"},
	    {false, "no disk", "not tried again: cancelled", "no disk"},
	    {false, "no disk", NULL, "no disk"},
	    {true, "no disk", "as ordered", "as ordered"},
	    {true, NULL, "as ordered", "as ordered"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct task_view t = {.state = TASK_ROLLED_BACK, .by_order = rows[i].by_order,
				      .message = rows[i].message, .reason = rows[i].reason};
		assert_string_equal(task_view_why(&t), rows[i].why);
	}
}

static void who_is_back_cannot_go_back_again(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	go(&b);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	int looks = begun(&b, "leaf01", "look", PASS_ROLLBACK);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_int_equal(begun(&b, "leaf01", "look", PASS_ROLLBACK), looks);
	assert_true(noted(&b, "leaf01 is rolled back already"));
	over(&b);
}

/* Whose group is done holds nobody of it up: that is not claimed. */
static void the_group_is_named_while_it_waits(void **state)
{
	static const char *const failing[] = {"leaf01", "leaf02"}; /* the first one, the second one */
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct bed b;
		struct bed_options o = PAIR;
		o.fabric = BED_REFERENCE;
		o.batch_size = 1;
		ready(&b, &o);
		claim_fails(&b, failing[i]);
		go(&b);
		task_is(&b, "leaf01", i ? TASK_DONE : TASK_FAILED);
		job_is(&b, JOB_HELD);
		bool named = strstr(bed_view(&b)->reason, "redundancy group") != NULL;
		assert_int_equal(named, i == 0);
		over(&b);
	}
}

/* What was asked to compare a device with its plan, and what it said, is there to be read. */
static void the_comparison_keeps_its_answers(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	go(&b);
	const struct step_view *gate = step_of(&b, "leaf01", "gate");
	assert_non_null(gate->output);
	assert_non_null(strstr(gate->output, bed_view(&b)->procedure->facts[0].command));
	assert_non_null(strstr(gate->output, BED_FROM));
	over(&b);
}

/* --- retry -------------------------------------------------------------------------------- */

static void the_old_system_is_installed_again(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.boots_old = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "wait-boot");
	box(&b, "leaf01")->ill.boots_old = false;
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "install", PASS_UPGRADE), 2);
	assert_int_equal(begun(&b, "leaf01", "gate", PASS_UPGRADE), 2);
	assert_int_equal(box(&b, "leaf01")->rebooted.n, 2); /* one an attempt */
	over(&b);
}

static void the_new_system_is_only_waited_for(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.never_returns = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	switches_heal(&b.switches, b.ms);
	box(&b, "leaf01")->up_at = b.ms + 200000; /* not there when it is looked at */
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(begun(&b, "leaf01", "install", PASS_UPGRADE), 1);
	assert_int_equal(box(&b, "leaf01")->rebooted.n, 1);
	over(&b);
}

static void killed_while_it_looks(void **state)
{
	(void)state;
	for (int at = 1; at < 12; at++) {
		struct bed b;
		struct bed_options o = ALONE;
		o.parameters[0] = "rollback=no";
		ready(&b, &o);
		box(&b, "leaf01")->ill.boots_old = true;
		go(&b);
		box(&b, "leaf01")->ill.boots_old = false;
		b.appends = 0;
		b.crash_at = at;
		b.crash_before = at % 2;
		command(&b, "retry", "leaf01");
		if (bed_task(&b, "leaf01")->state == TASK_FAILED) /* before the order was kept */
			command(&b, "retry", "leaf01");
		task_is(&b, "leaf01", TASK_DONE);
		assert_int_equal(box(&b, "leaf01")->rebooted.n, 2);
		over(&b);
	}
}

static void a_retry_counts_anew(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "reboot", FAULT_LOST_BEFORE, 0, -1);
	go(&b);
	asked(&b, "unknown-outcome");
	b.switches.forced.n = 0;
	fault(&b, "reboot", FAULT_LOST_BEFORE, 0, 1);
	answer(&b, "retry"); /* lost once more, which is no reason to ask again */
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

/* --- release ------------------------------------------------------------------------------ */

static void the_word_releases_the_group(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.parameters[0] = "rollback=no";
	o.edit[0] = "\"gate\",\"gate-checks\",";
	o.edit[1] = "\"gate\",";
	o.edit[2] = "\"peers-ready\",\"drain\",\"traffic\"";
	o.edit[3] = "\"drain\",\"traffic\"";
	o.edit[4] = "\"apply\",\"greet\",";
	o.edit[5] = "\"apply\",";
	o.edit[6] = "\"run\":\"prepare ${device}\",";
	o.edit[7] = "\"run\":\"prepare ${device}\","
		    "\"when\":{\"value\":\"device\",\"is\":\"leaf01\"},";
	ready(&b, &o);
	box(&b, "leaf01")->ill.never_returns = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	task_is(&b, "leaf02", TASK_PENDING);
	job_is(&b, JOB_HELD);
	assert_non_null(strstr(bed_view(&b)->reason, "\"skip leaf01\", which lets the others go "
						     "down although it may be down"));
	command(&b, "resume", NULL); /* that is not the word */
	assert_int_equal(begun(&b, "leaf02", "gate", PASS_UPGRADE), 0);
	command(&b, "skip", "leaf01");
	if (bed_task(&b, "leaf02")->state == TASK_SKIPPED)
		command(&b, "retry", "leaf02");
	task_is(&b, "leaf02", TASK_DONE);
	over(&b);
}

static void retry_passes_over_who_was_taken_out(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	claim_fails(&b, "leaf01");
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	command(&b, "skip", "leaf02");
	task_is(&b, "leaf02", TASK_SKIPPED);
	switches_heal(&b.switches, b.ms);
	command(&b, "retry", NULL);
	task_is(&b, "leaf01", TASK_DONE);
	task_is(&b, "leaf02", TASK_SKIPPED);
	command(&b, "retry", "leaf02");
	task_is(&b, "leaf02", TASK_DONE);
	over(&b);
}

/* --- cancel ------------------------------------------------------------------------------- */

static void a_cancel_with_a_question_waits(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "reboot", FAULT_LOST_AFTER, 0, 1);
	fault(&b, "show boot", FAULT_GARBAGE, 1, 1);
	go(&b);
	asked(&b, "unknown-outcome");
	bed_command(&b, "cancel", NULL, NULL);
	assert_int_equal(bed_run(&b), RUNNER_WAITS);
	job_is(&b, JOB_CANCELLING);
	answer(&b, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* --- pause, and waiting ------------------------------------------------------------------- */

static void no_pause_of_what_stands(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	claim_fails(&b, "spine01");
	go(&b);
	job_is(&b, JOB_HELD);
	command(&b, "pause", NULL);
	assert_true(noted(&b, "the job is held already"));
	job_is(&b, JOB_HELD);
	over(&b);
}

/* While a question is open it means: answer that, and begin no other device. */
static void a_pause_beside_a_question(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.parameters[0] = "ask=yes";
	ready(&b, &o);
	go(&b);
	asked(&b, "confirm");
	command(&b, "pause", NULL);
	job_is(&b, JOB_PAUSED);
	answer(&b, "go");
	job_is(&b, JOB_PAUSED);
	task_is(&b, "leaf02", TASK_PENDING);
	over(&b);
}

static int64_t waited_at;

static void see_waits(struct bed *b)
{
	const struct task_view *t = bed_task(b, "leaf01");
	if (waited_at || !t->waits)
		return;
	waited_at = b->ms;
	assert_int_equal(t->waits, 1);
	assert_non_null(strstr(t->waits_why, "No route"));
}

static void between_two_tries_it_waits(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	waited_at = 0;
	fault(&b, "drain", FAULT_NOT_SENT, 0, 1);
	b.on_wait = see_waits;
	go(&b);
	assert_true(waited_at > 0);
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(bed_task(&b, "leaf01")->waits, 0);
	over(&b);
}

/* What this process knows to log in is wrong: it does not stay, so that the next one can know better. */
static void a_refused_login_ends_the_process(void **state)
{
	struct bed b;
	struct bed_options o = PAIR;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	b.linger = true;
	bed_kill(&b);
	switches_force(&b.switches, "spine01", "drain", FAULT_AUTH, 0, -1);
	start_only(&b);
	assert_int_equal(bed_run(&b), RUNNER_WAITS);
	assert_false(b.stuck);
	assert_true(noted(&b, "spine01: the login was refused (credential "));
	b.linger = false;
	over(&b);
}

/* --- images that came later --------------------------------------------------------------- */

static void a_new_image_is_seen(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	struct err e = {0};
	(void)state;
	o.no_restore_image = true;
	o.no_image = true;
	assert_int_equal(bed_open(&b, &o), 0);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_int_equal(bed_add_image(&b, BED_TO, &e), 0);
	bed_waive(&b, "restoration", "there is a console");
	command(&b, "recheck", NULL);
	job_is(&b, JOB_READY);
	go(&b);
	job_is(&b, JOB_DONE);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(bed_add_image(&b, BED_FROM, &e), 0);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* --- ask ---------------------------------------------------------------------------------- */

static void ask_leaf(struct bed *b)
{
	assert_int_equal(bed_command(b, "ask", "leaf01", NULL), 0);
}

/* What is waited for is looked at when the operator asks, not at the end of its limit. */
static void a_wait_is_asked_now(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		fault(&b, "show traffic", FAULT_GARBAGE, 0, -1);
		when_at(&b, "leaf01", "traffic", ask_leaf);
		go(&b);
		asked(&b, "asked");
		job_is(&b, JOB_HELD);
		assert_int_equal(bed_task(&b, "leaf01")->limit_ms, 90000);
		b.switches.forced.n = 0;
		answer(&b, i ? "fail" : "wait");
		task_is(&b, "leaf01", i ? TASK_FAILED : TASK_DONE);
		over(&b);
	}
}

static void ask_when_lost(struct bed *b)
{
	const struct task_view *t = b->runner && bed_view(b)->job ? bed_task(b, "leaf01") : NULL;
	if (!t || !str_eq(t->waits_why, "the device is asked what became of it"))
		return;
	b->on_wait = NULL;
	ask_leaf(b);
}

/* Its session is lost and nobody answers: the limit is hours, the operator asks. */
static void a_lost_one_is_asked_now(void **state)
{
	static const char *const ends[] = {"wait", "fail"};
	for (size_t i = 0; i < LEN(ends); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.timeouts[0] = "drain=10800";
		ready(&b, &o);
		fault(&b, "drain", FAULT_LOST_AFTER, 0, 1);
		fault(&b, "show health", FAULT_NOT_SENT, 1, -1);
		b.on_wait = ask_when_lost;
		int64_t began = bed_view(&b)->last;
		go(&b);
		asked(&b, "asked");
		assert_in_range(bed_view(&b)->last - began, 0, 300000);
		b.switches.forced.n = 0;
		answer(&b, ends[i]);
		task_is(&b, "leaf01", i ? TASK_FAILED : TASK_DONE);
		assert_int_equal(begun(&b, "leaf01", "drain", PASS_UPGRADE), 1);
		over(&b);
	}
}

/* While its session is open there is nothing to ask; and nobody is asked who waits for nothing. */
static void asking_in_vain(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	command(&b, "ask", "leaf01");
	assert_true(noted(&b, "is in no step that waits for something"));
	fault(&b, "drain", FAULT_SLOW, 0, 1);
	when_at(&b, "leaf01", "drain", ask_leaf);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	assert_true(noted(&b, "the session is still open, nothing to ask: it ends by itself, at "
			      "the latest in "));
	assert_false(noted(&b, "is shown as it comes"));
	over(&b);
}

static int see_verdict(void *ctx, const struct record *r, struct err *e)
{
	char **last = ctx;
	(void)e;
	if (r->kind != RECORD_PROBE)
		return 0;
	free(*last);
	*last = xstrdup(json_text(r->data, "verdict"));
	return 0;
}

/* What cannot be read is not "running". */
static void an_answer_that_says_nothing(void **state)
{
	struct bed b;
	struct err e = {0};
	char *verdict = NULL;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "install state", FAULT_GARBAGE, 0, -1);
	when_at(&b, "leaf01", "install", ask_leaf);
	go(&b);
	asked(&b, "asked");
	assert_int_equal(store_read(b.store, b.job, 0, 0, see_verdict, &verdict, &e), 0);
	assert_non_null(verdict);
	assert_string_equal(verdict, "unknown");
	free(verdict);
	b.switches.forced.n = 0;
	answer(&b, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

static int pressed;

static void press_while_it_waits(struct bed *b)
{
	const struct task_view *t = b->runner && bed_view(b)->job ? bed_task(b, "leaf01") : NULL;
	if (!t || !t->waits || !str_eq(t->step, "drain") || pressed >= 6)
		return;
	pressed++;
	ask_leaf(b);
}

/* Asking does not use up the tries to reach it. */
static void asking_one_that_cannot_be_reached(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	pressed = 0;
	fault(&b, "drain", FAULT_NOT_SENT, 0, 2);
	b.on_wait = press_while_it_waits;
	go(&b);
	assert_int_equal(pressed, 6);
	assert_true(noted(&b, "leaf01 cannot be reached now (No route"));
	assert_true(noted(&b, "it is tried again in "));
	task_is(&b, "leaf01", TASK_DONE);
	assert_int_equal(b.switches.forced.n ? b.switches.forced.v[0].times : 0, 0);
	over(&b);

	/* with every try in vain it takes as long as without asking */
	ready(&b, &ALONE);
	pressed = 0;
	fault(&b, "drain", FAULT_NOT_SENT, 0, -1);
	b.on_wait = press_while_it_waits;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	const struct step_view *s = step_of(&b, "leaf01", "drain");
	assert_true(s->ended - s->started >= 50000);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_way_back_is_no_failure),
	    cmocka_unit_test(a_way_back_is_no_try),
	    cmocka_unit_test(after_a_failure_it_is_one),
	    cmocka_unit_test(why_it_is_so),
	    cmocka_unit_test(who_cannot_go_back_stays_done),
	    cmocka_unit_test(who_never_left_cannot_go_back),
	    cmocka_unit_test(nothing_after_is_missed_of_who_never_left),
	    cmocka_unit_test(who_is_back_cannot_go_back_again),
	    cmocka_unit_test(the_group_is_named_while_it_waits),
	    cmocka_unit_test(the_comparison_keeps_its_answers),
	    cmocka_unit_test(a_failure_elsewhere_does_not_hold_it),
	    cmocka_unit_test(the_old_system_is_installed_again),
	    cmocka_unit_test(the_new_system_is_only_waited_for),
	    cmocka_unit_test(killed_while_it_looks),
	    cmocka_unit_test(a_retry_counts_anew),
	    cmocka_unit_test(the_word_releases_the_group),
	    cmocka_unit_test(retry_passes_over_who_was_taken_out),
	    cmocka_unit_test(a_cancel_with_a_question_waits),
	    cmocka_unit_test(no_pause_of_what_stands),
	    cmocka_unit_test(a_pause_beside_a_question),
	    cmocka_unit_test(between_two_tries_it_waits),
	    cmocka_unit_test(a_refused_login_ends_the_process),
	    cmocka_unit_test(a_new_image_is_seen),
	    cmocka_unit_test(a_wait_is_asked_now),
	    cmocka_unit_test(a_lost_one_is_asked_now),
	    cmocka_unit_test(asking_in_vain),
	    cmocka_unit_test(an_answer_that_says_nothing),
	    cmocka_unit_test(asking_one_that_cannot_be_reached),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
