/* SPDX-License-Identifier: ISC */
/* First contact: the host keys of devices, looked at all at once, so that a person approves them
 * once. A host that is known by another key is never added here. */
#ifndef RUN_CONTACT_H
#define RUN_CONTACT_H

#include "model/inventory.h"
#include "store/store.h"
#include "transport/known_hosts.h"

struct contact {
	size_t device;           /* number of the inventory */
	char fingerprint[64];    /* "SHA256:..." */
	char *line;              /* for known_hosts; NULL: it showed no key, e says why */
	enum known_host verdict; /* what is known about the key; only when e.kind is ERR_NONE */
	struct err e;
};

struct contacts { /* in the order of the devices asked for */
	struct contact *v;
	size_t n, cap;
	size_t fresh; /* KNOWN_NOT: contacts_accept() would add them */
	size_t bad;   /* no answer, another key than the known one, or a revoked one */
};

/* How hard to knock; 0 means the rule. */
#define PACE_PER_SECOND 50 /* what a search does unless told otherwise: no flood, /24 in five seconds */

struct pace {
	int at_once;         /* connections; 32, at most 256 */
	int per_second;      /* new connections in a second, at most 1000; 0: no limit */
	int64_t patience_ms; /* for each connection; 10 s */
};

/* Ask these devices for their keys at this pace (NULL: the rule). progress() (may be NULL) is called
 * in this thread after each answer and at least ten times a second in between; non-zero stops:
 * ERR_CANCELLED, once those under way have ended; those that were not asked say so in their e. A
 * device that does not answer is no error of the scan. Release *out in any case. */
int contacts_scan(struct store *s, const struct inventory *inv, const size_t *devices, size_t n,
		  const struct pace *pace,
		  int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct contacts *out, struct err *e);

/* Add the keys of hosts that nothing is known about (KNOWN_NOT) to DIR/known_hosts; no others. */
int contacts_accept(struct store *s, const struct contacts *list, struct err *e);

void contacts_release(struct contacts *list);

#endif
