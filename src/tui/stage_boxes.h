/* SPDX-License-Identifier: ISC */
/* The stages of a plan as boxes from left to right, with what came of their devices. */
#ifndef TUI_STAGE_BOXES_H
#define TUI_STAGE_BOXES_H

#include "tui/canvas.h"

#include "model/jobview.h"

#define STAGE_BOX_LINES 5

/* Is the device one of this stage? */
bool stage_has(const struct plan_stage *s, size_t device);

/* How many of its devices are in each state; counts has TASK_STATE_COUNT places. Gives how many
 * there are. */
size_t stage_counts(const struct jobview *v, size_t stage, size_t *counts);

/* In the first STAGE_BOX_LINES lines; box `at` is the chosen one and always visible. v has a plan. */
void stage_boxes_draw(const struct jobview *v, size_t at, const struct canvas *c);

#endif
