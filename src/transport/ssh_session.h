/* SPDX-License-Identifier: ISC */
/*
 * One blocking libssh session with one device; used by one thread at a time. Inside of the ssh
 * transport only. Time limits and cancelling come from outside, through the lifeline: any call here
 * may fail because the lifeline was cut, and session_why() says which it was.
 */
#ifndef TRANSPORT_SSH_SESSION_H
#define TRANSPORT_SSH_SESSION_H

#include "base/vec.h"
#include "transport/keyring.h"
#include "transport/known_hosts.h"
#include "transport/lifeline.h"
#include "transport/transport.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

struct host { /* what is known about a device */
	const struct tr_endpoint *at;
	struct keyring *keyring;
	struct known_hosts *known;
	struct lifeline line;
	int64_t connect_ms; /* limit of the request that is worked on; also for opening a channel */
	char *pin_type, *pin; /* key accepted with TR_KEY_MAY_BE_NEW: type and base64; NULL: none */
};

struct session {
	ssh_session ssh;
	ssh_event event;
	char fingerprint[64];
	char *key_type, *key; /* the host key seen */
	bool new_key;         /* it is not the known one, and was accepted */
	bool fresh;           /* by TR_KEY_MAY_BE_NEW: a system that was just installed */
	bool dead;            /* an error was seen: never used again */
};

/* Connect, check the host key, log in. NULL, e: why. fingerprint is filled as soon as it is seen.
 */
struct session *session_open(struct host *h, const struct tr_request *r, char fingerprint[64],
			     struct err *e);
/* As far as the host key, without looking it up. */
struct session *session_scan(struct host *h, int64_t connect_ms, struct err *e);
void session_close(struct session *s, struct host *h); /* s may be NULL */
bool session_alive(struct session *s); /* looks at what came in meanwhile; never waits */

/* Fill e with why the session ended: cancelled, out of time, or what libssh says. */
int session_why(const struct session *s, const struct host *h, const char *doing, struct err *e);

/* ssh_auth.c */
int session_login(struct session *s, struct host *h, struct err *e);

/* ssh_socket.c: a connected socket, or -1. Resolves the name first. */
int socket_connect(struct lifeline *line, const char *address, int port, int64_t until,
		   struct err *e);

/* ssh_exec.c: one command in a channel of its own. */
struct sink { /* takes output; returns 0 to go on, -1 to stop */
	int (*take)(void *ctx, const void *data, size_t n, bool is_err);
	void *ctx;
};

enum exec_end {
	EXEC_DONE,     /* exit status is there */
	EXEC_NOT_SENT, /* the command never went out; `refused`: but the session is well */
	EXEC_LOST,
	EXEC_TIMEOUT,
	EXEC_STOPPED /* the sink said so */
};

struct exec {
	struct session *session;
	struct host *host;
	ssh_channel channel;
	struct ssh_channel_callbacks_struct callbacks;
	struct sink sink;
	int64_t until; /* of the whole command */
	int64_t last;  /* when something came in */
	int status;    /* -1: none received */
	bool sent, has_status, closed, stopped, refused;
};

int exec_open(struct exec *x, struct session *s, struct host *h, const char *command,
	      struct sink sink, int64_t until);
/* Let the session work until something happened or `until`. -1 when the session or command ended
 * in whatever way. */
int exec_turn(struct exec *x, int64_t until);
int exec_write(struct exec *x, const void *data, size_t n);
int exec_eof(struct exec *x);
/* Wait for the end, free the channel; e: why, if not EXEC_DONE. */
enum exec_end exec_finish(struct exec *x, struct err *e);

/* What is told while a request goes on: replies that are no end. They are taken. */
struct progress {
	void (*give)(void *ctx, struct tr_reply *reply);
	void *ctx;
};

/* Requests. Each fills the reply; a session that must not be used again is marked dead. */
void exec_run(struct session *s, struct host *h, const struct tr_request *r, struct tr_reply *reply,
	      struct progress progress);
void exec_get(struct session *s, struct host *h, const struct tr_request *r,
	      struct tr_reply *reply);

/* ssh_put.c */
void exec_put(struct session *s, struct host *h, const struct tr_request *r, struct tr_reply *reply,
	      struct progress progress);

/* ssh_agent.c: stands between libssh and the agent during a login: shows at most `limit` keys, the
 * preferred one (type and base64 as in a .pub file; NULL: none) first. */
struct agent;
struct agent *agent_open(const char *prefer, int limit, struct err *e);
int agent_fd(struct agent *a);     /* libssh's end; whoever takes it closes it */
int agent_cut_fd(struct agent *a); /* shutting this down ends the wait */
void agent_free(struct agent *a);

#endif
