/* SPDX-License-Identifier: ISC */
#ifndef CLI_UPGRADE_H
#define CLI_UPGRADE_H

#include "cli/request.h"
#include "cli/runner.h"

/* Make the job of a request (or take its earlier attempt again) and run its pre-checks: *w follows
 * it. 0, or the exit status. */
int prepare_job(struct cli *c, struct request *r, struct watcher **w);

/* The whole of it: checks, plan, consent, run, summary. Gives the exit status. */
int upgrade_request(struct cli *c, struct request *r);

#endif
