/* SPDX-License-Identifier: ISC */
/*
 * A terminal session on a device: a prompt, lines, and the dialogue that an expired password
 * forces. Every line is a command of its own (a `cd` does not last). The server's lock is held by
 * callers.
 */
#ifndef LAB_TERM_H
#define LAB_TERM_H

#include "lab/lab.h"

struct term;

struct term *term_new(struct lab *lab, size_t device, const char *user, void *run_ctx);
void term_free(struct term *t); /* NULL is fine */
void term_input(struct term *t, const void *data, size_t n);
size_t term_output(struct term *t, size_t limit, struct str *out);
bool term_ended(struct term *t);
bool term_dropped(const struct term *t);

#endif
