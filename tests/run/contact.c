/* SPDX-License-Identifier: ISC */
/* First contact: many devices at once, stopped at once, and only new keys are added. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "run/contact.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES  40 /* more than are asked at the same time */
#define TOGETHER 32

/* Nobody here speaks SSH: it takes connections, and hangs up when there are enough of them. */
struct server {
	int listener, port;
	pthread_t thread;
	size_t wanted; /* connections that have to be there together */
	bool hang_up;  /* then end them, and each that comes later */
	atomic_bool gathered;
};

static void *serve(void *ctx)
{
	struct server *s = ctx;
	int fds[DEVICES];
	for (size_t n = 0; n < DEVICES; n++) {
		fds[n] = accept(s->listener, NULL, NULL);
		if (fds[n] < 0) {
			while (n-- > 0)
				close(fds[n]);
			return NULL;
		}
		if (n + 1 == s->wanted)
			atomic_store(&s->gathered, true);
		for (size_t i = 0; s->hang_up && n + 1 >= s->wanted && i <= n; i++)
			(void)shutdown(fds[i], SHUT_RDWR); /* once more is no harm */
	}
	for (size_t i = 0; i < DEVICES; i++)
		close(fds[i]);
	return NULL;
}

static void server_start(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->listener >= 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(s->listener, DEVICES), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &size), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_end(struct server *s)
{
	(void)shutdown(s->listener, SHUT_RDWR); /* accept() returns; what is accepted is closed */
	pthread_join(s->thread, NULL);
	close(s->listener);
}

static struct inventory *fleet(const struct server *s, size_t *numbers)
{
	struct inventory *inv = inventory_new();
	for (size_t i = 0; i < DEVICES; i++) {
		struct device *d = VEC_ADD(&inv->devices);
		d->name = xasprintf("leaf%02zu", i);
		d->address = xstrdup("127.0.0.1");
		d->port = s->port;
		numbers[i] = i;
	}
	return inv;
}

static int count(void *ctx, size_t done, size_t total)
{
	size_t *last = ctx;
	assert_int_equal(total, DEVICES);
	assert_true(done >= *last);
	*last = done;
	return 0;
}

/* The server answers nobody before 32 wait for it: one after the other, each would time out. */
static void together(void **state)
{
	struct fixture *f = *state;
	struct server server = {.wanted = TOGETHER, .hang_up = true};
	struct contacts list;
	struct err e = {0};
	size_t numbers[DEVICES], last = 0;
	server_start(&server);
	struct inventory *inv = fleet(&server, numbers);
	struct store *s = must_open(f->dir);
	good(contacts_scan(s, inv, numbers, DEVICES, NULL, count, &last, &list, &e), &e);
	assert_int_equal(last, DEVICES);
	assert_int_equal(list.n, DEVICES);
	assert_int_equal(list.bad, DEVICES);
	assert_int_equal(list.fresh, 0);
	for (size_t i = 0; i < list.n; i++) {
		assert_int_equal(list.v[i].device, i);
		if (list.v[i].e.kind != ERR_NETWORK)
			fail_msg("device %zu: %s", i, list.v[i].e.text);
	}
	contacts_release(&list);
	inventory_free(inv);
	store_close(s);
	server_end(&server);
}

static int stop_when_gathered(void *ctx, size_t done, size_t total)
{
	struct server *s = ctx;
	(void)done;
	(void)total;
	return atomic_load(&s->gathered);
}

/* Those under way are ended by us, not by their time limit. */
static void stopped(void **state)
{
	struct fixture *f = *state;
	struct server server = {.wanted = TOGETHER};
	struct contacts list;
	struct err e = {0};
	size_t numbers[DEVICES], asked = 0;
	server_start(&server);
	struct inventory *inv = fleet(&server, numbers);
	struct store *s = must_open(f->dir);
	bad(contacts_scan(s, inv, numbers, DEVICES, NULL, stop_when_gathered, &server, &list, &e), &e,
	    ERR_CANCELLED, "of 40 devices");
	for (size_t i = 0; i < list.n; i++) {
		assert_int_not_equal(list.v[i].e.kind, ERR_NONE); /* the others say that they were not */
		asked += strcmp(list.v[i].e.text, "not asked") != 0;
		if (list.v[i].e.kind != ERR_NONE && list.v[i].e.kind != ERR_CANCELLED)
			fail_msg("device %zu: %s", i, list.v[i].e.text);
	}
	assert_int_equal(asked, TOGETHER);
	contacts_release(&list);
	inventory_free(inv);
	store_close(s);
	server_end(&server);
}

static void nobody(void **state)
{
	struct fixture *f = *state;
	struct inventory *inv = inventory_new();
	struct store *s = must_open(f->dir);
	struct contacts list;
	struct err e = {0};
	good(contacts_scan(s, inv, NULL, 0, NULL, NULL, NULL, &list, &e), &e);
	assert_int_equal(list.n, 0);
	contacts_release(&list);
	inventory_free(inv);
	store_close(s);
}

static void accepted(void **state)
{
	static const char before[] = "old ssh-ed25519 AAAA"; /* without an end of line */
	struct fixture *f = *state;
	struct contacts list = {0};
	struct err e = {0};
	struct str text = {0};
	struct store *s = must_open(f->dir);
	char *path = store_path(s, "known_hosts");
	for (int v = KNOWN_CHANGED; v <= KNOWN_OK; v++)
		VEC_PUSH(&list, ((struct contact){.line = xasprintf("host%d ssh-ed25519 BBBB", v),
						  .verdict = (enum known_host)v}));
	VEC_PUSH(&list, ((struct contact){.verdict = KNOWN_NOT, .e.kind = ERR_NETWORK}));
	good(path_write(path, before, strlen(before), &e), &e);
	good(contacts_accept(s, &list, &e), &e);
	good(path_read(path, 10000, &text, &e), &e);
	assert_int_equal(KNOWN_NOT, 1);
	assert_string_equal(str_text(&text), "old ssh-ed25519 AAAA\nhost1 ssh-ed25519 BBBB\n");
	str_release(&text);
	contacts_release(&list);
	free(path);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(together, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(stopped, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(nobody, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(accepted, fixture_setup, fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
