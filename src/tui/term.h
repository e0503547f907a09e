/* SPDX-License-Identifier: ISC */
/*
 * The terminal. Together with canvas.c the only place that knows curses. One terminal a program: what
 * curses keeps in globals is closed in here.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "model/theme.h"
#include "tui/key.h"

#include "base/err.h"
#include "base/str.h"

#include <stdio.h>

struct term_options {
	FILE *in, *out;   /* NULL: standard input and output */
	const char *type; /* NULL: $TERM, or what comes nearest when nothing is known about that */
	int lines, columns; /* 0: the terminal's own */
	bool ascii;       /* no line drawing characters even in a UTF-8 locale */
	bool mono;        /* no colours (NO_COLOR) */
	bool headless;    /* for tests: no signal and no real terminal is touched */
};

struct terminal;

/* ERR_INPUT when the terminal cannot show screens ("dumb"): what to use instead. */
struct terminal *term_open(const struct term_options *o, struct err *e);

/* Give the terminal back as it was. */
void term_close(struct terminal *t);

/* Colours and attributes of the roles from now on; the theme is not kept. */
void term_theme(struct terminal *t, const struct theme *theme);

int term_lines(const struct terminal *t);
int term_columns(const struct terminal *t);
bool term_utf8(const struct terminal *t); /* may characters outside of ASCII be shown? */
int term_fd(const struct terminal *t);    /* readable: there may be a key */

/* The next key, K_RESIZE after a change of size; 0: none is there now; -1: the terminal is gone. */
keycode term_key(struct terminal *t);

/* Another size (tests, or a terminal that cannot tell its own). */
void term_resize(struct terminal *t, int lines, int columns);

/* Begin a picture: all cells blank, no cursor. */
void term_clear(struct terminal *t);

/* Send what differs from the last picture. */
void term_show(struct terminal *t);

/* Send everything anew (^L, or somebody wrote over the screen). */
void term_redraw(struct terminal *t);

/* The picture as lines of text without trailing blanks. With `styles` each line is followed by one
 * that marks its cells: R reverse, B bold, U underlined, a-z a colour; blank: plain. */
void term_dump(const struct terminal *t, bool styles, struct str *out);

/* Labels of ours that did not fit since the last term_clear(): new string, one a line; tests want
 * none. */
char *term_cut_labels(const struct terminal *t);

/* Where the cursor is: -1 when it is nowhere. */
void term_cursor(const struct terminal *t, int *line, int *column);

#endif
