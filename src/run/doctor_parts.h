/* SPDX-License-Identifier: ISC */
/* Private to run/doctor*.c. */
#ifndef RUN_DOCTOR_PARTS_H
#define RUN_DOCTOR_PARTS_H

#include "run/doctor.h"

#include "base/i18n.h"
#include "model/credential.h"
#include "model/inventory.h"

struct doctor {
	const struct doctor_options *o;
	char *state;                 /* directory; NULL: it cannot be named */
	struct inventory *inventory; /* NULL: none */
	struct credentials credentials;
	struct err unreadable; /* inventory or credentials cannot be read */
	bool goes_without;     /* that is the inventory, and a job goes on with its own (run/gone.h) */
	size_t devices;
};

/* Something was found: `what` goes to the evidence, `action` (NULL: none) to what is to be done.
 * Both are new strings, taken. */
void doctor_found(struct doctor_finding *f, enum doctor_level level, char *what, char *action);

char *doctor_path(const struct doctor *d, const char *path); /* below the root; new */
/* A small file of the system; false: it is not there or cannot be read. */
bool doctor_read(const struct doctor *d, const char *path, struct str *out);
/* "262144" of a line "Key:  262144 kB" or "KEY=262144"; -1: it is not there. */
int64_t doctor_number(const char *text, const char *key);

typedef void doctor_check(const struct doctor *d, struct doctor_finding *f);
doctor_check doctor_libraries, doctor_screen, doctor_locale, doctor_procedures; /* _programs.c */
doctor_check doctor_logout;                                                     /* _logout.c */
doctor_check doctor_shutdown, doctor_clock, doctor_memory, doctor_temporary;    /* _machine.c */
doctor_check doctor_random;
doctor_check doctor_limits;                                         /* _limits.c */
doctor_check doctor_state, doctor_files, doctor_space, doctor_jobs; /* _state.c */
doctor_check doctor_credentials, doctor_host_keys;                  /* _login.c */

#endif
