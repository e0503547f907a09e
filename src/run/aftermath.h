/* SPDX-License-Identifier: ISC */
/* What is not as it was before a job, although nothing failed: checks after the upgrade that did not
 * pass, and differences of the snapshots that nobody can explain. */
#ifndef RUN_AFTERMATH_H
#define RUN_AFTERMATH_H

#include "base/str.h"
#include "model/jobview.h"

struct aftermath {
	size_t checks;      /* not passed, not waived */
	size_t differences; /* real ones */
};

/* Of one device, or (NO_DEVICE) of the whole job. */
struct aftermath aftermath_of(const struct jobview *v, size_t device);
size_t aftermath_count(const struct aftermath *a); /* of both */

/* A line for each of the two, with the command to look; nothing when all is as it was. */
void aftermath_text(const struct jobview *v, struct str *out);

/* "after_warnings" and "differences" into o. */
void aftermath_put(cJSON *o, const struct aftermath *a);

#endif
