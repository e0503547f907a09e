/* SPDX-License-Identifier: ISC */
/*
 * Looking for devices: who answers at these addresses, and what it is. In two steps with a person
 *in between, who approves host keys that nobody knows:
 *
 *	discover_scan()    connects as far as the host key, logs in nowhere
 *	discover_accept()  adds the new keys, if a person said so
 *	discover_ask()     logs in where the key is known, and reads the facts
 *
 * A credential that one device refuses is tried on no other one, whatever it goes on to
 * (transport/keyring.h: keyring_strict()).
 */
#ifndef RUN_DISCOVER_H
#define RUN_DISCOVER_H

#include "model/inventory.h"
#include "model/range.h"
#include "run/contact.h"
#include "run/procedures.h"
#include "store/store.h"
#include "transport/keyring.h"

/* enumerator, name in JSON, words for people */
#define FOUND_CLASSES(X)                                                                           \
	X(WAITING, "not-asked", N_("not asked"))                                                   \
	X(DEVICE, "found", N_("found"))                                                            \
	X(KNOWN, "known", N_("already known"))                                                     \
	X(RETIRED, "decommissioned", N_("decommissioned"))                                         \
	X(REFUSED, "incorrect-credentials", N_("incorrect credentials"))                           \
	X(NOT_TRIED, "not-tried", N_("login not tried"))                                           \
	X(NEW_KEY, "host-key-unknown", N_("host key unknown"))                                     \
	X(OTHER_KEY, "host-key-changed", N_("other host key"))                                     \
	X(STRANGER, "os-not-supported", N_("OS not supported"))                                    \
	X(NO_ANSWER, "not-reachable", N_("not reachable"))

enum found_class {
#define X(name, word, text) FOUND_##name,
	FOUND_CLASSES(X)
#undef X
	    FOUND_KINDS
};
extern const char *const found_names[FOUND_KINDS];
const char *found_word(enum found_class c); /* translated, borrowed */

struct found {
	char *address;
	int port;
	char *wanted; /* name from a file; NULL */
	bool alone;   /* it was asked for by itself, not as one of a range */
	enum found_class class;
	char *name;           /* what it calls itself, or the known device's name; NULL */
	const char *platform; /* borrowed from the procedure; NULL */
	char *version, *serial, *model, *credential; /* NULL */
	char fingerprint[64];                        /* "SHA256:..."; "": none seen */
	char *line;                                  /* for known_hosts */
	struct values facts;
	char *why; /* NULL: nothing to say */
};

/* A range may be of any size: rows are kept of those who answered, who are known and whom a file
 * names, and of so many others where nobody answered. All are counted. */
#define FOUND_SILENT_MOST ((size_t)65536)

struct discovery {
	struct found *v;
	size_t n, cap;
	size_t addresses;          /* all that were named */
	size_t count[FOUND_KINDS]; /* of the addresses: also of those without a row */
	size_t silent;             /* rows of addresses where nobody answers */
	size_t before;             /* refused the last credential in an earlier search */
	char *next; /* stopped: the first that was not asked (targets_skip()); NULL: all were */
};

/* Addresses that the inventory has are not asked. progress: see contact.h. ERR_CANCELLED: what was
 * seen until then counts, and discover_accept() and discover_ask() may go on with it. */
int discover_scan(struct store *s, const struct targets *targets, const struct pace *pace,
		  int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct discovery *out, struct err *e);

/* Who asks for host keys: contacts_scan() with its store as ctx, or another one in tests. */
struct knocker {
	int (*knock)(void *ctx, const struct inventory *inv, const size_t *devices, size_t n,
		     const struct pace *pace,
		     int (*progress)(void *ctx, size_t done, size_t total), void *progress_ctx,
		     struct contacts *out, struct err *e);
	void *ctx;
};

/* discover_scan() with this knocker and this inventory. */
int discover_walk(const struct knocker *knocker, const struct inventory *inv,
		  const struct targets *targets, const struct pace *pace,
		  int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct discovery *out, struct err *e);

/* Add the host keys that are not known yet, and go on with those devices. */
int discover_accept(struct store *s, struct discovery *d, struct err *e);

/* Log in with this credential where it was not refused yet, neither now nor (unless `again`: a person
 * wants it) in an earlier search (refused.h); may be called again with another one for those that
 * refused the first. Refusals are remembered (login.h, too). */
int discover_ask(struct store *s, struct discovery *d, struct keyring *k, const char *credential,
		 bool again, const struct procedures *list, const struct pace *pace,
		 int (*progress)(void *ctx, size_t done, size_t total), void *ctx, struct err *e);

/* Does anybody wait for a login, or would take another credential? */
bool discover_some_left(const struct discovery *d);

/* The inventory with those that were found: new. What each is called, and who was left out and why,
 * goes to *notes. now NULL: none yet. NULL and e when there is none to add. */
struct inventory *discover_add(const struct discovery *d, const struct inventory *now,
			       struct str *notes, struct err *e);

/* What they said is remembered (as after pre-checks). */
void discover_remember(struct store *s, const struct discovery *d, const struct inventory *inv);

/* Is it a row of its own? Of those that do not answer only who was named, and who answered before. */
bool found_is_row(const struct found *f);
/* The device that refused the credential, so that others were not tried; NULL: there is none. *next:
 * the first behind it that was not tried; NULL: none. */
const struct found *discover_refused(const struct discovery *d, const struct found **next);

cJSON *discovery_json(const struct discovery *d,
		      bool all); /* all: also those that did not answer */
void discovery_release(struct discovery *d);

#endif
