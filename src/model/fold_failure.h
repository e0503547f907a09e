/* SPDX-License-Identifier: ISC */
/* Part of the fold: what is remembered of a failed step. For fold.c and fold_steps.c. */
#ifndef MODEL_FOLD_FAILURE_H
#define MODEL_FOLD_FAILURE_H

#include "model/jobview.h"

void fold_failure(struct task_view *t, const char *step, const cJSON *outcome);

/* After each record about the device: does anybody work on it? */
void fold_idle(struct task_view *t, int64_t wall);
/* The job waited for the operator from then to then. */
void fold_wait(struct jobview *v, int64_t from, int64_t to, bool for_operator);

#endif
