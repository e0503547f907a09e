/* SPDX-License-Identifier: ISC */
/* Fabrics made in code for the planner's tests, with a small procedure. Names are short; a mistake
 * in a name fails the test at once. */
#ifndef TESTS_PLAN_FABRIC_H
#define TESTS_PLAN_FABRIC_H

#include "plan/planner.h"

struct fabric {
	struct job *job;
	struct inventory *inv; /* the job's */
	struct procedure procedure;
	struct values *facts;
	struct images images;
	struct plan_input in;
};

struct fabric *fabric_new(void);
struct fabric *fabric_reference(void); /* 4 spines, 4 leaves, 2 borders, 2 firewalls; all chosen */
struct fabric *fabric_clos(size_t pods, size_t pairs_a_pod); /* large: see fabric.c; all chosen */
void fabric_free(struct fabric *f);

size_t fabric_device(struct fabric *f, const char *name, const char *role);
void fabric_link(struct fabric *f, const char *a, const char *b);
void fabric_link_number(struct fabric *f, size_t a, size_t b);
void fabric_group(struct fabric *f, const char *name, const char *members); /* "a b" */
size_t fabric_find(const struct fabric *f, const char *name);

/* What is in the job (replaces what was chosen): names, or NULL for all that are no anchors. Facts
 * are empty after. */
void fabric_choose(struct fabric *f, const char *names);
void fabric_fact(struct fabric *f, const char *device, const char *fact, const char *value);
void fabric_order(struct fabric *f, const char *roles); /* "spine leaf" */
void fabric_roles(struct fabric *f, bool keep_leafs);   /* take all roles away (but those) */

/* "spine: spine01 spine02 | spine03; leaf: ..." of a plan; new. */
char *fabric_shape(const struct fabric *f, const struct plan *p);

/* plan_make() and plan_check() that must succeed. */
struct plan *fabric_plan(const struct fabric *f);

/* A plan with exactly this shape, to be judged. */
struct plan *fabric_write(const struct fabric *f, const char *shape);

/* plan_make() gives this shape; or it is refused, with this in the message. */
void fabric_expect(const struct fabric *f, const char *shape);
void fabric_refused(const struct fabric *f, enum err_kind kind, const char *text);
/* The line of a batch's proof that begins so; and is there a warning with this text? */
const struct plan_line *fabric_proof(const struct plan *p, size_t stage, size_t batch,
				     const char *claim);
bool fabric_warned(const struct plan *p, const char *text);

#endif
