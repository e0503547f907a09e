/* SPDX-License-Identifier: ISC */
/* A job that goes on with an earlier one: activates what that staged, verifies or takes back what
 * it upgraded. */
#ifndef RUN_BEFORE_H
#define RUN_BEFORE_H

#include "model/jobview.h"
#include "store/store.h"

/* The earlier job by name or id, as far as it has come; new, or NULL and e. */
struct jobview *before_open(struct store *s, const char *word, char **id, struct err *e);

/* Its devices that are done, when none are chosen; its version, procedure, method, image and
 * parameters, where nothing else was said. By name: j->inventory may be a newer one. */
int before_preset(struct job *j, const struct jobview *b, struct err *e);

/* Fill j->before in for the chosen devices (and the version, for a kind that goes backwards).
 * ERR_INPUT names what does not go together: another kind of job, a device it did not do. */
int before_take(struct job *j, const struct procedure *p, const struct jobview *b, const char *id,
		struct err *e);

/* For create_job(): the kept files of the earlier job become files of this one, too, and its
 * snapshots records of this one's journal (new; release each). */
int before_keep_files(struct store *s, const char *id, const struct job *j, struct err *e);
struct record_list {
	struct record **v;
	size_t n, cap;
};
int before_snapshots(struct store *s, const struct job *j, const struct procedure *p,
		     struct record_list *out, struct err *e);

#endif
