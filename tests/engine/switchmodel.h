/* SPDX-License-Identifier: ISC */
/*
 * Scripted switches: a small, honest model of devices and of the lines to them, for the script
 * transport. It shares nothing with the engine: it knows what happens to a box, not what is right.
 * What must never happen to a box, whoever orders it, is told to violated().
 */
#ifndef ENGINE_SWITCHMODEL_H
#define ENGINE_SWITCHMODEL_H

#include "base/vec.h"
#include "model/exchange.h"
#include "model/inventory.h"

#define NEVER INT64_MAX

enum fault {
	FAULT_NONE,
	/* of the line, for one request */
	FAULT_NOT_SENT,
	FAULT_LOST_BEFORE, /* the session is lost, nothing was done */
	FAULT_LOST_AFTER,  /* it was done, the answer is lost */
	FAULT_TIMEOUT,     /* it was done, the answer never comes */
	FAULT_HANG,        /* nothing was done, nothing comes */
	FAULT_SLOW,
	FAULT_AUTH,
	FAULT_HOSTKEY, /* another key than the known one */
	FAULT_KEY_NEW, /* none is known */
	/* of the answer */
	FAULT_GARBAGE, /* it was done; the output is noise with control codes */
	FAULT_ERROR,   /* nothing was done; exit status 1 */
	FAULT_FLOOD,   /* far more output than anybody wants */
	FAULT_CORRUPT, /* copies: what arrived is not what was sent */
	FAULT_FULL,    /* copies: no space */
	FAULT_CUT,     /* copies: lost in the middle */
	FAULTS
};

/* What a box does wrong by itself, until it is put right. */
struct illness {
	bool install_fails, boots_old, never_returns, stays_broken, traffic_stuck;
	bool other_box; /* somebody put another box in its place */
	bool login_refused, key_changed;
};

struct box {
	char name[32], role[16], release[16], staged[16];
	char claim[64];
	char prepared[32]; /* for this member of its group to go */
	int serial, planned_serial;
	int boot, first_boot;
	bool drained, marked, config, image;
	int64_t shutdown_at; /* ordered; NEVER: not */
	int64_t up_at;       /* it answers from then on */
	char install[64];    /* token of the last install */
	int64_t install_end;
	bool install_ok, install_taken; /* ended well / its end was seen */
	VEC(char *) rebooted;           /* tokens */
	struct illness ill;
	long commands; /* that reached it */
	bool excused;  /* done, and what is left on it was said */
};

struct forced {              /* a fault at a chosen moment, used up in this order */
	const char *device;  /* NULL: any */
	const char *command; /* part of it; NULL: any */
	enum fault fault;
	int skip, times; /* times < 0: always */
};

struct switches {
	const struct inventory *inventory; /* as planned */
	VEC(struct box) box;
	VEC(struct forced) forced;
	uint64_t random;
	int rate[FAULTS]; /* chance a request, in 10,000 */
	int mutant;       /* how the model itself breaks a rule; 0: not */
	char target[16];
	bool (*breaker)(void *ctx, size_t device); /* is its credential refused already? */
	void (*refused)(void *ctx, size_t device); /* a login was tried and refused */
	void (*arrives)(void *ctx, const struct tr_request *r,
			bool writes); /* right before it is done */
	void (*violated)(void *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);
	void *ctx;
	bool trace;
};

void switches_init(struct switches *s, const struct inventory *inv, const char *release);
void switches_release(struct switches *s);
/* For script_transport_new(). */
int64_t switches_answer(void *ctx, const struct tr_request *r, struct tr_reply *reply, int64_t now);
/* Let time do what it does to a box. */
void switches_tick(struct switches *s, int64_t now);
/* Everything broken is put right; whoever never came back is switched on. */
void switches_heal(struct switches *s, int64_t now);
bool switches_up(const struct box *b, int64_t now);
/* Out of the way of the traffic: drained, on its way down, down. */
bool switches_away(const struct box *b, int64_t now);
struct box *switches_find(struct switches *s, const char *name);
void switches_force(struct switches *s, const char *device, const char *command, enum fault fault,
		    int skip, int times);
uint64_t switches_draw(struct switches *s);

#endif
