/* SPDX-License-Identifier: ISC */
/*
 * Errors: a kind (few, they decide what happens next and the exit status) and one line of text
 * made at the place that knows: what happened, to what, what to do. Functions that can fail take
 * `struct err *` last and return 0 or -1 (or NULL); `return err_set(e, ERR_INPUT, "...")`. The text
 * is English; who shows it to a person says it in that person's language (said_err(),
 * model/phrases.h).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/mem.h"

enum err_kind {
	ERR_NONE,
	ERR_INPUT,     /* what a person or a file gave us is wrong */
	ERR_SYSTEM,    /* the operating system said no (disk, permissions, resources) */
	ERR_NETWORK,   /* no connection, or it was lost */
	ERR_AUTH,      /* the device refused the login */
	ERR_SECRET,    /* a person is being asked for what the login needs; nothing was tried */
	ERR_HOSTKEY,   /* the device's host key is unknown, changed or revoked */
	ERR_TIMEOUT,   /* it took longer than its limit */
	ERR_LOCKED,    /* somebody else holds it */
	ERR_REFUSED,   /* a rule of ours forbids it */
	ERR_CANCELLED, /* the operator stopped it */
	ERR_CORRUPT,   /* stored data is not what we wrote */
	ERR_KINDS
};

struct err {
	enum err_kind kind;
	char text[640];
};

/* Fill e (may be NULL); always returns -1. Control bytes in the text become '?'. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with a text that is there already. */
int err_text(struct err *e, enum err_kind kind, const char *text);

/* The same, with ": " and the text of errno (as it is at the call) behind it. */
int err_sys(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Put a place ("inventory.json") and ": " in front of the text; always returns -1. */
int err_at(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What the system calls this errno, in English. */
const char *err_system(int number);

const char *err_kind_name(enum err_kind kind);

#endif
