/* SPDX-License-Identifier: ISC */
/* An inventory from elsewhere: first what it would change, then doing it. */
#ifndef RUN_IMPORT_H
#define RUN_IMPORT_H

#include "model/import.h"
#include "model/inventory_diff.h"
#include "store/store.h"

enum import_how {
	IMPORT_AS_USUAL, /* our own file replaces, everything else is merged */
	IMPORT_MERGE,
	IMPORT_REPLACE
};

struct import_wish {
	const char *path;
	const char *format;   /* NULL: the one that it looks like */
	const char *platform; /* NULL: found out, see import_prepare() */
	enum import_how how;
	bool alone;              /* as if there were no inventory yet (a plan not to be applied) */
	char *const *procedures; /* besides the installed ones; NULL-ended; NULL: none */
};

struct import_plan {
	struct inventory *now; /* NULL: none yet */
	struct inventory *next;
	struct inventory_changes changes;
	struct str notes; /* lines: what was left out, or kept, and why */
	struct import_left left; /* how many of how many are left out, by cause */
	const struct import_format *format;
	bool replaces;
};

/*
 * Read the file and work out what it would change; nothing is changed. Devices whose file does not
 * name their platform are of the wished one, or of that of all others, or of the only one that
 * there is a procedure for. A user that the file logs in as chooses the credential of that user for
 * new devices, when there is exactly one. Release *out in any case.
 */
int import_prepare(struct store *s, const struct import_wish *w, struct import_plan *out,
		   struct err *e);

/* "5 of 8 devices of the file are left out: why, what to do"; "": none is. Sorts the causes. */
void import_summary(struct import_plan *p, struct str *out);

/* Make it so. ERR_REFUSED when the inventory was changed by somebody else in the meantime. */
int import_apply(struct store *s, const struct import_plan *p, struct err *e);
void import_plan_release(struct import_plan *p);

#endif
