/* SPDX-License-Identifier: ISC */
/* What goes with the screen of the images: a form for what no file tells, and what is missing. */
#ifndef TUI_IMAGE_H
#define TUI_IMAGE_H

#include "tui/screen.h"

#include "model/values.h"

struct image_answers {        /* of a person, about a file */
	char *kind, *version; /* NULL: as the file or its name says */
	struct values fits;
	bool unchecked;
};
void image_answers_release(struct image_answers *a);

extern const struct screen screen_image_form; /* const char *: path of the file */

/* Add a file with these answers, which are taken. */
void images_add_answered(struct app *a, const char *path, struct image_answers *answers);

/* The action of the screen. */
void images_show_missing(struct app *a, void *state);

#endif
