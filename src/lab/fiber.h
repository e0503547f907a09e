/* SPDX-License-Identifier: ISC */
/*
 * A function that can stop in the middle and go on later: how a command on a device waits for lab
 * time or for its input while the rest of the lab goes on. One fiber runs at a time; whoever holds
 * the lab resumes it, from any thread.
 */
#ifndef LAB_FIBER_H
#define LAB_FIBER_H

#include <stdbool.h>
#include <stddef.h>

struct fiber;
struct fiber_pool; /* stacks kept for the next one */

struct fiber_pool *fiber_pool_new(void);
void fiber_pool_free(struct fiber_pool *pool); /* all of its fibers are finished and freed */

struct fiber *fiber_new(struct fiber_pool *pool, void (*run)(void *arg), void *arg);
/* Run it until it yields or ends; true when it has ended. */
bool fiber_resume(struct fiber *f);
void fiber_yield(struct fiber *f); /* only inside the fiber itself */
void fiber_free(struct fiber *f);  /* only one that never ran or has ended */

/* Bytes of stack still free where we are: hostile input must not reach the end. */
size_t fiber_stack_left(const struct fiber *f);

#endif
