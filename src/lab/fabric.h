/* SPDX-License-Identifier: ISC */
/* Topologies: they make the devices and the cables of a lab. */
#ifndef LAB_FABRIC_H
#define LAB_FABRIC_H

#include "lab/device.h"

/* Fill lab->devices and lab->links. -1: there is no such fabric, or the size is wrong. */
int fabric_build(struct lab *lab, struct err *e);

#endif
