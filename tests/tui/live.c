/* SPDX-License-Identifier: ISC */
/* The live run: what it shows of a job, when it draws, and how long that takes. */
#include "config.h"

#include "bed.h"
#include "story.h"

#include "tui/screens.h"

#include "run/words.h"

#include "model/unit.h"

#include <stdlib.h>
#include <string.h>

#define MANY 1000

/* Would another picture be sent after this time? */
static bool draws_after(struct story *t, int64_t ms)
{
	t->bed->clock.ms += ms;
	t->bed->app->dirty = false;
	app_tick(t->bed->app);
	return t->bed->app->dirty;
}

static void quiet(void **state)
{
	struct story t;
	story_start(&t, *state, 3);
	story_look(&t);
	assert_false(draws_after(&t, 60000)); /* running, but no device is under way */
	story_begin(&t, 1);
	story_look(&t);
	assert_false(draws_after(&t, 100)); /* the same second */
	assert_true(draws_after(&t, 1000));
	bed_shows(t.bed, "installing");
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "held"));
	story_state(&t, "held");
	story_look(&t);
	assert_false(draws_after(&t, 10000)); /* it waits for somebody */
	assert_true(draws_after(&t, 3600000)); /* and says for how long */
	story_look(&t);
	bed_shows(t.bed, "1h01m, left");
	story_stop(&t);
}

/* One that is back is in no step any more; why it is back stays. */
static void back_is_in_no_step(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_begin(&t, 1);
	story_fail(&t, 1, "image", "it did not fit");
	story_look(&t);
	bed_shows(t.bed, "installing");
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "rolled back"));
	story_look(&t);
	bed_hides(t.bed, "installing");
	bed_shows(t.bed, "it did not fit");
	story_stop(&t);
}

/* Hours in which nobody answers are told apart from those of the work. */
static void waited(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_begin(&t, 1);
	t.bed->clock.ms += 600000;
	story_fail(&t, 1, "image", "it did not fit");
	story_state(&t, "held");
	t.bed->clock.ms += 3 * 3600000;
	app_open(t.bed->app, &screen_results, NULL);
	story_look(&t);
	bed_shows(t.bed, "elapsed 3h10m, waiting for you: 3h00m");
	story_state(&t, "running");
	story_begin(&t, 2);
	t.bed->clock.ms += 300000;
	story_state(&t, "paused"); /* the device under way goes on: nobody is waited for */
	t.bed->clock.ms += 600000;
	story_fail(&t, 2, "image", "it did not fit");
	t.bed->clock.ms += 1200000; /* paused, and nothing goes on */
	story_state(&t, "failed");
	t.bed->clock.ms += 7200000; /* over: no time of the job */
	story_look(&t);
	bed_shows(t.bed, "elapsed 3h45m, waiting for you: 3h20m");
	story_state(&t, "running"); /* somebody tries again */
	t.bed->clock.ms += 60000;
	story_state(&t, "done");
	story_look(&t);
	bed_shows(t.bed, "elapsed 5h46m, waiting for you: 5h20m");
	story_stop(&t);
}

/* A night in which nobody answered is no time of the device, nor of its stage. */
static void worked(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_plan(&t, app_view(t.bed->app)->job, 0);
	story_begin(&t, 1);
	t.bed->clock.ms += 600000;
	story_fail(&t, 1, "image", "it did not fit");
	story_state(&t, "held");
	t.bed->clock.ms += 3 * 3600000;
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "pending"));
	story_state(&t, "running");
	story_begin(&t, 1);
	t.bed->clock.ms += 300000;
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "held"));
	story_state(&t, "held");
	t.bed->clock.ms += 7200000;
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "running"));
	story_state(&t, "running");
	t.bed->clock.ms += 60000;
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "done"));
	story_look(&t);
	bed_shows(t.bed, "  16m\n"); /* the list of the live run */
	app_open(t.bed->app, &screen_results, NULL);
	story_look(&t);
	bed_shows(t.bed, "leaf 16m00s");
	assert_int_equal(task_view_worked(&app_view(t.bed->app)->tasks.v[0], 0), 960000);
	story_stop(&t);
}

static void clock_of_the_demo(struct story *t)
{
	struct err e = {0};
	story_must(store_setting_set(t->bed->store, "clock-speed", "60", &e), &e);
	story_must(app_follow(t->bed->app, t->id, &e), &e);
}

/* The clock of simulated devices is the same on all screens. */
static void one_clock(void **state)
{
	struct story t;
	size_t device = 0;
	story_start(&t, *state, 2);
	clock_of_the_demo(&t);
	story_begin(&t, 1);
	story_look(&t);
	t.bed->clock.ms += 3000;
	story_look(&t);
	bed_shows(t.bed, "3m");
	app_open(t.bed->app, &screen_device, &device);
	story_look(&t);
	bed_shows(t.bed, "installing  3m");
	story_stop(&t);
}

/* Who comes back later reads the same time, not that of the last record. */
static void clock_is_found_again(void **state)
{
	struct story t;
	struct err e = {0};
	story_start(&t, *state, 2);
	clock_of_the_demo(&t);
	struct record *r = record_new(RECORD_OWNER, NULL, NULL);
	story_add(&t, record_number(r, "epoch", t.epoch));
	story_begin(&t, 1);
	story_look(&t);
	t.bed->clock.ms += 5000;
	story_look(&t);
	bed_shows(t.bed, "5m");
	story_must(app_follow(t.bed->app, t.id, &e), &e);
	story_look(&t);
	bed_shows(t.bed, "5m");
	t.bed->clock.ms += 3000;
	story_look(&t);
	bed_shows(t.bed, "8m");
	owner_free(t.owner); /* with its process its clock has stopped */
	t.owner = NULL;
	story_look(&t);
	t.bed->clock.ms += 3000;
	story_must(app_follow(t.bed->app, t.id, &e), &e);
	story_look(&t);
	bed_hides(t.bed, "11m");
	story_stop(&t);
}

/* A minute of simulated devices is a second of ours: what waits for somebody is told by ours. */
static void waiting_is_told_by_our_clock(void **state)
{
	static const char *const states[] = {"held", "paused"};
	for (size_t i = 0; i < 2 * LEN(states); i++) {
		struct story t;
		story_start(&t, *state, 3);
		if (i % 2)
			clock_of_the_demo(&t);
		story_begin(&t, 1);
		story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "held"));
		story_state(&t, states[i / 2]);
		story_look(&t);
		t.bed->clock.ms += 60000 - t.bed->clock.ms % 60000;
		story_look(&t);
		for (int second = 0; second < 59; second++)
			assert_false(draws_after(&t, 1000));
		assert_true(draws_after(&t, 1000));
		owner_free(t.owner);
		t.owner = NULL;
		story_look(&t);
		for (int second = 0; second < 50; second++)
			assert_false(draws_after(&t, 1000));
		story_stop(&t);
		if (i + 1 < 2 * LEN(states)) {
			assert_int_equal(bed_close(state), 0);
			assert_int_equal(bed_open(state), 0);
		}
	}
}

/* The first screen measures a job as the live run does. */
static void one_measure(void **state)
{
	struct story t;
	story_start(&t, *state, 1);
	story_begin(&t, 1);
	struct record *r = story_of(RECORD_OUTCOME, 1, "install");
	for (int i = 0; i < 10; i++) {
		story_add(&t, record_text(r, "result", "done"));
		r = story_of(RECORD_OUTCOME, 1, "install");
	}
	record_free(r);
	story_look(&t);
	const struct jobview *v = app_view(t.bed->app);
	char *percent = xasprintf("%d%%", unit_progress(v, &v->tasks.v[0]) / 10);
	assert_string_not_equal(percent, "0%");
	bed_shows(t.bed, percent);
	app_open(t.bed->app, &screen_home, NULL);
	story_look(&t);
	bed_shows(t.bed, percent);
	bed_shows(t.bed, "% 0/1");
	free(percent);
	story_stop(&t);
}

static void nobody_runs_it(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_begin(&t, 1);
	story_look(&t);
	bed_hides(t.bed, "No process");
	owner_free(t.owner);
	t.owner = NULL;
	story_look(&t);
	bed_shows(t.bed, "No process works on this job now");
	assert_false(draws_after(&t, 5000));
	story_stop(&t);
}

/* No check failed, and yet it cannot be: the screen says why, not that errors are to be put right. */
static void refused_otherwise(void **state)
{
	static const char why[] = "leaf0001 (serial 17) is in use by job 'edge' (ben, pid 4711)";
	struct story t;
	story_start(&t, *state, 2);
	struct record *r = record_text(record_new(RECORD_STATE, NULL, NULL), "state", "refused");
	story_add(&t, record_text(r, "reason", why));
	app_open(t.bed->app, &screen_checks, NULL);
	story_look(&t);
	bed_shows(t.bed, why);
	bed_shows(t.bed, "Refused, though all checks passed");
	bed_hides(t.bed, "put the errors right");
	story_stop(&t);
}

/* A tenth more every ten seconds, twice. */
static void goes_on(struct story *t, const char *step)
{
	story_begin_at(t, 1, step);
	story_look(t);
	for (int i = 1; i <= 2; i++) {
		struct record *r = story_of(RECORD_PROGRESS, 1, step);
		t->bed->clock.ms += 10000;
		record_number(r, "done", i * 100000000);
		story_add(t, record_number(r, "total", 1000000000));
		story_look(t);
	}
	bed_shows(t->bed, "20s/15m");
}

static void copies(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	goes_on(&t, "stage-image");
	bed_shows(t.bed, "10M/s 1m20s"); /* 800 MB are left */
	t.bed->clock.ms += COPY_STALLED_MS - 1000;
	story_look(&t);
	bed_shows(t.bed, "10M/s");
	t.bed->clock.ms += 5000;
	story_look(&t);
	bed_shows(t.bed, "stalled 34s");
	bed_hides(t.bed, "M/s");
	struct record *r = story_of(RECORD_PROGRESS, 1, "stage-image");
	record_number(record_flag(r, "between", true), "done", 201000000);
	story_add(&t, record_number(r, "total", 1000000000));
	story_look(&t);
	bed_hides(t.bed, "stalled");
	story_stop(&t);
}

/* What a device says of how far it is, is no number of bytes. */
static void is_told(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	goes_on(&t, "install");
	bed_shows(t.bed, "] 20%");
	bed_hides(t.bed, "M/s");
	story_stop(&t);
}

static void between_two_tries(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_begin(&t, 1);
	struct record *r = record_number(story_of(RECORD_PROGRESS, 1, "install"), "waits", 2);
	story_add(&t, record_text(r, "text", "no route to it"));
	t.bed->clock.ms += 7000;
	story_look(&t);
	bed_shows(t.bed, "waits for try 3");
	bed_hides(t.bed, "/15m"); /* the limit is not used up by waiting */
	bed_keys(t.bed, "Enter");
	app_draw(t.bed->app);
	bed_shows(t.bed, "waits to try again (2 so far): no route to it");
	bed_keys(t.bed, "q");
	t.bed->clock.ms += 1000;
	r = record_number(story_of(RECORD_PROGRESS, 1, "install"), "waits", 0);
	story_add(&t, record_flag(r, "again", true)); /* now, and its limit counts from now */
	story_look(&t);
	t.bed->clock.ms += 3000;
	story_look(&t);
	bed_hides(t.bed, "waits for try");
	bed_shows(t.bed, "3s/15m");
	story_stop(&t);
}

/* An order for one device moves the whole job: that is said before it is given. */
static void what_else_goes_on(void **state)
{
	struct story t;
	story_start(&t, *state, 4);
	story_begin(&t, 1);
	story_begin(&t, 2);
	story_fail(&t, 1, "disk", "leaf0001: no space");
	story_state(&t, "held");
	story_look(&t);
	bed_keys(t.bed, "t");
	app_draw(t.bed->app);
	bed_shows(t.bed, "The job goes on with it (waiting to begin: 2)");
	bed_hides(t.bed, "No process works");
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "Esc");
	owner_free(t.owner);
	t.owner = NULL;
	story_look(&t);
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "t");
	app_draw(t.bed->app);
	bed_shows(t.bed, "No process works on this job now. One is started");
	bed_shows(t.bed, "(waiting: 2, in the middle: 1)");
	story_stop(&t);
}

static void messages_are_read_once(void **state)
{
	struct story t;
	story_start(&t, *state, 3);
	story_look(&t);
	app_say(t.bed->app, ROLE_INFO, "it is so");
	story_look(&t);
	bed_shows(t.bed, "it is so");
	bed_keys(t.bed, "^L"); /* nothing but a picture was asked for */
	bed_shows(t.bed, "it is so");
	bed_keys(t.bed, "j");
	story_look(&t);
	bed_hides(t.bed, "it is so");
	app_say(t.bed->app, ROLE_INFO, "it is so");
	assert_false(draws_after(&t, 60000)); /* not one byte for it: with the next picture */
	bed_hides(t.bed, "it is so");
	app_say(t.bed->app, ROLE_ERROR, "it went wrong");
	t.bed->clock.ms += 60000;
	story_look(&t);
	bed_shows(t.bed, "it went wrong");
	bed_keys(t.bed, "j");
	story_look(&t);
	bed_hides(t.bed, "it went wrong");
	story_stop(&t);
}

static void never_negative(void **state)
{
	struct story t;
	story_start(&t, *state, 1);
	story_begin(&t, 1);
	story_look(&t);
	t.bed->clock.ms -= 500000; /* the journal's clock is ahead of ours */
	story_look(&t);
	bed_shows(t.bed, "0s/15m");
	t.bed->clock.ms += 5000000; /* and longer than anybody thought */
	story_look(&t);
	bed_shows(t.bed, "longer than estimated");
	story_stop(&t);
}

/* While images are copied it is said how far that is, and by when the last one is there. */
static void prediction(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_look(&t);
	bed_hides(t.bed, "copies");
	story_plan(&t, app_view(t.bed->app)->job, 120000);
	story_add(&t, record_number(story_of(RECORD_BEGIN, 1, NULL), "attempt", 1));
	story_add(&t, record_number(story_of(RECORD_INTENT, 1, "stage-image"), "attempt", 1));
	story_look(&t);
	bed_shows(t.bed, "copies: 0 of 2; all copies done by ");
	story_add(
	    &t, record_text(record_number(story_of(RECORD_OUTCOME, 1, "stage-image"), "attempt", 1),
			    "result", "done"));
	story_look(&t);
	bed_shows(t.bed, "copies: 1 of 2; all copies done by ");
	story_add(&t, record_number(story_of(RECORD_BEGIN, 2, NULL), "attempt", 1));
	story_add(&t, record_number(story_of(RECORD_INTENT, 2, "stage-image"), "attempt", 1));
	story_add(
	    &t, record_text(record_number(story_of(RECORD_OUTCOME, 2, "stage-image"), "attempt", 1),
			    "result", "done"));
	story_look(&t);
	bed_hides(t.bed, "copies");
	story_stop(&t);
}

/* A job with a thousand devices: map and list, sorted by what is urgent, with a record before each key.
 * How long that takes is told by tests/bench/tui. */
static void thousand(void **state)
{
	struct story t;
	story_start(&t, *state, MANY);
	for (size_t i = 1; i <= MANY; i += 4)
		story_begin(&t, i);
	story_look(&t);
	bed_shows(t.bed, "leaf 0/1000"); /* the map, all of it */
	for (size_t i = 0; i < 40; i++) {
		story_begin(&t, 4 * i + 2);
		bed_keys(t.bed, i == 20 ? "m" : i == 21 ? "o" : "Down");
		bed_shows(t.bed, "0/1000");
	}
	story_stop(&t);
}

static void words(void **state)
{
	char text[32];
	(void)state;
	word_span(-5, text);
	assert_string_equal(text, "0s");
	word_span(600000, text);
	assert_string_equal(text, "10m");
	word_span(3661000, text);
	assert_string_equal(text, "1h01m");
	word_rate(999, text);
	assert_string_equal(text, "999/s");
	word_rate(1500000, text);
	assert_string_equal(text, "1.5M/s");
	word_rate(123456789, text);
	assert_string_equal(text, "123M/s");
	for (int s = 0; s < TASK_STATE_COUNT; s++)
		assert_non_null(strchr("+>.!=?-<", mark_task((enum task_state)s)));
	assert_int_equal(mark_result("something new"), '?');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_open, bed_close)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(quiet),
	    TEST(back_is_in_no_step),
	    TEST(waited),
	    TEST(worked),
	    TEST(one_clock),
	    TEST(clock_is_found_again),
	    TEST(waiting_is_told_by_our_clock),
	    TEST(one_measure),
	    TEST(nobody_runs_it),
	    TEST(refused_otherwise),
	    TEST(copies),
	    TEST(is_told),
	    TEST(between_two_tries),
	    TEST(what_else_goes_on),
	    TEST(messages_are_read_once),
	    TEST(never_negative),
	    TEST(prediction),
	    TEST(thousand),
	    cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
