/* SPDX-License-Identifier: ISC */
/* The lab and the model both have a `struct device`; this file knows only the lab's. */
#include "config.h"

#include "tests/sim/labimage.h"

#include "lab/onie.h"

void sim_image(struct str *out, const char *version, const char *platform, size_t bytes)
{
	image_make(out, version, platform_find(platform), bytes);
}
