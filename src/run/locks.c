/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/locks.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *locks_address(const struct device *d)
{
	char *one = inventory_address(d->address); /* however it is written */
	char *at = xasprintf("%s:%d", one, d->port), *text = xasprintf(M_("address %s"), at);
	free(one), free(at);
	return text;
}

struct wanted { /* parallel lists */
	VEC(char *) identities;
	VEC(char *) names; /* borrowed */
};

static void add(struct wanted *w, const struct device *d)
{
	VEC_PUSH(&w->identities, locks_address(d));
	VEC_PUSH(&w->names, d->name);
}

static bool changes_peers(const struct procedure *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].on == ON_PEERS && p->steps[i].changes)
			return true;
	return false;
}

/* Devices that are not in the job, but that its steps change: once each. */
static void gather_peers(const struct jobview *v, struct wanted *w)
{
	const struct inventory *inv = v->job->inventory;
	bool *have = xcalloc(inv->devices.n + 1, sizeof(*have));
	for (size_t i = 0; i < v->tasks.n; i++)
		have[v->tasks.v[i].device] = true;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct group *group = inventory_group(inv, v->tasks.v[i].device);
		for (size_t k = 0; group && k < group->members.n; k++) {
			size_t peer = group->members.v[k];
			if (!have[peer])
				add(w, &inv->devices.v[peer]);
			have[peer] = true;
		}
	}
	free(have);
}

static void gather(const struct jobview *v, struct wanted *w)
{
	const char *fact = v->procedure->serial_facts;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		const struct device *d = &v->job->inventory->devices.v[t->device];
		const char *serial = fact ? values_get(&t->facts, fact) : NULL;
		add(w, d);
		if (!serial || !*serial)
			continue;
		VEC_PUSH(&w->identities, xasprintf(M_("serial %s"), serial));
		VEC_PUSH(&w->names, d->name);
	}
	if (changes_peers(v->procedure))
		gather_peers(v, w);
}

static void release(struct wanted *w)
{
	for (size_t i = 0; i < w->identities.n; i++)
		free(w->identities.v[i]);
	VEC_RELEASE(&w->identities);
	VEC_RELEASE(&w->names);
}

/* What others are told who want one of the devices. */
static char *holder_text(const struct jobview *v)
{
	char *who = desk_who(), since[32];
	clock_iso(clock_real()->wall(clock_real()), since);
	char *text = xasprintf(M_("job '%s' (%s, pid %ld, since %s)"), v->job->name, who,
			       (long)getpid(), since);
	free(who);
	return text;
}

static int hold_on_machine(struct door *door, const struct jobview *v, const struct wanted *w,
			   struct err *e)
{
	char *text = holder_text(v);
	int rc = door_hold(door, text, w->identities.v, w->names.v, w->identities.n, e);
	free(text);
	return rc;
}

int locks_take(struct store *s, const char *job, const struct jobview *v, struct door *door,
	       size_t limit, struct err *e)
{
	struct wanted w = {.names = {0}};
	gather(v, &w);
	bool fresh = v->state == JOB_READY;
	int rc = store_lock_devices(s, job, w.identities.v, w.names.v, w.identities.n, limit, e);
	if (rc == 0 && door && hold_on_machine(door, v, &w, e) != 0) {
		rc = -1;
		if (fresh)
			locks_give_back(s, job, NULL);
	}
	release(&w);
	return rc;
}

/* The same device by two names? */
static int find_twins(const struct wanted *w, struct err *e)
{
	for (size_t i = 0; i < w->identities.n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(w->identities.v[i], w->identities.v[k]) == 0)
				return err_set(e, ERR_INPUT,
					       "%s and %s are the same device (%-s); take one out "
					       "of the job",
					       w->names.v[k], w->names.v[i], w->identities.v[i]);
	return 0;
}

/* "job 'core' (anna, pid 4711 on jump1, since ...)"; takes the name. */
static char *describe(struct store *s, char *name)
{
	struct err e = {0};
	char *id = store_job_find(s, name, &e);
	char *who = id ? store_job_holder(s, id) : NULL;
	char *text = who ? xasprintf(M_("job '%s' (%-s)"), name, who)
			 : xasprintf(M_("job '%s' (no process runs it: resume or cancel it)"),
				     name);
	free(who);
	free(id);
	free(name);
	return text;
}

char *locks_holder(struct store *s, const char *identity, const char *job, const struct door *door)
{
	char *name = store_device_holder(s, identity, job);
	if (name)
		return describe(s, name);
	return door && !door_has(door, identity) ? door_holder(identity) : NULL;
}

int locks_look(struct store *s, const char *job, const struct jobview *v, const struct door *door,
	       struct err *e)
{
	struct wanted w = {.names = {0}};
	gather(v, &w);
	int rc = find_twins(&w, e);
	for (size_t i = 0; rc == 0 && i < w.identities.n; i++) {
		char *who = locks_holder(s, w.identities.v[i], job, door);
		if (who)
			rc = err_set(e, ERR_LOCKED, "%s (%-s) is in use by %-s", w.names.v[i],
				     w.identities.v[i], who);
		free(who);
	}
	release(&w);
	return rc;
}

void locks_give_back(struct store *s, const char *job, struct door *door)
{
	struct err e = {0};
	if (store_unlock_devices(s, job, &e) != 0)
		log_line("run", "job %s: %s", job, e.text);
	if (door)
		door_give_back(door);
}
