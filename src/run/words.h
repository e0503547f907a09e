/* SPDX-License-Identifier: ISC */
/* States and results as people read them: a translated word and a symbol each, the same on every
 * front end. The symbol alone tells them apart on a screen without colours. */
#ifndef RUN_WORDS_H
#define RUN_WORDS_H

#include "model/jobview.h"

/* Borrowed, translated. */
const char *word_task(enum task_state s);
const char *word_job(enum job_state s);
const char *word_pass(enum pass p);
const char *word_result(const char *result); /* of a step; NULL: it is under way; others as they are */
const char *word_answer(const char *answer); /* what an answer to a question means */

char mark_task(enum task_state s);
char mark_job(enum job_state s);
char mark_result(const char *result);

/* The devices with this outcome want a look: 0 first, the ordinary ones last. */
int word_task_rank(enum task_state s);

/* "3m20s", "2h", "45s": to the second, nothing that is zero at its end; text has room for 32. */
void word_span(int64_t ms, char text[32]);

/* "12M/s" of bytes in a second; text has room for 32. */
void word_rate(int64_t bytes, char text[32]);

#endif
