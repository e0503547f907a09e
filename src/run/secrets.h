/* SPDX-License-Identifier: ISC */
/*
 * Passwords and passphrases that a person gave, kept in locked memory for the life of the front
 *end:
 *
 *	while (secrets_missing(s, have, inv, devices, n, &c, &missing, &e) == 0 && missing) {
 *		... ask for the secret of c ...
 *		secrets_add(have, c.name, secret);
 *		credential_release(&c);
 *	}
 */
#ifndef RUN_SECRETS_H
#define RUN_SECRETS_H

#include "base/secret.h"
#include "model/credential.h"
#include "model/inventory.h"
#include "store/store.h"

#include <stdbool.h>

struct keyring;
struct secrets;
struct spawn_secret;

struct secrets *secrets_new(void);
void secrets_free(struct secrets *s); /* wipes them; NULL is fine */

/* The next credential of these devices (numbers of the inventory) for which a person has to be
 * asked and which has no secret in `have` (NULL: none) yet: *missing, and *out is a copy to be
 * released with credential_release(). A key file is read to know whether it has a passphrase; one
 * that cannot be read is not asked for (the pre-checks say it for each device). *out is empty when
 * nothing is missing or on error. */
int secrets_missing(struct store *s, const struct secrets *have, const struct inventory *inv,
		    const size_t *devices, size_t n, struct credential *out, bool *missing,
		    struct err *e);

/* May a credential be kept like this? ERR_INPUT: its key file is no private key that can be read,
 * or would be with its passphrase; or a word of its command looks like a secret (model/redact.h).
 * Nobody is asked. */
int secrets_check(const struct credential *c, struct err *e);

/* Keep the secret of a credential (the name is copied); takes the secret. A second one for the same
 * credential replaces the first. */
void secrets_add(struct secrets *s, const char *credential, struct secret *secret);

/* Nobody gives it now: secrets_missing() does not ask for it until it is forgotten or added, and a
 * process does not get it. What needs it fails to log in. */
void secrets_leave(struct secrets *s, const char *credential);

/* Whoever left one out is asked again. */
void secrets_forget_left(struct secrets *s);

/* Is there a credential that goes on to this one (`otherwise`)? What needs them logs in without it,
 * perhaps. */
bool secrets_is_last_of_several(struct store *store, const char *credential);

/* It was refused, or left out: whoever needs it asks again. One that is not there is no mistake. */
void secrets_forget(struct secrets *s, const char *credential);

/* All of them as a new process gets them (spawn.h); borrowed until the next secrets_add(). s NULL:
 * none. */
const struct spawn_secret *secrets_list(const struct secrets *s, size_t *n);

/* All credentials of the desk with the secrets that were given (s NULL: none); new, keyring_free(). It
 * may be used in another thread. NULL and e. */
struct keyring *secrets_keyring(struct store *store, const struct secrets *s, struct err *e);

#endif
