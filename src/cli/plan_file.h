/* SPDX-License-Identifier: ISC */
/*
 * A plan as a file: what was asked for ("request": a job without its inventory), the fingerprint of
 * the inventory that it was made with, and the plan's own members. So the file alone says what is
 * to be done; options beside it may only say the same.
 */
#ifndef CLI_PLAN_FILE_H
#define CLI_PLAN_FILE_H

#include "cli/cli.h"
#include "model/plan.h"

struct plan_file {
	const char *path; /* borrowed; NULL: there is none */
	cJSON *tree;
	struct job *job;   /* its request; plan_file_resolve() */
	struct plan *plan; /* NULL when the inventory lacks some of its devices (job->missing) */
	bool named;        /* it names the job */
};

/* The file of --plan, if any: read, and checked as far as that goes without an inventory. */
int plan_file_read(struct cli *c, struct plan_file *f);

/* Its request and plan in terms of this inventory, which has to be the one it was made with. Names
 * that the inventory lacks become job->missing, for the pre-checks to say. */
int plan_file_resolve(struct cli *c, struct plan_file *f, const struct inventory *inv);

/* Every option that was given says what the file says: `asked` is what the options make (checked
 * and complete); else ERR_INPUT with both values. */
int plan_file_agree(struct cli *c, const struct plan_file *f, const struct job *asked);
void plan_file_release(struct plan_file *f);

#endif
