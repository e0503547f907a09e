/* SPDX-License-Identifier: ISC */
/*
 * What a screen is: a table of functions over a state of its own, and a list of actions. Keys, footer,
 * help and ':' commands all come from that list. draw() changes nothing; whatever the world did is
 * taken in by tick().
 *
 * Most screens are a table (list.h). Such a one says where its list is,
 *
 *	.list = SCREEN_LIST(struct select, list),
 *
 * and whatever of fit(), draw(), key() and typing() it leaves out is done for it: moving, paging,
 * sorting and the filter, in the lines below `head` and above `foot`. A cell that is too long for its
 * column is then shown in full, for the row under the cursor, in the message line. A screen that has
 * something to do with a key of its list has a key() that calls list_key().
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "tui/canvas.h"

#include <stddef.h>

struct app;

#define SCREEN_LIST(type, member) (offsetof(type, member) + 1)

struct key_action {
	const char *word;  /* as a ':' command: "retry" */
	const char *keys;  /* "r", "Enter l": names (key.h), the first is shown; NULL: only a command */
	const char *label; /* N_(), in the footer; NULL: only in the help */
	const char *help;  /* N_(), one sentence */
	void (*run)(struct app *a, void *state);
	/* Can it be done now? If not: false and why. NULL: always. */
	bool (*possible)(const struct app *a, const void *state, struct err *why);
};

struct screen {
	const char *name;   /* "select"; ':' commands and tests know it so */
	const char *title;  /* N_() */
	const char *about;  /* N_(): what this screen is for, first in its help */
	int step;           /* of the wizard, from 1; 0: not of the wizard */
	/* Is it a step of the wizard now? NULL: always, if `step` says so. */
	bool (*in_wizard)(const struct app *a);
	size_t size;        /* of the state; zeroed before open() */
	const struct key_action *actions; /* ends with a NULL word */
	/* What the first of them does now, for the footer (translated). NULL: its label. */
	const char *(*first)(const struct app *a, const void *state);
	/* Begin; what `argument` is, the screen's header says. -1 and e: it does not open. */
	int (*open)(struct app *a, void *state, const void *argument, struct err *e);
	void (*close)(struct app *a, void *state);
	/* The one above was left, its changes may matter. */
	void (*again)(struct app *a, void *state);
	/* Take in what happened; true: the picture may be another now. Often called: be quick. */
	bool (*tick)(struct app *a, void *state);
	/* Lines and columns of the body: keep the cursor visible. */
	void (*fit)(struct app *a, void *state, int height, int width);
	void (*draw)(const struct app *a, const void *state, const struct canvas *c);
	/* A key that may be for a widget, asked before the actions. False: not for it. */
	bool (*key)(struct app *a, void *state, keycode key);
	/* All keys are text now (a filter, a field): actions on characters have to wait. */
	bool (*typing)(const void *state);
	/* Right end of the title line: "3 of 12 selected"; appended to out. NULL: nothing. */
	void (*status)(const struct app *a, const void *state, struct str *out);
	size_t list;       /* SCREEN_LIST(): where in the state its list is; 0: it is no table */
	int head, foot;    /* lines of the body above and below the list */
	/* Instead of draw(): only what is in the head and the foot; c is the whole body. */
	void (*draw_head)(const struct app *a, const void *state, const struct canvas *c);
	const char *empty; /* N_(): in place of rows when there are none */
	bool whole;        /* the row is shown in full elsewhere on the screen */
	int detail;        /* lines that are always kept for what is cut in the row; 0: as needed */
};

#endif
