/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/rehearsal_owner.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "run/paced.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const rehearsal_places[] = {REHEARSAL_MEMORY, "/tmp", NULL};

static char *owner_file(const char *clock)
{
	return xasprintf("%s.owner", clock);
}

int rehearsal_own(const char *clock, struct err *e)
{
	char *path = owner_file(clock);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_sys(e, _("cannot make %s"), path);
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		err_sys(e, _("cannot lock %s"), path);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

void rehearsal_disown(const char *clock, int fd)
{
	char *path = owner_file(clock);
	if (fd >= 0) {
		(void)unlink(path); /* or it goes with the directory */
		close(fd);
	}
	free(path);
}

enum owned { OWNER_NEVER, OWNER_ALIVE, OWNER_DEAD };

static enum owned owner_of(const char *clock)
{
	char *path = owner_file(clock);
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	if (fd < 0)
		return OWNER_NEVER;
	bool dead = flock(fd, LOCK_SH | LOCK_NB) == 0;
	close(fd);
	return dead ? OWNER_DEAD : OWNER_ALIVE;
}

int rehearsal_follow(const char *clock, struct err *e)
{
	if (owner_of(clock) == OWNER_NEVER)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return err_sys(e, _("cannot be bound to the rehearsal"));
	/* it may have ended before that */
	return owner_of(clock) == OWNER_ALIVE
		   ? 0
		   : err_set(e, ERR_REFUSED, _("the rehearsal that this belongs to has ended"));
}

/* Ours, a directory and not a link to one, and nobody's any more. */
static bool is_left(const char *dir, const char *clock)
{
	struct stat st;
	if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return false;
	char *file = path_join(dir, clock);
	bool dead = owner_of(file) == OWNER_DEAD;
	free(file);
	return dead;
}

void rehearsal_left(const char *parent, void (*see)(void *ctx, const char *dir), void *ctx)
{
	DIR *d = opendir(parent);
	for (struct dirent *entry; d && (entry = readdir(d));) {
		if (!str_starts(entry->d_name, REHEARSAL_PREFIX))
			continue;
		char *dir = path_join(parent, entry->d_name);
		if (is_left(dir, "state/" PACED_FILE))
			see(ctx, dir);
		free(dir);
	}
	if (d)
		closedir(d);
}

static void take_away(void *ctx, const char *dir)
{
	struct err e = {0};
	int *n = ctx;
	if (path_remove_tree(dir, &e) == 0)
		++*n;
	else
		log_line("rehearse", "%s", e.text);
}

int rehearsal_sweep(void)
{
	const char *tmp = getenv("TMPDIR");
	int n = 0;
	if (tmp && *tmp)
		rehearsal_left(tmp, take_away, &n);
	for (const char *const *place = rehearsal_places; *place; place++)
		rehearsal_left(*place, take_away, &n);
	return n;
}
