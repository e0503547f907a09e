/* SPDX-License-Identifier: ISC */
/* Who runs a job, who wakes it, and which devices it holds: across processes. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "model/json.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct job {
	const char *dir, *id;
};

/* Wait for the parent's word, try to own, say 'w'on or 'l'ost, hold until the parent ends. */
static void run_rival(int from, int to, void *ctx)
{
	struct job *job = ctx;
	struct err e = {0};
	struct store *s = must_open(job->dir);
	say(to, 'r');
	(void)hear(from);
	struct owner *o = store_own(s, job->id, &e);
	if (!o && e.kind != ERR_LOCKED)
		fail_msg("%s", e.text);
	say(to, o ? 'w' : 'l');
	(void)hear(from);
	owner_free(o);
	store_close(s);
}

static void test_race(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	struct job job = {f->dir, a};
	for (int round = 0; round < 10; round++) {
		struct child rivals[4];
		int won = 0;
		for (size_t i = 0; i < LEN(rivals); i++)
			rivals[i] = child_start(run_rival, &job);
		for (size_t i = 0; i < LEN(rivals); i++)
			assert_int_equal(hear(rivals[i].from), 'r');
		for (size_t i = 0; i < LEN(rivals); i++)
			say(rivals[i].to, 'g');
		for (size_t i = 0; i < LEN(rivals); i++)
			won += hear(rivals[i].from) == 'w';
		assert_int_equal(won, 1);
		assert_true(store_job_running(s, a));
		for (size_t i = 0; i < LEN(rivals); i++) {
			say(rivals[i].to, 'q');
			assert_int_equal(child_wait(&rivals[i]), 0);
		}
		assert_false(store_job_running(s, a));
	}
	struct owner *o = must_own(s, a);
	assert_int_equal(owner_epoch(o), 11);
	owner_free(o);
	free(a);
	store_close(s);
}

static void test_killed_owner(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), pid[32];
	struct job job = {f->dir, a};
	assert_null(store_job_holder(s, a));
	struct child c = child_start(run_rival, &job);
	say(c.to, 'g');
	assert_int_equal(hear(c.from), 'r');
	assert_int_equal(hear(c.from), 'w');
	assert_int_equal(store_running_jobs(s, NULL), 1);
	assert_int_equal(store_running_jobs(s, a), 0);
	snprintf(pid, sizeof(pid), "pid %d", (int)c.pid);
	char *holder = store_job_holder(s, a);
	assert_non_null(strstr(holder, pid));
	free(holder);
	bad(store_own(s, a, &e) ? 0 : -1, &e, ERR_LOCKED, pid);
	child_kill(&c);
	assert_false(store_job_running(s, a));
	assert_null(store_job_holder(s, a));
	assert_int_equal(store_running_jobs(s, NULL), 0);
	struct owner *o = must_own(s, a);
	assert_int_equal(owner_epoch(o), 2);
	assert_true(store_job_running(s, a));
	owner_free(o);
	free(a);
	store_close(s);
}

static void test_epoch(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *old = must_open(f->dir), *new = must_open(f->dir);
	char *a = must_job(old, "a");
	good(append_note(old, a, 0, 1, &e), &e);
	struct owner *o = must_own(old, a);
	int64_t epoch = owner_epoch(o);
	bad(append_note(old, a, 0, 2, &e), &e, ERR_LOCKED, "taken over");
	good(append_note(old, a, epoch, 2, &e), &e);
	owner_free(o); /* the lock is lost, but somebody still writes */
	good(append_note(old, a, epoch, 3, &e), &e);
	o = must_own(new, a);
	bad(append_note(old, a, epoch, 4, &e), &e, ERR_LOCKED, "taken over");
	good(append_note(new, a, owner_epoch(o), 4, &e), &e);
	assert_int_equal(count_records(new, a, &e), 4);
	/* Refused is not broken: with the right epoch the old handle writes again. */
	good(append_note(old, a, owner_epoch(o), 5, &e), &e);
	owner_free(o);
	bad(store_own(old, "job_none", &e) ? 0 : -1, &e, ERR_INPUT, "no job");
	free(a);
	store_close(old);
	store_close(new);
}

/* --- commands -------------------------------------------------------------------------------- */
static bool readable(const struct owner *o)
{
	struct pollfd p = {.fd = owner_wake_fd(o), .events = POLLIN};
	return poll(&p, 1, 0) == 1;
}

static int64_t send_verb(struct store *s, const char *job, const char *verb)
{
	struct err e = {0};
	cJSON *command = cJSON_CreateObject();
	assert_non_null(cJSON_AddStringToObject(command, "verb", verb));
	int64_t id = store_command(s, job, command, &e);
	good(id > 0 ? 0 : -1, &e);
	cJSON_Delete(command);
	return id;
}

struct taker {
	struct store *s;
	const char *job;
	int64_t epoch;
	bool journal, with_id, fail, die;
	char verbs[64];
	int64_t ids[8];
	size_t n;
};

static int journal_command(struct taker *t, const cJSON *command, struct err *e)
{
	struct record *r =
	    record_text(record_new(RECORD_COMMAND, NULL, NULL), "verb", json_text(command, "verb"));
	if (t->with_id)
		record_number(r, "command_id", json_number(command, "command_id", -1));
	int rc = store_append(t->s, t->job, t->epoch, &r, 1, e);
	record_free(r);
	return rc;
}

static int take(void *ctx, const cJSON *command, struct err *e)
{
	struct taker *t = ctx;
	size_t n = strlen(t->verbs);
	if (t->fail)
		return err_set(e, ERR_REFUSED, "not now");
	snprintf(t->verbs + n, sizeof(t->verbs) - n, "%s ", json_text(command, "verb"));
	t->ids[t->n++] = json_number(command, "command_id", -1);
	int rc = t->journal ? journal_command(t, command, e) : 0;
	if (t->die)
		(void)raise(SIGKILL);
	return rc;
}

static void test_commands(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir), *other = must_open(f->dir);
	char *a = must_job(s, "a"), *b = must_job(s, "b");
	int64_t early = send_verb(other, a, "early"); /* nobody to wake yet */
	struct owner *o = must_own(s, a);
	struct taker t = {.s = s, .job = a, .epoch = owner_epoch(o), .fail = true};
	assert_false(readable(o));
	int64_t late = send_verb(other, a, "late");
	(void)send_verb(other, b, "elsewhere");
	assert_true(readable(o));
	owner_wake_clear(o);
	assert_false(readable(o));
	bad(store_commands(s, a, take, &t, &e), &e, ERR_REFUSED, "not now");
	t.fail = false;
	good(store_commands(s, a, take, &t, &e), &e);
	assert_string_equal(t.verbs, "early late ");
	assert_int_equal(t.ids[0], early);
	assert_int_equal(t.ids[1], late);
	good(store_commands(s, a, take, &t, &e), &e);
	assert_int_equal(t.n, 2);
	raw_sql(f->dir, "INSERT INTO commands (job, wall, body) VALUES (1, 0, 'no JSON')");
	assert_true(send_verb(s, a, "last") > late + 1); /* numbers are never used again */
	good(store_commands(s, a, take, &t, &e), &e);
	assert_string_equal(t.verbs, "early late last ");
	cJSON *command = cJSON_CreateObject();
	assert_int_equal(store_command(s, "job_none", command, &e), -1);
	cJSON_Delete(command);
	owner_free(o);
	free(a);
	free(b);
	store_close(other);
	store_close(s);
}

static void run_dying_taker(int from, int to, void *ctx)
{
	(void)from, (void)to;
	struct taker *t = ctx;
	struct err e = {0};
	t->s = must_open(store_dir(t->s));
	struct owner *o = must_own(t->s, t->job);
	t->epoch = owner_epoch(o);
	(void)store_commands(t->s, t->job, take, t, &e);
}

/* An owner killed right after it had journalled a command. */
static void kill_in_between(struct fixture *f, const char *name, bool with_id, size_t delivered)
{
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, name);
	int64_t id = send_verb(s, a, "pause");
	struct taker t = {.s = s, .job = a, .journal = true, .with_id = with_id, .die = true};
	struct child c = child_start(run_dying_taker, &t);
	assert_int_equal(child_wait(&c), -SIGKILL);
	assert_int_equal(count_records(s, a, &e), 1);
	t.die = false;
	t.epoch = 1;
	good(store_commands(s, a, take, &t, &e), &e);
	assert_int_equal(t.n, delivered);
	if (delivered)
		assert_int_equal(t.ids[0], id);
	assert_int_equal(count_records(s, a, &e), 1 + (int64_t)delivered);
	free(a);
	store_close(s);
}

static void test_commands_and_crash(void **state)
{
	kill_in_between(*state, "exactly once", true, 0);
	kill_in_between(*state, "again, with the same number", false, 1);
}

static void check_wake(const char *dir)
{
	struct store *s = must_open(dir);
	char *a = must_job(s, "a");
	struct owner *o = must_own(s, a);
	struct stat st;
	char *path = xasprintf("%s/jobs/%s/wake", store_dir(s), a);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(fcntl(owner_wake_fd(o), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	for (int i = 0; i < 1000; i++) /* far more than a socket holds: nobody may be blocked */
		(void)send_verb(s, a, "x");
	assert_true(readable(o));
	owner_wake_clear(o);
	assert_false(readable(o));
	owner_free(o);
	assert_false(path_exists(path));
	free(path);
	free(a);
	store_close(s);
}

static void test_wake(void **state)
{
	struct fixture *f = *state;
	check_wake(f->dir);
}

static void test_wake_long_path(void **state)
{
	struct fixture *f = *state;
	char part[100];
	memset(part, 'd', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	char *dir = xasprintf("%s/%s/%s/%s", f->dir, part, part, part);
	check_wake(dir);
	free(dir);
}

/* --- device locks ---------------------------------------------------------------------------- */
static char *const ids[] = {"serial:1", "serial:2", "serial:3"};
static char *const names[] = {"leaf01", "leaf02", "leaf03"};

static void append_kind(struct store *s, const char *job, int64_t epoch, enum record_kind kind)
{
	struct err e = {0};
	struct record *r = record_new(kind, NULL, NULL);
	good(store_append(s, job, epoch, &r, 1, &e), &e);
	record_free(r);
}

static void assert_holder(struct store *s, const char *id, const char *not_job, const char *want)
{
	char *name = store_device_holder(s, id, not_job);
	if (!str_eq(name, want))
		fail_msg("%s is held by %s, expected %s", id, name ? name : "nobody",
		         want ? want : "nobody");
	free(name);
}

static void test_device_locks(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *b = must_job(s, "b");
	good(store_lock_devices(s, a, ids, names, 2, 0, &e), &e);
	good(store_lock_devices(s, a, ids, names, 2, 0, &e), &e);
	assert_holder(s, "serial:1", NULL, "a");
	assert_holder(s, "serial:1", a, NULL);
	/* All or none: leaf03 was free, and stays so. */
	bad(store_lock_devices(s, b, ids + 1, names + 1, 2, 0, &e), &e, ERR_LOCKED,
	    "leaf02 is locked by job 'a'");
	assert_holder(s, "serial:3", NULL, NULL);
	struct owner *o = must_own(s, a);
	char pid[32];
	snprintf(pid, sizeof(pid), "pid %d", (int)getpid());
	bad(store_lock_devices(s, b, ids, names, 1, 0, &e), &e, ERR_LOCKED, pid);
	/* Finished, but its process lives: still held. */
	append_kind(s, a, owner_epoch(o), RECORD_END);
	bad(store_lock_devices(s, b, ids, names, 1, 0, &e), &e, ERR_LOCKED, "job 'a'");
	owner_free(o);
	assert_holder(s, "serial:1", NULL, NULL);
	good(store_lock_devices(s, b, ids, names, 1, 0, &e), &e);
	assert_holder(s, "serial:1", NULL, "b");
	/* Dead, but not finished: held, and what to do is said. */
	bad(store_lock_devices(s, a, ids, names, 1, 0, &e), &e, ERR_LOCKED, "'hitless resume b'");
	good(store_unlock_devices(s, b, &e), &e);
	assert_holder(s, "serial:1", NULL, NULL);
	free(a);
	free(b);
	store_close(s);
}

/* A job comes to its end, and its process waits with the devices in its hands. */
static void run_to_the_end(int from, int to, void *ctx)
{
	const struct job *job = ctx;
	struct err e = {0};
	struct store *s = must_open(job->dir);
	struct owner *o = must_own(s, job->id);
	good(store_lock_devices(s, job->id, ids, names, 2, 0, &e), &e);
	append_kind(s, job->id, owner_epoch(o), RECORD_END);
	say(to, 'e');
	(void)hear(from);
}

/* Killed between its last record and giving the devices back: they are not held for ever. */
static void test_killed_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *b = must_job(s, "b");
	struct job job = {f->dir, a};
	struct lock_rows rows;
	struct child c = child_start(run_to_the_end, &job);
	assert_int_equal(hear(c.from), 'e');
	assert_null(store_device_left(s, "serial:1", b)); /* it may still be at work on it */
	bad(store_lock_devices(s, b, ids, names, 1, 0, &e), &e, ERR_LOCKED, "job 'a'");
	good(store_locks(s, &rows, &e), &e);
	assert_true(rows.n == 2 && !rows.v[0].left);
	lock_rows_release(&rows);
	child_kill(&c);
	good(store_locks(s, &rows, &e), &e);
	assert_true(rows.n == 2 && rows.v[0].left && rows.v[1].left);
	lock_rows_release(&rows);
	assert_holder(s, "serial:1", NULL, NULL);
	char *name = store_device_left(s, "serial:1", b);
	assert_string_equal(name, "a");
	free(name);
	assert_null(store_device_left(s, "serial:1", a));
	assert_null(store_device_left(s, "serial:3", b));
	good(store_lock_devices(s, b, ids, names, 1, 0, &e), &e);
	assert_holder(s, "serial:1", NULL, "b");
	assert_null(store_device_left(s, "serial:1", a)); /* b is not over */
	free(a);
	free(b);
	store_close(s);
}

static void test_device_locks_resumed(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *b = must_job(s, "b");
	good(store_lock_devices(s, a, ids, names, 1, 0, &e), &e);
	append_kind(s, a, 0, RECORD_END);
	assert_holder(s, "serial:1", NULL, NULL);
	append_kind(s, a, 0, RECORD_OWNER); /* taken up again: retry of what failed */
	assert_holder(s, "serial:1", NULL, "a");
	bad(store_lock_devices(s, b, ids, names, 1, 0, &e), &e, ERR_LOCKED, "job 'a'");
	char *const twice[] = {"serial:9", "serial:9"};
	bad(store_lock_devices(s, b, twice, names, 2, 0, &e), &e, ERR_INPUT,
	    "leaf01 and leaf02 are the same device");
	assert_holder(s, "serial:9", NULL, NULL);
	free(a);
	free(b);
	store_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_race),
	    TEST(test_killed_owner),
	    TEST(test_epoch),
	    TEST(test_commands),
	    TEST(test_commands_and_crash),
	    TEST(test_wake),
	    TEST(test_wake_long_path),
	    TEST(test_device_locks),
	    TEST(test_killed_at_the_end), TEST(test_device_locks_resumed),
	};
	return cmocka_run_group_tests_name("store: owner", tests, NULL, NULL);
}
