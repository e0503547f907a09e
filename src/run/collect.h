/* SPDX-License-Identifier: ISC */
/* Take a snapshot by hand: ask devices what the collectors of their procedure say. Nothing on any
 * device is changed, and no job is made. */
#ifndef RUN_COLLECT_H
#define RUN_COLLECT_H

#include "run/snapshots.h"
#include "transport/keyring.h"

struct collect_options {
	const struct values *parameters; /* of the procedure: what to leave out; NULL: defaults */
	int looks;                       /* 1 or 2; the second one teaches what changes by itself */
	int64_t apart_ms;                /* between them */
	/* After each answer and at least ten times a second; non-zero stops: ERR_CANCELLED. */
	int (*progress)(void *ctx, size_t done, size_t total);
	void *ctx;
};

/* Fill in the parts of `out` (its procedure is set) for these devices, all at the same time. A
 * device that does not answer and an element that cannot be read are parts that say why, and no
 * error of this. The secrets of the credentials are in the keyring. */
int collect(struct store *s, const struct inventory *inv, const size_t *devices, size_t n,
	    struct keyring *k, const struct collect_options *o, struct shot *out, struct err *e);

#endif
