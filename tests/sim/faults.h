/* SPDX-License-Identifier: ISC */
/* The table of tests/sim/faults.c: what goes wrong, and what the operator then sees. In every text
 * '*' stands for anything; NULL: it is not looked at. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "tests/sim/world.h"

#include "model/jobview.h"

struct check_row { /* one line of the pre-check table, or a post-check */
	const char *device; /* "": the job's */
	const char *check; /* it and the device may be patterns: the first one that fits is read */
	const char *group, *status, *message, *advice, *output;
	bool after;
};

struct failure_row { /* of a device */
	const char *device, *step;
	const char *message, *cause, *advice;
	const char *output; /* raw, beside the step */
};

struct row {
	const char *name;
	bool early; /* logins are refused until a switch is provisioned, and tried again */
	struct sim_options o;  /* fabric NULL: small; from, to NULL: 4.1.1, 4.2.0 */
	const char *before[4]; /* faults that are there before the pre-checks */
	const char *ready[8];  /* faults that come when the plan is made */

	/* After the pre-checks. */
	struct check_row checks[10];
	enum job_state surveyed; /* 0: ready */

	/* Then, if it is ready: what comes, and what all checks say when they are asked again. */
	const char *again[2];
	struct check_row checks_again[3];

	/* After the start, if it is ready. */
	enum job_state job;     /* 0: not started */
	const char *reason;     /* of the job's state */
	const char *states;     /* of all devices */
	struct failure_row failure;
	const char *question, *choices;
	const char *note;       /* one of the warnings */
	struct check_row after[3];

	/* What the operator does then, one word a step: "retry", "resume", "answer=fail", "skip=leaf02". */
	const char *then[4];
	enum job_state then_job;
	const char *then_states;

	const char *history; /* where leaf02 failed, for the pre-checks of the next job; NULL: any */

	const char *look, *seen; /* a command that leaf02 is asked at the end, and its answer */

	const char *left; /* what is known to be left behind; NULL: nothing */
	const char *gone; /* names of the devices that no login is tried on at the end */
};

/* Each ends with a row without a name. */
extern const struct row fault_rows[], precheck_rows[], mlag_rows[], nvue_rows[],
    after_rows[];

#endif
