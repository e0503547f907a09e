/* SPDX-License-Identifier: ISC */
/* What an upgrade teaches: how long steps take, and what went wrong with a device last time. */
#ifndef RUN_LEARN_H
#define RUN_LEARN_H

#include "model/jobview.h"
#include "run/portrait.h"
#include "store/store.h"

/* Called when the pre-checks have ended: what the devices said about themselves is kept, for the
 * pictures of before the next job asks them. Losing it is no harm. */
void learn_from_checks(struct store *s, const struct jobview *v);

/* The same of those that were asked without a job (portrait.h). Whoever calls itself otherwise than the
 * inventory may be another box: what it said is not kept. */
void learn_from_portraits(struct store *s, const struct inventory *inv,
			  const struct portraits *portraits);

/* Called when a task changed its state; only final states teach something. Losing it is no harm. */
void learn_from_task(struct store *s, const struct jobview *v, const char *job, const char *device);

#endif
