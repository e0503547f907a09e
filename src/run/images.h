/* SPDX-License-Identifier: ISC */
/* Bringing an image or package into the state directory. */
#ifndef RUN_IMAGES_H
#define RUN_IMAGES_H

#include "model/procedure.h"
#include "model/signature.h"
#include "store/store.h"

struct image_words {
	const char *kind, *version, *platform; /* NULL: as the file itself or its name says */
	const struct values *fits;             /* besides what those tell; NULL: nothing */
	const struct procedure *procedure; /* whose rules read it. NULL: the one for the platform;
					      without that, the first that knows the file (if none
					      does: the first) */
	const char
	    *signature; /* file (minisign); NULL: the file's name and ".minisig", if it is there */
	const char
	    *public_key; /* file of the key that has to have signed it; NULL: a trusted one */
	bool unchecked;  /* do not look into it: it is what name and words say */
};

/* What the file itself tells, what the words say, what its name tells; then copy the file (see
 * store_image_add() for progress and known) and see that the copy is whole. w may be NULL. *out is
 * the image that is there then: image_release() it, also on error. ERR_INPUT when nobody tells what
 * it is, or the words or the name contradict the file; ERR_CORRUPT when it is not whole or its
 * signature is not one of it; ERR_REFUSED when it has to have the signature of a trusted key and
 * has none. */
int images_add(struct store *s, const char *path, const struct image_words *w,
	       int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
	       struct image *out, bool *known, struct err *e);

/* The public keys that are trusted: DIR/image-keys.json. Release *out in any case. */
int images_signers(struct store *s, struct signers *out, struct err *e);
int images_signers_save(struct store *s, const struct signers *list, struct err *e);

/* Hash a stored image again (id or the beginning of it) and look into it by the rules of its
 * procedure: ERR_CORRUPT when it is not what was added. */
int images_verify(struct store *s, const char *id,
		  int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		  struct err *e);

#endif
