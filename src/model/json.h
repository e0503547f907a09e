/* SPDX-License-Identifier: ISC */
/*
 * Strict JSON for files that people write, on top of cJSON (which lets far too much pass: trailing
 * garbage, duplicate keys, invalid UTF-8, numbers that do not fit; see json.c). A `struct jnode` is
 * a value together with the way to it, so that every complaint names file and path:
 * "inventory.json: devices[3].port: expected a number from 1 to 65535". Nodes borrow from the tree.
 */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include "base/err.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct jnode {
	const cJSON *value;
	const struct jnode *up; /* must outlive this node; NULL at the root */
	const char *key;        /* member name, or NULL: an element of an array */
	size_t index;
	const char *file; /* at the root */
};

/* Parse text strictly: UTF-8, one value, no duplicate keys, no U+0000, depth <= 32, finite numbers.
 * name is the file's name for messages ("name:line:column: ..."). NULL and e on error; the caller
 * frees with cJSON_Delete. */
cJSON *json_parse(const char *text, size_t n, const char *name, struct err *e);

/* What a device printed: the same without the rules for authors (double members are let through, the
 * first counts). Text that is not one JSON value gives NULL. */
cJSON *json_parse_foreign(const char *text, size_t n);

/* Read and parse a file of at most 16 MiB. */
cJSON *json_load(const char *path, struct err *e);

struct jnode json_root(const cJSON *value, const char *file);

/* Complain about a node: always -1, kind ERR_INPUT. */
int json_bad(const struct jnode *at, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
int json_bad_text(const struct jnode *at, struct err *e, const char *text);

/* The way to a node without the file: "steps.install.run"; new string. */
char *json_where(const struct jnode *at);

/* Member access. json_get: false when absent (or null). json_need: an error when absent. */
bool json_get(const struct jnode *object, const char *key, struct jnode *out);
int json_need(const struct jnode *object, const char *key, struct jnode *out, struct err *e);
size_t json_count(const struct jnode *array_or_object);
struct jnode json_item(const struct jnode *array, size_t i);
struct jnode json_member(const struct jnode *object, size_t i); /* i-th member, .key set */

/* Walk an array or object of any length: for (bool on = json_first(&in, &at); on;
 * on = json_next(&at)). False: there is none (left). */
bool json_first(const struct jnode *in, struct jnode *out);
bool json_next(struct jnode *at);

/* Types. The string is borrowed; strings may not hold control characters other than LF and TAB
 * (refused with its place). */
int json_object(const struct jnode *at, struct err *e);
int json_array(const struct jnode *at, struct err *e);
int json_string(const struct jnode *at, const char **out, struct err *e);
int json_int(const struct jnode *at, int64_t least, int64_t most, int64_t *out, struct err *e);
int json_bool(const struct jnode *at, bool *out, struct err *e);

/* Optional members with a default. *out is a new string (or NULL when absent and fallback NULL). */
int json_opt_string(const struct jnode *o, const char *key, const char *fallback, char **out,
                    struct err *e);
int json_opt_int(const struct jnode *o, const char *key, int64_t least, int64_t most,
                 int64_t fallback, int64_t *out, struct err *e);
int json_opt_bool(const struct jnode *o, const char *key, bool fallback, bool *out, struct err *e);

/* A list of texts as a NULL-ended array of new strings (strings_free()); absent: *out is NULL. */
int json_opt_strings(const struct jnode *o, const char *key, char ***out, struct err *e);

/* An error for a member whose name is not in the NULL-ended list, with the nearest known name. */
int json_only(const struct jnode *object, const char *const *keys, struct err *e);

enum { JSON_HINT = 160 };
/* The nearest of the NULL-ended list to word within 2 edits; NULL if none. For "did you mean". */
const char *json_nearest(const char *word, const char *const *list);

/* ' (did you mean "NEAR"?)', for the %-s at the end of an error; NULL gives "". text is given back.
 */
const char *json_hint(const char *near, char text[JSON_HINT]);

/* JSON pointers (RFC 6901) in which a part "*" stands for every member or element. _each calls see()
 * for every value found, with the member name that the last "*" stood for (NULL: none); it stops at
 * non-zero and gives that. */
int json_pointer_check(const char *pointer, struct err *e);
int json_pointer_each(const cJSON *root, const char *pointer,
                      int (*see)(void *ctx, const cJSON *found, const char *key), void *ctx);

/* The same with the names that all "*" stood for, the outermost first (at most 8 of them). */
int json_pointer_keys(const cJSON *root, const char *pointer,
                      int (*see)(void *ctx, const cJSON *found, const char *const *keys, size_t n),
                      void *ctx);

/* A value as text: a string as it is, anything else as JSON ("12", "true"). New string. */
char *json_leaf(const cJSON *value);

/* Values read from foreign JSON (device output, journal): borrowed, never fails. */
const char *json_text(const cJSON *object, const char *key);              /* NULL if no string */
int64_t json_number(const cJSON *object, const char *key, int64_t fallback);
bool json_flag(const cJSON *object, const char *key);

/* Compact or indented text of a tree; new string. */
char *json_print(const cJSON *value, bool indented);

/* Build a tree. The value becomes the tree's; NULL text adds nothing; no memory: abort(). */
void json_put(cJSON *object, const char *key, cJSON *value);
void json_put_text(cJSON *object, const char *key, const char *text);
void json_put_number(cJSON *object, const char *key, int64_t number);
void json_put_flag(cJSON *object, const char *key, bool flag);
void json_append(cJSON *array, cJSON *value);
cJSON *json_strings(char *const *list); /* new array of a NULL-ended list (NULL: empty) */
cJSON *json_object_new(const char *type); /* {"format":1,"type":type}: how every output begins */

/* JSON may be looked at on a terminal too: take control and format characters out of the strings of
 * the whole tree, keys included. */
void json_safe(cJSON *value);

#endif
