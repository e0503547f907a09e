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
	const char *label;     /* its name for people; NULL: that of the file */
	const char *vendor;    /* NULL: the procedure's */
	const char *platforms; /* models of devices: "qfx5120*,qfx5110*"; NULL: any that it fits */
	const struct procedure *procedure; /* whose rules read it. NULL: the one for the platform;
					      without that, the first that knows the file (if none
					      does: the first) */
	const char
	    *signature; /* file (minisign); NULL: the file's name and ".minisig", if it is there */
	const char
	    *public_key; /* file of the key that has to have signed it; NULL: a trusted one */
	bool unchecked;  /* do not look into it: it is what name and words say */
};

/* What is known of a file before it is added: of itself, by the words and by its name. */
struct image_known {
	struct procedure *procedure; /* whose rules read it */
	struct image image;          /* kind or version NULL: nobody tells */
};

/* Look at it as images_add() does, and only at its beginning; with the same errors, but for what
 * nobody tells. Release *out in any case. */
int images_look(const char *path, const struct image_words *w, struct image_known *out,
		struct err *e);
void image_known_release(struct image_known *k);

/* What the file itself tells, what the words say, what its name tells; then copy the file (see
 * store_image_add() for progress and known) and see that the copy is whole. w may be NULL. *out is
 * the image that is there then: image_release() it, also on error. ERR_INPUT when nobody tells what
 * it is, or the words or the name contradict the file; ERR_CORRUPT when it is not whole or its
 * signature is not one of it; ERR_REFUSED when it is signed by a key that is not trusted, or has to
 * be signed and is not. */
int images_add(struct store *s, const char *path, const struct image_words *w,
	       int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
	       struct image *out, bool *known, struct err *e);

/* Change what is said of an image (its label, or the beginning of its id): version, vendor,
 * platforms and fits of the words, where they are given; "" takes vendor, platforms or a fit away.
 * ERR_INPUT when the image itself says something else. *out is the image then: image_release() it,
 * also on error. */
int images_edit(struct store *s, const char *word, const struct image_words *w, struct image *out,
		struct err *e);

/* The fits of the words with their `platforms`, under the name that this kind has for them;
 * ERR_INPUT when it has none. */
int images_words_fits(const struct image_words *w, const struct procedure *p, const char *kind,
		      struct values *out, struct err *e);

/* The public keys that are trusted: DIR/image-keys.json. Release *out in any case. */
int images_signers(struct store *s, struct signers *out, struct err *e);
int images_signers_save(struct store *s, const struct signers *list, struct err *e);

/* Hash a stored image again (id or the beginning of it) and look into it by the rules of its
 * procedure: ERR_CORRUPT when it is not what was added. */
int images_verify(struct store *s, const char *id,
		  int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		  struct err *e);

#endif
