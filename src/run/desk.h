/* SPDX-License-Identifier: ISC */
/* What lies on the operator's desk: inventory and credentials of the state directory, the settings,
 * and who sits there. For every front end. */
#ifndef RUN_DESK_H
#define RUN_DESK_H

#include "model/credential.h"
#include "model/inventory.h"
#include "store/store.h"

/* DIR/inventory.json, new, with those that were decommissioned in `retired`. NULL and ERR_INPUT when
 * there is none yet (it says how to get one). */
struct inventory *desk_inventory(struct store *s, struct err *e);
int desk_inventory_save(struct store *s, const struct inventory *inv, struct err *e);

/* DIR/credentials.json; empty when there is none yet. Release it in any case. */
int desk_credentials(struct store *s, struct credentials *out, struct err *e);
int desk_credentials_save(struct store *s, const struct credentials *list, struct err *e);

char *desk_who(void); /* the user as the journal names him, new */
char *desk_login(void); /* where he sits: "pts/3 from 192.0.2.7", "pts/3", "no terminal"; new */

#define DESK_DEVICES      "device-limit" /* devices of a job; 0: any number */
#define DESK_DEVICES_MOST 50
#define DESK_CONFIRM      "require-confirm"
/* May a job have so many? A slip of a pattern is no upgrade of everything. */
int desk_check_size(struct store *s, size_t devices, struct err *e);
/* The same where DESK_DEVICES is known. */
int desk_check_most(int64_t most, size_t devices, struct err *e);
/* A setting that is a number; `fallback` when it is not set (or no number). */
int64_t desk_setting(struct store *s, const char *name, int64_t fallback);

#endif
