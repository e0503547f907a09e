/* SPDX-License-Identifier: ISC */
/* Giving a job a process of its own. */
#ifndef RUN_START_H
#define RUN_START_H

#include "base/str.h"
#include "run/secrets.h"

/* Start the process of a job (id) and wait until it owns the job (up to 30 s). secrets: what its
 * credentials need (secrets_missing() first), NULL: nothing. linger: it stays while the job waits
 * for the operator, because somebody sits here who can answer. *pid (may be NULL) is the process.
 */
int start_job(struct store *s, const char *id, const struct secrets *secrets, bool linger, int *pid,
	      struct err *e);

/* Before the first process of a job of so many devices: is this machine fit for it
 * (doctor_allow())? What this process, and with it the job's, may open is raised as far as they
 * need. */
int start_prepare(struct store *s, size_t devices, struct str *warnings, struct err *e);

#endif
