/* SPDX-License-Identifier: ISC */
/* Links of a merged inventory: the same one twice, and two at one port. */
#include "config.h"

#include "model/import_parts.h"
#include "model/inventory_parts.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same cable is often written from both ends. */
void import_drop_doubles(struct inventory *inv)
{
	size_t n = inv->links.n, kept = 0;
	char **texts = xcalloc(n + 1, sizeof(*texts)), **sorted = xcalloc(n + 1, sizeof(*sorted));
	bool *used = xcalloc(n + 1, sizeof(*used));
	for (size_t i = 0; i < n; i++)
		sorted[i] = texts[i] = inventory_link_text(inv, &inv->links.v[i]);
	if (n)
		qsort(sorted, n, sizeof(*sorted), by_text);
	for (size_t i = 0; i < n; i++) {
		char **at = bsearch(&texts[i], sorted, n, sizeof(*sorted), by_text);
		while (at > sorted && strcmp(at[-1], *at) == 0)
			at--;
		struct link *l = &inv->links.v[i];
		if (used[at - sorted]) {
			free(l->a_port);
			free(l->b_port);
			continue;
		}
		used[at - sorted] = true;
		inv->links.v[kept++] = *l;
	}
	inv->links.n = kept;
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
	free(sorted);
	free(used);
}

struct plug { /* a link is at this port */
	size_t device, link;
	const char *port;
};

static int by_plug(const void *a, const void *b)
{
	const struct plug *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	int d = strcmp(x->port, y->port);
	return d ? d : (x->link > y->link) - (x->link < y->link);
}

static void note_plugs(const struct inventory *inv, const struct plug *a, const struct plug *b,
		       struct str *notes)
{
	char *one = inventory_link_text(inv, &inv->links.v[a->link]);
	char *two = inventory_link_text(inv, &inv->links.v[b->link]);
	str_printf(notes, "%s:%s has two links, %s and %s: a port has one cable, look which is right\n",
		   inv->devices.v[a->device].name, a->port, one, two);
	free(one);
	free(two);
}

void import_crowded(const struct inventory *inv, struct str *notes)
{
	struct plug *v = xcalloc(2 * inv->links.n + 1, sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		if (l->a_port)
			v[n++] = (struct plug){l->a, i, l->a_port};
		if (l->b_port)
			v[n++] = (struct plug){l->b, i, l->b_port};
	}
	if (n)
		qsort(v, n, sizeof(*v), by_plug);
	for (size_t i = 1; i < n; i++)
		if (v[i - 1].device == v[i].device && strcmp(v[i - 1].port, v[i].port) == 0)
			note_plugs(inv, &v[i - 1], &v[i], notes);
	free(v);
}
