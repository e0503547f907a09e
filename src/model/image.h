/* SPDX-License-Identifier: ISC */
/*
 * An image: one file that is installed on devices, known by its content (SHA-256) and by what it
 * fits. `kind` is "os" for the system itself; other kinds ("agent", ...) are packages that go with
 * it. What it fits is a set of values ("asic", "cpu", "train"), compared with the facts of a device
 * by the rules of the procedure; each may be a list with commas and wildcards: "qfx5120*,qfx5110*".
 */
#ifndef MODEL_IMAGE_H
#define MODEL_IMAGE_H

#include "base/err.h"
#include "base/vec.h"
#include "model/values.h"

#include <stdint.h>

struct image {
	char *id;       /* "image_" and the SHA-256 in hex */
	char *kind;     /* "os", or a kind that the procedure names */
	char *label;    /* its name for people, of no other image: path_is_name(); never changed */
	char *vendor;   /* who made it, for people; NULL: not said */
	char *name;     /* file name: path_is_name() */
	char *version;
	char *platform; /* the procedure's platform that it is for */
	struct values fits;
	char *sha256;   /* 64 hex digits */
	int64_t size;   /* bytes */
	char *path;     /* where the file is on this machine */
	int64_t added;  /* wall ms */
	char *signer;   /* name of the trusted key that had signed it then; NULL: none */
};

struct images {
	struct image *v;
	size_t n, cap;
};

void image_release(struct image *i);
void images_release(struct images *list);

/* Do its `fits` values equal `need`, or have it in their lists? Names that it does not state, or
 * that `need` has no text for, fit. `why` (may be NULL) gets the name that does not; borrowed. */
bool image_fits(const struct image *i, const struct values *need, const char **why);

/* The image of this kind, platform and version that fits. NULL if there is none. */
const struct image *images_match(const struct images *list, const char *platform, const char *kind,
                                 const char *version, const struct values *need);
/* The one with this id, if it fits and is (still) of this version; NULL if not. */
const struct image *images_insisted(const struct images *list, const char *id,
				    const char *version, const struct values *need);
cJSON *image_to_json(const struct image *i);
int image_from_json(struct image *i, const cJSON *object, struct err *e);

#endif
