/* SPDX-License-Identifier: ISC */
/* What the files of run/topology share. */
#ifndef RUN_TOPOLOGY_PARTS_H
#define RUN_TOPOLOGY_PARTS_H

#include "run/topology.h"

#include "base/vec.h"

struct seen { /* a link as one device sees it; ports "": not said */
	size_t device, other;
	const char *port, *other_port;
	bool mutual; /* the other end sees it, too */
	bool bad; /* it sees itself, or another look that is as good speaks of one of its ports */
	size_t rival; /* of the list: that look, when it is bad */
};
struct looks {
	struct seen *v; /* by device, then port */
	size_t n, cap;
};

#define NO_RIVAL ((size_t)-1)

/* Fills mutual, bad and rival. */
struct claims *claims_weigh(struct looks *list);
void claims_free(struct claims *c);

/* What is seen at this port of this device, or of it from elsewhere: true when a look that is good
 * (bad: when one that is bad) speaks of it. */
bool claims_speak(const struct claims *c, size_t device, const char *port, bool bad);

/* Not said counts as the same. */
bool same_port(const char *a, const char *b);

struct numbers {
	size_t *v;
	size_t n, cap;
};

struct learning {
	const struct inventory *now;
	struct inventory *next;
	const struct portrait **of; /* by device number; NULL: not asked, or no answer */
	struct inventory_index *names;
	struct looks seen;     /* by device */
	struct claims *claims; /* which of them can be believed */
	size_t *first;         /* of `seen`, by device number; one more at the end */
	struct numbers *links; /* of next, by device number */
	struct str *notes;
	struct unknown_neighbours *unknown; /* NULL: nobody asks for them */
	bool remove;
	VEC(bool) put; /* groups of `next` that somebody has told of */
};

void learning_note(struct learning *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *learning_name(const struct learning *l, size_t device);

/* The redundancy groups, in l->next. */
void learning_groups(struct learning *l);

#endif
