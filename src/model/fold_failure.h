/* SPDX-License-Identifier: ISC */
/* Part of the fold: what is remembered of a failed step. For fold.c only. */
#ifndef MODEL_FOLD_FAILURE_H
#define MODEL_FOLD_FAILURE_H

#include "model/jobview.h"

void fold_failure(struct task_view *t, const char *step, const cJSON *outcome);

#endif
