/* SPDX-License-Identifier: ISC */
/*
 * Credentials that an address refused in earlier searches: none is tried there twice while it is the
 * same. It is another one when what is known of it has changed, or its key file. A password that a
 * person types is another one each time. What is kept are addresses and a digest of what is in
 * credentials.json.
 */
#ifndef RUN_REFUSED_H
#define RUN_REFUSED_H

#include "model/inventory.h"
#include "store/store.h"
#include "transport/keyring.h"

/* The devices of `inv` that refused `credential`, or one that it goes on to, are not asked with it: the
 * keyring, which is strict from now on, takes that for a refusal of now, unless another device has
 * accepted it since. Gives how many have refused `credential`. */
size_t refused_before(struct store *s, struct keyring *k, const struct inventory *inv,
		      const char *credential);

/* Who refused one of them is kept, who accepted it is forgotten. */
void refused_remember(struct store *s, struct keyring *k, const struct inventory *inv,
		      const char *credential);

#endif
