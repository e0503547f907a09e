/* SPDX-License-Identifier: ISC */
#ifndef SIM_LABIMAGE_H
#define SIM_LABIMAGE_H

#include "base/str.h"

/* A look-alike of an installer for the lab's switches. */
void sim_image(struct str *out, const char *version, const char *platform, size_t bytes);

/* The name of such a file, new; *family (borrowed) is what it fits. */
char *sim_image_name(const char *version, const char *platform, const char **family);

#endif
