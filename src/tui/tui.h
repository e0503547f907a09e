/* SPDX-License-Identifier: ISC */
/* The door to the screens, for main.c. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "run/doctor.h"
#include "store/store.h"

/* Show the screens until the user leaves. job: id to begin with; wizard: at its first step; else home.
 * Gives the exit status; -1 and e: no screen could be shown. The store is borrowed. */
int tui_run(struct store *s, const char *job, bool wizard, struct err *e);

/* What kind of terminal standard output is, and what shows on it. */
void tui_terminal(struct doctor_terminal *out);

#endif
