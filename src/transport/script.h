/* SPDX-License-Identifier: ISC */
/*
 * A transport that answers from a function: for tests and for the lab's model without a network.
 * Single-threaded; replies come when the clock has reached their time.
 */
#ifndef TRANSPORT_SCRIPT_H
#define TRANSPORT_SCRIPT_H

#include "base/clock.h"
#include "transport/transport.h"

/* Answer a request at `now`: fill reply (made for the request, outcome TR_DONE) and say after how
 * many ms it arrives. -1: never (a hang; a timeout is made of it by the transport when the
 * request's limit has passed). The request is borrowed. TR_CLOSE is not asked for: it is done at
 * once. */
typedef int64_t (*script_answer)(void *ctx, const struct tr_request *r, struct tr_reply *reply,
				 int64_t now);

struct transport *script_transport_new(struct clock *clock, script_answer answer, void *ctx);

/* When the next reply is due; -1: none is under way. For a driver with a virtual clock. */
int64_t script_transport_due(struct transport *t);

#endif
