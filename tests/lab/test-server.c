/* SPDX-License-Identifier: ISC */
/* The lab's server as a process: descriptors, sleep, and its end while clients hold on to it. */
#include "config.h"

#include "lab_help.h"

#include "lab/server.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Ours stand before libc's: closing what is closed already is another thread's descriptor one day;
 * and who does not sleep in poll() does not sleep. */
static atomic_int bad_closes, polls;

int close(int fd)
{
	int rc = (int)syscall(SYS_close, fd);
	if (rc && errno == EBADF)
		bad_closes++;
	return rc;
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec limit = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	polls++;
	return (int)syscall(SYS_ppoll, fds, n, ms < 0 ? NULL : &limit, NULL, 0);
}

static struct lab_server *start(const char *const *faults)
{
	struct lab_server_options o = {.lab = {.fabric = "small", .seed = 3}, .faults = faults};
	struct err e = {0};
	struct lab_server *s = lab_server_start(&o, &e);
	if (!s)
		fail_msg("%s", e.text);
	return s;
}

struct place {
	char address[32];
	int port;
};

static struct place place_of(struct lab_server *s, const char *device)
{
	struct place p = {.port = lab_server_port(s)};
	struct lab *lab = lab_server_lock(s);
	struct lab_info info;
	lab_info(lab, (size_t)lab_find(lab, device), &info);
	(void)snprintf(p.address, sizeof(p.address), "%s", info.address);
	lab_server_unlock(s);
	return p;
}

static ssh_session session_at(const struct place *p)
{
	bool no = false;
	ssh_session c = ssh_new();
	ssh_options_set(c, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(c, SSH_OPTIONS_HOST, p->address);
	ssh_options_set(c, SSH_OPTIONS_PORT, &p->port);
	ssh_options_set(c, SSH_OPTIONS_USER, "cumulus");
	return c;
}

/* Connected and logged in, or NULL. */
static ssh_session client_at(const struct place *p)
{
	ssh_session c = session_at(p);
	if (ssh_connect(c) == SSH_OK &&
	    ssh_userauth_password(c, NULL, "CumulusLinux!") == SSH_AUTH_SUCCESS)
		return c;
	ssh_free(c);
	return NULL;
}

static ssh_session client(struct lab_server *s, const char *device)
{
	struct place p = place_of(s, device);
	return client_at(&p);
}

static ssh_channel command(ssh_session c, const char *text)
{
	ssh_channel channel = ssh_channel_new(c);
	assert_int_equal(ssh_channel_open_session(channel), SSH_OK);
	assert_int_equal(ssh_channel_request_exec(channel, text), SSH_OK);
	return channel;
}

static int bare(struct lab_server *s, const char *device)
{
	struct place p = place_of(s, device);
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)p.port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, p.address, &in.sin_addr), 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

static void test_descriptors(void **state)
{
	(void)state;
	struct lab_server *s = start(NULL);
	bad_closes = 0;
	for (int i = 0; i < 6; i++) { /* before, in and after a login; politely and not */
		ssh_session c = client(s, "leaf01");
		assert_non_null(c);
		if (i & 1)
			ssh_disconnect(c);
		else
			(void)shutdown(ssh_get_fd(c), SHUT_RDWR);
		ssh_free(c);
		int fd = bare(s, "leaf02");
		if (i & 1)
			assert_int_equal(send(fd, "SSH-2.0-x\r\nnonsense\r\n", 21, 0), 21);
		(void)close(fd);
	}
	lab_server_free(s);
	assert_int_equal(bad_closes, 0);
}

static void test_idle(void **state)
{
	(void)state;
	struct lab_server *s = start(NULL);
	ssh_session c =
	    client(s, "leaf01"); /* a connection that nobody uses costs nothing either */
	assert_non_null(c);
	(void)lab_server_wait(s, 200); /* what the login set going has come to rest */
	polls = 0;
	assert_false(lab_server_wait(s, 1500));
	assert_in_range(polls, 0, 2);
	ssh_disconnect(c);
	ssh_free(c);
	lab_server_free(s);
}

struct crowd {
	struct place place;
	atomic_bool over;
	atomic_int logins;
};

static void *come_and_go(void *ctx)
{
	struct crowd *crowd = ctx;
	while (!crowd->over) {
		ssh_session c = client_at(&crowd->place);
		if (!c)
			continue;
		crowd->logins++;
		ssh_disconnect(c);
		ssh_free(c);
	}
	return NULL;
}

static void test_end(void **state)
{
	(void)state;
	static const char *const faults[] = {"leaf04:unreachable", NULL};
	struct lab_server *s = start(faults);
	struct crowd crowd = {.place = place_of(s, "leaf03")};
	pthread_t threads[4];
	int mute = bare(s, "leaf04"), silent = bare(s, "leaf02");
	ssh_session c = client(s, "leaf01");
	assert_non_null(c);
	ssh_channel endless = command(c, "while true; do sleep 1; echo x; done"),
		    waits = command(c, "cat"), unread = command(c, "cat /dev/zero");
	for (size_t i = 0; i < LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &crowd), 0);
	while (crowd.logins < 20)
		(void)sched_yield();
	int64_t before = clock_real()->now(clock_real());
	lab_server_stop(s);
	assert_true(lab_server_wait(s, 1000));
	lab_server_free(s);
	assert_in_range(clock_real()->now(clock_real()) - before, 0, 1000);
	crowd.over = true;
	for (size_t i = 0; i < LEN(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	ssh_channel_free(endless);
	ssh_channel_free(waits);
	ssh_channel_free(unread);
	ssh_free(c);
	(void)close(mute);
	(void)close(silent);
}

/* A device that goes away in the middle of a login is gone: it does not say that the login is
 * refused, which a client would take for a verdict on the credential. */
static void test_gone(void **state)
{
	(void)state;
	struct lab_server *s = start(NULL);
	struct err e = {0};
	for (int i = 0; i < 8; i++) {
		struct place p = place_of(s, "leaf01");
		ssh_session c = session_at(&p);
		assert_int_equal(ssh_connect(c), SSH_OK);
		struct lab *lab = lab_server_lock(s);
		assert_int_equal(lab_fault_add(lab, "leaf01:wrong-password", &e), 0);
		assert_int_equal(lab_fault_add(lab, "leaf01:refused", &e), 0);
		lab_server_unlock(s);
		assert_int_equal(ssh_userauth_password(c, NULL, "CumulusLinux!"), SSH_AUTH_ERROR);
		ssh_free(c);
		lab = lab_server_lock(s);
		assert_int_equal(lab_fault_clear(lab, "leaf01", &e), 0);
		lab_server_unlock(s);
		ssh_session again = NULL; /* it answers as before */
		while (!(again = client_at(&p)))
			(void)sched_yield();
		ssh_disconnect(again);
		ssh_free(again);
	}
	lab_server_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_descriptors),
	    cmocka_unit_test(test_idle),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
