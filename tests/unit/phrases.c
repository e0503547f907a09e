/* SPDX-License-Identifier: ISC */
/* What was said in English is recognised by what it was made from, and said again. */
#include "config.h"

#include "model/phrases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *template, *other, *text, *again; /* again NULL: it is not made from this */
} rows[] = {
    {"The disk is full.", "Voll.", "The disk is full.", "Voll."},
    {"The disk is full.", "Voll.", "The disk is full", NULL},
    {"${device} does not answer: ${why}", "Keine Antwort von ${device}: ${why}",
     "leaf01 does not answer: timed out", "Keine Antwort von leaf01: timed out"},
    {"Set ${a} to ${b}.", "${b} wird ${a}.", "Set x to y.", "y wird x."},
    {"Set ${a} to ${b}.", "${b} wird ${a}.", "Set x to y", NULL},
    /* the name again, and names that hold words of the template */
    {"${a} and ${a}", "${a} + ${a}", "one and one", "one + one"},
    {"From ${a} to ${b}", "Von ${a} nach ${b}", "From A to B to C", "Von A nach B to C"},
    {"At the end ${a}", "Am Ende ${a}", "At the end ", "Am Ende "},
    /* holes side by side: nobody knows where the one ends; a name that the other lacks */
    {"${a}${b} is wrong", "${b}${a}", "xy is wrong", NULL},
    {"${a} is wrong", "${b} ist falsch", "x is wrong", NULL},
    /* no hole: an unfinished one is text */
    {"costs ${5", "kostet ${5", "costs ${5", "kostet ${5"},
    {"", "", "x", NULL},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char *again = phrase_again(rows[i].template, rows[i].other, rows[i].text);
		if (rows[i].again)
			assert_non_null(again);
		if (rows[i].again)
			assert_string_equal(again, rows[i].again);
		else
			assert_null(again);
		free(again);
	}
}

/* Without a catalogue everything stays as it is. */
static void test_english(void **state)
{
	struct jobview *v = jobview_new();
	(void)state;
	assert_null(said(v, NULL));
	assert_string_equal(said(v, "leaf01 does not answer"), "leaf01 does not answer");
	jobview_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
					   cmocka_unit_test(test_english)};
	return cmocka_run_group_tests_name("phrases", tests, NULL, NULL);
}
