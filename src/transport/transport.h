/* SPDX-License-Identifier: ISC */
/*
 * The contract between the runner and whatever carries requests to devices: libssh (ssh.c), a
 * script (script.c), or the lab's model without a network (tests). Requests go in, replies come out
 * in any order over devices, in order for one device (one request at a time is worked on per
 * device; and one of those that are to be made "beside" the others). It never prints, never asks,
 * never calls back. What goes in and out: model/exchange.h.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include "model/exchange.h"

struct transport;

struct transport_ops {
	const char *name;
	/* Takes the request. Never waits. */
	void (*submit)(struct transport *t, struct tr_request *r);
	/* The next reply (caller frees with tr_reply_free), or NULL when none is there. Never
	 * waits. */
	struct tr_reply *(*next)(struct transport *t);
	/* A descriptor that is readable while replies wait; -1 when there is none to wait on. */
	int (*fd)(struct transport *t);
	/* End whatever the device is doing: running requests reply TR_LOST (if sent) or TR_NOT_SENT
	 * with ERR_CANCELLED, queued ones TR_NOT_SENT. What is made beside goes on: it is short.
	 * Never waits. */
	void (*cancel)(struct transport *t, size_t device);
	/* Cancels everything, joins its threads, frees. */
	void (*free)(struct transport *t);
};

struct transport { /* first member of every implementation */
	const struct transport_ops *ops;
};

#endif
