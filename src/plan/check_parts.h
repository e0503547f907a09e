/* SPDX-License-Identifier: ISC */
/* What the parts of plan_check() share: check.c, and check_components.c. */
#ifndef PLAN_CHECK_PARTS_H
#define PLAN_CHECK_PARTS_H

#include "plan/limits.h"
#include "plan/making.h"

struct seat {         /* where a device is in the plan */
	size_t batch; /* counted over all stages, from 1; 0: nowhere */
	size_t entry; /* place in job->devices, or NO_DEVICE */
	bool first;   /* goes before its peers */
	bool left;    /* nothing is done on it */
};

struct checking {
	const struct plan_input *in;
	const struct plan *plan;
	const struct inventory *inv;
	struct graph *g;
	struct limits limits;
	struct seat *seats;
	bool *away;
	struct devices **alone; /* whom a device isolates; NULL: not asked yet */
	struct err *e;
};

/* Of an inventory's device; borrowed. */
static inline const char *check_name(const struct checking *c, size_t d)
{
	return c->inv->devices.v[d].name;
}

#define REFUSE(c, ...) err_set((c)->e, ERR_REFUSED, __VA_ARGS__)

/* Each gives 0, or -1 and what is wrong in c->e. Batches are counted from 1. */
void check_take_entries(struct checking *c);
int check_seat_batch(struct checking *c, const struct plan_batch *b, size_t number);
int check_targets(struct checking *c);
int check_groups(struct checking *c);
int check_sizes(struct checking *c, const struct plan_batch *b, size_t number);
int check_window(struct checking *c, const struct plan_batch *b, size_t number);
int check_paths(struct checking *c, const struct plan_batch *b, size_t number);

/* The whole plan, of a procedure that goes component by component. */
int check_components(struct checking *c);

#endif
