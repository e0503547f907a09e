/* SPDX-License-Identifier: ISC */
/* A job whose records a test writes itself, one after the other, followed by the screens of a bed.
 * Helpers fail the test that calls them. */
#ifndef TESTS_TUI_STORY_H
#define TESTS_TUI_STORY_H

#include "bed.h"

struct story {
	struct bed *bed;
	struct owner *owner;
	char *id;
	int64_t epoch;
};

/* A running job of so many devices ("leaf0001", ...), followed, its live screen open. */
void story_start(struct story *t, struct bed *b, size_t devices);
void story_stop(struct story *t);
void story_look(struct story *t); /* take in what came, and draw */

void story_must(int rc, const struct err *e);

void story_add(struct story *t, struct record *r); /* taken */
void story_state(struct story *t, const char *state);
struct record *story_of(enum record_kind kind, size_t device, const char *step); /* new */
/* Another plan: all devices of the job in one batch, each with such a copy. */
void story_plan(struct story *t, const struct job *j, int64_t copy_ms);
/* The device begins, and is in its step; "install". */
void story_begin_at(struct story *t, size_t device, const char *step);
void story_begin(struct story *t, size_t device);
/* The step fails, and the device with it. */
void story_fail(struct story *t, size_t device, const char *kind, const char *message);

#endif
