/* SPDX-License-Identifier: ISC */
/* What the latest pre-checks found out about each device of the inventory, from all journals. */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include "cli/cli.h"

struct known_facts {
	VEC(struct jobview *) views; /* newest first */
};

int known_facts_load(struct cli *c, struct known_facts *k);
void known_facts_release(struct known_facts *k);

/* Facts of a device, *v the job that found them (both borrowed); NULL: it was never asked. */
const struct values *known_facts_of(const struct known_facts *k, const char *device,
				    const struct jobview **v);

#endif
