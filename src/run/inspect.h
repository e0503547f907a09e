/* SPDX-License-Identifier: ISC */
/* Contradictions in the inventory, and between the inventory and the network. */
#ifndef RUN_INSPECT_H
#define RUN_INSPECT_H

#include "run/portrait.h"

struct finding {
	bool error;       /* else a warning */
	char *device;     /* NULL: the inventory as a whole */
	const char *code; /* "serial-differs"; static, for JSON */
	char *text, *advice;
};
struct findings {
	struct finding *v;
	size_t n, cap;
	size_t errors, unreachable;
};

/* What the file alone shows. Credentials that are not there are left to the caller. */
void inspect_file(const struct inventory *inv, const struct procedures *list, struct findings *out);

/* What the devices say otherwise. */
void inspect_network(const struct inventory *inv, const struct portraits *portraits,
		     struct findings *out);

cJSON *findings_json(const struct findings *f); /* new array */
void findings_release(struct findings *f);

#endif
