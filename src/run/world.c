/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "model/json.h"
#include "model/unit.h"
#include "plan/planner.h"
#include "run/create.h"
#include "run/gone.h"
#include "run/locks.h"

#include <stdlib.h>
#include <string.h>

struct run_world {
	struct world world;
	char *job_id, *keep_dir;
	struct images images;
	size_t n;
	char **users, **holders, **failed;
	bool *credentials;
	const struct jobview *view;
	char **gone;
	struct plan_guard *guard;
};

static bool may_start(void *ctx, const bool *away, size_t device, struct err *why)
{
	struct run_world *w = ctx;
	return plan_may_start(w->guard, away, device, why);
}

static int gather_devices(struct run_world *w, struct store *s, const struct jobview *v,
			  const struct door *door,
			  const char *(*user)(void *, const struct device *), void *ctx)
{
	const struct inventory *inv = v->job->inventory;
	w->n = inv->devices.n;
	w->users = xcalloc(w->n, sizeof(char *));
	w->holders = xcalloc(w->n, sizeof(char *));
	w->failed = xcalloc(w->n, sizeof(char *));
	w->credentials = xcalloc(w->n, sizeof(bool));
	for (size_t i = 0; i < w->n; i++) {
		const struct device *d = &inv->devices.v[i];
		w->users[i] = xstrdup(user(ctx, d));
		w->credentials[i] = w->users[i] != NULL;
		if (!job_has(v->job, i))
			continue;
		char *identity = locks_address(d);
		w->holders[i] = locks_holder(s, identity, w->job_id, door);
		w->failed[i] = store_history_failed(s, d->name);
		free(identity);
	}
	return 0;
}

/* What cannot be read says nothing against a device. */
static void look_who_is_gone(struct run_world *w, struct store *s, const struct jobview *v)
{
	struct err why = {0};
	char **gone = gone_devices(s, v, &why);
	if (!gone)
		log_line("run", "job %s: the inventory is not compared: %s", w->job_id, why.text);
	gone_free(w->gone, w->view);
	w->gone = gone;
	w->view = v;
	w->world.gone = gone;
}

struct run_world *run_world_new(struct store *s, const char *job, const struct jobview *v,
				const struct door *door, size_t job_limit,
				const char *(*user)(void *ctx, const struct device *d), void *ctx,
				struct err *e)
{
	struct run_world *w = xcalloc(1, sizeof(*w));
	w->job_id = xstrdup(job);
	char *jobs = store_path(s, "jobs");
	w->keep_dir = path_join(jobs, job);
	free(jobs);
	if (store_images(s, &w->images, e) != 0) {
		run_world_free(w);
		return NULL;
	}
	gather_devices(w, s, v, door, user, ctx);
	struct plan_input in = {.job = v->job, .procedure = v->procedure, .jump_host = NO_DEVICE};
	w->guard = plan_guard_new(&in);
	w->world = (struct world){
	    .job_id = w->job_id,
	    .keep_dir = w->keep_dir,
	    .images = &w->images,
	    .users = w->users,
	    .holders = w->holders,
	    .failed_phases = w->failed,
	    .credentials = w->credentials,
	    .missing = v->job->missing,
	    .running_jobs = store_running_jobs(s, job),
	    .job_limit = job_limit,
	    .may_start = may_start,
	    .ctx = w,
	};
	look_who_is_gone(w, s, v);
	return w;
}

int run_world_order(struct run_world *w, struct store *s, const struct jobview *v,
		    const cJSON *command, struct err *e)
{
	look_who_is_gone(w, s, v);
	return gone_check(s, v, json_text(command, "verb"), json_text(command, "target"), NULL,
			  e);
}

int run_world_images(struct run_world *w, struct store *s, struct err *e)
{
	struct images images = {0};
	if (store_images(s, &images, e) != 0)
		return -1;
	images_release(&w->images);
	w->images = images; /* the engine knows the place, not what is in it */
	return 0;
}

const struct world *run_world_get(const struct run_world *w)
{
	return &w->world;
}

/* A unit goes as one, with one member away at a time: its first one stands for it. */
static bool stands_for_unit(const struct jobview *v, size_t device)
{
	const struct group *unit = unit_of(v->procedure, v->job->inventory, device);
	return !unit || unit->members.v[0] == device;
}

/* Devices of other jobs; *holder is one of those jobs (new), NULL when there is none. */
static bool *held_by_others(struct run_world *w, struct store *s, const struct jobview *v,
                            char **holder)
{
	bool *away = xcalloc(w->n, sizeof(*away));
	*holder = NULL;
	for (size_t i = 0; i < w->n; i++) {
		if (job_has(v->job, i))
			continue;
		char *identity = locks_address(&v->job->inventory->devices.v[i]);
		char *job = store_device_holder(s, identity, w->job_id);
		free(identity);
		away[i] = job != NULL && stands_for_unit(v, i);
		if (!*holder)
			*holder = job;
		else
			free(job);
	}
	return away;
}

/* A job that waits for its window has its devices until it is over. */
static int refuse_beside(struct store *s, const char *why, const char *holder, struct err *e)
{
	struct err none = {0};
	char *id = store_job_find(s, holder, &none);
	struct jobview *other = id ? create_view(s, id, &none) : NULL;
	char opens[32];
	int rc;
	if (other && other->state == JOB_HELD && other->until) {
		clock_local(other->until, opens);
		rc = err_set(e, ERR_LOCKED,
			     "%-s (the job \"%s\" waits for its window, which opens %s); wait for it "
			     "to end",
			     why, holder, opens);
	} else {
		rc = err_set(e, ERR_LOCKED, "%-s (in use by the job \"%s\"); wait for it to end",
			     why, holder);
	}
	jobview_free(other);
	free(id);
	return rc;
}

int run_world_beside_others(struct run_world *w, struct store *s, const struct jobview *v,
                            struct err *e)
{
	const struct job_kind *kind = jobview_kind(v);
	if (kind && kind->stays_up)
		return 0;
	char *holder;
	bool *away = held_by_others(w, s, v, &holder);
	struct err why = {0};
	int rc = 0;
	plan_guard_beside(w->guard, true);
	for (size_t i = 0; holder && rc == 0 && i < v->job->devices.n; i++)
		if (!plan_may_start(w->guard, away, v->job->devices.v[i], &why))
			rc = refuse_beside(s, why.text, holder, e);
	plan_guard_beside(w->guard, false);
	free(holder);
	free(away);
	return rc;
}

void run_world_free(struct run_world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		free(w->users[i]), free(w->holders[i]), free(w->failed[i]);
	free(w->users), free(w->holders), free(w->failed), free(w->credentials);
	gone_free(w->gone, w->view);
	images_release(&w->images);
	plan_guard_free(w->guard);
	free(w->job_id), free(w->keep_dir);
	free(w);
}
