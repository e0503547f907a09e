/* SPDX-License-Identifier: ISC */
/* Fields to fill in, made from parameters (model/procedure.h): a label, a value, help and limits. */
#ifndef TUI_FORM_H
#define TUI_FORM_H

#include "tui/line.h"

#include "base/vec.h"
#include "model/procedure.h"

struct field {
	const struct parameter *parameter; /* borrowed */
	struct line value;
	char *mistake; /* NULL: the value is good */
};

struct form {
	VEC(struct field) fields;
	size_t at, top;
	int height, width;
};

/* A field behind the others with a first value (NULL: the parameter's default). */
void form_add(struct form *f, const struct parameter *p, const char *value);
void form_release(struct form *f);
const char *form_value(const struct form *f, const char *name); /* as typed; NULL: no such field */
void form_set(struct form *f, const char *name, const char *value);

/* The first field whose value is wrong gets the cursor: 0, or -1 and e. The form itself shows what
 * is wrong with the field under the cursor: e is for who shows no form. */
int form_check(struct form *f, struct err *e);

/* A mistake that only the owner can see ("this name is taken"); NULL clears it. */
void form_mistake(struct form *f, const char *name, const char *text);

/* Up, Down, Tab, S-Tab; Space: the next choice; Left and Right: choices, or the cursor in a text;
 * characters go into texts and numbers. *changed (may be NULL): a value is another now. False: not
 * for a form. */
bool form_key(struct form *f, keycode key, bool *changed);

void form_fit(struct form *f, int height, int width);

/* Groups as headings, the help of the field under the cursor in the last lines. */
void form_draw(const struct form *f, const struct canvas *c);

#endif
