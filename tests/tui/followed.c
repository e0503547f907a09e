/* SPDX-License-Identifier: ISC */
/* The job that the screens follow: made of the draft, once, and named when something is missing. */
#include "config.h"

#include "station.h"

#include "tui/make_job.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/path.h"
#include "model/json.h"
#include "run/create.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

static void equal_is_entered_again(void **state)
{
	struct station *b = *state;
	struct err e = {0};
	station_draft(b);
	station_make(b);
	assert_non_null(b->app->job);
	assert_string_equal(b->app->draft->job, b->app->job);
	char *first = xstrdup(b->app->job);
	station_state(b, first, "ready");
	station_make(b);
	assert_string_equal(b->app->job, first);
	good(app_follow(b->app, b->app->job, &e), &e); /* its own string */
	assert_string_equal(b->app->job, first);
	struct draft *kept = draft_load(b->store, &e);
	assert_string_equal(kept->job, first);
	draft_free(kept);
	free(first);
}

static void name_means(struct station *b, const char *name, const char *id)
{
	struct err e = {0};
	char *found = create_find(b->store, name, &e);
	assert_non_null(found);
	assert_string_equal(found, id);
	struct jobview *v = create_view(b->store, id, &e);
	assert_string_equal(v->job->name, name);
	assert_int_equal(v->superseded, strchr(name, '(') != NULL);
	jobview_free(v);
	free(found);
}

static void different_is_another_job(void **state)
{
	struct station *b = *state;
	station_draft(b);
	station_make(b);
	char *first = xstrdup(b->app->job);
	station_state(b, first, "ready");
	values_set(&b->app->draft->options, "order", "edge-first");
	station_make(b);
	assert_string_not_equal(b->app->job, first);
	assert_string_equal(b->app->draft->job, b->app->job);
	assert_string_equal(app_view(b->app)->job->name, "friday");
	assert_string_equal(app_view(b->app)->job->order[0], "leaf");
	name_means(b, "friday", b->app->job);
	name_means(b, "friday (1)", first);
	free(first);
}

static int count_text(struct station *b, const char *text)
{
	struct str picture = {0};
	int n = 0;
	term_dump(b->term, false, &picture);
	for (const char *at = str_text(&picture); (at = strstr(at, text)); at++)
		n++;
	str_release(&picture);
	return n;
}

static void look(struct station *b)
{
	app_tick(b->app);
	app_tick(b->app);
	app_draw(b->app);
}

/* Another order of roles: one job for who looks at it, of one name; the one before is no job of its own. */
static void another_order_is_one_job(void **state)
{
	static const char *const orders[] = {"edge-first", "procedure", "edge-first"};
	struct station *b = *state;
	app_open(b->app, &screen_home, NULL);
	station_draft(b);
	station_make(b);
	station_state(b, b->app->job, "ready");
	look(b);
	for (size_t i = 0; i < LEN(orders); i++) {
		values_set(&b->app->draft->options, "order", orders[i]);
		station_make(b);
		station_state(b, b->app->job, "ready");
		look(b);
		assert_int_equal(count_text(b, "ready"), 1);
		assert_int_equal(count_text(b, "friday ("), 0);
	}
	name_means(b, "friday", b->app->job);
	app_open(b->app, &screen_home, NULL); /* and who comes later sees the same */
	look(b);
	assert_int_equal(count_text(b, "ready"), 1);
	assert_int_equal(count_text(b, "friday ("), 0);
	app_open(b->app, &screen_history, NULL);
	look(b);
	look(b); /* read what is seen */
	assert_int_equal(count_text(b, "friday ("), 3);
	assert_int_equal(count_text(b, "superseded"), 3);
	assert_int_equal(count_text(b, "ready"), 1);
	app_key(b->app, K_END);
	app_key(b->app, K_ENTER);
	look(b);
	station_shows(b, "friday (1)");
	station_shows(b, "another one was made in its place");
}

/* What was started keeps its name, and another one cannot have it. */
static void started_keeps_its_name(void **state)
{
	struct station *b = *state;
	station_draft(b);
	station_make(b);
	char *first = xstrdup(b->app->job);
	station_state(b, first, "running");
	values_set(&b->app->draft->options, "order", "edge-first");
	assert_false(make_job(b->app));
	name_means(b, "friday", first);
	free(first);
}

static int count_cancels(void *ctx, const cJSON *command, struct err *e)
{
	(void)e;
	*(int *)ctx += str_eq(json_text(command, "verb"), "cancel");
	return 0;
}

static void running_is_cancelled_first(void **state)
{
	struct station *b = *state;
	struct err e = {0};
	int cancels = 0;
	station_draft(b);
	station_make(b);
	char *first = xstrdup(b->app->job);
	struct owner *o = must_own(b->store, first);
	b->epoch = owner_epoch(o);
	station_state(b, first, "checking");
	values_set(&b->app->draft->options, "order", "edge-first");
	station_make(b);
	assert_true(b->app->making);
	assert_string_equal(b->app->job, first);
	good(store_commands(b->store, first, count_cancels, &cancels, &e) < 0 ? -1 : 0, &e);
	assert_int_equal(cancels, 1);
	app_tick(b->app); /* nobody has carried it out yet */
	assert_string_equal(b->app->job, first);
	station_state(b, first, "cancelled");
	owner_free(o);
	app_tick(b->app);
	assert_false(b->app->making);
	assert_string_not_equal(b->app->job, first);
	free(first);
}

static void nothing_chosen_is_said(void **state)
{
	struct station *b = *state;
	assert_false(make_job(b->app));
	assert_non_null(b->app->message);
	assert_null(b->app->job);
}

/* What was asked for is not said any longer than it is true. */
static void order_is_forgotten(void **state)
{
	struct station *b = *state;
	station_draft(b);
	station_make(b);
	station_state(b, b->app->job, "running");
	app_tick(b->app);
	app_say(b->app, ROLE_INFO, "Asked to go on");
	app_tick(b->app);
	assert_non_null(b->app->message);
	station_state(b, b->app->job, "held");
	app_tick(b->app);
	assert_null(b->app->message);
	app_say(b->app, ROLE_ERROR, "it went wrong");
	station_state(b, b->app->job, "running");
	app_tick(b->app);
	assert_non_null(b->app->message);
}

/* --- what is missing -------------------------------------------------------------------------- */

static void add_package(struct station *b)
{
	struct err e = {0};
	char *path = path_join(b->f->top, "agent-4.2.0.deb");
	struct image image = {.kind = xstrdup("agent"),
			      .name = xstrdup("agent-4.2.0.deb"),
			      .version = xstrdup("4.2.0"),
			      .platform = xstrdup("cumulus-linux")};
	bool known;
	good(path_write(path, "a package", 9, &e), &e);
	good(store_image_add(b->store, path, &image, &known, NULL, NULL, &e), &e);
	image_release(&image);
	free(path);
}

static void what_is_missing_is_named(void **state)
{
	struct station *b = *state;
	app_open(b->app, &screen_home, NULL);
	app_draw(b->app);
	station_shows(b, "No image yet");
	app_back(b->app);
	add_package(b);
	app_open(b->app, &screen_home, NULL);
	app_draw(b->app);
	station_shows(b, "Only packages so far: add the image");
}

/* --- advice ------------------------------------------------------------------------------------ */

/* What it says in words of the command line is a key here. */
static void advice_names_the_key(void **state)
{
	struct station *b = *state;
	station_draft(b);
	station_make(b);
	struct record *r = record_new(RECORD_CHECK, "leaf01", NULL);
	record_text(r, "check", "login");
	record_text(r, "status", "failed");
	record_text(r, "severity", "error");
	record_text(r, "message", "Cannot log in");
	record_text(r, "advice", "Correct the credential (hitless credential test).");
	station_append(b, b->app->job, r);
	station_state(b, b->app->job, "refused");
	app_tick(b->app);
	app_open(b->app, &screen_checks, NULL);
	app_draw(b->app);
	station_shows(b, "Here: c Logins. Correct the credential (hitless credential test).");
	app_key(b->app, ' '); /* the evidence: the key is that of another screen, the word works */
	app_draw(b->app);
	station_shows(b, "Here: c Logins. Correct");
	app_key(b->app, 'q');
	app_key(b->app, 'c');
	app_draw(b->app);
	station_shows(b, "hitless  Credentials");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, station_setup, station_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(equal_is_entered_again),
	    TEST(different_is_another_job),
	    TEST(another_order_is_one_job),
	    TEST(started_keeps_its_name),
	    TEST(running_is_cancelled_first),
	    TEST(nothing_chosen_is_said),
	    TEST(order_is_forgotten),
	    TEST(what_is_missing_is_named),
	    TEST(advice_names_the_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
