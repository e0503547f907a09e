/* SPDX-License-Identifier: ISC */
/*
 * One job on scripted switches: the real runner, engine, planner and store (in memory) under a
 * virtual clock, crashes of the program at chosen writes of the journal, and a watch over the
 * rules. Needs the program to be linked with --wrap=store_append. One bed at a time.
 */
#ifndef ENGINE_BED_H
#define ENGINE_BED_H

#include "base/clock.h"
#include "run/runner.h"
#include "tests/engine/mutants.h"
#include "tests/engine/switchmodel.h"

#define BED_FROM "5.0.0"
#define BED_TO   "5.1.0"
#define WALL_BASE 1795000000000 /* what the wall clock shows at 0 ms */

enum bed_fabric { BED_REFERENCE, BED_PAIR, BED_ONE, BED_TRIO /* leafs of one group */ };

struct bed_options {
	uint64_t seed;
	enum bed_fabric fabric;
	const char *parameters[6]; /* "name=value" */
	const char *timeouts[4];   /* "step=seconds" */
	int64_t copy_ms;           /* a copy takes so long; 0: as long as its command */
	const char *edit[10];      /* pairs: text of the procedure, what to put in its place */
	enum on_failure on_failure;
	int64_t budget, batch_size, role_limit;
	bool percent; /* of the budget */
	const char *hold_after[4]; /* stages; NULL-ended */
	bool second_person;
	int64_t window_start, window_end; /* both 0: none */
	bool no_restore_image, no_image, canary;
	const char *method;
	const char *together; /* component whose turn is for all at once */
	const char *finishes; /* ... and this one begins also while the job is cancelled; NULL: none */
	enum mutant mutant;
	bool few_checks; /* leave out pre-checks that say the same for every device */
};

struct turn_place { /* where a device is in a plan that goes component by component */
	char *turn;
	size_t device;
	int batch;
};

struct watched { /* what the journal says of one device */
	int state, batch, attempt, resumes;
	bool failed, acknowledged, released, gated, from_step, dirty, by_order;
	char *step, *command, *action; /* open intent; NULL: none */
	bool changes;
	int pass, next_pass;
	char *undo_step, *undo_command;
	int64_t since, limit;
	int notes; /* warnings that name something left behind */
	long sent;
};

struct bed {
	struct clock clock; /* first */
	int64_t ms;
	struct bed_options o;
	struct store *store;
	struct transport *way;
	struct switches switches;
	struct inventory *inventory; /* as it is, for the model and the watch */
	struct runner *runner;
	char *job;
	int64_t seen; /* last record of the journal that was looked at */
	struct watched *watch;
	VEC(struct turn_place) turns;
	int job_state;
	bool refused[8]; /* credentials that this engine's transport saw refused */
	int refusals;
	int crash_at, appends;
	bool crash_before;
	int crashes;
	int64_t stop_at; /* leave (as told by a signal) then; NEVER: not */
	bool leave;      /* the same, now */
	int64_t shift;   /* of the wall clock */
	const char *machine; /* that the program is on; NULL: the real one */
	bool any_machine;
	bool linger;     /* somebody sits there who can answer */
	bool stuck;      /* nothing under way and nothing to wait for */
	void (*on_wait)(struct bed *b);
	const char *endless; /* a command that not even the transport ends; NULL */
	void *ctx;
	char problem[600]; /* the first broken rule */
};

int bed_open(struct bed *b, const struct bed_options *o);
void bed_close(struct bed *b);
void bed_broken(struct bed *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
int64_t bed_now(struct bed *b);

/* Run until the job waits, is over, or is stuck; opened again after each crash. */
enum runner_end bed_run(struct bed *b);
/* The program ends here, without a word; bed_run() starts it again. */
void bed_kill(struct bed *b);
int bed_command(struct bed *b, const char *verb, const char *target, const char *text);
int bed_waive(struct bed *b, const char *check, const char *reason);
const struct jobview *bed_view(struct bed *b);
const struct task_view *bed_task(struct bed *b, const char *device);
const struct question_view *bed_question(struct bed *b); /* the oldest open one */
int bed_answer(struct bed *b, const char *text);         /* answer it */
int bed_add_image(struct bed *b, const char *version, struct err *e); /* into the store */
/* A fresh fold of the stored journal (twice: all records applied two times). */
struct jobview *bed_fold(struct bed *b, bool twice);
/* A view as text, to compare. Caller frees. */
char *bed_dump(const struct jobview *v);
void bed_explain(struct bed *b);

/* bedjob.c */
struct inventory *bed_inventory(const struct bed_options *o, bool with_groups);
int bed_make_job(struct bed *b, struct err *e);

/* watch.c: rules that can be judged from the journal and the commands that arrive */
void watch_init(struct bed *b);
void watch_release(struct bed *b);
void watch_journal(struct bed *b);
void watch_write(struct bed *b, const struct tr_request *r);
void watch_end(struct bed *b);

#endif
