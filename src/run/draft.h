/* SPDX-License-Identifier: ISC */
/*
 * A job that is being put together: what was chosen and typed so far, kept in DIR/draft.json, so that
 * leaving the wizard (or losing the line) loses nothing. It holds names and texts as they were given;
 * whether they make sense is judged when a job is made of them.
 */
#ifndef RUN_DRAFT_H
#define RUN_DRAFT_H

#include "model/job.h"
#include "model/procedure.h"
#include "store/store.h"

struct draft {
	char *path;
	VEC(char *) devices;      /* names */
	char *name, *version, *procedure, *method; /* NULL: not chosen */
	struct values parameters; /* of the procedure: what differs from its defaults */
	struct values options;    /* of the job: the names of draft_options[] */
	struct values images;     /* device -> id of the image it gets; the others get what matches */
	char *screen;             /* where the wizard was; NULL: not begun */
	char *job;                /* id of the job made from it last; NULL: none */
};

/* The options of a job that no procedure names, as parameters, for forms: order, batch-size,
 * role-limit, canary, on-failure, failure-budget, window, hold-after, second-person, and kind and
 * from-job where the method has kinds of jobs. Ends with a NULL name. `order` has the
 * choices of the procedure; release with draft_options_free(). */
struct parameter *draft_options(const struct procedure *p, const char *method);
/* The help of "kind" says what this choice means. */
void draft_tell_kind(struct parameter *list, const struct procedure *p, const char *method,
		     const char *kind);
void draft_options_free(struct parameter *list);

/* New: as kept, or empty. A file that cannot be read as a draft is put aside (draft.json.bad), it
 * is no reason to stop. NULL and e: the machine failed. */
struct draft *draft_load(struct store *s, struct err *e);
int draft_save(const struct draft *d, struct err *e);
void draft_free(struct draft *d);
void draft_clear(struct draft *d); /* begin anew; not yet saved */

bool draft_has(const struct draft *d, const char *device);
void draft_set(struct draft *d, const char *device, bool chosen);
void draft_text(char **member, const char *value); /* d->name and its like: copies; "" is NULL */

/* A name that no job has, made from this one ("core", "core 2"); new, NULL: none is left. */
char *draft_free_name(struct store *s, const char *wanted);

/* Did a job of this name start already? One that never did keeps no name (run/create.h). */
bool draft_name_taken(struct store *s, const char *name);

/* Was the job that was made from it started (or is it gone)? Then the draft has served. */
bool draft_served(const struct draft *d, struct store *s);

/* Prefill from a job: its devices (only those that failed, when `failed`), version and options; the
 * name is a free one made from the old one ("core 2"). */
void draft_from_job(struct draft *d, struct store *s, const struct job *j, const size_t *devices,
		    size_t n);

/* The procedure it is for: the chosen one, else the one that knows the devices' platform. New. */
struct procedure *draft_procedure(const struct draft *d, const struct inventory *inv,
				  struct err *e);

/* A job of it, checked (run/create.h): new, or NULL and e with what to put right. */
struct job *draft_job(const struct draft *d, struct store *s, struct clock *clock,
		      const struct procedure *p, struct err *e);

#endif
