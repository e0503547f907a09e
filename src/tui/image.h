/* SPDX-License-Identifier: ISC */
/* What goes with the screen of the images: a form for what is said of one, and what is missing. */
#ifndef TUI_IMAGE_H
#define TUI_IMAGE_H

#include "tui/screen.h"

#include "model/image.h"
#include "model/values.h"

struct image_answers {        /* of a person, about a file or an image; NULL: nothing said */
	char *label, *procedure, *kind, *version, *vendor, *platforms;
	struct values fits;
	bool unchecked;
};
void image_answers_release(struct image_answers *a);

struct image_form_argument { /* copied */
	const char *path;          /* of a file that is to be added; NULL: not so */
	const struct image *image; /* that is to be changed; NULL: not so */
	bool untold;               /* nobody told what it is: the version is needed */
};
extern const struct screen screen_image_form; /* const struct image_form_argument * */

/* Add a file with these answers, which are taken. */
void images_add_answered(struct app *a, const char *path, struct image_answers *answers);

/* "asic=VX cpu=x86_64"; and all that is known of it. */
void image_put_fits(const struct image *i, struct str *out);
void image_show(struct app *a, const struct image *i);

/* The action of the screen. */
void images_show_missing(struct app *a, void *state);

#endif
