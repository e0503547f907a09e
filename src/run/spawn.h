/* SPDX-License-Identifier: ISC */
/*
 * The process that runs a job: this same program, in a session of its own, without a terminal, so
 * that neither a hang-up nor a frozen terminal nor a closed window can reach it. Secrets go to it
 * through a pipe, never by argument or environment.
 */
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include "base/secret.h"
#include "store/store.h"

struct spawn_secret {
	const char *credential;
	const struct secret *secret;
};

struct spawn_options {
	const char *state_dir;
	const char *job; /* id */
	const struct spawn_secret *secrets;
	size_t n_secrets;
	/* stay when the job waits for the operator (a person is there to answer), but not when the
	 * pre-checks refuse it: what is put right may be a credential that is in the memory here */
	bool linger;
	int64_t job_limit;
	char *const *extra; /* more arguments for the "run" verb; NULL-ended, or NULL */
};

/* Start it and wait until it owns the job (up to 30 s). 0 and *pid, or -1 and what it said. */
int spawn_runner(const struct spawn_options *o, int *pid, struct err *e);

/* Start this program with these words (NULL-ended, without its own name) in the same way, for other
 * work in the background; "--ready-fd N" is put behind them. What it prints goes to the file log.
 */
int spawn_background(char *const *words, const char *log, int *pid, struct err *e);

/* Start this program with these words and wait for its end; what it prints goes to the file log. Now and
 * then stop(ctx) is asked: non-zero ends it (SIGTERM). *status is its exit status, 128 and the signal
 * that ended it. */
int spawn_and_wait(char *const *words, const char *log, int (*stop)(void *ctx), void *ctx,
		   int *status, struct err *e);

/* The other side, in the new process: read the secrets and say how it went. */
int spawn_read_secrets(int fd, void (*take)(void *ctx, const char *credential, struct secret *s),
		       void *ctx, struct err *e);
void spawn_ready(int fd, const struct err *failed); /* NULL: all is well */

#endif
