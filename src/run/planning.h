/* SPDX-License-Identifier: ISC */
/* The planner's input gathered from a job's view and the store. */
#ifndef RUN_PLANNING_H
#define RUN_PLANNING_H

#include "base/clock.h"
#include "model/jobview.h"
#include "store/store.h"

/* A plan for the job as its pre-checks found it; NULL and e when none can be made. When the job
 * brings a plan of its own (a file), that is judged instead. */
struct plan *planning_make(struct store *s, const struct jobview *v, const struct images *images,
                           int64_t minutes, struct err *e);

/* A plan as the text of a file, new: what was asked for ("request": a job without its inventory), the
 * fingerprint of the inventory it was made with, and the plan's own members. named: with the job's
 * name. planning_save() writes it. */
char *planning_json(const struct plan *p, const struct job *j, bool named);
int planning_save(const struct plan *p, const struct job *j, bool named, const char *path,
		  struct err *e);

/* Local minutes of the day. */
int64_t planning_minutes(struct clock *clock);

#endif
