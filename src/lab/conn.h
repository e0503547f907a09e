/* SPDX-License-Identifier: ISC */
/* One SSH connection of the lab's server, in its own thread. Inside of server.c only. */
#ifndef LAB_CONN_H
#define LAB_CONN_H

#include "lab/server.h"

#include <pthread.h>

struct conn {
	struct lab_server *server;
	size_t device;
	int fd;   /* the socket, ours alone; -1 once closed; changes under the server's lock */
	int wake; /* an eventfd: another thread has news for us */
	unsigned generation;
	bool done; /* the thread has ended and can be joined */
	bool mute; /* accepted, and never a word: its client waits for time to pass */
	pthread_t thread;
};

void *conn_run(void *arg); /* of a thread; arg is the conn */
void conn_wake(struct conn *c);

/* server.c */
struct lab *server_lock(struct lab_server *s); /* and brings lab time up to date */
void server_unlock(struct lab_server *s);      /* and tells the timer about new times */
bool server_stopping(struct lab_server *s);
void server_mute(struct conn *c, bool mute);
void server_done(struct conn *c); /* the last that a connection's thread does */

#endif
