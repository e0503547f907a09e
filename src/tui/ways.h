/* SPDX-License-Identifier: ISC */
/*
 * What advice says in the words of the command line ("hitless image add FILE"), the screens do with a key
 * or a ':' word. This is the table from one to the other, for every place that shows advice:
 *
 *	char *text = ways_advice(a, said(v, t->advice));
 *	... draw text ...
 *	free(text);
 */
#ifndef TUI_WAYS_H
#define TUI_WAYS_H

#include "tui/app.h"

/* The advice with what the screen on top offers for it in front: "Here: K Host keys. Look at ...". New;
 * the advice as it is when the screen has nothing for it; NULL gives NULL. */
char *ways_advice(const struct app *a, const char *advice);

/* A text that names an order for a device as the command line has it (skip leaf01), with the key of
 * the screen on top instead: "s Skip leaf01". New; NULL gives NULL. */
char *ways_keys(const struct app *a, const char *text);

#endif
