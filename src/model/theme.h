/* SPDX-License-Identifier: ISC */
/*
 * A theme: how each role of text on the screen looks. Pure data, no curses. A theme file has lines
 * (comments start with '#' as the first character of a line; blank ones count for nothing):
 *
 *     inherit = dark                      another theme's roles and colours; before any section
 *     [palette]
 *     accent = #0072b2 / 25 / blue        direct / for 256 / for 16 and 8 colours
 *     [roles]
 *     selection = white on accent bold    FG [on BG] [bold] [underline] [reverse]
 *
 * Of the parts between slashes only the first is needed; for the others the nearest is taken. A
 * colour is "default" (the terminal's own), an ANSI name ("red", "bright-red"), a number from 0
 * to 255, #rrggbb, or a name of the palette (in [roles]; given before its use). A role that a theme
 * does not give looks like its parent (theme_roles[]), at last like plain text. A palette name
 * given again by an heir changes every inherited role that uses it.
 *
 * The reader is strict: whatever is not as above is refused as "FILE:LINE: what, what is expected".
 */
#ifndef MODEL_THEME_H
#define MODEL_THEME_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum theme_role {
	ROLE_TEXT,
	ROLE_TITLE,
	ROLE_HEADER,
	ROLE_FOOTER,
	ROLE_KEY,
	ROLE_KEY_DISABLED,
	ROLE_BORDER,
	ROLE_DIM,
	ROLE_SELECTION,
	ROLE_MARKED,
	ROLE_FIELD,
	ROLE_FIELD_FOCUS,
	ROLE_BUTTON,
	ROLE_BUTTON_FOCUS,
	ROLE_ERROR,
	ROLE_WARNING,
	ROLE_OK,
	ROLE_INFO,
	ROLE_STATE_PENDING,
	ROLE_STATE_RUNNING,
	ROLE_STATE_DONE,
	ROLE_STATE_FAILED,
	ROLE_STATE_HELD,
	ROLE_STATE_UNKNOWN,
	ROLE_STATE_SKIPPED,
	ROLE_STATE_ROLLEDBACK,
	ROLE_BAR,
	ROLE_BAR_DONE,
	ROLE_MATCH,
	ROLE_HELP,
	ROLE_DIALOG,
	ROLE_DIALOG_BORDER,
	ROLE_STAGE,
	ROLE_STAGE_ACTIVE,
	THEME_ROLES
};

enum theme_attr {
	THEME_BOLD = 1, /* bits */
	THEME_UNDERLINE = 2,
	THEME_REVERSE = 4
};

struct theme_role_row {
	const char *name;       /* as in theme files: "state.failed" */
	enum theme_role parent; /* looked at when a theme does not give it; ROLE_TEXT's is itself */
	unsigned attrs;         /* added then to the parent's: a selection is seen in every theme */
};
extern const struct theme_role_row theme_roles[THEME_ROLES];

#define THEME_DEFAULT (-1) /* the terminal's own foreground or background */

/* One colour for every kind of terminal; each part is THEME_DEFAULT or in its range. */
struct theme_colour {
	int32_t rgb;  /* 0xrrggbb for terminals with direct colour; THEME_DEFAULT: use c256 */
	int16_t c256; /* 0..255 */
	int16_t c16;  /* 0..15 */
	int16_t c8;   /* 0..7 */
};

struct theme_style {
	struct theme_colour fg, bg;
	unsigned attrs; /* enum theme_attr */
};

struct theme {                                  /* a value: copied freely, nothing to release */
	char name[64];                          /* "dark"; the file's name without ".theme" */
	struct theme_style styles[THEME_ROLES]; /* resolved; read with theme_style() */
	bool given[THEME_ROLES];                /* by a file, not by a parent role */
};

/* Where inherited themes come from: append the text of theme `name`, wanted by file `by`, to out
 * and give the new name of its file for messages. -1 and e: there is none or it cannot be read. */
struct theme_source {
	int (*text)(void *ctx, const char *name, const char *by, struct str *out, char **file,
		    struct err *e);
	void *ctx;
};

/* Read a theme. `file` is the file's name for messages. from may be NULL: then nothing can be
 * inherited. 0, or -1 and e (ERR_INPUT, "FILE:LINE: ..."); then out is untouched. */
int theme_parse(struct theme *out, const char *text, size_t n, const char *file,
		const struct theme_source *from, struct err *e);

/* The theme that is compiled in: no colours, works on everything. For when no file can be used. */
const struct theme *theme_plain(void);

struct theme_style theme_style(const struct theme *t, enum theme_role role);

#endif
