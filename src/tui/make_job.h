/* SPDX-License-Identifier: ISC */
/* From the draft to a job whose pre-checks run. */
#ifndef TUI_MAKE_JOB_H
#define TUI_MAKE_JOB_H

#include "tui/app.h"

/* Make a job of the draft, follow it and start its process. The draft's earlier job, when it was
 * never started, is entered again if it asks for the same, else cancelled first: then the new one
 * follows as soon as that is done (make_job_tick()). False: it cannot be made, and why was said. */
bool make_job(struct app *a);

void make_job_tick(struct app *a);

#endif
