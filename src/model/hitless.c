/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/hitless.h"

#include "base/str.h"

bool hitless_is_told(const struct jobview *v)
{
	for (size_t i = 0; v->procedure && i < v->procedure->n_checks; i++)
		if (v->procedure->checks[i].hitless)
			return true;
	return false;
}

/* Left alone: it runs the version already, or nobody got to it. */
static bool is_left_out(const struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (t->device == device)
			return t->attempt == 0 && task_state_final(t->state);
	}
	return false;
}

/* What stands in the way is a failure of its own. */
static bool is_in_the_way(const struct check_view *c)
{
	return c->error && (str_eq(c->status, "failed") || str_eq(c->status, "unknown"));
}

const struct check_view *hitless_reason(const struct jobview *v, size_t device, size_t *at)
{
	while (*at < v->checks.n) {
		const struct check_view *c = &v->checks.v[(*at)++];
		bool mine = device == NO_DEVICE || c->device == device || c->device == NO_DEVICE;
		if (mine && c->not_hitless && !is_in_the_way(c) && !is_left_out(v, c->device))
			return c;
	}
	return NULL;
}

bool hitless_is_broken(const struct jobview *v, size_t device)
{
	size_t at = 0;
	return hitless_reason(v, device, &at) != NULL;
}

static bool has_failed(const struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if ((device == NO_DEVICE || t->device == device) && t->state == TASK_FAILED)
			return true;
	}
	return false;
}

/* The plan says that traffic suffers: of the device, or of any. */
static bool planned_hit(const struct jobview *v, size_t device)
{
	const struct plan_device *d =
	    v->plan && device != NO_DEVICE ? plan_device(v->plan, device) : NULL;
	if (device != NO_DEVICE)
		return d && d->not_hitless;
	return v->plan && v->plan->hitless == 0;
}

bool hitless_is_proven(const struct jobview *v, size_t device)
{
	bool asked = v->state != JOB_NEW && v->state != JOB_CHECKING && v->state != JOB_REFUSED;
	if (planned_hit(v, device))
		return false;
	if (!hitless_is_told(v) || !asked || hitless_is_broken(v, device) || has_failed(v, device))
		return false;
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		bool mine = device == NO_DEVICE || c->device == device || c->device == NO_DEVICE;
		if (mine && c->not_hitless && is_in_the_way(c) && !is_left_out(v, c->device))
			return false;
	}
	return true;
}

size_t hitless_count(const struct jobview *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		n += !is_left_out(v, v->tasks.v[i].device) &&
		     hitless_is_broken(v, v->tasks.v[i].device);
	return n;
}
