/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/refused.h"

#include "base/log.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/digest.h"
#include "model/json.h"
#include "run/login.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ADDRESSES_MOST 256 /* of a credential; the oldest go */

struct refused { /* of one credential */
	char *setting, *fingerprint;
	VEC(char *) names;
	bool other; /* than what is kept */
};

/* New; NULL: nothing is remembered of it. */
static char *fingerprint_of(const struct credential *c)
{
	struct stat key = {0};
	char hex[DIGEST_HEX];
	if (c->method == CREDENTIAL_PASSWORD)
		return NULL;
	if (c->key)
		(void)stat(c->key, &key); /* without it nobody logs in */
	cJSON *o = credential_to_json(c);
	char *known = json_print(o, false);
	char *text = xasprintf("%s %lld %lld.%09ld", known, (long long)key.st_size,
			       (long long)key.st_mtim.tv_sec, key.st_mtim.tv_nsec);
	digest_bytes(text, strlen(text), hex);
	cJSON_Delete(o);
	free(known);
	free(text);
	return xstrndup(hex, 32);
}

/* "FINGERPRINT\nNAME\nNAME"; of another fingerprint nothing counts. */
static void refused_load(struct refused *r, struct store *s, const struct credential *c)
{
	size_t n;
	*r = (struct refused){.setting = xasprintf("refused-at-%s", c->name),
			      .fingerprint = fingerprint_of(c)};
	char *text = r->fingerprint ? store_setting(s, r->setting) : NULL;
	char **lines = text ? str_split(text, "\n", &n) : NULL;
	for (size_t i = 1; lines && str_eq(lines[0], r->fingerprint) && i < n; i++)
		VEC_PUSH(&r->names, xstrdup(lines[i]));
	free(lines);
	free(text);
}

static void refused_release(struct refused *r)
{
	for (size_t i = 0; i < r->names.n; i++)
		free(r->names.v[i]);
	VEC_RELEASE(&r->names);
	free(r->setting);
	free(r->fingerprint);
}

static void refused_save(const struct refused *r, struct store *s)
{
	struct err e = {0};
	struct str text = {0};
	size_t first = r->names.n > ADDRESSES_MOST ? r->names.n - ADDRESSES_MOST : 0;
	str_puts(&text, r->fingerprint);
	for (size_t i = first; i < r->names.n; i++)
		str_printf(&text, "\n%s", r->names.v[i]);
	if (store_setting_set(s, r->setting, str_text(&text), &e) != 0)
		log_line("login", "%s", e.text);
	str_release(&text);
}

/* Its place; the number of names: it is none of them. */
static size_t place(const struct refused *r, const char *name)
{
	size_t i = 0;
	while (i < r->names.n && !str_eq(r->names.v[i], name))
		i++;
	return i;
}

size_t refused_before(struct store *s, struct keyring *k, const struct inventory *inv,
		      const char *credential)
{
	size_t n = 0;
	keyring_strict(k);
	for (const struct credential *c = keyring_find(k, credential); c;
	     c = keyring_find(k, c->otherwise)) {
		bool works = login_refused(s, c->name) == 0; /* elsewhere */
		struct refused r;
		refused_load(&r, s, c);
		for (size_t i = 0; i < inv->devices.n; i++) {
			const char *name = inv->devices.v[i].name;
			if (place(&r, name) == r.names.n ||
			    keyring_said(k, c->name, name) != KEYRING_NOTHING)
				continue;
			if (works)
				keyring_refused_there(k, c->name, name);
			else
				keyring_refused(k, c->name, name);
			n += str_eq(c->name, credential);
		}
		refused_release(&r);
	}
	return n;
}

static void take(struct refused *r, const char *name, enum keyring_word said)
{
	size_t at = place(r, name);
	if (said == KEYRING_REFUSED && at == r->names.n) {
		VEC_PUSH(&r->names, xstrdup(name));
		r->other = true;
	} else if (said == KEYRING_ACCEPTED && at < r->names.n) {
		free(r->names.v[at]);
		VEC_REMOVE(&r->names, at);
		r->other = true;
	}
}

void refused_remember(struct store *s, struct keyring *k, const struct inventory *inv,
		      const char *credential)
{
	for (const struct credential *c = keyring_find(k, credential); c;
	     c = keyring_find(k, c->otherwise)) {
		struct refused r;
		refused_load(&r, s, c);
		for (size_t i = 0; r.fingerprint && i < inv->devices.n; i++)
			take(&r, inv->devices.v[i].name,
			     keyring_said(k, c->name, inv->devices.v[i].name));
		if (r.other)
			refused_save(&r, s);
		refused_release(&r);
	}
}
