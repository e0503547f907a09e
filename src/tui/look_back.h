/* SPDX-License-Identifier: ISC */
/* Looking back over all jobs: to be read on a screen of its own. All journals are read for it, in the
 * background. */
#ifndef TUI_LOOK_BACK_H
#define TUI_LOOK_BACK_H

struct app;

void look_back_device(struct app *a, const char *device); /* every job it was in */
void look_back_stats(struct app *a);  /* figures over all jobs */
void look_back_errors(struct app *a); /* all failures, by cause */

#endif
