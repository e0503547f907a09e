/* SPDX-License-Identifier: ISC */
/* The options of check, plan and upgrade as a job. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "cli/cli.h"
#include "model/plan.h"
#include "model/procedure.h"

struct request {
	struct job *job;
	struct procedure *procedure;
	struct plan *plan; /* brought by the operator; NULL */
	bool named;        /* the name was given, by option or by the plan */
	bool yes;
};

/* Rows for the option tables of the verbs that take a request. */
#define REQUEST_OPTIONS                                                                            \
	{"--name", "NAME", N_("name of the job"), false},                                          \
	    {"--to", "VERSION", N_("version to upgrade to (unless there is a default version)"),   \
	     false},                                                                               \
	    {"--hosts", "PATTERNS", N_("devices: a,b,leaf*,@role,#tag (all that are no anchors)"), \
	     false},                                                                               \
	    {"--role", "ROLE", N_("only devices of this role"), true},                             \
	    {"--procedure", "P", N_("procedure, by id or file (the one for the platform)"),        \
	     false},                                                                               \
	    {"--method", "METHOD", N_("method of the procedure (its first)"), false},              \
	    {"--image", "IMAGE[=DEVICES]", N_("this image, for these devices (all that it fits)"), \
	     true},                                                                                \
	    {"--order", "ROLES", N_("order of the roles, or a named order: edge-first"), false},   \
	    {"--set", "PARAM=VALUE", N_("parameter of the procedure"), true},                      \
	    {"--timeout", "STEP=SECONDS", N_("other time limit for a step"), true},                \
	    {"--batch-size", "N", N_("most devices at the same time"), false},                     \
	    {"--role-limit", "N", N_("most devices of one role at the same time"), false},         \
	    {"--canary", NULL, N_("one device first, by itself"), false},                          \
	    {"--on-failure", "WHAT", N_("hold (default), stop or continue"), false},               \
	    {"--failure-budget", "N|N%", N_("with continue: failures that are accepted (any number)"), \
	     false},                                                                               \
	    {"--window", "TIMES", N_("work only then: 01:00-04:00, 2026-11-21 22:00-04:00, ..."),  \
	     false},                                                                               \
	    {"--hold-after", "STAGE", N_("wait for the operator after this stage (name, number)"), \
	     true},                                                                                \
	    {"--require-confirm", NULL, N_("change nothing before another person confirms"),       \
	     false},                                                                               \
	    {"--only", "KIND", N_("a part of it: stage, activate, verify, rollback"), false},      \
	    {"--from-job", "JOB", N_("go on with what this job staged or upgraded"), false},       \
	    {"--plan", "FILE", N_("use this plan (made by 'hitless plan --plan-out')"), false},    \
	{                                                                                          \
		"--password-stdin", NULL, N_("read the password from standard input"), false       \
	}

/* Read and check all of it; no device is touched. `kind` names a job without --name ("check");
 * NULL: the name must be given. */
int request_read(struct cli *c, const char *kind, struct request *r);
void request_release(struct request *r);

/* Have all devices of the job a credential that is there? -1: c->e says which one is not. none_too:
 * also when there is no credential at all, for which the pre-checks have a row. Nobody is asked. */
int request_credentials(struct cli *c, const struct job *j, bool none_too);

#endif
