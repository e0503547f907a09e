/* SPDX-License-Identifier: ISC */
/* What lies on the desk, as the lines on top of the first screen: devices, images, credentials. Others
 * put things there, too: it is read again when they have. */
#ifndef TUI_HOME_DESK_H
#define TUI_HOME_DESK_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct app;

#define HOME_DESK_FILES 2

struct home_desk_mark { /* of a file; all 0: it is not there */
	ino_t file;
	off_t size;
	struct timespec written;
};

struct home_desk {
	bool inventory; /* there is one */
	size_t images, packages, credentials; /* images: of systems */
	bool needs_image;    /* there is none, and not all devices do without */
	struct str lines[3]; /* devices, images, credentials */
	struct home_desk_mark marks[HOME_DESK_FILES]; /* as they were when they were read */
	int64_t version;     /* of the store then */
	int64_t looked;      /* clock ms */
};

void home_desk_look(struct app *a, struct home_desk *h);
/* Look again when something was written since, the store not all the time: true: it reads otherwise. */
bool home_desk_tick(struct app *a, struct home_desk *h);
void home_desk_release(struct home_desk *h);

#endif
