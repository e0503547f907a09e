/* SPDX-License-Identifier: ISC */
/* The second person: who may confirm a plan, and what the engine is told of it. */
#ifndef RUN_SECOND_H
#define RUN_SECOND_H

#include "model/jobview.h"
#include "run/door.h"

/* Is this plan still to be confirmed by another person? */
bool second_wanted(const struct jobview *v);

/* The order for the engine in the name of who stands at the door; NULL and e: it is one who must
 * not (the maker of the job, by whatever of its names the machine knows). */
cJSON *second_order(const struct jobview *v, const struct door_person *p, struct err *e);

#endif
