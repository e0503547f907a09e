/* SPDX-License-Identifier: ISC */
/* Between the files of the theme reader. */
#ifndef MODEL_THEME_PARTS_H
#define MODEL_THEME_PARTS_H

#include "model/theme.h"

/* One written colour ("default", an ANSI name, 0..255, #rrggbb) for every kind of terminal. -1 and
 * e (text without a place): it is none of these. */
int theme_colour_one(const char *word, struct theme_colour *out, struct err *e);

/* The same with parts for fewer colours behind slashes, as in a palette. */
int theme_colour_parts(const char *text, struct theme_colour *out, struct err *e);

/* A word that means a colour by itself or looks like one: no name for a palette's entry. */
bool theme_colour_is_word(const char *word);

/* The names of the ANSI colours, NULL-ended, first to last; "default" behind them. */
extern const char *const theme_ansi_names[18];

#endif
