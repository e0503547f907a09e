/* SPDX-License-Identifier: ISC */
/*
 * Who a rehearsal belongs to: one process holds the lock of a file beside the file of its time. The
 * processes that it starts end with it, however it ends, and what a dead one left is found by that.
 */
#ifndef RUN_REHEARSAL_OWNER_H
#define RUN_REHEARSAL_OWNER_H

#include "base/err.h"

#include <stdbool.h>

/* Own the rehearsal of this time file until the descriptor (close-on-exec) is closed; -1 and e. */
int rehearsal_own(const char *clock, struct err *e);
/* Nobody's any more: what is started in it later is on its own. fd -1 is fine. */
void rehearsal_disown(const char *clock, int fd);

/* In a process that the owner started: be killed when the owner ends. 0, also when nobody ever owned
 * it; -1 and ERR_REFUSED: the owner has ended already. */
int rehearsal_follow(const char *clock, struct err *e);

#define REHEARSAL_PREFIX "hitless-rehearsal-" /* of their directories */
#define REHEARSAL_MEMORY "/dev/shm"
extern const char *const rehearsal_places[]; /* where they are, but for $TMPDIR; NULL-ended */

/* Each directory of this user that a dead owner left in `parent`. */
void rehearsal_left(const char *parent, void (*see)(void *ctx, const char *dir), void *ctx);

/* Remove what dead owners left, wherever rehearsals are made. Gives how many; what cannot be removed
 * stays. */
int rehearsal_sweep(void);

#endif
