/* SPDX-License-Identifier: ISC */
/* What the engine has to know about the world outside the job, gathered from the store. */
#ifndef RUN_WORLD_H
#define RUN_WORLD_H

#include "engine/engine.h"
#include "run/door.h"
#include "store/store.h"

struct run_world;
struct run_world *run_world_new(struct store *s, const char *job, const struct jobview *v,
				const struct door *door, size_t job_limit,
				const char *(*user)(void *ctx, const struct device *d), void *ctx,
				struct err *e);
/* Before an order is carried out: who is gone from the inventory since is looked at again, and an
 * order that would touch such a device is refused (run/gone.h): -1 and e. */
int run_world_order(struct run_world *w, struct store *s, const struct jobview *v,
		    const cJSON *command, struct err *e);

/* Read the list of images again. -1 and e: it is as before. */
int run_world_images(struct run_world *w, struct store *s, struct err *e);

const struct world *run_world_get(const struct run_world *w);

/* May this job begin beside the other unfinished ones? Their devices count as away, all of them: the
 * same rules that keep the batches of one plan apart (groups, roles, paths) keep jobs apart. 0, or
 * -1 and ERR_LOCKED with the rule and the other job. The job's own device locks have to be held. */
int run_world_beside_others(struct run_world *w, struct store *s, const struct jobview *v,
                            struct err *e);
void run_world_free(struct run_world *w);

#endif
