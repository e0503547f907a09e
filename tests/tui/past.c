/* SPDX-License-Identifier: ISC */
/* The list of all jobs: what is read, and that nothing is read twice. */
#include "config.h"

#include "help.h"

#include "tui/past.h"

#include "run/create.h"
#include "run/desk.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

static char *make(struct store *s, const char *name)
{
	struct err e = {0};
	struct procedure *p = procedures_for(NULL, &e);
	assert_non_null(p);
	struct job *j = job_new();
	char *id = NULL;
	bool again = false;
	j->name = xstrdup(name);
	j->version = xstrdup("4.2.0");
	j->operator = xstrdup("anna");
	j->inventory = inventory_new();
	struct device *d = VEC_ADD(&j->inventory->devices);
	*d = (struct device){.name = xstrdup("leaf01"),
			     .address = xstrdup("leaf01"),
			     .port = 22,
			     .platform = xstrdup(p->platforms[0]),
			     .role = xstrdup("leaf"),
			     .credential = xstrdup("default")};
	VEC_PUSH(&j->devices, 0);
	good(create_check(j, p, &e), &e);
	good(create_job(s, j, p, NULL, &id, &again, &e), &e);
	job_free(j);
	procedure_free(p);
	return id;
}

static void reading(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	struct past p;
	char *first = make(s, "first"), *second = make(s, "second");
	past_init(&p, s);
	assert_true(past_update(&p));
	assert_false(past_update(&p));
	assert_int_equal(p.jobs.n, 2);
	assert_string_equal(p.jobs.v[0].name, "second");
	assert_true(p.jobs.v[0].seq < 0); /* known by name only, until somebody looks */
	assert_null(p.jobs.v[0].version);
	assert_true(past_read(&p, 0));
	assert_false(past_read(&p, 0));
	assert_true(past_read(&p, 1));
	assert_int_equal(p.jobs.v[0].state, JOB_NEW);
	assert_string_equal(p.jobs.v[0].version, "4.2.0");
	assert_string_equal(p.jobs.v[0].operator, "anna");
	assert_int_equal(p.jobs.v[0].total, 1);
	/* something is written: only the job that it belongs to is read again */
	good(append_note(s, first, 0, 1, &e), &e);
	assert_true(past_update(&p));
	assert_false(past_read(&p, 0));
	assert_true(past_read(&p, 1));
	assert_false(past_read(&p, 1));
	/* a new one comes first, what was read stays with its job */
	free(make(s, "third"));
	assert_true(past_update(&p));
	assert_string_equal(p.jobs.v[0].name, "third");
	assert_true(p.jobs.v[0].seq < 0);
	assert_string_equal(p.jobs.v[2].id, first);
	assert_false(past_read(&p, 1));
	assert_false(past_read(&p, 2));
	past_release(&p);
	free(first);
	free(second);
	store_close(s);
}

static void unreadable(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct past p;
	free(must_job(s, "empty")); /* its first record never came */
	past_init(&p, s);
	assert_true(past_update(&p));
	assert_true(past_read(&p, 0));
	assert_true(p.jobs.v[0].broken);
	assert_false(past_read(&p, 0));
	past_release(&p);
	store_close(s);
}

static void owners(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct past p;
	char *id = make(s, "core");
	past_init(&p, s);
	assert_true(past_update(&p));
	assert_false(past_look(&p, 0));
	struct owner *o = must_own(s, id);
	assert_true(past_look(&p, 0));
	assert_true(p.jobs.v[0].running);
	assert_false(past_look(&p, 0));
	owner_free(o);
	assert_true(past_look(&p, 0));
	assert_false(p.jobs.v[0].running);
	past_release(&p);
	free(id);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(reading, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(unreadable, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(owners, fixture_setup, fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
