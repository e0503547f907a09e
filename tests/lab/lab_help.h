/* SPDX-License-Identifier: ISC */
/* Shared by the lab's tests: a lab under virtual time whose events are collected as text. */
#ifndef TESTS_LAB_HELP_H
#define TESTS_LAB_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench {
	struct lab *lab;
	struct str events;   /* "device event detail\n" */
	struct lab_result r; /* of the last command */
};

static inline void bench_log(void *ctx, int64_t t, const char *device, const char *event,
			     const char *detail)
{
	(void)t;
	str_printf(&((struct bench *)ctx)->events, "%s %s %s\n", device, event, detail);
}

static inline struct bench *bench_sized(const char *fabric, const char *version, int size)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	struct lab_options o = {.fabric = fabric,
				.from_version = version,
				.size = size,
				.seed = 7,
				.log = bench_log,
				.log_ctx = b};
	b->lab = lab_new(&o, &e);
	assert_non_null(b->lab);
	return b;
}

static inline struct bench *bench_new(const char *fabric, const char *version)
{
	return bench_sized(fabric, version, 0);
}

static inline void bench_free(struct bench *b)
{
	lab_free(b->lab);
	lab_result_release(&b->r);
	str_release(&b->events);
	free(b);
}

/* Run a command as the one who logs in; its standard output. */
static inline const char *run_in(struct bench *b, const char *device, const char *command,
				 const void *in, size_t n)
{
	int i = lab_find(b->lab, device);
	struct lab_info info;
	assert_true(i >= 0);
	lab_info(b->lab, (size_t)i, &info);
	lab_result_release(&b->r);
	(void)lab_exec(b->lab, (size_t)i, info.user, command, in, n, 1200000, &b->r);
	return str_text(&b->r.out);
}

static inline const char *run(struct bench *b, const char *device, const char *command)
{
	return run_in(b, device, command, NULL, 0);
}

static inline void wait_ms(struct bench *b, int64_t ms)
{
	lab_advance(b->lab, lab_now(b->lab) + ms);
}

static inline bool happened(struct bench *b, const char *text)
{
	return strstr(str_text(&b->events), text) != NULL;
}

static inline struct lab_info info_of(struct bench *b, const char *device)
{
	struct lab_info info;
	lab_info(b->lab, (size_t)lab_find(b->lab, device), &info);
	return info;
}

static inline enum lab_tcp tcp_of(struct bench *b, const char *device)
{
	return lab_tcp(b->lab, (size_t)lab_find(b->lab, device));
}

static inline void fault(struct bench *b, const char *spec)
{
	struct err e = {0};
	if (lab_fault_add(b->lab, spec, &e))
		fail_msg("%s: %s", spec, e.text);
}

#define assert_out(b, device, command, text) assert_string_equal(run(b, device, command), text)
#define assert_has(text, part)                                                                     \
	do {                                                                                       \
		if (!strstr(text, part))                                                           \
			fail_msg("\"%s\" not in: %s", part, text);                                 \
	} while (0)

#endif
