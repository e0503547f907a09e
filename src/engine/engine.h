/* SPDX-License-Identifier: ISC */
/*
 * The engine: a job as a state machine, without any input or output of its own. An event goes in,
 * effects come out; the runner carries them out in order. It reads no clock (events bring the time),
 * knows no network, disk or screen, and stands on the job's view alone: an engine that is made again
 * after a crash from the same records goes on where the first one was. The hard rules of the design
 * (section 5) live here.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "model/exchange.h"
#include "model/jobview.h"

/* What the engine has to know about the world outside the job. Borrowed; arrays have one entry a
 * device of the job's inventory. */
struct world {
	const char *job_id;
	const char *keep_dir;        /* files kept with the job: keep_dir/<device>/<file> */
	const struct images *images;
	char *const *users;          /* login name of each device */
	char *const *holders;        /* job that holds the device, or NULL */
	char *const *failed_phases;  /* where its last upgrade failed ("Reboot, Rollback"), or NULL */
	const bool *credentials;     /* a credential is there for the device */
	char *const *missing;        /* names asked for that are not in the inventory; NULL-ended */
	size_t running_jobs;         /* others that run now */
	size_t job_limit;
	/* The plan's rules at run time: may this device go away while those (one flag a device) are?
	 * NULL: only the redundancy groups are kept apart. */
	bool (*may_start)(void *ctx, const bool *away, size_t device, struct err *why);
	/* Why a device is not to be begun any more (decommissioned), or NULL. NULL: nobody is gone. */
	char *const *gone;
	void *ctx;
};

enum event_kind {
	EVENT_GO,      /* after engine_new: begin, or go on after a crash */
	EVENT_REPLY,
	EVENT_TICK,    /* nothing but time passed */
	EVENT_COMMAND, /* the operator: {verb, target, text, who, command_id} */
	EVENT_PLANNED  /* answer to EFFECT_PLAN */
};

struct event {
	enum event_kind kind;
	bool more;       /* EVENT_GO: what the operator ordered meanwhile comes first; nothing is begun
	                    before the next event */
	int64_t now;     /* ms, for durations */
	int64_t wall;    /* ms, for records */
	const struct tr_reply *reply;
	const cJSON *command;
	struct plan *plan;     /* EVENT_PLANNED: taken; NULL: there is none, `e` says why */
	const struct err *e;
};

enum effect_kind {
	EFFECT_RECORD,  /* make it durable before any later effect; already applied to the view */
	EFFECT_REQUEST, /* send it */
	EFFECT_CANCEL,  /* end what this device is doing */
	EFFECT_PLAN     /* pre-checks are through: make a plan from the facts, send EVENT_PLANNED */
};

struct effect {
	enum effect_kind kind;
	struct record *record;
	struct tr_request *request;
	size_t device;
};

struct effects {
	VEC(struct effect) list;
};
void effects_clear(struct effects *x); /* frees what was not taken (set to NULL) */

struct engine;

/* The view is borrowed and changed by the engine (it applies every record it makes). */
struct engine *engine_new(struct jobview *view, const struct world *world);
void engine_free(struct engine *g);

/* Take one event in; effects are added to out. -1 only for a broken invariant (ERR_CORRUPT): stop
 * the job's process, the journal is intact. */
int engine_step(struct engine *g, struct event *ev, struct effects *out, struct err *e);

/* When the next EVENT_TICK is due (in `now` ms); -1: nothing waits for time. */
int64_t engine_deadline(const struct engine *g);

/* Nothing is under way and nothing waits for time: only the operator can change something now. */
bool engine_idle(const struct engine *g);

/* Elapsed part of the current step of a device, -1 if it is in none. For progress lines. */
int64_t engine_elapsed(const struct engine *g, size_t device, int64_t now);

/* Is this command possible now? 0, or -1 and e with the reason. Verbs: start, pause, resume,
 * cancel, retry, skip, rollback, answer, waive, recheck, discard (what a job left on devices),
 * confirm (its plan; the member "uid" says who, and only the runner sets it). Target: device name
 * or, for answer, question id. */
int engine_command_check(const struct jobview *v, const cJSON *command, struct err *e);

#endif
