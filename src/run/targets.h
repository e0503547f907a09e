/* SPDX-License-Identifier: ISC */
/* Which image each device of a job gets, when images are named. */
#ifndef RUN_TARGETS_H
#define RUN_TARGETS_H

#include "model/job.h"
#include "model/procedure.h"
#include "store/store.h"

struct image_wish {
	const char *image;   /* its name, or the beginning of its id */
	const char *devices; /* "leaf*,spine01" of those in the job; NULL: all others that it fits */
};

/* Gives each device of the job its image and that one's version. The job's own version is the one
 * for devices that no wish is about; when all have one and there is no version so far, that of the
 * first device. Judged by what each device said last: ERR_INPUT names a device that no image
 * fits, an image that does not fit the device it is wanted for, and a device that more than one
 * fits. Whom nobody has asked yet, the pre-checks judge. */
int targets_take(struct job *j, const struct procedure *p, struct store *s,
		 const struct image_wish *list, size_t n, struct err *e);

/* "23.4R2-S3" is meant to be 23.4R2-S3.9 when that is what the only such image says; borrowed. The
 * version itself when an image has exactly this one, there is none, or several to choose from. */
const char *targets_meant(const struct images *images, const struct procedure *p,
			  const char *version);
int targets_version(struct job *j, const struct procedure *p, struct store *s, struct err *e);

/* Why the image does not fit a device with these facts: "it is for family qfx-5e, not qfx-10-f";
 * new, NULL: it does, as far as they tell. */
char *targets_misfit(const struct image *i, const struct procedure *p, const struct values *facts);

/* What is known of a device: what it said last (k may be NULL), and its model in the inventory. */
void targets_facts(const struct procedure *p, const struct device *d,
		   const struct known_device *k, struct values *out);

#endif
