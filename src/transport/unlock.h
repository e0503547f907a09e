/* SPDX-License-Identifier: ISC */
/* Where the key or the secret of a credential comes from: a file, a command, systemd, a person. */
#ifndef TRANSPORT_UNLOCK_H
#define TRANSPORT_UNLOCK_H

#include "base/err.h"
#include "base/secret.h"
#include "model/credential.h"

#include <stdbool.h>

struct ssh_key_struct;

/* What can be had without asking anybody. GIVEN is what a person typed: the passphrase of the key, or
 * the password; NULL when nobody has (GIVEN stays the caller's). *s and *key are the caller's, set only
 * for the methods that have one. *encrypted: the key file needs a passphrase. Reads files and runs
 * commands: call it without a lock. -1: ERR_AUTH (what is missing), ERR_SYSTEM; e names the credential. */
int unlock_fetch(const struct credential *c, const struct secret *given, struct secret **s,
		 struct ssh_key_struct **key, bool *encrypted, struct err *e);

#endif
