/* SPDX-License-Identifier: ISC */
/* Servers that do not answer, or not with SSH. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ssh.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

static int listen_on(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static struct lab *lab_at(int port)
{
	static struct sshd nobody; /* no server of ours: only a place, and a key that nobody sees */
	strcpy(nobody.user, "nobody");
	strcpy(nobody.known, "/nonexistent/known_hosts");
	nobody.port = port;
	struct lab *l = lab_new(&nobody);
	l->list.v[0].method = CREDENTIAL_PASSWORD;
	lab_open(l, 1, 0, 0);
	keyring_set_secret(l->keyring, "lab", secret_new("x", 1, NULL));
	return l;
}

static void test_mute_server(void **state)
{
	(void)state;
	int port, fd = listen_on(&port);
	struct lab *l = lab_at(port);
	struct tr_request *q = run_request(0, "true");
	q->connect_ms = 400;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_TIMEOUT);
	assert_non_null(strstr(r->e.text, "Connection timed out during banner"));
	assert_in_range(r->ms, 400, 2500);
	tr_reply_free(r);
	/* The same, cancelled. */
	submit(l, run_request(0, "true"));
	int peer = accept(fd, NULL, NULL), other = accept(fd, NULL, NULL);
	int64_t start = now_ms();
	l->t->ops->cancel(l->t, 0);
	r = wait_reply(l);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_CANCELLED);
	assert_in_range(now_ms() - start, 0, 2000);
	tr_reply_free(r);
	lab_free(l);
	close(peer);
	close(other);
	close(fd);
}

static void test_refused_and_unresolved(void **state)
{
	(void)state;
	struct lab *l = lab_at(free_port());
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_NETWORK);
	assert_non_null(strstr(r->e.text, "ssh: connect to host 127.0.0.1 port "));
	assert_non_null(strstr(r->e.text, ": Connection refused"));
	tr_reply_free(r);
	lab_free(l);
}

/* A server that speaks, but not SSH; and one that hangs up at once. */
static void test_not_ssh(void **state)
{
	(void)state;
	int port, fd = listen_on(&port);
	struct lab *l = lab_at(port);
	submit(l, run_request(0, "true"));
	int peer = accept(fd, NULL, NULL);
	assert_int_equal(send(peer, "HTTP/1.0 400 no\r\n\r\n", 19, MSG_NOSIGNAL), 19);
	close(peer);
	struct tr_reply *r = wait_reply(l);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_NETWORK);
	tr_reply_free(r);
	lab_free(l);
	close(fd);
}

/* A full backlog drops connection requests: connect() itself takes too long, and is cancelled. */
static void test_connect_deadline(void **state)
{
	(void)state;
	int port, fd = listen_on(&port), fill[64];
	assert_int_equal(listen(fd, 0), 0);
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				.sin_port = htons((uint16_t)port)};
	for (int i = 0; i < 64; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(fill[i], (struct sockaddr *)&a, sizeof(a));
	}
	struct lab *l = lab_at(port);
	struct tr_request *q = run_request(0, "true");
	q->connect_ms = 300;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_TIMEOUT);
	assert_non_null(strstr(r->e.text, ": Connection timed out"));
	tr_reply_free(r);
	submit(l, run_request(0, "true"));
	int left = 50; /* let it come as far as connect(); sooner is right too */
	while (nap(&left))
		;
	int64_t start = now_ms();
	l->t->ops->cancel(l->t, 0);
	r = wait_reply(l);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_CANCELLED);
	assert_in_range(now_ms() - start, 0, 2000);
	tr_reply_free(r);
	lab_free(l);
	for (int i = 0; i < 64; i++)
		close(fill[i]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mute_server),
	    cmocka_unit_test(test_refused_and_unresolved),
	    cmocka_unit_test(test_not_ssh),
	    cmocka_unit_test(test_connect_deadline),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ssh-connect", tests, NULL, NULL) != 0;
}
