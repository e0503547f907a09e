/* SPDX-License-Identifier: ISC */
/* The proof sheet of a batch: why its devices may be away at the same time. */
#ifndef TUI_PROOF_H
#define TUI_PROOF_H

#include "tui/app.h"

/* Open screen_text with that of a batch of the plan. */
void proof_show(struct app *a, const struct jobview *v, size_t stage, size_t batch);

/* The whole plan as text. */
void proof_show_plan(struct app *a, const struct jobview *v);

#endif
