/* SPDX-License-Identifier: ISC */
/* The head of the results: how the followed job ended, how long it took, what was waived. */
#ifndef TUI_RESULTS_HEAD_H
#define TUI_RESULTS_HEAD_H

#include "tui/app.h"

/* Lines that it takes on a screen so wide. */
int results_head_lines(const struct app *a, int width);
/* There is a job. `lines`: from results_head_lines(). */
void results_head_draw(const struct app *a, const struct canvas *c, int lines);

#endif
