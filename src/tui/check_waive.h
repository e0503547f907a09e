/* SPDX-License-Identifier: ISC */
/* The waiver of a check: why the job may go on in spite of it, asked in a dialog. */
#ifndef TUI_CHECK_WAIVE_H
#define TUI_CHECK_WAIVE_H

#include "tui/app.h"

/* Ask for the reason, then give the order; the check is one of the view. */
void check_waive_ask(struct app *a, const struct jobview *v, const struct check_view *check);

#endif
