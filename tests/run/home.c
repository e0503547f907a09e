/* SPDX-License-Identifier: ISC */
/* When `hitless` without a verb shows screens, and when lines. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/home.h"

#include <stdio.h>
#include <stdlib.h>

static int show(struct cli *c, const char *job)
{
	(void)c;
	assert_null(job);
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(screens)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
