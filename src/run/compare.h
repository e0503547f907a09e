/* SPDX-License-Identifier: ISC */
/* Two snapshots compared, element by element of each device, for every front end. */
#ifndef RUN_COMPARE_H
#define RUN_COMPARE_H

#include "run/snapshots.h"

struct compared { /* one element of one device */
	char *device;
	const struct collector *how;
	struct diff diff;
	bool missing; /* it is on one side only, and no side is still to come */
	bool awaited; /* the device is not through: the second comes when it is */
	bool left_out;  /* on purpose, of one side: nothing to compare, and no failure */
	bool not_asked; /* the device, for one side: the same */
};

struct comparison {
	struct compared *v; /* in the order of the devices and collectors */
	size_t n, cap;
	size_t counts[DIFF_CLASSES][SNAPSHOT_CHANGED + 1];
	size_t missing;
	size_t apart; /* of one side left out, or not asked for */
	const struct procedure *procedure; /* borrowed */
	struct phrases *phrases;           /* what people read: said_by() */
};

/* What is looked at; NULL everywhere: all. */
struct compare_filter {
	char *const *devices;  /* names, NULL-ended */
	char *const *elements; /* names, NULL-ended */
	const bool *classes;   /* DIFF_CLASSES flags: rows of these classes are given out */
};

/* Before and after of a job. The comparison borrows from the view: release it first. */
void compare_job(const struct jobview *v, const struct compare_filter *f, struct comparison *out);

/* Any two. When the second is the one after of a job, what that job does itself is expected. The
 * comparison borrows from the shots. */
void compare_shots(const struct shot *a, const struct shot *b, const struct compare_filter *f,
		   struct comparison *out);
void comparison_release(struct comparison *c);

size_t compare_count(const struct comparison *c, enum diff_class class);

/* Elements of which both sides are there. */
size_t compare_both(const struct comparison *c);

/* 0: nothing real and nothing missing; 1 otherwise, also when there was nothing to compare. */
int compare_status(const struct comparison *c);

/* {"elements": [...], "differences": [...], "totals": {...}} into o. */
void compare_json(const struct comparison *c, const struct compare_filter *f, cJSON *o);

/* For people: a line an element that differs (`all`: every one), then the rows with what changed.
 * Classes other than real are counted, and listed when the filter names them or `all`. */
void compare_text(const struct comparison *c, const struct compare_filter *f, bool all,
		  struct str *out);

/* What came of it, in one word for programs: missing, awaited, left-out, not-asked, differs,
 * folded (only what is not real), same. */
const char *compare_result(const struct compared *c);

/* Words for people. */
const char *compare_class_word(enum diff_class class);
const char *compare_change_word(enum snapshot_change change);

/* The fields of a changed row, "state: Established -> Idle, asn: ..." (`between` is what stands
 * between two); of another row all of it, in one line. */
void compare_fields(const struct diff_row *row, const char *between, struct str *out);

#endif
