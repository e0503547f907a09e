/* SPDX-License-Identifier: ISC */
/* Confirming somebody else's plan on the screen: its words are typed. */
#ifndef TUI_SECOND_H
#define TUI_SECOND_H

#include "tui/app.h"

void second_ask(struct app *a, void *state);
bool second_may(const struct app *a, const void *state, struct err *why);
#define SECOND_CONFIRM                                                                             \
	{                                                                                          \
		"second", "C", NULL,                                                               \
		    N_("Confirm this plan as a second person: type its five words"), second_ask,   \
		    second_may                                                                     \
	}

#endif
