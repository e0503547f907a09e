/* SPDX-License-Identifier: ISC */
/* How the wizard, a screen and a dialog are left. */
#include "config.h"

#include "station.h"

#include "tui/screens.h"
#include "tui/wizard.h"

#include "model/json.h"
#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

static void add_plan(struct station *b)
{
	const struct inventory *inv = app_view(b->app)->job->inventory;
	struct plan *p = plan_new();
	struct plan_stage *s = VEC_ADD(&p->stages);
	s->name = xstrdup("leaf");
	size_t device = 0;
	struct plan_batch *batch = VEC_ADD(&s->batches);
	batch->estimate_ms = 1000;
	VEC_PUSH(&batch->devices, device);
	struct plan_device *d = VEC_ADD(&p->devices);
	d->device = device;
	plan_seal(p, inv);
	station_append(b, b->app->job,
	       record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", plan_to_json(p, inv)));
	plan_free(p);
}

/* One rule on all of its steps: the wizard is left as a whole, nothing is asked, and it is entered again
 * where it was. The screen of the bench stands for the first one. */
static void wizard_is_left_alike(void **state)
{
	static const struct {
		const struct screen *screen;
		const char *again; /* where it goes on */
	} steps[] = {{&screen_select, "select"},   {&screen_review, "review"},
		     {&screen_name, "name"},       {&screen_options, "options"},
		     {&screen_checks, "checks"},   {&screen_preview, "preview"},
		     {&screen_confirm, "preview"}};
	struct station *b = *state;
	station_draft(b);
	station_make(b);
	char *job = xstrdup(b->app->job);
	station_state(b, job, "checking");
	add_plan(b);
	station_state(b, job, "ready");
	for (size_t i = 0; i < LEN(steps); i++) {
		struct err e = {0};
		good(app_follow(b->app, job, &e), &e);
		for (size_t k = 0; k <= i; k++)
			app_open(b->app, steps[k].screen, NULL);
		assert_string_equal(station_top(b), steps[i].screen->name);
		if (i >= 4) /* as wizard_checks() does it */
			wizard_at(b->app, "checks");
		app_key(b->app, app_typing(b->app) ? K_CTRL('X') : 'q');
		assert_string_equal(station_top(b), "text");
		assert_int_equal(b->app->stack.n, 1);
		assert_int_equal(b->app->dialogs.n, 0);
		assert_false(b->app->quit);
		assert_string_equal(b->app->draft->job, job);
		wizard_enter(b->app);
		assert_string_equal(station_top(b), steps[i].again);
		app_key(b->app, app_typing(b->app) ? K_CTRL('X') : 'q');
		assert_string_equal(station_top(b), "text");
	}
	free(job);
}

/* What is no step of it is left alone, also what only looks like one. */
static void others_are_left_alone(void **state)
{
	struct station *b = *state;
	app_open(b->app, &screen_select, NULL);
	app_open(b->app, &screen_images, NULL);
	app_key(b->app, 'q');
	assert_string_equal(station_top(b), "select");
	app_key(b->app, 'q');
	assert_string_equal(station_top(b), "text");
	station_draft(b);
	station_make(b);
	add_plan(b);
	station_state(b, b->app->job, "running");
	app_tick(b->app);
	app_open(b->app, &screen_live, NULL);
	app_open(b->app, &screen_preview, NULL);
	app_key(b->app, 'q');
	assert_string_equal(station_top(b), "live");
	app_key(b->app, 'q');
	assert_string_equal(station_top(b), "text");
	assert_false(b->app->quit);
	app_key(b->app, 'q');
	assert_true(b->app->quit);
}

/* A dialog is put off, not the program ended: the key means the same over it. */
static void dialog_is_left_alike(void **state)
{
	struct station *b = *state;
	app_open(b->app, &screen_select, NULL);
	app_confirm(b->app, xstrdup("A question"), xstrdup("?"), "Yes", NULL, NULL);
	b->clock.ms += DIALOG_GUARD_MS;
	app_key(b->app, K_CTRL('X'));
	assert_int_equal(b->app->dialogs.n, 0);
	assert_false(b->app->quit);
	assert_string_equal(station_top(b), "text");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, station_setup, station_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(wizard_is_left_alike),
	    TEST(others_are_left_alone),
	    TEST(dialog_is_left_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
