/* SPDX-License-Identifier: ISC */
/* What the screens of a job say while it waits for the operator, and how it ended: in full. */
#include "config.h"

#include "bed.h"
#include "story.h"

#include "model/plan.h"
#include "tui/screens.h"

#include <stdlib.h>
#include <string.h>

static const char why[] =
    "leaf0001 failed: Install the image: the switch said: mount: can't read superblock on "
    "/dev/sda4, and gave up; nothing else of its redundancy group leaf01-02 is "
    "touched until it is retried and done, or left as it is by \"skip leaf0001\", which lets the "
    "others go down although it may be down";

static void held(struct story *t)
{
	struct record *r = record_text(record_new(RECORD_STATE, NULL, NULL), "state", "held");
	story_add(t, record_text(r, "reason", why));
	story_look(t);
}

static void nothing_cut(struct bed *b)
{
	char *cut = term_cut_labels(b->term);
	assert_string_equal(cut, "");
	free(cut);
}

/* The safety words are its last ones; the key is named, not what the command line has for it. */
static void reason_in_full(void **state)
{
	struct story t;
	story_start(&t, *state, 12);
	story_begin(&t, 1);
	story_fail(&t, 1, NULL, "no space");
	held(&t);
	bed_shows(t.bed, "may be down");
	bed_shows(t.bed, "\"s Skip");
	bed_hides(t.bed, "~");
	bed_shows(t.bed, "> leaf0001"); /* the list is still one */
	nothing_cut(t.bed);
	bed_keys(t.bed, "v");
	story_look(&t);
	bed_shows(t.bed, "LOG");
	bed_shows(t.bed, "\"skip"); /* the record as it was written, to its end */
	bed_hides(t.bed, "is~");
	nothing_cut(t.bed);
	bed_keys(t.bed, "L");
	story_look(&t);
	bed_shows(t.bed, "TEXT: ");
	bed_shows(t.bed, "may be down");
	story_stop(&t);
}

/* Cause, what is still changed and what to do stand above the steps, whatever was said before. */
static void way_back_failed(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	struct record *r = story_of(RECORD_INTENT, 1, "drain-shut");
	story_add(&t, record_number(story_of(RECORD_BEGIN, 1, NULL), "attempt", 1));
	story_add(&t, record_text(r, "title", "Take the links down"));
	r = record_text(story_of(RECORD_OUTCOME, 1, "drain-shut"), "result", "done");
	story_add(&t, record_text(r, "opens", "drain-shut"));
	r = record_text(story_of(RECORD_OUTCOME, 1, "install"), "result", "failed");
	record_text(r, "message", why);
	record_text(r, "cause", "The first boot after the power loss found a worn disk; nothing on "
				"it can be trusted, and a second installation would end alike.");
	record_text(r, "advice", "Look at the console of the switch first, bring its links up by hand, "
				 "and only then retry it: its partner carries the traffic of both.");
	story_add(&t, r);
	story_add(&t, record_text(story_of(RECORD_TASK, 1, NULL), "state", "failed"));
	story_look(&t);
	bed_keys(t.bed, "Enter");
	story_look(&t);
	bed_shows(t.bed, "Likely cause: The first boot");
	bed_shows(t.bed, "alike.");
	bed_shows(t.bed, "Still changed: ");
	bed_shows(t.bed, "-> Look at the console");
	bed_shows(t.bed, "of both.");
	bed_shows(t.bed, "RESULT"); /* and the steps are still there */
	bed_hides(t.bed, "~");
	nothing_cut(t.bed);
	story_stop(&t);
}

/* Over is not done: what was cancelled and left out is told, and fills no bar. */
static void not_complete(void **state)
{
	struct story t;
	story_start(&t, *state, 4);
	for (size_t i = 1; i <= 4; i++) {
		const char *end = i == 4 ? "cancelled" : i == 3 ? "skipped" : "done";
		story_begin(&t, i);
		story_add(&t, record_text(story_of(RECORD_TASK, i, NULL), "state", end));
	}
	story_state(&t, "cancelled");
	story_look(&t);
	bed_shows(t.bed, "2 of 4 devices done, 1 skipped, 1 cancelled.");
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "Esc");
	story_look(&t);
	bed_shows(t.bed, " 2/4 ");
	bed_shows(t.bed, " 50%");
	bed_shows(t.bed, "2 of 4 done, 1 skipped, 1 cancelled");
	bed_hides(t.bed, "=]"); /* a bar that is full */
	bed_hides(t.bed, "100%");
	bed_hides(t.bed, "4/4");
	nothing_cut(t.bed);
	app_open(t.bed->app, &screen_home, NULL);
	story_look(&t);
	bed_shows(t.bed, "2/4");
	bed_hides(t.bed, "4/4");
	story_stop(&t);
}

/* Nobody would be there when its window opens. */
static void window_without_process(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	struct record *r = record_text(record_new(RECORD_STATE, NULL, NULL), "state", "held");
	record_text(r, "reason", "waits for the maintenance window, which opens tonight");
	story_add(&t, record_number(r, "until", t.bed->clock.ms + 9000000));
	story_look(&t);
	bed_shows(t.bed, "= held: waits for the maintenance window");
	bed_hides(t.bed, "No process");
	owner_free(t.owner);
	t.owner = NULL;
	story_look(&t);
	bed_shows(t.bed, "No process works on this job: it does not go on by itself");
	bed_shows(t.bed, "? no process");
	bed_shows(t.bed, "r Go on");
	app_open(t.bed->app, &screen_home, NULL);
	story_look(&t);
	bed_shows(t.bed, "? no process");
	story_stop(&t);
}

/* Going on past a failure begins the others: it is asked, and says whom it leaves behind. */
static void go_on_asks(void **state)
{
	struct story t;
	story_start(&t, *state, 3);
	story_begin(&t, 1);
	story_fail(&t, 1, NULL, "no space");
	held(&t);
	bed_keys(t.bed, "r");
	story_look(&t);
	bed_shows(t.bed, "left as it is now: leaf0001");
	bed_shows(t.bed, "goes on with the");
	bed_hides(t.bed, "Asked to go on");
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "Tab Enter");
	story_look(&t);
	bed_shows(t.bed, "Asked to go on");
	story_stop(&t);
}

/* Nothing failed: a pause ends without a word. */
static void pause_ends(void **state)
{
	struct story t;
	story_start(&t, *state, 2);
	story_state(&t, "paused");
	story_look(&t);
	bed_keys(t.bed, "r");
	story_look(&t);
	bed_shows(t.bed, "Asked to go on");
	story_stop(&t);
}

#define STAGES 24

/* A stage for each device, with a name that no frame has room for. */
static void add_stages(struct story *t)
{
	const struct inventory *inv = app_view(t->bed->app)->job->inventory;
	struct plan *p = plan_new();
	for (size_t i = 0; i < STAGES; i++) {
		struct plan_stage *s = VEC_ADD(&p->stages);
		s->name = xasprintf("row %zu of the machine room in the old hall", i + 1);
		struct plan_batch *b = VEC_ADD(&s->batches);
		b->estimate_ms = 600000;
		VEC_PUSH(&b->devices, i);
		struct plan_device *d = VEC_ADD(&p->devices);
		d->device = i;
		d->estimate_ms = 600000;
	}
	plan_seal(p, inv);
	story_add(t, record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", plan_to_json(p, inv)));
	plan_free(p);
}

/* Those for which there is no room are counted, and a long name is there to its end. */
static void many_stages(void **state)
{
	struct story t;
	story_start(&t, *state, STAGES);
	add_stages(&t);
	story_begin(&t, 1);
	story_look(&t);
	app_open(t.bed->app, &screen_results, NULL);
	story_look(&t);
	bed_shows(t.bed, "row 1 of the machine room");
	bed_shows(t.bed, " and 21 more");
	app_open(t.bed->app, &screen_preview, NULL);
	story_look(&t);
	bed_shows(t.bed, "hall");
	nothing_cut(t.bed);
	story_stop(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(reason_in_full, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(way_back_failed, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(not_complete, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(go_on_asks, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(pause_ends, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(many_stages, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(window_without_process, bed_open, bed_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
