/* SPDX-License-Identifier: ISC */
/* Giving a job a process of its own. */
#ifndef RUN_START_H
#define RUN_START_H

#include "base/str.h"
#include "run/secrets.h"

/* What a person does meanwhile about secrets that the job needs; together or alone. */
enum start_how {
	/* Is being asked for those that are missing: devices that need one are not logged in to, and
	 * say that they wait for it. Without this a missing one is a refused login. */
	START_ASKED = 1,
	/* Has answered, and this process is for that alone: what the last round of checks found
	 * refused is not tried again. */
	START_ANSWERED = 2,
};

/* Start the process of a job (id) and wait until it owns the job (up to 30 s). secrets: what its
 * credentials need (secrets_missing() first), NULL: nothing. how: of enum start_how. linger: it
 * stays while the job waits for the operator, because somebody sits here who can answer. *pid (may
 * be NULL) is the process. */
int start_job(struct store *s, const char *id, const struct secrets *secrets, unsigned how, bool linger,
	      int *pid, struct err *e);

/* Before the first process of a job of so many devices: is this machine fit for it
 * (doctor_allow())? What this process, and with it the job's, may open is raised as far as they
 * need. */
int start_prepare(struct store *s, size_t devices, struct str *warnings, struct err *e);

#endif
