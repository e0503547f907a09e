/* SPDX-License-Identifier: ISC */
/*
 * What a job looks like now: the fold of its records. jobview_apply() is the only function that
 * changes it. The engine stands on it (so that a resumed engine knows exactly what the first one
 * knew), and every front end reads it. It also remembers what it needs to judge safety after a
 * crash: an intent without an outcome, changes that are still open on a device.
 */
#ifndef MODEL_JOBVIEW_H
#define MODEL_JOBVIEW_H

#include "base/i18n.h"
#include "model/job.h"
#include "model/plan.h"
#include "model/procedure.h"
#include "model/record.h"

#define JOB_STATES(X)                                                                              \
	X(NEW, M_("new"))           /* made; nothing ran yet */                                    \
	X(CHECKING, M_("checking")) /* pre-checks run */                                           \
	X(REFUSED, M_("refused"))   /* pre-checks failed */                                        \
	X(READY, M_("ready"))       /* pre-checks passed, plan made, not started */                \
	X(RUNNING, M_("running"))                                                                  \
	X(PAUSED, M_("paused")) /* by the operator: no device is started */                        \
	X(HELD, M_("held"))     /* by a failure or question: waits for the operator */             \
	X(CANCELLING, M_("cancelling"))                                                            \
	X(DONE, M_("done"))                                                                        \
	X(FAILED, M_("failed")) /* finished; not every device was upgraded */                      \
	X(CANCELLED, M_("cancelled"))

#define TASK_STATES(X)                                                                             \
	X(PENDING, M_("pending"))                                                                  \
	X(RUNNING, M_("running"))                                                                  \
	X(HELD, M_("held"))       /* waits for an answer */                                        \
	X(UNDOING, M_("undoing")) /* failed before the point of no return: taking changes back */  \
	X(ROLLING_BACK, M_("rolling back"))                                                        \
	X(DONE, M_("done"))                                                                        \
	X(FAILED, M_("failed"))                                                                    \
	X(ROLLED_BACK, M_("rolled back")) /* the old version again; see task_view_failed() */      \
	X(SKIPPED, M_("skipped"))                                                                  \
	X(CANCELLED, M_("cancelled"))

enum job_state {
#define X(id, name) JOB_##id,
	JOB_STATES(X)
#undef X
	    JOB_STATE_COUNT
};
enum task_state {
#define X(id, name) TASK_##id,
	TASK_STATES(X)
#undef X
	    TASK_STATE_COUNT
};
const char *job_state_name(enum job_state s);
const char *task_state_name(enum task_state s);
int task_state_find(const char *name); /* -1: there is none of this name */
bool job_state_final(enum job_state s);   /* refused, done, failed, cancelled */
bool task_state_final(enum task_state s); /* done, failed, rolled back, skipped, cancelled */
bool task_state_active(enum task_state s); /* the device is being worked on (or held in the middle) */

/* When is a job failed? When a device ends as failed, or is rolled back after a failure, whoever
 * ordered it. A device that was done and went back because the operator said so is "rolled back"
 * and nothing else: a job in which only that happened is done (exit status 0), and its closing
 * words name how many went back at the operator's word. Such a device does not hold others either,
 * and "retry" means it only when it is named. */

enum pass { PASS_UPGRADE, PASS_UNDO, PASS_ROLLBACK };
extern const char *const pass_names[4]; /* "upgrade", "undo", "rollback", NULL */

struct open_change { /* changed for the time of the upgrade and not taken back yet */
	char *step;
	bool until_reboot;
	enum pass pass; /* in which it was opened: its names are those of that pass */
};

struct step_view { /* one step as it went, for drill-down and report */
	char *step, *title, *phase;
	enum pass pass;
	size_t turn;    /* component of the method in which it was made */
	int attempt;
	bool changes;
	char *command;  /* as sent; NULL: none */
	char *result;   /* NULL: no outcome yet; done, skipped, failed, unknown */
	bool anew;      /* "repeat" at the operator's word: sends are counted from here again */
	int exit;       /* -1: none */
	char *output;   /* raw (capped by the engine) */
	char *message, *cause, *advice;
	int64_t started, ended; /* wall ms; ended 0: still running */
	int64_t first_done, total; /* of a copy, as first told and of all; total 0: nothing was told */
};

/* A copy under way is told of at least as often; one of which nothing was told for STALLED_MS
 * stands still: three of those are missing. */
#define COPY_TOLD_MS    10000
#define COPY_STALLED_MS (3 * COPY_TOLD_MS)

/* A command that is listened to (procedure: "silence") is said to be silent after so long. */
#define SILENT_MS 180000

struct task_view {
	size_t device;
	enum task_state state;
	char *reason;        /* of the state; NULL */
	enum pass pass;
	int attempt;         /* 1 at the first begin; a way back that was ordered is one of its own */
	int tries;           /* attempts at what the job is for: no way back and no taking back */
	size_t pc;           /* number of steps of the pass that have an outcome done or skipped */
	size_t turn;         /* component of the method that it is in, or goes on with */
	bool between;        /* pending, and what is behind it in this attempt stands: between turns */
	bool closing;        /* the job ends: what was to last ("until") is taken back, or was tried */
	char *step;          /* current or last step; NULL before the first */
	char *word;          /* state word of that step */
	char *phase;
	bool intended;       /* current step has an intent and no outcome */
	bool intent_changes;
	int64_t intent_wall; /* since when limit_ms counts; 0: never */
	int64_t limit_ms;    /* of the current step */
	int waits;           /* for the next try, after so many that came to nothing; 0: it does not */
	char *waits_why; /* also while it waits for nothing: why its limit counts anew */
	int64_t started, ended; /* wall ms of the first begin and of the final state */
	int64_t idle, idle_since; /* ms in which it was not worked on after that, up to the wall ms
				     since when it is not; 0: it is: task_view_worked() */
	int64_t done, total; /* of a copy; total 0: none */
	int64_t told_wall;   /* when that was told last; 0: nothing was told in this step */
	bool committed;      /* the point of no return is behind it (until a rollback has ended) */
	bool commits_now;    /* by the step that is open, not by an earlier one */
	bool moved;          /* a step that commits was sent, and no way back has ended since */
	bool moves_now;      /* by the step that is open */
	bool failing;        /* a step that "fails_later" has failed: the others are looked at */
	int resumes;         /* owners in a row that found it unfinished and got nothing done */
	bool was_failed;     /* failed at some time in this job */
	int failed_attempt;  /* the attempt in which it last failed; 0: none */
	enum pass failed_pass; /* and the pass */
	enum pass next_pass; /* of a pending task: what it is to start with */
	enum task_state before; /* of a pending task: how it ended last; PENDING: it never ran */
	bool by_order;       /* done, and the operator said to roll it back */
	bool looking;        /* a retry looks which version runs before it goes on in the middle */
	bool acknowledged;   /* failed, and the operator said to go on with the others */
	bool released;       /* failed, and the operator said to leave it ("skip"): the others of
	                        its redundancy group may be worked on, also while it may be down */
	/* Of the last failure. When the way back failed too, message and cause tell both, the first
	 * one first; failed_step, advice and error_kind are those of the way back. */
	char *failed_step, *message, *cause, *advice, *error_kind;
	struct values facts;    /* at the pre-checks */
	struct values captures; /* saved by steps, and facts read again */
	VEC(struct open_change) open;
	VEC(struct step_view) steps;
};

struct check_view {
	size_t device; /* NO_DEVICE: the job */
	char *check, *group, *title;
	char *status;  /* passed, failed, warning, unknown, waived, skipped */
	char *message, *advice, *command, *output;
	char *waived_by, *waive_reason;
	int64_t seq;   /* of the record that said so last */
	bool error;    /* its severity */
	bool waivable;
	bool not_hitless; /* not as it should be, so that the upgrade is not hitless (model/hitless.h) */
	bool after;    /* a post-check */
	bool again;    /* asked for once more, and not answered since: the result is the old one */
};

struct question_view {
	int64_t id;
	size_t device; /* NO_DEVICE: the job */
	/* unknown-outcome, drift, confirm, no-return, new-host-key, restart-loop, asked; under-way: a
	 * step that commits goes on on the device, and nothing is taken from under it */
	char *kind;
	char *about;   /* no-return: the component; NULL */
	char *text;
	char *choices; /* "done|retry|fail" */
	char *answer;  /* NULL: open */
	char *who;
};

struct snapshot_view { /* one look; those at the same element stand in the order they were taken */
	size_t device;
	char *when, *element;
	int attempt; /* attempt and pass in which it was taken */
	int64_t wall;
	cJSON *rows; /* array of objects */
};

struct note_view {
	int64_t wall;
	size_t device;
	char *text;
	char *refused; /* credential whose login was refused; NULL: it is about something else */
	bool warning;
};

/* A parameter that has had another value since an order to try again. */
struct set_view {
	int64_t wall;
	size_t device; /* that was to be tried again; NO_DEVICE: all that had failed */
	int attempt;   /* of that device: from this one on; 0 without a device */
	char *who, *name, *from, *to;
};

struct wait_view { /* wall ms */
	int64_t from, to;
};

struct phrases;

struct jobview {
	struct job *job;
	struct inventory_index *names; /* of the job's devices; NULL before there is a job */
	struct procedure *procedure;
	struct plan *plan; /* NULL before there is one */
	char *words;       /* of the plan, for people (plan_words()); NULL without one */
	bool plan_given;   /* it came from the operator (a file): it is judged, not made */
	enum job_state state;
	bool superseded;   /* never started, and a later one has its name; set by create_name() */
	char *reason;
	int64_t until;     /* held: it goes on by itself then (its window opens), wall ms; 0: not */
	int64_t seq;       /* of the last record applied */
	bool checked_again;   /* the pre-checks are a repeated round... */
	bool checked_partly;  /* ...of what was open only */
	int64_t checked_from; /* of the record that began the pre-checks (last); 0: none yet */
	int64_t created, started, ended, last; /* wall ms; 0: not yet */
	int64_t waited;    /* ms up to `last`, for the operator: jobview_waited() */
	VEC(struct wait_view) waits; /* when it was begun and nothing went on, also for a window */
	int64_t epoch;     /* of the current owner */
	char *owner;       /* "anna@jump1 (pid 4711)" */
	char *host, *machine; /* of the owner: name, machine id; NULL: unknown, or no owner yet */
	VEC(struct task_view) tasks; /* in the order of job->devices */
	VEC(struct check_view) checks;
	VEC(struct question_view) questions;
	VEC(struct snapshot_view) snapshots;
	VEC(struct note_view) notes;
	VEC(struct set_view) sets; /* in the order in which they were given */
	int64_t questions_asked; /* the next id is this + 1 */
	size_t past_stage;       /* stages whose hold (job->hold_after) the operator let go */
	char *confirmed;         /* words of the plan that the second person confirmed; NULL */
	char *confirmed_by;
	int64_t last_command;    /* number of the last operator command that was carried out */
	bool detached;
	struct phrases *phrases; /* for readers of another language: model/phrases.h */
};

struct jobview *jobview_new(void);
void jobview_free(struct jobview *v);

/* Fold one record in. Records of unknown meaning are passed over; one that cannot be true (a task
 * before the job) is ERR_CORRUPT and leaves the view as it was. */
int jobview_apply(struct jobview *v, const struct record *r, struct err *e);

/* A look of a snapshot is added (copied). Looks of an earlier attempt at the same are of another time
 * and teach nothing about this one: they go. For the fold. */
void jobview_look(struct jobview *v, const struct task_view *t, const struct snapshot_view *look);

/* For the fold: parameters as an order to try again gives them (lines "NAME=VALUE"), for `target`
 * (NULL: all that failed). What was in force before is kept: a report says what each try went by. */
void jobview_set_later(struct jobview *v, int64_t wall, const char *target, const char *who,
		       const char *lines);

/* The last look at an element in the attempt that is under way; NULL: there is none. */
const struct snapshot_view *jobview_last_look(const struct jobview *v, const struct task_view *t,
                                              const char *element, const char *when);

/* For the fold: a device of the job, which knows what the job before it left there. */
void jobview_add_task(struct jobview *v, size_t device);
struct task_view *jobview_task(struct jobview *v, size_t device); /* NULL: not in the job */
const struct question_view *jobview_question(const struct jobview *v, int64_t id);
/* The question about this device, or (NO_DEVICE) about the job as a whole, that waits for an answer:
 * the newest one that is open, while the device is held, or the job is neither cancelled nor over.
 * NULL: none. */
const struct question_view *jobview_open_question(const struct jobview *v, size_t device);
/* The first of all such questions, whatever they are about, whose id is greater than `after` (0: the
 * first of all). NULL: none. */
const struct question_view *jobview_next_question(const struct jobview *v, int64_t after);
const char *jobview_device(const struct jobview *v, size_t device); /* its name */
const struct method *jobview_method(const struct jobview *v);
const struct job_kind *jobview_kind(const struct jobview *v);  /* NULL: the whole way */
bool jobview_keeps(const struct jobview *v, const char *step); /* its change is to stay */
/* Nothing is there that a way back could bring back: no step that commits was ever sent to the device
 * (nor to one of its unit), or it is back already; and no change is left on it. False where that cannot
 * be told: the job's method has no such step, or goes component by component. */
bool jobview_never_left(const struct jobview *v, const struct task_view *t);
/* The same, of all that this job ever did: it never left its version, so that nothing after it is due. */
bool jobview_never_moved(const struct jobview *v, const struct task_view *t);

/* How long the job has waited for the operator, ms, as of `now`: held or paused while no device was
 * worked on, and between its end and the order that went on with it. Not: before it was started, and
 * until a maintenance window opens. */
int64_t jobview_waited(const struct jobview *v, int64_t now);
/* Between two times: how long nothing went on, for the operator or a window; `to` may be later than
 * the last record. */
int64_t jobview_waited_in(const struct jobview *v, int64_t from, int64_t to);
bool jobview_waits(const struct jobview *v); /* nothing goes on now, for one or the other */

/* How long a device was worked on, ms, as of `now`: without the time in which it waited for an
 * answer, for another try, or for its next turn. */
int64_t task_view_worked(const struct task_view *t, int64_t now);

/* Why its state is what it is: what went wrong (and what a way back has left), or that it was ordered;
 * borrowed, of the journal's language. NULL: nothing is known. */
const char *task_view_why(const struct task_view *t);
/* How long nothing has come from the command of this device that is listened to, ms; 0: not for long,
 * or nothing is listened to. */
int64_t jobview_silent(const struct jobview *v, const struct task_view *t, int64_t now);
/* It failed, or went back after a failure (not: at the operator's word after it was done). */
bool task_view_failed(const struct task_view *t);
size_t jobview_failures(const struct jobview *v); /* how many have */

/* How many tasks are in each state; counts has TASK_STATE_COUNT places. */
void jobview_counts(const struct jobview *v, size_t *counts);

/* Steps of a pass of this job ("upgrade", "rollback"): names, NULL-ended, borrowed. */
char *const *jobview_steps(const struct jobview *v, enum pass pass);

/* --- plans that go component by component (jobview_turns.c) --- */

/* The component of a stage; NULL: the plan is not cut into components. */
const struct component *jobview_stage_component(const struct jobview *v, size_t stage);
/* The component that a task is in, or goes on with; NULL: there are none. */
const struct component *jobview_component(const struct jobview *v, const struct task_view *t);
/* Where in the plan it is now: the stage of its turn; SIZE_MAX: it is not in the plan. */
size_t jobview_stage(const struct jobview *v, const struct task_view *t);
/* Does this open change serve later turns, too, and stand for now? jobview_lasting: has a task such
 * ones? */
bool jobview_lasts(const struct jobview *v, const struct task_view *t, const struct open_change *o);
bool jobview_lasting(const struct jobview *v, const struct task_view *t);
/* The next turn of a task; NULL: this is its last. */
const struct component *jobview_next_turn(const struct jobview *v, const struct task_view *t);
/* Steps of the pass up to the end of the turn; as pc, counted from the first step of all. */
size_t jobview_steps_end(const struct jobview *v, const struct task_view *t);
/* How a task stands as far as a stage is concerned: done when its turn there is over, skipped when
 * it ended before its turn came. */
enum task_state jobview_stage_state(const struct jobview *v, const struct task_view *t,
				    size_t stage);
/* Was a step of the way there made for this stage? */
bool jobview_step_in(const struct jobview *v, const struct step_view *s, size_t stage);
/* When it was worked on for a stage, first and last step (wall ms); false: not at all so far. */
bool jobview_stage_times(const struct jobview *v, const struct task_view *t, size_t stage,
			 int64_t *first, int64_t *last);
/* What it has behind it, as "Agent, Clock": new; NULL: nothing, or no components. */
char *jobview_turns_done(const struct jobview *v, const struct task_view *t);
/* What of it a way back would leave as it is, as "etcd": behind it, moved by this job, and past its point
 * of no return (a way back takes all else along that is behind it). New; NULL: nothing. */
char *jobview_turns_stay(const struct jobview *v, const struct task_view *t);
/* Devices that are through this stage; of: how many there are in it. */
size_t jobview_stage_done(const struct jobview *v, size_t stage, size_t *of);
/* Devices of a component that are not through it, without that one (NULL: all count). */
size_t jobview_left(const struct jobview *v, const struct component *c, const struct task_view *but);
/* The component that a question of the job is about; NULL: none. */
const struct component *jobview_asked(const struct jobview *v, const struct question_view *q);

/* Are the pre-checks passed? False when a check of severity error is failed or unknown and not
 * waived. Counts may be NULL. */
bool jobview_checks_passed(const struct jobview *v, size_t *errors, size_t *warnings);

/* The same, with those apart of which nobody knows, whatever their severity. */
struct check_sums {
	size_t passed, errors, unknown, warnings;
};
struct check_sums jobview_check_sums(const struct jobview *v);

#endif
