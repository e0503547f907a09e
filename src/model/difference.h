/* SPDX-License-Identifier: ISC */
/*
 * Two states of an element of a device, with a class for each difference. Either side may have been
 * looked at several times: what changes by itself between two looks before the upgrade is noise, and
 * what an earlier look after it showed and the last one does not has healed by itself. What a job
 * does is named by the collector ("expected"). Everything else is real.
 */
#ifndef MODEL_DIFFERENCE_H
#define MODEL_DIFFERENCE_H

#include "model/jobview.h"
#include "model/snapshot.h"

#define DIFF_CLASS_LIST(X)                                                                         \
	X(REAL, "real")                                                                            \
	X(EXPECTED, "expected")                                                                    \
	X(HEALED, "healed") /* an earlier look after the upgrade showed it, the last one does not */ \
	X(NOISE, "noise")   /* changes by itself, or within the tolerance */

enum diff_class {
#define X(id, name) DIFF_##id,
	DIFF_CLASS_LIST(X)
#undef X
	    DIFF_CLASSES
};
extern const char *const diff_class_names[DIFF_CLASSES + 1];
extern const char *const snapshot_change_names[SNAPSHOT_CHANGED + 2]; /* "added", ...; NULL */

struct sample { /* one look; borrowed */
	const cJSON *rows;
	int64_t wall;
};

struct samples { /* oldest first; the last one counts */
	struct sample *v;
	size_t n, cap;
};

struct diff_field {
	const char *name, *from, *to; /* borrowed from the rows; NULL: the row has no such field */
	enum diff_class class;
};

struct diff_row {
	enum snapshot_change change;
	enum diff_class class;    /* of a changed row: the worst of its fields */
	char *key;
	const cJSON *before, *after; /* borrowed; NULL: not there */
	struct diff_field *fields;   /* of a changed row: those that differ */
	size_t n_fields;
	char *why;                   /* of the class, in English (said()); NULL: real */
};

struct diff {
	int before, after; /* rows; -1: nobody looked, or it could not be read */
	struct diff_row *v; /* by key; those that healed behind the others */
	size_t n, cap;
	size_t counts[DIFF_CLASSES][SNAPSHOT_CHANGED + 1];
};

/* Compare. `plan`: the values of the job, for what it makes itself; NULL: there is no job between the
 * two sides. What `out` borrows lives as long as the samples; diff_release(). */
void diff_make(const struct collector *c, const struct samples *before,
               const struct samples *after, const struct scope *plan, struct diff *out);
void diff_release(struct diff *d);
size_t diff_count(const struct diff *d, enum diff_class class); /* all changes of a class */

/* The looks of a job at an element of a device; new, VEC_RELEASE(). `when`: "before", "after". */
void diff_samples(const struct jobview *v, size_t device, const char *element, const char *when,
                  struct samples *out);

/* What the rules of "expected" may speak of: parameters, facts, versions. After a rollback the old
 * version is the one to be. */
void diff_values(const struct jobview *v, const struct task_view *t, struct values *out);

/* Before against after of a job. */
void diff_job(const struct jobview *v, size_t device, const struct collector *c, struct diff *out);

/* Is the device through, well or badly, or its whole job over? What was not taken until then does
 * not come any more: it is missing. */
bool diff_over(const struct jobview *v, const struct task_view *t);

enum diff_due {
	DIFF_DUE_DONE, /* of devices that are done: what is missing there fails the job */
	DIFF_DUE_OVER  /* of all that are over (diff_over()): also of those that failed in between */
};
/* Elements that were looked at before and are missing after: one of a device; how many of a job. */
bool diff_missing(const struct jobview *v, const struct task_view *t, const struct collector *c,
		  enum diff_due due);
size_t diff_missing_count(const struct jobview *v, enum diff_due due);

#endif
