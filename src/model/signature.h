/* SPDX-License-Identifier: ISC */
/*
 * Signatures of files in the format of minisign (Ed25519 over the BLAKE2b-512 of the file), and the
 * public keys that are trusted: DIR/image-keys.json. Nothing here is secret.
 */
#ifndef MODEL_SIGNATURE_H
#define MODEL_SIGNATURE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct signer {
	char *name;    /* path_is_name() */
	char *key;     /* base64, as in the second line of a .pub file */
	char id[17];   /* of the key, hex, as minisign writes it */
	int64_t added; /* wall ms */
};

struct signers {
	struct signer *v;
	size_t n, cap;
};

int signers_load(struct signers *list, const char *path, struct err *e); /* none: empty */
int signers_save(const struct signers *list, const char *path, struct err *e);
void signers_release(struct signers *list);
const struct signer *signers_find(const struct signers *list, const char *name);
int signers_remove(struct signers *list, const char *name, struct err *e);

/* Add the key of a .pub file (its text), or a key alone. ERR_INPUT when it is none, or the name or
 * the key is there already. */
int signers_add(struct signers *list, const char *name, const char *text, int64_t added,
		struct err *e);

/* Is `signature` (the text of a .minisig file) a good one of the file by one of the keys? *by is
 * that key, *comment (new) what was signed along with it. ERR_CORRUPT: it is not; ERR_REFUSED: it
 * is by a key that is not in the list; ERR_INPUT: it is no signature. progress as in digest_file().
 */
int signature_verify(const struct signers *keys, const char *path, const char *signature,
		     int (*progress)(void *ctx, int64_t done), void *ctx, const struct signer **by,
		     char **comment, struct err *e);

#endif
