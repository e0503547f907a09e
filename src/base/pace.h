/* SPDX-License-Identifier: ISC */
/*
 * Time that processes share: simulated devices (who keep it) and those who work on them (who sit at
 * it). It stands still as long as anybody has something to do, and jumps to the next moment at
 * which something is due as soon as all of them wait. So neither the speed of the machine nor its
 * load ever shows in simulated times, and a time limit means what it says, however fast time runs.
 *
 * Somebody who sits there waits, in this sense, while he is in his clock's wait() and each request
 * that he has sent out waits on a device for simulated time.
 */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct pace;

/* Make one that nobody uses yet, at this path (and beside it: pipes); wall: what its clocks show at
 * the beginning, ms since 1970. */
int pace_create(const char *path, int64_t wall, struct err *e);
void pace_remove(const char *path);

int64_t pace_now(const struct pace *p); /* ms since it was made */
/* How often time was pushed on although somebody seemed to have something to do: after seconds
 * without any sign of life. Above 0 simulated times may be off. */
int64_t pace_pushes(const struct pace *p);

/* --- who sits there --------------------------------------------------------------------------- */
/* NULL: e (none is there, all seats are taken). Time stands still until clock->wait() is called. */
struct pace *pace_sit(const char *path, struct err *e);
struct clock *pace_clock(struct pace *p); /* of the one thread that sits */
/* So many requests are on their way: to be called by that thread. */
void pace_requests(struct pace *p, size_t n);
void pace_close(struct pace *p); /* leaves the seat; also of a keeper */

/* --- who keeps it ----------------------------------------------------------------------------- */
struct pace *pace_keep(const char *path, struct err *e);
int pace_fd(const struct pace *p); /* readable when all may wait: pace_heard() */
void pace_heard(struct pace *p);
/* Does everybody wait, when the devices hold so many of the requests? False when nobody sits there.
 * To be asked after each change of what is held: who begins to wait only tells when it fits. */
bool pace_quiet(struct pace *p, size_t held);
int64_t pace_wanted(const struct pace *p); /* when the first of them wants to go on; -1: never */
void pace_set(struct pace *p, int64_t now); /* and wake those whose time has come */
/* Seats of processes that are gone are free again; true: all who sit there are in their wait(). */
bool pace_sweep(struct pace *p);
void pace_pushed(struct pace *p); /* counted */

#endif
