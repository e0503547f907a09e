/* SPDX-License-Identifier: ISC */
/* Marks for translation: _() where text is shown, N_() in tables. Never on device text or JSON. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/* A word of a procedure or of the journal as people read it, for words that are in the catalogue
 * (src/procedures/texts.pot and N_()) and stay in English where they are kept. Borrowed; NULL is "". */
static inline const char *translated(const char *text)
{
	return text && *text ? gettext(text) : ""; /* gettext("") is the head of the catalogue */
}

#endif
