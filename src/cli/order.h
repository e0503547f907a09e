/* SPDX-License-Identifier: ISC */
#ifndef CLI_ORDER_H
#define CLI_ORDER_H

#include "cli/runner.h"

struct order_words {
	const char *verb, *target, *text, *check;
};

/* Is it possible now? Then queue it: its number, or -1. */
int64_t order_queue(struct cli *c, const char *id, const struct jobview *v,
		    const struct order_words *w);

#endif
