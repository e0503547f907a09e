/* SPDX-License-Identifier: ISC */
#ifndef MODEL_IMPORT_PARTS_H
#define MODEL_IMPORT_PARTS_H

#include "model/import.h"

extern const struct import_format import_own, import_ansible, import_netbox, import_dot, import_csv;

/* A new device of the file; name and place are copied. -1: the name is none. */
struct import_device *import_device_add(struct import *in, const char *name, const char *place,
					struct err *e);

/* The same with a name that may be none: it is an error only if the device is not left out. */
struct import_device *import_device_any(struct import *in, const char *name, const char *place,
					struct err *e);
/* What *e holds is wrong with the device; *e is empty again. */
void import_wrong(struct import_device *d, struct err *e);

/* The platform that others call so, in letters of any size; NULL: no procedure says. Borrowed. */
const char *import_platform(const struct import_words *words, const char *name);

/* Set a text member of the device, checked as the field of that name; *to is replaced. */
int import_text(const struct import_device *d, const char *field, const char *text, char **to,
		struct err *e);
int import_port(const struct import_device *d, const char *text, struct err *e);
void import_tag(struct import_device *d, const char *tag); /* one that is no tag is passed over */
void import_note(struct import *in, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The same cable written from both ends is one link. */
void import_drop_doubles(struct inventory *inv);
/* A line for each port that two links are at. */
void import_crowded(const struct inventory *inv, struct str *notes);

/* A name that an IPv6 address can have: ':' and '%' become '-'. New. */
char *import_name_of(const char *address);

#endif
