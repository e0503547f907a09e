/* SPDX-License-Identifier: ISC */
#ifndef CLI_CREDENTIAL_H
#define CLI_CREDENTIAL_H

#include "cli/cli.h"

/* Add it (taken, in any case) to the file; replace: one of the same name goes. */
int credential_store(struct cli *c, struct credential *fresh, bool replace);

#endif
