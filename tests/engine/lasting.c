/* SPDX-License-Identifier: ISC */
/* A change that serves later components and other devices, too: it stands until the component that
 * ends it, whoever fails meanwhile, and a job that ends before takes it back everywhere. */
#include "config.h"

#include "tests/engine/help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKS                                                                                      \
	((struct bed_options){.fabric = BED_PAIR,                                                  \
			      .method = "parts",                                                   \
			      .together = "clock",                                                 \
			      .edit = {"[\"gate\",\"claim\"],\"gate\":[\"health\"]",               \
				       "[\"gate\",\"mark\"],\"gate\":[\"health\"]"}})

static const char *const names[] = {"spine01", "spine02", "leaf01", "leaf02"};

static size_t marked(struct bed *b)
{
	size_t n = 0;
	for (size_t i = 0; i < LEN(names); i++)
		n += box(b, names[i])->marked;
	return n;
}

static void clean(struct bed *b)
{
	assert_int_equal(marked(b), 0);
	for (size_t i = 0; i < LEN(names); i++)
		assert_int_equal(bed_task(b, names[i])->open.n, 0);
}

static void until_its_component(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &MARKS);
	go(&b);
	asked(&b, "no-return");
	/* three are through the last component, the fourth waits before it */
	assert_int_equal(marked(&b), 1);
	assert_true(box(&b, "leaf02")->marked);
	assert_int_equal(begun(&b, "leaf02", "mark", PASS_UNDO), 0);
	answer(&b, "go");
	job_is(&b, JOB_DONE);
	clean(&b);
	for (size_t i = 0; i < LEN(names); i++)
		assert_int_equal(begun(&b, names[i], "mark", PASS_UNDO), 1);
	over(&b);
}

static void cancel(struct bed *b)
{
	bed_command(b, "cancel", NULL, NULL);
}

static void a_cancel_takes_it_back_everywhere(void **state)
{
	static const struct {
		const char *device, *step;
		size_t marks; /* devices that have one then */
	} rows[] = {
	    {"leaf01", "gate", 0}, {"leaf01", "mark", 1},  {"leaf02", "mark", 4},
	    {"spine01", "sync", 4}, {"leaf01", "keep", 4},
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bed b;
		size_t times = 0;
		(void)state;
		ready(&b, &MARKS);
		when_at(&b, rows[i].device, rows[i].step, cancel);
		go(&b);
		job_is(&b, JOB_CANCELLED);
		clean(&b);
		for (size_t k = 0; k < LEN(names); k++) {
			task_is(&b, names[k], TASK_CANCELLED);
			times += (size_t)begun(&b, names[k], "mark", PASS_UNDO);
			assert_non_null(strstr(bed_task(&b, names[k])->reason, "by the operator"));
		}
		assert_int_equal(times, rows[i].marks);
		over(&b);
	}
}

static void a_failure_leaves_it_to_the_others(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &MARKS);
	switches_force(&b.switches, "spine01", "drain", FAULT_ERROR, 0, 2);
	fault(&b, "show health", FAULT_GARBAGE, 0, 1);
	go(&b);
	if (bed_question(&b)) /* whether it was drained cannot be told */
		answer(&b, "fail");
	task_is(&b, "spine01", TASK_FAILED);
	job_is(&b, JOB_HELD);
	assert_true(box(&b, "leaf02")->marked);
	char *message = xstrdup(bed_task(&b, "spine01")->message);
	command(&b, "cancel", NULL);
	job_is(&b, JOB_FAILED);
	clean(&b);
	task_is(&b, "spine01", TASK_FAILED);
	assert_string_equal(bed_task(&b, "spine01")->message, message);
	free(message);
	over(&b);
}

/* It fails before the component that would take it back, and is left out of that. */
static void of_one_that_failed(void **state)
{
	static const enum on_failure policies[] = {ON_FAILURE_GO_ON, ON_FAILURE_HOLD};
	for (size_t i = 0; i < LEN(policies); i++) {
		struct bed b;
		struct bed_options o = MARKS;
		(void)state;
		o.on_failure = policies[i];
		ready(&b, &o);
		switches_force(&b.switches, "spine01", "claim", FAULT_ERROR, 0, 3); /* sync */
		go(&b);
		task_is(&b, "spine01", TASK_FAILED);
		if (policies[i] == ON_FAILURE_HOLD) {
			job_is(&b, JOB_HELD);
			assert_int_equal(marked(&b), LEN(names));
			command(&b, "skip", "spine01");
		}
		answer(&b, "go");
		job_is(&b, JOB_FAILED);
		clean(&b);
		assert_int_equal(begun(&b, "spine01", "mark", PASS_UNDO), 1);
		task_is(&b, "spine01", TASK_FAILED);
		task_is(&b, "leaf01", TASK_DONE);
		assert_true(bed_task(&b, "spine01")->released || policies[i] == ON_FAILURE_GO_ON);
		over(&b);
	}
}

/* Tried again afterwards, it is made and taken back once more. */
static void tried_again(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &MARKS);
	when_at(&b, "leaf02", "mark", cancel);
	go(&b);
	clean(&b);
	command(&b, "retry", "leaf02");
	if (bed_question(&b))
		answer(&b, "go");
	clean(&b);
	over(&b);
}

static void what_cannot_be_taken_back_is_named(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &MARKS);
	switches_force(&b.switches, "leaf01", "unmark", FAULT_ERROR, 0, 3); /* all tries */
	when_at(&b, "spine01", "sync", cancel);
	go(&b);
	job_is(&b, JOB_CANCELLED); /* and it ends all the same */
	assert_int_equal(marked(&b), 1);
	assert_true(noted(&b, "leaf01: \"Remove the mark\" could not be done"));
	assert_true(noted(&b, "Do it by hand on the device: unmark"));
	assert_int_equal(bed_task(&b, "leaf01")->open.n, 1);
	command(&b, "discard", "leaf01");
	clean(&b);
	job_is(&b, JOB_CANCELLED);
	over(&b);
}

/* What the operator asked for is tried as often as he asked. */
static void a_discard_in_vain_is_not_tried_twice(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &MARKS);
	switches_force(&b.switches, "leaf01", "unmark", FAULT_ERROR, 0, -1);
	when_at(&b, "spine01", "sync", cancel);
	go(&b);
	job_is(&b, JOB_CANCELLED);
	assert_int_equal(begun(&b, "leaf01", "mark", PASS_UNDO), 1);
	command(&b, "discard", "leaf01");
	job_is(&b, JOB_CANCELLED);
	task_is(&b, "leaf01", TASK_CANCELLED);
	assert_int_equal(begun(&b, "leaf01", "mark", PASS_UNDO), 2);
	b.switches.forced.n = 0;
	command(&b, "discard", "leaf01");
	task_is(&b, "leaf01", TASK_CANCELLED);
	clean(&b);
	over(&b);
}

/* --- a device that is not what the job was made for any more --------------------------------- */

static const char *decommissioned; /* a device; NULL: none */

char **__real_gone_devices(struct store *s, const struct jobview *v, struct err *e);
char **__wrap_gone_devices(struct store *s, const struct jobview *v, struct err *e);

char **__wrap_gone_devices(struct store *s, const struct jobview *v, struct err *e)
{
	char **gone = __real_gone_devices(s, v, e);
	if (gone && decommissioned)
		gone[inventory_find(v->job->inventory, decommissioned)] =
		    xstrdup("it was decommissioned");
	return gone;
}

static void decommission_and_cancel(struct bed *b)
{
	decommissioned = "leaf01";
	cancel(b);
}

static void nothing_is_sent_to_one_that_is_gone(void **state)
{
	struct bed b;
	(void)state;
	ready(&b, &MARKS);
	when_at(&b, "spine01", "sync", decommission_and_cancel);
	go(&b);
	decommissioned = NULL;
	job_is(&b, JOB_CANCELLED);
	assert_int_equal(begun(&b, "leaf01", "mark", PASS_UNDO), 0);
	assert_true(box(&b, "leaf01")->marked);
	assert_int_equal(marked(&b), 1);
	assert_true(noted(&b, "leaf01: \"Remove the mark\" could not be done (it was decommissioned). "
			      "Do it by hand on the device: unmark"));
	over(&b);
}

/* The program dies at any write, of the work and of the taking back; then the job is cancelled, or
 * goes on. */
static void killed(bool cancels)
{
	struct bed_options o = MARKS;
	o.few_checks = true;
	for (int at = 1, before = 0;; at += 2, before = !before) {
		struct bed b;
		ready(&b, &o);
		b.appends = 0;
		b.crash_at = at;
		b.crash_before = before;
		if (cancels)
			when_at(&b, "spine02", "sync", cancel);
		go(&b);
		if (bed_view(&b)->state == JOB_READY)
			go(&b);
		if (bed_question(&b))
			answer(&b, cancels ? "cancel" : "go");
		job_is(&b, cancels ? JOB_CANCELLED : JOB_DONE);
		clean(&b);
		bool crashed = b.crashes > 0;
		over(&b);
		if (!crashed) {
			assert_true(at > 40);
			return;
		}
	}
}

static void killed_and_cancelled(void **state)
{
	(void)state;
	killed(true);
}

static void killed_and_gone_on(void **state)
{
	(void)state;
	killed(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(until_its_component),
	    cmocka_unit_test(a_cancel_takes_it_back_everywhere),
	    cmocka_unit_test(a_failure_leaves_it_to_the_others),
	    cmocka_unit_test(of_one_that_failed),
	    cmocka_unit_test(tried_again),
	    cmocka_unit_test(what_cannot_be_taken_back_is_named),
	    cmocka_unit_test(a_discard_in_vain_is_not_tried_twice),
	    cmocka_unit_test(nothing_is_sent_to_one_that_is_gone),
	    cmocka_unit_test(killed_and_cancelled),
	    cmocka_unit_test(killed_and_gone_on),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("lasting", tests, NULL, NULL);
}
