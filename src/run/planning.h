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
			   int64_t wall, struct err *e);

#define PLANNING_TYPE "plan" /* of a plan file */

/* The plan as a file that can be given back with --plan: the whole request and the fingerprint of
 * the inventory with it; named: the name of the job, too. New string, and written to a path. */
char *planning_json(const struct plan *p, const struct job *j, bool named);
int planning_save(const struct plan *p, const struct job *j, bool named, const char *path,
		  struct err *e);

#endif
