/* SPDX-License-Identifier: ISC */
/*
 * A rehearsal: the operator's own request on simulated devices that are made from his inventory, in
 * a state directory of its own, by the same process that would run the real job. Time is that of
 * base/pace.h: it jumps when everybody waits.
 */
#ifndef CLI_REHEARSE_H
#define CLI_REHEARSE_H

#include "base/pace.h"
#include "cli/request.h"
#include "cli/runner.h"
#include "lab/lab.h"
#include "run/rehearsal.h"

#define REHEARSAL "rehearsal" /* the request's kind */

struct rehearse {
	struct cli *c;  /* of the operator: only read from */
	struct cli own; /* of the rehearsal */
	char *dir, *lab, *state, *clock; /* everything lies in dir */
	int64_t real_bytes;              /* of the image that a small one is played for */
	bool keep;                       /* dir stays */
	struct request asked;            /* of the options, */
	struct jobview *view;            /* or of a job; one of them is empty */
	const struct job *job;           /* borrowed from either */
	const struct procedure *procedure;
	const struct plan *plan; /* NULL: the rehearsal makes it, as the job would */
	int64_t start;           /* wall ms at simulated time 0 */
	bool lab_runs;
	int owner; /* that it is ours; -1: it is not yet */
	struct job *played;       /* the same job for the simulated devices */
	struct plan *played_plan; /* NULL: as plan */
	cJSON *out, *timeline, *holds, *remarks, *refused;

	/* rehearse_play.c */
	char *id;
	int pid, signals;
	struct follow *follow;
	struct lines lines;
	int64_t order; /* has to be carried out before anything else is looked at; 0: none */
	char **faults; /* all other ones, as they were given; NULL-ended */
	char **kills;  /* phases at which the job's process is to be killed; NULL-ended */
	bool kill_now, retried;
	char *last_hold; /* why it held the last time; NULL: it has not */
	int starts;
};

/* rehearse_make.c: state directory, lab, inventory, images, the job. -1: c->e. */
int rehearse_make(struct rehearse *r);
void rehearse_remark(struct rehearse *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A remark, and the verdict is no clean one: why the real job would be refused as things are. */
void rehearse_refused(struct rehearse *r, const char *why);

/* rehearse_play.c: run it to its end (or to where it waits), then the way back. 0, an exit status
 * (interrupted), or -1: c->e. */
int rehearse_play(struct rehearse *r);
void rehearse_stop(struct rehearse *r); /* its process, if one runs */

/* rehearse_spec.c: a description of the devices for the lab, new; -1: c->e. */
int rehearse_fabric(struct rehearse *r, const char *path);
/* What is simulated of the job's devices; after rehearse_fabric(). */
struct lab_system rehearse_system(const struct rehearse *r);
/* Versions that the devices of the fabric run, NULL-ended, new; versions only once. */
char **rehearse_versions(struct rehearse *r);

#endif
