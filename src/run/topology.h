/* SPDX-License-Identifier: ISC */
/* Links and redundancy groups as the devices see them, against those of the inventory. */
#ifndef RUN_TOPOLOGY_H
#define RUN_TOPOLOGY_H

#include "model/inventory_diff.h"
#include "run/portrait.h"

/*
 * The inventory as it would be if the devices are right; new. A link or group goes only when every
 * device that could see it was asked and does not: what cannot be decided stays, and is said in
 * *notes (lines), as are contradictions between devices, which change nothing: a port has one link.
 * A device that calls itself otherwise is not learnt from. remove false: nothing goes (it is only
 * said) but what another link at its port takes the place of. *unknown (may be NULL) gets the neighbours that are no devices of
 * the inventory, in the order of the portraits: VEC_RELEASE(), its texts are borrowed from them.
 */
struct unknown_neighbour {
	const char *device, *port; /* who sees it, where */
	const char *neighbour, *neighbour_port; /* as it calls itself; port "": not said */
};
struct unknown_neighbours {
	struct unknown_neighbour *v;
	size_t n, cap;
};

/* Does it call itself otherwise than the inventory (a domain aside)? Then another box may be at its
 * address. false also when it was not asked, or does not say. */
bool topology_is_other(const struct inventory *inv, const struct portrait *p);

struct inventory *topology_learn(const struct inventory *inv, const struct portraits *portraits,
				 bool remove, struct str *notes,
				 struct unknown_neighbours *unknown);

#endif
