/* SPDX-License-Identifier: ISC */
/* The doctor where the command line does not reach: the course of the clock, locks that are left,
 * what a job is refused for. */
#include "config.h"

#include "help.h"

#include "base/clock.h"
#include "base/path.h"
#include "run/doctor.h"
#include "run/start.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct doctor_finding *found(struct doctor_findings *list, const char *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].id, id))
			return &list->v[i];
	fail_msg("no check %s", id);
	return NULL;
}

static void expect(struct store *s, const char *id, enum doctor_level level, const char *text)
{
	struct doctor_findings list = {0};
	doctor_examine(&(struct doctor_options){.store = s}, false, &list);
	const struct doctor_finding *f = found(&list, id);
	assert_int_equal(f->level, level);
	if (!strstr(str_text(&f->evidence), text) && !strstr(str_text(&f->action), text))
		fail_msg("%s: no '%s' in: %s -> %s", id, text, str_text(&f->evidence),
			 str_text(&f->action));
	doctor_release(&list);
}

/* What it remembers of the last time is changed behind its back. */
static void clock_course(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct doctor_findings list = {0};
	struct err e = {0};
	doctor_examine(&(struct doctor_options){.store = s}, true, &list);
	assert_null(strstr(str_text(&found(&list, "clock")->evidence), "was set"));
	doctor_release(&list);
	char *kept = store_setting(s, "clock-course");
	assert_non_null(kept);
	char *blank = strchr(kept, ' ');
	char *ahead = xasprintf("%.*s %lld", (int)(blank - kept), kept, atoll(blank) + 7200000);
	good(store_setting_set(s, "clock-course", ahead, &e), &e);
	expect(s, "clock", DOCTOR_WARNING, "set back by 2h00m");
	expect(s, "clock", DOCTOR_WARNING, ""); /* said once: what follows is measured anew */
	doctor_examine(&(struct doctor_options){.store = s}, true, &list);
	assert_null(strstr(str_text(&found(&list, "clock")->evidence), "was set"));
	doctor_release(&list);
	good(store_setting_set(s, "clock-course", "another-boot 5", &e), &e);
	doctor_examine(&(struct doctor_options){.store = s}, true, &list);
	assert_null(strstr(str_text(&found(&list, "clock")->evidence), "was set"));
	doctor_release(&list);
	free(ahead);
	free(kept);
	store_close(s);
}

static void locks(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	char *job = must_job(s, "left behind");
	char *identities[] = {(char *)"serial-1", (char *)"serial-2"};
	char *names[] = {(char *)"leaf01", (char *)"leaf02"};
	expect(s, "jobs", DOCTOR_OK, "none runs");
	struct owner *o = must_own(s, job);
	good(store_lock_devices(s, job, identities, names, 2, 0, &e), &e);
	expect(s, "jobs", DOCTOR_OK, "'left behind' runs");
	good(store_setting_set(s, "job-limit", "1", &e), &e);
	expect(s, "jobs", DOCTOR_WARNING, "no more may");
	owner_free(o);
	expect(s, "jobs", DOCTOR_WARNING, "holds 2 locks");
	expect(s, "jobs", DOCTOR_WARNING, "hitless resume");
	good(store_unlock_devices(s, job, &e), &e);
	expect(s, "jobs", DOCTOR_OK, "none runs");
	free(job);
	store_close(s);
}

/* The lower limit is raised as far as it goes; then the job is refused. */
static void open_files(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	struct str warnings = {0};
	struct rlimit old, low = {.rlim_cur = 100, .rlim_max = 1000};
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	good(start_prepare(s, 100, &warnings, &e), &e);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &low), 0);
	assert_true((int64_t)low.rlim_cur >= doctor_files_needed(100));
	bad(doctor_allow(s, (size_t)old.rlim_max, &warnings, &e), &e, ERR_REFUSED, "open files");
	good(store_setting_set(s, "check-machine", "0", &e), &e);
	good(doctor_allow(s, (size_t)old.rlim_max, &warnings, &e), &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	str_release(&warnings);
	store_close(s);
}

/* The home directory that a state lies in has to be ours, too. */
static void parent(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	expect(s, "state", DOCTOR_OK, f->dir);
	assert_int_equal(chmod(f->top, 0777), 0);
	expect(s, "state", DOCTOR_WARNING, "chmod go-w");
	assert_int_equal(chmod(f->top, 01777), 0);
	expect(s, "state", DOCTOR_OK, f->dir);
	assert_int_equal(chmod(f->top, 0700), 0);
	store_close(s);
}

#define IN_STATE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_STATE(clock_course),
	    IN_STATE(locks),
	    IN_STATE(open_files),
	    IN_STATE(parent),
	};
	if (setenv("HITLESS_DATA_DIR", TOP_SRCDIR "/src", 1) != 0)
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
