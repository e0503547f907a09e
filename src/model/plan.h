/* SPDX-License-Identifier: ISC */
/* A plan: stages of batches of devices, with the proof that it is safe. Made by plan/, kept in the
 * journal, shown by the front ends, walked by the engine. Device numbers are those of the job's
 * inventory. */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "model/job.h"

#include "base/str.h"

struct plan_line { /* one line of a proof sheet */
	char *claim;   /* "redundancy groups apart" */
	bool holds;
	char *detail;  /* the counter-example where it does not hold, else the figures */
};

struct plan_batch {
	VEC(size_t) devices;
	VEC(struct plan_line) proof;
	int64_t estimate_ms;
	int64_t need_ms;      /* at worst, there and back; what a window has to have room for */
	size_t window;        /* which window it falls in, from 1; 0: there are none */
	int64_t starts, over; /* wall ms, when there are windows: it starts, and is over at worst */
};

struct plan_stage {
	char *name; /* role, or the procedure's name for devices without one ("Stage1") */
	char *component; /* of the method, when the plan goes component by component; NULL */
	char *no_return; /* cannot be undone afterwards; NULL: nothing of the kind */
	bool no_return_last; /* asked before its last device; false: before the first */
	bool no_return_said; /* the operator said beforehand that he need not be asked */
	VEC(struct plan_batch) batches;
};

struct plan_device { /* what is special about one device */
	size_t device;
	char *from, *to;
	char *image, *restore; /* ids; NULL when the method needs none */
	VEC(size_t) isolates;  /* devices cut off while this one is away */
	int64_t estimate_ms;   /* half of them are through by then */
	int64_t p95_ms;        /* nearly all; 0: an old plan */
	int64_t copy_ms, copy_p95_ms; /* until its image is there, from its beginning; 0: no copy */
	int64_t need_ms;       /* at worst, there and back */
	char *left;            /* why nothing is done on it; NULL: it is upgraded */
	char *not_hitless;     /* why traffic suffers; NULL: it does not, or an old plan */
};

#define PLAN_SOURCES(X)                                                                            \
	X(SHIPPED, "shipped")   /* nothing was learnt */                                           \
	X(MODEL, "model")       /* learnt on this model */                                         \
	X(PLATFORM, "platform") /* learnt on other models of the platform */
enum plan_source {
#define X(id, name) PLAN_##id,
	PLAN_SOURCES(X)
#undef X
	    PLAN_SOURCE_COUNT
};
extern const char *const plan_source_names[PLAN_SOURCE_COUNT];

struct plan_figure { /* how long a step takes on a model, and who says so */
	char *model; /* NULL: not known */
	char *step;
	int64_t p50_ms, p95_ms;
	int64_t samples; /* 0: shipped */
	enum plan_source source;
};

struct plan {
	VEC(struct plan_stage) stages;
	VEC(struct plan_device) devices;
	VEC(char *) warnings;
	VEC(struct plan_figure) figures; /* what the estimates were made of */
	int hitless;         /* 1: traffic has other paths all the time, 0: not; -1: an old plan */
	size_t lower_bound;  /* least number of batches that any plan needs */
	int64_t estimate_ms, p95_ms;
	int64_t copies_ms, copies_p95_ms; /* all copies are done, from the start; 0: there are none */
	char *estimate_from; /* "shipped defaults" or "learnt from 12 upgrades" */
	char fingerprint[17]; /* of everything above */
};

struct plan *plan_new(void);
void plan_free(struct plan *p);
cJSON *plan_to_json(const struct plan *p, const struct inventory *inv); /* devices by name */
struct plan *plan_from_json(const cJSON *object, const struct inventory *inv, const char *file,
                            struct err *e);
const struct plan_device *plan_device(const struct plan *p, size_t device); /* NULL: not in it */
size_t plan_batches(const struct plan *p);

/* What people compare: five words that stand for the plan and for everything that was asked of the
 * job (not for who asked, and when). New. */
char *plan_words(const struct plan *p, const struct job *j);
/* Are these the words? Case and the blanks between them do not matter. */
bool plan_words_are(const char *words, const char *given);

/* Fill in the fingerprint from the rest. */
void plan_seal(struct plan *p, const struct inventory *inv);

#endif
