/* SPDX-License-Identifier: ISC */
/* What plan_make() works on, and the parts it is made of. Private to plan/. */
#ifndef PLAN_MAKING_H
#define PLAN_MAKING_H

#include "plan/cut.h"
#include "plan/limits.h"
#include "plan/planner.h"

#define PLAN_BATCH_SIZE 4 /* when neither the job nor the procedure says */

#define RANKLESS SIZE_MAX

struct making {
	const struct plan_input *in;
	const struct inventory *inv;
	struct graph *g;
	struct cut *cut;
	struct limits limits;
	bool *left;    /* device is left alone */
	size_t *entry; /* device -> its place in job->devices, or NO_DEVICE */
	bool *first;   /* device goes before the peers of its groups */
	size_t *rank;  /* nearness to the core, from the procedure's roles; RANKLESS: not known */
	size_t batch_size;
	bool canary_left; /* the next batch is the canary's */
	struct plan *plan;
};

/* stages.c: the names of the stages in order (borrowed) and who is in which. */
struct stage_of {
	const char *role; /* NULL: devices without one */
	bool left;        /* nothing is done on them */
	const struct component *component; /* NULL: the plan goes by roles */
	struct devices devices;
};
struct stages {
	struct stage_of *v;
	size_t n, cap;
};
int stages_make(const struct plan_input *in, struct stages *out, struct err *e);
void stages_release(struct stages *s);

/* components.c: the stages of a method that is cut into components. */
int components_make(const struct plan_input *in, struct stages *out, struct err *e);
/* Are the groups of this kind alive by a majority of their members only? */
bool quorum_needed(const struct procedure *p, const struct group *group);
size_t quorum_away(const struct group *group); /* how many may be away */
bool quorum_accepted(const struct plan_input *in); /* the operator accepts the outage */

/* batches.c: cut one stage into batches, appended to `out`; gives the least that any plan needs. */
size_t batches_make(struct making *m, const struct stage_of *from, struct plan_stage *out);

/* targets.c: from, to and images of every device. */
void targets_make(struct making *m);

/* estimate.c: the figures behind the estimates, by model and step. */
void figures_make(struct making *m);

/* units.c: who follows in a unit is in the batch of its leader. Which entry of job->devices leads the
 * unit that entry i is in (i: itself, or there is no unit); a unit that is not whole is refused; those
 * that follow are taken out of the stages, and put beside their leaders when the batches, their
 * estimates and proofs are made: a unit is one thing, and one member of it is away at a time. */
size_t input_leader(const struct plan_input *in, size_t i);
int units_check(const struct plan_input *in, struct err *e);
void units_lead(const struct making *m, struct stages *s);
void units_join(struct making *m);

/* hitless.c: why the traffic suffers when entry i is upgraded; NULL: it does not. New. */
char *hitless_against(const struct making *m, size_t i);

/* bound.c: why a batch has no more devices; one line of its proof. *guard (NULL at first) is made
 * when it is needed: plan_guard_free(). */
void bound_line(struct making *m, const struct plan_stage *stage, size_t batch, const bool *away,
		struct plan_guard **guard);

/* proof.c: the proof sheet of every batch, but for the window. */
void proof_make(struct making *m);
void proof_line(struct plan_batch *b, bool holds, char *claim, char *detail); /* takes both */

/* window.c: the window lines of the proof, and what does not fit. */
int window_make(struct making *m, struct err *e);
int64_t window_need_ms(const struct plan_input *in, size_t i); /* way there and back, p95 */

/* planner.c: a hold that no stage of the plan answers to would never hold: -1 and ERR_INPUT. */
int plan_check_holds(const struct job *job, const struct plan *p, struct err *e);

/* warnings.c: what the operator should know before he says yes. */
void warnings_make(struct making *m);
void warn(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* input.c: small questions. Names as "leaf01, leaf02 and 3 more". */
char *names_text(const struct inventory *inv, const size_t *v, size_t n, size_t most);
void names_more(struct str *names, size_t n); /* " and n more" behind them; a message of ours */

/* Size of the image that a step copies to entry i; 0: it copies none, or it is not known which. */
int64_t input_copy_bytes(const struct plan_input *in, size_t i, const struct step *step,
			 bool rollback);

const char *input_fact(const struct plan_input *in, size_t i, const char *name); /* or NULL */
/* Of entry i of job->devices in a job of its kind: who follows in a unit has steps of its own. */
char *const *input_steps(const struct plan_input *in, size_t i, bool rollback);
/* The components that the plan goes by: the method, or NULL (there are none, or a kind of job). */
const struct method *input_components(const struct plan_input *in);
/* The component of a stage; NULL: the plan goes by roles. */
const struct component *input_component(const struct plan_input *in, const struct plan_stage *s);
/* Did the operator say that its point of no return needs no question? */
bool input_said(const struct plan_input *in, const struct component *c);
/* Does the device of entry i go through this component? */
bool input_needs(const struct plan_input *in, size_t i, const struct component *c);
bool input_goes_first(const struct plan_input *in, size_t i);
size_t input_batch_size(const struct plan_input *in);
const char *device_name(const struct inventory *inv, size_t d);

#endif
