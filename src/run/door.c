/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/door.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "model/digest.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS 2000
#define MESSAGE   1024
#define NO_UID    UINT32_MAX /* of the audit system: nobody logged in */

struct guest { /* said to want to confirm, and has not said all of it */
	int fd;
	struct str said;
};

struct held {
	char *identity;
	int fd;
};

struct door {
	int epoll;
	char *text;
	VEC(struct held) held;
	int ear;        /* -1: nobody is expected */
	char *expected; /* job and words of the ear */
	VEC(struct guest) guests;
};

/* --- names ------------------------------------------------------------------------------------ */

/* The name is a digest: it says nothing to who lists the machine's sockets. */
static socklen_t address(struct sockaddr_un *a, const char *kind, const char *what)
{
	char hex[DIGEST_HEX];
	digest_bytes(what, strlen(what), hex);
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	int n = snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "hitless-%s-%.40s", kind, hex);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static int bind_name(const char *kind, const char *what)
{
	struct sockaddr_un a;
	socklen_t n = address(&a, kind, what);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&a, n) != 0 || listen(fd, 16) != 0)) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static int connect_name(const char *kind, const char *what)
{
	struct sockaddr_un a;
	socklen_t n = address(&a, kind, what);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, n) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void watch(const struct door *d, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		log_line("run", "a socket cannot be watched: %s", strerror(errno));
}

/* --- life ------------------------------------------------------------------------------------- */

struct door *door_new(void)
{
	struct door *d = xcalloc(1, sizeof(*d));
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->ear = -1;
	return d;
}

int door_fd(const struct door *d)
{
	return d ? d->epoll : -1;
}

void door_give_back(struct door *d)
{
	for (size_t i = 0; i < d->held.n; i++) {
		close(d->held.v[i].fd);
		free(d->held.v[i].identity);
	}
	VEC_RELEASE(&d->held);
}

static void guest_goes(struct door *d, size_t i)
{
	close(d->guests.v[i].fd);
	str_release(&d->guests.v[i].said);
	VEC_REMOVE(&d->guests, i);
}

static void close_ear(struct door *d)
{
	if (d->ear >= 0)
		close(d->ear);
	d->ear = -1;
	free(d->expected);
	d->expected = NULL;
	while (d->guests.n)
		guest_goes(d, 0);
}

void door_free(struct door *d)
{
	if (!d)
		return;
	door_give_back(d);
	close_ear(d);
	VEC_RELEASE(&d->guests);
	if (d->epoll >= 0)
		close(d->epoll);
	free(d->text);
	free(d);
}

/* --- devices ---------------------------------------------------------------------------------- */

bool door_has(const struct door *d, const char *identity)
{
	for (size_t i = 0; i < d->held.n; i++)
		if (strcmp(d->held.v[i].identity, identity) == 0)
			return true;
	return false;
}

static int hold_one(struct door *d, const char *identity, const char *name, struct err *e)
{
	if (door_has(d, identity))
		return 0;
	int fd = bind_name("device", identity);
	if (fd >= 0) {
		VEC_PUSH(&d->held, ((struct held){xstrdup(identity), fd}));
		watch(d, fd);
		return 0;
	}
	if (errno != EADDRINUSE)
		return err_sys(e, "%s cannot be locked on this machine", name);
	char *who = door_holder(identity);
	err_set(e, ERR_LOCKED, "%s is locked by %-s; wait for that job or cancel it", name,
		who ? who : M_("another process of this machine"));
	free(who);
	return -1;
}

int door_hold(struct door *d, const char *text, char *const *identities, char *const *names,
	      size_t n, struct err *e)
{
	size_t before = d->held.n;
	char *copy = xstrdup(text);
	free(d->text);
	d->text = copy;
	for (size_t i = 0; i < n; i++)
		if (hold_one(d, identities[i], names[i], e) != 0) {
			while (d->held.n > before) {
				struct held *last = &d->held.v[--d->held.n];
				close(last->fd);
				free(last->identity);
			}
			return -1;
		}
	return 0;
}

/* What the other side says until it closes; new. */
static char *read_all(int fd)
{
	struct str out = {0};
	char buf[MESSAGE];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	while (out.len < MESSAGE && poll(&p, 1, ANSWER_MS) == 1) {
		ssize_t n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		str_add(&out, buf, (size_t)n);
	}
	return str_take(&out);
}

static char *holder_process(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return xstrdup(M_("another process of this machine"));
	return xasprintf(M_("a job of uid %u, pid %d"), who.uid, (int)who.pid);
}

char *door_holder(const char *identity)
{
	int fd = connect_name("device", identity);
	if (fd < 0)
		return NULL;
	char *text = read_all(fd);
	if (!*text) { /* it is stopped, or very busy: the kernel knows who it is */
		free(text);
		text = holder_process(fd);
	}
	close(fd);
	return text;
}

static void tell_holder(const struct door *d, int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		if (send(fd, d->text, strlen(d->text), MSG_NOSIGNAL) < 0)
			log_line("run", "who holds a device was not told: %s", strerror(errno));
		close(fd);
	}
}

/* --- the second person ------------------------------------------------------------------------ */

/* Small letters with one blank between the words: as the words are shown. */
static char *plain_words(const char *text)
{
	struct str out = {0};
	for (; *text; text++)
		if (isalpha((unsigned char)*text))
			str_putc(&out, (char)tolower((unsigned char)*text));
		else if (out.len && out.buf[out.len - 1] != ' ')
			str_putc(&out, ' ');
	if (out.len && out.buf[out.len - 1] == ' ')
		out.buf[--out.len] = '\0';
	return str_take(&out);
}

static char *ear_name(const char *job, const char *words)
{
	char *plain = plain_words(words), *name = xasprintf("%s\n%s", plain, job);
	free(plain);
	return name;
}

int door_listen(struct door *d, const char *job, const char *words, struct err *e)
{
	char *name = words ? ear_name(job, words) : NULL;
	if (str_eq(name, d->expected)) {
		free(name);
		return 0;
	}
	close_ear(d);
	if (!name)
		return 0;
	d->expected = name; /* one attempt for one plan */
	d->ear = bind_name("confirm", name);
	if (d->ear < 0)
		return err_sys(e, "nobody can confirm this plan: its name is taken");
	watch(d, d->ear);
	return 0;
}

static int64_t login_of(int64_t pid)
{
	char *path = pid > 0 ? xasprintf("/proc/%lld/loginuid", (long long)pid)
			     : xstrdup("/proc/self/loginuid");
	struct str text = {0};
	struct err e = {0};
	int64_t uid = path_read(path, 64, &text, &e) == 0 && text.len
			  ? strtoll(str_text(&text), NULL, 10)
			  : NO_UID;
	str_release(&text);
	free(path);
	return uid == NO_UID ? -1 : uid;
}

static int64_t sudo_uid(void)
{
	const char *text = getenv("SUDO_UID");
	char *end;
	long long uid = text && *text ? strtoll(text, &end, 10) : -1;
	return text && *text && !*end && uid >= 0 ? uid : -1;
}

void door_uids(int64_t uids[3])
{
	uids[0] = geteuid();
	uids[1] = login_of(0);
	uids[2] = sudo_uid();
}

static void answer(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		log_line("run", "the second person was not answered: %s", strerror(errno));
}

/* "SUDO-UID words\n" */
static void hear(const struct guest *x, char *(*judge)(void *, const struct door_person *),
		 void *ctx)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	char *end;
	const char *said = str_text(&x->said);
	struct door_person p = {.sudo = strtoll(said, &end, 10)};
	if (getsockopt(x->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0) {
		answer(x->fd, "the kernel does not say who you are");
		return;
	}
	p.uid = who.uid;
	p.login = login_of(who.pid);
	p.words = plain_words(end);
	char *why = judge(ctx, &p);
	answer(x->fd, why ? why : "+");
	free(why);
	free(p.words);
}

static void work_guest(struct door *d, size_t i, char *(*judge)(void *, const struct door_person *),
		       void *ctx)
{
	char buf[MESSAGE];
	struct guest *x = &d->guests.v[i];
	ssize_t n = read(x->fd, buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		str_add(&x->said, buf, (size_t)n);
	if (n > 0 && x->said.len < MESSAGE && !strchr(str_text(&x->said), '\n'))
		return;
	if (n > 0 && strchr(str_text(&x->said), '\n'))
		hear(x, judge, ctx);
	if (d->guests.n) /* judging may have closed the ear, and with it all guests */
		guest_goes(d, i);
}

static void let_in(struct door *d)
{
	int fd;
	while ((fd = accept4(d->ear, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		VEC_PUSH(&d->guests, ((struct guest){.fd = fd}));
		watch(d, fd);
	}
}

void door_work(struct door *d, char *(*judge)(void *ctx, const struct door_person *p), void *ctx)
{
	struct epoll_event ev[16];
	int n = d ? epoll_wait(d->epoll, ev, LEN(ev), 0) : 0;
	for (int i = 0; i < n; i++) {
		int fd = ev[i].data.fd;
		size_t g = 0;
		while (g < d->guests.n && d->guests.v[g].fd != fd)
			g++;
		if (fd == d->ear)
			let_in(d);
		else if (g < d->guests.n)
			work_guest(d, g, judge, ctx);
		else
			tell_holder(d, fd);
	}
}

int door_confirm(const char *job, const char *words, struct err *e)
{
	char *name = ear_name(job, words), *plain = plain_words(words);
	int fd = connect_name("confirm", name);
	char *message = xasprintf("%lld %s\n", (long long)sudo_uid(), plain), *said = NULL;
	int rc = -1;
	if (fd < 0)
		err_set(e, ERR_INPUT,
			_("no job \"%s\" on this machine waits for these words; look at its plan "
			  "again, and whether it runs"),
			job);
	else if (send(fd, message, strlen(message), MSG_NOSIGNAL) < 0)
		err_sys(e, _("the job \"%s\" does not listen"), job);
	else
		said = read_all(fd);
	if (said && strcmp(said, "+") == 0)
		rc = 0;
	else if (said)
		err_text(e, *said ? ERR_REFUSED : ERR_TIMEOUT,
			*said ? said : _("the job did not answer; ask again"));
	if (fd >= 0)
		close(fd);
	free(said);
	free(message);
	free(plain);
	free(name);
	return rc;
}
