/* SPDX-License-Identifier: ISC */
/* Is the upgrade hitless? The checks of the procedure say so ("hitless"); a job that goes on although
 * one of them did not pass (a warning, or waived) is not, and everybody who shows it says why. */
#ifndef MODEL_HITLESS_H
#define MODEL_HITLESS_H

#include "model/jobview.h"

/* Does the procedure tell at all what makes an upgrade hitless? Else nothing is said about it. */
bool hitless_is_told(const struct jobview *v);

/* The next reason (from number *at on, which is moved behind it; begin with 0) why the upgrade of the
 * device is not hitless; NO_DEVICE: of any device, or of the job. NULL: there is none. A device that
 * the job does not touch is not counted. Borrowed. */
const struct check_view *hitless_reason(const struct jobview *v, size_t device, size_t *at);

bool hitless_is_broken(const struct jobview *v, size_t device); /* there is a reason */
/* No reason was found, the plan has none, and none can be hidden by what failed: all was asked, no
 * check that would tell is open, and the device (NO_DEVICE: no device) has not failed. */
bool hitless_is_proven(const struct jobview *v, size_t device);
size_t hitless_count(const struct jobview *v); /* devices of the job whose upgrade is not hitless */

#endif
