/* SPDX-License-Identifier: ISC */
/* A question is open as long as something waits for its answer, and no longer. */
#include "config.h"

#include "tests/engine/help.h"

#include "engine/engine.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_cancel_closes_it),
	    cmocka_unit_test(one_that_was_left_open),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("questions", tests, NULL, NULL);
}
