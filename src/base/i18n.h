/* SPDX-License-Identifier: ISC */
/*
 * Marks for translation: _() where text is shown, N_() in tables of such texts. Never on device
 * text or JSON.
 *
 * M_() marks the format of a message that is kept in English, in a record, a plan or an error, and is
 * said again in the language of its reader (model/phrases.h); so are, without a mark, the formats of
 * err_set(), err_sys() and json_bad(). Such a format stands once, in the place that uses it; the
 * table of all of them is made when the program is built (src/model/messages.sh). Its holes are
 * foreign words: names, numbers, what a device said. `%-s`, which is %s to printf, is a hole for
 * another message of ours. Letters have to stand between two holes.
 *
 * A word that has two meanings here and two words elsewhere says which it is (C_(context, word), in
 * tables NC_()); _() shows both kinds.
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>
#include <string.h>

#define _(text)            text_shown(text)
#define N_(text)           text
#define M_(text)           text
#define C_(context, text)  text_shown(context "\004" text)
#define NC_(context, text) context "\004" text

/* The mark between context and text is gettext's own. */
__attribute__((format_arg(1))) static inline const char *text_shown(const char *text)
{
	const char *shown = gettext(text), *mark = shown == text ? strchr(text, '\004') : NULL;
	return mark ? mark + 1 : shown;
}

/* A word of a procedure or of the journal as people read it, for words that are in the catalogue
 * (src/procedures/texts.pot and N_()) and stay in English where they are kept. Borrowed; NULL is "". */
static inline const char *translated(const char *text)
{
	return text && *text ? gettext(text) : ""; /* gettext("") is the head of the catalogue */
}

#endif
