/* SPDX-License-Identifier: ISC */
/* Running another program: no shell, nothing on its standard input, a limit of time and of output.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct program {
	char *const *argv; /* NULL-ended; the first is looked up in PATH */
	int64_t limit_ms;
	size_t limit; /* bytes that it may print, standard output and error together */
	/* What it printed (error: on standard error); `data` is wiped afterwards. Non-zero stops
	 * it: say why in e. */
	int (*take)(void *ctx, bool error, const char *data, size_t n, struct err *e);
	void *ctx;
};

/* Run it to its end: 0 and *status (of exit; 128 and the number of the signal that ended it). -1
 * and e: it could not be run, or was killed with all it started, because it took too long
 * (ERR_TIMEOUT), printed too much (ERR_INPUT) or take() said so. */
int program_run(const struct program *p, int *status, struct err *e);

/* The same for short answers: standard output, at most 64 KiB, is appended to out; standard error
 * is dropped. -1 also when the status is not 0. */
int program_ask(char *const argv[], int64_t limit_ms, struct str *out, struct err *e);

#endif
