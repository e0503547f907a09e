/* SPDX-License-Identifier: ISC */
/* The chosen devices with what the upgrade means for each: from which version to which, and what is
 * missing for it. */
#ifndef TUI_NAME_DEVICES_H
#define TUI_NAME_DEVICES_H

#include "tui/list.h"

#include "model/credential.h"
#include "model/inventory.h"
#include "run/draft.h"
#include "run/forecast.h"

struct name_device {
	size_t device; /* of the inventory */
	enum forecast forecast;
	char *why;     /* "": nothing to say */
	char *version; /* where it goes; NULL: not chosen yet */
	const struct image *image; /* that it was given; NULL: what matches */
};

struct name_devices {
	struct inventory *inventory;
	struct known_devices known;
	struct images images;
	struct credentials credentials;
	VEC(struct name_device) list;
};

enum { NAME_DEVICE, NAME_FROM, NAME_TO, NAME_NEEDED, NAME_COLUMNS };
extern const struct column name_columns[NAME_COLUMNS];
extern const struct list_rows name_rows; /* of a struct name_devices */

/* Read what lies on the desk: -1 and e; release it in any case. */
int name_devices_read(struct name_devices *n, const struct draft *d, struct store *s,
		      struct err *e);
void name_devices_release(struct name_devices *n);

/* Judge all devices by the draft's version and method. */
void name_devices_judge(struct name_devices *n, const struct draft *d, const struct procedure *p);

/* Why this image does not fit the device of a row, by what it said last; new, NULL: it does. */
char *name_devices_misfit(const struct name_devices *n, size_t row, const struct image *i,
			  const struct procedure *p);

/* "8 ready, 4 to be asked, 2 need something" */
void name_devices_count(const struct name_devices *n, struct str *out);

/* "leaf01: no image for ...": the first that lacks something; new, NULL: none does. */
char *name_devices_lacking(const struct name_devices *n);

/* "default: user admin, SSH key /home/anna/.ssh/id_ed25519" for every credential in use. */
void name_devices_logins(const struct name_devices *n, struct str *out);

#endif
