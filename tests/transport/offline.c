/* SPDX-License-Identifier: ISC */
/* What needs no network: the scripted transport, secrets, the keyring's canary. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/keyring.h"
#include "transport/script.h"

#include "base/vec.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- script ----------------------------------------------------------------------------------- */

struct world {
	struct clock_virtual clock;
	struct transport *t;
	int asked;
};

/* The command is the delay, "-1" never; "no" cannot be sent. */
static int64_t answer(void *ctx, const struct tr_request *r, struct tr_reply *reply, int64_t now)
{
	struct world *w = ctx;
	(void)now;
	w->asked++;
	if (strcmp(r->command, "no") == 0) {
		reply->outcome = TR_NOT_SENT;
		return 5;
	}
	reply->status = 0;
	str_puts(&reply->out, r->command);
	return atoi(r->command);
}

static void world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	clock_virtual_init(&w->clock, 1000, 0);
	w->t = script_transport_new(&w->clock.clock, answer, w);
}

static void send_to(struct world *w, uint64_t id, size_t device, const char *command)
{
	struct tr_request *r = tr_request_new(id, device, TR_RUN);
	r->command = xstrdup(command);
	r->timeout_ms = 500;
	w->t->ops->submit(w->t, r);
}

static void expect_next(struct world *w, int64_t at, uint64_t id, enum tr_outcome outcome)
{
	int64_t due = script_transport_due(w->t);
	assert_int_equal(due, at);
	if (due > w->clock.ms) {
		assert_null(w->t->ops->next(w->t));
		w->clock.ms = due;
	}
	struct tr_reply *r = w->t->ops->next(w->t);
	assert_non_null(r);
	assert_int_equal(r->id, id);
	assert_int_equal(r->outcome, outcome);
	tr_reply_free(r);
}

static void test_script_order(void **state)
{
	(void)state;
	struct world w;
	world_open(&w);
	send_to(&w, 1, 0, "100");
	send_to(&w, 2, 0, "10");
	send_to(&w, 3, 7, "50");
	send_to(&w, 4, 3, "50");
	send_to(&w, 5, 2, "-1");
	send_to(&w, 6, 9, "no");
	send_to(&w, 8, 8, "700");
	assert_int_equal(w.asked, 6); /* the second of device 0 is not begun */
	expect_next(&w, 1005, 6, TR_NOT_SENT);
	expect_next(&w, 1050, 3, TR_DONE);
	expect_next(&w, 1050, 4, TR_DONE);
	expect_next(&w, 1100, 1, TR_DONE);
	expect_next(&w, 1110, 2, TR_DONE);
	expect_next(&w, 1500, 5, TR_TIMEOUT);
	expect_next(&w, 1500, 8, TR_TIMEOUT);
	assert_int_equal(script_transport_due(w.t), -1);
	w.t->ops->free(w.t);
}

static void test_script_cancel(void **state)
{
	(void)state;
	struct world w;
	world_open(&w);
	send_to(&w, 1, 0, "100");
	send_to(&w, 2, 0, "100");
	send_to(&w, 3, 1, "100");
	w.t->ops->cancel(w.t, 0);
	expect_next(&w, 1000, 1, TR_LOST);
	expect_next(&w, 1000, 2, TR_NOT_SENT);
	send_to(&w, 4, 0, "20");
	w.t->ops->submit(w.t, tr_request_new(5, 0, TR_CLOSE));
	expect_next(&w, 1020, 4, TR_DONE);
	expect_next(&w, 1020, 5, TR_DONE);
	expect_next(&w, 1100, 3, TR_DONE);
	send_to(&w, 6, 0, "100"); /* freed on the way */
	send_to(&w, 7, 0, "100");
	w.t->ops->free(w.t);
}

/* --- secrets ---------------------------------------------------------------------------------- */

static void test_secret(void **state)
{
	(void)state;
	struct err e = {0};
	struct secret *s = secret_new("hush", 4, &e);
	assert_string_equal(secret_text(s), "hush");
	secret_free(s);
	assert_string_equal(secret_text(NULL), "");
	char *big = xcalloc(1, SECRET_MAX + 2);
	memset(big, 'x', SECRET_MAX + 1);
	s = secret_new(big, SECRET_MAX, &e);
	assert_int_equal(strlen(secret_text(s)), SECRET_MAX);
	secret_free(s);
	assert_null(secret_new(big, SECRET_MAX + 1, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_null(secret_new("a\0b", 3, &e));
	free(big);
}

static struct secret *read_from(const char *text, struct err *e)
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	close(fds[1]);
	struct secret *s = secret_read_line(fds[0], e);
	close(fds[0]);
	return s;
}

static void test_secret_line(void **state)
{
	(void)state;
	struct err e = {0};
	struct secret *s = read_from("first\r\nsecond\n", &e);
	assert_string_equal(secret_text(s), "first");
	secret_free(s);
	s = read_from("no end", &e);
	assert_string_equal(secret_text(s), "no end");
	secret_free(s);
	assert_null(read_from("", &e));
	assert_null(read_from("\n", &e));
	assert_int_equal(e.kind, ERR_INPUT);
}

static void test_secret_command(void **state)
{
	(void)state;
	struct err e = {0};
	char *const good[] = {"/bin/sh", "-c", "echo a b; head -c 200000 /dev/zero; echo noise >&2",
			      NULL};
	struct secret *s = secret_command(good, &e);
	if (!s)
		fail_msg("%s", e.text);
	assert_string_equal(secret_text(s), "a b");
	secret_free(s);
	char *const bad[] = {"/bin/sh", "-c", "echo secret; exit 3", NULL};
	assert_null(secret_command(bad, &e));
	assert_non_null(strstr(e.text, "exit status 3"));
	assert_null(strstr(e.text, "secret;"));
	assert_non_null(strstr(e.text, "run it by hand"));
	/* what it complains about is told, made safe; not when it quotes the secret */
	char *const loud[] = {"/bin/sh", "-c", "printf 'gpg: \\033[2Jno key\\n' >&2; exit 2", NULL};
	assert_null(secret_command(loud, &e));
	assert_non_null(strstr(e.text, "exit status 2: gpg:  [2Jno key"));
	char *const leak[] = {"/bin/sh", "-c", "echo hunter22; echo pw=hunter22 >&2; exit 2", NULL};
	assert_null(secret_command(leak, &e));
	assert_null(strstr(e.text, "hunter22\n"));
	assert_null(strstr(e.text, "pw="));
	char *const flood[] = {"/bin/sh", "-c", "echo x; exec cat /dev/zero", NULL};
	assert_null(secret_command(flood, &e));
	assert_non_null(strstr(e.text, "prints more than"));
	char *const none[] = {"/nonexistent/program", NULL};
	assert_null(secret_command(none, &e));
	assert_non_null(strstr(e.text, "/nonexistent/program"));
	char *const empty[] = {"true", NULL};
	assert_null(secret_command(empty, &e));
}

/* A child of fork() finds nothing where the secret was. */
static void test_secret_is_wiped_in_children(void **state)
{
	(void)state;
	struct err e = {0};
	struct secret *s = secret_new("hush", 4, &e);
	pid_t pid = fork();
	if (pid == 0)
		_exit(*secret_text(s) == '\0' ? 0 : 1);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(secret_text(s), "hush");
	secret_free(s);
}

/* --- keyring ---------------------------------------------------------------------------------- */

static struct keyring *make_keyring(void)
{
	char *argv[] = {"/bin/sh", "-c", "echo from command", NULL};
	struct credential list[] = {
	    {.name = "pw", .user = "admin", .method = CREDENTIAL_PASSWORD},
	    {.name = "cmd", .user = "admin", .method = CREDENTIAL_COMMAND, .command = argv},
	    {.name = "sys", .user = "admin", .method = CREDENTIAL_SYSTEMD, .systemd = "pass"},
	};
	struct credentials all = {list, LEN(list), 0};
	return keyring_new(&all);
}

/* A person is asked for it: whoever may need it waits, and nobody else. */
static void test_keyring_awaits(void **state)
{
	(void)state;
	struct err e = {0};
	struct keyring *k = make_keyring();
	assert_false(keyring_awaits(k, "pw", "leaf01", &e));
	keyring_await(k, "pw");
	keyring_await(k, "nobody");
	assert_true(keyring_awaits(k, "pw", "leaf01", &e));
	assert_int_equal(e.kind, ERR_SECRET);
	assert_string_equal(e.text, "leaf01 waits for the password of credential pw");
	assert_false(keyring_awaits(k, "cmd", "leaf01", &e));
	assert_false(keyring_awaits(k, "nobody", "leaf01", &e));
	keyring_set_secret(k, "pw", secret_new("x", 1, &e));
	assert_false(keyring_awaits(k, "pw", "leaf01", &e));
	keyring_free(k);
}

static void test_keyring_sources(void **state)
{
	(void)state;
	struct err e = {0};
	struct keyring *k = make_keyring();
	assert_true(keyring_wants_secret(k, "pw"));
	assert_false(keyring_wants_secret(k, "cmd"));
	assert_int_equal(keyring_prepare(k, "pw", &e), -1);
	keyring_set_secret(k, "pw", secret_new("x", 1, &e));
	assert_false(keyring_wants_secret(k, "pw"));
	assert_int_equal(keyring_prepare(k, "pw", &e), 0);
	assert_int_equal(keyring_prepare(k, "cmd", &e), 0);
	assert_string_equal(secret_text(keyring_secret(k, "cmd")), "from command");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(keyring_prepare(k, "sys", &e), -1);
	char dir[] = "/tmp/hitless-cred.XXXXXX";
	assert_non_null(mkdtemp(dir));
	char *path = xasprintf("%s/pass", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
	assert_int_equal(write(fd, "from systemd\n", 13), 13);
	close(fd);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	assert_int_equal(keyring_prepare(k, "sys", &e), 0);
	assert_string_equal(secret_text(keyring_secret(k, "sys")), "from systemd");
	assert_int_equal(keyring_prepare(k, "nobody", &e), -1);
	unlink(path);
	rmdir(dir);
	free(path);
	keyring_free(k);
}

struct crowd {
	struct keyring *k;
	atomic_bool stop;
	_Atomic int begun, impatient, tried, passed, refused, cancelled;
	int size;
	_Atomic int leave; /* so many canaries could not be asked */
	bool good;
};

static void *one_login(void *ctx)
{
	struct crowd *c = ctx;
	char name[32];
	struct err e = {0};
	snprintf(name, sizeof(name), "leaf%p", (void *)&e);
	atomic_fetch_add(&c->begun, 1);
	if (!keyring_enter(c->k, "pw", name, &c->stop, &e)) {
		atomic_fetch_add(e.kind == ERR_AUTH ? &c->refused : &c->cancelled, 1);
		return NULL;
	}
	int order = atomic_fetch_add(&c->tried, 1);
	/* The first takes its time: whoever does not wait for it is seen. */
	for (int turns = 0; order == 0 && (c->begun < c->size || turns < 20); turns++)
		clock_real()->wait(clock_real(), NULL, 0, clock_real()->now(clock_real()) + 1);
	if (order == 0)
		atomic_fetch_add(&c->impatient, c->tried - 1);
	if (atomic_fetch_sub(&c->leave, 1) > 0) {
		keyring_leave(c->k, "pw", name);
	} else if (c->good) {
		atomic_fetch_add(&c->passed, 1);
		keyring_succeeded(c->k, "pw", name, "password");
	} else {
		keyring_refused(c->k, "pw", name);
	}
	return NULL;
}

static void run_crowd(struct crowd *c)
{
	pthread_t threads[16];
	c->size = 16;
	for (int i = 0; i < 16; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, one_login, c), 0);
	for (int i = 0; i < 16; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c->impatient, 0);
}

static void test_canary(void **state)
{
	(void)state;
	struct crowd bad = {.k = make_keyring(), .leave = 3};
	run_crowd(&bad);
	assert_int_equal(bad.tried, 3 + 1);
	assert_int_equal(bad.refused, 16 - 3 - 1);
	struct err e = {0};
	assert_false(keyring_usable(bad.k, "pw", NULL, &e));
	assert_non_null(strstr(e.text, "no further login is tried"));
	keyring_reset(bad.k, "pw");
	assert_true(keyring_usable(bad.k, "pw", NULL, &e));
	keyring_free(bad.k);
	struct crowd good = {.k = make_keyring(), .good = true};
	run_crowd(&good);
	assert_int_equal(good.passed, 16);
	keyring_free(good.k);
}

static bool enters(struct keyring *k, const char *device)
{
	struct err e = {0};
	bool may = keyring_usable(k, "pw", device, &e);
	return keyring_enter(k, "pw", device, NULL, &e) && may;
}

/* One refusal shuts out who has not accepted it; the next one shuts out everybody. */
static void test_accepted_before(void **state)
{
	struct keyring *k = make_keyring();
	(void)state;
	for (int i = 0; i < 3; i++) {
		const char *const names[] = {"a", "b", "c"};
		assert_true(enters(k, names[i]));
		keyring_succeeded(k, "pw", names[i], "password");
	}
	assert_true(enters(k, "new"));
	keyring_refused(k, "pw", "new");
	assert_false(enters(k, "new"));
	assert_false(enters(k, "other"));
	assert_true(enters(k, "a"));
	keyring_succeeded(k, "pw", "a", "password");
	assert_true(enters(k, "b"));
	keyring_refused(k, "pw", "b"); /* it has changed everywhere */
	assert_false(enters(k, "a"));
	assert_false(enters(k, "b"));
	assert_false(enters(k, "c"));
	keyring_reset(k, "pw");
	assert_true(enters(k, "new"));
	keyring_free(k);
}

/* Those who wait for a canary that hangs can be called back, one by one or all. */
static void test_canary_cancel(void **state)
{
	(void)state;
	for (int all = 0; all < 2; all++) {
		struct crowd c = {.k = make_keyring()};
		struct err e = {0};
		pthread_t thread;
		assert_true(keyring_enter(c.k, "pw", "canary", NULL, &e));
		assert_int_equal(pthread_create(&thread, NULL, one_login, &c), 0);
		if (all) {
			keyring_cancel(c.k);
		} else {
			atomic_store(&c.stop, true);
			keyring_wake(c.k);
		}
		pthread_join(thread, NULL);
		assert_int_equal(c.cancelled, 1);
		keyring_free(c.k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_script_order),
	    cmocka_unit_test(test_script_cancel),
	    cmocka_unit_test(test_secret),
	    cmocka_unit_test(test_secret_line),
	    cmocka_unit_test(test_secret_command),
	    cmocka_unit_test(test_secret_is_wiped_in_children),
	    cmocka_unit_test(test_keyring_awaits),
	    cmocka_unit_test(test_keyring_sources),
	    cmocka_unit_test(test_canary),
	    cmocka_unit_test(test_accepted_before),
	    cmocka_unit_test(test_canary_cancel),
	};
	return cmocka_run_group_tests_name("transport-offline", tests, NULL, NULL) != 0;
}
