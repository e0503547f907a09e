/* SPDX-License-Identifier: ISC */
/*
 * Units: redundancy groups that are upgraded as one, because their members do it among themselves
 * (procedure: "stages.unit"). One member leads: it makes the steps of the method. The others follow:
 * they look on, and prove for themselves what came of it. Nobody is a member of two units.
 */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include "model/jobview.h"

/* The unit that the device is in; NULL: it is upgraded by itself. Borrowed of the inventory. */
const struct group *unit_of(const struct procedure *p, const struct inventory *inv, size_t device);

/* Do these facts say that a device leads its unit? */
bool unit_leads(const struct procedure *p, const struct values *facts);

/* The task that leads the unit of this one, by the facts of the pre-checks; when they name nobody, or
 * more than one: the first member in the job. A task without a unit leads itself. */
struct task_view *unit_leader(const struct jobview *v, const struct task_view *t);
bool unit_follows(const struct jobview *v, const struct task_view *t); /* somebody else leads it */
bool unit_same(const struct jobview *v, const struct task_view *a, const struct task_view *b);

/* A member of the unit of a device of the list that is not in the list itself: NO_DEVICE when all
 * units are whole. *of (may be NULL): the device that it belongs to. */
size_t unit_missing(const struct procedure *p, const struct inventory *inv, const size_t *devices,
		    size_t n, size_t *of);

/* Steps of this pass of this task: names, NULL-ended, borrowed. */
char *const *unit_steps(const struct jobview *v, const struct task_view *t, enum pass pass);
/* How far the device is in its pass, in thousandths; 1000 when it is at an end. */
int unit_progress(const struct jobview *v, const struct task_view *t);

#endif
