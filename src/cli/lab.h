/* SPDX-License-Identifier: ISC */
/* A lab in the background: a process that serves simulated devices out of a directory. */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include "cli/cli.h"

/* Rows for the verbs that start a lab. */
#define LAB_OPTIONS                                                                                \
	{"--fabric", "NAME", N_("reference, or one of those that 'lab list' lists"), false},       \
	    {"--size", "N", N_("devices of a clos, members of a cluster"), false},                 \
	    {"--port", "N", N_("SSH port of all devices (a free one)"), false},                    \
	    {"--speed", "N", N_("lab seconds in a second (60)"), false},                           \
	    {"--from", "VERSION|FILE",                                                             \
	     N_("version that the devices run (4.1.1), or a fabric's description"), false},        \
	    {"--to", "VERSION", N_("version to make an image of (4.2.0)"), true},                  \
	    {"--platform", "NAME", N_("kind of hardware"), false},                                 \
	    {"--fault", "SPEC", N_("DEVICE:FAULT[=ARG][@MOMENT][xCOUNT]; 'lab list' lists them"),  \
	     true},                                                                                \
	{                                                                                          \
		"--seed", "N", N_("another seed, another lab"), false                              \
	}

#define LAB_SPEED      60
#define LAB_SPEED_TEXT "60" /* the same, for the setting clock-speed */

/* The lock of a lab's directory: its descriptor, or -1 and e (ERR_LOCKED: a lab runs there). */
int lab_lock(const char *dir, struct err *e);

/* Start one that serves dir, with the LAB_OPTIONS of this command line; end it. */
int lab_start(struct cli *c, const char *dir);
/* The same with the words of "lab serve", NULL-ended. */
int lab_start_words(const char *dir, char *const *words, struct err *e);
/* Is --from a file (a fabric's description), not a version? */
bool lab_from_file(const struct cli *c);
int lab_stop(const char *dir, struct err *e);

int lab_fault(struct cli *c); /* the verb: lab_fault.c */

#endif
