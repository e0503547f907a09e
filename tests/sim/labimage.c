/* SPDX-License-Identifier: ISC */
/* The lab and the model both have a `struct device`; this file knows only the lab's. */
#include "config.h"

#include "tests/sim/labimage.h"

#include "lab/onie.h"

void sim_image(struct str *out, const char *version, const char *platform, size_t bytes)
{
	const struct platform *p = platform_find(platform);
	p->system->make_image(out, version, p, bytes);
}

char *sim_image_name(const char *version, const char *platform, const char **family)
{
	const struct platform *p = platform_find(platform);
	*family = p ? p->image : NULL;
	return p ? p->system->image_name(version, p) : NULL;
}
