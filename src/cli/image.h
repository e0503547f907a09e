/* SPDX-License-Identifier: ISC */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

#include "cli/cli.h"
#include "model/procedure.h"

int image_add(struct cli *c, const char *path);
int image_delete(struct cli *c, const char *id);
int image_default(struct cli *c, const char *version); /* NULL: show it */

#endif
