/* SPDX-License-Identifier: ISC */
/*
 * May these devices be away together? The fast answer looks at the neighbourhood only: if all that
 * touches the devices is still connected among itself, nobody else can have lost anything. Only
 * where that is not so is the whole graph walked. Private to plan/.
 */
#ifndef PLAN_CUT_H
#define PLAN_CUT_H

#include "plan/graph.h"

struct cut {
	struct graph *g;
	struct devices *alone; /* for each device: whom it isolates all by itself */
	/* scratch; a device is marked when its number here is the stamp of this question */
	uint32_t stamp;
	uint32_t *gone, *known, *leader, *queue;
	uint32_t *counted, *gone_in; /* a component: marked, and how many of it are gone */
	bool *away;                  /* all false between questions */
};

/* `which` devices (NULL: all) may be asked about later; borrows g. */
struct cut *cut_new(struct graph *g, const bool *which);
void cut_free(struct cut *c);

/* True if the n devices together isolate nobody that one of them would not isolate alone, and no
 * one of them loses its own path through the others. */
bool cut_together(struct cut *c, const size_t *set, size_t n);

/* Whom the set isolates, appended to out. */
void cut_isolated(struct cut *c, const size_t *set, size_t n, struct devices *out);

/* The first device that a set isolates beyond what its members isolate alone (or a member that is
 * cut off by the others); NO_DEVICE when there is none. */
size_t cut_victim(struct cut *c, const size_t *set, size_t n);

#endif
