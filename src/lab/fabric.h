/* SPDX-License-Identifier: ISC */
/* Topologies: they make the devices and the cables of a lab. */
#ifndef LAB_FABRIC_H
#define LAB_FABRIC_H

#include "lab/device.h"

/* Fill lab->devices and lab->links. -1: there is no such fabric, or the size is wrong. */
int fabric_build(struct lab *lab, struct err *e);

/* What its devices are when nobody says otherwise; of an unknown fabric those of the first one. */
struct fabric_defaults {
	const char *platform, *from_version, *to_version;
};
const struct fabric_defaults *fabric_defaults(const char *fabric);
/* Of the first fabric whose devices run this system; NULL: none does. */
const struct fabric_defaults *fabric_defaults_of(const char *system);

/*
 * The same from a file, in the lab's own format:
 *
 *   { "format": 1, "version": "4.1.1", "to": "4.2.0",
 *     "devices": [ {"name": "leaf01", "role": "leaf", "tags": ["rack1"], "hosts": 2,
 *                   "platform": "cumulus-linux", "model": "vx", "version": "4.1.1"} ],
 *     "groups":  [ {"name": "leaf01-02", "members": ["leaf01", "leaf02"], "primary": "leaf02"} ],
 *     "links":   [ ["leaf01:swp51", "spine01:swp1"], ["leaf02", "spine01"] ] }
 *
 * Of a device only the name is needed. platform: a system (struct system); model: one of its rows in
 * factory.c, by any of its names; tags: as those of an inventory (a Calico host does what its role and they
 * say: etcd, compute, control); hosts: servers on ports of their own; "scenery": true: it is only
 * there for the others, no images are made for it. What a group is follows from the system of its
 * members: an MLAG pair (primary: the one with the lower MAC; it gets two links when it has none), two
 * with the same hosts, the nodes 0 and 1 of a firewall, or a cluster. A port that has no name, or none
 * of its system, gets the next free one; a link to a system without cables is passed over. version,
 * to: of the lab, for mirrors of packages (lab_options).
 */
int fabric_read(struct lab *lab, const char *path, struct err *e);

/* For both: a device without ports but lo and eth0, at 127.66.HIGH.LOW; a cable between ports. */
int fabric_add(struct lab *lab, const char *name, const char *role, int high, int low);
void fabric_cable(struct lab *lab, int a, int a_port, int b, int b_port);

#endif
