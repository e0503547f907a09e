/* SPDX-License-Identifier: ISC */
/* Copies onto a device and from it, with a real OpenSSH server. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ssh.h"

#include "base/path.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE ((size_t)3 * 1024 * 1024 + 17)

static struct sshd *server;
static char *image; /* local file */
static char image_hash[DIGEST_HEX];

static void make_image(size_t n)
{
	char *data = xmalloc(n);
	struct err e;
	uint32_t x = 1;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = (char)(x >> 24);
	}
	free(image);
	image = xstrdup(sshd_path(server, "image"));
	assert_int_equal(path_write(image, data, n, &e), 0);
	digest_bytes(data, n, image_hash);
	free(data);
}

static char *on_device(const char *fmt)
{
	struct str s = {0};
	for (const char *c = fmt; *c; c++)
		if (*c == '@')
			str_printf(&s, "%s/to/file", server->dir);
		else
			str_putc(&s, *c);
	return str_take(&s);
}

static struct tr_request *put_request(void)
{
	struct tr_request *r = run_request(0, "unused");
	struct tr_copy *c = xcalloc(1, sizeof(*c));
	r->kind = TR_PUT;
	r->copy = c;
	c->local = xstrdup(image);
	c->size = path_size(image);
	memcpy(c->sha256, image_hash, DIGEST_HEX);
	c->present = on_device("sha256sum @");
	c->partial = on_device("stat -c %s @.part 2>/dev/null || echo 0");
	c->prefix = on_device("sha256sum < @.part");
	c->space = on_device("echo 100000000");
	c->append = on_device("tee -a @.part | wc -c >> @.count");
	c->discard = on_device("rm @.part");
	c->commit = on_device("mv @.part @");
	return r;
}

static void set(char **command, const char *fmt)
{
	free(*command);
	*command = on_device(fmt);
}

static void clean_device(void)
{
	char *dir = xasprintf("%s/to", server->dir);
	struct err e;
	assert_int_equal(path_remove_tree(dir, &e), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	free(dir);
}

static struct lab *open_lab(void)
{
	struct lab *l = lab_new(server);
	clean_device();
	lab_open(l, 1, 0, 0);
	return l;
}

static char *device_file(const char *name)
{
	return on_device(name);
}

static void assert_arrived(void)
{
	char *path = device_file("@"), *part = device_file("@.part");
	char hash[DIGEST_HEX];
	struct err e;
	assert_int_equal(digest_file(path, -1, hash, NULL, NULL, NULL, &e), 0);
	assert_string_equal(hash, image_hash);
	assert_false(path_exists(part));
	free(path);
	free(part);
}

static long sent_bytes(void)
{
	char *path = device_file("@.count"), *text = read_text(path);
	long n = atol(text);
	free(path);
	free(text);
	return n;
}

static void expect(struct tr_reply *r, enum tr_outcome outcome, const char *text)
{
	if (r->outcome != outcome || !strstr(r->e.text, text))
		fail_msg("%s: '%s'", tr_outcome_name(r->outcome), r->e.text);
}

static void test_put(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_reply *r = ask(l, put_request());
	expect(r, TR_DONE, "");
	assert_int_equal(r->done, SIZE);
	assert_int_equal(r->total, SIZE);
	assert_false(r->skipped);
	tr_reply_free(r);
	assert_arrived();
	assert_int_equal(sent_bytes(), SIZE);
	r = ask(l, put_request());
	expect(r, TR_DONE, "");
	assert_true(r->skipped);
	assert_string_equal(str_text(&r->out), "the file is there already, with this hash\n");
	tr_reply_free(r);
	assert_int_equal(sent_bytes(), SIZE);
	lab_free(l);
}

static const char *went_on(long at)
{
	static char text[80];
	snprintf(text, sizeof(text), "went on behind %ld of %ld bytes\n", at, (long)SIZE);
	return text;
}

/* The session dies in the middle: what has arrived is not sent again. */
static void test_resume_after_cut(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_request *q = put_request();
	set(&q->copy->append, "head -c 1000000 >> @.part; kill -9 $PPID");
	struct tr_reply *r = ask(l, q);
	expect(r, TR_LOST, "");
	assert_int_equal(r->e.kind, ERR_NETWORK);
	assert_int_equal(r->total, SIZE);
	tr_reply_free(r);
	r = ask(l, put_request());
	expect(r, TR_DONE, "");
	assert_true(r->reconnected);
	assert_string_equal(str_text(&r->out), went_on(1000000));
	tr_reply_free(r);
	assert_arrived();
	assert_int_equal(sent_bytes(), SIZE - 1000000);
	lab_free(l);
}

/* All is there but for the name. */
static void test_resume_complete(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_request *q = put_request();
	set(&q->copy->commit, "kill -9 $PPID");
	struct tr_reply *r = ask(l, q);
	expect(r, TR_LOST, "");
	tr_reply_free(r);
	q = put_request();
	set(&q->copy->append, "echo must not run >&2; exit 1");
	r = ask(l, q);
	expect(r, TR_DONE, "");
	tr_reply_free(r);
	assert_arrived();
	lab_free(l);
}

static void test_foreign_partial_is_discarded(void **state)
{
	(void)state;
	static const char *const makes[] = {"echo foreign > @.part",
					    "head -c 5000000 /dev/zero > @.part"};
	for (int i = 0; i < 2; i++) {
		struct lab *l = open_lab();
		char *make = on_device(makes[i]);
		tr_reply_free(run(l, 0, make));
		free(make);
		struct tr_reply *r = ask(l, put_request());
		expect(r, TR_DONE, "");
		tr_reply_free(r);
		assert_arrived();
		assert_int_equal(sent_bytes(), SIZE);
		lab_free(l);
	}
}

static void test_no_space(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_request *q = put_request();
	set(&q->copy->space, "echo 12345");
	struct tr_reply *r = ask(l, q);
	expect(r, TR_FAILED, "no space on the device: 3145745 bytes are needed and 12345 are free");
	tr_reply_free(r);
	q = put_request();
	set(&q->copy->space, "echo df: weird; exit 1");
	r = ask(l, q);
	expect(r, TR_FAILED, "free space cannot be read: exit status 1: df: weird");
	tr_reply_free(r);
	q = put_request(); /* it says so only in the middle */
	set(&q->copy->append,
	    "head -c 500000 > @.part; echo 'write: No space left on device' >&2; exit 1");
	r = ask(l, q);
	expect(r, TR_FAILED, "exit status 1: write: No space left on device");
	tr_reply_free(r);
	r = run(l, 0, "echo well"); /* and the session is as good as before */
	assert_int_equal(r->outcome, TR_DONE);
	assert_false(r->reconnected);
	tr_reply_free(r);
	lab_free(l);
}

/* The device takes less than it is given, and says that all is well. */
static void test_early_end_is_no_success(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_request *q = put_request();
	set(&q->copy->append, "head -c 500000 > @.part; exit 0");
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_FAILED);
	tr_reply_free(r);
	char *path = device_file("@");
	assert_false(path_exists(path));
	free(path);
	lab_free(l);
}

static void test_damaged_on_the_way(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_request *q = put_request();
	set(&q->copy->append, "cat >> @.part; echo x >> @.part");
	struct tr_reply *r = ask(l, q);
	expect(r, TR_FAILED, "hash differs on the device");
	tr_reply_free(r);
	char *part = device_file("@.part"), *path = device_file("@");
	assert_false(path_exists(part));
	assert_false(path_exists(path));
	free(part);
	free(path);
	lab_free(l);
}

static void test_local_file_changed(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	struct tr_request *q = put_request();
	q->copy->sha256[0] = q->copy->sha256[0] == '0' ? '1' : '0';
	struct tr_reply *r = ask(l, q);
	expect(r, TR_FAILED, "the local file changed");
	tr_reply_free(r);
	char *part = device_file("@.part");
	assert_false(path_exists(part));
	free(part);
	q = put_request();
	q->copy->size--;
	r = ask(l, q);
	expect(r, TR_NOT_SENT, "bytes instead of");
	tr_reply_free(r);
	char *other = xstrdup(sshd_path(server, "link"));
	assert_int_equal(symlink(image, other), 0);
	q = put_request();
	free(q->copy->local);
	q->copy->local = other;
	r = ask(l, q);
	expect(r, TR_NOT_SENT, "cannot open");
	tr_reply_free(r);
	lab_free(l);
}

static void test_stall_and_timeout(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	make_image((size_t)24 << 20); /* more than fits into windows and buffers */
	struct tr_request *q = put_request();
	q->stall_ms = 400;
	set(&q->copy->append, "sleep 30");
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_TIMEOUT);
	assert_in_range(r->ms, 400, 8000);
	tr_reply_free(r);
	q = put_request();
	q->timeout_ms = 500;
	set(&q->copy->append, "sleep 30");
	r = ask(l, q);
	assert_int_equal(r->outcome, TR_TIMEOUT);
	tr_reply_free(r);
	lab_free(l);
	make_image(SIZE);
}

/* A slow device: progress comes, grows, and not too often. */
static void test_progress(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	make_image((size_t)24 << 20);
	struct tr_request *q = put_request();
	set(&q->copy->append,
	    "for i in 1 2 3 4 5 6; do head -c 4194304 >> @.part; sleep 0.2; done");
	submit(l, q);
	int seen = 0;
	int64_t last = -1;
	for (;;) {
		struct tr_reply *r = l->t->ops->next(l->t);
		struct pollfd p = {.fd = l->t->ops->fd(l->t), .events = POLLIN};
		if (!r) {
			assert_true(poll(&p, 1, LIMIT_MS) > 0);
			continue;
		}
		assert_true(r->done >= last);
		last = r->done;
		assert_int_equal(r->total, (size_t)24 << 20);
		bool progress = r->outcome == TR_PROGRESS;
		seen += progress;
		if (!progress)
			expect(r, TR_DONE, "");
		tr_reply_free(r);
		if (!progress)
			break;
	}
	assert_in_range(seen, 2, 12);
	assert_arrived();
	lab_free(l);
	make_image(SIZE);
}

static struct tr_request *get_request(const char *command)
{
	struct tr_request *r = run_request(0, "unused");
	r->kind = TR_GET;
	set(&r->command, command);
	r->local = xstrdup(sshd_path(server, "to/got"));
	return r;
}

static void test_get(void **state)
{
	(void)state;
	struct lab *l = open_lab();
	char *command = xasprintf("cat %s; echo note >&2", image);
	struct tr_reply *r = ask(l, get_request(command));
	expect(r, TR_DONE, "");
	assert_int_equal(r->done, SIZE);
	assert_string_equal(r->sha256, image_hash);
	assert_string_equal(str_text(&r->err), "note\n");
	assert_int_equal(r->out.len, 0);
	tr_reply_free(r);
	char hash[DIGEST_HEX];
	struct err e;
	const char *got = sshd_path(server, "to/got");
	assert_int_equal(digest_file(got, -1, hash, NULL, NULL, NULL, &e), 0);
	assert_string_equal(hash, image_hash);
	assert_int_equal(unlink(got), 0);
	free(command);
	r = ask(l, get_request("echo half; exit 9"));
	expect(r, TR_DONE, "");
	assert_int_equal(r->status, 9);
	tr_reply_free(r);
	r = ask(l, get_request("echo half; kill -9 $PPID; sleep 1"));
	expect(r, TR_LOST, "");
	tr_reply_free(r);
	struct tr_request *q = get_request("head -c 100000 /dev/zero; sleep 30");
	q->file_limit = 50000;
	r = ask(l, q);
	expect(r, TR_FAILED, "more than 50000 bytes");
	assert_in_range(r->ms, 0, 5000);
	tr_reply_free(r);
	char *dir = xasprintf("ls -A %s/to", server->dir); /* nothing is left behind */
	r = run(l, 0, dir);
	assert_string_equal(str_text(&r->out), "");
	tr_reply_free(r);
	free(dir);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_put),
	    cmocka_unit_test(test_resume_after_cut),
	    cmocka_unit_test(test_resume_complete),
	    cmocka_unit_test(test_foreign_partial_is_discarded),
	    cmocka_unit_test(test_no_space),
	    cmocka_unit_test(test_early_end_is_no_success),
	    cmocka_unit_test(test_damaged_on_the_way),
	    cmocka_unit_test(test_local_file_changed),
	    cmocka_unit_test(test_stall_and_timeout),
	    cmocka_unit_test(test_progress),
	    cmocka_unit_test(test_get),
	};
	signal(SIGPIPE, SIG_IGN);
	server = sshd_start(NULL);
	if (!server)
		return 77;
	make_image(SIZE);
	int failed = cmocka_run_group_tests_name("ssh-copy", tests, NULL, NULL);
	sshd_stop(server);
	free(image);
	return failed != 0;
}
