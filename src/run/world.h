/* SPDX-License-Identifier: ISC */
/* What the engine has to know about the world outside the job, gathered from the store. */
#ifndef RUN_WORLD_H
#define RUN_WORLD_H

#include "engine/engine.h"
#include "store/store.h"

struct run_world;
struct run_world *run_world_new(struct store *s, const char *job, const struct jobview *v,
                                size_t job_limit,
                                const char *(*user)(void *ctx, const struct device *d), void *ctx,
                                struct err *e);
const struct world *run_world_get(const struct run_world *w);
void run_world_free(struct run_world *w);

#endif
