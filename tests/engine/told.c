/* SPDX-License-Identifier: ISC */
/* What is told and shown: limits, what is left on a device, both failures, whose fault it is. */
#include "config.h"

#include "tests/engine/help.h"

#include "run/status.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>


static int64_t took(struct bed *b, const char *step)
{
	const struct step_view *s = step_of(b, "leaf01", step);
	return s->ended - s->started;
}

static int notes_with(struct bed *b, const char *text)
{
	const struct jobview *v = bed_view(b);
	int n = 0;
	for (size_t i = 0; i < v->notes.n; i++)
		n += strstr(v->notes.v[i].text, text) != NULL;
	return n;
}

static const struct step_view *undo_of(struct bed *b, const char *step)
{
	const struct task_view *t = bed_task(b, "leaf01");
	for (size_t i = t->steps.n; i-- > 0;)
		if (str_eq(t->steps.v[i].step, step) && t->steps.v[i].pass == PASS_UNDO)
			return &t->steps.v[i];
	fail_msg("%s was not taken back", step);
	return NULL;
}

/* --- limits: watch.c holds every step to the one that is shown ----------------------------- */

static void a_question_that_hangs(void **state)
{
	static const struct {
		const char *command, *step;
	} rows[] = {{"show boot", "remember"}, {"show config", "keep"}, {"show id", "gate"}};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		(void)state;
		ready(&b, &ALONE);
		fault(&b, rows[i].command, FAULT_HANG, 0, -1);
		go(&b);
		task_is(&b, "leaf01", TASK_FAILED);
		assert_string_equal(bed_task(&b, "leaf01")->failed_step, rows[i].step);
		/* its 60 s, and once more, each shown */
		assert_in_range(took(&b, rows[i].step), 60000, 140000);
		over(&b);
	}
}

static void the_limit_is_of_the_try(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	fault(&b, "show boot", FAULT_HANG, 0, 1);
	go(&b);
	task_is(&b, "leaf01", TASK_DONE);
	assert_in_range(took(&b, "remember"), 60000, 120000);
	over(&b);
}

/* --- what is left ------------------------------------------------------------------------- */

static void all_that_is_left_in_one_message(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.never_returns = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(notes_with(&b, "by hand"), 1);
	assert_int_equal(notes_with(&b, "\"Undrain\" could not be done"), 1);
	assert_int_equal(notes_with(&b, "by hand on the device, or reboot it: unclaim"), 1);
	/* who cannot be reached for one of them is not asked for the others */
	assert_int_equal(begun(&b, "leaf01", "install", PASS_UNDO), 1);
	assert_int_equal(begun(&b, "leaf01", "claim", PASS_UNDO), 0);
	over(&b);
}

static void what_the_reboot_took_is_not_told(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "rollback=no";
	ready(&b, &o);
	box(&b, "leaf01")->ill.stays_broken = true;
	fault(&b, "undrain", FAULT_ERROR, 0, -1);
	fault(&b, "unclaim", FAULT_ERROR, 0, -1);
	fault(&b, "install cancel", FAULT_ERROR, 0, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_int_equal(notes_with(&b, "by hand"), 1);
	assert_int_equal(notes_with(&b, "unclaim"), 0);
	assert_int_equal(notes_with(&b, "Cancel the install"), 0);
	over(&b);
}

static void a_clean_up_is_no_undo(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.parameters[0] = "tidy=no";
	ready(&b, &o);
	go(&b);
	job_is(&b, JOB_DONE);
	assert_string_equal(undo_of(&b, "drain")->phase, "Clean up");
	over(&b);

	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.traffic_stuck = true;
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_string_equal(undo_of(&b, "drain")->phase, "Undo");
	over(&b);
}

static void both_failures_are_told(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &ALONE);
	box(&b, "leaf01")->ill.stays_broken = true;
	fault(&b, "apply", FAULT_ERROR, 1, -1);
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	const struct task_view *t = bed_task(&b, "leaf01");
	assert_string_equal(t->message, "Failed at- Wait for health; then the way back failed: "
					"Failed at- Apply the files");
	assert_string_equal(t->reason, t->message);
	assert_string_equal(t->failed_step, "apply");
	over(&b);
}

/* --- pre-checks --------------------------------------------------------------------------- */

static void one_fact_without_an_answer(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "{\"name\":\"model\",\"command\":\"show id\"";
	o.edit[1] = "{\"name\":\"model\",\"command\":\"show sessions\"";
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, "show sessions", FAULT_HANG, 0, 2);
	bed_run(&b);
	job_is(&b, JOB_READY);
	assert_true(noted(&b, "leaf01: model could not be read with \"show sessions\": "));
	assert_string_equal(check_of(&b, "leaf01", "unreachable")->status, "passed");
	over(&b);

	o.edit[0] = "{\"name\":\"hostname\",\"command\":\"show id\"";
	o.edit[1] = "{\"name\":\"hostname\",\"command\":\"show config\"";
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, "show config", FAULT_HANG, 0, 2);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "unreachable")->status, "passed");
	assert_string_equal(check_of(&b, "leaf01", "supported")->status, "failed");
	assert_non_null(strstr(check_of(&b, "leaf01", "supported")->message,
			       "hostname could not be read with \"show config\": "));
	over(&b);
}

static void no_answer_at_all(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "{\"name\":\"hostname\",\"command\":\"show id\"";
	o.edit[1] = "{\"name\":\"hostname\",\"command\":\"show config\"";
	o.edit[2] = "{\"name\":\"model\",\"command\":\"show id\"";
	o.edit[3] = "{\"name\":\"model\",\"command\":\"show sessions\"";
	assert_int_equal(bed_open(&b, &o), 0);
	fault(&b, NULL, FAULT_HANG, 0, -1);
	int64_t from = b.ms;
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_in_range(b.ms - from, 120000, 150000); /* two questions, each twice, say enough */
	assert_string_equal(check_of(&b, "leaf01", "unreachable")->status, "failed");
	over(&b);
}

static void once_is_once(void **state)
{
	static const struct {
		const char *scope;
		int most;
	} rows[] = {{"once", 3}, {"job", 1}}; /* two spines and a pair */
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		struct bed_options o = PAIR;
		int n = 0;
		char *to = xasprintf("\"severity\":\"warning\",\"scope\":\"%s\",\"builtin\":\"isolation\"",
				     rows[i].scope);
		(void)state;
		o.edit[0] = "\"severity\":\"warning\",\"builtin\":\"isolation\"";
		o.edit[1] = to;
		ready(&b, &o);
		for (size_t k = 0; k < bed_view(&b)->checks.n; k++)
			n += str_eq(bed_view(&b)->checks.v[k].check, "isolation");
		assert_int_equal(n, rows[i].most);
		over(&b);
		free(to);
	}
}

/* Versions that cannot be compared are no way that is closed, and none that is open: somebody has to
 * say so. */
static void no_order_is_unknown(void **state)
{
	struct bed b;
	struct bed_options o = ALONE;
	(void)state;
	o.edit[0] = "\"path_allowed\":{\"all\":[{\"version\":\"version\",\"same_parts\":1}]}";
	o.edit[1] = "\"path_allowed\": {\"version\": \"version\", \"least\": \"${from}\"},"
		    "\"versions\": {\"forms\": [\"^(?<a>\\\\d+)[.](?<b>\\\\d+)[.]0$\"],"
		    "\"train\": [\"a\"], \"branch\": [\"b\"]}";
	assert_int_equal(bed_open(&b, &o), 0);
	bed_run(&b);
	job_is(&b, JOB_REFUSED);
	assert_string_equal(check_of(&b, "leaf01", "path")->status, "unknown");
	assert_true(str_starts(check_of(&b, "leaf01", "path")->message,
			       "Could not be found out: Version path"));
	over(&b);
}

/* Nobody knows: neither what the check says when it fails, nor what helps then. */
static void no_answer_is_no_finding(void **state)
{
	static const struct {
		enum fault fault;
		const char *advice;
	} rows[] = {
	    {FAULT_HANG, "See the load of leaf01 and the line to it: it gave no answer in time. Then run "
			 "the checks again."},
	    {FAULT_GARBAGE, "Run \"show space\" on leaf01 by hand, see what it answers and put that "
			    "right. Then run the checks again."},
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		struct bed_options o = ALONE;
		(void)state;
		o.edit[0] = "\"least\":1000},\"message\":\"${device}: ${why}\"";
		o.edit[1] = "\"least\":1000},\"message\":\"too little space\",\"advice\":\"Clear it\"";
		assert_int_equal(bed_open(&b, &o), 0);
		fault(&b, "show space", rows[i].fault, 0, -1);
		bed_run(&b);
		const struct check_view *c = check_of(&b, "leaf01", "space");
		assert_string_equal(c->status, "unknown");
		assert_true(str_starts(c->message, "Could not be found out: Space ("));
		assert_string_equal(c->advice, rows[i].advice);
		assert_string_equal(status_check_word(c), "UNKNOWN"); /* though it only warns */
		over(&b);
	}
}

/* A peer that lets nobody in is not slow: what helps is another thing. */
static void a_peer_that_lets_nobody_in(void **state)
{
	static const struct {
		enum fault fault;
		const char *advice;
	} rows[] = {
	    {FAULT_AUTH, "Put the credential of leaf02 right (hitless credential test): "},
	    {FAULT_HOSTKEY, "Compare the host key of leaf02 with the one on its console"},
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		(void)state;
		assert_int_equal(bed_open(&b, &PAIR), 0);
		switches_force(&b.switches, "leaf02", "show health", rows[i].fault, 1, -1);
		bed_run(&b);
		const struct check_view *c = check_of(&b, "leaf01", "peer-up");
		assert_string_equal(c->status, "unknown");
		assert_true(str_starts(c->advice, rows[i].advice));
		over(&b);
	}
}

/* --- processes ---------------------------------------------------------------------------- */

static int in_order(void *ctx, const struct record *r, struct err *e)
{
	int64_t *last = ctx;
	(void)e;
	assert_true(r->wall >= *last);
	*last = r->wall;
	return 0;
}

static void time_never_goes_back(void **state)
{
	struct bed b;
	struct err e = {0};
	int64_t last = 0;
	(void)state;
	ready(&b, &ALONE);
	start_only(&b);
	when_at(&b, "leaf01", "drain", leave_now);
	bed_run(&b);
	b.shift = -(int64_t)3600000; /* the clock of the next process is an hour behind */
	bed_run(&b);
	job_is(&b, JOB_DONE);
	assert_int_equal(store_read(b.store, b.job, 0, 0, in_order, &last, &e), 0);
	over(&b);
}

static void another_machine_is_refused(void **state)
{
	struct bed b;
	(void)state;
	assert_int_equal(bed_open(&b, &ALONE), 0);
	b.machine = "one";
	bed_run(&b);
	job_is(&b, JOB_READY);
	bed_kill(&b);
	b.machine = "another";
	assert_int_equal(bed_run(&b), RUNNER_BROKEN);
	assert_non_null(strstr(b.problem, "the job was run on "));
	assert_non_null(strstr(b.problem, "and this is "));
	b.problem[0] = '\0';
	b.any_machine = true;
	bed_run(&b);
	go(&b);
	job_is(&b, JOB_DONE);
	bed_kill(&b);
	b.any_machine = false; /* it is this one's now */
	bed_run(&b);
	job_is(&b, JOB_DONE);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question_that_hangs),
	    cmocka_unit_test(the_limit_is_of_the_try),
	    cmocka_unit_test(all_that_is_left_in_one_message),
	    cmocka_unit_test(what_the_reboot_took_is_not_told),
	    cmocka_unit_test(a_clean_up_is_no_undo),
	    cmocka_unit_test(both_failures_are_told),
	    cmocka_unit_test(one_fact_without_an_answer),
	    cmocka_unit_test(no_answer_at_all),
	    cmocka_unit_test(once_is_once),
	    cmocka_unit_test(no_order_is_unknown),
	    cmocka_unit_test(no_answer_is_no_finding),
	    cmocka_unit_test(a_peer_that_lets_nobody_in),
	    cmocka_unit_test(time_never_goes_back),
	    cmocka_unit_test(another_machine_is_refused),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("told", tests, NULL, NULL);
}
