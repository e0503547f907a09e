/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/inventory.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	const char *name; /* the device's */
	size_t device;
};

struct inventory_index {
	struct entry *v; /* sorted; of two with the same name the first comes first */
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int d = strcmp(x->name, y->name);
	return d ? d : (x->device > y->device) - (x->device < y->device);
}

struct inventory_index *inventory_index_new(const struct inventory *inv)
{
	struct inventory_index *x = xcalloc(1, sizeof(*x));
	x->n = inv->devices.n;
	x->v = xcalloc(x->n + 1, sizeof(*x->v));
	for (size_t i = 0; i < x->n; i++)
		x->v[i] = (struct entry){inv->devices.v[i].name, i};
	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), by_name);
	return x;
}

size_t inventory_index_find(const struct inventory_index *x, const char *name)
{
	size_t low = 0, high = x->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(x->v[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < x->n && strcmp(x->v[low].name, name) == 0 ? x->v[low].device : NO_DEVICE;
}

void inventory_index_free(struct inventory_index *x)
{
	if (!x)
		return;
	free(x->v);
	free(x);
}
