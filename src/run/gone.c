/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/gone.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "model/json.h"
#include "run/decommission.h"
#include "run/desk.h"
#include "run/locks.h"

#include <stdlib.h>

/* --- why -------------------------------------------------------------------------------------- */

static const cJSON *entry_of(const cJSON *list, const char *name)
{
	const cJSON *at;
	cJSON_ArrayForEach(at, list)
	{
		const cJSON *device = cJSON_GetObjectItemCaseSensitive(at, "device");
		if (str_eq(json_text(device, "name"), name))
			return at;
	}
	return NULL;
}

/* The inventory has it: at the same place? */
static char *moved_text(const struct device *was, const struct device *is)
{
	char *a = locks_address(was), *b = locks_address(is), *text = NULL;
	if (!str_eq(a, b))
		text = xasprintf(M_("%s has another address in the inventory now (%s port %d) than "
				    "this job knows (%s port %d); make a new job for it"),
				 was->name, is->address, is->port, was->address, was->port);
	free(a), free(b);
	return text;
}

static char *why_gone(const struct device *d, const struct inventory *now, const cJSON *list)
{
	size_t at = inventory_find(now, d->name);
	if (at != NO_DEVICE)
		return moved_text(d, &now->devices.v[at]);
	const cJSON *entry = entry_of(list, d->name);
	return entry ? decommissioned_text(entry, d->name)
		     : xasprintf(M_("%s is not in the inventory any more; put it back first, with "
				    "the same address"),
				 d->name);
}

/* --- all -------------------------------------------------------------------------------------- */

/* NULL without an error: there is none (the job has its own). */
static struct inventory *inventory_now(struct store *s, struct err *e)
{
	char *path = store_path(s, "inventory.json");
	struct inventory *now = path_exists(path) ? desk_inventory(s, e) : NULL;
	free(path);
	return now;
}

char **gone_devices(struct store *s, const struct jobview *v, struct err *e)
{
	const struct inventory *own = v->job->inventory;
	char **gone = xcalloc(own->devices.n + 1, sizeof(*gone));
	struct err why = {0};
	struct inventory *now = inventory_now(s, &why);
	cJSON *list = now ? decommissioned_list(s, &why) : NULL;
	for (size_t i = 0; list && i < v->tasks.n; i++) {
		size_t d = v->tasks.v[i].device;
		gone[d] = why_gone(&own->devices.v[d], now, list);
	}
	cJSON_Delete(list);
	inventory_free(now);
	if (why.kind == ERR_NONE)
		return gone;
	gone_free(gone, v);
	err_set(e, why.kind, "%s", why.text);
	return NULL;
}

void gone_free(char **gone, const struct jobview *v)
{
	for (size_t i = 0; gone && i < v->job->inventory->devices.n; i++)
		free(gone[i]);
	free(gone);
}

/* --- orders ----------------------------------------------------------------------------------- */

static bool any(const struct task_view *t)
{
	(void)t;
	return true;
}

static bool to_retry(const struct task_view *t)
{
	return task_view_failed(t) || (t->state == TASK_SKIPPED && !t->released);
}

static bool went_back(const struct task_view *t)
{
	return t->started && task_state_final(t->state);
}

static bool has_leftovers(const struct task_view *t)
{
	return t->open.n > 0;
}

static const struct touching { /* what an order touches */
	const char *verb;
	bool (*touches)(const struct task_view *t); /* when it names none */
	bool all;                                   /* it needs every one of them */
} orders[] = {
    {"start", any, true},
    {"recheck", any, true},
    {"retry", to_retry, false},
    {"rollback", went_back, false},
    {"discard", has_leftovers, false},
};

static const struct touching *find_order(const char *verb)
{
	for (size_t i = 0; i < LEN(orders); i++)
		if (str_eq(orders[i].verb, verb))
			return &orders[i];
	return NULL;
}

static const char *in_the_way(const struct jobview *v, const struct touching *o, size_t named,
			      char *const *gone)
{
	const char *why = NULL;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (named != NO_DEVICE ? t->device != named : !o->touches(t))
			continue;
		if (!gone[t->device] && !o->all)
			return NULL; /* something is left to do */
		why = why ? why : gone[t->device];
	}
	return why;
}

/* Nobody knows who is gone: what cannot be read says nothing against a device (run/world.c). */
static int check_blindly(const struct jobview *v, const struct touching *o, const struct err *why,
			 struct err *unread, struct err *e)
{
	if (o->all)
		return err_set(e, why->kind, "%s", why->text);
	log_line("run", "%s of job \"%s\": the inventory is not compared: %s", o->verb, v->job->name,
		 why->text);
	if (unread)
		err_set(unread, why->kind,
			M_("whether a device has left the inventory since could not be looked at; the "
			   "job goes on with the one it was made with: %-s"),
			why->text);
	return 0;
}

int gone_check(struct store *s, const struct jobview *v, const char *verb, const char *target,
	       struct err *unread, struct err *e)
{
	const struct touching *o = find_order(verb);
	size_t named = target ? inventory_find(v->job->inventory, target) : NO_DEVICE;
	struct err blind = {0};
	int rc = 0;
	if (!o)
		return 0;
	char **gone = gone_devices(s, v, &blind);
	if (!gone)
		return check_blindly(v, o, &blind, unread, e);
	const char *why = in_the_way(v, o, named, gone);
	if (why && o->all)
		rc = err_set(e, ERR_REFUSED,
			     M_("%-s; the plan of this job counts on it as it was: make the job "
				"anew"),
			     why);
	else if (why)
		rc = err_text(e, ERR_REFUSED, why);
	gone_free(gone, v);
	return rc;
}
