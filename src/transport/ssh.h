/* SPDX-License-Identifier: ISC */
/* The transport over libssh: a bounded pool of threads, one blocking session a connected device. */
#ifndef TRANSPORT_SSH_H
#define TRANSPORT_SSH_H

#include "transport/keyring.h"
#include "transport/transport.h"

#define SSH_THREADS 64 /* sessions at work at one time, unless said otherwise */

struct ssh_options {
	const struct tr_endpoint *endpoints; /* copied */
	size_t n;
	struct keyring *keyring;  /* borrowed; must outlive the transport */
	char *const *known_hosts; /* NULL-ended paths, read only; the first existing match counts,
				     @revoked in any of them refuses */
	int threads;              /* most sessions at work at one time; 0: SSH_THREADS */
	int64_t idle_ms;          /* an idle session is closed after this; 0: 300 s */
};

struct transport *ssh_transport_new(const struct ssh_options *o, struct err *e);

/* The cord of several scans: to stop ends those that are under way and all that come. Any thread may
 * do it. It must outlive its scans. */
struct ssh_scanner;
struct ssh_scanner *ssh_scanner_new(void);
void ssh_scanner_stop(struct ssh_scanner *s);
void ssh_scanner_free(struct ssh_scanner *s);

/* Connect as far as the host key, without login: for first contact. Fills fingerprint
 * ("SHA256:...") and line (what belongs into known_hosts, new string). Blocks up to connect_ms, or
 * until the scanner (may be NULL) is stopped: ERR_CANCELLED. Any number of threads may scan. */
int ssh_scan(struct ssh_scanner *scanner, const char *address, int port, int64_t connect_ms,
	     char fingerprint[64], char **line, struct err *e);

char *ssh_library(void); /* version of the SSH library; new */

/* How many keys the SSH agent of SSH_AUTH_SOCK holds that can be used; -1 and e (ERR_AUTH): it is
 * not there, does not answer within 10 s, or holds none. */
int ssh_agent_keys(struct err *e);

#endif
