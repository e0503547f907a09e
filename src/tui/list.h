/* SPDX-License-Identifier: ISC */
/*
 * A table to choose from: columns, a cursor that stays on its row by identity, sort, a live filter.
 * The rows are the owner's; the list asks for their cells.
 */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "tui/line.h"

#include "base/vec.h"

struct column {
	const char *title; /* N_() */
	int least;         /* columns of the screen it needs at least */
	int most;          /* and can make use of; 0: any */
	int rank;          /* when it gets narrow the highest rank goes first; 0: stays */
	bool right;        /* numbers */
};

struct cell { /* what one row shows in one column */
	struct str text;
	enum theme_role role; /* ROLE_TEXT unless set */
	bool label;           /* words of our own: other columns give way before it is cut */
	/* A name: other columns give way before it gets less than so many columns; beyond, it is cut in
	 * its middle. 0: it is none. */
	int whole;
	int64_t done, total;  /* a bar before the text, in the room that it leaves; total 0: none */
};

#define NAME_WHOLE 24 /* as much as a name in a list gets, be it narrow as it may */

struct list_rows { /* the owner's side; `ctx` is passed on */
	size_t (*count)(const void *ctx);
	void (*cell)(const void *ctx, size_t row, size_t column, struct cell *out);
	const char *(*id)(const void *ctx, size_t row); /* borrowed; stays the same for the row */
	bool (*marked)(const void *ctx, size_t row);    /* NULL: nothing can be marked */
	/* Order of two rows when the list is sorted by this column; NULL: by text. */
	int (*compare)(const void *ctx, size_t a, size_t b, size_t column);
	/* Does the row pass the owner's own filter ("failed only")? NULL: all do. */
	bool (*shown)(const void *ctx, size_t row);
	/* Does the first cell take the whole line (a sentence among the rows)? NULL: never. */
	bool (*wide)(const void *ctx, size_t row);
	/* Columns of the screen it takes when there is room, whatever its cells hold just now (tables
	 * whose cells come and go stand still); NULL: what the cells hold. */
	int (*easy)(size_t column);
	/* A column that went, as it got narrow, is told in full below of the row under the cursor? May
	 * be NULL: none. */
	bool (*told)(size_t column);
	/* What the row belongs to: a line above the first one of them, while the list is in the owner's
	 * order. Borrowed, translated; NULL: nothing. */
	const char *(*section)(const void *ctx, size_t row);
};

struct list {
	const struct column *columns;
	size_t n_columns;
	const struct list_rows *ops;
	const void *ctx;
	VEC(size_t) rows;       /* shown ones, in order */
	size_t at, top;         /* of rows */
	size_t seen;            /* rows of the owner that were looked at */
	char *at_id;            /* identity of the row under the cursor */
	int height;             /* lines for rows, from the last list_fit() */
	int sort;               /* column; -1: the owner's order */
	bool reverse;
	struct line filter;
	bool filtering;         /* keys go to the filter line */
	bool still;             /* only to look at: the cursor of the screen is elsewhere */
	struct pattern *pattern;
	char *mistake;          /* in the filter; NULL: none */
};

/* A name as the cell's text, told apart from others also where it is narrow. */
void cell_name(struct cell *out, const char *name);

void list_init(struct list *l, const struct column *columns, size_t n, const struct list_rows *ops,
	       const void *ctx);
void list_release(struct list *l);

/* The rows may have changed: filter and sort again, the cursor stays on its row (or its place). */
void list_refresh(struct list *l);

/* Rows were added behind the others and no other one has changed: cheaper, when the list is not
 * sorted. */
void list_grow(struct list *l);

/* The row under the cursor; (size_t)-1: there is none. */
size_t list_row(const struct list *l);
void list_select(struct list *l, const char *id); /* unknown: nothing */
void list_move_to(struct list *l, size_t at); /* the shown row of this number, or the last one */
size_t list_shown(const struct list *l);

/* For a compare() that leaves some columns to their text. */
int list_compare_text(const struct list *l, size_t a, size_t b, size_t column);

/* Cursor keys and hjkl, PgUp, PgDn, ^B ^F, Home End g G, '/' filter, '<' '>' sort by
 * another column, 'R' reverse. While the filter is typed all keys are its own (Enter keeps it, Esc
 * drops it). False: not for a list. */
bool list_key(struct list *l, keycode key);

/* Lines that there are for it, its head included; before drawing. */
void list_fit(struct list *l, int height);

/* Head, rows with cursor and marks, and the filter in the last line when there is one. */
void list_draw(const struct list *l, const struct canvas *c);

/* The cells of the row under the cursor that are cut when it is drawn so wide, in full: "DEVICE: a long
 * name"; appended. */
void list_put_cut(const struct list *l, int width, struct str *out);

/* For an owner that shows the rows in another way: only the filter, in the last line; false: there
 * is none, the line is free. */
bool list_draw_filter(const struct list *l, const struct canvas *c);

#endif
