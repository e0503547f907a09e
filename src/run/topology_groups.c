/* SPDX-License-Identifier: ISC */
/* Redundancy groups as their members tell of them. */
#include "config.h"

#include "run/topology_parts.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

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
	const char *a = learning_name(l, m[0].device), *b = learning_name(l, m[1].device);
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
		str_printf(&out, "%s%s", i ? ", " : "", learning_name(l, m[i].device));
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
			learning_note(
			    l,
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
			learning_note(l,
				      _("%s is in a %s group (%s) whose other member was not seen"),
				      names, m->kind, m->id);
	} else if (n > 2 && *m->seen->own) {
		learning_note(
		    l,
		    _("%s have the same %s identity %s: only two may; nothing is learnt from it"),
		    names, m->kind, m->id);
	} else if (n == 2 && !name_each_other(m)) {
		learning_note(
		    l,
		    _("%s have the same %s identity %s and do not name each other; nothing is "
		      "learnt from it"),
		    names, m->kind, m->id);
	} else if (old && !all_asked(l, old)) {
		learning_note(
		    l, _("the group %s stays as it is: not all of its members could be asked"),
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
			learning_note(l, _("no member of the group %s says that it is in one"),
				      g->name);
			continue;
		}
		free(g->name);
		free(g->kind);
		VEC_RELEASE(&g->members);
		VEC_REMOVE(&l->next->groups, i);
	}
}

void learning_groups(struct learning *l)
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
