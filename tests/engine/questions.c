/* SPDX-License-Identifier: ISC */
/* A question is open as long as something waits for its answer, and no longer. */
#include "config.h"

#include "tests/engine/help.h"

#include "engine/engine.h"
#include "run/order.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct err refusal;

/* May this question be answered with that now? If not, refusal says why. */
static bool can_answer(const struct jobview *v, const char *id, const char *text)
{
	cJSON *order = cJSON_CreateObject();
	cJSON_AddStringToObject(order, "verb", "answer");
	cJSON_AddStringToObject(order, "target", id);
	cJSON_AddStringToObject(order, "text", text);
	refusal = (struct err){0};
	int rc = engine_command_check(v, order, &refusal);
	cJSON_Delete(order);
	return rc == 0;
}

/* --- of a device -------------------------------------------------------------------------- */

static void a_cancel_closes_it(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "ask=yes";
	ready(&b, &o);
	go(&b);
	asked(&b, "confirm");
	command(&b, "cancel", NULL);
	job_is(&b, JOB_CANCELLED);
	const struct question_view *q = jobview_question(bed_view(&b), 1);
	assert_string_equal(q->answer, "cancel");
	assert_non_null(q->who);
	command(&b, "retry", "leaf01");
	task_is(&b, "leaf01", TASK_HELD);
	assert_int_equal(bed_question(&b)->id, 2);
	assert_int_equal(bed_command(&b, "answer", "1", "go"), 0);
	bed_run(&b);
	assert_true(noted(&b, "there is no open question 1"));
	task_is(&b, "leaf01", TASK_HELD);
	answer(&b, "go");
	task_is(&b, "leaf01", TASK_DONE);
	over(&b);
}

static void put_question(struct jobview *v, int64_t id)
{
	struct record *r = record_new(RECORD_QUESTION, "leaf01", NULL);
	record_number(r, "id", id);
	record_text(r, "kind", "unknown-outcome");
	record_text(r, "choices", "done|fail");
	assert_int_equal(jobview_apply(v, r, NULL), 0);
	record_free(r);
}

/* Journals of an earlier version have such ones. */
static void one_that_was_left_open(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	struct jobview *v = bed_fold(&b, false);
	size_t leaf = v->tasks.v[0].device;
	put_question(v, 1);
	assert_false(can_answer(v, "1", "done"));
	assert_non_null(strstr(refusal.text, "nothing waits for it"));
	assert_null(jobview_open_question(v, leaf));
	put_question(v, 2);
	v->tasks.v[0].state = TASK_HELD;
	assert_false(can_answer(v, "1", "done"));
	assert_true(can_answer(v, "2", "done"));
	assert_int_equal(jobview_open_question(v, leaf)->id, 2);
	jobview_free(v);
	over(&b);
}

/* --- of the job --------------------------------------------------------------------------- */

static bool leaves(struct bed *b, const char *device)
{
	const struct order_words w = {.verb = "skip", .target = (char *)device};
	return order_leaves_question(bed_view(b), &w);
}

/* The last one that it was about is left out: nobody waits for the answer, nor may it end the job. */
static void nobody_is_left_for_it(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	asked(&b, "no-return");
	assert_false(leaves(&b, "leaf02"));
	assert_true(leaves(&b, "leaf01"));
	command(&b, "skip", "leaf02");
	job_is(&b, JOB_DONE);
	assert_string_equal(jobview_question(bed_view(&b), 1)->answer, "withdrawn");
	assert_int_equal(bed_command(&b, "answer", "1", "cancel"), 0);
	bed_run(&b);
	job_is(&b, JOB_DONE);
	over(&b);
}

/* An answer that was on its way when the job ended, of a journal of an earlier version. */
static void no_word_changes_how_it_ended(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	struct jobview *v = bed_fold(&b, false);
	assert_true(can_answer(v, "1", "cancel"));
	v->state = JOB_DONE;
	assert_false(can_answer(v, "1", "cancel"));
	jobview_free(v);
	over(&b);
}

static void a_cancel_closes_that_of_the_job(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	go(&b);
	command(&b, "cancel", NULL);
	job_is(&b, JOB_CANCELLED);
	assert_string_equal(jobview_question(bed_view(&b), 1)->answer, "cancel");
	over(&b);
}

/* Held for a failure while the question is open: that is what "resume" is about. */
static void held_for_something_else(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &PARTS);
	claim_fails(&b, "spine01");
	go(&b);
	task_is(&b, "spine01", TASK_FAILED);
	command(&b, "resume", NULL);
	asked(&b, "no-return");
	claim_fails(&b, "spine01");
	command(&b, "retry", "spine01");
	task_is(&b, "spine01", TASK_FAILED);
	assert_non_null(strstr(bed_view(&b)->reason, "spine01 failed"));
	command(&b, "resume", NULL);
	assert_false(noted(&b, "a question is open"));
	assert_non_null(strstr(bed_view(&b)->reason, "point of no return"));
	assert_int_equal(bed_view(&b)->questions.n, 1);
	answer(&b, "go");
	task_is(&b, "leaf02", TASK_DONE);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_cancel_closes_it),
	    cmocka_unit_test(one_that_was_left_open),
	    cmocka_unit_test(nobody_is_left_for_it),
	    cmocka_unit_test(no_word_changes_how_it_ended),
	    cmocka_unit_test(a_cancel_closes_that_of_the_job),
	    cmocka_unit_test(held_for_something_else),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("questions", tests, NULL, NULL);
}
