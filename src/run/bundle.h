/* SPDX-License-Identifier: ISC */
/*
 * The support bundle: all that somebody needs who is to find out what went wrong, in one .tar.gz of
 * mode 0600: the report, the journal as JSON lines, every output, procedure, inventory, versions, the
 * end of the log. What looks like a secret is taken out of every text (model/redact.h); files that
 * were saved from devices are only listed.
 */
#ifndef RUN_BUNDLE_H
#define RUN_BUNDLE_H

#include "base/vec.h"
#include "model/jobview.h"
#include "store/store.h"

struct bundle_input { /* all borrowed */
	struct store *store;
	const struct jobview *view;
	const char *id;     /* of the job */
	const char *device; /* only about this one; NULL: all */
	const char *doctor; /* what `hitless doctor` says; NULL: left out */
	const char *path;   /* where to; replaced when it is there */
};

struct bundle_entry {
	char *name; /* in the archive */
	size_t bytes;
};
struct bundle_list {
	VEC(struct bundle_entry) entries;
	size_t removed; /* texts that were taken out */
};

/* 0 and *out (release it in any case), or -1 and e; then there is no new file. */
int bundle_write(const struct bundle_input *in, struct bundle_list *out, struct err *e);
void bundle_list_release(struct bundle_list *l);

#endif
