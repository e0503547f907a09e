/* SPDX-License-Identifier: ISC */
/* Work on simulated devices in their own time (base/pace.h): it is there when the state directory
 * has the file PACED_FILE. */
#ifndef RUN_PACED_H
#define RUN_PACED_H

#include "base/pace.h"
#include "store/store.h"
#include "transport/transport.h"

#define PACED_FILE "simulated-time"

/* Sit down at the time of this state directory: 0 and *p, which is NULL when there is none. */
int paced_sit(struct store *s, struct pace **p, struct err *e);

/* A transport that says how many devices have something to do. Takes `inner`; p is borrowed and must
 * outlive it. `threads`: how many devices inner works on at the same time. */
struct transport *paced_transport(struct transport *inner, struct pace *p, size_t devices,
				  size_t threads);

#endif
