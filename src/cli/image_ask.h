/* SPDX-License-Identifier: ISC */
/* What an image is, asked for where nobody tells. */
#ifndef CLI_IMAGE_ASK_H
#define CLI_IMAGE_ASK_H

#include "cli/cli.h"

#include "run/images.h"

struct image_asked { /* what the words borrow then */
	char *kind, *version;
	struct procedure *procedure;
};

/* Complete the words with what neither the file, nor its name, nor the options tell: asked for on a
 * terminal, and without one ERR_INPUT names the options to give. fits is that of the words. Release
 * *out in any case. */
int image_ask(struct cli *c, const char *path, struct image_words *w, struct values *fits,
	      struct image_asked *out);
void image_asked_release(struct image_asked *a);

#endif
