/* SPDX-License-Identifier: ISC */
/* Making a job: the first record of its journal, with everything the job needs to be understood. */
#ifndef RUN_CREATE_H
#define RUN_CREATE_H

#include "model/job.h"
#include "model/jobview.h"
#include "model/procedure.h"
#include "store/store.h"

/* Devices that are upgraded as one with chosen ones (model/unit.h) come along, in the order of the
 * inventory. What is to be said of it: new; NULL: nothing. */
char *create_whole_units(struct job *j, const struct procedure *p);

/* Check the job against its procedure (name, version string, method, parameters, devices of a
 * platform that the procedure knows, units whole, order's roles, steps of the time limits, a window
 * that is still to come when the job is created: before any device is asked) and fill in what is left
 * open (method, defaults). Nothing is changed when it fails. */
int create_check(struct job *j, const struct procedure *p, struct err *e);

/*
 * Write it down: *id is new. `plan` (may be NULL) is a plan that the operator brings.
 *
 * A job that never started is no reason to refuse its name: it is superseded, and called "NAME (1)",
 * "NAME (2)" from then on (the first one that is free), so that a name means its latest attempt.
 * When the request is the same as that of the attempt before (and nothing was started), there is no
 * new one: *again is true and *id is that job, whose pre-checks are to be run again. ERR_INPUT when a job of the name was started.
 */
int create_job(struct store *s, const struct job *j, const struct procedure *p,
	       const struct plan *plan, char **id, bool *again, struct err *e);

/* Is this (checked) request the one that the job was made of, whoever asked and when? Never true when
 * the operator brought a plan. */
bool create_same(const struct jobview *v, const struct job *j, const struct procedure *p);

/* A job by the name it has now, or a job by id: new id, or NULL and e. */
char *create_find(struct store *s, const char *name_or_id, struct err *e);

/* A folded journal is of the name that the job was made with: give the view the one it has now, and what
 * that means. */
void create_name(struct store *s, const char *id, struct jobview *v);

/* The whole journal of a job folded, with its name of now; new, or NULL and e. */
struct jobview *create_view(struct store *s, const char *id, struct err *e);

#endif
