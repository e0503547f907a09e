/* SPDX-License-Identifier: ISC */
/* Addresses that a person wrote as ranges: kept as ranges, and walked through one by one. */
#ifndef MODEL_RANGE_H
#define MODEL_RANGE_H

#include "base/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Addresses together: all of IPv4, and of IPv6 what can be asked in a life (1,000 a second take 35
 * years). */
#define RANGE_MOST ((uint64_t)1 << 40)

struct ip {         /* an address as a number: IPv4 has only the last 4 bytes */
	int family; /* AF_INET, AF_INET6; 0: none (a host name) */
	unsigned char b[16];
};

struct target {        /* one item of what was written */
	char *name;    /* from a file; NULL: only the address is known */
	char *address; /* one address or host name; NULL: all from first to last */
	struct ip first, last;
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
 * A range costs the same memory whatever its size. Nothing is appended on an error.
 */
int targets_add(struct targets *t, const char *text, int port, struct err *e);

/* Drop what is there a second time (the same address in any spelling, and the same port): of single
 * addresses and of ranges the first one stays, and a single address goes before a range. */
void targets_unique(struct targets *t);

/* How many addresses; exact after targets_unique(). */
uint64_t targets_count(const struct targets *t);

/* Drop what a walk comes to before this address. ERR_INPUT: it is none of them. */
int targets_skip(struct targets *t, const char *address, struct err *e);

/* Where a walk is; {0} is before the first address. */
struct targets_at {
	size_t item;
	struct ip at; /* the last that was given out of a range */
};
struct one_target {
	const char *name;    /* borrowed; NULL */
	const char *address; /* borrowed, or in text; until the next one */
	char text[INET6_ADDRSTRLEN];
	int port;
	bool alone; /* it was written by itself, not as one of a range */
};

/* The next address, in the order in which they were written; false: that was all. */
bool targets_next(const struct targets *t, struct targets_at *at, struct one_target *out);

void targets_release(struct targets *t);

#endif
