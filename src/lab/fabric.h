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

#endif
