/* SPDX-License-Identifier: ISC */
/* Snapshots taken by hand. Those of jobs are in their journals. */
#ifndef STORE_SNAPSHOTS_H
#define STORE_SNAPSHOTS_H

#include "store/store.h"

struct snapshot_row {
	char *name;
	char *who;
	int64_t created;  /* wall ms */
	int64_t devices;  /* that answered */
	int64_t elements; /* read, of all devices */
	int64_t missing;  /* elements that could not be read, and devices that did not answer */
};
struct snapshot_list {
	struct snapshot_row *v;
	size_t n, cap;
};

/* Keep one; `body` is all of it as JSON text. ERR_INPUT when the name is taken. created is filled. */
int store_snapshot_add(struct store *s, struct snapshot_row *row, const char *body, struct err *e);
int store_snapshots(struct store *s, struct snapshot_list *out, struct err *e); /* oldest first */
/* The body: new. NULL without e: there is none of this name; NULL and e on an error. */
char *store_snapshot(struct store *s, const char *name, struct err *e);
/* ERR_INPUT when there is none of this name. */
int store_snapshot_delete(struct store *s, const char *name, struct err *e);
void snapshot_list_release(struct snapshot_list *list);

#endif
