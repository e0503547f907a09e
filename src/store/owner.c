/* SPDX-License-Identifier: ISC */
/*
 * One process runs a job. The lock file says who is alive, the epoch says who came last: a process
 * that was stopped, lost its lock and wakes up again fails at its first append (reliability.md
 * 282).
 */
#include "config.h"

#include "store/db.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct owner {
	struct store *store;
	char *job;
	int64_t number, epoch;
	int lock, wake;
};

/* --- who ------------------------------------------------------------------------------------- */
static char *user_name(void)
{
	struct passwd pw, *found = NULL;
	char block[4096];
	if (getpwuid_r(geteuid(), &pw, block, sizeof(block), &found) != 0 || !found)
		return xasprintf("uid %u", (unsigned)geteuid());
	/* Plain environment, so only what it claims (reliability.md 501). */
	const char *from = getenv("SUDO_USER");
	if (from && path_is_name(from) && !str_eq(from, found->pw_name))
		return xasprintf(M_("%s (sudo from %s)"), found->pw_name, from);
	return xstrdup(found->pw_name);
}

static int write_holder(const struct owner *o, struct err *e)
{
	struct store *s = o->store;
	char host[256] = "?", tty[256] = "";
	if (gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "?");
	bool terminal = ttyname_r(STDIN_FILENO, tty, sizeof(tty)) == 0;
	char *user = user_name();
	int rc = db_run(s, e,
	                "INSERT OR REPLACE INTO owners (job, epoch, user, pid, host, tty, since)"
	                " VALUES (?, ?, ?, ?, ?, ?, ?)",
	                "iititti", o->number, o->epoch, user, (int64_t)getpid(), host,
	                terminal ? tty : NULL, s->clock->wall(s->clock));
	free(user);
	return rc;
}

static char *holder_text(sqlite3_stmt *q)
{
	const char *tty = column_text(q, 3);
	int64_t pid = sqlite3_column_int64(q, 1);
	char since[32];
	/* The row may be of the one before, for the moment between a lock and its row. */
	if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
		return xstrdup(M_("another process"));
	clock_iso(sqlite3_column_int64(q, 4), since);
	const char *user = column_text(q, 0), *host = column_text(q, 2);
	if (tty)
		return xasprintf(M_("%-s, pid %lld on %s, %s, since %s"), user, (long long)pid,
				 host, tty, since);
	return xasprintf(M_("%-s, pid %lld on %s, since %s"), user, (long long)pid, host, since);
}

char *store_job_holder(struct store *s, const char *job)
{
	if (!job_lock_held(s, job))
		return NULL;
	sqlite3_stmt *q = db_query(s, NULL,
	                           "SELECT user, pid, host, tty, since FROM owners"
	                           " JOIN jobs ON number = job WHERE id = ?",
	                           "t", job);
	char *text =
	    q && db_step(s, q, NULL) == 1 ? holder_text(q) : xstrdup(M_("another process"));
	if (q)
		db_done(q);
	return text;
}

int64_t store_job_since(struct store *s, const char *job)
{
	sqlite3_stmt *q = db_query(s, NULL,
	                           "SELECT since FROM owners JOIN jobs ON number = job WHERE id = ?",
	                           "t", job);
	int64_t since = q && db_step(s, q, NULL) == 1 ? sqlite3_column_int64(q, 0) : 0;
	if (q)
		db_done(q);
	return since;
}

bool store_job_running(struct store *s, const char *job)
{
	return job_lock_held(s, job);
}

/* --- the wake socket ------------------------------------------------------------------------- */
/* A socket's path has room for 107 bytes, a state directory may be longer: then the way to it goes
 * through a descriptor of the directory. *dir is that, or -1. */
static int wake_address(const struct store *s, const char *job, struct sockaddr_un *a, int *dir)
{
	char *path = job_file(s, job, "wake");
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	*dir = -1;
	int rc = 0;
	if (strlen(path) < sizeof(a->sun_path)) {
		memcpy(a->sun_path, path, strlen(path) + 1);
	} else {
		*strrchr(path, '/') = '\0';
		*dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*dir < 0)
			rc = -1;
		snprintf(a->sun_path, sizeof(a->sun_path), "/proc/self/fd/%d/wake", *dir);
	}
	free(path);
	return rc;
}

static void remove_wake(const struct owner *o)
{
	char *path = job_file(o->store, o->job, "wake");
	if (unlink(path) != 0 && errno != ENOENT)
		log_line("store", "cannot remove %s: %s", path, strerror(errno));
	free(path);
}

static int open_wake(struct owner *o, struct err *e)
{
	struct sockaddr_un a;
	int dir, rc = -1;
	remove_wake(o); /* of an owner that was killed: we hold the lock */
	o->wake = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode is set before the name exists: nobody else can ever connect. */
	if (o->wake >= 0 && fchmod(o->wake, 0600) == 0 &&
	    wake_address(o->store, o->job, &a, &dir) == 0) {
		rc = bind(o->wake, (struct sockaddr *)&a, sizeof(a));
		if (dir >= 0)
			close(dir);
	}
	return rc == 0 ? 0 : err_sys(e, "cannot make the wake socket of job %s", o->job);
}

/* Nobody to wake is no error: the command waits in its table for the next owner. */
void wake_owner(const struct store *s, const char *job)
{
	struct sockaddr_un a;
	int dir, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (wake_address(s, job, &a, &dir) == 0) {
		if (sendto(fd, "", 1, MSG_NOSIGNAL, (struct sockaddr *)&a, sizeof(a)) < 0 &&
		    errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN)
			log_line("store", "cannot wake the owner of %s: %s", job, strerror(errno));
		if (dir >= 0)
			close(dir);
	}
	close(fd);
}

int owner_wake_fd(const struct owner *o)
{
	return o->wake;
}

void owner_wake_clear(const struct owner *o)
{
	char byte;
	while (recv(o->wake, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

/* --- taking a job ---------------------------------------------------------------------------- */
static int raise_epoch(struct owner *o, struct err *e)
{
	struct store *s = o->store;
	if (db_run(s, e, "UPDATE jobs SET epoch = epoch + 1 WHERE number = ?", "i", o->number) !=
	        0 ||
	    db_int(s, e, &o->epoch, "SELECT epoch FROM jobs WHERE number = ?", "i", o->number) != 1)
		return -1;
	return write_holder(o, e);
}

static int take(struct owner *o, struct err *e)
{
	struct store *s = o->store;
	char *dir = store_job_dir(s, o->job, NULL, e);
	free(dir);
	if (!dir || job_number(s, o->job, &o->number, e) != 0)
		return -1;
	o->lock = job_lock_open(s, o->job, e);
	if (o->lock == LOCK_TAKEN) {
		char *holder = store_job_holder(s, o->job);
		err_set(e, ERR_LOCKED, "job %s is run by %-s; 'hitless attach' shows it", o->job,
			holder ? holder : M_("another process"));
		free(holder);
	}
	if (o->lock < 0 || db_begin(s, e) != 0)
		return -1;
	return db_end(s, raise_epoch(o, e), e) == 0 ? open_wake(o, e) : -1;
}

struct owner *store_own(struct store *s, const char *job, struct err *e)
{
	struct owner *o = xcalloc(1, sizeof(*o));
	*o = (struct owner){.store = s, .job = xstrdup(job), .lock = -1, .wake = -1};
	if (take(o, e) == 0)
		return o;
	owner_free(o);
	return NULL;
}

int64_t owner_epoch(const struct owner *o)
{
	return o->epoch;
}

void owner_free(struct owner *o)
{
	if (!o)
		return;
	/* A child after fork() has only copies of the descriptors: the job stays the parent's. */
	if (o->lock >= 0 && getpid() == o->store->pid) {
		(void)db_run(o->store, NULL, "DELETE FROM owners WHERE job = ? AND epoch = ?", "ii",
		             o->number, o->epoch);
		remove_wake(o);
	}
	if (o->wake >= 0)
		close(o->wake);
	if (o->lock >= 0)
		close(o->lock);
	free(o->job);
	free(o);
}
