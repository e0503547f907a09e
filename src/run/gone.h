/* SPDX-License-Identifier: ISC */
/*
 * Devices of a job that are not any more what the job was made for. A job keeps an inventory of its
 * own; what was decommissioned since, taken out of the inventory, or has another address in it, is
 * not to be touched by what is ordered later.
 */
#ifndef RUN_GONE_H
#define RUN_GONE_H

#include "model/jobview.h"
#include "store/store.h"

/* One text a device of the job's inventory: why it is not to be touched and what to do, NULL when
 * nothing is known against it (also when there is no inventory to compare with). New: gone_free().
 * NULL and e: the inventory, or the list of those decommissioned, cannot be read. */
char **gone_devices(struct store *s, const struct jobview *v, struct err *e);
void gone_free(char **gone, const struct jobview *v);

/* Would this order touch such a device? 0, or -1 and ERR_REFUSED with the reason. An order for all
 * (target NULL) is only refused when nothing else is left for it: it passes over the others. What
 * begins a job is refused for any: its plan counts on the device.
 * When the inventory or the list cannot be read, what begins a job is refused. What goes on with one,
 * or takes it back, is not: the job has an inventory of its own, and may be in the middle of the way.
 * Then `unread` (may be NULL) says what could not be compared: a front end warns with it. */
int gone_check(struct store *s, const struct jobview *v, const char *verb, const char *target,
	       struct err *unread, struct err *e);

#endif
