/* SPDX-License-Identifier: ISC */
/* The doctor's screen: what it shows is of this machine, so it has no picture. */
#include "config.h"

#include "bed.h"

#include "tui/screens.h"

#include <unistd.h>

static void wait_work(struct bed *b)
{
	for (int i = 0; i < 10000 && b->app->work; i++) {
		(void)work_look(b->app);
		(void)usleep(1000);
	}
	assert_null(b->app->work);
}

static void look(void **state)
{
	struct bed *b = *state;
	app_open(b->app, &screen_home, NULL);
	bed_keys(b, ":");
	bed_type(b, "doctor");
	bed_keys(b, "Enter");
	wait_work(b);
	app_draw(b->app);
	bed_shows(b, "Libraries");
	bed_shows(b, "Random numbers");
	bed_keys(b, "/");
	bed_type(b, "libssh");
	bed_keys(b, "Enter Enter");
	app_draw(b->app);
	bed_shows(b, "SQLite 3.");
	bed_keys(b, "Esc");
	app_draw(b->app);
	bed_keys(b, "r");
	assert_non_null(b->app->work);
	bed_keys(b, "Esc Esc"); /* the filter, then the screen: an answer that nobody waits for */
	wait_work(b);
	app_draw(b->app);
	bed_hides(b, "Libraries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(look, bed_open, bed_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
