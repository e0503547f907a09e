/* SPDX-License-Identifier: ISC */
/*
 * Error cards: failures put together by their cause, over the devices of one job or of many. What
 * the procedure names as a kind of error is one cause; else the words have to be the same, but for
 * the device's own name and for quantities, which are told as a range: "short by 210-260 MB". Of a
 * job whose pre-checks refused it, the checks that did so make the cards; that a credential is
 * refused is one cause, whoever refused it.
 */
#ifndef RUN_CARDS_H
#define RUN_CARDS_H

#include "model/jobview.h"
#include "run/cards_words.h"

struct card_member {
	const struct jobview *view; /* borrowed */
	const char *job;            /* id; borrowed; NULL: the only job */
	size_t task;                /* SIZE_MAX: a check of the job as a whole */
};

struct card {
	char *key;   /* what its failures have in common */
	char *title; /* with "*" for the names when there are several devices, and ranges */
	char *cause, *advice; /* worded for all of them; lines when they differ; NULL: none */
	struct card_words messages, causes, advices; /* what was said to whom */
	/* of the first device; borrowed from its view, translated unless plain */
	const char *message, *phase;
	const char *step;                 /* name; NULL: a pre-check */
	const char *check;                /* name of the pre-check; NULL: a step */
	const char *command, *output;     /* what speaks for it; NULL: nothing */
	const struct step_view *evidence; /* NULL: no step failed */
	VEC(struct card_member) members;
};

struct cards {
	VEC(struct card) list; /* in the order of the first device of each */
	size_t devices;        /* on all cards; one that is on several counts once */
	const struct jobview *view; /* of cards_make() */
	bool plain; /* nothing is translated: for JSON. Set it before cards_add() */
};

/* Anew from the view (NULL: none). A device that failed and was upgraded later is on no card. */
void cards_make(struct cards *c, const struct jobview *v);
/* Put the failures of a further job on the cards; v and job have to live as long as the cards. Gives
 * how many there were. */
size_t cards_add(struct cards *c, const struct jobview *v, const char *job);
void cards_release(struct cards *c);

const struct task_view *card_task(const struct card_member *m);
const char *card_device(const struct card_member *m); /* its name */

/* The step at which a device failed last; NULL: none is known. */
const struct step_view *card_evidence(const struct task_view *t);

/* What can be done now about the devices of a card: commands for a shell, new; "" when nothing can
 * (their job is over: then a new job with only these devices is what is left). */
char *card_commands(const struct card *k);

/* All cards as lines, without what looks like a secret; jobs: with the names of the jobs. New; NULL and
 * e. */
char *cards_text(const struct cards *c, bool jobs, struct err *e);

/* The cards as an array for JSON: title, cause, devices, evidence, commands. New. */
cJSON *cards_json(const struct cards *c);

#endif
