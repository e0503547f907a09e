/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/server_parts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static int listen_on(const char *address, int port, int *got_port, struct err *e)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t n = sizeof(in);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(e, "lab: no socket for %s", address);
	if (inet_pton(AF_INET, address, &in.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&in, sizeof(in)) || listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&in, &n)) {
		(void)err_sys(e, "lab: cannot listen on %s port %d", address, port);
		(void)close(fd);
		return -1;
	}
	*got_port = ntohs(in.sin_port);
	return fd;
}

/* A listener leaves it by being closed. */
static int watch_door(struct lab_server *s, size_t device, int fd, struct err *e)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = device};
	if (epoll_ctl(s->doors, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return err_sys(e, "lab: cannot watch a listener");
}

void doors_close(struct lab_server *s)
{
	for (size_t i = 0; i < s->listeners.n; i++)
		if (s->listeners.v[i] >= 0)
			(void)close(s->listeners.v[i]);
	s->listeners.n = 0;
}

/* All addresses on one port; with port 0 the first one chooses and the others follow. */
int doors_open(struct lab_server *s, int port, struct err *e)
{
	struct lab_info info;
	for (size_t i = 0; i < lab_count(s->lab); i++) {
		lab_info(s->lab, i, &info);
		int fd = listen_on(info.address, i ? s->port : port, &s->port, e);
		if (fd >= 0)
			VEC_PUSH(&s->listeners, fd);
		if (fd < 0 || watch_door(s, i, fd, e) != 0) {
			doors_close(s);
			return -1;
		}
	}
	return 0;
}

/* Open and close listeners as the devices answer or not. */
void doors_follow(struct lab_server *s)
{
	for (size_t i = 0; i < s->listeners.n; i++) {
		enum lab_tcp tcp = lab_tcp(s->lab, i);
		bool open = tcp == LAB_OPEN || tcp == LAB_SILENT;
		struct lab_info info;
		if (open == (s->listeners.v[i] >= 0))
			continue;
		if (!open) {
			(void)close(s->listeners.v[i]);
			s->listeners.v[i] = -1;
			continue;
		}
		lab_info(s->lab, i, &info);
		int port;
		int fd = listen_on(info.address, s->port, &port, NULL);
		if (fd >= 0 && watch_door(s, i, fd, NULL) != 0) {
			(void)close(fd);
			fd = -1;
		}
		s->listeners.v[i] = fd;
		s->retry |= fd < 0;
	}
}
