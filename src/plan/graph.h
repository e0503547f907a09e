/* SPDX-License-Identifier: ISC */
/*
 * The inventory as a graph, in flat arrays: who is linked with whom, who is in which group, and
 * what falls apart when devices are away. Private to plan/.
 */
#ifndef PLAN_GRAPH_H
#define PLAN_GRAPH_H

#include "model/inventory.h"

#include <stdint.h>
#include <string.h>

struct devices { /* grows with VEC_PUSH, freed with VEC_RELEASE */
	size_t *v;
	size_t n, cap;
};

/* A connected part, and what makes one part more "the fabric" than another. */
struct part {
	bool jump;
	size_t anchors, size, first; /* first: lowest device number, for a stable choice */
};

struct graph {
	const struct inventory *inv;
	size_t n;
	size_t jump_host;
	uint32_t *from, *to;             /* neighbours of d: to[from[d]] .. to[from[d + 1] - 1] */
	uint32_t *group_from, *group_of; /* its redundancy groups, the same way */
	uint32_t *component;             /* with nothing away */
	struct part *components;
	size_t n_components;
	/* scratch of graph_isolated() */
	uint32_t *label, *queue, *best;
	struct part *parts;
};

struct graph *graph_new(const struct inventory *inv, size_t jump_host);
void graph_free(struct graph *g);

static inline size_t graph_degree(const struct graph *g, size_t d)
{
	return g->from[d + 1] - g->from[d];
}

/* Every device that is isolated with these away (planner.h says what that means), in order. */
void graph_isolated(struct graph *g, const bool *away, struct devices *out);

/* How many parts each device's component falls into without it, with `away` (NULL: nobody) gone
 * already. parts has room for n; away devices get 0. */
void graph_articulation(const struct graph *g, const bool *away, uint32_t *parts);

bool devices_have(const struct devices *list, size_t d);

#endif
