/* SPDX-License-Identifier: ISC */
/* The role of a state on the screen: its colour, beside the word and symbol of run/words.h. */
#ifndef TUI_STATES_H
#define TUI_STATES_H

#include "model/jobview.h"
#include "model/theme.h"
#include "run/lines.h"
#include "tui/list.h"

enum theme_role role_task(enum task_state s);
enum theme_role role_job(enum job_state s);
enum theme_role role_result(const char *result); /* of a step; NULL: under way */
enum theme_role role_line(enum line_kind kind);

/* "! failed" */
void cell_task(struct cell *out, enum task_state s);
/* A job that is in the middle of something, and no process (running) does it: "? no process". */
void cell_job(struct cell *out, enum job_state s, bool running);
void cell_superseded(struct cell *out);
void cell_asks(struct cell *out); /* a question of the job waits for an answer */ /* a job that a later one of its name has replaced */
void cell_result(struct cell *out, const char *result);

#endif
