/* SPDX-License-Identifier: ISC */
/* A port has one cable: of the looks that speak of it, those that both ends share are believed,
 * then the only one; where two are as good as each other, neither is. */
#include "config.h"

#include "run/topology_parts.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct claim { /* a look speaks of this port */
	size_t device;
	const char *port;
	size_t look;
};
struct claims {
	struct looks *looks;
	VEC(struct claim) all; /* sorted */
};

bool same_port(const char *a, const char *b)
{
	return !a || !b || !*a || !*b || strcmp(a, b) == 0;
}

static int by_port(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	int d = strcmp(x->port, y->port);
	return d ? d : (x->look > y->look) - (x->look < y->look);
}

/* The first claim of this port; the number behind the last when there is none. */
static size_t first_of(const struct claims *c, size_t device, const char *port)
{
	const struct claim wanted = {device, port, 0};
	size_t from = 0, to = c->all.n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (by_port(&c->all.v[middle], &wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_at(const struct claims *c, size_t i, size_t device, const char *port)
{
	return i < c->all.n && c->all.v[i].device == device && strcmp(c->all.v[i].port, port) == 0;
}

static bool is_back(const struct seen *a, const struct seen *b)
{
	return a->device == b->other && a->other == b->device &&
	       same_port(a->port, b->other_port) && same_port(a->other_port, b->port);
}

static bool is_same(const struct seen *a, const struct seen *b)
{
	return is_back(a, b) ||
	       (a->device == b->device && a->other == b->other && same_port(a->port, b->port) &&
		same_port(a->other_port, b->other_port));
}

static bool has_back(const struct looks *list, const struct seen *s)
{
	size_t from = 0, to = list->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (list->v[middle].device < s->other)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < list->n && list->v[from].device == s->other; from++)
		if (is_back(s, &list->v[from]))
			return true;
	return false;
}

/* The one that stands against this look at this port, and is as good. */
static size_t rival_at(const struct claims *c, const struct seen *s, size_t device,
		       const char *port)
{
	for (size_t i = first_of(c, device, port); *port && is_at(c, i, device, port); i++) {
		const struct seen *t = &c->looks->v[c->all.v[i].look];
		if (t != s && !is_same(s, t) && (t->mutual || !s->mutual))
			return c->all.v[i].look;
	}
	return NO_RIVAL;
}

struct claims *claims_weigh(struct looks *list)
{
	struct claims *c = xcalloc(1, sizeof(*c));
	c->looks = list;
	for (size_t i = 0; i < list->n; i++) {
		struct seen *s = &list->v[i];
		s->mutual = s->device != s->other && has_back(list, s);
		VEC_PUSH(&c->all, ((struct claim){s->device, s->port, i}));
		if (*s->other_port && s->device != s->other)
			VEC_PUSH(&c->all, ((struct claim){s->other, s->other_port, i}));
	}
	if (c->all.n)
		qsort(c->all.v, c->all.n, sizeof(*c->all.v), by_port);
	for (size_t i = 0; i < list->n; i++) {
		struct seen *s = &list->v[i];
		s->rival = rival_at(c, s, s->device, s->port);
		if (s->rival == NO_RIVAL)
			s->rival = rival_at(c, s, s->other, s->other_port);
		s->bad = s->device == s->other || s->rival != NO_RIVAL;
	}
	return c;
}

bool claims_speak(const struct claims *c, size_t device, const char *port, bool bad)
{
	for (size_t i = port ? first_of(c, device, port) : c->all.n; is_at(c, i, device, port); i++)
		if (c->looks->v[c->all.v[i].look].bad == bad)
			return true;
	return false;
}

void claims_free(struct claims *c)
{
	VEC_RELEASE(&c->all);
	free(c);
}
