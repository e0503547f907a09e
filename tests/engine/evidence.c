/* SPDX-License-Identifier: ISC */
/* Steps that "fails_later": the device fails for the first one, with all the others looked at. */
#include "config.h"

#include "tests/engine/help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LATER(step) "\"" step "\":{\"title\"", "\"" step "\":{\"fails_later\":true,\"title\""

/* One device; its health, snapshot and checks afterwards are evidence, in this order. */
static struct bed_options with_evidence(void)
{
	struct bed_options o = ALONE;
	static const char *const edit[] = {
	    "\"check-after\",\"take-back\",\"snapshot-after\",\"release\"",
	    "\"snapshot-after\",\"check-after\",\"take-back\",\"release\"",
	    LATER("health"),
	    LATER("snapshot-after"),
	    LATER("check-after"),
	    "\"restore\",\"apply\",\"health\"]", "\"restore\",\"apply\"]", /* the way back is well */
	};
	for (size_t i = 0; i < LEN(edit); i++)
		o.edit[i] = edit[i];
	return o;
}

static bool has_after(struct bed *b)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->snapshots.n; i++)
		if (str_eq(v->snapshots.v[i].when, "after"))
			return true;
	return false;
}

static size_t place(struct bed *b, const char *step, enum pass pass)
{
	const struct task_view *t = bed_task(b, "leaf01");
	for (size_t i = 0; i < t->steps.n; i++)
		if (str_eq(t->steps.v[i].step, step) && t->steps.v[i].pass == pass)
			return i;
	fail_msg("%s was not made", step);
	return 0;
}

/* The first cause, and all there is to know. */
static void fails_with_all(struct bed *b)
{
	const struct task_view *t = bed_task(b, "leaf01");
	assert_string_equal(step_of(b, "leaf01", "health")->result, "failed");
	assert_string_equal(step_of(b, "leaf01", "snapshot-after")->result, "done");
	assert_string_equal(step_of(b, "leaf01", "check-after")->result, "failed");
	assert_string_equal(check_of(b, "leaf01", "healthy-after")->status, "failed");
	assert_string_equal(t->message, "Failed at- Wait for health");
	assert_string_equal(t->failed_step, "health");
	assert_true(has_after(b));
	/* the way back would take the place of what the checks say */
	assert_int_equal(noted(b, "leaf01: also wrong when it failed: "),
			 t->state == TASK_ROLLED_BACK);
}

static void all_is_looked_at_before_the_way_back(void **state)
{
	struct bed b;
	struct bed_options o = with_evidence();
	(void)state;
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	go(&b);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	fails_with_all(&b);
	assert_true(place(&b, "check-after", PASS_UPGRADE) < place(&b, "same-box", PASS_ROLLBACK));
	over(&b);
}

static void without_a_way_back_it_fails(void **state)
{
	struct bed b;
	struct bed_options o = with_evidence();
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	fails_with_all(&b);
	assert_int_equal(begun(&b, "leaf01", "release", PASS_UPGRADE), 0);

	box(&b, "leaf01")->ill.stays_broken = false; /* put right: it goes on where it failed */
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_DONE);
	assert_string_equal(step_of(&b, "leaf01", "health")->result, "done");
	over(&b);
}

/* A limit that is over is a failure like any other. */
static void too_late_is_kept_too(void **state)
{
	struct bed b;
	struct bed_options o = with_evidence();
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	fault(&b, "show health", FAULT_GARBAGE, 1, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_non_null(strstr(bed_task(&b, "leaf01")->cause, "not within 5m"));
	assert_string_equal(step_of(&b, "leaf01", "snapshot-after")->result, "done");
	assert_string_equal(check_of(&b, "leaf01", "healthy-after")->status, "failed");
	over(&b);
}

static void nothing_else_is_said(void **state)
{
	struct bed b;
	struct bed_options o = with_evidence();
	(void)state;
	o.timeouts[0] = "health=30";
	ready(&b, &o);
	fault(&b, "show health", FAULT_ERROR, 1, 7); /* and well again when the checks ask */
	go(&b);
	task_is(&b, "leaf01", TASK_ROLLED_BACK);
	assert_string_equal(step_of(&b, "leaf01", "check-after")->result, "done");
	assert_true(noted(&b, "leaf01: nothing else was found wrong when it failed"));
	over(&b);
}

/* What follows is asked, not waited for; a step that is no evidence is not made at all. */
static void no_patience_with_the_others(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	static const char *const edit[] = {
	    "\"drain\",\"traffic\",\"stage\"", "\"drain\",\"stage\"",
	    "\"health\",\"check-after\"", "\"health\",\"traffic\",\"check-after\"",
	    LATER("health"),
	    LATER("traffic"),
	};
	(void)state;
	for (size_t i = 0; i < LEN(edit); i++)
		o.edit[i] = edit[i];
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	fault(&b, "show traffic", FAULT_GARBAGE, 0, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	const struct step_view *s = step_of(&b, "leaf01", "traffic");
	assert_string_equal(s->result, "failed");
	assert_true(s->ended - s->started < 5000);
	assert_non_null(strstr(s->cause, "asked once, for the device fails anyway"));
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "health");
	assert_int_equal(begun(&b, "leaf01", "check-after", PASS_UPGRADE), 0);
	over(&b);
}

/* Who cannot be reached has nothing to tell: nobody waits for it step by step. */
static void out_of_reach_fails_at_once(void **state)
{
	struct bed b;
	struct bed_options o = with_evidence();
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	fault(&b, "show health", FAULT_NOT_SENT, 1, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "health");
	assert_int_equal(begun(&b, "leaf01", "snapshot-after", PASS_UPGRADE), 0);
	over(&b);
}

static int writes_of_a_failure(void)
{
	struct bed b;
	struct bed_options o = with_evidence();
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	b.appends = 0;
	go(&b);
	int n = b.appends;
	over(&b);
	return n;
}

static void killed_at_every_write(void **state)
{
	(void)state;
	int n = writes_of_a_failure();
	for (int at = 1; at <= n; at++)
		for (int before = 0; before < 2; before++) {
			struct bed b;
			struct bed_options o = with_evidence();
			ready(&b, &o);
			box(&b, "leaf01")->ill.stays_broken = true;
			b.appends = 0;
			b.crash_at = at;
			b.crash_before = before;
			go(&b);
			if (bed_view(&b)->state == JOB_READY)
				go(&b);
			task_is(&b, "leaf01", TASK_ROLLED_BACK);
			assert_int_equal(b.crashes, 1);
			fails_with_all(&b);
			over(&b);
		}
}

static void cancel(struct bed *b)
{
	assert_int_equal(bed_command(b, "cancel", NULL, NULL), 0);
}

/* Cancelled while the others are looked at, before the point of no return: that is not waited for,
 * and it failed all the same. */
static void cancelled_on_the_way(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	static const char *const edit[] = {
	    "\"drain\",\"traffic\",\"stage\"", "\"drain\",\"traffic\",\"health\",\"stage\"",
	    LATER("health"),
	    LATER("traffic"),
	};
	(void)state;
	for (size_t i = 0; i < LEN(edit); i++)
		o.edit[i] = edit[i];
	ready(&b, &o);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	when_at(&b, "leaf01", "health", cancel);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "leaf01")->failed_step, "traffic");
	assert_string_equal(step_of(&b, "leaf01", "health")->result, "cancelled");
	assert_int_equal(bed_task(&b, "leaf01")->open.n, 0);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_is_looked_at_before_the_way_back),
	    cmocka_unit_test(without_a_way_back_it_fails),
	    cmocka_unit_test(too_late_is_kept_too),
	    cmocka_unit_test(nothing_else_is_said),
	    cmocka_unit_test(no_patience_with_the_others),
	    cmocka_unit_test(out_of_reach_fails_at_once),
	    cmocka_unit_test(killed_at_every_write),
	    cmocka_unit_test(cancelled_on_the_way),
	};
	setenv("TZ", "UTC", 1);
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
