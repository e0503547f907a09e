/* SPDX-License-Identifier: ISC */
/* What stands around the live run: pre-checks, map, log, cards, what comes after the stages. */
#include "config.h"

#include "bed.h"
#include "story.h"

#include "run/cards.h"
#include "tui/screens.h"

#include "model/unit.h"

#include <stdlib.h>
#include <unistd.h>
#include <string.h>

static void checked_after(struct story *t, size_t device, const char *status)
{
	struct record *r = story_of(RECORD_CHECK, device, NULL);
	record_text(r, "check", "service-frr");
	record_text(r, "group", "Health of Services");
	record_text(r, "severity", "error");
	record_text(r, "status", status);
	story_add(t, record_flag(r, "after", true));
}

static void snapshot_of(struct story *t, size_t device, const char *when, const char *rows)
{
	struct record *r = story_of(RECORD_SNAPSHOT, device, NULL);
	record_text(r, "when", when);
	record_text(r, "element", "BGP");
	story_add(t, record_json(r, "rows", cJSON_Parse(rows)));
}

static void ends_as(struct story *t, size_t device, const char *state)
{
	story_add(t, record_text(story_of(RECORD_TASK, device, NULL), "state", state));
}

#define PEER(state) "[{\"vrf\":\"default\",\"family\":\"v4\",\"session\":\"a\",\"state\":\"" state "\"}]"

/* What comes after is well when it is for all devices, and ill as soon as it is for one. */
static void after_the_stages(void **state)
{
	struct story t;
	story_start(&t, *state, 3);
	for (size_t i = 1; i <= 3; i++) {
		story_begin(&t, i);
		snapshot_of(&t, i, "before", PEER("up"));
	}
	app_open(t.bed->app, &screen_preview, NULL);
	story_look(&t);
	bed_shows(t.bed, "+ Snapshot"); /* before */
	bed_shows(t.bed, ". Comparison");
	checked_after(&t, 1, "passed");
	snapshot_of(&t, 1, "after", PEER("up"));
	story_look(&t);
	bed_shows(t.bed, ". Comparison"); /* it is not through */
	ends_as(&t, 1, "done");
	story_look(&t);
	bed_shows(t.bed, "> Health of");
	bed_shows(t.bed, "> Snapshot");
	bed_shows(t.bed, "> Comparison");
	checked_after(&t, 2, "failed");
	snapshot_of(&t, 2, "after", PEER("down"));
	ends_as(&t, 2, "done");
	story_look(&t);
	bed_shows(t.bed, "! Health of");
	bed_shows(t.bed, "! Comparison");
	story_stop(&t);
}

static void all_after_the_stages(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	for (size_t i = 1; i <= 2; i++) {
		story_begin(&t, i);
		snapshot_of(&t, i, "before", PEER("up"));
		checked_after(&t, i, "passed");
		snapshot_of(&t, i, "after", PEER("up"));
		ends_as(&t, i, "done");
	}
	app_open(t.bed->app, &screen_preview, NULL);
	story_look(&t);
	bed_shows(t.bed, "+ Health of");
	bed_shows(t.bed, "+ Comparison");
	story_stop(&t);
}

/* One that failed on the way was never looked at. */
static void not_asked_after(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_begin(&t, 1);
	checked_after(&t, 1, "passed");
	ends_as(&t, 1, "done");
	story_begin(&t, 2);
	story_fail(&t, 2, "image", "it did not fit");
	app_open(t.bed->app, &screen_preview, NULL);
	story_look(&t);
	bed_shows(t.bed, "? Health of");
	story_stop(&t);
}

static void says(struct story *t, size_t device, const char *check, const char *group,
		 const char *status, const char *severity, const char *message)
{
	struct record *r = story_of(RECORD_CHECK, device, NULL);
	record_text(r, "check", check);
	record_text(r, "group", group);
	record_text(r, "title", check);
	record_text(r, "status", status);
	record_text(r, "severity", severity);
	story_add(t, record_text(r, "message", message));
}

static int rows_with(struct bed *b, const char *text)
{
	int n = 0;
	char *screen = bed_picture(b);
	for (const char *at = screen; (at = strstr(at, text)); at++)
		n++;
	free(screen);
	return n;
}

/* Whoever reads what passed is brought to what failed when it was asked again. */
static void worst_comes_into_view(void **state)
{
	struct story t;
	char name[16];
	story_start(&t, *state, 2);
	story_state(&t, "checking");
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "check%02d", i);
		says(&t, 1, name, "Health", "passed", "error", NULL);
	}
	story_state(&t, "ready");
	app_open(t.bed->app, &screen_checks, NULL);
	story_look(&t);
	bed_keys(t.bed, "End");
	story_look(&t);
	bed_shows(t.bed, "check39");
	bed_hides(t.bed, "check00");
	story_state(&t, "checking");
	says(&t, 2, "check07", "Health", "failed", "error", "a fan is missing");
	story_look(&t);
	bed_shows(t.bed, "check39"); /* it is not over */
	story_state(&t, "refused");
	story_look(&t);
	bed_shows(t.bed, "a fan is missing");
	bed_keys(t.bed, "End"); /* once a round */
	says(&t, 2, "check08", "Health", "passed", "error", NULL);
	story_look(&t);
	bed_shows(t.bed, "check39");
	story_stop(&t);
}

/* One heading a group, the worst one first; who says the same is told apart; nobody knows is no
 * error and no warning. */
static void groups_of_checks(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	says(&t, 1, "Route", "Alpha", "warning", "warning", "it differs");
	says(&t, 1, "Peer", "Beta", "unknown", "error", "timed out");
	says(&t, 1, "Bonds", "Beta", "unknown", "error", "timed out");
	says(&t, 2, "Load", "Beta", "warning", "warning", "it is high");
	says(&t, 1, "Memory", "Gamma", "unknown", "warning", "no answer");
	says(&t, 2, "Space", "Gamma", "failed", "error", "too little");
	story_state(&t, "refused");
	app_open(t.bed->app, &screen_checks, NULL);
	story_look(&t);
	bed_shows(t.bed, "! 1 error ");
	bed_shows(t.bed, "? 3 unknown");
	bed_shows(t.bed, "! 2 warnings");
	bed_shows(t.bed, "Peer: timed out");
	bed_shows(t.bed, "Bonds: timed out");
	bed_hides(t.bed, "Space: too little");
	assert_int_equal(rows_with(t.bed, "  Alpha"), 1);
	assert_int_equal(rows_with(t.bed, "  Beta"), 1);
	assert_int_equal(rows_with(t.bed, "? unknown"), 3);
	char *screen = bed_picture(t.bed);
	assert_true(strstr(screen, "  Gamma") < strstr(screen, "  Beta"));
	assert_true(strstr(screen, "  Beta") < strstr(screen, "  Alpha"));
	free(screen);
	story_stop(&t);
}

static void the_end(void **state)
{
	struct story t;
	story_start(&t, *state, 1);
	story_begin(&t, 1);
	story_look(&t);
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "done"));
	story_state(&t, "done");
	story_look(&t);
	bed_shows(t.bed, "The job is over");
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "Enter");
	assert_string_equal(t.bed->app->stack.v[t.bed->app->stack.n - 1].kind->name, "results");
	story_stop(&t);
}

static void by_cause(void **state)
{
	struct story t;
	struct cards c = {0};
	story_start(&t, *state, 5);
	for (size_t i = 1; i <= 4; i++)
		story_begin(&t, i);
	story_fail(&t, 1, "disk", "leaf0001: no space");
	story_fail(&t, 2, "disk", "leaf0002: no space");
	story_fail(&t, 3, NULL, "leaf0003 said no");
	story_fail(&t, 4, NULL, "leaf0004 said no");
	story_look(&t);
	cards_make(&c, app_view(t.bed->app));
	assert_int_equal(c.list.n, 2);
	assert_int_equal(c.devices, 4);
	assert_string_equal(c.list.v[0].title, "*: no space");
	assert_string_equal(c.list.v[1].title, "* said no");
	assert_string_equal(c.list.v[0].evidence->output, "one\ntwo");
	cards_release(&c);
	bed_keys(t.bed, "c");
	bed_shows(t.bed, "* said no");
	/* one that is upgraded after all is no error any more */
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "done"));
	story_look(&t);
	bed_shows(t.bed, "devices: 3");
	story_stop(&t);
}

/* The map says what its marks mean: of the states that are there, on as many lines as they need. */
static void map_is_explained(void **state)
{
	static const char *const ends[] = {"done", "failed", "held", "rolled back", "skipped",
					   "cancelled", "undoing", "rolling back"};
	struct story t;
	story_start(&t, *state, 12);
	story_begin(&t, 1);
	story_look(&t);
	bed_hides(t.bed, ". pending  > running");
	bed_keys(t.bed, "m");
	bed_shows(t.bed, " . pending  > running");
	bed_hides(t.bed, "+ done");
	for (size_t i = 0; i < LEN(ends); i++)
		ends_as(&t, 2 + i, ends[i]);
	story_look(&t);
	bed_shows(t.bed, " . pending  > running  = held  > undoing  > rolling back  + done  ! failed");
	bed_shows(t.bed, " < rolled back  - skipped  - cancelled");
	bed_shows(t.bed, "leaf 1/12 !4"); /* done, and not to be counted as that */
	bed_keys(t.bed, "f"); /* only what is active is on it */
	bed_hides(t.bed, ". pending  > running");
	bed_shows(t.bed, " > running  = held  > undoing  > rolling back");
	char *cut = term_cut_labels(t.bed->term);
	assert_string_equal(cut, "");
	free(cut);
	story_stop(&t);
}

static void log_grows(void **state)
{
	struct story t;
	story_start(&t, *state, 3);
	app_open(t.bed->app, &screen_log, NULL);
	for (size_t i = 1; i <= 3; i++)
		story_begin(&t, i);
	story_look(&t);
	bed_shows(t.bed, "leaf0003");
	bed_keys(t.bed, "/");
	bed_type(t.bed, "leaf0001");
	bed_keys(t.bed, "Enter");
	bed_hides(t.bed, "leaf0003");
	story_fail(&t, 3, NULL, "leaf0003 said no");
	story_fail(&t, 1, NULL, "it cannot be");
	story_look(&t);
	bed_shows(t.bed, "FAILED: it cannot be"); /* new lines pass the filter, or not */
	bed_hides(t.bed, "said no");
	story_stop(&t);
}

/* The end of what takes a step back is told by its own name, with the time that it took; how long a
 * device took is what the other screens say, too. */
static void log_of_what_is_taken_back(void **state)
{
	struct story t;
	story_start(&t, *state, 1);
	story_begin_at(&t, 1, "stage-image");
	t.bed->clock.ms += 60000;
	struct record *failed = story_of(RECORD_OUTCOME, 1, "stage-image");
	record_text(failed, "opens", "stage-image");
	record_text(failed, "message", "no space");
	story_add(&t, record_text(failed, "result", "failed"));
	struct record *undo = record_new(RECORD_BEGIN, "leaf0001", NULL);
	story_add(&t, record_number(record_text(undo, "pass", "undo"), "attempt", 1));
	for (int end = 0; end < 2; end++) {
		struct record *r = record_new(end ? RECORD_OUTCOME : RECORD_INTENT, "leaf0001",
					      "stage-image");
		record_text(r, "pass", "undo");
		record_text(r, "title", "Remove the image");
		record_text(r, "phase", "Undo");
		record_text(r, "word", "undoing");
		if (end)
			record_text(record_text(r, "result", "done"), "closes", "stage-image");
		story_add(&t, r);
		t.bed->clock.ms += 5000;
	}
	struct record *held = record_text(story_of(RECORD_TASK, 1, NULL), "state", "held");
	story_add(&t, held);
	t.bed->clock.ms += 3600000; /* nobody works on it */
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "failed"));
	app_open(t.bed->app, &screen_log, NULL);
	story_look(&t);
	bed_shows(t.bed, "Remove the image: done, 5.0s");
	bed_hides(t.bed, "Copy the image to the switch: done");
	bed_shows(t.bed, "in 1m10s");
	story_stop(&t);
}

/* However long the name of a job is, what is told of it is not cut off. */
static void long_name_leaves_the_state(void **state)
{
	struct story t;
	story_start(&t, *state, 1);
	struct job *j = app_view(t.bed->app)->job;
	free(j->name);
	j->name = xstrdup("quarterly upgrade of all leafs in the second hall, part 3 of 12");
	story_look(&t);
	bed_keys(t.bed, "F");
	bed_shows(t.bed, "[follows] quarterly");
	bed_shows(t.bed, "~  > running");
	app_open(t.bed->app, &screen_checks, NULL);
	story_look(&t);
	bed_shows(t.bed, "~  0/0");
	story_stop(&t);
}

static void path_of_a_plan_is_kept(void **state)
{
	struct story t;
	story_start(&t, *state, 1);
	app_open(t.bed->app, &screen_preview, NULL);
	story_look(&t);
	bed_keys(t.bed, "s");
	for (int i = 0; i < 2; i++) { /* nothing typed: asked again, and says so */
		t.bed->clock.ms += DIALOG_GUARD_MS;
		bed_keys(t.bed, "Enter");
		bed_shows(t.bed, "No file name given");
	}
	t.bed->clock.ms += DIALOG_GUARD_MS;
	bed_type(t.bed, "/no/such/place/plan.json");
	bed_keys(t.bed, "Enter");
	assert_int_equal(t.bed->app->dialogs.n, 1);
	bed_shows(t.bed, "cannot write /no/such/place/plan.json");
	assert_string_equal(line_text(&t.bed->app->dialogs.v[0].line), "/no/such/place/plan.json");
	t.bed->clock.ms += DIALOG_GUARD_MS;
	bed_keys(t.bed, "^U");
	bed_type(t.bed, "no-such-place/plan.json");
	bed_keys(t.bed, "Enter");
	char *here = getcwd(NULL, 0), *whole = xasprintf("%s/no-such-place/plan.json", here);
	assert_string_equal(line_text(&t.bed->app->dialogs.v[0].line), whole);
	t.bed->clock.ms += DIALOG_GUARD_MS;
	bed_keys(t.bed, "^U");
	bed_type(t.bed, "~/no-such-place/plan.json");
	setenv("HOME", "/no/such/home", 1);
	bed_keys(t.bed, "Enter");
	assert_string_equal(line_text(&t.bed->app->dialogs.v[0].line),
			    "/no/such/home/no-such-place/plan.json");
	free(here), free(whole);
	story_stop(&t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_open, bed_close)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(after_the_stages),
	    TEST(all_after_the_stages),
	    TEST(not_asked_after),
	    TEST(worst_comes_into_view),
	    TEST(groups_of_checks),
	    TEST(the_end),
	    TEST(by_cause),
	    TEST(map_is_explained),
	    TEST(log_grows),
	    TEST(log_of_what_is_taken_back),
	    TEST(long_name_leaves_the_state),
	    TEST(path_of_a_plan_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
