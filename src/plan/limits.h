/* SPDX-License-Identifier: ISC */
/* Who is under which limit of the procedure ("stages"."limits"). Private to plan/. */
#ifndef PLAN_LIMITS_H
#define PLAN_LIMITS_H

#include "plan/planner.h"

struct limits {
	const struct limit *v; /* the procedure's; bit i of a device is number i */
	size_t n;
	uint64_t *of; /* device -> bits */
	size_t *most; /* limit -> so many at once */
	size_t *here; /* limit -> devices of the job under it */
	size_t *all;  /* limit -> devices of the inventory under it */
};

void limits_make(struct limits *l, const struct plan_input *in);
void limits_release(struct limits *l);

static inline bool limits_have(const struct limits *l, size_t limit, size_t device)
{
	return l->of[device] >> limit & 1;
}

#endif
