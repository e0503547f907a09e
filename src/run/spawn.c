/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/spawn.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/values.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS   30000
#define LINE_LIMIT 1024

struct pipes {
	int secrets[2]; /* read end in the child */
	int ready[2];   /* write end in the child */
};

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void shut_all(struct pipes *p)
{
	shut(&p->secrets[0]);
	shut(&p->secrets[1]);
	shut(&p->ready[0]);
	shut(&p->ready[1]);
}

/* --- the child -------------------------------------------------------------------------------- */

struct words {
	VEC(char *) list; /* argv */
};

static void add_word(struct words *w, const char *word)
{
	VEC_PUSH(&w->list, xstrdup(word));
}

static void add_number(struct words *w, const char *option, int64_t number)
{
	add_word(w, option);
	VEC_PUSH(&w->list, xasprintf("%" PRId64, number));
}

static void runner_words(struct words *w, const struct spawn_options *o)
{
	add_word(w, "hitless");
	add_word(w, "--state");
	add_word(w, o->state_dir);
	add_word(w, "run");
	add_word(w, o->job);
	add_number(w, "--job-limit", o->job_limit);
	if (o->linger)
		add_word(w, "--linger");
	for (size_t i = 0; o->extra && o->extra[i]; i++)
		add_word(w, o->extra[i]);
}

/* What it would print on a terminal (a crash, an abort) goes to the end of the log. */
static void standard_files(const char *log)
{
	int none = open("/dev/null", O_RDWR);
	int err = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (none < 0 || dup2(none, 0) < 0 || dup2(none, 1) < 0 || dup2(err < 0 ? none : err, 2) < 0)
		_exit(126);
	if (none > 2)
		close(none);
	if (err > 2)
		close(err);
}

static void keep_open(int fd)
{
	int flags = fcntl(fd, F_GETFD);
	if (flags < 0 || fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) < 0)
		_exit(126);
}

/* Between fork and exec: nothing that takes a lock. */
__attribute__((noreturn)) static void child(char **arguments, const char *log,
					    const struct pipes *p)
{
	sigset_t none;
	sigemptyset(&none);
	if (setsid() < 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		_exit(126);
	standard_files(log);
	if (p->secrets[0] >= 0)
		keep_open(p->secrets[0]);
	if (p->ready[1] >= 0)
		keep_open(p->ready[1]);
	execv("/proc/self/exe", arguments);
	_exit(127);
}

/* --- the parent ------------------------------------------------------------------------------- */

static int write_all(int fd, const char *text, size_t n, struct err *e)
{
	while (n) {
		ssize_t w = write(fd, text, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return err_sys(e, "cannot hand the secrets to the new process");
		text += w;
		n -= (size_t)w;
	}
	return 0;
}

/* One credential: its name, LF, its secret, LF. Secrets are single lines (base/secret.h). */
static int write_secrets(int fd, const struct spawn_options *o, struct err *e)
{
	for (size_t i = 0; o && i < o->n_secrets; i++) {
		const struct spawn_secret *s = &o->secrets[i];
		const char *text = secret_text(s->secret);
		if (write_all(fd, s->credential, strlen(s->credential), e) != 0 ||
		    write_all(fd, "\n", 1, e) != 0 || write_all(fd, text, strlen(text), e) != 0 ||
		    write_all(fd, "\n", 1, e) != 0)
			return -1;
	}
	return 0;
}

/* The line that the child says when it owns the job, or ends without. */
static int read_ready(int fd, struct str *line, struct err *e)
{
	char buf[256];
	struct clock *clock = clock_real();
	int64_t until = clock->now(clock) + READY_MS;
	while (line->len < LINE_LIMIT && !(line->len && strchr(str_text(line), '\n'))) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int ready = clock->wait(clock, &p, 1, until);
		if (ready < 0)
			return err_sys(e, "cannot wait for the new process");
		if (!ready && clock->now(clock) >= until)
			return err_set(e, ERR_TIMEOUT, "the new process said nothing for %d s",
				       READY_MS / 1000);
		ssize_t n = ready ? read(fd, buf, sizeof(buf)) : -1;
		if (n == 0)
			return err_set(e, ERR_SYSTEM,
				       "the new process ended before it was ready; "
				       "its log may say why");
		if (n > 0)
			str_add(line, buf, (size_t)n);
	}
	return 0;
}

/* "0", or the number of the error's kind, a space and its text. */
static int judge_line(char *line, struct err *e)
{
	char *text;
	long kind = strtol(line, &text, 10);
	line[strcspn(line, "\n")] = '\0';
	if (kind == ERR_NONE)
		return 0;
	if (kind < 0 || kind >= ERR_KINDS)
		kind = ERR_SYSTEM;
	return err_text(e, (enum err_kind)kind, *text == ' ' ? text + 1 : text);
}

static int converse(const struct spawn_options *o, struct pipes *p, struct err *e)
{
	struct str line = {0};
	int rc = write_secrets(p->secrets[1], o, e);
	shut(&p->secrets[1]);
	if (rc == 0)
		rc = read_ready(p->ready[0], &line, e);
	if (rc == 0)
		rc = judge_line(line.buf, e);
	str_release(&line);
	return rc;
}

static int start(char **arguments, const char *log, struct pipes *p, pid_t *pid, struct err *e)
{
	*pid = fork();
	if (*pid == 0)
		child(arguments, log, p);
	if (*pid < 0)
		return err_sys(e, "cannot start a process");
	shut(&p->secrets[0]);
	shut(&p->ready[1]);
	return 0;
}

/* Takes the words. SIGPIPE is ignored in this program: a child that ends before it has read its
 * secrets is an error of write(). */
static int launch(struct words *w, const char *log, const struct spawn_options *o, int *pid,
		  struct err *e)
{
	struct pipes p = {{-1, -1}, {-1, -1}};
	pid_t child_pid = -1;
	int rc = 0;
	if (pipe2(p.secrets, O_CLOEXEC) != 0 || pipe2(p.ready, O_CLOEXEC) != 0)
		rc = err_sys(e, "cannot make a pipe");
	if (o)
		add_number(w, "--secrets-fd", p.secrets[0]);
	add_number(w, "--ready-fd", p.ready[1]);
	VEC_PUSH(&w->list, NULL);
	if (rc == 0)
		rc = start(w->list.v, log, &p, &child_pid, e);
	if (rc == 0)
		rc = converse(o, &p, e);
	if (rc != 0 && child_pid > 0) {
		(void)kill(child_pid, SIGTERM); /* it may have ended already */
		(void)waitpid(child_pid, NULL, WNOHANG);
	}
	shut_all(&p);
	strings_free(w->list.v);
	*pid = (int)child_pid;
	return rc;
}

int spawn_runner(const struct spawn_options *o, int *pid, struct err *e)
{
	struct words w = {{0}};
	char *log = path_join(o->state_dir, "hitless.log");
	runner_words(&w, o);
	int rc = launch(&w, log, o, pid, e);
	free(log);
	return rc;
}

int spawn_background(char *const *words, const char *log, int *pid, struct err *e)
{
	struct words w = {{0}};
	add_word(&w, "hitless");
	for (size_t i = 0; words[i]; i++)
		add_word(&w, words[i]);
	return launch(&w, log, NULL, pid, e);
}

#define ASK_MS 100

static int wait_for(pid_t pid, int (*stop)(void *ctx), void *ctx, int *status, struct err *e)
{
	struct clock *clock = clock_real();
	bool told = false;
	int how;
	pid_t ended;
	while ((ended = waitpid(pid, &how, WNOHANG)) == 0) {
		if (!told && stop(ctx) != 0)
			told = kill(pid, SIGTERM) == 0;
		if (clock->wait(clock, NULL, 0, clock->now(clock) + ASK_MS) < 0)
			return err_sys(e, "cannot wait for the new process");
	}
	if (ended < 0)
		return err_sys(e, "cannot wait for the new process");
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
	return 0;
}

int spawn_and_wait(char *const *words, const char *log, int (*stop)(void *ctx), void *ctx,
		   int *status, struct err *e)
{
	struct words w = {{0}};
	struct pipes none = {{-1, -1}, {-1, -1}};
	pid_t pid = -1;
	add_word(&w, "hitless");
	for (size_t i = 0; words[i]; i++)
		add_word(&w, words[i]);
	VEC_PUSH(&w.list, NULL);
	int rc = start(w.list.v, log, &none, &pid, e);
	strings_free(w.list.v);
	return rc == 0 ? wait_for(pid, stop, ctx, status, e) : -1;
}

/* --- in the new process ----------------------------------------------------------------------- */

/* A name, byte by byte: what follows it is a secret and must not get into a buffer. 1, 0: end. */
static int read_name(int fd, struct str *name, struct err *e)
{
	char c;
	for (;;) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read the secrets");
		if (n == 0)
			return name->len ? err_set(e, ERR_INPUT, "the secrets end in the middle")
					 : 0;
		if (c == '\n')
			return 1;
		if (name->len >= LINE_LIMIT)
			return err_set(e, ERR_INPUT, "a credential's name is too long");
		str_putc(name, c);
	}
}

int spawn_read_secrets(int fd, void (*take)(void *ctx, const char *credential, struct secret *s),
		       void *ctx, struct err *e)
{
	struct str name = {0};
	int rc;
	while ((rc = read_name(fd, &name, e)) == 1) {
		struct secret *s = secret_read_line(fd, e);
		if (!s) {
			rc = -1;
			break;
		}
		take(ctx, str_text(&name), s);
		str_clear(&name);
	}
	str_release(&name);
	return rc;
}

void spawn_ready(int fd, const struct err *failed)
{
	char line[sizeof(failed->text) + 64];
	snprintf(line, sizeof(line), "%d %s\n", failed ? (int)failed->kind : ERR_NONE,
		 failed ? failed->text : "");
	/* nobody may be there any more to read it: the job goes on */
	if (write(fd, line, strlen(line)) < 0)
		return;
}
