/* SPDX-License-Identifier: ISC */
/* What a running job shows to the whole machine: devices it holds, and the second person's door. */
#include "config.h"

#include "help.h"

#include "run/door.h"
#include "run/locks.h"
#include "run/second.h"

#include "base/path.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Names of this process alone: tests of others run on the same machine. */
static char *own(const char *what)
{
	return xasprintf("test %d %s", (int)getpid(), what);
}

struct answering { /* a thread that answers as a runner would */
	struct door *door;
	int stop[2];
	char *(*judge)(void *ctx, const struct door_person *p);
	pthread_t thread;
};

static void *answer(void *ctx)
{
	struct answering *a = ctx;
	struct pollfd fds[2] = {{.fd = door_fd(a->door), .events = POLLIN},
				{.fd = a->stop[0], .events = POLLIN | POLLHUP}};
	while (poll(fds, 2, -1) > 0 && !fds[1].revents)
		door_work(a->door, a->judge, a);
	return NULL;
}

static void begin_answers(struct answering *a)
{
	assert_int_equal(pipe(a->stop), 0);
	assert_int_equal(pthread_create(&a->thread, NULL, answer, a), 0);
}

static void end_answers(struct answering *a)
{
	close(a->stop[1]);
	pthread_join(a->thread, NULL);
	close(a->stop[0]);
}

static void all_or_none(void **state)
{
	struct err e = {0};
	struct answering a = {.door = door_new()};
	struct door *b = door_new();
	char *ids[] = {own("one"), own("two"), own("three")}, *names[] = {"leaf01", "leaf02", "x"};
	(void)state;
	assert_null(door_holder(ids[0]));
	good(door_hold(a.door, "job 'core' (anna)", ids + 1, names + 1, 1, &e), &e);
	assert_true(door_has(a.door, ids[1]));
	good(door_hold(a.door, "job 'core' (anna)", ids + 1, names + 1, 1, &e),
	     &e); /* held already */
	begin_answers(&a);
	bad(door_hold(b, "other", ids, names, 3, &e), &e, ERR_LOCKED,
	    "leaf02 is locked by job 'core' (anna)");
	assert_null(door_holder(ids[0])); /* none of the others was kept */
	assert_null(door_holder(ids[2]));
	char *who = door_holder(ids[1]);
	assert_string_equal(who, "job 'core' (anna)");
	free(who);
	end_answers(&a);
	door_give_back(a.door);
	good(door_hold(b, "other", ids, names, 3, &e), &e);
	door_free(a.door);
	door_free(b);
	assert_null(door_holder(ids[1]));
	for (size_t i = 0; i < LEN(ids); i++)
		free(ids[i]);
}

/* A process that is stopped answers nothing, and holds what it holds; one that is killed does not.
 */
static void stopped_and_killed(void **state)
{
	struct err e = {0};
	char *id = own("box"), *name = "leaf01", byte;
	int ready[2];
	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct door *d = door_new();
		if (door_hold(d, "gone", &id, &name, 1, &e) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	char *who = door_holder(id), *expected = xasprintf("pid %d", (int)pid);
	assert_non_null(who);
	assert_non_null(strstr(who, expected)); /* the kernel's word */
	struct door *d = door_new();
	bad(door_hold(d, "thief", &id, &name, 1, &e), &e, ERR_LOCKED, expected);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	e = (struct err){0};
	good(door_hold(d, "heir", &id, &name, 1, &e), &e);
	door_free(d);
	close(ready[0]);
	close(ready[1]);
	free(expected);
	free(who);
	free(id);
}

/* --- the second person ------------------------------------------------------------------------ */

static char *only_others(void *ctx, const struct door_person *p)
{
	(void)ctx;
	assert_string_equal(p->words, "oak owl panda paper pearl");
	return p->uid == geteuid() ? xstrdup("not you") : NULL;
}

static char *anybody(void *ctx, const struct door_person *p)
{
	(void)ctx;
	return p->uid == geteuid() ? NULL : xstrdup("who is that?");
}

static void the_door(void **state)
{
	struct err e = {0};
	struct answering a = {.door = door_new(), .judge = only_others};
	char *job = own("job");
	(void)state;
	bad(door_confirm(job, "oak owl panda paper pearl", &e), &e, ERR_INPUT,
	    "waits for these words");
	good(door_listen(a.door, job, "oak owl panda paper pearl", &e), &e);
	begin_answers(&a);
	bad(door_confirm(job, "Oak  owl, panda-PAPER pearl", &e), &e, ERR_REFUSED, "not you");
	bad(door_confirm(job, "oak owl panda paper peach", &e), &e, ERR_INPUT,
	    "waits for these words");
	bad(door_confirm("another", "oak owl panda paper pearl", &e), &e, ERR_INPUT, "another");
	end_answers(&a);
	a.judge = anybody;
	begin_answers(&a);
	e = (struct err){0};
	good(door_confirm(job, "oak owl panda paper pearl", &e), &e);
	end_answers(&a);
	/* another plan: its words are others */
	good(door_listen(a.door, job, "oak owl panda paper peach", &e), &e);
	bad(door_confirm(job, "oak owl panda paper pearl", &e), &e, ERR_INPUT,
	    "waits for these words");
	good(door_listen(a.door, job, NULL, &e), &e);
	bad(door_confirm(job, "oak owl panda paper peach", &e), &e, ERR_INPUT,
	    "waits for these words");
	door_free(a.door);
	free(job);
}

static void words(void **state)
{
	(void)state;
	assert_true(plan_words_are("oak owl", "Oak OWL"));
	assert_true(plan_words_are("oak owl", " oak-owl "));
	assert_false(plan_words_are("oak owl", "oak"));
	assert_false(plan_words_are("oak owl", "oak owl pearl"));
	assert_false(plan_words_are("oak owl", "oakowl"));
	assert_false(plan_words_are(NULL, "oak"));
	assert_false(plan_words_are("oak", NULL));
}

static struct jobview *view_of(const char *job_json)
{
	struct err e = {0};
	struct jobview *v = jobview_new();
	cJSON *tree = cJSON_Parse(job_json);
	v->job = job_from_json(tree, "job", &e);
	cJSON_Delete(tree);
	assert_non_null(v->job);
	return v;
}

#define JOB                                                                                        \
	"{\"name\":\"j\",\"procedure\":\"p\",\"method\":\"m\",\"version\":\"1\",\"operator\":"     \
	"\"anna\",\"second_person\":true,\"uids\":[1000,1001,1002],\"inventory\":{\"format\":1,"   \
	"\"devices\":[{\"name\":\"a\",\"platform\":\"x\",\"address\":\"192.0.2.1\"},"              \
	"{\"name\":\"b\",\"platform\":\"x\",\"address\":\"192.0.2.2\"}]},\"devices\":[\"a\","      \
	"\"b\"]}"

static void who_may(void **state)
{
	struct jobview *v = view_of(JOB);
	static const struct {
		int64_t uid, login, sudo;
		bool may;
	} rows[] = {
	    {1000, -1, -1, false},  {1001, -1, -1, false}, {1002, -1, -1, false},
	    {0, 1000, -1, false},   {0, -1, 1000, false},  {0, -1, -1, true},
	    {2000, 2000, -1, true},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		struct door_person p = {rows[i].uid, rows[i].login, rows[i].sudo, "oak"};
		cJSON *order = second_order(v, &p, &e);
		if ((order != NULL) != rows[i].may)
			fail_msg("row %zu: %s", i, e.text);
		if (!order)
			assert_non_null(strstr(e.text, "anna"));
		cJSON_Delete(order);
	}
	jobview_free(v);
}

/* Two names for one box are found before anything begins. */
static void twins(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct jobview *v = view_of(JOB);
	struct err e = {0};
	v->procedure = xcalloc(1, sizeof(*v->procedure));
	v->procedure->serial_facts = xstrdup("serial");
	VEC_ADD(&v->tasks)->device = 0;
	VEC_ADD(&v->tasks)->device = 1;
	values_set(&v->tasks.v[0].facts, "serial", "CL1");
	values_set(&v->tasks.v[1].facts, "serial", "CL2");
	good(locks_look(s, "job_0", v, NULL, &e), &e);
	values_set(&v->tasks.v[1].facts, "serial", "CL1");
	bad(locks_look(s, "job_0", v, NULL, &e), &e, ERR_INPUT, "a and b are the same device");
	jobview_free(v);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_or_none),
	    cmocka_unit_test(stopped_and_killed),
	    cmocka_unit_test(the_door),
	    cmocka_unit_test(words),
	    cmocka_unit_test(who_may),
	    cmocka_unit_test_setup_teardown(twins, fixture_setup, fixture_teardown),
	};
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
