/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/topology.h"
#include "run/topology_parts.h"

#include "base/i18n.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void learning_note(struct learning *l, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(l->notes, fmt, ap);
	str_putc(l->notes, '\n');
	va_end(ap);
}

const char *learning_name(const struct learning *l, size_t device)
{
	return l->now->devices.v[device].name;
}

/* --- who is it -------------------------------------------------------------------------------- */

/* What it calls itself, without a domain; NULL: it does not say. New. */
static char *own_name(const struct portrait *p)
{
	const char *name = p->state == PORTRAIT_DONE ? values_get(&p->facts, "hostname") : NULL;
	return name && *name ? xstrndup(name, strcspn(name, ".")) : NULL;
}

bool topology_is_other(const struct inventory *inv, const struct portrait *p)
{
	const char *name = inv->devices.v[p->device].name;
	char *own = own_name(p);
	size_t n = own ? strlen(own) : 0;
	bool other = own && (strncasecmp(own, name, n) != 0 || (name[n] && name[n] != '.'));
	free(own);
	return other;
}

/* By its name, or by its name without a domain. */
static size_t device_called(const struct learning *l, const char *name)
{
	size_t d = inventory_index_find(l->names, name);
	if (d != NO_DEVICE)
		return d;
	char *first = xstrndup(name, strcspn(name, "."));
	d = inventory_index_find(l->names, first);
	free(first);
	return d;
}

/* Whoever is not the device that it is taken for says nothing about it. */
static void note_other(struct learning *l, const struct portrait *p)
{
	char *own = own_name(p);
	size_t meant = inventory_index_find(l->names, own);
	if (meant != NO_DEVICE && meant != p->device)
		learning_note(
		    l,
		    _("at the address of %s is %s: nothing is learnt from it; correct the "
		      "addresses "
		      "of the two ('hitless inventory set DEVICE address ...'), then once more"),
		    learning_name(l, p->device), own);
	else
		learning_note(
		    l,
		    _("%s calls itself %s: nothing is learnt from it; correct its address, or its "
		      "name here or there, then once more"),
		    learning_name(l, p->device), own);
	free(own);
}

static void look_around(struct learning *l, const struct portrait *p)
{
	for (size_t i = 0; i < p->links.n; i++) {
		const struct seen_link *s = &p->links.v[i];
		size_t other = device_called(l, s->neighbour);
		if (other == p->device)
			learning_note(l, _("%s sees itself at %s"), learning_name(l, other),
				      s->port);
		else if (other == NO_DEVICE && l->unknown)
			VEC_PUSH(l->unknown,
				 ((struct unknown_neighbour){learning_name(l, p->device), s->port,
							     s->neighbour, s->neighbour_port}));
		if (other != NO_DEVICE)
			VEC_PUSH(&l->seen, ((struct seen){.device = p->device,
							  .other = other,
							  .port = s->port,
							  .other_port = s->neighbour_port}));
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

/* Does what was seen speak of this link, from either end? */
static bool is_link(const struct seen *s, size_t a, const char *a_port, size_t b,
		    const char *b_port)
{
	return (s->device == a && s->other == b && same_port(s->port, a_port) &&
		same_port(s->other_port, b_port)) ||
	       (s->device == b && s->other == a && same_port(s->port, b_port) &&
		same_port(s->other_port, a_port));
}

static bool seen_by(const struct learning *l, size_t device, const struct link *link, bool bad)
{
	for (size_t i = l->first[device]; i < l->first[device + 1]; i++)
		if (l->seen.v[i].bad == bad &&
		    is_link(&l->seen.v[i], link->a, link->a_port, link->b, link->b_port))
			return true;
	return false;
}

static bool was_seen(const struct learning *l, const struct link *link, bool bad)
{
	return seen_by(l, link->a, link, bad) || seen_by(l, link->b, link, bad);
}

/* Does a look speak of one of its ports? */
static bool speaks_of(const struct learning *l, const struct link *link, bool bad)
{
	return claims_speak(l->claims, link->a, link->a_port, bad) ||
	       claims_speak(l->claims, link->b, link->b_port, bad);
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

static void note_kept(struct learning *l, const struct link *link)
{
	bool a = knows_links(l, link->a), b = knows_links(l, link->b);
	char *text = inventory_link_text(l->now, link);
	if (speaks_of(l, link, true))
		learning_note(l, _("the link %s stays: what is seen at its ports is contradicted"),
			      text);
	else if (a && b)
		learning_note(l, _("the link %s is seen by neither end"), text);
	else if (a || b)
		learning_note(l, _("the link %s stays: %s does not see it, %s could not be asked"),
			      text, learning_name(l, a ? link->a : link->b),
			      learning_name(l, a ? link->b : link->a));
	free(text);
}

/* Not seen: another one at its ports takes its place, unless somebody contradicts that. */
static bool is_gone(const struct learning *l, const struct link *link)
{
	if (speaks_of(l, link, true))
		return false;
	return speaks_of(l, link, false) ||
	       (l->remove && knows_links(l, link->a) && knows_links(l, link->b));
}

static void old_links(struct learning *l)
{
	for (size_t i = 0; i < l->now->links.n; i++) {
		const struct link *link = &l->now->links.v[i];
		if (was_seen(l, link, false)) {
			if (!is_vague(link) || !l->remove)
				keep_link(l, link);
		} else if (was_seen(l, link, true)) {
			keep_link(l, link);
		} else if (!is_gone(l, link)) {
			keep_link(l, link);
			note_kept(l, link);
		}
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

/* What stands against it: the link that the other end sees there, or a second one at its own port.
 */
static void note_rival(struct learning *l, const struct seen *s)
{
	const struct seen *t = &l->seen.v[s->rival];
	if (t->device == s->other && str_eq(t->port, s->other_port))
		learning_note(l, _("%s:%s sees %s:%s, which sees %s: neither is taken"),
			      learning_name(l, s->device), s->port, learning_name(l, s->other),
			      s->other_port, learning_name(l, t->other));
	else
		learning_note(
		    l,
		    _("%s:%s sees %s:%s, and %s:%s sees %s:%s: a port has one link, neither is "
		      "taken"),
		    learning_name(l, s->device), s->port, learning_name(l, s->other), s->other_port,
		    learning_name(l, t->device), t->port, learning_name(l, t->other),
		    t->other_port);
}

static void check_other_side(struct learning *l, const struct seen *s)
{
	if (s->rival != NO_RIVAL)
		note_rival(l, s);
	else if (!s->mutual && knows_links(l, s->other) && *s->other_port)
		learning_note(l, _("%s:%s sees %s:%s, which sees nobody"),
			      learning_name(l, s->device), s->port, learning_name(l, s->other),
			      s->other_port);
}

static void new_links(struct learning *l)
{
	for (size_t i = 0; i < l->seen.n; i++) {
		const struct seen *s = &l->seen.v[i];
		struct err none = {0};
		if (s->device == s->other)
			continue;
		check_other_side(l, s);
		if (s->bad || in_next(l, s))
			continue;
		if (inventory_check_port_name(s->port, &none) != 0 ||
		    (*s->other_port && inventory_check_port_name(s->other_port, &none) != 0)) {
			learning_note(l, _("%s sees %s at a port whose name cannot be kept"),
				      learning_name(l, s->device), learning_name(l, s->other));
			continue;
		}
		put_link(l, s->device, s->port, s->other, *s->other_port ? s->other_port : NULL);
	}
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
				 bool remove, struct str *notes, struct unknown_neighbours *unknown)
{
	struct learning l = {.now = inv,
			     .next = inventory_copy(inv),
			     .notes = notes,
			     .unknown = unknown,
			     .remove = remove};
	l.of = xcalloc(inv->devices.n + 1, sizeof(*l.of));
	l.first = xcalloc(inv->devices.n + 2, sizeof(*l.first));
	l.links = xcalloc(inv->devices.n + 1, sizeof(*l.links));
	l.names = inventory_index_new(inv);
	drop_links(l.next);
	for (size_t i = 0; i < portraits->n; i++)
		if (topology_is_other(inv, &portraits->v[i]))
			note_other(&l, &portraits->v[i]);
		else if (portraits->v[i].state == PORTRAIT_DONE)
			l.of[portraits->v[i].device] = &portraits->v[i];
	for (size_t i = 0; i < portraits->n; i++)
		if (l.of[portraits->v[i].device] == &portraits->v[i])
			look_around(&l, &portraits->v[i]);
	sort_seen(&l);
	l.claims = claims_weigh(&l.seen);
	old_links(&l);
	new_links(&l);
	learning_groups(&l);
	claims_free(l.claims);
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
