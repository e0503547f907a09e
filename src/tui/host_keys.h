/* SPDX-License-Identifier: ISC */
/* First contact: the keys of hosts that were never seen, shown once for one approval. */
#ifndef TUI_HOST_KEYS_H
#define TUI_HOST_KEYS_H

#include "tui/app.h"

/* Does a pre-check of the job that is followed say that a host's key is not known? */
bool host_keys_wanted(const struct jobview *v);

/* Ask the hosts of these checks for their keys in the background, then the operator in a dialog; once
 * he approves they are kept and the pre-checks run again. What is wrong is said. */
void host_keys_ask(struct app *a);

#endif
