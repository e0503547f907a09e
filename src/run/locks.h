/* SPDX-License-Identifier: ISC */
/* Device locks of a job: by address and, once it is known, by serial number, so that two names of one
 * box cannot be upgraded at the same time. */
#ifndef RUN_LOCKS_H
#define RUN_LOCKS_H

#include "model/jobview.h"
#include "store/store.h"

/* "address:port" of a device, as an identity; new. */
char *locks_address(const struct device *d);

/* Take all of them for the job, or none: ERR_LOCKED names device, job and holder. */
int locks_take(struct store *s, const char *job, const struct jobview *v, struct err *e);

#endif
