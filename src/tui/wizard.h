/* SPDX-License-Identifier: ISC */
/* What the steps of the wizard share: the draft, and the way into it and back. */
#ifndef TUI_WIZARD_H
#define TUI_WIZARD_H

#include "tui/app.h"

/* Begin a job, or go on where the draft was left, with all steps before it underneath. */
void wizard_enter(struct app *a);

/* What q does everywhere: the wizard is left as a whole, whatever step is on top, to the screen that it
 * was begun on; its draft stays on this step, and nothing is asked. Any other screen is left alone, to the
 * one below; the last one ends the program. */
void wizard_leave(struct app *a, void *state);
#define WIZARD_LEAVE                                                                               \
	{"leave", "q ^X F10", N_("Leave"), N_("To the first screen; n there comes back to this"),  \
	 wizard_leave, NULL}

/* Is there something to go on with? */
bool wizard_begun(const struct app *a);

/* The wizard stands on this screen now ("review"); kept. */
void wizard_at(struct app *a, const char *screen);

void wizard_save(struct app *a); /* the draft; what is wrong is said */

void wizard_hush(struct app *a); /* what was said is over: something else was done since */

/* Follow the job made from the draft, see that its checks run, and show them. */
void wizard_checks(struct app *a);

#endif
