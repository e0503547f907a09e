/* SPDX-License-Identifier: ISC */
/* Commands, sessions, limits and ends, with a real OpenSSH server. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ssh.h"

#include "base/clock.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sshd *server;

static struct lab *open_lab(size_t n)
{
	struct lab *l = lab_new(server);
	lab_open(l, n, 0, 0);
	return l;
}

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

static void test_run(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_reply *r = run(l, 0, "echo out; echo err >&2; exit 3");
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 3);
	assert_string_equal(str_text(&r->out), "out\n");
	assert_string_equal(str_text(&r->err), "err\n");
	assert_true(r->reconnected);
	assert_false(r->truncated);
	assert_int_equal(strncmp(r->fingerprint, "SHA256:", 7), 0);
	tr_reply_free(r);
	r = run(l, 0, "printf 'a\\000b\\377'");
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 0);
	assert_false(r->reconnected);
	assert_int_equal(r->out.len, 4);
	assert_memory_equal(r->out.buf, "a\0b\377", 4);
	tr_reply_free(r);
	lab_free(l);
}

static void test_signal_and_status(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_reply *r = run(l, 0, "kill -TERM $$");
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 128 + SIGTERM);
	tr_reply_free(r);
	r = run(l, 0, "exit 255");
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 255);
	tr_reply_free(r);
	lab_free(l);
}

static void test_output_limit(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_request *q = run_request(0, "head -c 10485760 /dev/zero; "
					      "head -c 3000000 /dev/zero >&2; exit 7");
	q->output_limit = 100000;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 7);
	assert_true(r->truncated);
	assert_int_equal(r->out.len, 100000);
	assert_int_equal(r->err.len, 100000);
	tr_reply_free(r);
	q = run_request(0, "head -c 10485760 /dev/zero");
	q->output_limit = (size_t)16 << 20;
	r = ask(l, q);
	assert_int_equal(r->out.len, 10485760);
	assert_false(r->truncated);
	tr_reply_free(r);
	lab_free(l);
}

/* The command answers as fast as it is fed: nobody may wait for the other. */
static void test_input(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_request *q = run_request(0, "tee /dev/stderr");
	size_t n = (size_t)6 << 20;
	char *data = xmalloc(n);
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 7 + (i >> 9));
	str_add(&q->input, data, n);
	q->output_limit = 2 * n;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 0);
	assert_int_equal(r->out.len, n);
	assert_int_equal(r->err.len, n);
	assert_memory_equal(r->out.buf, data, n);
	tr_reply_free(r);
	/* One that does not want what it gets is no failure. */
	q = run_request(0, "exit 5");
	str_add(&q->input, data, n);
	r = ask(l, q);
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 5);
	tr_reply_free(r);
	r = run(l, 0, "cat | wc -c");
	assert_string_equal(str_text(&r->out), "0\n");
	tr_reply_free(r);
	free(data);
	lab_free(l);
}

static void test_timeout(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	tr_reply_free(run(l, 0, "true"));
	struct tr_request *q = run_request(0, "echo begun; sleep 30");
	q->timeout_ms = 300;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_TIMEOUT);
	assert_int_equal(r->e.kind, ERR_TIMEOUT);
	assert_int_equal(r->status, -1);
	assert_string_equal(str_text(&r->out), "begun\n");
	assert_in_range(r->ms, 300, 3000);
	tr_reply_free(r);
	r = run(l, 0, "echo well");
	assert_int_equal(r->outcome, TR_DONE);
	assert_true(r->reconnected);
	tr_reply_free(r);
	lab_free(l);
}

static void test_lost(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_reply *r = run(l, 0, "echo half; kill -9 $PPID; sleep 5; exit 0");
	assert_int_equal(r->outcome, TR_LOST);
	assert_int_equal(r->e.kind, ERR_NETWORK);
	assert_int_equal(r->status, -1);
	tr_reply_free(r);
	lab_free(l);
}

/* A background child holds the output open: the command has ended nevertheless. */
static void test_background_child(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_reply *r = run(l, 0, "sleep 30 & echo $!; exit 4");
	assert_int_equal(r->outcome, TR_DONE);
	assert_int_equal(r->status, 4);
	assert_in_range(r->ms, 0, 8000);
	char *kill_it = xasprintf("kill %s", str_text(&r->out));
	tr_reply_free(r);
	r = run(l, 0, kill_it);
	assert_int_equal(r->status, 0);
	tr_reply_free(r);
	free(kill_it);
	lab_free(l);
}

/* A session that died while it rested costs nothing but a new one. */
static void test_dead_session_is_replaced(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_reply *r = run(l, 0, "echo $PPID");
	char *text = xstrdup(str_text(&r->out));
	assert_int_equal(kill((pid_t)atoi(text), SIGKILL), 0);
	tr_reply_free(r);
	free(text);
	r = run(l, 0, "echo again");
	assert_int_equal(r->outcome, TR_DONE);
	assert_true(r->reconnected);
	assert_string_equal(str_text(&r->out), "again\n");
	tr_reply_free(r);
	lab_free(l);
}

static void test_order_and_close(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	uint64_t first = 0;
	for (int i = 0; i < 10; i++) {
		struct tr_request *q = run_request(0, "true");
		first = first ? first : q->id;
		if (i == 5)
			q->kind = TR_CLOSE;
		submit(l, q);
	}
	for (uint64_t i = 0; i < 10; i++) {
		struct tr_reply *r = wait_reply(l);
		assert_int_equal(r->id, first + i);
		assert_int_equal(r->outcome, TR_DONE);
		assert_int_equal(r->reconnected, i == 0 || i == 6);
		tr_reply_free(r);
	}
	lab_free(l);
}

static void test_idle_session_is_closed(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	lab_open(l, 1, 1, 50);
	struct tr_reply *r = run(l, 0, "echo $PPID");
	pid_t session = (pid_t)atoi(str_text(&r->out));
	tr_reply_free(r);
	int left = 10000;
	while (kill(session, 0) == 0)
		assert_true(nap(&left));
	r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_DONE);
	assert_true(r->reconnected);
	tr_reply_free(r);
	lab_free(l);
}

/* More connected devices than threads. */
static void test_parallel(void **state)
{
	(void)state;
	enum { N = 50 };
	struct lab *l = lab_new(server);
	lab_open(l, N, 8, 0);
	for (int round = 0; round < 2; round++) {
		int seen[N] = {0};
		for (size_t i = 0; i < N; i++) {
			char command[32];
			snprintf(command, sizeof(command), "echo %zu", i);
			submit(l, run_request(i, command));
		}
		for (size_t i = 0; i < N; i++) {
			struct tr_reply *r = wait_reply(l);
			assert_int_equal(r->outcome, TR_DONE);
			assert_int_equal(atoi(str_text(&r->out)), (int)r->device);
			assert_int_equal(r->reconnected, round == 0);
			seen[r->device]++;
			tr_reply_free(r);
		}
		for (size_t i = 0; i < N; i++)
			assert_int_equal(seen[i], 1);
	}
	lab_free(l);
}

static void test_threads_are_enough_at_once(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	lab_open(l, 6, 6, 0);
	char *gate =
	    xasprintf("touch %s/at.%%d; until [ $(ls -d %s/at.* | wc -l) = 6 ]; do sleep 0.02; "
		      "done",
		      server->dir, server->dir);
	for (size_t i = 0; i < 6; i++) {
		struct str command = {0};
		for (const char *c = gate; *c; c++)
			if (c[0] == '%' && c[1] == 'd')
				str_printf(&command, "%zu", i), c++;
			else
				str_putc(&command, *c);
		submit(l, run_request(i, command.buf));
		str_release(&command);
	}
	for (size_t i = 0; i < 6; i++) {
		struct tr_reply *r = wait_reply(l);
		assert_int_equal(r->outcome, TR_DONE);
		tr_reply_free(r);
	}
	free(gate);
	lab_free(l);
}

/* --- cancel ----------------------------------------------------------------------------------- */

static void wait_for_file(const char *path)
{
	int left = 10000;
	while (access(path, F_OK) != 0)
		assert_true(nap(&left));
}

static void test_cancel(void **state)
{
	(void)state;
	struct lab *l = open_lab(2);
	char *command = xasprintf("touch %s/running; sleep 30", server->dir);
	submit(l, run_request(0, command));
	struct tr_request *queued = run_request(0, "true");
	struct tr_request *close_it = tr_request_new(77777, 0, TR_CLOSE);
	uint64_t queued_id = queued->id;
	submit(l, queued);
	submit(l, close_it);
	wait_for_file(sshd_path(server, "running"));
	int64_t start = now_ms();
	l->t->ops->cancel(l->t, 0);
	struct tr_reply *r = wait_reply(l);
	assert_int_equal(r->outcome, TR_LOST);
	assert_int_equal(r->e.kind, ERR_CANCELLED);
	assert_in_range(now_ms() - start, 0, 2000);
	tr_reply_free(r);
	r = wait_reply(l);
	assert_int_equal(r->id, queued_id);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_CANCELLED);
	tr_reply_free(r);
	r = wait_reply(l);
	assert_int_equal(r->id, 77777);
	assert_int_equal(r->outcome, TR_DONE);
	tr_reply_free(r);
	r = run(l, 0, "echo well");
	assert_int_equal(r->outcome, TR_DONE);
	tr_reply_free(r);
	assert_null(l->t->ops->next(l->t));
	free(command);
	lab_free(l);
}

/* While a command goes on, another one is run beside it; the end of the first leaves the second's
 * session alone, and what comes without "beside" waits its turn. */
static void test_beside(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	char *command = xasprintf("touch %s/beside; exec sleep 1000", server->dir);
	struct tr_request *first = run_request(0, command);
	struct tr_request *beside = run_request(0, "echo beside");
	struct tr_request *next = run_request(0, "echo next");
	beside->beside = true;
	uint64_t ids[] = {first->id, beside->id, next->id};
	submit(l, first);
	submit(l, next);
	submit(l, beside);
	struct tr_reply *r = wait_reply(l);
	assert_int_equal(r->id, ids[1]);
	assert_true(r->beside);
	assert_int_equal(r->outcome, TR_DONE);
	assert_string_equal(str_text(&r->out), "beside\n");
	tr_reply_free(r);
	wait_for_file(sshd_path(server, "beside"));
	l->t->ops->cancel(l->t, 0);
	r = wait_reply(l);
	assert_int_equal(r->id, ids[0]);
	assert_false(r->beside);
	assert_int_equal(r->outcome, TR_LOST);
	tr_reply_free(r);
	r = wait_reply(l);
	assert_int_equal(r->id, ids[2]);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	tr_reply_free(r);
	beside = run_request(0, "echo again");
	beside->beside = true;
	r = ask(l, beside);
	assert_string_equal(str_text(&r->out), "again\n");
	assert_false(r->reconnected);
	tr_reply_free(r);
	free(command);
	lab_free(l);
}

static void test_free_in_mid_command(void **state)
{
	(void)state;
	struct lab *l = open_lab(3);
	char *command = xasprintf("touch %s/running3; sleep 30", server->dir);
	for (size_t i = 0; i < 3; i++)
		submit(l, run_request(i, command));
	wait_for_file(sshd_path(server, "running3"));
	int64_t start = now_ms();
	lab_free(l);
	assert_in_range(now_ms() - start, 0, 3000);
	free(command);
}

static void test_bad_requests(void **state)
{
	(void)state;
	struct lab *l = open_lab(1);
	struct tr_reply *r = ask(l, run_request(9, "true"));
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_INPUT);
	tr_reply_free(r);
	r = ask(l, tr_request_new(5, 0, TR_PUT));
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_INPUT);
	tr_reply_free(r);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_run),
	    cmocka_unit_test(test_signal_and_status),
	    cmocka_unit_test(test_output_limit),
	    cmocka_unit_test(test_input),
	    cmocka_unit_test(test_timeout),
	    cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_background_child),
	    cmocka_unit_test(test_dead_session_is_replaced),
	    cmocka_unit_test(test_order_and_close),
	    cmocka_unit_test(test_idle_session_is_closed),
	    cmocka_unit_test(test_parallel),
	    cmocka_unit_test(test_threads_are_enough_at_once),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_beside),
	    cmocka_unit_test(test_free_in_mid_command),
	    cmocka_unit_test(test_bad_requests),
	};
	signal(SIGPIPE, SIG_IGN);
	server = sshd_start(NULL);
	if (!server)
		return 77;
	int failed = cmocka_run_group_tests_name("ssh-run", tests, NULL, NULL);
	sshd_stop(server);
	return failed != 0;
}
