/* SPDX-License-Identifier: ISC */
/*
 * A record of a job's journal. The list of records is the job: its state, the live screen, the
 * report and the resume after a crash are folds of it (jobview.h). Records are only ever appended.
 * `data` holds the kind's members:
 *
 *   job       {job, procedure: text}                  the first record
 *   owner     {pid, host, machine, user, epoch, resumed}  a process took the job
 *   facts     {values, gate, changed}                 of a device; gate: read again; changed: not
 *                                                      those of the last pre-checks, all its
 *                                                      checks are asked
 *   check     {check, group, title, status, severity, message, advice, command, exit, output,
 *              waivable, after, not_hitless}         not_hitless: the upgrade is not, if it goes on
 *   waive     {check, reason, who}                    device may be none: for all
 *   plan      {plan}
 *   state     {state, reason, who, again, past_stage} of the job; checking: who asked once more,
 *                                                      again: [{device, checks}], else for all
 *                                                      past_stage: the holds after so many stages were
 *                                                      let go
 *   task      {state, reason, pass, acknowledged, released}  of a device; pass: what a pending one
 *                                                      starts with
 *   begin     {pass, attempt, from_step, look, uncommits, closing}  a device starts (again); look:
 *                                                      which version runs decides whether from
 *                                                      there; closing: it was through, and
 *                                                      what was to last is taken back, for the job
 *                                                      ends, or because it was ordered
 *   intent    {pass, attempt, action, changes, commits, command, limit_ms, title, phase, word}
 *   outcome   {pass, attempt, result, exit, output, values, ms, kind, message, cause, advice,
 *              opens, until_reboot, closes, resets, uncommits, anew}
 *                                                      result: done, skipped, failed, repeat;
 *                                                      anew: a repeat at the operator's word
 *   probe     {pass, attempt, verdict, command, output, why, beside}   done, absent, running,
 *                                                      unknown; beside: its own session is open
 *   progress  {done, total, text, again, waits, heard}  at most every 10 % of a copy; again: the
 *                                                      limit of the step counts from now; waits:
 *                                                      after so many tries that reached nobody it
 *                                                      waits for the next one (0: that is now);
 *                                                      heard: a command that goes on talks
 *   snapshot  {when, element, rows}                   when: before, after
 *   question  {id, kind, text, choices}               device waits for an answer
 *   answer    {id, answer, who}                        also of a question that needs none any more:
 *                                                      "cancel", "withdrawn"
 *   confirm   {words, who, uid, host}                 a second person confirmed the plan
 *   command   {verb, target, text, who, login, command_id}  the operator asked for something
 *   note      {text, level, refused}                  info, warning; refused: a credential whose
 *                                                      login was refused
 *   detached  {reason}                                the job goes on without a screen
 *   end       {result, done, failed, ...}             the last one of a run to the end
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/inventory.h"

#include <cjson/cJSON.h>
#include <stdint.h>

#define RECORD_KINDS(X)                                                                            \
	X(JOB, "job")                                                                              \
	X(OWNER, "owner")                                                                          \
	X(FACTS, "facts")                                                                          \
	X(CHECK, "check")                                                                          \
	X(WAIVE, "waive")                                                                          \
	X(PLAN, "plan")                                                                            \
	X(STATE, "state")                                                                          \
	X(TASK, "task")                                                                            \
	X(BEGIN, "begin")                                                                          \
	X(INTENT, "intent")                                                                        \
	X(OUTCOME, "outcome")                                                                      \
	X(PROBE, "probe")                                                                          \
	X(PROGRESS, "progress")                                                                    \
	X(SNAPSHOT, "snapshot")                                                                    \
	X(QUESTION, "question")                                                                    \
	X(ANSWER, "answer")                                                                        \
	X(CONFIRM, "confirm")                                                                      \
	X(COMMAND, "command")                                                                      \
	X(NOTE, "note")                                                                            \
	X(DETACHED, "detached")                                                                    \
	X(END, "end")

enum record_kind {
#define X(id, name) RECORD_##id,
	RECORD_KINDS(X)
#undef X
	    RECORD_KIND_COUNT
};

struct record {
	int64_t seq;  /* from 1; 0: not stored yet */
	int64_t wall; /* ms */
	enum record_kind kind;
	char *device; /* name; NULL: about the job */
	char *step;   /* NULL where there is none */
	cJSON *data;  /* never NULL */
};

const char *record_kind_name(enum record_kind kind);
int record_kind_find(const char *name); /* -1: unknown (a newer version wrote it) */

struct record *record_new(enum record_kind kind, const char *device, const char *step);
void record_free(struct record *r);
struct record *record_copy(const struct record *r);

/* Set a member (a name given twice keeps the last value); give the record back, for one-line records.
 * NULL text changes nothing, a NULL value removes. Numbers are exact up to 2^53. */
struct record *record_text(struct record *r, const char *name, const char *text);
struct record *record_number(struct record *r, const char *name, int64_t number);
struct record *record_flag(struct record *r, const char *name, bool flag);
struct record *record_json(struct record *r, const char *name, cJSON *value); /* takes value */

#endif
