/* SPDX-License-Identifier: ISC */
/* Following a job from any process: its journal folded as it grows. Front ends see a job only so.
 */
#ifndef RUN_FOLLOW_H
#define RUN_FOLLOW_H

#include "model/jobview.h"
#include "store/store.h"

struct follow;

/* job: id. The store handle is borrowed and must stay in this thread. */
struct follow *follow_new(struct store *s, const char *job, struct err *e);
void follow_free(struct follow *f);

/* Take in what is new; see() (may be NULL) is called after each record was folded in. Returns how
 * many records came, -1 and e on error. Never waits. */
int follow_update(struct follow *f,
		  void (*see)(void *ctx, const struct jobview *v, const struct record *r),
		  void *ctx, struct err *e);

const struct jobview *follow_view(const struct follow *f);

/* Is a process running the job now? */
bool follow_running(struct follow *f);

#endif
