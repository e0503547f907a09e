/* SPDX-License-Identifier: ISC */
/* What the doctor finds at the start of a job, as the screens say it: linked with --wrap, so that the
 * machine is as ill as a test wants it, and no process is started. */
#include "config.h"

#include "station.h"

#include "run/doctor_parts.h"
#include "run/start.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include <string.h>

static const struct ill {
	const char *check, *evidence, *action;
	enum doctor_level level;
} *ills;
static size_t n_ills, started;

static void look(const char *check, struct doctor_finding *f)
{
	for (size_t i = 0; i < n_ills; i++) {
		if (strcmp(ills[i].check, check) != 0)
			continue;
		f->level = ills[i].level;
		str_puts(&f->evidence, ills[i].evidence);
		str_puts(&f->action, ills[i].action);
	}
}

/* All quick ones: who starts a job does not wait for the rest. */
#define CHECK(name)                                                                                \
	doctor_check __wrap_doctor_##name;                                                         \
	void __wrap_doctor_##name(const struct doctor *d, struct doctor_finding *f)                \
	{                                                                                          \
		(void)d;                                                                           \
		look(#name, f);                                                                    \
	}
CHECK(state)
CHECK(space)
CHECK(logout)
CHECK(shutdown)
CHECK(clock)
CHECK(limits)
CHECK(memory)
CHECK(random)

int __wrap_start_job(struct store *s, const char *id, const struct secrets *secrets, unsigned how,
		     bool linger, int *pid, struct err *e);
int __wrap_start_job(struct store *s, const char *id, const struct secrets *secrets, unsigned how,
		     bool linger, int *pid, struct err *e)
{
	(void)s, (void)id, (void)secrets, (void)how, (void)linger, (void)e;
	*pid = 0;
	started++;
	return 0;
}

static void on(const struct ill *list, size_t n)
{
	ills = list;
	n_ills = n;
	started = 0;
}

static const struct ill poorly[] = {
    {"clock", "it is not synchronised", "timedatectl", DOCTOR_WARNING},
    {"memory", "100 MiB are free", "end what is not needed", DOCTOR_WARNING},
};
#define SAID "This machine: Clock: it is not synchronised; timedatectl (:doctor tells more)"

/* The first thing, and where the others are; once, and the job starts all the same. */
static void what_is_not_well_is_said_once(void **state)
{
	struct station *b = *state;
	on(poorly, LEN(poorly));
	b->app->start = NULL;
	app_open(b->app, &screen_home, NULL);
	station_draft(b);
	station_make(b);
	app_draw(b->app);
	station_shows(b, SAID);
	station_hides(b, "Memory");
	assert_int_equal(b->app->message_role, ROLE_WARNING);
	assert_int_equal(started, 1);
	wizard_hush(b->app);
	app_start_process(b->app);
	app_draw(b->app);
	station_hides(b, "This machine");
	assert_int_equal(started, 2);
}

static const struct ill badly[] = {
    {"memory", "100 MiB are free", "end what is not needed", DOCTOR_WARNING},
    {"shutdown", "this machine is to go down at 03:00", "shutdown -c", DOCTOR_ERROR},
};

/* What would stop a job: no process, the cause and what to do, on whatever screen starts it. */
static void what_is_wrong_starts_nothing(void **state)
{
	static const struct screen *const screens[] = {&screen_home, &screen_checks, &screen_confirm};
	struct station *b = *state;
	station_draft(b);
	station_make(b);
	b->app->start = NULL;
	on(badly, LEN(badly));
	for (size_t i = 0; i < LEN(screens); i++) {
		app_open(b->app, screens[i], NULL);
		app_start_process(b->app);
		app_draw(b->app);
		station_shows(b, "no job can run on this machine now: Restart: this machine is to go");
		station_shows(b, "shutdown -c");
		station_hides(b, "Memory");
		assert_int_equal(b->app->message_role, ROLE_ERROR);
		wizard_hush(b->app);
	}
	assert_int_equal(started, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, station_setup, station_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(what_is_not_well_is_said_once),
	    TEST(what_is_wrong_starts_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
