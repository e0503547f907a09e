/* SPDX-License-Identifier: ISC */
/* Waiting for another process that has the database locked, and saying so. */
#include "config.h"

#include "store/db.h"

#include "base/i18n.h"
#include "base/log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TELL_AFTER_MS 500 /* shorter waits are normal */
#define PAUSE_MAX_MS  50

/* The bytes of the -shm file that SQLite locks for writing, checkpoint and recovery (its file
 * format document, "WAL locks"). */
#define WAL_FIRST_LOCK 120
#define WAL_LAST_LOCK  122

static unsigned long inode_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

/* A line of /proc/locks: "7: POSIX  ADVISORY  WRITE 4711 08:01:1234 120 120". Opening the files to
 * ask with F_GETLK would drop our own locks when closed (reliability.md 274). */
static int lock_line_pid(const char *line, unsigned long db, unsigned long shm)
{
	char mode[8];
	int pid;
	unsigned long inode, from;
	if (sscanf(line, "%*d: %*s %*s %7s %d %*x:%*x:%lu %lu", mode, &pid, &inode, &from) != 4)
		return 0;
	if (strcmp(mode, "WRITE") != 0 || pid <= 0)
		return 0;
	bool writer = inode == shm && from >= WAL_FIRST_LOCK && from <= WAL_LAST_LOCK;
	return writer || inode == db ? pid : 0;
}

void db_lock_holder(const struct store *s, char *text, size_t size)
{
	char line[256], *shm = xasprintf("%s-shm", s->file);
	unsigned long db_inode = inode_of(s->file), shm_inode = inode_of(shm);
	int pid = 0;
	free(shm);
	FILE *f = s->memory ? NULL : fopen("/proc/locks", "re");
	while (f && pid == 0 && fgets(line, sizeof(line), f))
		pid = lock_line_pid(line, db_inode, shm_inode);
	if (f)
		fclose(f);
	if (pid)
		snprintf(text, size, M_("process %d"), pid);
	else
		snprintf(text, size, M_("another program"));
}

static void tell(struct store *s)
{
	char holder[128];
	db_lock_holder(s, holder, sizeof(holder));
	char *text = xasprintf(M_("waiting for %s, locked by %-s"), s->file, holder);
	log_line("store", "%s", text);
	if (s->tell)
		s->tell(s->tell_ctx, text);
	free(text);
}

int db_busy(void *store, int count)
{
	struct store *s = store;
	int before = count == 0 ? 0 : s->waited_ms;
	int pause = count < 6 ? 1 << count : PAUSE_MAX_MS;
	s->waited_ms = before;
	if (before >= s->wait_limit_ms)
		return 0;
	if (pause > s->wait_limit_ms - before)
		pause = s->wait_limit_ms - before;
	s->waited_ms += pause;
	if (before < TELL_AFTER_MS && s->waited_ms >= TELL_AFTER_MS)
		tell(s);
	(void)poll(NULL, 0, pause);
	return 1;
}

void store_waiting(struct store *s, int limit_ms, void (*fn)(void *ctx, const char *text),
                   void *ctx)
{
	s->wait_limit_ms = limit_ms;
	s->tell = fn;
	s->tell_ctx = ctx;
}
