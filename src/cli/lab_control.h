/* SPDX-License-Identifier: ISC */
/* How a lab in the background is spoken to while it runs: a socket in its directory, which only its
 * owner can open. One request a connection: a line; the answer: "0", or the number of the error's
 * kind, a space and its text, LF, and then lines. */
#ifndef CLI_LAB_CONTROL_H
#define CLI_LAB_CONTROL_H

#include "cli/lab.h"

struct lab_server;

/* Listen in dir (what an earlier lab left there is replaced): a descriptor, -1: e. */
int control_listen(const char *dir, struct err *e);
/* Somebody has connected: read, do, answer, hang up; never waits for long. */
void control_answer(int listener, struct lab_server *server);

/* Ask the lab of dir; the lines of its answer are appended. -1: e (also: none runs there). */
int control_ask(const char *dir, const char *line, struct str *answer, struct err *e);

#endif
