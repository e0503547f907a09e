/* SPDX-License-Identifier: ISC */
/* Checks on the other ends of a device's links: what do its neighbours see of it? The pre-checks
 * remember for which links the answer was yes; after the upgrade those are asked again. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>
#include <string.h>

/* "spine01:swp1" */
static char *end_name(struct engine *g, size_t device, const char *port)
{
	return xasprintf("%s:%s", jobview_device(g->view, device), port);
}

static bool in_list(const char *list, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = list; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, name, n) == 0 && (!p[n] || p[n] == '\n'))
			return true;
	return false;
}

static void add_to_list(struct values *v, const char *check, const char *name)
{
	const char *old = values_get(v, check);
	char *list = old && *old ? xasprintf("%s\n%s", old, name) : xstrdup(name);
	values_set(v, check, list);
	free(list);
}

static char *value_name(const struct check *c)
{
	return xasprintf("seen.%s", c->name);
}

/* What the pre-checks saw; NULL: they were not asked. */
static const char *seen_before(struct engine *g, struct task *t, const struct check *c)
{
	char *name = value_name(c);
	const char *list = values_get(&tv(g, t)->captures, name);
	free(name);
	return list;
}

/* Somebody who is worked on himself has other things to say. */
static bool is_away(struct engine *g, size_t device)
{
	const struct task_view *other = jobview_task(g->view, device);
	return other && task_state_active(other->state) && other->committed;
}

static bool other_end(const struct link *l, size_t me, size_t *device, const char **port)
{
	bool from_a = l->a == me;
	if ((!from_a && l->b != me) || l->a == l->b)
		return false;
	*device = from_a ? l->b : l->a;
	*port = from_a ? l->b_port : l->a_port;
	return *port && **port;
}

/* Is the other end one that understands the question, and, after the upgrade, one that said yes? */
static bool worth_asking(struct engine *g, struct task *t, const struct check *c, size_t device,
                         const char *port)
{
	const struct device *d = &g->view->job->inventory->devices.v[device];
	if (d->anchor || !str_eq(d->platform, task_device(g, t)->platform))
		return false;
	if (g->world->credentials && !g->world->credentials[device])
		return false;
	if (t->surveying)
		return true;
	char *name = end_name(g, device, port);
	bool good = in_list(seen_before(g, t, c), name) && !is_away(g, device);
	free(name);
	return good;
}

#define SILENT "@silent" /* no check is called so */

void neighbor_silent(struct engine *g, struct task *t, const struct check *c, size_t device)
{
	add_to_list(&t->query.seen, SILENT, jobview_device(g->view, device));
	neighbor_answered(g, t, c, false);
}

bool neighbor_next(struct engine *g, struct task *t, const struct check *c, size_t *device)
{
	const struct inventory *inv = g->view->job->inventory;
	for (; t->query.peer < inv->links.n; t->query.peer++) {
		const char *port;
		if (!other_end(&inv->links.v[t->query.peer], tv(g, t)->device, device, &port) ||
		    !worth_asking(g, t, c, *device, port) ||
		    in_list(values_get(&t->query.seen, SILENT), jobview_device(g->view, *device)))
			continue;
		values_set(&t->builtins, "neighbor", jobview_device(g->view, *device));
		values_set(&t->builtins, "neighbor.port", port);
		return true;
	}
	return false;
}

void neighbor_answered(struct engine *g, struct task *t, const struct check *c, bool seen)
{
	const struct link *l = &g->view->job->inventory->links.v[t->query.peer++];
	size_t device;
	const char *port;
	if (!seen || !other_end(l, tv(g, t)->device, &device, &port))
		return;
	char *name = end_name(g, device, port);
	add_to_list(&t->query.seen, c->name, name);
	free(name);
}

/* Those that said yes before, could be asked, and did not say it again. */
char *neighbor_lost(struct engine *g, struct task *t, const struct check *c)
{
	const struct inventory *inv = g->view->job->inventory;
	const char *now = values_get(&t->query.seen, c->name);
	struct str lost = {0};
	for (size_t i = 0; !t->surveying && i < inv->links.n; i++) {
		size_t device;
		const char *port;
		if (!other_end(&inv->links.v[i], tv(g, t)->device, &device, &port) ||
		    !worth_asking(g, t, c, device, port))
			continue;
		char *name = end_name(g, device, port);
		if (!in_list(now, name))
			str_printf(&lost, "%s%s", lost.len ? ", " : "", name);
		free(name);
	}
	char *text = lost.len ? xstrdup(str_text(&lost)) : NULL;
	str_release(&lost);
	return text;
}

void neighbors_record(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	struct values seen = {0};
	for (size_t i = 0; i < p->n_checks; i++) {
		const struct check *c = &p->checks[i];
		const char *list = values_get(&t->query.seen, c->name);
		if (c->on != ON_NEIGHBORS || !c->before)
			continue;
		char *name = value_name(c);
		values_set(&seen, name, list ? list : "");
		free(name);
	}
	if (seen.n) {
		struct record *r = record_new(RECORD_FACTS, task_name(g, t), NULL);
		record_flag(r, "gate", true);
		emit(g, record_json(r, "values", values_to_json(&seen)));
	}
	values_release(&seen);
}
