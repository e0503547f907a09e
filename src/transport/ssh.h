/* SPDX-License-Identifier: ISC */
/* The transport over libssh: a bounded pool of threads, one blocking session a connected device. */
#ifndef TRANSPORT_SSH_H
#define TRANSPORT_SSH_H

#include "transport/keyring.h"
#include "transport/transport.h"

struct ssh_options {
	const struct tr_endpoint *endpoints; /* copied */
	size_t n;
	struct keyring *keyring;  /* borrowed; must outlive the transport */
	char *const *known_hosts; /* NULL-ended paths, read only; the first existing match counts,
				     @revoked in any of them refuses */
	int threads;              /* most sessions at work at one time; 0: 64 */
	int64_t idle_ms;          /* an idle session is closed after this; 0: 300 s */
};

struct transport *ssh_transport_new(const struct ssh_options *o, struct err *e);

/* Connect as far as the host key, without login: for first contact. Fills fingerprint
 * ("SHA256:...") and line (what belongs into known_hosts, new string). Blocks up to connect_ms. */
int ssh_scan(const char *address, int port, int64_t connect_ms, char fingerprint[64], char **line,
	     struct err *e);

/* The same for many at once, at most `threads` (at least 1) at the same time. Each row brings
 * address and port (borrowed) and gets fingerprint and line, or e. */
struct ssh_scanned {
	const char *address;
	int port;
	char fingerprint[64];
	char *line; /* new; NULL: e says why */
	struct err e;
};
void ssh_scan_all(struct ssh_scanned *list, size_t n, size_t threads, int64_t connect_ms);

#endif
