/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/program.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)64 * 1024)
#define BLOCK      512

extern char **environ;

struct child {
	pid_t pid;
	int fds[2]; /* its standard output and error; -1: at its end */
	int64_t until;
	size_t printed;
};

/* Our ignored SIGPIPE and blocked signals are not the program's. A group of its own, so that what
 * it starts can be ended with it. */
static int set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int rc = posix_spawnattr_setsigmask(a, &none);
	rc = rc ? rc : posix_spawnattr_setsigdefault(a, &all);
	rc = rc ? rc : posix_spawnattr_setpgroup(a, 0);
	return rc ? rc
		  : posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						    POSIX_SPAWN_SETPGROUP);
}

static int spawn(char *const argv[], int out, int error, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	if (posix_spawn_file_actions_init(&files) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	int rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, out, 1);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, error, 2);
	rc = rc ? rc : set_attributes(&attributes);
	rc = rc ? rc : posix_spawnp(pid, argv[0], &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static void close_pair(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

static int start(const struct program *p, struct child *c, struct err *e)
{
	int out[2], error[2];
	if (pipe2(out, O_CLOEXEC) != 0)
		return err_sys(e, "cannot make a pipe");
	if (pipe2(error, O_CLOEXEC) != 0) {
		close_pair(out);
		return err_sys(e, "cannot make a pipe");
	}
	int rc = spawn(p->argv, out[1], error[1], &c->pid);
	close(out[1]);
	close(error[1]);
	c->fds[0] = out[0];
	c->fds[1] = error[0];
	c->until = clock_real()->now(clock_real()) + p->limit_ms;
	if (rc == 0)
		return 0;
	close_pair(c->fds);
	errno = rc;
	return err_sys(e, "cannot run it");
}

/* What can be read of one of the two now. */
static int take(const struct program *p, struct child *c, int which, struct err *e)
{
	char block[BLOCK];
	ssize_t n = read(c->fds[which], block, sizeof(block));
	int rc = 0;
	if (n < 0 && errno != EINTR)
		rc = err_sys(e, "cannot read what it prints");
	if (n > 0 && (c->printed += (size_t)n) > p->limit)
		rc = err_set(e, ERR_INPUT, "it prints more than %zu bytes", p->limit);
	else if (n > 0)
		rc = p->take(p->ctx, which == 1, block, (size_t)n, e);
	wipe(block, sizeof(block));
	if (n == 0) {
		close(c->fds[which]);
		c->fds[which] = -1;
	}
	return rc;
}

static int too_long(const struct program *p, struct err *e)
{
	return err_set(e, ERR_TIMEOUT, "it took longer than %d s", (int)(p->limit_ms / 1000));
}

static int read_all(const struct program *p, struct child *c, struct err *e)
{
	struct clock *clock = clock_real();
	while (c->fds[0] >= 0 || c->fds[1] >= 0) {
		struct pollfd fds[] = {{.fd = c->fds[0], .events = POLLIN},
				       {.fd = c->fds[1], .events = POLLIN}};
		int ready = clock->wait(clock, fds, LEN(fds), c->until);
		if (ready < 0)
			return err_sys(e, "cannot read what it prints");
		if (ready == 0 && clock->now(clock) >= c->until)
			return too_long(p, e);
		for (int i = 0; ready > 0 && i < 2; i++)
			if (fds[i].revents && take(p, c, i, e) != 0)
				return -1;
	}
	return 0;
}

static int wait_for_end(const struct program *p, const struct child *c, int *status, struct err *e)
{
	struct clock *clock = clock_real();
	int wait_status = 0;
	pid_t done;
	while ((done = waitpid(c->pid, &wait_status, WNOHANG)) == 0 && clock->now(clock) < c->until)
		clock->wait(clock, NULL, 0, clock->now(clock) + 5);
	if (done == 0)
		return too_long(p, e);
	if (done < 0)
		return err_sys(e, "cannot wait for it");
	*status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
	return 0;
}

static void end(const struct child *c)
{
	int status;
	(void)kill(-c->pid, SIGKILL);
	(void)kill(c->pid, SIGKILL); /* it may have left its group */
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
}

int program_run(const struct program *p, int *status, struct err *e)
{
	struct child c = {0};
	*status = -1;
	if (start(p, &c, e) != 0)
		return -1;
	int rc = read_all(p, &c, e);
	rc = rc == 0 ? wait_for_end(p, &c, status, e) : rc;
	for (int i = 0; i < 2; i++)
		if (c.fds[i] >= 0)
			close(c.fds[i]);
	if (rc != 0)
		end(&c);
	return rc;
}

/* --- short answers ---------------------------------------------------------------------------- */

static int keep_answer(void *ctx, bool error, const char *data, size_t n, struct err *e)
{
	(void)e;
	if (!error)
		str_add(ctx, data, n);
	return 0;
}

int program_ask(char *const argv[], int64_t limit_ms, struct str *out, struct err *e)
{
	int status;
	const struct program p = {.argv = argv,
				  .limit_ms = limit_ms,
				  .limit = ANSWER_MAX,
				  .take = keep_answer,
				  .ctx = out};
	if (program_run(&p, &status, e) != 0)
		return err_at(e, "%s", argv[0]);
	return status == 0 ? 0 : err_set(e, ERR_SYSTEM, "%s ended with %d", argv[0], status);
}
