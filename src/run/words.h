/* SPDX-License-Identifier: ISC */
/* States and results as people read them: a translated word and a symbol each, the same on every
 * front end. The symbol alone tells them apart on a screen without colours. */
#ifndef RUN_WORDS_H
#define RUN_WORDS_H

#include "base/i18n.h"
#include "model/jobview.h"
#include "model/theme.h"

/* State of a device: word, symbol, role, and how urgent it is (0 first, the ordinary ones last). */
#define TASK_WORDS(X)                                                               \
	X(PENDING, N_("pending"), ".", ROLE_STATE_PENDING, 6)                       \
	X(RUNNING, N_("running"), ">", ROLE_STATE_RUNNING, 5)                       \
	X(HELD, N_("held"), "=", ROLE_STATE_HELD, 0)                                \
	X(UNDOING, N_("undoing"), ">", ROLE_STATE_FAILED, 2)                        \
	X(ROLLING_BACK, N_("rolling back"), ">", ROLE_STATE_ROLLEDBACK, 3)          \
	X(DONE, N_("done"), "+", ROLE_STATE_DONE, 8)                                \
	X(FAILED, N_("failed"), "!", ROLE_STATE_FAILED, 1)                          \
	X(ROLLED_BACK, N_("rolled back"), "<", ROLE_STATE_ROLLEDBACK, 4)            \
	X(SKIPPED, N_("skipped"), "-", ROLE_STATE_SKIPPED, 7)                       \
	X(CANCELLED, N_("cancelled"), "-", ROLE_STATE_SKIPPED, 7)

/* State of a job: word, symbol, role. */
#define JOB_WORDS(X)                                                                \
	X(NEW, N_("new"), ".", ROLE_STATE_PENDING)                                  \
	X(CHECKING, N_("checking"), ">", ROLE_STATE_RUNNING)                        \
	X(REFUSED, N_("refused"), "!", ROLE_STATE_FAILED)                           \
	X(READY, N_("ready"), ".", ROLE_STATE_PENDING)                              \
	X(RUNNING, N_("running"), ">", ROLE_STATE_RUNNING)                          \
	X(PAUSED, N_("paused"), "=", ROLE_STATE_HELD)                               \
	X(HELD, N_("held"), "=", ROLE_STATE_HELD)                                   \
	X(CANCELLING, N_("cancelling"), ">", ROLE_STATE_HELD)                       \
	X(DONE, N_("done"), "+", ROLE_STATE_DONE)                                   \
	X(FAILED, N_("failed"), "!", ROLE_STATE_FAILED)                             \
	X(CANCELLED, N_("cancelled"), "-", ROLE_STATE_SKIPPED)

/* Borrowed, translated. */
const char *word_task(enum task_state s);
const char *word_job(enum job_state s);
const char *word_pass(enum pass p);
/* Of a step; NULL: it is under way. What is not known stays as it is. */
const char *word_result(const char *result);

/* How a question was answered, and by whom, as the journal has it: the program's own words for it,
 * translated; others, such as a choice of the procedure or somebody's name, as they are. NULL: "". */
const char *word_answer(const char *answer);
const char *word_who(const char *who);
/* "re-cpu-idle is 59, not 60, since 10:12:03 (root, for try 2 of border1)"; new. */
char *word_set(const struct jobview *v, const struct set_view *s);
char *word_sets(const struct jobview *v); /* all of them, the newest first; NULL: there are none */
/* What a look at the device made of a step without an outcome ("probe" records); NULL: "". */
const char *word_verdict(const char *verdict);

/* A step of the job, by its id: its title, or for a narrow place the word of its state; translated.
 * One that the procedure does not know stays as it is; NULL gives NULL. */
const char *word_step(const struct jobview *v, const char *step);
const char *word_step_short(const struct jobview *v, const char *step);

char mark_task(enum task_state s);
char mark_job(enum job_state s);
char mark_result(const char *result);

/* The devices with this outcome want a look: 0 first, the ordinary ones last. */
int word_task_rank(enum task_state s);

/* "1 device, 2 redundancy groups, 8 links": new. */
char *word_inventory(const struct inventory *inv);

/* "3m20s", "2h", "45s": to the second, nothing that is zero at its end; text has room for 32. */
void word_span(int64_t ms, char text[32]);

/* How long the step of a device has taken as of `now` on its job's clock, and its limit: "40s/2m".
 * Of a device that is through: how long it was worked on. Nothing for others, and while the step
 * waits for its next try: then nothing of its limit is used up. */
void word_task_time(const struct task_view *t, int64_t now, struct str *out);

/* "nothing has come for 12m": of a command that is listened to; new, NULL: that is not so. */
char *word_silent(const struct jobview *v, const struct task_view *t, int64_t now);

/* "12M/s" of bytes in a second; text has room for 32. */
void word_rate(int64_t bytes, char text[32]);

#endif
