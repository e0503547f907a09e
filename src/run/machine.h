/* SPDX-License-Identifier: ISC */
/* The machine that runs a job. */
#ifndef RUN_MACHINE_H
#define RUN_MACHINE_H

#include "model/jobview.h"

char *machine_name(void); /* host name; new, "?" if there is none */

/* given, else what /etc/machine-id says; new, NULL: there is none. */
char *machine_id(const char *given);

/* Did this machine run the job last, or nobody yet? Without ids the host names are compared. Else -1
 * and ERR_LOCKED, which names both and says what to do. */
int machine_is_ours(const struct jobview *v, const char *given, struct err *e);

#endif
