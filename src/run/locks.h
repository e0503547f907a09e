/* SPDX-License-Identifier: ISC */
/*
 * Device locks of a job: by address and, once it is known, by serial number, so that two names of
 * one box cannot be upgraded at the same time. They are kept twice. In the store, with the job,
 * until it is over: a process that died in the middle may have left its devices half upgraded, and
 * only "resume" or "cancel" of that job sets them free. And on the machine (door.h), for the life
 * of the process, so that jobs of other users and other state directories see them. Where steps of
 * the procedure change the peers of a device, those are locked with it.
 */
#ifndef RUN_LOCKS_H
#define RUN_LOCKS_H

#include "model/jobview.h"
#include "run/door.h"
#include "store/store.h"

/* "address:port" of a device, as an identity; new. */
char *locks_address(const struct device *d);

/* Take all of them for the job, or none: ERR_LOCKED names device, job and holder. The number of
 * jobs that run is looked at in the same moment (limit 0: any). door NULL: not on the machine. */
int locks_take(struct store *s, const char *job, const struct jobview *v, struct door *door,
	       size_t limit, struct err *e);

/* Once the devices have said who they are: is one of them in this job twice (ERR_INPUT), or held by
 * another job (ERR_LOCKED)? Nothing is taken. */
int locks_look(struct store *s, const char *job, const struct jobview *v, const struct door *door,
	       struct err *e);

void locks_give_back(struct store *s, const char *job, struct door *door);

/* Who holds a device, in the store or on the machine: "job 'core' (anna, pid 4711 on jump1, since
 * ...)"; new; NULL: nobody. */
char *locks_holder(struct store *s, const char *identity, const char *job, const struct door *door);

#endif
