/* SPDX-License-Identifier: ISC */
/* Marks for translation: _() where text is shown, N_() in tables. Never on device text or JSON. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

#endif
