/* SPDX-License-Identifier: ISC */
/* Shared by the tests of chassis clusters. */
#ifndef TESTS_SRX_HELP_H
#define TESTS_SRX_HELP_H

#include "lab_help.h"

#include "lab/server.h"

#include "base/path.h"

#include <unistd.h>

#define FROM  "22.4R3-S2.11"
#define TO    "23.4R2-S3.9"
#define IMAGE "/var/tmp/p.tgz"
#define ISSU  "request system software in-service-upgrade " IMAGE " reboot"
enum { MINUTE = 60000, HOURS_2 = 120 * MINUTE };

static inline struct bench *pairs(const char *platform, const char *version)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	struct lab_options o = {.fabric = "srx-pairs",
				.platform = platform,
				.from_version = version,
				.seed = 7,
				.log = bench_log,
				.log_ctx = b};
	b->lab = lab_new(&o, &e);
	if (!b->lab)
		fail_msg("%s", e.text);
	str_clear(&b->events); /* how it was built is nobody's business */
	return b;
}

static inline const char *say(struct bench *b, const char *device, const char *command)
{
	lab_result_release(&b->r);
	(void)lab_exec(b->lab, (size_t)lab_find(b->lab, device), "admin", command, NULL, 0, HOURS_2,
		       &b->r);
	return str_text(&b->r.out);
}

static inline void answers(struct bench *b, const char *device, const char *command,
			   const char *part)
{
	if (!strstr(say(b, device, command), part))
		fail_msg("%s: %s: no \"%s\" in:\n%s", device, command, part, str_text(&b->r.out));
}

static inline void put_image(struct bench *b, const char *device, const char *platform,
			     const char *version)
{
	char path[] = "/tmp/hitless-srx-XXXXXX";
	struct str text = {0};
	struct err e = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(lab_image_write(path, version, platform, 100000, &e), 0);
	assert_int_equal(path_read(path, 1 << 20, &text, &e), 0);
	assert_int_equal(
	    lab_file_put(b->lab, (size_t)lab_find(b->lab, device), IMAGE, text.buf, text.len, &e),
	    0);
	str_release(&text);
	(void)unlink(path);
}

/* The parts are there, one behind the other. */
static inline void in_order(const char *text, const char *const *parts)
{
	for (const char *at = text; *parts; parts++) {
		const char *hit = strstr(at, *parts);
		if (!hit)
			fail_msg("\"%s\" is not there, or not in its place: %s", *parts, text);
		at = hit;
	}
}

static inline void no_violation(struct bench *b)
{
	if (happened(b, " violation "))
		fail_msg("violation: %s", str_text(&b->events));
}

/* A command in the background: an upgrade that goes on while others look. */
static inline struct lab_run *begin(struct bench *b, const char *device, const char *command)
{
	struct lab_run *run =
	    lab_run_start(b->lab, (size_t)lab_find(b->lab, device), "admin", command, NULL);
	lab_run_eof(run);
	return run;
}

/* Up to limit, or what the log says; false: it did not come. */
static inline bool until(struct bench *b, const char *event, int64_t limit_ms)
{
	for (int64_t end = lab_now(b->lab) + limit_ms; !happened(b, event);) {
		if (lab_now(b->lab) >= end)
			return false;
		wait_ms(b, 1000);
	}
	return true;
}

static inline void versions(struct bench *b, const char *node0, const char *node1)
{
	assert_string_equal(info_of(b, "fw1-node0").version, node0);
	assert_string_equal(info_of(b, "fw1-node1").version, node1);
}

#endif
