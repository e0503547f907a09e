/* SPDX-License-Identifier: ISC */
/*
 * Which images a fleet needs and which of them are not there: the version it is to go to, and what
 * runs now, for the way back. Judged by what each device said when it was asked last.
 */
#ifndef RUN_MISSING_H
#define RUN_MISSING_H

#include "base/vec.h"
#include "model/inventory.h"
#include "store/store.h"

struct image_need { /* one combination */
	char *kind, *version, *platform;
	struct values fits;
	bool back;    /* what runs now; else the target */
	char *device; /* the first that needs it */
	size_t devices;
	bool there;
};

struct image_needs {
	VEC(struct image_need) list;
	VEC(char *) unknown; /* names of devices that were never asked */
	size_t missing;
};

/* For every device of the inventory; to NULL: only the way back, "": the default version of each
 * platform, where there is one. Release *out in any case. */
int images_needed(struct store *s, const struct inventory *inv, const char *to,
		  struct image_needs *out, struct err *e);
/* How many devices run what this image holds, with no other image that would bring them back to it. An
 * inventory or facts that cannot be read: 0, the image is nobody's. */
size_t image_way_back(struct store *s, const struct image *i);
void image_needs_release(struct image_needs *n);

#endif
