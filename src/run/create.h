/* SPDX-License-Identifier: ISC */
/* Making a job: the first record of its journal, with everything the job needs to be understood. */
#ifndef RUN_CREATE_H
#define RUN_CREATE_H

#include "model/job.h"
#include "model/plan.h"
#include "model/procedure.h"
#include "store/store.h"

/* Check the job against its procedure (version string, method, parameters complete and valid,
 * devices of a platform that the procedure knows, order's roles) and fill in what is left open
 * (method, defaults). */
int create_check(struct job *j, const struct procedure *p, struct err *e);

/* Write it down: *id is new. `plan` (may be NULL) is a plan that the operator brings. A refused job
 * of the same name that never started is replaced: its name gets " (refused N)". */
int create_job(struct store *s, const struct job *j, const struct procedure *p,
               const struct plan *plan, char **id, struct err *e);

#endif
