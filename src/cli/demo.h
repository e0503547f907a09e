/* SPDX-License-Identifier: ISC */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/cli.h"

struct demo_words { /* borrowed */
	const char *state, *lab; /* directories, everything in them is ready */
	const char *to;          /* version */
};

/* The wizard with all devices chosen and the version filled in, until the user leaves. Its exit
 * status; EXIT_INTERRUPTED: a job goes on, so the lab has to. */
int demo_wizard(struct cli *c, const struct demo_words *w);

#endif
