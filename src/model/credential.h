/* SPDX-License-Identifier: ISC */
/*
 * How to log in, without the secret: those are in a keyring (transport/keyring.h) in locked memory
 * only, and come from the operator, a file descriptor, a command or a systemd credential.
 */
#ifndef MODEL_CREDENTIAL_H
#define MODEL_CREDENTIAL_H

#include "base/err.h"
#include "base/vec.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum credential_method {
	CREDENTIAL_AGENT,    /* SSH agent */
	CREDENTIAL_KEY,      /* private key file (its passphrase is the secret, if it has one) */
	CREDENTIAL_PASSWORD, /* asked once, or read from standard input */
	CREDENTIAL_COMMAND,  /* password printed by a command */
	CREDENTIAL_SYSTEMD,  /* password in $CREDENTIALS_DIRECTORY/<file> */
	CREDENTIAL_METHODS
};
extern const char *const credential_methods[CREDENTIAL_METHODS + 1];

struct credential {
	char *name; /* path_is_name() */
	char *user; /* at most 32 of [A-Za-z0-9._-], not starting with '-' */
	enum credential_method method;
	char *key;      /* absolute path of the private key */
	char **command; /* argv, NULL-ended */
	char *systemd;  /* file name */
	char *otherwise; /* credential of the same user that is tried when a device refuses this
			    one; NULL: none */
	int64_t added;  /* wall ms */
};

struct credentials {
	struct credential *v;
	size_t n, cap;
};

int credentials_load(struct credentials *list, const char *path, struct err *e); /* none: empty */
int credentials_save(const struct credentials *list, const char *path, struct err *e);
const struct credential *credentials_find(const struct credentials *list, const char *name);
int credentials_add(struct credentials *list, struct credential *c, struct err *e); /* takes *c */
int credentials_remove(struct credentials *list, const char *name, struct err *e);
bool credential_user_valid(const char *user); /* as struct credential says */
/* Does every `otherwise` name another credential of the same user, and no circle comes of it? */
int credentials_check(const struct credentials *list, struct err *e);
cJSON *credential_to_json(const struct credential *c);
void credential_copy(struct credential *to, const struct credential *from);
void credential_release(struct credential *c);
void credentials_release(struct credentials *list);

#endif
