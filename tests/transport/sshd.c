/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sshd.h"

#include "base/clock.h"
#include "base/path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool nap(int *left_ms)
{
	struct clock *c = clock_real();
	c->wait(c, NULL, 0, c->now(c) + 5);
	*left_ms -= 5;
	return *left_ms > 0;
}

void write_text(const char *path, const char *text)
{
	struct err e;
	if (path_write(path, text, strlen(text), &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
}

char *read_text(const char *path)
{
	struct str s = {0};
	struct err e;
	if (path_exists(path) && path_read(path, (size_t)256 * 1024 * 1024, &s, &e) != 0)
		abort();
	return str_take(&s);
}

const char *sshd_path(const struct sshd *s, const char *name)
{
	static char paths[8][160];
	static int next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
	return path;
}

static pid_t start_program(const char *const argv[], const char *out_file)
{
	pid_t pid = fork();
	if (pid == 0) {
		int out =
		    open(out_file ? out_file : "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0600);
		int in = open("/dev/null", O_RDONLY);
		if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
			_exit(127);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

int run_program(const char *const argv[], const char *out_file)
{
	int status;
	pid_t pid = start_program(argv, out_file);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		abort();
	close(fd);
	return ntohs(a.sin_port);
}

static const char *find_sshd(void)
{
	static const char *const places[] = {"/usr/sbin/sshd", "/usr/local/sbin/sshd",
					     "/sbin/sshd"};
	for (size_t i = 0; i < LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static bool make_key(const char *path, const char *type)
{
	const char *const argv[] = {"ssh-keygen", "-q", "-t", type, "-N", "", "-f", path, NULL};
	return run_program(argv, NULL) == 0;
}

static void know(const struct sshd *s, struct str *lines, const char *name)
{
	char *text = read_text(sshd_path(s, name));
	str_printf(lines, "[127.0.0.1]:%d %s", s->port, text);
	free(text);
}

static bool prepare(struct sshd *s, const char *more)
{
	struct passwd *me = getpwuid(getuid());
	struct str config = {0}, known = {0};
	strcpy(s->dir, "/tmp/hitless-sshd.XXXXXX");
	if (!me || !mkdtemp(s->dir))
		return false;
	snprintf(s->user, sizeof(s->user), "%s", me->pw_name);
	snprintf(s->key, sizeof(s->key), "%s/key", s->dir);
	snprintf(s->wrong, sizeof(s->wrong), "%s/wrong", s->dir);
	snprintf(s->log, sizeof(s->log), "%s/log", s->dir);
	snprintf(s->known, sizeof(s->known), "%s/known_hosts", s->dir);
	s->port = free_port();
	if (!make_key(s->key, "ed25519") || !make_key(s->wrong, "ed25519") ||
	    !make_key(sshd_path(s, "host_ed25519"), "ed25519") ||
	    !make_key(sshd_path(s, "host_ecdsa"), "ecdsa"))
		return false;
	str_printf(
	    &config,
	    "Port %d\nListenAddress 127.0.0.1\nHostKey %s/host_ed25519\nHostKey %s/host_ecdsa\n"
	    "AuthorizedKeysFile %s/key.pub\nPidFile none\nStrictModes no\nUsePAM no\n"
	    "LogLevel VERBOSE\nMaxStartups 500\nMaxSessions 50\nPermitRootLogin yes\n"
	    "SetEnv SHLVL=9\n" /* bash started by sshd reads ~/.bashrc only at the first level */
	    "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUseDNS no\n%s",
	    s->port, s->dir, s->dir, s->dir, more);
	write_text(sshd_path(s, "config"), config.buf);
	know(s, &known, "host_ed25519.pub");
	know(s, &known, "host_ecdsa.pub");
	write_text(s->known, known.buf);
	str_release(&config);
	str_release(&known);
	return true;
}

struct sshd *sshd_start(const char *more_config)
{
	const char *program = find_sshd();
	struct sshd *s = xcalloc(1, sizeof(*s));
	if (geteuid() == 0 && mkdir("/run/sshd", 0755) != 0 && errno != EEXIST)
		program = NULL; /* what a start by the init system would have made */
	if (program && prepare(s, more_config ? more_config : "")) {
		const char *const argv[] = {program, "-D", "-e", "-f", sshd_path(s, "config"),
					    NULL};
		s->pid = start_program(argv, s->log);
		for (int left = 10000; s->pid > 0 && sshd_count(s, "Server listening") == 0;)
			if (!nap(&left) || waitpid(s->pid, NULL, WNOHANG) == s->pid)
				s->pid = 0;
		if (s->pid > 0)
			return s;
		char *log = read_text(s->log);
		fprintf(stderr, "sshd cannot be run here:\n%s\n", log);
		free(log);
	}
	sshd_stop(s);
	return NULL;
}

void sshd_stop(struct sshd *s)
{
	struct err e;
	if (s->pid > 0) {
		kill(s->pid, SIGTERM);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (*s->dir && path_remove_tree(s->dir, &e) != 0)
		fprintf(stderr, "%s\n", e.text);
	free(s);
}

int sshd_count(const struct sshd *s, const char *text)
{
	char *log = read_text(s->log);
	int n = 0;
	for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
		n++;
	free(log);
	return n;
}
