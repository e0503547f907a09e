/* SPDX-License-Identifier: ISC */
/*
 * The lab over real SSH: one listener for each device (its own 127.x.y.z, one port for all), one
 * thread for each connection, one lock around the model. Lab time is real time since the start,
 * times `speed`; or it is the time of a file that the client's process shares (base/pace.h).
 *
 * On loopback a packet cannot get lost: a device that is down or that nobody can reach has no
 * listener (connection refused), and one that is silent accepts and never says a word.
 */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include "lab/lab.h"

struct lab_server;

struct lab_server_options {
	struct lab_options lab;    /* log and wake are the server's own: leave them NULL */
	int port;                  /* 0: any free one that all addresses have */
	double speed;              /* lab seconds in a real second; 0 is 1 */
	const char *pace;          /* keep the time of this file (base/pace.h): lab time jumps when
				      everybody waits, at most `speed` (0: any) fast; NULL: none */
	const char *log_path;      /* events as JSON lines, appended; NULL: none */
	const char *const *faults; /* ends with NULL; may be NULL */
};

/* Build the lab, listen on all addresses and start serving. NULL: e names what did not work. */
struct lab_server *lab_server_start(const struct lab_server_options *o, struct err *e);
int lab_server_port(const struct lab_server *s);
/* Wait until lab_server_stop() is called from another thread, at most ms real milliseconds (-1: no
 * limit). True: it was stopped. */
bool lab_server_wait(struct lab_server *s, int ms);
/* Cut all connections, end all threads. It may be called from any thread, once or more. */
void lab_server_stop(struct lab_server *s);
void lab_server_free(struct lab_server *s); /* stops first */

/* The model, for looking at it and adding faults, between these two; never for long. */
struct lab *lab_server_lock(struct lab_server *s);
void lab_server_unlock(struct lab_server *s);
int64_t lab_server_now(struct lab_server *s);

/* Write inventory.json, known_hosts, id_ed25519(.pub), password into dir; and, for each version of
 * the list (ends with NULL; may be NULL), images/ and agent packages. image_size 0: 4 MiB. */
int lab_files_write(struct lab *lab, const char *dir, int port, const char *const *versions,
		    size_t image_size, struct err *e);

/* An installer look-alike by itself, for other sizes and platforms ("vx", "broadcom", ...). */
int lab_image_write(const char *path, const char *version, const char *platform, size_t size,
		    struct err *e);

#endif
