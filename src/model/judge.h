/* SPDX-License-Identifier: ISC */
/*
 * A judge decides what an answer of a device means. It is data (part of a procedure), compiled and
 * checked when it is loaded:
 *
 *   {"exit": 0}                             exit status; also a list: {"exit": [0, 20]}
 *   {"match": REGEX, "in": "out|err|any"}   pcre2, multi-line; named groups become captures
 *        "every": true                        not only the first: one match a line, and each capture is the
 *                                              list of what it was
 *   {"no_match": REGEX, "in": ...}          ("out" unless given; "any": standard output, then error)
 *   {"json": POINTER, "is": VALUE}          RFC 6901, and "*" as a path part for every member;
 *        "is"/"in"/"not"/"exists"/"least"/"most": every found leaf must hold (and one be found)
 *        "count": VALUE|true, with "least"/"most"/"is": number of leaves equal to VALUE (true: any)
 *        "save": NAME                         text of the leaf (of all, LF between) as a capture
 *        "of": POINTER                        what to call each leaf when it does not hold: the leaf
 *                                              that stands in its place at this pointer
 *        "called": WORDS                      what people call the leaf, for the reason of a no (else
 *                                              it is the pointer); with "of": line card "0"
 *        none of these: the same as "exists": true
 *   {"value": NAME, "is"|"in"|"not"|"exists"|"least"|"most"|"match": ...}  a known value or an
 *        earlier capture; "exists" means: known and not empty
 *   {"version": NAME, "is"|"in"|"not"|"least"|"most"|"above"|"below": VALUE}  version comparison
 *   {"version": NAME, "same_parts": N, "as": VALUE}  the first N numbers are those of VALUE
 *        ("as" is "${from}" unless given)
 *   {"all": [J...]}  {"any": [J...]}  {"no": J}
 *
 * VALUEs are strings, numbers or booleans; strings may hold ${name} (expanded, unquoted). "in" and
 * "not" take a VALUE or a list of them. Several of "exit", "match", "no_match" and "json" in one
 * object mean all of them; "value", "version", "all", "any" and "no" stand alone. Three-valued: a no
 * beats "unknown" in "all", a yes beats it in "any". A value that is not known (or is no number or
 * version where one is compared) is "unknown".
 */
#ifndef MODEL_JUDGE_H
#define MODEL_JUDGE_H

#include "model/json.h"
#include "model/values.h"

enum verdict {
	VERDICT_NO,
	VERDICT_YES,
	VERDICT_UNKNOWN /* could not be decided: a limit of the search, an output that is no JSON, a cut text */
};

struct answer {
	int status;          /* exit status; -1: none was given */
	const char *out;     /* standard output, out_len bytes; may hold anything */
	size_t out_len;
	const char *err;
	size_t err_len;
	bool truncated;      /* output beyond the limit was thrown away */
};

struct judge;

/* Compile; NULL and e (with JSON path) on a mistake. Versions are compared by the scheme (borrowed;
 * it has to outlive the judge; NULL: number by number). Versions of different branches or systems
 * are not the same, and "unknown" to least, most, above and below. */
struct scheme;
struct judge *judge_new(const struct jnode *at, const struct scheme *versions, struct err *e);
void judge_free(struct judge *j);
/* Each "called" of it and its parts, for who translates reasons; NULL: none. */
void judge_calls(const struct judge *j, void (*see)(void *ctx, const char *words), void *ctx);

/* Judge an answer. Captures are added to `captures` (may be NULL) as they are found, also when the
 * verdict is no. On anything but yes, `why` (may be NULL) gets "expected ..., got ...". Device text
 * inside `why` is sanitised. */
enum verdict judge_ask(const struct judge *j, const struct answer *a, const struct scope *scope,
                       struct values *captures, struct str *why);

/* The verdict of later, as far as it is settled now: without an answer, and "exists" of a value that
 * is not there is unknown where `open` says that it may come yet. */
enum verdict judge_foresee(const struct judge *j, const struct scope *scope,
                           bool (*open)(const void *, const char *), const void *ctx);

/* Names of values that the judge reads / of captures that it makes, for the check at load. */
int judge_reads(const struct judge *j, int (*see)(void *, const char *, struct err *), void *ctx,
                struct err *e);
int judge_makes(const struct judge *j, int (*see)(void *, const char *, struct err *), void *ctx,
                struct err *e);

/* For filters typed by a person and error patterns: a bare pattern with the same limits. */
struct pattern;
struct pattern *pattern_new(const char *regex, bool ignore_case, struct err *e);
enum verdict pattern_match(const struct pattern *p, const char *text, size_t n,
                           struct values *captures);
void pattern_free(struct pattern *p);
char *pattern_library(void); /* version of the library that matches; new */

/* The same, with the place of the match in text: bytes from..to. */
enum verdict pattern_find(const struct pattern *p, const char *text, size_t n,
                          struct values *captures, size_t *from, size_t *to);
const char *pattern_regex(const struct pattern *p); /* as written; borrowed */
int pattern_groups(const struct pattern *p, int (*see)(void *, const char *, struct err *),
                   void *ctx, struct err *e);

#endif
