/* SPDX-License-Identifier: ISC */
/* What a check found: the command, what the device said, what it means, what to do about it. */
#ifndef TUI_CHECK_EVIDENCE_H
#define TUI_CHECK_EVIDENCE_H

#include "tui/app.h"

/* Open screen_text about it. */
void check_evidence_show(struct app *a, const struct jobview *v, const struct check_view *c);

#endif
