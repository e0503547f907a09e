/* SPDX-License-Identifier: ISC */
/* Open questions of the job that is followed: a dialog on whatever screen is open, once each. */
#ifndef TUI_QUESTIONS_H
#define TUI_QUESTIONS_H

#include "tui/app.h"

/* Show the next one that was not shown yet, when nothing else is asked or typed; take away the
 * dialog of one that somebody else has answered, or that an answer can do nothing for any more. */
void questions_tick(struct app *a);

/* The first one that waits for an answer; NULL: there is none. */
const struct question_view *questions_open(const struct app *a);

/* Show this one (again). */
void questions_ask(struct app *a, const struct question_view *q);

/* The action "answer": the first open one again. */
/* Open that job and its first question; without one only the job. */
void questions_open_job(struct app *a, const char *id);
void questions_answer(struct app *a, void *state);
bool questions_possible(const struct app *a, const void *state, struct err *why);

#endif
