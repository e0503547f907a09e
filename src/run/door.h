/* SPDX-License-Identifier: ISC */
/*
 * What a running job shows to the whole machine, whoever's process and whatever state directory
 * asks: which devices it holds, and the ear for the second person. Both are abstract unix sockets:
 * names that one process at a time can have, that the kernel takes away with the process, however
 * it ends (so there is nothing stale, no directory with rights, nothing to clean up), and whose
 * other end the kernel vouches for (SO_PEERCRED). They are those of the machine's network
 * namespace: a job in a container of its own is seen by the mark on the device only.
 */
#ifndef RUN_DOOR_H
#define RUN_DOOR_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct door;
struct door *door_new(void);
void door_free(struct door *d); /* gives everything back; NULL is nothing */

/* Readable when somebody asks; then door_work(). */
int door_fd(const struct door *d);

/* Hold these devices (identities; `names` are for messages), all or none; what is held already
 * stays. `text` is told to who asks. ERR_LOCKED: the device and who has it. */
int door_hold(struct door *d, const char *text, char *const *identities, char *const *names,
	      size_t n, struct err *e);
void door_give_back(struct door *d);

bool door_has(const struct door *d, const char *identity); /* this process holds it */

/* Who holds a device: new text; NULL: nobody. Never blocks for more than two seconds. */
char *door_holder(const char *identity);

/* --- the second person ------------------------------------------------------------------------ */

struct door_person {              /* who asks; the numbers are the kernel's, but for sudo */
	int64_t uid, login, sudo; /* -1: not known, not said */
	char *words;
};

/* Listen for the confirmation of this plan (and of no other any more); NULL: of none. */
int door_listen(struct door *d, const char *job, const char *words, struct err *e);

/* Let those in who wait at the door. judge() is asked for each who confirms: NULL is yes, else the
 * reason why not (new). */
void door_work(struct door *d, char *(*judge)(void *ctx, const struct door_person *p), void *ctx);

/* The other side: confirm the plan of the job of this name. ERR_REFUSED: why not; ERR_INPUT: no job
 * waits for these words. */
int door_confirm(const char *job, const char *words, struct err *e);

/* Who this process belongs to: user, login (of the audit system) and who called sudo; -1. */
void door_uids(int64_t uids[3]);

#endif
