/* SPDX-License-Identifier: ISC */
/* What the verbs that look back have in common: which jobs. */
#ifndef CLI_PAST_H
#define CLI_PAST_H

#include "cli/cli.h"
#include "run/archive.h"

#define PAST_OPTIONS                                                                               \
	{"--since", "TIME", N_("only jobs of the last 30m, 24h, 7d, 2w, or since 2026-11-01"),    \
	 false},                                                                                   \
	{"--operator", "NAME", N_("only jobs that this operator made"), false},                    \
	{"--to", "VERSION", N_("only jobs to this version"), false},                          \
	{"--match", "TEXT", N_("only jobs with this in their name"), false}

/* The filter that the options mean; 0, or -1 and c->e. */
int past_filter(struct cli *c, struct archive_filter *f);

#endif
