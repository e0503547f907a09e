/* SPDX-License-Identifier: ISC */
/*
 * The planner: from what is asked to stages of batches with a proof sheet. Pure: no file, no clock,
 * no global; the same input gives the same plan. Everything in plan_input is borrowed; `job` must
 * carry its inventory. Three doors keep the same rules by three different ways: plan_make() builds,
 * plan_check() judges any plan from scratch, a plan_guard answers at run time.
 *
 * Words: a device is *away* while it is worked on. With a set of devices away, another device is
 * *isolated* when all its linked neighbours are away, or when it is no longer connected with the
 * main part of the fabric it belongs to: the part with the jump host, else with most anchors, else
 * the biggest. A device that isolates others all by itself stays in the plan with a warning (there
 * is no other plan); a combination that isolates more than its devices do one by one is split.
 */
#ifndef PLAN_PLANNER_H
#define PLAN_PLANNER_H

#include "model/image.h"
#include "model/job.h"
#include "model/plan.h"
#include "model/procedure.h"

#include "base/i18n.h"

/* What earlier upgrades took, from the journal. */
struct plan_duration {
	const char *model; /* the device's fact "model"; NULL: any model */
	const char *step;  /* name of a step */
	int64_t p50_ms, p95_ms;
	int64_t samples;
	int64_t bytes; /* of a copy: what the figures are for; 0: no copy */
};

struct plan_durations {
	const struct plan_duration *v;
	size_t n;
	int64_t upgrades; /* how many upgrades these come from; said in plan->estimate_from */
};

struct plan_input {
	const struct job *job;
	const struct procedure *procedure;
	const struct values *facts; /* one per job->devices entry, same order; NULL: none known */
	const struct images *images;            /* NULL: none */
	const struct plan_durations *durations; /* NULL: none */
	int64_t now;      /* wall ms, for the windows; 0 where there are none */
	size_t jump_host; /* device that the jump host hangs on; NO_DEVICE: out of band, unknown */
};

/* New, sealed plan. NULL and e (ERR_INPUT: the request is wrong, ERR_REFUSED: no plan can satisfy
 * it) naming the devices and the rule. */
struct plan *plan_make(const struct plan_input *in, struct err *e);

/* Only the order of the roles in the job: may a plan follow it? 0, or -1 and ERR_INPUT (a role that is
 * named twice, that nobody has, or that is left out). Needs no facts. */
int plan_check_order(const struct job *job, const struct procedure *p, struct err *e);

/* Judge any plan, from a file or ours, against every hard rule: 0, or -1 and ERR_REFUSED with the
 * first rule that is broken and the devices (ERR_INPUT: the job asks to hold after a stage that the
 * plan does not have). With plan_make() it shares only the walk over the
 * graph and the figures: role limit, estimates, window arithmetic. */
int plan_check(const struct plan_input *in, const struct plan *p, struct err *e);

/* Devices that are isolated while `away` (one flag a device) are away, in inventory order: *out is
 * new (free it), gives how many. */
size_t plan_isolated(const struct inventory *inv, size_t jump_host, const bool *away, size_t **out);

/*
 * The same rules at run time, for rolling starts, retries and rollbacks. Make one guard a job; it
 * borrows the input's job and procedure. `away` has one flag a device of the inventory: being
 * worked on, held, or failed and not known to be up again. Batch size, canary, order and the window
 * are the caller's: they are not about what may be down together.
 */
struct plan_guard;
struct plan_guard *plan_guard_new(const struct plan_input *in);
void plan_guard_free(struct plan_guard *g);
/* `away` holds devices of other jobs from now on, which may be up as yet: the reasons say so. */
void plan_guard_beside(struct plan_guard *g, bool others);

/* May `device` go away too? If not: false and *why (may be NULL) says which rule, with names. A
 * guard has scratch memory of its own: one thread at a time. */
bool plan_may_start(struct plan_guard *g, const bool *away, size_t device, struct err *why);

/* How many devices of this role may be away at once (job->role_limit, or half of all there are,
 * rounded up); SIZE_MAX: no limit (a NULL role, or a procedure that names the roles that have one:
 * its "limits" count besides). */
size_t plan_role_limit(const struct plan_input *in, const char *role);

/* Is nothing done on entry i of job->devices? It runs the version that it would be brought to. */
bool plan_left_alone(const struct plan_input *in, size_t i);
#define PLAN_LEFT_OUT M_("Left out") /* name of the last stage: those devices */

/* The name of a stage for people: a role, or "Left out" in their language. Borrowed. */
const char *plan_stage_title(const struct plan_stage *s);

/* How long things take. p50: half of them are done by then; p95: nearly all (1.5 x p50 where
 * nothing was learnt). `model` may be NULL. A step that waits for a person counts as nothing. */
struct plan_estimate {
	int64_t p50_ms, p95_ms;
	int64_t samples; /* 0: a shipped default */
	enum plan_source source;
};
/* bytes: size of what the step copies; 0: nothing, or not known. */
struct plan_estimate plan_step_estimate(const struct plan_durations *durations, const char *model,
					const struct step *step, int64_t bytes);


/* Sum over the steps of the way there (rollback: the way back) for entry i of job->devices. */
struct plan_estimate plan_device_estimate(const struct plan_input *in, size_t i, bool rollback);

/* The same sum over the steps of a component. */
struct plan_estimate plan_component_estimate(const struct plan_input *in, size_t i,
					     const struct component *c);

/* The same sum up to the last step of the way there that copies an image; all 0: there is none. */
struct plan_estimate plan_copy_estimate(const struct plan_input *in, size_t i);

/* The kind of the job (NULL: the whole way), and whether devices stay up in it. */
const struct job_kind *plan_kind(const struct plan_input *in);
bool plan_stays_up(const struct plan_input *in);

/* "all copies done 25m after the start (p95 40m), at most 4 at once": new; NULL: it copies nothing. */
char *plan_copies_text(const struct plan *p);
/* "2 windows are needed: over by 2026-11-22 01:12, with the way back 01:50" (which is the worst):
 * new; NULL: there are none. */
char *plan_windows_text(const struct plan *p);

/* "yes", or "no: 2 of 7 devices: border1 (it isolates fw1), ..." in the reader's words: new; NULL:
 * the plan does not say (an old one). */
char *plan_hitless_text(const struct plan *p, const struct inventory *inv);

/* Who says so: "11 runs on this model", "shipped default"; new. */
char *plan_figure_source(const struct plan_figure *f);

/* For people: stages, batches with devices from -> to, proof sheet, warnings, estimate. At most
 * `width` (at least 40) columns; new string. */
char *plan_text(const struct plan *p, const struct job *job, int width);

/* The same stages and batches for graphviz; new string. */
char *plan_dot(const struct plan *p, const struct job *job);

#endif
