/* SPDX-License-Identifier: ISC */
/*
 * Credentials with their secrets, in memory, for the life of the program; and the breaker: the
 * first login that a device refuses opens the breaker of that credential, and from then on only devices
 * that have accepted it are logged in to with it (an upgrade may be in the middle of its work there);
 * a second refusal ends that, too (no lock-outs over a fleet). A credential that goes on to another one
 * (`otherwise`) may be one of other devices: it is not tried again on the device that refused it,
 * and its breaker opens when three have refused it and none has accepted it (at the first refusal
 * where nothing but looking is done: keyring_strict()). A password is never
 * tried twice on one device without a person asking for it. Thread-safe.
 */
#ifndef TRANSPORT_KEYRING_H
#define TRANSPORT_KEYRING_H

#include "base/secret.h"
#include "model/credential.h"

#include <stdatomic.h>
#include <stdbool.h>

struct keyring;
struct ssh_key_struct; /* libssh's key */

struct keyring *keyring_new(const struct credentials *list); /* copies */
void keyring_free(struct keyring *k);

/* Does this credential need a secret that is not there yet? (A person has to be asked.) */
bool keyring_wants_secret(struct keyring *k, const char *name);
void keyring_set_secret(struct keyring *k, const char *name, struct secret *s); /* takes s */

/* A person is asked for its secret at this moment: until keyring_set_secret() no device is logged in to
 * that may need it, not even with another credential that it tries before. */
void keyring_await(struct keyring *k, const char *name);
/* ERR_SECRET "leaf01 waits for the password of credential X" when that is so for this one. */
bool keyring_awaits(struct keyring *k, const char *name, const char *device, struct err *e);

/* Get what needs no person: run the command, read the systemd credential, load the key file. Done
 * once; a later call costs nothing. The transport does it by itself before the first login. */
int keyring_prepare(struct keyring *k, const char *name, struct err *e);

const struct credential *keyring_find(struct keyring *k, const char *name); /* borrowed */
const struct secret *keyring_secret(struct keyring *k, const char *name);   /* borrowed, or NULL */
struct ssh_key_struct *keyring_key(struct keyring *k, const char *name);    /* borrowed, or NULL */

/* May this device (NULL: any) be logged in to with it? false, e: ERR_AUTH "credential X was refused on
 * leaf01; ...": the breaker is open. For a device that has accepted it the first refusal elsewhere does
 * not open it, the second one does. Never waits. */
bool keyring_usable(struct keyring *k, const char *name, const char *device, struct err *e);

/* Canary: may this device log in with the credential now? The first one may; the others wait until
 * it succeeded (true) or the breaker opened (false, as above). A wait also ends with ERR_CANCELLED
 * when *stop (may be NULL) has become true and keyring_wake was called. */
bool keyring_enter(struct keyring *k, const char *name, const char *device, const atomic_bool *stop,
		   struct err *e);
/* how: the method that the device accepted ("publickey"). */
void keyring_succeeded(struct keyring *k, const char *name, const char *device, const char *how);
void keyring_refused(struct keyring *k, const char *name, const char *device);
/* The device refused it at another time: it is not tried there, and elsewhere nothing follows from it. */
void keyring_refused_there(struct keyring *k, const char *name, const char *device);
/* From now on the first refusal opens the breaker of every credential, also of one that goes on to
 * another one. */
void keyring_strict(struct keyring *k);
/* How many devices have refused it since the last reset, *last (new) the last of them; and the
 * method by which it was accepted (new), NULL: nobody has accepted it yet. */
size_t keyring_refusals(struct keyring *k, const char *name, char **last);
char *keyring_accepted(struct keyring *k, const char *name);
/* What this device said to it since the last reset; a refusal stays one. */
enum keyring_word { KEYRING_NOTHING, KEYRING_ACCEPTED, KEYRING_REFUSED };
enum keyring_word keyring_said(struct keyring *k, const char *name, const char *device);
/* The canary could not be asked (no connection): let another device be it. */
void keyring_leave(struct keyring *k, const char *name, const char *device);
/* An operator changed or confirmed the credential: close the breaker. */
void keyring_reset(struct keyring *k, const char *name);
/* Let those who wait in keyring_enter look at their stop flag. */
void keyring_wake(struct keyring *k);
/* Wake everybody who waits in keyring_enter (shutdown); they get ERR_CANCELLED, now and later. */
void keyring_cancel(struct keyring *k);

#endif
