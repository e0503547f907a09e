/* SPDX-License-Identifier: ISC */
/* What the tests of the store share: a fresh state directory, records, child processes. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

#include <stdbool.h>
#include <sys/types.h>

struct fixture {
	char *dir; /* the state directory; not made yet */
	char *top; /* what is removed in the end */
};
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* These fail the test with the text of the error. */
void good(int rc, const struct err *e);
void bad(int rc, struct err *e, enum err_kind kind, const char *part); /* and clear e */
struct store *must_open(const char *dir);
char *must_job(struct store *s, const char *name);
struct owner *must_own(struct store *s, const char *job);

/* Append one note with the number k. */
int append_note(struct store *s, const char *job, int64_t epoch, int64_t k, struct err *e);
/* Read the whole journal: how many records; -1 and e. */
int64_t count_records(struct store *s, const char *job, struct err *e);

/* Change the database behind the store's back. */
void raw_sql(const char *dir, const char *sql);

/* A child with pipes to and from it: say() and hear() move one byte. */
struct child {
	pid_t pid;
	int to, from;
};
struct child child_start(void (*run)(int from_parent, int to_parent, void *ctx), void *ctx);
void say(int fd, char c);
char hear(int fd); /* 0: the other end is closed */
void child_kill(struct child *c);
int child_wait(struct child *c); /* exit status */

/* In a child: an own mount namespace with a small tmpfs on dir; false when it is not allowed. */
bool private_tmpfs(const char *dir, const char *options);
#define EXIT_SKIPPED 77

#endif
