/* SPDX-License-Identifier: ISC */
/* The search in the background, between its screen and run/discover.h. */
#ifndef TUI_DISCOVER_H
#define TUI_DISCOVER_H

#include "tui/app.h"

#include "run/discover.h"

struct search {
	char *dir, *range, *credential;
	struct targets targets;
	struct procedures list; /* the found ones borrow from it */
	struct discovery found;
	struct keyring *keyring;
	bool again;  /* also where the credential was refused in an earlier search */
	bool asking; /* the second step: who are they */
};

void search_free(void *search);

/* Search (takes it), ask for the approval of new keys and for passwords on the way; in the end, or
 * when it is stopped, the screen gets the search with discover_show(). */
void search_start(struct app *a, struct search *s);

/* The screen's: takes the search. */
void discover_show(struct app *a, struct search *s);

#endif
