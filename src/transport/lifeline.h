/* SPDX-License-Identifier: ISC */
/*
 * The cord by which other threads can end a blocking libssh session: the session's sockets, a
 * deadline, and one watching thread for all of them. To end a session is to shut its sockets down;
 * whatever call waits on them then returns. The descriptors here are our own duplicates, so that a
 * number that libssh has closed and the system has given away again is never shut down.
 */
#ifndef TRANSPORT_LIFELINE_H
#define TRANSPORT_LIFELINE_H

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LIFELINE_FDS 2 /* the connection, and the agent's during a login */

struct watch;

struct lifeline {
	struct watch *watch;
	pthread_mutex_t lock;
	int fds[LIFELINE_FDS];
	int64_t deadline; /* -1: none */
	int64_t rest;     /* likewise, of a session that is not at work */
	atomic_bool cancelled;
	atomic_bool expired;       /* the deadline passed */
	void (*rested)(void *ctx); /* called by the watching thread, no lock held */
	void *ctx;
};

void lifeline_init(struct lifeline *l);
void lifeline_release(struct lifeline *l);

/* Hand in a duplicate of fd as number `slot`; -1: take it out. Fails when cancelled already. */
int lifeline_hold(struct lifeline *l, int slot, int fd, struct err *e);
void lifeline_let_go(struct lifeline *l); /* all descriptors */

/* Shut down now. */
void lifeline_cut(struct lifeline *l);

/* At this time (-1: never) the session is cut and `expired` set. When this returns, a deadline that
 * was set before has either passed already or never will. */
void lifeline_until(struct lifeline *l, int64_t deadline);
int64_t lifeline_deadline(struct lifeline *l);

/* At this time (-1: never) rested() is called. */
void lifeline_rest(struct lifeline *l, int64_t until);

/* One thread that watches n lifelines, which must outlive it. */
struct watch *watch_new(struct lifeline **lines, size_t n, struct err *e);
void watch_free(struct watch *w);

/* Start a thread that takes no signals; our stacks are small, and there may be a thousand. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *ctx, struct err *e);

#endif
