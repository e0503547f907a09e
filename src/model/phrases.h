/* SPDX-License-Identifier: ISC */
/*
 * What is kept in English (the journal, plans, errors), in the language of the reader. Messages are
 * kept with the names filled in; here they are recognised by the templates they were made from
 * (those of the program, base/i18n.h, and of the procedure) and made again from the translated
 * template with the same names. Holes that hold a message of ours (%-s, ${why}, ${reason}) are said
 * again in turn; all others stay as they are: names, numbers, and what a device said. What is not
 * recognised is shown as it is.
 */
#ifndef MODEL_PHRASES_H
#define MODEL_PHRASES_H

#include "model/jobview.h"

/* Borrowed, good for the life of the view; NULL gives NULL. Not for JSON. */
const char *said(const struct jobview *v, const char *text);

/* The same without a job: only messages of the program. New; NULL gives NULL. */
char *said_new(const char *text);

/* An error as its reader reads it; the kind is the same. */
struct err said_err(const struct err *e);

/* The recognising by itself: `text` was made from `template`, a format of printf or, with `named`,
 * a template with ${name}; new text made from `other` with the same values, or NULL when it was not
 * made from it. Holes with messages are said again only among the messages of the program. */
char *phrase_again(const char *template, bool named, const char *other, const char *text);

/* All formats of the program's messages, in English; and those that end with ": " and a text of
 * the operating system (err_sys()). For tests. */
struct messages {
	const char *const *v;
	size_t n;
};
struct messages messages_all(void);
struct messages messages_system(void);

struct phrases;
struct phrases *phrases_new(void);
void phrases_free(struct phrases *p);

/* said() without a job: of the program and of a procedure. Borrowed, good for the life of p. */
const char *said_by(struct phrases *p, const struct procedure *of, const char *text);

#endif
