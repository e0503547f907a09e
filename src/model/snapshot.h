/* SPDX-License-Identifier: ISC */
/* Snapshots: rows of an element read from a device's output, and two of them compared by key. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "model/procedure.h"

/* The rows that an answer holds: a new array of objects of text fields, sorted by key; NULL when the
 * output cannot be read (no JSON, command failed). Device text in it is sanitised. */
cJSON *snapshot_rows(const struct collector *c, const struct answer *a);

/* The key of a row as one text ("leaf01/default/swp51"); new. */
char *snapshot_key(const struct collector *c, const cJSON *row);

/* Is this field kept and shown, but never compared? */
bool snapshot_volatile(const struct collector *c, const char *field);

enum snapshot_change { SNAPSHOT_ADDED, SNAPSHOT_REMOVED, SNAPSHOT_CHANGED };

/* Compare, without the volatile fields: see() gets every difference, ordered by key; before or after is NULL where there is none.
 * Non-zero stops. */
int snapshot_compare(const struct collector *c, const cJSON *before, const cJSON *after,
                     int (*see)(void *ctx, enum snapshot_change change, const char *key,
                                const cJSON *before, const cJSON *after),
                     void *ctx);

#endif
