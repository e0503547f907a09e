/* SPDX-License-Identifier: ISC */
/* What the simulated devices say of themselves: for rehearsal.c. */
#ifndef RUN_REHEARSAL_DARK_H
#define RUN_REHEARSAL_DARK_H

#include "base/err.h"
#include "model/inventory.h"

/*
 * From the lab's log: "dark" (of each device that carried no traffic for a time: how often and how
 * long), "most_dark" and "together" (the largest sets that were dark at the same time),
 * "groups_down" (all members of a redundancy group at the same time), "isolated" (up, and no
 * neighbour would take its traffic), "violations" (the lab's own verdicts), "reboots" (of devices
 * with more than one) and "faults".
 */
int dark_put(const struct inventory *inv, const char *lab_log, cJSON *to, struct err *e);

#endif
