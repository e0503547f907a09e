/* SPDX-License-Identifier: ISC */
/* What speaks for a failure: the step, what was sent, what came back. */
#ifndef TUI_EVIDENCE_H
#define TUI_EVIDENCE_H

#include "tui/app.h"

/* The last `lines` lines of a text, borrowed; "" for NULL. */
const char *evidence_tail(const char *text, int lines);

/* Show a step with all that is known about it. */
void evidence_show_step(struct app *a, const struct task_view *t, const struct step_view *s);

/* Show what is known about a device: facts, what is still changed on it, questions. */
void evidence_show_device(struct app *a, const struct task_view *t);

/* "drain, noout": steps whose changes are still on the device; appended to out. */
void evidence_open_changes(const struct jobview *v, const struct task_view *t, struct str *out);

#endif
