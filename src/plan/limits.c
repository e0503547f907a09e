/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "plan/limits.h"

#include <stdlib.h>

static size_t most_of(const struct limit *m, size_t here)
{
	if (m->most > 0)
		return (size_t)m->most;
	return here < 2 ? 1 : (here + 1) / 2;
}

void limits_make(struct limits *l, const struct plan_input *in)
{
	const struct inventory *inv = in->job->inventory;

	*l = (struct limits){.v = in->procedure->limits, .n = in->procedure->n_limits};
	l->of = xcalloc(inv->devices.n + 1, sizeof(*l->of));
	l->most = xcalloc(l->n + 1, sizeof(*l->most));
	l->here = xcalloc(l->n + 1, sizeof(*l->here));
	l->all = xcalloc(l->n + 1, sizeof(*l->all));
	for (size_t i = 0; i < l->n; i++) {
		for (size_t d = 0; d < inv->devices.n; d++)
			if (procedure_limits(&l->v[i], &inv->devices.v[d])) {
				l->of[d] |= UINT64_C(1) << i;
				l->all[i]++;
			}
		for (size_t k = 0; k < in->job->devices.n; k++)
			l->here[i] += limits_have(l, i, in->job->devices.v[k]);
		l->most[i] = most_of(&l->v[i], l->here[i]);
	}
}

void limits_release(struct limits *l)
{
	free(l->of);
	free(l->most);
	free(l->here);
	free(l->all);
	*l = (struct limits){0};
}
