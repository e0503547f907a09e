/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/topology.h"

#include "base/i18n.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct seen { /* a link as one device sees it; ports "": not said */
	size_t device, other;
	const char *port, *other_port;
};

struct numbers {
	size_t *v;
	size_t n, cap;
};

struct learning {
	const struct inventory *now;
	struct inventory *next;
	const struct portrait **of; /* by device number; NULL: not asked, or no answer */
	struct inventory_index *names;
	VEC(struct seen) seen; /* by device */
	size_t *first;         /* of `seen`, by device number; one more at the end */
	struct numbers *links; /* of next, by device number */
	struct str *notes;
	struct unknown_neighbours *unknown; /* NULL: nobody asks for them */
	bool remove;
	VEC(bool) put; /* groups of `next` that somebody has told of */
};

static void note(struct learning *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void note(struct learning *l, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(l->notes, fmt, ap);
	str_putc(l->notes, '\n');
	va_end(ap);
}

static const char *name_of(const struct learning *l, size_t device)
{
	return l->now->devices.v[device].name;
}

/* --- who is it -------------------------------------------------------------------------------- */

static bool calls_itself(const struct portrait *p, const char *name)
{
	return p && str_eq(values_get(&p->facts, "hostname"), name);
}

/* By its name, by its name without a domain, or by what it calls itself. */
static size_t device_called(const struct learning *l, const char *name)
{
	size_t d = inventory_index_find(l->names, name);
	if (d != NO_DEVICE)
		return d;
	char *first = xstrndup(name, strcspn(name, "."));
	d = inventory_index_find(l->names, first);
	for (size_t i = 0; d == NO_DEVICE && i < l->now->devices.n; i++)
		if (calls_itself(l->of[i], name) || calls_itself(l->of[i], first))
			d = i;
	free(first);
	return d;
}

static void look_around(struct learning *l, const struct portrait *p)
{
	for (size_t i = 0; i < p->links.n; i++) {
		const struct seen_link *s = &p->links.v[i];
		size_t other = device_called(l, s->neighbour);
		if (other == p->device)
			note(l, _("%s sees itself at %s"), name_of(l, other), s->port);
		else if (other == NO_DEVICE && l->unknown)
			VEC_PUSH(l->unknown,
				 ((struct unknown_neighbour){name_of(l, p->device), s->port,
							     s->neighbour, s->neighbour_port}));
		else if (other != NO_DEVICE)
			VEC_PUSH(&l->seen,
				 ((struct seen){p->device, other, s->port, s->neighbour_port}));
	}
}

static int by_device(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	return x->device != y->device ? (x->device < y->device ? -1 : 1) : strcmp(x->port, y->port);
}

static void sort_seen(struct learning *l)
{
	size_t at = 0;
	if (l->seen.n)
		qsort(l->seen.v, l->seen.n, sizeof(*l->seen.v), by_device);
	for (size_t d = 0; d <= l->now->devices.n; d++) {
		while (at < l->seen.n && l->seen.v[at].device < d)
			at++;
		l->first[d] = at;
	}
}

/* --- links ------------------------------------------------------------------------------------ */

static bool knows_links(const struct learning *l, size_t device)
{
	return l->of[device] && l->of[device]->links_known;
}

static bool same_port(const char *a, const char *b)
{
	return !a || !b || !*a || !*b || strcmp(a, b) == 0;
}

/* Does what was seen speak of this link, from either end? */
static bool is_link(const struct seen *s, size_t a, const char *a_port, size_t b,
		    const char *b_port)
{
	return (s->device == a && s->other == b && same_port(s->port, a_port) &&
		same_port(s->other_port, b_port)) ||
	       (s->device == b && s->other == a && same_port(s->port, b_port) &&
		same_port(s->other_port, a_port));
}

static bool seen_by(const struct learning *l, size_t device, const struct link *link)
{
	for (size_t i = l->first[device]; i < l->first[device + 1]; i++)
		if (is_link(&l->seen.v[i], link->a, link->a_port, link->b, link->b_port))
			return true;
	return false;
}

static bool was_seen(const struct learning *l, const struct link *link)
{
	return seen_by(l, link->a, link) || seen_by(l, link->b, link);
}

static void put_link(struct learning *l, size_t a, const char *a_port, size_t b, const char *b_port)
{
	VEC_PUSH(&l->links[a], l->next->links.n);
	VEC_PUSH(&l->links[b], l->next->links.n);
	VEC_PUSH(&l->next->links, ((struct link){a, b, xstrdup(a_port), xstrdup(b_port)}));
}

static void keep_link(struct learning *l, const struct link *link)
{
	put_link(l, link->a, link->a_port, link->b, link->b_port);
}

/* Without ports it only says that the two are connected: what was seen says it better. */
static bool is_vague(const struct link *link)
{
	return !link->a_port || !link->b_port;
}

static void old_links(struct learning *l)
{
	for (size_t i = 0; i < l->now->links.n; i++) {
		const struct link *link = &l->now->links.v[i];
		bool a = knows_links(l, link->a), b = knows_links(l, link->b);
		char *text = inventory_link_text(l->now, link);
		if (was_seen(l, link)) {
			if (!is_vague(link) || !l->remove)
				keep_link(l, link);
		} else if (a && b && l->remove) {
			/* goes: the comparison shows it */
		} else {
			keep_link(l, link);
			if (a && b)
				note(l, _("the link %s is seen by neither end"), text);
			else if (a || b)
				note(l,
				     _("the link %s stays: %s does not see it, %s could not be "
				       "asked"),
				     text, name_of(l, a ? link->a : link->b),
				     name_of(l, a ? link->b : link->a));
		}
		free(text);
	}
}

static bool in_next(const struct learning *l, const struct seen *s)
{
	const struct numbers *list = &l->links[s->device];
	for (size_t i = 0; i < list->n; i++) {
		const struct link *link = &l->next->links.v[list->v[i]];
		if (is_link(s, link->a, link->a_port, link->b, link->b_port))
			return true;
	}
	return false;
}

/* The other end was asked, and sees nobody at that port or somebody else. */
static void check_other_side(struct learning *l, const struct seen *s)
{
	const struct seen *back = NULL;
	if (!knows_links(l, s->other) || !*s->other_port)
		return;
	for (size_t i = l->first[s->other]; i < l->first[s->other + 1]; i++)
		if (str_eq(l->seen.v[i].port, s->other_port))
			back = &l->seen.v[i];
	if (!back)
		note(l, _("%s:%s sees %s:%s, which sees nobody"), name_of(l, s->device), s->port,
		     name_of(l, s->other), s->other_port);
	else if (back->other != s->device)
		note(l, _("%s:%s sees %s:%s, which sees %s"), name_of(l, s->device), s->port,
		     name_of(l, s->other), s->other_port, name_of(l, back->other));
}

static void new_links(struct learning *l)
{
	for (size_t i = 0; i < l->seen.n; i++) {
		const struct seen *s = &l->seen.v[i];
		struct err none = {0};
		check_other_side(l, s);
		if (in_next(l, s))
			continue;
		if (inventory_check_port_name(s->port, &none) != 0 ||
		    (*s->other_port && inventory_check_port_name(s->other_port, &none) != 0)) {
			note(l, _("%s sees %s at a port whose name cannot be kept"),
			     name_of(l, s->device), name_of(l, s->other));
			continue;
		}
		put_link(l, s->device, s->port, s->other, *s->other_port ? s->other_port : NULL);
	}
}

/* --- groups ----------------------------------------------------------------------------------- */

struct member {
	const char *kind, *id;
	const struct seen_group *seen;
	size_t device;
};
struct members {
	struct member *v;
	size_t n, cap;
};

static int by_id(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int d = strcmp(x->kind, y->kind);
	if (d == 0)
		d = strcmp(x->id, y->id);
	return d ? d : (x->device > y->device) - (x->device < y->device);
}

static bool has_member(const struct group *g, size_t device)
{
	for (size_t i = 0; i < g->members.n; i++)
		if (g->members.v[i] == device)
			return true;
	return false;
}

/* The group of this kind that has one of them; NULL: none. */
static struct group *group_with(struct inventory *inv, const char *kind, const struct member *m,
				size_t n)
{
	for (size_t i = 0; i < inv->groups.n; i++)
		for (size_t k = 0; k < n; k++)
			if (str_eq(inv->groups.v[i].kind, kind) &&
			    has_member(&inv->groups.v[i], m[k].device))
				return &inv->groups.v[i];
	return NULL;
}

/* "leaf01-02" of leaf01 and leaf02; else "border-a+fw"... with the first two in full. */
static char *group_name(const struct learning *l, const struct member *m)
{
	const char *a = name_of(l, m[0].device), *b = name_of(l, m[1].device);
	size_t same = 0;
	if (strcmp(a, b) > 0) {
		const char *first = b;
		b = a;
		a = first;
	}
	while (a[same] && a[same] == b[same])
		same++;
	while (same && strchr("0123456789", a[same - 1]))
		same--; /* all of the number */
	char *name = same && b[same] ? xasprintf("%s-%s", a, b + same) : xasprintf("%s-%s", a, b);
	if (strlen(name) > 63)
		name[63] = '\0';
	return name;
}

static bool name_taken(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->groups.n; i++)
		if (strcmp(inv->groups.v[i].name, name) == 0)
			return true;
	return false;
}

static char *member_names(const struct learning *l, const struct member *m, size_t n)
{
	struct str out = {0};
	for (size_t i = 0; i < n; i++)
		str_printf(&out, "%s%s", i ? ", " : "", name_of(l, m[i].device));
	return str_take(&out);
}

/* Do two that share an identity also name each other? Not said counts as yes. */
static bool name_each_other(const struct member *m)
{
	const struct seen_group *a = m[0].seen, *b = m[1].seen;
	return (!*a->peer || !*b->own || strcmp(a->peer, b->own) == 0) &&
	       (!*b->peer || !*a->own || strcmp(b->peer, a->own) == 0);
}

static bool share_member(const struct group *a, const struct group *b)
{
	for (size_t i = 0; i < a->members.n; i++)
		if (has_member(b, a->members.v[i]))
			return true;
	return false;
}

/* A device that has identities in common with two groups makes them one. */
static void join_groups(struct learning *l, size_t at)
{
	for (size_t i = l->next->groups.n; i-- > at + 1;) {
		struct group *g = &l->next->groups.v[at], *other = &l->next->groups.v[i];
		if (!l->put.v[i] || !str_eq(g->kind, other->kind) || !share_member(g, other))
			continue;
		for (size_t k = 0; k < other->members.n; k++)
			if (!has_member(g, other->members.v[k]))
				VEC_PUSH(&g->members, other->members.v[k]);
		free(other->name);
		free(other->kind);
		VEC_RELEASE(&other->members);
		VEC_REMOVE(&l->next->groups, i);
		VEC_REMOVE(&l->put, i);
	}
}

static void put_group(struct learning *l, const struct member *m, size_t n)
{
	struct group *g = group_with(l->next, m->kind, m, n);
	if (!g) {
		char *name = group_name(l, m);
		if (name_taken(l->next, name)) {
			note(l,
			     _("there is a group %s of another kind: a new %s group of it is not "
			       "made"),
			     name, m->kind);
			free(name);
			return;
		}
		g = VEC_ADD(&l->next->groups);
		g->name = name;
		g->kind = xstrdup(m->kind);
	}
	size_t at = (size_t)(g - l->next->groups.v);
	while (l->put.n < l->next->groups.n)
		VEC_PUSH(&l->put, false);
	if (!l->put.v[at]) /* else by another of its identities: whoever shares any is kept apart */
		g->members.n = 0;
	l->put.v[at] = true;
	for (size_t i = 0; i < n; i++)
		if (!has_member(g, m[i].device))
			VEC_PUSH(&g->members, m[i].device);
	join_groups(l, at);
}

/* Members of the file's group that were not asked may belong to it in spite of all. */
static bool all_asked(const struct learning *l, const struct group *g)
{
	for (size_t i = 0; i < g->members.n; i++)
		if (!l->of[g->members.v[i]] || !l->of[g->members.v[i]]->groups_known)
			return false;
	return true;
}

static void learn_group(struct learning *l, const struct member *m, size_t n)
{
	char *names = member_names(l, m, n);
	struct group *old = group_with(l->next, m->kind, m, n);
	if (n == 1) {
		if (!old || all_asked(l, old))
			note(l, _("%s is in a %s group (%s) whose other member was not seen"),
			     names, m->kind, m->id);
	} else if (n > 2 && *m->seen->own) {
		note(l,
		     _("%s have the same %s identity %s: only two may; nothing is learnt from it"),
		     names, m->kind, m->id);
	} else if (n == 2 && !name_each_other(m)) {
		note(l,
		     _("%s have the same %s identity %s and do not name each other; nothing is "
		       "learnt from it"),
		     names, m->kind, m->id);
	} else if (old && !all_asked(l, old)) {
		note(l, _("the group %s stays as it is: not all of its members could be asked"),
		     old->name);
	} else {
		put_group(l, m, n);
	}
	free(names);
}

/* A group of a kind that its members would tell of, and none does. */
static void old_groups(struct learning *l, const struct members *all)
{
	for (size_t i = l->next->groups.n; i-- > 0;) {
		struct group *g = &l->next->groups.v[i];
		bool told = false, kind = false;
		for (size_t k = 0; k < all->n; k++) {
			kind |= str_eq(all->v[k].kind, g->kind);
			told |= str_eq(all->v[k].kind, g->kind) && has_member(g, all->v[k].device);
		}
		if (told || !kind || !all_asked(l, g))
			continue;
		if (!l->remove) {
			note(l, _("no member of the group %s says that it is in one"), g->name);
			continue;
		}
		free(g->name);
		free(g->kind);
		VEC_RELEASE(&g->members);
		VEC_REMOVE(&l->next->groups, i);
	}
}

static void learn_groups(struct learning *l)
{
	struct members all = {0};
	for (size_t d = 0; d < l->now->devices.n; d++)
		for (size_t k = 0; l->of[d] && k < l->of[d]->groups.n; k++) {
			const struct seen_group *g = &l->of[d]->groups.v[k];
			VEC_PUSH(&all, ((struct member){g->kind, g->id, g, d}));
		}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_id);
	for (size_t from = 0, to; from < all.n; from = to) {
		to = from + 1;
		while (to < all.n && strcmp(all.v[from].kind, all.v[to].kind) == 0 &&
		       strcmp(all.v[from].id, all.v[to].id) == 0)
			to++;
		learn_group(l, &all.v[from], to - from);
	}
	old_groups(l, &all);
	VEC_RELEASE(&all);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void drop_links(struct inventory *inv)
{
	for (size_t i = 0; i < inv->links.n; i++) {
		free(inv->links.v[i].a_port);
		free(inv->links.v[i].b_port);
	}
	inv->links.n = 0;
}

struct inventory *topology_learn(const struct inventory *inv, const struct portraits *portraits,
				 bool remove, struct str *notes,
				 struct unknown_neighbours *unknown)
{
	struct learning l = {
	    .now = inv, .next = inventory_copy(inv), .notes = notes, .unknown = unknown,
	    .remove = remove};
	l.of = xcalloc(inv->devices.n + 1, sizeof(*l.of));
	l.first = xcalloc(inv->devices.n + 2, sizeof(*l.first));
	l.links = xcalloc(inv->devices.n + 1, sizeof(*l.links));
	l.names = inventory_index_new(inv);
	drop_links(l.next);
	for (size_t i = 0; i < portraits->n; i++)
		if (portraits->v[i].state == PORTRAIT_DONE)
			l.of[portraits->v[i].device] = &portraits->v[i];
	for (size_t i = 0; i < portraits->n; i++)
		if (portraits->v[i].state == PORTRAIT_DONE)
			look_around(&l, &portraits->v[i]);
	sort_seen(&l);
	old_links(&l);
	new_links(&l);
	learn_groups(&l);
	VEC_RELEASE(&l.seen);
	VEC_RELEASE(&l.put);
	for (size_t i = 0; i < inv->devices.n; i++)
		VEC_RELEASE(&l.links[i]);
	free(l.links);
	free(l.first);
	inventory_index_free(l.names);
	free(l.of);
	return l.next;
}
