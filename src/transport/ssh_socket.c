/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "transport/ssh_session.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A peer that is gone without a word is noticed by the kernel, also while a session rests without a
 * thread: after 15 s of silence three probes, 10 s apart; sent data may stay unanswered for 60 s.
 */
#define PROBE_AFTER_S 15
#define PROBE_EVERY_S 10
#define PROBES        3
#define UNANSWERED_MS 60000

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int tune(int fd)
{
	return set(fd, IPPROTO_TCP, TCP_NODELAY, 1) || set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) ||
	       set(fd, IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S) ||
	       set(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY_S) ||
	       set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES) ||
	       set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNANSWERED_MS);
}

/* The words of OpenSSH, so that patterns written for it match. */
static int say(const char *address, int port, int why, struct err *e)
{
	enum err_kind kind = why == ETIMEDOUT ? ERR_TIMEOUT : ERR_NETWORK;
	return err_set(e, kind, "ssh: connect to host %s port %d: %-s", address, port,
		       err_system(why));
}

/* 0, or the errno of why not. */
static int wait_connected(int fd, int64_t until)
{
	struct clock *clock = clock_real();
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int why = 0;
	socklen_t n = sizeof(why);
	int ready;
	while ((ready = clock->wait(clock, &p, 1, until)) == 0)
		if (clock->now(clock) >= until)
			return ETIMEDOUT;
	if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) != 0)
		return errno;
	if (why == 0 && (p.revents & POLLHUP))
		return ECONNABORTED; /* shut down by us */
	return why;
}

/* A connected descriptor, or -1 with e and *why (an errno; 0: it makes no sense to go on). */
static int connect_one(struct lifeline *line, const struct addrinfo *a, int64_t until, int *why,
		       struct err *e)
{
	*why = 0;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		if (errno != EAFNOSUPPORT)
			return err_sys(e, "cannot make a socket");
		*why = EAFNOSUPPORT;
		return -1;
	}
	if (tune(fd) != 0) {
		err_sys(e, "cannot set socket options");
	} else if (lifeline_hold(line, 0, fd, e) == 0) {
		int rc = connect(fd, a->ai_addr, a->ai_addrlen);
		*why = rc == 0 ? 0 : errno == EINPROGRESS ? wait_connected(fd, until) : errno;
		if (*why == 0)
			return fd;
	}
	close(fd);
	return -1;
}

static int64_t share(int64_t until, int left)
{
	int64_t now = clock_real()->now(clock_real());
	return until < 0 ? -1 : now + (until > now ? (until - now) / left : 0);
}

static int connect_any(struct lifeline *line, const struct addrinfo *list, const char *address,
		       int port, int64_t until, struct err *e)
{
	int left = 0;
	for (const struct addrinfo *a = list; a; a = a->ai_next)
		left++;
	for (const struct addrinfo *a = list; a; a = a->ai_next, left--) {
		int why;
		int fd = connect_one(line, a, share(until, left), &why, e);
		if (fd >= 0)
			return fd;
		if (atomic_load(&line->cancelled))
			return err_set(e, ERR_CANCELLED, "cancelled while connecting");
		if (why == 0)
			return -1;
		say(address, port, why, e);
	}
	return -1;
}

/* In English whatever the locale is: it gets into records. */
static const char *resolver_text(int rc)
{
	switch (rc) {
	case EAI_NONAME:
		return M_("Name or service not known");
	case EAI_AGAIN:
		return M_("Temporary failure in name resolution");
	case EAI_FAIL:
		return M_("Non-recoverable failure in name resolution");
	default:
		return M_("The name servers gave no address");
	}
}

int socket_connect(struct lifeline *line, const char *address, int port, int64_t until,
		   struct err *e)
{
	struct addrinfo hints = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char service[16];
	snprintf(service, sizeof(service), "%d", port);
	int rc = getaddrinfo(address, service, &hints, &list);
	if (rc != 0)
		return err_set(e, ERR_NETWORK, "ssh: Could not resolve hostname %s: %-s", address,
			       rc == EAI_SYSTEM ? err_system(errno) : resolver_text(rc));
	int fd = connect_any(line, list, address, port, until, e);
	freeaddrinfo(list);
	return fd;
}
