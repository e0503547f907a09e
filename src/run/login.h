/* SPDX-License-Identifier: ISC */
/* Does a login work? */
#ifndef RUN_LOGIN_H
#define RUN_LOGIN_H

#include "model/inventory.h"
#include "store/store.h"
#include "transport/keyring.h"

/* Log in to a device (number of the inventory) with the credential that the inventory names for it
 * and the secrets of the keyring, run a command that does nothing, and leave: 0, or -1 and e. Takes
 * up to a minute; `stop` (may be NULL) is asked ten times a second, non-zero: ERR_CANCELLED. */
int login_test(struct store *s, const struct inventory *inv, size_t device, struct keyring *k,
	       int (*stop)(void *ctx), void *ctx, struct err *e);

#endif
