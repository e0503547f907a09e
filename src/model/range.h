/* SPDX-License-Identifier: ISC */
/* Addresses that a person wrote as ranges. */
#ifndef MODEL_RANGE_H
#define MODEL_RANGE_H

#include "base/err.h"

#include <stddef.h>

#define RANGE_MOST ((size_t)262144) /* addresses together */

struct target {
	char *name;    /* from a file; NULL: only the address is known */
	char *address; /* address or host name */
	int port;
};
struct targets {
	struct target *v;
	size_t n, cap;
};

/*
 * Append what the text names, separated by commas:
 *   192.0.2.0/24, 2001:db8::/120     all addresses; of an IPv4 network not the first and the last
 *                                    one, unless it is a /31 or /32
 *   192.0.2.10-192.0.2.19, 2001:db8::1-2001:db8::f, 192.0.2.10-19
 *   192.0.2.7, 2001:db8::7, leaf01.example.net
 *   192.0.2.24-64,128-190,235        a number or two belong to the network of the item before
 * Nothing is appended on an error.
 */
int targets_add(struct targets *t, const char *text, int port, struct err *e);

/* Drop what is there a second time (the same address in any spelling, and the same port). */
void targets_unique(struct targets *t);
void targets_release(struct targets *t);

#endif
