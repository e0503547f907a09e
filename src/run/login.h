/* SPDX-License-Identifier: ISC */
/* Does a login work? */
#ifndef RUN_LOGIN_H
#define RUN_LOGIN_H

#include "model/inventory.h"
#include "model/jobview.h"
#include "store/store.h"
#include "transport/keyring.h"

/* Log in to a device (number of the inventory) with the credential that the inventory names for it
 * and the secrets of the keyring, run a command that does nothing, and leave: 0, or -1 and e. Takes
 * up to a minute; `stop` (may be NULL) is asked ten times a second, non-zero: ERR_CANCELLED. */
int login_test(struct store *s, const struct inventory *inv, size_t device, struct keyring *k,
	       int (*stop)(void *ctx), void *ctx, struct err *e);

/* What a keyring has seen of its credentials is remembered: how often devices have refused one
 * since it was accepted last. Nothing else is stored. */
void login_remember(struct store *s, struct keyring *k, const struct credentials *list);
/* The same for a keyring that is asked several times: login_seen() before (new, free()), and only what
 * came since then counts. */
size_t *login_seen(struct keyring *k, const struct credentials *list);
void login_remember_since(struct store *s, struct keyring *k, const struct credentials *list,
			  const size_t *seen);
/* Logins that the last pre-checks of the job found refused stay so: whoever has this keyring does not try
 * them again (keyring_refused()). */
void login_stays_refused(struct keyring *k, const struct jobview *v);
/* A warning when it was refused more than once since it worked last; new, NULL: none. */
char *login_warning(struct store *s, const char *credential);
int64_t login_refused(struct store *s, const char *credential);
/* "3, leaf01 2026-11-21 02:13:04"; new, NULL: none. */
char *login_refusals(struct store *s, const char *credential);

#endif
