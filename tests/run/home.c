/* SPDX-License-Identifier: ISC */
/* When `hitless`, `hitless attach` and the demo show screens, and when lines. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/demo.h"
#include "cli/home.h"

#include "base/path.h"
#include "run/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int show(struct cli *c, const char *job, bool wizard)
{
	(void)c;
	assert_null(job);
	assert_false(wizard);
	return 42;
}

static int run(struct cli c, const char *term)
{
	c.state_option = ":memory:";
	assert_int_equal(term ? setenv("TERM", term, 1) : unsetenv("TERM"), 0);
	int rc = home(&c);
	cli_close(&c);
	return rc;
}

static void screens(void **state)
{
	const struct cli all = {.screens = show, .in_tty = true, .out_tty = true};
	struct cli c;
	(void)state;
	assert_int_equal(run(all, "xterm"), 42);
	assert_int_equal(run(all, "dumb"), EXIT_DONE);
	assert_int_equal(run(all, ""), EXIT_DONE);
	assert_int_equal(run(all, NULL), EXIT_DONE);
	c = all, c.json = true;
	assert_int_equal(run(c, "xterm"), EXIT_DONE);
	c = all, c.in_tty = false;
	assert_int_equal(run(c, "xterm"), EXIT_DONE);
	c = all, c.out_tty = false;
	assert_int_equal(run(c, "xterm"), EXIT_DONE);
	c = all, c.screens = NULL;
	assert_int_equal(run(c, "xterm"), EXIT_DONE);
}

/* --- attach ----------------------------------------------------------------------------------- */

static int show_job(struct cli *c, const char *job, bool wizard)
{
	(void)c;
	assert_string_equal(job, "core");
	assert_false(wizard);
	return 43;
}

static int attach(const struct cli *how, const char *option)
{
	struct cli c = *how;
	const char *argv[] = {"hitless", "--state", ":memory:", "attach", "core", option, NULL};
	return dispatch(&c, option ? 6 : 5, (char **)(uintptr_t)argv);
}

/* There is no such job: whoever looks for it himself says so. */
static void attaching(void **state)
{
	const struct cli all = {.screens = show_job, .in_tty = true, .out_tty = true};
	struct cli pipe = all;
	(void)state;
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_int_equal(attach(&all, NULL), 43);
	assert_int_equal(attach(&all, "--text"), EXIT_USAGE);
	assert_int_equal(attach(&all, "--verbose"), EXIT_USAGE);
	assert_int_equal(attach(&all, "--json"), EXIT_USAGE);
	pipe.out_tty = false;
	assert_int_equal(attach(&pipe, NULL), EXIT_USAGE);
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	assert_int_equal(attach(&all, NULL), EXIT_USAGE);
}

/* --- demo ------------------------------------------------------------------------------------- */

static int show_wizard(struct cli *c, const char *job, bool wizard)
{
	struct err e = {0};
	assert_null(job);
	assert_true(wizard);
	struct draft *d = draft_load(c->store, &e);
	assert_non_null(d);
	assert_string_equal(d->name, "demo");
	assert_string_equal(d->version, "4.2.0");
	assert_int_equal(d->devices.n, 1);
	assert_true(draft_has(d, "leaf01"));
	draft_free(d);
	return 44;
}

static void demo(void **state)
{
	static const char inventory[] =
	    "{\"format\":1,\"devices\":[{\"name\":\"leaf01\",\"platform\":\"x\"},"
	    "{\"name\":\"up1\",\"platform\":\"x\",\"anchor\":true}]}";
	char dir[] = "demo-XXXXXX";
	struct err e = {0};
	struct cli c = {.screens = show_wizard, .in_tty = true, .out_tty = true};
	struct demo_words w = {.state = dir, .lab = "lab", .to = "4.2.0"};
	(void)state;
	assert_non_null(mkdtemp(dir));
	char *path = path_join(dir, "inventory.json");
	assert_int_equal(demo_wizard(&c, &w), EXIT_USAGE); /* nothing is there to be shown */
	assert_int_equal(path_write(path, inventory, strlen(inventory), &e), 0);
	assert_int_equal(demo_wizard(&c, &w), 44); /* and no job goes on */
	assert_int_equal(path_remove_tree(dir, &e), 0);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(screens), cmocka_unit_test(attaching), cmocka_unit_test(demo)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
