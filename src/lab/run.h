/* SPDX-License-Identifier: ISC */
/* The inside of a process, shared by proc.c (the device's side) and run.c (the client's side). */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "lab/device.h"

/* The front door calls it a run. */
struct lab_run {
	struct lab *lab;
	struct device *dev;
	struct fiber *fiber;
	struct sh shell;
	struct input input;
	struct blob *out, *err;
	int64_t taken[2]; /* of out and err, by the client */
	char *command;
	struct ast *tree; /* of a background process; one of kept */
	VEC(struct ast *) kept;
	int id, status, steps, killed; /* killed: the signal */
	int64_t started, ended_at;
	int64_t wake;  /* lab time; -1 none */
	int64_t limit; /* of timeout(1): lab time; -1 none */
	bool timed_out;
	bool waits_input, ended, dropped, orphan, running, expired;
	int64_t expects;
	int64_t got;
	unsigned connection_gen;
	struct unit *unit;
	void *ctx;
};

struct proc {
	struct lab_run run;
};

#endif
