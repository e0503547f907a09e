/* SPDX-License-Identifier: ISC */
/* The way to the devices over SSH. */
#ifndef RUN_DEVICES_H
#define RUN_DEVICES_H

#include "model/inventory.h"
#include "store/store.h"
#include "transport/keyring.h"
#include "transport/transport.h"

/* Host keys: DIR/known_hosts, the user's and the system's known_hosts. The keyring is borrowed and
 * must outlive the transport. at_once: most sessions at work at one time; 0: the transport's rule. */
struct transport *devices_connect(struct store *s, const struct inventory *inv,
				  struct keyring *keyring, int at_once, struct err *e);

/* Those paths: NULL-ended, strings_free(). */
char **devices_known_hosts(struct store *s);

#endif
