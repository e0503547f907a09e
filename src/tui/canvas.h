/* SPDX-License-Identifier: ISC */
/*
 * A rectangle of the screen to draw into: lines and columns count from its own corner, and what would
 * leave it is cut. All text is taken as hostile: it is sanitised here, at the last moment.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "model/theme.h"
#include "tui/term.h"

struct canvas {
	struct terminal *term;
	int y, x, h, w;
};

/* The whole terminal. */
struct canvas canvas_all(struct terminal *t);

/* A part of it; h or w negative: up to so many before the end (-1: to the end). */
struct canvas canvas_part(const struct canvas *c, int y, int x, int h, int w);

/* Data: one line, cut with '~' when it is wider than `width` (negative: to the end). Gives the
 * columns used. */
int canvas_text(const struct canvas *c, int y, int x, int width, enum theme_role role,
		const char *text);
int canvas_textf(const struct canvas *c, int y, int x, int width, enum theme_role role,
		 const char *fmt, ...) PRINTF_LIKE(6, 7);

/* Words of our own (translated): the same, and a cut is noted as a fault (term_cut_labels()). */
int canvas_label(const struct canvas *c, int y, int x, int width, enum theme_role role,
		 const char *text);

/* Right-aligned in `width` columns from x. */
void canvas_right(const struct canvas *c, int y, int x, int width, enum theme_role role,
		  const char *text);

/* Words of any length in lines of `width` columns, at most `lines` of them (the last one ends in
 * '~' when there is more); gives the lines used. LF begins a new line. lines 0: only measured. */
int canvas_wrap(const struct canvas *c, int y, int x, int width, int lines, enum theme_role role,
		const char *text);

/* Words of our own (translated): the same, and a cut is noted as a fault. */
int canvas_words(const struct canvas *c, int y, int x, int width, int lines, enum theme_role role,
		 const char *text);

/* Blanks in a role. */
void canvas_fill(const struct canvas *c, int y, int x, int width, enum theme_role role);
void canvas_line(const struct canvas *c, int y, enum theme_role role);
void canvas_upright(const struct canvas *c, int x, enum theme_role role);
/* A frame around the whole canvas, its inside blank, with a title (may be NULL) in its first line. */
void canvas_box(const struct canvas *c, enum theme_role role, enum theme_role title_role,
		const char *title);

/* "[=====>    ]" of done out of total (total 0: empty) in `width` columns. */
void canvas_bar(const struct canvas *c, int y, int x, int width, int64_t done, int64_t total);

/* The cursor belongs here. */
void canvas_cursor(const struct canvas *c, int y, int x);

#endif
