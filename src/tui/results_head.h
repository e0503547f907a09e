/* SPDX-License-Identifier: ISC */
/* The head of the results: how the followed job ended, how long it took, what differs,
 * what was waived. */
#ifndef TUI_RESULTS_HEAD_H
#define TUI_RESULTS_HEAD_H

#include "tui/app.h"

#include "model/difference.h"

struct results_compared { /* the snapshots of all devices */
	bool any;       /* there are some */
	size_t through; /* outcome_through() when that was done */
	size_t counts[DIFF_CLASSES];
};
/* Compare when other devices are through than before, or anyway (another job). */
void results_compare(struct results_compared *k, const struct jobview *v, bool anyway);

/* Lines that it takes on a screen so wide. */
int results_head_lines(const struct app *a, const struct results_compared *k, int width);
/* There is a job. `lines`: from results_head_lines(). */
void results_head_draw(const struct app *a, const struct results_compared *k,
		       const struct canvas *c, int lines);

#endif
