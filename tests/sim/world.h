/* SPDX-License-Identifier: ISC */
/* One simulated upgrade: a lab, a store in memory, the real runner, a virtual clock, and the rules
 * that are checked while it runs. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "lab/lab.h"
#include "run/runner.h"
#include "tests/sim/labway.h"

#define SIM_DEVICES 64

struct sim;

struct sim_options {
	const char *fabric;
	int size;              /* of "clos" */
	uint64_t seed;
	const char *procedure; /* its JSON text */
	const char *from, *to;
	struct labway_faults faults;
	const char *const *lab_faults; /* NULL-ended specs, or NULL */
	const char *on_failure;        /* NULL: hold */
	const char *parameters[8];     /* "name=value", NULL-ended */
	const char *state_dir;         /* NULL: in memory */
	const char *platform;          /* of the lab; NULL: vx */
	const char *method;            /* NULL: the procedure's first */
	const char *name, *operator;   /* of the job; NULL: sim */
	int64_t wall;                  /* when it begins, ms; 0: any day */
	int64_t copy_ms;               /* how long a copy takes; 0: no time */
	size_t image_bytes;            /* 0: a few */
	bool no_credentials;           /* none is there for any device */
	bool no_image, no_old_image;   /* of the new version, of the one that runs */
	bool reboots_itself;           /* the devices, in an upgrade that they make by themselves */
	bool breaker;                  /* the keyring's: one refused login is the last one */
	size_t job_limit;
	/* The world is there, the job is not written yet: change what you like. */
	int (*prepare)(struct sim *s, struct job *j, struct err *e);
	void (*cleanup)(struct sim *s); /* of what prepare made; before the store is closed */
	/* Everything the lab says. */
	void (*saw)(struct sim *s, const char *device, const char *event, const char *detail);
	void (*waits)(struct sim *s); /* the runner has nothing to do at this moment */
	void *ctx; /* for these */
};

struct sim {
	struct sim_options o;
	struct clock_virtual clock;
	struct lab *lab;
	struct store *store;
	struct transport *way; /* of the running runner */
	char *job;
	struct runner *runner;
	struct inventory *inventory;
	char *boot_ids[SIM_DEVICES];
	char *host_keys[SIM_DEVICES]; /* at the beginning: what known_hosts says */
	int reboots[SIM_DEVICES];
	char *reboot_command[SIM_DEVICES]; /* last one sent */
	VEC(char *) reboot_commands;       /* every one that was followed by a reboot */
	char problem[512];                 /* first broken rule; empty: none */
	int crashes;
	void (*after_crash)(int crashes); /* to plan the next one; may be NULL */
};

/* Everything ready for runner_open. -1: problem says why. */
int sim_open(struct sim *s, const struct sim_options *o);
void sim_close(struct sim *s);

/* Add an image to the store. fits: "asic=VX cpu=x86_64". */
int sim_add_image(struct sim *s, const char *kind, const char *name, const char *version,
                  const char *fits, struct err *e);

/* Open the runner (again). */
int sim_start(struct sim *s);
void sim_stop(struct sim *s);

/* Run until the job waits or is over, opening it again after each simulated crash. */
enum runner_end sim_run(struct sim *s);
int sim_command(struct sim *s, const char *verb, const char *target, const char *text);

/* On standard error: where the job stands, for a person who looks for the cause. */
void sim_explain(struct sim *s);

/* Check what must be true at the end of a job. */
void sim_check_end(struct sim *s);
void sim_broken(struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Crash (fail the append after it was made durable, or before) at the n-th append from now; 0: never.
 * Needs the program to be linked with --wrap=store_append. */
void sim_crash_at(int n, bool before);
int sim_appends(void); /* since the last sim_crash_at */
/* Instead of failing: called after the append that was to crash (for a real kill). */
extern void (*sim_on_crash)(void);

#endif
