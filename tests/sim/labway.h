/* SPDX-License-Identifier: ISC */
/*
 * A transport over the lab's model, without a network and under a virtual clock, with faults of the
 * line: connections that fail, sessions that are lost before, during or after a command.
 */
#ifndef SIM_LABWAY_H
#define SIM_LABWAY_H

#include "base/clock.h"
#include "lab/lab.h"
#include "transport/transport.h"

struct labway_faults { /* chances per request, in 10,000 */
	int no_connection; /* nothing is sent */
	int lost_before;   /* the session is lost, the command was not run */
	int lost_after;    /* it was run, its answer is lost */
	int lost_during;   /* the session is lost while it runs; it goes on on the device */
};

struct labway_options {
	struct lab *lab;
	struct clock *clock;
	uint64_t seed;
	struct labway_faults faults;
	int64_t copy_ms; /* a copy takes so long (some devices longer) and tells how far it is; 0: no time */
	bool breaker; /* as the keyring's: after the first refused login there is no other one */
	size_t (*device_of)(void *ctx, size_t endpoint); /* lab device of an endpoint; NULL: the same */
	void *ctx;
	const char *(*known_key)(void *ctx, size_t device); /* fingerprint in known_hosts */
	/* Called right before a command reaches the device (PUT: once, with "put"). */
	void (*sent)(void *ctx, size_t device, const struct tr_request *r);
};

struct transport *labway_new(const struct labway_options *o);
int64_t labway_due(struct transport *t); /* when to look again; -1: nothing is under way */

#endif
