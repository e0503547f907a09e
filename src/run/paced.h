/* SPDX-License-Identifier: ISC */
/* Work on simulated devices in their own time (base/pace.h): it is there when the state directory
 * has the file PACED_FILE. */
#ifndef RUN_PACED_H
#define RUN_PACED_H

#include "base/pace.h"
#include "store/store.h"
#include "transport/transport.h"

#define PACED_FILE "simulated-time"

struct paced;

/* Sit down at the time of this state directory: 0 and *p, which is NULL when there is none. */
int paced_sit(struct store *s, struct paced **p, struct err *e);
void paced_leave(struct paced *p);
struct clock *paced_clock(struct paced *p);

/* A transport that says how many devices have something to do, and keeps the limits of requests in
 * simulated time (those of `inner` are of real time, which is over sooner or never). Takes inner; p
 * must outlive it. threads: how many devices inner works on at the same time. */
struct transport *paced_transport(struct paced *p, struct transport *inner, size_t devices,
				  size_t threads);

#endif
