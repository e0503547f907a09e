/* SPDX-License-Identifier: ISC */
/* How states look everywhere: a word, a symbol and a colour, so that none of them is needed alone. */
#ifndef TUI_STATES_H
#define TUI_STATES_H

#include "tui/list.h"

#include "model/jobview.h"

struct state_word {
	const char *word; /* N_() */
	char symbol;
	enum theme_role role;
};

/* running: a process has the job; one that is in the middle without a process is interrupted. */
const struct state_word *job_word(enum job_state s, bool running);
const struct state_word *task_word(enum task_state s);

/* Of a kept name ("rolled back", task_state_name()); NULL: there is no such state. */
const struct state_word *task_word_of(const char *name);

void state_cell(const struct state_word *w, struct cell *out); /* "+ done" */

#endif
