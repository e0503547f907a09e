/* SPDX-License-Identifier: ISC */
/* One line of text that is typed: a field, a filter, a command. */
#ifndef TUI_LINE_H
#define TUI_LINE_H

#include "tui/canvas.h"

struct line {
	struct str text; /* UTF-8 */
	size_t at;       /* byte before which the next character goes */
	size_t most;     /* bytes; 0: 4000 */
	bool secret;     /* shown as stars; wiped by line_release() */
};

void line_set(struct line *l, const char *text); /* the cursor goes to its end */
const char *line_text(const struct line *l);
void line_release(struct line *l);

/* Take a key in: characters, pasted ones, Left, Right, Home, End, Backspace, Del, ^A ^E ^U ^W ^K.
 * False: it means nothing to a line. */
bool line_key(struct line *l, keycode key);

/* Draw it with its cursor, scrolled so that the cursor is visible. */
void line_draw(const struct line *l, const struct canvas *c, int y, int x, int width,
	       enum theme_role role);

#endif
