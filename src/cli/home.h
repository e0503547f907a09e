/* SPDX-License-Identifier: ISC */
#ifndef CLI_HOME_H
#define CLI_HOME_H

#include "cli/cli.h"

int home(struct cli *c);

/* A terminal that can show more than lines, and somebody at it. */
bool can_show_screens(const struct cli *c);

/* Everything: parse, run, clean up. Gives the exit status. */
int dispatch(struct cli *c, int argc, char **argv);

/* Another verb of ours from inside a verb: words (NULL-ended) as typed, with the same --json.
 * state: its --state; NULL: the same as ours. */
int dispatch_again(struct cli *c, const char *state, char *const *words);

#endif
