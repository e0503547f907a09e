/* SPDX-License-Identifier: ISC */
/*
 * What is asked of a device and what comes back: plain data between the engine (which decides), the
 * runner (which carries) and a transport (which does).
 *
 * What matters most in a reply is `outcome`, and it is never a guess:
 *   TR_DONE      the command ran to its end and gave an exit status
 *   TR_NOT_SENT  nothing reached the device (no connection, no login, cancelled before): e says why
 *   TR_LOST      it was sent and the session ended without an exit status: unknown
 *   TR_TIMEOUT   it was sent and gave no exit status within its limit: unknown
 *   TR_FAILED    copies only: it ended in a known way, but not well (no space, hash differs): e
 *   TR_PROGRESS  not an end: bytes copied so far; of a command that is followed: lines of its
 *                output (in `out`) since the last. Lines may be left out when they come too fast
 */
#ifndef MODEL_EXCHANGE_H
#define MODEL_EXCHANGE_H

#include "base/err.h"
#include "base/str.h"
#include "model/digest.h"

#include <stdint.h>

enum tr_kind {
	TR_RUN,  /* command, optional standard input; output kept up to output_limit */
	TR_PUT,  /* a local file onto the device, see tr_copy */
	TR_GET,  /* output of a command into a local file (made whole, then renamed) */
	TR_CLOSE /* end the session; later requests make a new one. Always TR_DONE */
};

enum tr_host_key {
	TR_KEY_KNOWN,   /* only the known key; another or none is ERR_HOSTKEY */
	TR_KEY_MAY_BE_NEW /* another key than the known one is accepted now and remembered for this
	                     device as long as the transport lives */
};

struct tr_endpoint {
	char *name;       /* of the device */
	char *address;
	int port;
	char *credential; /* name in the keyring */
};

/* A copy: the commands are ready to run (see model/procedure.h, struct transfer). The file is opened
 * once, hashed while it is sent, resumed at the partial file's size when that prefix is ours. */
struct tr_copy {
	char *local;
	char sha256[DIGEST_HEX];
	int64_t size;
	char *present, *partial, *prefix, *space, *append, *discard, *commit;
};

struct tr_request {
	uint64_t id;     /* the caller's; given back in the reply */
	size_t device;   /* number of the endpoint */
	enum tr_kind kind;
	char *command;
	struct str input; /* standard input of TR_RUN; empty: none (end of file at once) */
	char *input_file; /* TR_RUN: kept file that the runner reads into `input` before submitting */
	bool beside;        /* over a session of its own, whatever else goes on on the device */
	bool follow;        /* TR_RUN: what it says is also handed over as it comes: TR_PROGRESS */
	int64_t timeout_ms; /* for the command or copy, from the moment the session is ready. A copy
	                       is also ended when no byte moves for stall_ms */
	int64_t stall_ms;
	int64_t connect_ms; /* for connection, key exchange and login together */
	size_t output_limit; /* bytes of standard output and of standard error kept each */
	enum tr_host_key host_key;
	char *accept_key; /* fingerprint ("SHA256:...") that is accepted beside the known key; or NULL */
	struct tr_copy *copy; /* TR_PUT */
	char *local;          /* TR_GET: path of the file to make; at most file_limit bytes */
	int64_t file_limit;
};

enum tr_outcome { TR_DONE, TR_NOT_SENT, TR_LOST, TR_TIMEOUT, TR_FAILED, TR_PROGRESS };

struct tr_reply {
	uint64_t id;
	size_t device;
	bool beside; /* as in the request */
	enum tr_outcome outcome;
	int status;            /* exit status with TR_DONE, else -1; killed by a signal: 128 + number */
	struct str out, err;   /* also what arrived before the session was lost */
	bool truncated;
	struct err e;          /* why, when it is not TR_DONE */
	int64_t done, total;   /* bytes of a copy, total 0: none; of TR_GET: size in done */
	bool skipped;          /* TR_PUT: the file was there already */
	char sha256[DIGEST_HEX]; /* TR_GET */
	char fingerprint[64];  /* "SHA256:..." of the host key that was seen, if one was; for ERR_HOSTKEY
	                          the one that was refused */
	bool new_key;          /* that key is another than the known one, and was accepted */
	bool reconnected;      /* a new session had to be made for this request */
	int64_t ms;            /* how long it took, without waiting in the queue */
};

const char *tr_outcome_name(enum tr_outcome o);

struct tr_request *tr_request_new(uint64_t id, size_t device, enum tr_kind kind);
void tr_request_free(struct tr_request *r);
struct tr_reply *tr_reply_new(const struct tr_request *r, enum tr_outcome outcome);
void tr_reply_free(struct tr_reply *r);
void tr_copy_free(struct tr_copy *c);

#endif
