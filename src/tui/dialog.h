/* SPDX-License-Identifier: ISC */
/*
 * A question on top of a screen, as data: text, choices, perhaps a field. It never blocks: the answer
 * comes as a call, everything else goes on. Keys are ignored for its first 300 ms, so that one that
 * was typed for the screen below does not answer it.
 */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include "tui/line.h"
#include "tui/pager.h"

struct app;

#define DIALOG_CHOICES 6
#define DIALOG_GUARD_MS 300

struct dialog {
	char *title;
	char *text;                          /* any length: it scrolls */
	const char *choices[DIALOG_CHOICES]; /* translated; Esc is the last one; borrowed */
	size_t n_choices;
	size_t at;                           /* chosen now; begin with the safe one */
	bool field, secret;                  /* a line to type; not shown */
	const char *first;                   /* what stands in the field at first; NULL: nothing */
	const char *expected;                /* the first choice only when this was typed; NULL: any */
	enum theme_role role;                /* of the frame: ROLE_WARNING, ... */
	/* choice: number of the choice; text: of the field ("" without one). NULL: nothing to do. */
	void (*answer)(struct app *a, void *ctx, size_t choice, const char *text);
	void *ctx;                           /* freed with free_ctx (NULL: not ours) */
	void (*free_ctx)(void *ctx);

	struct line line; /* from here on: its own */
	struct pager pager;
	int64_t opened;
	bool over_text; /* something was being typed below: that has to come to rest first */
	char *copy_of_expected;
};

/* Show it; titles and texts are taken (new strings), `first` and
 * `expected` are copied. Several stand in a row. */
void dialog_open(struct app *a, struct dialog d);

/* Say something that may be longer than the message line: what went wrong, and what to do. Copies. */
void dialog_tell(struct app *a, enum theme_role role, const char *title, const char *text);

/* Close all without an answer (the screen that asked is going). */
void dialog_close_all(struct app *a);

/* Close those, without an answer, for which gone() says so: nobody needs to answer any more. */
void dialog_close_if(struct app *a, bool (*gone)(const struct app *a, const struct dialog *d));

/* Nobody has seen the one on top yet: it takes no keys for a while, as one that opens. */
void dialog_guard(struct app *a);

/* Did one close by itself a moment ago? Keys that come now were meant for it. */
bool dialog_has_gone(const struct app *a);

bool dialog_is_open(const struct app *a);
bool dialog_scrolls(const struct dialog *d); /* its text is longer than its box */
void dialog_key(struct app *a, keycode key);
void dialog_fit(struct app *a);
void dialog_draw(const struct app *a, const struct canvas *c);

#endif
