/* SPDX-License-Identifier: ISC */
/* The first screen and the history while others work: what they bring in, and what waits for an answer;
 * and what an import says before it is done. */
#include "config.h"

#include "station.h"

#include "tui/screens.h"

#include "base/path.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

static void press(struct station *b, keycode key)
{
	b->clock.ms += 2 * DIALOG_GUARD_MS;
	app_key(b->app, key);
	app_tick(b->app);
	app_draw(b->app);
}

static void type_text(struct station *b, const char *text)
{
	for (; *text; text++)
		app_key(b->app, *text);
}

static void put_file(struct station *b, const char *dir, const char *name, const char *text)
{
	struct err e = {0};
	char *path = path_join(dir, name);
	(void)b;
	good(path_write(path, text, strlen(text), &e), &e);
	free(path);
}

/* Would another picture be drawn after this time? */
static bool draws_after(struct station *b, int64_t ms)
{
	b->clock.ms += ms;
	b->app->dirty = false;
	app_tick(b->app);
	bool drawn = b->app->dirty;
	app_draw(b->app);
	return drawn;
}

/* --- brought in by others --------------------------------------------------------------------- */

static void brought_in_by_others(void **state)
{
	struct station *b = *state;
	struct err e = {0};
	app_open(b->app, &screen_home, NULL);
	(void)draws_after(b, 10000);
	(void)draws_after(b, 10000);
	station_shows(b, "Devices: 1");
	station_shows(b, "No image yet");
	assert_false(draws_after(b, 60000));

	put_file(b, b->f->dir, "credentials.json",
		 "{\"format\":1,\"credentials\":[{\"name\":\"rack\",\"user\":\"anna\","
		 "\"method\":\"agent\"}]}");
	assert_true(draws_after(b, 100));
	station_shows(b, "rack (anna)");
	put_file(b, b->f->dir, "inventory.json",
		 "{\"format\":1,\"devices\":[{\"name\":\"leaf01\",\"address\":\"192.0.2.1\","
		 "\"platform\":\"cumulus-linux\"},{\"name\":\"leaf02\",\"address\":\"192.0.2.2\","
		 "\"platform\":\"cumulus-linux\"}]}");
	assert_true(draws_after(b, 100));
	station_shows(b, "Devices: 2");

	struct store *other = must_open(b->f->dir);
	struct image i = {.kind = xstrdup("os"), .version = xstrdup("4.2.0"),
			  .platform = xstrdup("cumulus-linux")};
	bool known;
	put_file(b, b->f->top, "cumulus-linux-4.2.0.bin", "an image");
	char *path = path_join(b->f->top, "cumulus-linux-4.2.0.bin");
	good(store_image_add(other, path, &i, &known, NULL, NULL, &e), &e);
	image_release(&i);
	free(path);
	store_close(other);
	assert_true(draws_after(b, 10000));
	station_shows(b, "Images: 1");
	assert_false(draws_after(b, 60000)); /* and is quiet again */
}

/* --- what waits for an answer ----------------------------------------------------------------- */

static void ask(struct station *b, const char *job)
{
	struct record *r = record_new(RECORD_QUESTION, "leaf01", NULL);
	record_number(r, "id", 1);
	record_text(r, "kind", "unknown-outcome");
	record_text(r, "text", "Was it installed?");
	station_append(b, job, record_text(r, "choices", "done|retry|fail"));
	struct record *held = record_new(RECORD_TASK, "leaf01", NULL);
	station_append(b, job, record_text(held, "state", "held"));
	station_state(b, job, "held");
}

static void job_that_asks(struct station *b)
{
	struct err e = {0};
	station_draft(b);
	station_make(b);
	station_state(b, b->app->job, "running");
	ask(b, b->app->job);
	(void)app_follow(b->app, NULL, &e);
}

static void answered_from_home(void **state)
{
	struct station *b = *state;
	job_that_asks(b);
	app_open(b->app, &screen_home, NULL);
	(void)draws_after(b, 10000);
	station_shows(b, "asks you");
	press(b, 'A'); /* the cursor may be on another line */
	assert_int_equal(b->app->dialogs.n, 1);
	station_shows(b, "Was it installed?");
	assert_string_equal(station_top(b), "live");
	press(b, K_ESC); /* later */
	assert_int_equal(b->app->dialogs.n, 0);
	app_tick(b->app);
	assert_int_equal(b->app->dialogs.n, 0);
}

static void answered_from_the_history(void **state)
{
	struct station *b = *state;
	job_that_asks(b);
	app_open(b->app, &screen_history, NULL);
	(void)draws_after(b, 10000);
	(void)draws_after(b, 10000);
	station_shows(b, "asks you");
	press(b, 'A');
	assert_int_equal(b->app->dialogs.n, 1);
	station_shows(b, "Was it installed?");
}

/* --- an import -------------------------------------------------------------------------------- */

static char *many(size_t from, size_t n)
{
	struct str out = {0};
	str_puts(&out, "{\"format\":1,\"devices\":[");
	for (size_t i = from; i < from + n; i++)
		str_printf(&out,
			   "%s{\"name\":\"leaf%03zu\",\"address\":\"192.0.%zu.%zu\",\"platform\":"
			   "\"cumulus-linux\",\"role\":\"leaf\"}",
			   i == from ? "" : ",", i, 2 + i / 200, 1 + i % 200);
	str_puts(&out, "]}");
	return str_take(&out);
}

static void what_replace_removes_is_told_first(void **state)
{
	struct station *b = *state;
	char *there = many(1, 200), *file = many(181, 49), *path;
	put_file(b, b->f->dir, "inventory.json", there);
	put_file(b, b->f->top, "new.json", file);
	path = path_join(b->f->top, "new.json");
	app_open(b->app, &screen_inventory, NULL);
	press(b, 'i');
	press(b, '/'); /* a path is typed */
	type_text(b, path + 1);
	press(b, K_ENTER);
	assert_int_equal(b->app->dialogs.n, 1);
	station_shows(b, "Merge: 29 devices new, 0 changed, 0 removed");
	station_shows(b, "Replace: 29 devices new, 0 changed, 180 removed");
	station_shows(b, "more lines: PgDn");
	station_shows(b, "PgDn More");
	free(there), free(file), free(path);
}

/* --- too many --------------------------------------------------------------------------------- */

/* Not at the last step of the form only: where they are chosen, and where they are seen once more. */
static void more_than_a_job_may_have(void **state)
{
	struct station *b = *state;
	struct err e = {0};
	char *devices = many(1, 51);
	put_file(b, b->f->dir, "inventory.json", devices);
	app_open(b->app, &screen_select, NULL);
	press(b, 'a');
	station_shows(b, "! 51 selected, a job may have 50");
	press(b, K_ENTER);
	assert_string_equal(station_top(b), "select");
	station_shows(b, "51 devices are chosen, a job may have 50");
	press(b, ' '); /* one out */
	station_shows(b, "50 of 51 selected");
	press(b, K_ENTER);
	assert_string_equal(station_top(b), "review");
	station_shows(b, "50 selected");
	press(b, K_ESC);
	good(store_setting_set(b->store, DESK_DEVICES, "49", &e), &e); /* by somebody else */
	app_open(b->app, &screen_review, NULL);
	press(b, K_ENTER);
	assert_string_equal(station_top(b), "review");
	station_shows(b, "! 50 selected, a job may have 49");
	press(b, 'd');
	press(b, K_ENTER);
	assert_string_equal(station_top(b), "name");
	free(devices);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, station_setup, station_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(brought_in_by_others),
	    TEST(answered_from_home),
	    TEST(answered_from_the_history),
	    TEST(what_replace_removes_is_told_first),
	    TEST(more_than_a_job_may_have),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
