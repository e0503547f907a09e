/* SPDX-License-Identifier: ISC */
/* Component by component: everybody is through one before anybody begins the next, what only looks
 * and what is for all goes together, and what cannot be undone is asked before. */
#include "config.h"

#include "tests/engine/help.h"

#include "engine/engine.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "agent spine01; agent spine02; ..." as the journal has it: who began what, in order. */
struct begun {
	struct str text;
	const char *turn; /* this one only; NULL: all */
};

static int see_begun(void *ctx, const struct record *r, struct err *e)
{
	struct begun *out = ctx;
	const char *turn = r->kind == RECORD_BEGIN ? json_text(r->data, "turn") : NULL;
	(void)e;
	if (turn && (!out->turn || str_eq(turn, out->turn)))
		str_printf(&out->text, "%s %s; ", turn, r->device);
	return 0;
}

static void began(struct bed *b, const char *turn, const char *expected)
{
	struct begun all = {.turn = turn};
	struct err e = {0};
	assert_int_equal(store_read(b->store, b->job, 0, 0, see_begun, &all, &e), 0);
	assert_string_equal(str_text(&all.text), expected);
	str_release(&all.text);
}

static void all_done(struct bed *b)
{
	static const char *const names[] = {"spine01", "spine02", "leaf01", "leaf02"};
	for (size_t i = 0; i < LEN(names); i++) {
		task_is(b, names[i], TASK_DONE);
		assert_int_equal(box(b, names[i])->rebooted.n, 1);
		assert_int_equal(begun(b, names[i], "claim", PASS_UPGRADE), 1);
	}
	job_is(b, JOB_DONE);
}

/* It would do nothing: the answer alone lets the job go on. */
static void go_on_is_refused(struct bed *b)
{
	struct err e = {0};
	cJSON *resume = cJSON_CreateObject();
	cJSON_AddStringToObject(resume, "verb", "resume");
	assert_int_equal(engine_command_check(bed_view(b), resume, &e), -1);
	assert_non_null(strstr(e.text, "a question is open"));
	cJSON_Delete(resume);
}

static void one_part_after_the_other(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	job_is(&b, JOB_HELD);
	asked(&b, "no-return"); /* before the last one only */
	task_is(&b, "leaf02", TASK_PENDING);
	assert_int_equal(box(&b, "leaf02")->rebooted.n, 0);
	assert_int_equal(box(&b, "leaf01")->rebooted.n, 1);
	assert_non_null(strstr(bed_view(&b)->reason, "cannot read what the new one writes"));
	go_on_is_refused(&b);
	answer(&b, "go");
	all_done(&b);
	began(&b, NULL,
	      "agent leaf01; agent spine01; agent spine02; agent leaf02; "
	      "agent-gate spine01; agent-gate spine02; agent-gate leaf01; agent-gate leaf02; "
	      "clock spine01; clock spine02; clock leaf01; clock leaf02; "
	      "extra leaf01; extra leaf02; "
	      "system leaf01; system spine01; system spine02; system leaf02; "
	      "system-gate spine01; system-gate spine02; system-gate leaf01; system-gate leaf02; ");
	over(&b);
}

/* What a turn changes for its time is not there in the next one. */
static void a_turn_takes_back(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	assert_string_equal(box(&b, "leaf02")->claim, ""); /* it waits for the last part */
	assert_int_equal(begun(&b, "leaf02", "claim", PASS_UNDO), 1);
	assert_int_equal(bed_task(&b, "leaf02")->open.n, 0);
	assert_int_equal(bed_task(&b, "leaf02")->attempt, 1); /* one upgrade, in several turns */
	answer(&b, "go");
	all_done(&b);
	over(&b);
}

/* Everybody is in it before the first is through. */
static void all_at_once(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	fault(&b, "claim", FAULT_SLOW, 6, 4);
	go(&b);
	const struct step_view *one = step_of(&b, "leaf01", "sync"),
			       *two = step_of(&b, "leaf02", "sync");
	assert_true(one->started < two->ended && two->started < one->ended);
	assert_true(one->ended > one->started);
	answer(&b, "go");
	all_done(&b);
	over(&b);
}

static void who_does_not_need_it_is_not_in_it(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.parameters[0] = "tidy=no";
	ready(&b, &o);
	go(&b);
	began(&b, "extra", "");
	began(&b, "clock", "clock spine01; clock spine02; clock leaf01; clock leaf02; ");
	answer(&b, "go");
	all_done(&b);
	over(&b);
}

static void cancelled_at_the_point_of_no_return(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	answer(&b, "cancel");
	job_is(&b, JOB_CANCELLED);
	task_is(&b, "leaf01", TASK_CANCELLED); /* its last part only looks, and was not begun */
	task_is(&b, "leaf02", TASK_CANCELLED);
	assert_non_null(strstr(bed_task(&b, "leaf02")->reason, "Agent, Clock, Extra"));
	assert_null(strstr(bed_task(&b, "leaf02")->reason, "System"));
	assert_non_null(strstr(bed_task(&b, "leaf01")->reason, "System"));
	assert_string_equal(box(&b, "leaf02")->release, BED_FROM);
	/* nobody is "not touched" that has parts of the way behind it */
	assert_string_equal(bed_view(&b)->reason,
			    "0 done, 0 failed, 0 rolled back, 0 not touched; stopped on the way: 4 "
			    "(upgraded so far: agent 4/4, clock 4/4, extra 2/2, system 3/4)");
	over(&b);
}

/* One was upgraded before the job: nobody knows which one is the last. */
static void asked_before_the_first_of_a_mixture(void **state)
{
	for (int mixed = 0; mixed < 2; mixed++) {
		struct bed b;
		struct bed_options o = PARTS;
		(void)state;
		o.edit[0] = "\"before\":\"last\"";
		o.edit[1] = mixed ? "\"before\":\"last\",\"fact\":\"serial\"" /* no two are alike */
				  : "\"before\":\"last\",\"fact\":\"release\"";
		ready(&b, &o);
		go(&b);
		asked(&b, "no-return");
		assert_int_equal(begun(&b, "leaf01", "reboot", PASS_UPGRADE), !mixed);
		answer(&b, "go");
		over(&b);
	}
}

static void asked_before_the_first(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.edit[0] = "\"before\":\"last\"";
	o.edit[1] = "\"before\":\"first\"";
	ready(&b, &o);
	go(&b);
	asked(&b, "no-return");
	began(&b, "system", "");
	answer(&b, "go");
	all_done(&b);
	over(&b);
}

/* Those that the turn does not move need no word, and are not the last one. */
static void asked_of_those_that_move(void **state)
{
	static const char *const movers[] = {"nobody", "leaf01"};
	(void)state;
	for (size_t i = 0; i < LEN(movers); i++) {
		struct bed b;
		struct bed_options o = PARTS;
		char *when = xasprintf("\"before\":\"last\",\"when\":{\"value\":\"device\",\"is\":\"%s\"}",
				       movers[i]);
		o.edit[0] = "\"before\":\"last\"";
		o.edit[1] = when;
		ready(&b, &o);
		go(&b);
		if (i > 0) {
			asked(&b, "no-return");
			assert_int_equal(box(&b, "leaf01")->rebooted.n, 0);
			answer(&b, "go");
		}
		all_done(&b);
		over(&b);
		free(when);
	}
}

static void what_was_said_is_not_asked(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.edit[0] = "\"before\":\"last\"";
	o.edit[1] = "\"before\":\"last\",\"ask\":\"ask\""; /* the parameter is "no" */
	ready(&b, &o);
	go(&b);
	all_done(&b);
	assert_int_equal(bed_view(&b)->questions.n, 0);
	over(&b);
}

static void a_failure_holds_the_part(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	claim_fails(&b, "spine01"); /* and its second try */
	go(&b);
	job_is(&b, JOB_HELD);
	task_is(&b, "spine01", TASK_FAILED);
	began(&b, NULL, "agent leaf01; agent spine01; ");
	command(&b, "retry", "spine01");
	asked(&b, "no-return");
	began(&b, "agent", "agent leaf01; agent spine01; agent spine01; agent spine02; agent leaf02; ");
	began(&b, "clock", "clock spine01; clock spine02; clock leaf01; clock leaf02; ");
	answer(&b, "go");
	task_is(&b, "spine01", TASK_DONE);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* The gate is what says that a part went well. */
static void the_gate_stops(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "spine01")->ill.stays_broken = true;
	go(&b);
	answer(&b, "go");
	task_is(&b, "spine01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "spine01")->failed_step, "health");
	job_is(&b, JOB_FAILED);
	task_is(&b, "leaf02", TASK_DONE);
	over(&b);
}

/* Who has parts behind it and fails in a later one goes back as a whole. */
static void the_way_back(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	fault(&b, "apply", FAULT_ERROR, 0, 3);
	go(&b);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_string_equal(box(&b, "leaf01")->release, BED_FROM);
	job_is(&b, JOB_HELD);
	assert_int_equal(box(&b, "spine02")->rebooted.n, 0);
	command(&b, "cancel", NULL);
	job_is(&b, JOB_FAILED);
	task_is(&b, "leaf02", TASK_CANCELLED);
	over(&b);
}

/* What everybody is through with, and cannot be undone, is not tried to. */
static void no_way_back_for_anybody(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	answer(&b, "go");
	all_done(&b);
	command(&b, "rollback", "leaf01");
	assert_true(noted(&b, "leaf01 cannot go back, system is through on 4 of 4 devices: The old "
			      "system cannot read what the new one writes"));
	all_done(&b);
	over(&b);
}

/* Another part behind the one with the point of no return. */
static void late(struct bed_options *o)
{
	o->edit[0] = "\"gate\":[\"health\",\"check-after\"]}";
	o->edit[1] = "\"gate\":[\"health\",\"check-after\"]},"
		     "{\"name\":\"late\",\"title\":\"Late\",\"batch\":1,"
		     "\"steps\":[\"same-box\",\"greet\"]}";
}

/* Back from a later part, when all was well or after a failure: all but what is past its point of no
 * return, and that is said. */
static void what_stays_is_said(void **state)
{
	(void)state;
	for (int ordered = 0; ordered < 2; ordered++) {
		struct bed b;
		struct bed_options o = PARTS;
		late(&o);
		ready(&b, &o);
		if (!ordered)
			fault(&b, "greet 'leaf01'", FAULT_ERROR, 0, 3);
		go(&b);
		answer(&b, "go");
		command(&b, "rollback", "leaf01");
		const struct task_view *t = bed_task(&b, "leaf01");
		task_is(&b, "leaf01", TASK_ROLLED_BACK);
		assert_non_null(strstr(t->reason, "; left as it is: System"));
		assert_int_equal(strncmp(t->reason, "as ordered; ", 12) == 0, ordered);
		assert_string_equal(task_view_why(t), t->reason);
		assert_int_equal(jobview_stage_state(bed_view(&b), t, 0), TASK_ROLLED_BACK);
		assert_string_equal(bed_view(&b)->plan->stages.v[4].name, "system");
		assert_int_equal(jobview_stage_state(bed_view(&b), t, 4), TASK_DONE);
		/* tried again from the first part on, in which it fails: that one stays all the same */
		claim_fails(&b, "leaf01");
		command(&b, "retry", "leaf01");
		task_is(&b, "leaf01", TASK_FAILED);
		assert_int_equal(jobview_stage_state(bed_view(&b), t, 0), TASK_FAILED);
		assert_int_equal(jobview_stage_state(bed_view(&b), t, 2), TASK_SKIPPED);
		assert_int_equal(jobview_stage_state(bed_view(&b), t, 4), TASK_DONE);
		over(&b);
	}
}

/* A way back that fails has brought back what it has: all parts are to be done again. */
static void a_failed_way_back(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	late(&o);
	ready(&b, &o);
	go(&b);
	answer(&b, "go");
	fault(&b, "unclaim", FAULT_ERROR, 0, 9);
	command(&b, "rollback", "leaf01");
	task_is(&b, "leaf01", TASK_FAILED);
	b.switches.forced.n = 0;
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	began(&b, "agent", "agent leaf01; agent spine01; agent spine02; agent leaf02; agent leaf01; ");
	over(&b);
}

/* One that failed after the first was through: it is not said that all are. */
static void no_way_back_after_the_first(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.parameters[0] = "rollback=no";
	o.edit[0] = "\"before\":\"last\"";
	o.edit[1] = "\"before\":\"first\"";
	ready(&b, &o);
	go(&b);
	asked(&b, "no-return");
	switches_force(&b.switches, "spine01", "drain", FAULT_ERROR, 0, 3);
	answer(&b, "go");
	task_is(&b, "spine01", TASK_FAILED);
	command(&b, "rollback", "spine01");
	assert_true(noted(&b, "spine01 cannot go back, system is through on 1 of 4 devices: "));
	over(&b);
}

/* Whoever failed is not in what comes later, and holds nobody up there. */
static void the_others_go_on(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.on_failure = ON_FAILURE_GO_ON;
	ready(&b, &o);
	claim_fails(&b, "spine01");
	go(&b);
	answer(&b, "go");
	job_is(&b, JOB_FAILED);
	task_is(&b, "spine01", TASK_FAILED);
	task_is(&b, "leaf02", TASK_DONE);
	began(&b, "clock", "clock spine02; clock leaf01; clock leaf02; ");
	const struct jobview *v = bed_view(&b);
	assert_int_equal(jobview_stage_state(v, bed_task(&b, "spine01"), 2), TASK_SKIPPED);
	assert_int_equal(jobview_stage_state(v, bed_task(&b, "spine01"), 0), TASK_FAILED);
	over(&b);
}

/* Who has nobody in its own way is not said to be of the group of who failed. */
static void who_is_in_whose_way(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.on_failure = ON_FAILURE_GO_ON;
	ready(&b, &o);
	claim_fails(&b, "leaf01");
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	task_is(&b, "leaf02", TASK_SKIPPED);
	assert_non_null(strstr(bed_task(&b, "leaf02")->reason, "leaf01 of the same redundancy group"));
	task_is(&b, "spine01", TASK_SKIPPED);
	assert_non_null(strstr(bed_task(&b, "spine01")->reason,
			       "leaf02 comes before it and is not begun, for leaf01 of its"));
	over(&b);
}

/* After a way back everything is to be done again. */
static void from_the_first_part_again(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	fault(&b, "apply", FAULT_ERROR, 0, 3);
	go(&b);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_int_equal(jobview_stage_state(bed_view(&b), bed_task(&b, "leaf01"), 0),
			 TASK_ROLLED_BACK);
	command(&b, "retry", "leaf01");
	asked(&b, "no-return");
	answer(&b, "go");
	job_is(&b, JOB_DONE);
	assert_int_equal(begun(&b, "leaf01", "sync", PASS_UPGRADE), 2);
	assert_int_equal(begun(&b, "spine01", "sync", PASS_UPGRADE), 1);
	over(&b);
}

static void cancel(struct bed *b)
{
	bed_command(b, "cancel", NULL, NULL);
}

static void cancelled_in_a_part(void **state)
{
	static const char *const steps[] = {"claim", "sync", "drain", "install"};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct bed b;
		(void)state;
		ready(&b, &PARTS);
		when_at(&b, "leaf01", steps[i], cancel);
		go(&b);
		job_is(&b, JOB_CANCELLED);
		assert_string_equal(box(&b, "leaf01")->claim, "");
		assert_false(box(&b, "leaf01")->drained);
		assert_int_equal(box(&b, "leaf01")->rebooted.n, 0);
		over(&b);
	}
}

/* What all have begun at once is brought to its end by the part behind it, and that is all. */
static void what_was_begun_at_once_is_finished(void **state)
{
	struct bed b;
	struct bed_options o = PARTS;
	(void)state;
	o.finishes = "tail";
	o.edit[0] = "\"batch\":\"all\",\"steps\":[\"gate\",\"sync\"]}";
	o.edit[1] = "\"batch\":\"all\",\"steps\":[\"gate\",\"sync\"],"
		    "\"no_return\":{\"text\":\"All get it\",\"before\":\"first\",\"ask\":\"ask\"}},"
		    "{\"name\":\"tail\",\"title\":\"Tail\",\"batch\":\"all\",\"finishes\":true,"
		    "\"steps\":[\"gate\",\"mark\"]}";
	ready(&b, &o);
	when_at(&b, "leaf02", "sync", cancel);
	go(&b);
	job_is(&b, JOB_CANCELLED);
	began(&b, "tail", "tail spine01; tail spine02; tail leaf01; tail leaf02; ");
	began(&b, "extra", "");
	assert_int_equal(begun(&b, "spine01", "mark", PASS_UPGRADE), 1);
	over(&b);
}

static void to_the_end(struct bed *b)
{
	go(b);
	if (bed_view(b)->state == JOB_READY)
		go(b);
	if (bed_question(b))
		answer(b, "go");
}

static void killed_at_every_write(void **state)
{
	struct bed_options o = PARTS;
	(void)state;
	o.few_checks = true;
	for (int at = 1, before = 0;; at += 3, before = !before) {
		struct bed b;
		ready(&b, &o);
		b.appends = 0;
		b.crash_at = at;
		b.crash_before = before;
		to_the_end(&b);
		bool crashed = b.crashes > 0;
		all_done(&b);
		over(&b);
		if (!crashed) {
			assert_true(at > 100);
			return;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_part_after_the_other),
	    cmocka_unit_test(a_turn_takes_back),
	    cmocka_unit_test(all_at_once),
	    cmocka_unit_test(who_does_not_need_it_is_not_in_it),
	    cmocka_unit_test(cancelled_at_the_point_of_no_return),
	    cmocka_unit_test(asked_before_the_first_of_a_mixture),
	    cmocka_unit_test(asked_before_the_first),
	    cmocka_unit_test(asked_of_those_that_move),
	    cmocka_unit_test(what_was_said_is_not_asked),
	    cmocka_unit_test(a_failure_holds_the_part),
	    cmocka_unit_test(the_gate_stops),
	    cmocka_unit_test(the_way_back),
	    cmocka_unit_test(no_way_back_for_anybody),
	    cmocka_unit_test(what_stays_is_said),
	    cmocka_unit_test(a_failed_way_back),
	    cmocka_unit_test(no_way_back_after_the_first),
	    cmocka_unit_test(the_others_go_on),
	    cmocka_unit_test(who_is_in_whose_way),
	    cmocka_unit_test(from_the_first_part_again),
	    cmocka_unit_test(cancelled_in_a_part),
	    cmocka_unit_test(what_was_begun_at_once_is_finished),
	    cmocka_unit_test(killed_at_every_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
