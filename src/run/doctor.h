/* SPDX-License-Identifier: ISC */
/*
 * What would stop a job on this machine: each check looks at one thing and says what it found and
 * what to do about it. Nothing is changed but one setting of the store, in which the clock's course
 * is remembered.
 */
#ifndef RUN_DOCTOR_H
#define RUN_DOCTOR_H

#include "base/str.h"
#include "base/vec.h"
#include "store/store.h"

#include <cjson/cJSON.h>

enum doctor_level { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_ERROR, DOCTOR_LEVELS };

/* What only the screens' side can tell of the terminal. */
struct doctor_terminal {
	char library[64];  /* "ncurses 6.4.20221231" */
	char type[64];     /* TERM */
	bool there;        /* standard output is one */
	bool known;        /* in the terminal database */
	char stand_in[64]; /* type that is spoken instead of one that is not known; "": none */
	bool usable;       /* screens can be shown on it */
	int width, height; /* in characters; 0: it does not say */
	int colours;       /* that it can show */
};

struct doctor_options {
	const char *state;   /* directory; NULL: the XDG one */
	const char *root;    /* stands before the paths of the system's files (/proc, /etc, /run,
				/var, /sys), of another machine or a test; NULL: nothing */
	struct store *store; /* borrowed; NULL: it cannot be opened */
	const struct err *error;                /* why not; NULL: not tried */
	const struct doctor_terminal *terminal; /* NULL: not asked */
	size_t devices;                         /* of a job; 0: those of the inventory */
};

struct doctor_finding {
	const char *id, *title;  /* static; the title is marked N_() */
	enum doctor_level level; /* of the worst that was found */
	struct str evidence;     /* what was found, "; " between several things */
	struct str action;       /* what to do; empty when it is well */
};

struct doctor_findings {
	struct doctor_finding *v;
	size_t n, cap;
};

/* All checks, or (quick) those that take no time and matter to any job. Up to 20 s, else well below
 * 0.1 s. */
void doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out);
void doctor_release(struct doctor_findings *list);

enum doctor_level doctor_worst(const struct doctor_findings *list);
const char *doctor_level_name(enum doctor_level level); /* "ok", "warning", "error": for JSON */
const char *doctor_level_word(enum doctor_level level); /* for people, translated */
cJSON *doctor_to_json(const struct doctor_findings *list);

/* Is this machine fit to run a job of so many devices? 0 and in `warnings` (may be NULL) a line for
 * each thing that is not well; ERR_REFUSED with the first error and what to do. Quick checks only.
 */
int doctor_allow(struct store *s, size_t devices, struct str *warnings, struct err *e);

int64_t
doctor_files_needed(size_t devices); /* files that a job of so many may have open at a time */

#endif
