/* SPDX-License-Identifier: ISC */
/* For the cmocka programs of this folder. */
#ifndef ENGINE_HELP_H
#define ENGINE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/engine/bed.h"

/* A job with its pre-checks passed. */
void ready(struct bed *b, const struct bed_options *o);
void go(struct bed *b);         /* start and run to a stand */
void start_only(struct bed *b); /* the command; bed_run() is the caller's */
void command(struct bed *b, const char *verb, const char *target); /* and run to a stand */
void answer(struct bed *b, const char *text);                      /* the open question, and run */
/* Every rule was kept, the journal tells the same view (also folded twice); close. */
void over(struct bed *b);

void job_is(struct bed *b, enum job_state s);
void task_is(struct bed *b, const char *device, enum task_state s);
void asked(struct bed *b, const char *kind);
void fault(struct bed *b, const char *command, enum fault fault, int skip, int times);
void claim_fails(struct bed *b, const char *device); /* the next time, its retry included */
struct box *box(struct bed *b, const char *device);
/* How often this step was begun, and its last result ("-": none). */
int begun(struct bed *b, const char *device, const char *step, enum pass pass);
const struct step_view *step_of(struct bed *b, const char *device, const char *step);
const struct check_view *check_of(struct bed *b, const char *device, const char *check);
bool noted(struct bed *b, const char *text);
/* When the clock is waited on and `device` is at `step`, do this once. */
void when_at(struct bed *b, const char *device, const char *step, void (*act)(struct bed *b));

/* For when_at(): the process ends here; bed_run() gives back and starts it again when called. */
void leave_now(struct bed *b);

#define ALONE ((struct bed_options){.fabric = BED_ONE})
#define PAIR  ((struct bed_options){.fabric = BED_PAIR})
#define TRIO  ((struct bed_options){.fabric = BED_TRIO})
/* Component by component; the last one has a point of no return. */
#define PARTS ((struct bed_options){.fabric = BED_PAIR, .method = "parts", .together = "clock"})

#endif
