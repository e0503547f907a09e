/* SPDX-License-Identifier: ISC */
/*
 * The program's own log: one line an event, appended to a file in the state directory. What a
 * device said belongs to the journal, not here. Secrets never reach it: nothing that holds one is
 * ever given to these functions. Safe to call from any thread; without log_open() it is silent.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

/* Append to this file (mode 0600). Subsystems are short words: "run", "ssh", "store". */
int log_open(const char *path, struct err *e);
void log_close(void);
void log_line(const char *subsystem, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
