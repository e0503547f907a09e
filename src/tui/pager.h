/* SPDX-License-Identifier: ISC */
/* Lines to read: evidence, help, a plan, a log. They wrap to the width, can be searched, and a
 * growing text can be followed. */
#ifndef TUI_PAGER_H
#define TUI_PAGER_H

#include "tui/line.h"

#include "base/vec.h"

struct pager_line {
	char *text; /* one line; sanitised when it is drawn */
	enum theme_role role;
	int indent;
	int hang; /* what does not fit goes on so many columns further right */
};

struct pager {
	VEC(struct pager_line) lines;
	VEC(size_t) starts; /* of each line of the screen: which line it belongs to */
	VEC(size_t) bytes;  /* and at which byte of it it begins */
	size_t top;         /* line of the screen */
	int height, width;  /* from the last pager_fit() */
	bool follow;        /* stay at the end */
	bool searching;
	struct line search;
	struct pattern *pattern;
	char *mistake;
};

void pager_clear(struct pager *p); /* the lines; the place stays */
void pager_release(struct pager *p);

/* Add text (LF begins a new line) at the end. */
void pager_add(struct pager *p, enum theme_role role, int indent, const char *text);
void pager_addf(struct pager *p, enum theme_role role, int indent, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* What does not fit of the line that was added last goes on under this column of its text. */
void pager_hang(struct pager *p, int columns);

/* Lines and columns that there are for it; before drawing. */
void pager_fit(struct pager *p, int height, int width);

/* Scrolling as in a list, '/' search, n N next and previous, F follow. False: not for a pager. */
bool pager_key(struct pager *p, keycode key);

void pager_draw(const struct pager *p, const struct canvas *c);

#endif
