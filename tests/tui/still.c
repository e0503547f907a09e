/* SPDX-License-Identifier: ISC */
/*
 * For pictures that are the same on every machine: who works where, under which number, and the ids
 * of jobs. Linked with --wrap for each of these functions.
 */
#include "config.h"

#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

int __wrap_gethostname(char *name, size_t size);
pid_t __wrap_getpid(void);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);
struct passwd *__wrap_getpwuid(uid_t uid);
int __wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *block, size_t size,
		      struct passwd **found);

int __wrap_gethostname(char *name, size_t size)
{
	(void)snprintf(name, size, "jump1");
	return 0;
}

pid_t __wrap_getpid(void)
{
	return 4711;
}

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags)
{
	static uint64_t counter;
	const char *from = getenv("STILL_FROM"); /* of a second program in the same state: other ids */
	(void)flags;
	if (!counter && from)
		counter = strtoull(from, NULL, 10);
	counter++;
	for (size_t i = 0; i < size; i++)
		((unsigned char *)out)[i] =
		    (unsigned char)(counter * UINT64_C(0x9e3779b97f4a7c15) >> (8 * (i % 8)));
	return (ssize_t)size;
}

static void anna(struct passwd *pw, char *name)
{
	memset(pw, 0, sizeof(*pw));
	pw->pw_name = name;
}

struct passwd *__wrap_getpwuid(uid_t uid)
{
	static struct passwd pw;
	static char name[] = "anna";
	(void)uid;
	anna(&pw, name);
	return &pw;
}

int __wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *block, size_t size,
		      struct passwd **found)
{
	(void)uid;
	(void)snprintf(block, size, "anna");
	anna(pw, block);
	*found = pw;
	return 0;
}
