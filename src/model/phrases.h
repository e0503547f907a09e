/* SPDX-License-Identifier: ISC */
/*
 * What the journal says, in the language of the reader. Messages, causes and advice are kept in English
 * with the names filled in; here they are recognised as what they were made from (the templates of
 * the procedure), and made again from the translated template with the same names. What is not
 * recognised stays as it is: what a device said is never translated.
 */
#ifndef MODEL_PHRASES_H
#define MODEL_PHRASES_H

#include "model/jobview.h"

/* Borrowed, good for the life of the view; NULL gives NULL. Not for JSON. */
const char *said(const struct jobview *v, const char *text);

/* The recognising by itself: `text` was made from `template`; new text made from `other` with the
 * same values, or NULL when it was not. */
char *phrase_again(const char *template, const char *other, const char *text);

struct phrases;
struct phrases *phrases_new(void);
void phrases_free(struct phrases *p);

#endif
