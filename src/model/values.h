/* SPDX-License-Identifier: ISC */
/*
 * Named text values: facts of a device, parameters of a job, what a step captured. A list is a text
 * whose items are separated by LF. Names are [a-z0-9_.-]+. Insertion order is kept.
 */
#ifndef MODEL_VALUES_H
#define MODEL_VALUES_H

#include "base/vec.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <string.h>

struct value {
	char *name;
	char *text;
};

struct values {
	struct value *v;
	size_t n, cap;
};

void values_set(struct values *v, const char *name, const char *text); /* copies; NULL removes */
void values_setf(struct values *v, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
const char *values_get(const struct values *v, const char *name);      /* borrowed, or NULL */
void values_merge(struct values *into, const struct values *from);
void values_copy(struct values *into, const struct values *from);      /* replaces */
void values_release(struct values *v);

cJSON *values_to_json(const struct values *v);               /* new object of strings */
void values_from_json(struct values *v, const cJSON *object); /* strings only; others ignored */

/* True if text holds control characters (C0, DEL, C1 as UTF-8) other than those of `but`. */
bool text_has_control(const char *text, const char *but);

/* Free a NULL-ended array of strings, and them. */
void strings_free(char **list);
char **strings_copy(char *const *list); /* new, and its strings; NULL gives NULL */
bool strings_have(char *const *list, const char *text); /* a NULL list, or NULL, has nothing */

/* Bytes of a device as text that can be kept (as a value, in the journal): NULs and bytes that are
 * not UTF-8 become '?'. New string. */
char *text_from_bytes(const char *bytes, size_t n);

/* Where a name is looked up: layers, the first that has it wins. NULL layers are passed over. */
struct scope {
	const struct values *layers[8]; /* callers use up to 7; a judge puts its captures on top */
};
const char *scope_get(const struct scope *s, const char *name);

#endif
