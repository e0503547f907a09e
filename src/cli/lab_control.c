/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/lab_control.h"

#include "lab/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME    "control"
#define WAIT_S  5 /* for the other side; a person types the request */
#define LONGEST 65536

/* A socket's path has room for 107 bytes, a directory's not: it is reached through its descriptor.
 * -1: errno. */
static int open_at(const char *dir, struct sockaddr_un *at)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	(void)snprintf(at->sun_path, sizeof(at->sun_path), "/proc/self/fd/%d/" NAME, fd);
	return fd;
}

int control_listen(const char *dir, struct err *e)
{
	struct sockaddr_un at;
	int place = open_at(dir, &at), fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = place >= 0 && fd >= 0 && (unlink(at.sun_path) == 0 || errno == ENOENT);
	mode_t before = umask(077);
	ok = ok && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 8) == 0;
	if (!ok)
		err_sys(e, "cannot listen in %s", dir);
	(void)umask(before);
	if (place >= 0)
		close(place);
	if (ok)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Nobody is waited for longer than WAIT_S. */
static void set_limits(int fd)
{
	struct timeval limit = {.tv_sec = WAIT_S};
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static int send_all(int fd, const struct str *text)
{
	for (size_t at = 0; at < text->len;) {
		ssize_t n = send(fd, text->buf + at, text->len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

/* Up to a LF, or to the end. */
static int receive(int fd, bool line, struct str *out)
{
	char buf[4096];
	while (out->len < LONGEST && !(line && out->len && strchr(out->buf, '\n'))) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		str_add(out, buf, (size_t)n);
	}
	return out->len ? 0 : -1;
}

/* --- the lab's side --------------------------------------------------------------------------- */

static int list_faults(struct lab *lab, const char *argument, struct str *out, struct err *e)
{
	(void)argument, (void)e;
	for (size_t i = 0; lab_fault_show(lab, i, out); i++)
		str_puts(out, "\n");
	return 0;
}

static int set_fault(struct lab *lab, const char *argument, struct str *out, struct err *e)
{
	(void)out;
	return lab_fault_add(lab, argument, e);
}

static int clear_fault(struct lab *lab, const char *argument, struct str *out, struct err *e)
{
	(void)out;
	return lab_fault_clear(lab, argument, e);
}

static const struct {
	const char *word;
	int (*act)(struct lab *lab, const char *argument, struct str *out, struct err *e);
} requests[] = {
    {"faults ", list_faults},
    {"fault ", set_fault},
    {"clear ", clear_fault},
};

static int act(struct lab_server *server, const char *line, struct str *out, struct err *e)
{
	for (size_t i = 0; i < LEN(requests); i++) {
		size_t n = strlen(requests[i].word);
		if (strncmp(line, requests[i].word, n) != 0)
			continue;
		struct lab *lab = lab_server_lock(server);
		int rc = requests[i].act(lab, line + n, out, e);
		lab_server_unlock(server);
		return rc;
	}
	return err_set(e, ERR_INPUT, "the lab does not know the request \"%s\"", line);
}

void control_answer(int listener, struct lab_server *server)
{
	struct str line = {0}, answer = {0}, rows = {0};
	struct err e = {0};
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	set_limits(fd);
	if (receive(fd, true, &line) == 0) {
		line.buf[strcspn(line.buf, "\n")] = '\0';
		if (act(server, line.buf, &rows, &e) == 0)
			str_printf(&answer, "0\n%s", str_text(&rows));
		else
			str_printf(&answer, "%d %s\n", (int)e.kind, e.text);
		(void)send_all(fd, &answer); /* who has gone does not want to know */
	}
	close(fd);
	str_release(&line);
	str_release(&answer);
	str_release(&rows);
}

/* --- who asks --------------------------------------------------------------------------------- */

static int judge(const char *text, struct str *rows, struct err *e)
{
	size_t n = strcspn(text, "\n");
	char *rest;
	long kind = strtol(text, &rest, 10);
	if (rest == text || kind < 0 || kind >= ERR_KINDS)
		return err_set(e, ERR_CORRUPT, "the lab gave an answer that makes no sense");
	if (kind != ERR_NONE) {
		char *why = xstrndup(rest + 1, (size_t)(text + n - rest - 1));
		err_text(e, (enum err_kind)kind, why);
		free(why);
		return -1;
	}
	str_puts(rows, text + n + (text[n] != '\0'));
	return 0;
}

int control_ask(const char *dir, const char *line, struct str *rows, struct err *e)
{
	struct sockaddr_un at;
	struct str request = {0}, answer = {0};
	int place = open_at(dir, &at), fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = -1;
	str_printf(&request, "%s\n", line);
	if (fd >= 0)
		set_limits(fd);
	if (place < 0 || fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		err_set(e, ERR_INPUT, "no lab answers in %s; 'hitless lab up --dir %s' starts one",
			dir, dir);
	else if (send_all(fd, &request) != 0 || receive(fd, false, &answer) != 0)
		err_sys(e, "the lab in %s does not answer", dir);
	else
		rc = judge(str_text(&answer), rows, e);
	if (place >= 0)
		close(place);
	if (fd >= 0)
		close(fd);
	str_release(&request);
	str_release(&answer);
	return rc;
}
