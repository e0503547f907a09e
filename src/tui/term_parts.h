/* SPDX-License-Identifier: ISC */
/* Inside of the terminal, for term.c, term_input.c and canvas.c only. */
#ifndef TUI_TERM_PARTS_H
#define TUI_TERM_PARTS_H

#include "tui/term.h"

#include "base/vec.h"

#include <curses.h>

struct terminal {
	SCREEN *screen;
	FILE *in, *out;
	bool utf8, ascii, mono, headless, paste_mode, gone;
	bool pasting;              /* between the marks of a bracketed paste */
	attr_t attrs[THEME_ROLES]; /* attribute and colour pair of each role */
	short pairs[THEME_ROLES];
	int cursor_y, cursor_x;    /* -1: nowhere */
	VEC(char *) cut;           /* labels that did not fit */
};

void term_note_cut(struct terminal *t, const char *label);
void term_put_cursor(struct terminal *t, int y, int x);

/* The type to speak: `given`, $TERM, or a stand-in for one that is unknown. NULL and e. */
const char *term_choose_type(const char *given, int fd, struct err *e);

/* The modes of the terminal as they are now, before curses: false when it has none. */
bool term_keep_modes(int fd);

/* When a fatal signal comes, the terminal on fd gets its kept modes and its own screen back. */
void term_arm_rescue(int fd);
void term_disarm_rescue(void);

void term_put(const char *sequence); /* a control sequence, as it is */

/* Key codes that curses is told for the marks of a bracketed paste: far above those that it gives by
 * itself to the further keys of a description, from KEY_MAX on. */
enum { CODE_PASTE_BEGIN = KEY_MAX + 4096, CODE_PASTE_END };

/* Teach curses the sequences of common keys that the terminal's description does not name. */
void term_teach_keys(void);

#endif
