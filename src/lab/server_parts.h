/* SPDX-License-Identifier: ISC */
/* The inside of the server, for its own files: server.c, server_doors.c, server_time.c. */
#ifndef LAB_SERVER_PARTS_H
#define LAB_SERVER_PARTS_H

#include "lab/conn.h"

#include "base/clock.h"
#include "base/pace.h"
#include "base/vec.h"

#include <stdatomic.h>
#include <stdio.h>

struct lab_server {
	struct lab *lab;
	pthread_mutex_t lock; /* the model, conns */
	pthread_cond_t stopped;
	pthread_t thread;
	bool running;
	atomic_bool stopping; /* asked in every turn of a connection, so without the lock */
	int port;
	double speed;
	int64_t start_ms;
	struct pace *pace;  /* NULL: lab time goes by itself */
	size_t mute;        /* connections */
	uint64_t turns;     /* how often somebody came to the model */
	uint64_t last_turn; /* and how often at `alive_ms` (real) */
	int64_t alive_ms;
	FILE *log;
	int wake;           /* an eventfd: look again */
	int64_t sleeps;     /* lab time until which the timer thread sleeps; -1: no limit */
	uint64_t seen;      /* of lab_changes(): what the listeners and connections follow */
	size_t done;        /* connections that have ended and are not joined yet */
	bool retry;         /* something had no room: soon again, by itself */
	VEC(int) listeners; /* of each device; -1: closed for now */
	int doors;          /* an epoll over them all: hundreds are too many to ask each time */
	VEC(struct conn *) conns;
};

/* --- server_doors.c: a listener for each device that answers ---------------------------------- */
int doors_open(struct lab_server *s, int port, struct err *e);
void doors_follow(struct lab_server *s); /* open and close them as the devices answer or not */
void doors_close(struct lab_server *s);

/* --- server_time.c: time that is shared with the clients -------------------------------------- */
bool paced_quiet(struct lab_server *s); /* everybody waits; false without a shared time */
/* Jump, if everybody waits: 0 (look again), or how many real ms to wait. */
int paced_wait(struct lab_server *s);

#endif
