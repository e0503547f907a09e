/* SPDX-License-Identifier: ISC */
/* A way to scripted switches on which a copy takes its time, and tells how far it is. */
#ifndef ENGINE_COPYWAY_H
#define ENGINE_COPYWAY_H

#include "base/clock.h"
#include "transport/transport.h"

#define COPYWAY_TELLS_MS 2000 /* as often as that, while bytes move */

/* Takes `inner`, a script transport whose copies take so long. */
struct transport *copyway_new(struct transport *inner, struct clock *clock, int64_t takes_ms);
/* When it tells something next, or the inner one has something; -1: never. */
int64_t copyway_due(struct transport *t);

#endif
