/* SPDX-License-Identifier: ISC */
/* A job: what the operator asked for. It carries its own copy of the inventory, so that a later
 * change of the file changes nothing about a job that was started. */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include "model/inventory.h"
#include "model/values.h"
#include "model/window.h"

#include <stdint.h>

struct jnode;

enum on_failure {
	ON_FAILURE_HOLD, /* the batch finishes, then the job waits for the operator (default) */
	ON_FAILURE_STOP, /* the batch finishes, the rest is skipped, the job has failed */
	ON_FAILURE_GO_ON /* the next batch starts; groups with a failed member stay untouched */
};
extern const char *const on_failure_names[4]; /* "hold", "stop", "continue", NULL */

/* What an earlier job left of a device, for one that goes on with it. */
struct before_device {
	size_t device;
	struct values facts;    /* as they have to be now, where they are compared */
	struct values captures; /* what its steps saved; its kept files (file.NAME) with them */
};

struct job_before { /* model/job_before.c */
	char *id, *name;
	char *kind; /* of that job; NULL: a whole one */
	VEC(struct before_device) devices;
};

/* Devices that go to another version, or image, than the rest. */
struct job_target {
	char *version;
	char *image;         /* id; NULL: matched */
	VEC(size_t) devices; /* ascending */
};

struct job {
	char *name;       /* unique; any printable text up to 64 characters */
	char *procedure;  /* id */
	char *method;
	char *kind;                /* of the method; NULL: the whole way */
	struct job_before *before; /* the job it goes on with; NULL: none */
	char *version;    /* target; of a device: job_version() */
	char *os_image;   /* image id the operator insists on; NULL: matched; job_image() */
	VEC(struct job_target) targets;
	char *versions;   /* all of them, for people; NULL: one for all. Follows from the targets */
	char *operator;   /* who */
	int64_t created;  /* wall ms */
	struct values parameters; /* complete: defaults filled in */
	struct values timeouts;   /* step name -> seconds, where the operator changed it */
	struct inventory *inventory;
	VEC(size_t) devices; /* chosen, inventory order */
	char **missing;      /* asked for, but not in the inventory: NULL-ended; NULL: none */
	char **order;        /* roles, NULL-ended; NULL: the procedure's */
	int64_t batch_size;
	int64_t role_limit;  /* devices of one role at a time; 0: half of them, rounded up */
	enum on_failure on_failure;
	int64_t failure_budget; /* failed devices that ON_FAILURE_GO_ON accepts; 0: any */
	bool failure_percent;   /* the budget is per cent of the job's devices */
	bool canary;            /* the first batch is one device */
	struct windows windows; /* when devices may be taken down; empty: at any time */
	char **hold_after;  /* stages (name, or number from 1) after which it waits; NULL: none */
	bool second_person; /* nothing is changed before another person confirmed the plan */
	int64_t
	    uids[3]; /* who must not be that person: the maker's user, login and sudo user; -1 */
};

struct job *job_new(void);
void job_free(struct job *j);
cJSON *job_to_json(const struct job *j);
struct job *job_from_json(const cJSON *object, const char *file, struct err *e);

/* A name for a job: 1-64 characters, printable, no leading or trailing space. */
int job_check_name(const char *name, struct err *e);

/* The failure budget from a text, "3" or "25%", and as one (new). "0" is refused: it could
 * be read as none as well as any. ERR_INPUT: nothing is changed. */
int job_budget(struct job *j, const char *text, struct err *e);
char *job_budget_text(const struct job *j);

/* May so many devices have failed, and the job goes on? */
bool job_within_budget(const struct job *j, size_t failed);

/* The windows from a text (model/window.h); "" clears them. ERR_INPUT: nothing is changed. */
int job_window(struct job *j, const char *text, struct err *e);

/* Does the job wait after this stage (number from 0, and its name)? */
bool job_holds_after(const struct job *j, size_t stage, const char *name);

/* What the earlier job left of this device; NULL: nothing is known. */
const struct before_device *job_before_device(const struct job *j, size_t device);
void job_before_free(struct job_before *b);
cJSON *job_before_json(const struct job_before *b, const struct inventory *inv);
struct job_before *job_before_read(const struct jnode *at, const struct inventory *inv,
				   struct err *e);

bool job_has(const struct job *j, size_t device);

/* Where a device goes: its own target's version and image, else the job's. Borrowed. */
const char *job_version(const struct job *j, size_t device);
const char *job_image(const struct job *j, size_t device);
/* All versions, for people: "23.4R2-S3.4, 22.4R3". Borrowed. */
const char *job_versions(const struct job *j);

/* model/job_targets.c: a target of one of the job's devices, which has none; image may be NULL.
 * When all are there: job_targets_settle(). */
void job_target_add(struct job *j, size_t device, const char *version, const char *image);
void job_targets_settle(struct job *j);
const struct job_target *job_target(const struct job *j, size_t device); /* NULL: as the rest */
void job_targets_release(struct job *j);
cJSON *job_targets_json(const struct job *j);
int job_targets_read(struct job *j, const struct jnode *at, struct err *e);

#endif
