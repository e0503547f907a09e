/* SPDX-License-Identifier: ISC */
/* Asking devices from the command line: secrets first, then how far it is, and an end with Ctrl-C.
 */
#ifndef CLI_INVENTORY_ASK_H
#define CLI_INVENTORY_ASK_H

#include "cli/cli.h"

#include "run/portrait.h"

#include <signal.h>

struct asking {
	struct cli *c;
	const char *what; /* "asking for host keys", translated */
	int signals;      /* signalfd; -1: none */
	sigset_t before;  /* signals that were blocked anyway */
	int64_t began, at; /* ms: when it began, and when the line was last written */
	size_t done;       /* what the line says */
	bool shown;
	int interrupted; /* the signal that came; 0: none */
};

#define PACE_OPTIONS                                                                               \
	{"--rate", "N", N_("at most N new connections in a second (50)"), false},            \
	    {"--at-once", "N", N_("connections at the same time (32)"), false},                    \
	{                                                                                          \
		"--timeout", "SECONDS", N_("patience for each connection (5)"), false              \
	}

int read_pace(struct cli *c, struct pace *out);

/* "12s", "3h05m", "4 days", "31 years" */
#define LONG_SPAN 64
void long_span(double seconds, char text[LONG_SPAN]);

/* From here on Ctrl-C and SIGTERM are seen by asking_progress() and end nothing else. */
void asking_begin(struct asking *a, struct cli *c, const char *what);
/* For `progress` of run/: a line that counts, on a terminal. */
int asking_progress(void *asking, size_t done, size_t total);
/* Gives rc, how it went; -1 and ERR_CANCELLED when a signal came so late that progress did not see it. */
int asking_end(struct asking *a, int rc);

/* Devices of the inventory that --hosts chooses (all but anchors): new array. */
int asked_devices(struct cli *c, const struct inventory *inv, size_t **out, size_t *n);

/* Ask them, with the credentials that the inventory names. *list is filled and has to outlive *out;
 * release both in any case. */
int ask_devices(struct cli *c, const struct inventory *inv, const size_t *devices, size_t n,
		bool topology, struct procedures *list, struct portraits *out);

#endif
