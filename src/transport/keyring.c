/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/keyring.h"

#include "base/str.h"
#include "transport/unlock.h"

#include <libssh/libssh.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define REFUSALS_MOST 3 /* devices, when none has accepted it, until the breaker opens */
#define SECOND_CHANCE 2 /* refusals at which it opens for those, too, that have accepted it */

struct entry {
	struct credential credential;
	struct secret *secret;
	ssh_key key;
	bool needs_passphrase; /* the key file turned out to be encrypted */
	bool preparing;        /* one thread fetches the secret; the others wait */
	bool awaited;          /* a person is asked for its secret */
	bool proven;           /* a device accepted it: no canary any more */
	char *canary;          /* device that tries it now */
	char *refused_on;      /* the breaker is open */
	VEC(char *) refused;   /* devices that refused it */
	VEC(char *) known;     /* devices that accepted it since the last reset */
	char *how;             /* method by which it was accepted last */
	/* Replaced, but somebody may be logging in with them right now. */
	VEC(struct secret *) old_secrets;
	VEC(ssh_key) old_keys;
};

struct keyring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool cancelled;
	bool strict; /* nothing is tried after a refusal, whatever it goes on to */
	VEC(struct entry) entries;
};

/* --- list ------------------------------------------------------------------------------------- */

struct keyring *keyring_new(const struct credentials *list)
{
	struct keyring *k = xcalloc(1, sizeof(*k));
	if (pthread_mutex_init(&k->lock, NULL) != 0 || pthread_cond_init(&k->changed, NULL) != 0)
		abort(); /* cannot happen without attributes */
	for (size_t i = 0; list && i < list->n; i++) {
		struct entry *entry = VEC_ADD(&k->entries);
		credential_copy(&entry->credential, &list->v[i]);
	}
	return k;
}

static void forget_devices(struct entry *entry)
{
	for (size_t i = 0; i < entry->refused.n; i++)
		free(entry->refused.v[i]);
	for (size_t i = 0; i < entry->known.n; i++)
		free(entry->known.v[i]);
	entry->refused.n = entry->known.n = 0;
}

static void entry_release(struct entry *entry)
{
	credential_release(&entry->credential);
	secret_free(entry->secret);
	ssh_key_free(entry->key);
	for (size_t i = 0; i < entry->old_secrets.n; i++)
		secret_free(entry->old_secrets.v[i]);
	for (size_t i = 0; i < entry->old_keys.n; i++)
		ssh_key_free(entry->old_keys.v[i]);
	VEC_RELEASE(&entry->old_secrets);
	VEC_RELEASE(&entry->old_keys);
	free(entry->canary);
	free(entry->refused_on);
	free(entry->how);
	forget_devices(entry);
	VEC_RELEASE(&entry->refused);
	VEC_RELEASE(&entry->known);
}

void keyring_free(struct keyring *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->entries.n; i++)
		entry_release(&k->entries.v[i]);
	VEC_RELEASE(&k->entries);
	pthread_cond_destroy(&k->changed);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static struct entry *find(struct keyring *k, const char *name)
{
	for (size_t i = 0; name && i < k->entries.n; i++)
		if (str_eq(k->entries.v[i].credential.name, name))
			return &k->entries.v[i];
	return NULL;
}

/* The list never changes after keyring_new, only what is in its entries. */
const struct credential *keyring_find(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	return entry ? &entry->credential : NULL;
}

const struct secret *keyring_secret(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	pthread_mutex_lock(&k->lock);
	const struct secret *s = entry ? entry->secret : NULL;
	pthread_mutex_unlock(&k->lock);
	return s;
}

struct ssh_key_struct *keyring_key(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	pthread_mutex_lock(&k->lock);
	struct ssh_key_struct *key = entry ? entry->key : NULL;
	pthread_mutex_unlock(&k->lock);
	return key;
}

/* --- secrets ---------------------------------------------------------------------------------- */

static bool is_ready(const struct entry *entry)
{
	switch (entry->credential.method) {
	case CREDENTIAL_AGENT:
		return false;
	case CREDENTIAL_KEY:
		return entry->key != NULL;
	default:
		return entry->secret != NULL;
	}
}

int keyring_prepare(struct keyring *k, const char *name, struct err *e)
{
	struct entry *entry = find(k, name);
	struct secret *s = NULL;
	ssh_key key = NULL;
	bool encrypted = false;
	if (!entry)
		return err_set(e, ERR_AUTH, "there is no credential named %s", name ? name : "?");
	pthread_mutex_lock(&k->lock);
	while (entry->preparing)
		pthread_cond_wait(&k->changed, &k->lock);
	if (is_ready(entry)) {
		pthread_mutex_unlock(&k->lock);
		return 0;
	}
	entry->preparing = true;
	pthread_mutex_unlock(&k->lock);
	int result =
	    unlock_fetch(&entry->credential, entry->secret, &s, &key, &encrypted, e);
	pthread_mutex_lock(&k->lock);
	entry->preparing = false;
	entry->needs_passphrase = encrypted;
	if (s)
		entry->secret = s;
	if (key)
		entry->key = key;
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
	return result;
}

bool keyring_wants_secret(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return false;
	if (entry->credential.method == CREDENTIAL_KEY) {
		struct err unused;
		if (keyring_prepare(k, name, &unused) == 0)
			return false;
	}
	pthread_mutex_lock(&k->lock);
	bool wants = entry->credential.method == CREDENTIAL_KEY
			 ? entry->needs_passphrase || (entry->secret && !entry->key)
			 : entry->credential.method == CREDENTIAL_PASSWORD && !entry->secret;
	pthread_mutex_unlock(&k->lock);
	return wants;
}

static void put_secret_away(struct entry *entry)
{
	if (entry->secret)
		VEC_PUSH(&entry->old_secrets, entry->secret);
	entry->secret = NULL;
}

static void put_key_away(struct entry *entry)
{
	if (entry->key)
		VEC_PUSH(&entry->old_keys, entry->key);
	entry->key = NULL;
}

/* A key that was loaded stays: it is what the passphrase was for. */
void keyring_set_secret(struct keyring *k, const char *name, struct secret *s)
{
	struct entry *entry = find(k, name);
	if (!entry) {
		secret_free(s);
		return;
	}
	pthread_mutex_lock(&k->lock);
	while (entry->preparing)
		pthread_cond_wait(&k->changed, &k->lock);
	put_secret_away(entry);
	entry->secret = s;
	entry->awaited = false;
	pthread_mutex_unlock(&k->lock);
}

void keyring_await(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return;
	pthread_mutex_lock(&k->lock);
	entry->awaited = true;
	pthread_mutex_unlock(&k->lock);
}

bool keyring_awaits(struct keyring *k, const char *name, const char *device, struct err *e)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return false;
	pthread_mutex_lock(&k->lock);
	bool awaited = entry->awaited;
	pthread_mutex_unlock(&k->lock);
	if (awaited && entry->credential.method == CREDENTIAL_KEY)
		err_set(e, ERR_SECRET, "%s waits for the passphrase of credential %s", device, name);
	else if (awaited)
		err_set(e, ERR_SECRET, "%s waits for the password of credential %s", device, name);
	return awaited;
}

/* --- canary and breaker ----------------------------------------------------------------------- */

static bool has(char *const *list, size_t n, const char *device)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], device))
			return true;
	return false;
}

static bool refused_by(const struct entry *entry, const char *device)
{
	return has(entry->refused.v, entry->refused.n, device);
}

/* The breaker is open for whoever has not accepted it. Who has may be in the middle of its upgrade: a
 * refusal elsewhere does not shut it out; a second one shows that the credential itself has changed. */
static bool shut_for(const struct entry *entry, const char *device)
{
	return entry->refused_on && (entry->refused.n >= SECOND_CHANCE || refused_by(entry, device) ||
				     !has(entry->known.v, entry->known.n, device));
}

static int say_refused(const struct entry *entry, const char *device, struct err *e)
{
	if (refused_by(entry, device))
		return err_set(e, ERR_AUTH,
			       "credential %s was refused on %s; it is not tried there again",
			       entry->credential.name, device);
	return err_set(e, ERR_AUTH,
		       "credential %s was refused on %s; no further login is tried with it",
		       entry->credential.name, entry->refused_on);
}

bool keyring_usable(struct keyring *k, const char *name, const char *device, struct err *e)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return err_set(e, ERR_AUTH, "there is no credential named %s", name ? name : "?") ==
		       0;
	pthread_mutex_lock(&k->lock);
	bool usable = !shut_for(entry, device) || say_refused(entry, device, e) == 0;
	pthread_mutex_unlock(&k->lock);
	return usable;
}

static bool stopped(const struct keyring *k, const atomic_bool *stop)
{
	return k->cancelled || (stop && atomic_load(stop));
}

bool keyring_enter(struct keyring *k, const char *name, const char *device, const atomic_bool *stop,
		   struct err *e)
{
	struct entry *entry = find(k, name);
	bool may = false;
	if (!entry)
		return err_set(e, ERR_AUTH, "there is no credential named %s", name ? name : "?") ==
		       0;
	pthread_mutex_lock(&k->lock);
	while (!stopped(k, stop) && !shut_for(entry, device) && !entry->proven && entry->canary)
		pthread_cond_wait(&k->changed, &k->lock);
	if (stopped(k, stop))
		err_set(e, ERR_CANCELLED, "cancelled before the login on %s", device);
	else if (shut_for(entry, device) || refused_by(entry, device))
		say_refused(entry, device, e);
	else
		may = true;
	if (may && !entry->proven)
		entry->canary = xstrdup(device);
	pthread_mutex_unlock(&k->lock);
	return may;
}

static void end_canary(struct entry *entry, const char *device)
{
	if (!entry->canary || !str_eq(entry->canary, device))
		return;
	free(entry->canary);
	entry->canary = NULL;
}

void keyring_succeeded(struct keyring *k, const char *name, const char *device, const char *how)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return;
	pthread_mutex_lock(&k->lock);
	entry->proven = true;
	if (!has(entry->known.v, entry->known.n, device))
		VEC_PUSH(&entry->known, xstrdup(device));
	free(entry->how);
	entry->how = xstrdup(how);
	end_canary(entry, device);
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

void keyring_refused(struct keyring *k, const char *name, const char *device)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return;
	pthread_mutex_lock(&k->lock);
	VEC_PUSH(&entry->refused, xstrdup(device));
	/* Where another one is tried next, this one may be of other devices. */
	bool mixed = !k->strict && entry->credential.otherwise &&
		     (entry->proven || entry->refused.n < REFUSALS_MOST);
	if (!entry->refused_on && !mixed)
		entry->refused_on = xstrdup(device);
	entry->proven = entry->proven && mixed;
	end_canary(entry, device);
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

void keyring_refused_there(struct keyring *k, const char *name, const char *device)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return;
	pthread_mutex_lock(&k->lock);
	VEC_PUSH(&entry->refused, xstrdup(device));
	pthread_mutex_unlock(&k->lock);
}

void keyring_strict(struct keyring *k)
{
	pthread_mutex_lock(&k->lock);
	k->strict = true;
	pthread_mutex_unlock(&k->lock);
}

size_t keyring_refusals(struct keyring *k, const char *name, char **last)
{
	struct entry *entry = find(k, name);
	*last = NULL;
	if (!entry)
		return 0;
	pthread_mutex_lock(&k->lock);
	size_t n = entry->refused.n;
	if (n)
		*last = xstrdup(entry->refused.v[n - 1]);
	pthread_mutex_unlock(&k->lock);
	return n;
}

enum keyring_word keyring_said(struct keyring *k, const char *name, const char *device)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return KEYRING_NOTHING;
	pthread_mutex_lock(&k->lock);
	enum keyring_word said = refused_by(entry, device) ? KEYRING_REFUSED
				 : has(entry->known.v, entry->known.n, device)
				     ? KEYRING_ACCEPTED
				     : KEYRING_NOTHING;
	pthread_mutex_unlock(&k->lock);
	return said;
}

char *keyring_accepted(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return NULL;
	pthread_mutex_lock(&k->lock);
	char *how = entry->how ? xstrdup(entry->how) : NULL;
	pthread_mutex_unlock(&k->lock);
	return how;
}

void keyring_leave(struct keyring *k, const char *name, const char *device)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return;
	pthread_mutex_lock(&k->lock);
	end_canary(entry, device);
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

/* What can be fetched without a person is fetched again: it is what has changed. */
void keyring_reset(struct keyring *k, const char *name)
{
	struct entry *entry = find(k, name);
	if (!entry)
		return;
	pthread_mutex_lock(&k->lock);
	while (entry->preparing)
		pthread_cond_wait(&k->changed, &k->lock);
	put_key_away(entry);
	if (entry->credential.method == CREDENTIAL_COMMAND ||
	    entry->credential.method == CREDENTIAL_SYSTEMD)
		put_secret_away(entry);
	free(entry->refused_on);
	entry->refused_on = NULL;
	entry->proven = false;
	forget_devices(entry);
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

void keyring_wake(struct keyring *k)
{
	pthread_mutex_lock(&k->lock);
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

void keyring_cancel(struct keyring *k)
{
	pthread_mutex_lock(&k->lock);
	k->cancelled = true;
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}
