/* SPDX-License-Identifier: ISC */
/*
 * Any snapshot, wherever it is kept: "NAME" was taken by hand (the store), "JOB:before" and
 * "JOB:after" belong to a job (its journal). A job's name alone means both of them, for a comparison.
 */
#ifndef RUN_SNAPSHOTS_H
#define RUN_SNAPSHOTS_H

#include "model/difference.h"
#include "store/snapshots.h"

struct shot_part { /* an element of a device */
	char *device, *element; /* element NULL: the device did not answer at all */
	struct samples looks;   /* the rows are the part's own; none: it could not be read */
	char *why;              /* then */
	bool left_out;          /* nobody looked: the options said so */
};

struct shot {
	char *name; /* as it was asked for */
	char *who;  /* by hand: who took it */
	int64_t wall;
	struct procedure *procedure; /* how it was taken; own */
	struct jobview *view;        /* of a job; NULL: by hand */
	bool after;                  /* of a job: the one after */
	VEC(struct shot_part) parts; /* by device and element as they were taken */
};

/* Open one by its name; ERR_INPUT when there is none (it names what there is to look at). Release
 * *out in any case. */
int shot_open(struct store *s, const char *name, struct shot *out, struct err *e);
void shot_release(struct shot *s);
void shot_drop(struct shot *s, size_t part); /* leave a part out */
const struct shot_part *shot_part(const struct shot *s, const char *device, const char *element);

/* Why a shot has no rows of an element. */
enum shot_gap {
	GAP_MISSING,   /* they should be there */
	GAP_AWAITED,   /* its job is not through with the device */
	GAP_LEFT_OUT,  /* the options said so */
	GAP_NOT_ASKED, /* nobody wanted anything of this device */
};
enum shot_gap shot_gap(const struct shot *s, const char *device, const struct collector *c);

/* Do the options leave out what would be looked at with the procedure's defaults? `known`: options
 * and facts of a device. */
bool shot_leaves_out(const struct procedure *p, const struct collector *c,
		     const struct values *known);

/* Is the name that of a job, and of nothing else? */
bool shot_is_job(struct store *s, const char *name);

/* May one that is taken by hand be called so? The names of those of a job are not free. */
int shot_check_name(const char *name, struct err *e);

/* Keep one that was taken by hand (shot->name is its name). */
int shot_save(struct store *s, struct shot *shot, struct err *e);
cJSON *shot_json(const struct shot *s, const char *type); /* with all rows; new */

#endif
