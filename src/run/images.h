/* SPDX-License-Identifier: ISC */
/* Bringing an image or package into the state directory. */
#ifndef RUN_IMAGES_H
#define RUN_IMAGES_H

#include "model/procedure.h"
#include "store/store.h"

struct image_words {
	const char *kind, *version, *platform; /* NULL: from the file's name */
	const struct values *fits;             /* besides what the name tells; NULL: nothing */
	const struct procedure *procedure; /* whose patterns read the name. NULL: the one for the
					      platform; without that, the first that knows the name
					      (if none does: the first) */
};

/* What the name of the file tells, and what the words say instead; then copy the file (see
 * store_image_add() for progress and known). w may be NULL. *out is the image that is there then:
 * image_release() it, also on error. ERR_INPUT when the name does not tell and the words do not. */
int images_add(struct store *s, const char *path, const struct image_words *w,
	       int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
	       struct image *out, bool *known, struct err *e);

#endif
