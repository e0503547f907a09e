/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "help.h"

#include "base/path.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

int fixture_setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	const char *base = getenv("TMPDIR");
	f->top = path_join(base ? base : "/tmp", "store-test.XXXXXX");
	if (!mkdtemp(f->top))
		return -1;
	f->dir = path_join(f->top, "state");
	*state = f;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	int rc = path_remove_tree(f->top, &e);
	free(f->dir);
	free(f->top);
	free(f);
	return rc;
}

void good(int rc, const struct err *e)
{
	if (rc != 0)
		fail_msg("failed: %s", e->text);
}

void bad(int rc, struct err *e, enum err_kind kind, const char *part)
{
	if (rc != -1)
		fail_msg("did not fail; expected: %s", part);
	if (e->kind != kind || !strstr(e->text, part))
		fail_msg("expected %s \"%s\", got %s: %s", err_kind_name(kind), part,
		         err_kind_name(e->kind), e->text);
	*e = (struct err){0};
}

struct store *must_open(const char *dir)
{
	struct err e = {0};
	struct store *s = store_open(dir, clock_real(), &e);
	good(s ? 0 : -1, &e);
	return s;
}

char *must_job(struct store *s, const char *name)
{
	struct err e = {0};
	char *id = NULL;
	good(store_job_new(s, name, &id, &e), &e);
	return id;
}

struct owner *must_own(struct store *s, const char *job)
{
	struct err e = {0};
	struct owner *o = store_own(s, job, &e);
	good(o ? 0 : -1, &e);
	return o;
}

int append_note(struct store *s, const char *job, int64_t epoch, int64_t k, struct err *e)
{
	struct record *r = record_number(record_new(RECORD_NOTE, "leaf01", NULL), "k", k);
	int rc = store_append(s, job, epoch, &r, 1, e);
	if ((rc == 0) != (r->seq > 0))
		rc = err_set(e, ERR_CORRUPT, "seq %d after result %d", (int)r->seq, rc);
	record_free(r);
	return rc;
}

static int count(void *ctx, const struct record *r, struct err *e)
{
	(void)e;
	int64_t *n = ctx;
	assert_int_equal(r->seq, *n + 1);
	*n = r->seq;
	return 0;
}

int64_t count_records(struct store *s, const char *job, struct err *e)
{
	int64_t n = 0;
	return store_read(s, job, 0, 0, count, &n, e) == 0 ? n : -1;
}

void raw_sql(const char *dir, const char *sql)
{
	sqlite3 *db;
	char *path = path_join(dir, "hitless.db"), *error = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
	free(path);
}

struct child child_start(void (*run)(int from_parent, int to_parent, void *ctx), void *ctx)
{
	int down[2], up[2];
	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(down[1]);
		close(up[0]);
		/* A failed assertion ends this process; it must not go on with the parent's tests.
		 */
		if (setenv("CMOCKA_TEST_ABORT", "1", 1) != 0)
			_exit(1);
		run(down[0], up[1], ctx);
		_exit(0);
	}
	close(down[0]);
	close(up[1]);
	return (struct child){.pid = pid, .to = down[1], .from = up[0]};
}

void say(int fd, char c)
{
	if (write(fd, &c, 1) != 1)
		_exit(99); /* the other one is gone: nothing to test any more */
}

char hear(int fd)
{
	char c = 0;
	ssize_t n;
	do
		n = read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? c : 0;
}

int child_wait(struct child *c)
{
	int status = 0;
	close(c->to);
	close(c->from);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void child_kill(struct child *c)
{
	assert_int_equal(kill(c->pid, SIGKILL), 0);
	assert_int_equal(child_wait(c), -SIGKILL);
}

static bool put_line(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	bool done = f && fputs(text, f) >= 0;
	return f && fclose(f) == 0 && done;
}

/* Without root the mounts are of a user namespace in which we are its root. */
static bool own_namespace(void)
{
	char uid[32], gid[32];
	snprintf(uid, sizeof(uid), "0 %u 1", (unsigned)geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWNS) == 0)
		return true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       put_line("/proc/self/setgroups", "deny") &&
	       put_line("/proc/self/uid_map", uid) && put_line("/proc/self/gid_map", gid);
}

bool private_tmpfs(const char *dir, const char *options)
{
	/* source and type mean nothing there, but valgrind takes NULL for an error of ours */
	return own_namespace() && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", dir, "tmpfs", 0, options) == 0;
}
