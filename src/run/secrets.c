/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/secrets.h"

#include "base/i18n.h"
#include "base/str.h"
#include "model/redact.h"
#include "run/desk.h"
#include "run/spawn.h"
#include "transport/keyring.h"

#include <stdlib.h>
#include <string.h>

struct kept {
	char *credential;
	struct secret *secret; /* NULL: left out */
};

struct secrets {
	VEC(struct kept) own;
	VEC(struct spawn_secret) list; /* those that are there, as spawn_runner() takes them */
};

struct secrets *secrets_new(void)
{
	return xcalloc(1, sizeof(struct secrets));
}

void secrets_free(struct secrets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->own.n; i++) {
		secret_free(s->own.v[i].secret);
		free(s->own.v[i].credential);
	}
	VEC_RELEASE(&s->own);
	VEC_RELEASE(&s->list);
	free(s);
}

static size_t find(const struct secrets *s, const char *credential)
{
	size_t i = 0;
	while (s && i < s->own.n && !str_eq(s->own.v[i].credential, credential))
		i++;
	return i;
}

static void relist(struct secrets *s)
{
	s->list.n = 0;
	for (size_t i = 0; i < s->own.n; i++)
		if (s->own.v[i].secret)
			VEC_PUSH(&s->list,
				 ((struct spawn_secret){.credential = s->own.v[i].credential,
							.secret = s->own.v[i].secret}));
}

void secrets_add(struct secrets *s, const char *credential, struct secret *secret)
{
	size_t i = find(s, credential);
	if (i < s->own.n)
		secret_free(s->own.v[i].secret);
	else
		VEC_PUSH(&s->own, ((struct kept){.credential = xstrdup(credential)}));
	s->own.v[i].secret = secret;
	relist(s);
}

void secrets_leave(struct secrets *s, const char *credential)
{
	secrets_add(s, credential, NULL);
}

void secrets_forget(struct secrets *s, const char *credential)
{
	size_t i = find(s, credential);
	if (i == s->own.n)
		return;
	secret_free(s->own.v[i].secret);
	free(s->own.v[i].credential);
	VEC_REMOVE(&s->own, i);
	relist(s);
}

void secrets_forget_left(struct secrets *s)
{
	for (size_t i = s->own.n; i-- > 0;)
		if (!s->own.v[i].secret)
			secrets_forget(s, s->own.v[i].credential);
}

bool secrets_is_last_of_several(struct store *store, const char *credential)
{
	struct credentials list = {0};
	bool is = false;
	if (desk_credentials(store, &list, NULL) != 0)
		return false;
	for (size_t i = 0; i < list.n; i++)
		is |= str_eq(list.v[i].otherwise, credential);
	credentials_release(&list);
	return is;
}

const struct spawn_secret *secrets_list(const struct secrets *s, size_t *n)
{
	*n = s ? s->list.n : 0;
	return s ? s->list.v : NULL;
}

/* A key file tells only when it is read whether it has a passphrase. */
static bool wants(struct keyring *k, const struct credential *known)
{
	struct err e = {0};
	if (known->method == CREDENTIAL_KEY && keyring_prepare(k, known->name, &e) != 0 &&
	    !keyring_wants_secret(k, known->name))
		return false; /* unreadable: the pre-checks say it for each device */
	return keyring_wants_secret(k, known->name);
}

static const struct credential *next_wanted(struct keyring *k, const struct secrets *have,
					    const struct inventory *inv, const size_t *devices,
					    size_t n)
{
	const struct credential *last = NULL;
	for (size_t i = 0; i < n; i++) {
		const char *name = inv->devices.v[devices[i]].credential;
		const struct credential *first = keyring_find(k, name);
		if (!first || first == last)
			continue;
		for (const struct credential *c = first; c; c = keyring_find(k, c->otherwise))
			if (!(have && find(have, c->name) < have->own.n) && wants(k, c))
				return c;
		last = first; /* most devices of a fleet share one */
	}
	return NULL;
}

static int check_key(const struct credential *c, struct err *e)
{
	struct credentials one = {.v = (struct credential *)(uintptr_t)c, .n = 1};
	struct keyring *k = keyring_new(&one); /* copies */
	int rc = keyring_wants_secret(k, c->name) ? 0 : keyring_prepare(k, c->name, e);
	if (rc != 0)
		e->kind = ERR_INPUT; /* nobody has refused it */
	keyring_free(k);
	return rc;
}

/* It is kept as it was typed, and everybody on this machine can read the words of a process. */
static int check_command(const struct credential *c, struct err *e)
{
	struct redactor *r = redactor_new(e);
	struct str all = {0};
	size_t found = 0;
	for (size_t i = 0; c->command && c->command[i]; i++)
		str_printf(&all, "%s%s", i ? " " : "", c->command[i]);
	char *clean = r ? redact(r, str_text(&all), &found) : NULL;
	int rc = r ? 0 : -1;
	if (found)
		rc = err_set(e, ERR_INPUT,
			     _("a command is stored as it is typed, and this one holds what looks "
			       "like a secret (%s): let it read that from a file or a key store"),
			     clean);
	free(clean);
	str_release(&all);
	redactor_free(r);
	return rc;
}

int secrets_check(const struct credential *c, struct err *e)
{
	return c->method == CREDENTIAL_KEY	 ? check_key(c, e)
	       : c->method == CREDENTIAL_COMMAND ? check_command(c, e)
						 : 0;
}

int secrets_missing(struct store *s, const struct secrets *have, const struct inventory *inv,
		    const size_t *devices, size_t n, struct credential *out, bool *missing,
		    struct err *e)
{
	struct credentials list;
	*out = (struct credential){0};
	*missing = false;
	if (desk_credentials(s, &list, e) != 0)
		return -1;
	struct keyring *k = keyring_new(&list);
	const struct credential *found = next_wanted(k, have, inv, devices, n);
	if (found) {
		credential_copy(out, found);
		*missing = true;
	}
	keyring_free(k);
	credentials_release(&list);
	return 0;
}

struct keyring *secrets_keyring(struct store *store, const struct secrets *s, struct err *e)
{
	struct credentials list = {0};
	struct keyring *k = NULL;
	if (desk_credentials(store, &list, e) == 0)
		k = keyring_new(&list);
	credentials_release(&list);
	for (size_t i = 0; k && s && i < s->list.n; i++) {
		const char *text = secret_text(s->list.v[i].secret);
		struct secret *copy = secret_new(text, strlen(text), e);
		if (copy) {
			keyring_set_secret(k, s->list.v[i].credential, copy);
		} else {
			keyring_free(k);
			k = NULL;
		}
	}
	return k;
}
