/* SPDX-License-Identifier: ISC */
/*
 * The runner carries out what the engine decides: records become durable first (store), then requests
 * go out (transport), then time passes (clock). One thread; it owns one job for the life of its
 * process. Every front end, also the one that started it, meets the job through its journal.
 */
#ifndef RUN_RUNNER_H
#define RUN_RUNNER_H

#include "base/clock.h"
#include "model/jobview.h"
#include "store/store.h"
#include "transport/transport.h"

struct runner_options {
	struct store *store;
	struct clock *clock;
	const char *job;  /* id */
	/* Makes the way to the devices; called once, when the job is known. The runner frees it. */
	struct transport *(*connect)(void *ctx, const struct jobview *v, struct err *e);
	/* Login name of a device's credential, or NULL if there is no such credential. */
	const char *(*user)(void *ctx, const struct device *d);
	/* For tests: when something outside wants to be looked at again (-1: never); NULL: nothing. */
	int64_t (*due)(void *ctx);
	void *ctx;
	/* The id of the machine that this process is on; NULL: as /etc/machine-id says. A job
	 * belongs to the machine that ran it last, for what keeps two processes from one job does
	 * not reach further: another one is refused (ERR_LOCKED, both named) unless any_machine. */
	const char *machine;
	bool any_machine;
	bool on_machine;  /* all processes of the machine are to see which devices it holds */
	size_t job_limit; /* jobs that may run at the same time; 0: any */
	int stop_fd;      /* readable: leave at once, the journal says where (-1: none) */
	bool only_woken;  /* for commands, too; else there is a look each second, for a lost wake-up */
	bool linger;      /* stay when the job waits for the operator; not when it is refused */
};

enum runner_end {
	RUNNER_FINAL,   /* the job is over */
	RUNNER_WAITS,   /* for a person: held, paused, ready, refused, or cancelling with a question
	                   open; and nothing is under way */
	RUNNER_STOPPED, /* told to leave */
	RUNNER_BROKEN   /* the journal or the engine failed: e */
};

struct runner;

/* Own the job (ERR_LOCKED names the holder), fold its journal, make the engine. */
struct runner *runner_open(const struct runner_options *o, struct err *e);
void runner_close(struct runner *r);

/* Work until there is nothing left to do but wait for a person, or for good. */
enum runner_end runner_run(struct runner *r, struct err *e);

const struct jobview *runner_view(const struct runner *r);

#endif
