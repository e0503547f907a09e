/* SPDX-License-Identifier: ISC */
/* What an image or package says about itself, and whether it is whole: by the rules of a procedure.
 */
#ifndef RUN_IMAGE_CONTENT_H
#define RUN_IMAGE_CONTENT_H

#include "model/digest.h"
#include "model/procedure.h"

struct image_told {
	const struct image_kind
	    *kind;               /* the file begins as one of these; borrowed; NULL: as none */
	struct image image;      /* kind, version, platform, fits; kind NULL: it does not tell,
				or (with a version or fits) not all */
	int64_t payload;         /* byte at which the payload begins; 0: there is none */
	char sha256[DIGEST_HEX]; /* of the payload, as the head says; "" when there is none */
};

/* Look into a file: as one of this kind (NULL: of any that it may be). Takes no time. 0 also when
 * it is nothing that is known; -1 and e when it cannot be read. Release *out in any case. */
int image_content_read(const struct procedure *p, const char *kind, const char *path,
		       struct image_told *out, struct err *e);
void image_told_release(struct image_told *t);

/* Is it whole? Reads all of it: ERR_CORRUPT names the place; ERR_CANCELLED when progress (may be
 * NULL) gave non-zero. `name` is what the file is called in messages. */
int image_content_verify(const struct image_told *t, const char *path, const char *name,
			 int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
			 struct err *e);

#endif
