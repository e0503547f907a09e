/* SPDX-License-Identifier: ISC */
#ifndef CLI_HOME_H
#define CLI_HOME_H

#include "cli/cli.h"

int home(struct cli *c);

/* Everything: parse, run, clean up. Gives the exit status. */
int dispatch(struct cli *c, int argc, char **argv);

#endif
