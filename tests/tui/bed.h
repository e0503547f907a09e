/* SPDX-License-Identifier: ISC */
/* What the tests of the widgets stand on: a terminal without a terminal, keys by name, the picture as
 * text. Helpers fail the test that calls them. */
#ifndef TESTS_TUI_BED_H
#define TESTS_TUI_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/app_parts.h"

struct bed {
	FILE *in, *out;
	struct terminal *term;
	struct clock_virtual clock;
	struct store *store; /* in memory */
	struct app *app;
};

/* cmocka setup and teardown; the state is the bed: 80 columns, 24 lines. */
int bed_open(void **state);
int bed_close(void **state);

/* A canvas of so many lines and columns at the corner of a cleared terminal. */
struct canvas bed_canvas(struct bed *b, int lines, int columns);

char *bed_picture(struct bed *b);                           /* new */
void bed_shows(struct bed *b, const char *text);            /* somewhere */
void bed_hides(struct bed *b, const char *text);
void bed_line(struct bed *b, int line, const char *text);   /* this line is so */
void bed_cursor(struct bed *b, int line, int column);

/* Call for each key: "Enter x ^L"; of characters that mean themselves: bed_type(). */
void bed_keys(struct bed *b, const char *names);
void bed_type(struct bed *b, const char *text);

#endif
