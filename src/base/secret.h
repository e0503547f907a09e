/* SPDX-License-Identifier: ISC */
/*
 * A secret in memory that is locked, left out of core dumps and of children, and wiped when freed.
 * Nothing here prints or copies it anywhere else. NULL is a valid "no secret".
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"

#include <stddef.h>

#define SECRET_MAX 4000 /* bytes */

struct secret;

/* New secret of n bytes (at most SECRET_MAX). The caller wipes its own copy. */
struct secret *secret_new(const char *text, size_t n, struct err *e);
void secret_free(struct secret *s);
const char *secret_text(const struct secret *s); /* borrowed, NUL-terminated; "" for NULL */

/* Read one line (without its end) from a descriptor without buffering anywhere else. */
struct secret *secret_read_line(int fd, struct err *e);

/* Ask on the controlling terminal with echo off; ERR_REFUSED when there is none. */
struct secret *secret_prompt(const char *prompt, struct err *e);

/* Run argv (no shell, 60 s limit, 1 MiB) and take the first line it prints. Its standard input is
 * empty. When it fails, e holds the beginning of what it printed on standard error, unless that
 * quotes what it printed as the secret. */
struct secret *secret_command(char *const argv[], struct err *e);

/* No core dumps, not traceable (facts/reliability.md 445). Whoever makes a secret does it by that.
 */
int secret_harden_process(struct err *e);

#endif
