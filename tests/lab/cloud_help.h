/* SPDX-License-Identifier: ISC */
/* Shared by the tests of the lab's MicroCloud. */
#ifndef TESTS_CLOUD_HELP_H
#define TESTS_CLOUD_HELP_H

#include "lab_help.h"

static inline struct bench *cloud(const char *version)
{
	return bench_new("microcloud", version);
}

/* Standard output and error of a command have this; status: of the command. */
static inline void says(struct bench *b, const char *device, const char *command, int status,
			const char *part)
{
	(void)run(b, device, command);
	if (b->r.status != status ||
	    (!strstr(str_text(&b->r.out), part) && !strstr(str_text(&b->r.err), part)))
		fail_msg("%s: %s: status %d, no \"%s\" in:\n%s%s", device, command, b->r.status,
			 part, str_text(&b->r.out), str_text(&b->r.err));
}

/* The next event (from at) that has this; fails without one. */
static inline const char *later(const char *at, const char *text)
{
	const char *found = strstr(at, text);
	if (!found)
		fail_msg("\"%s\" did not happen after:\n%.400s", text, at);
	return found;
}

static inline void blameless(struct bench *b)
{
	const char *found = strstr(str_text(&b->events), " violation ");
	if (found)
		fail_msg("%.200s", found);
}

static inline void refresh(struct bench *b, const char *device, const char *snap)
{
	char *command = xasprintf("sudo snap refresh %s --cohort=+", snap);
	says(b, device, command, 0, "from Canonical✓ refreshed");
	free(command);
}

static const char *const members[] = {"micro01", "micro02", "micro03", "micro04"};

static inline void refresh_all(struct bench *b, const char *snap)
{
	for (size_t i = 0; i < LEN(members); i++) {
		refresh(b, members[i], snap);
		wait_ms(b, 30000);
	}
}

#endif
