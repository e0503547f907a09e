/* SPDX-License-Identifier: ISC */
/* A command that goes on and says nothing: it is looked at beside its session, then it is asked about. */
#include "config.h"

#include "tests/engine/help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTENED(silence, ask)                                                                      \
	"\"run\":\"drain\",\"changes\":true,\"commits\":true,\"retries\":0,\"silence\":\"" silence         \
	"\",\"silence_ask\":\"" ask "\","
#define USUAL LISTENED("5s", "15s")
/* The device shows that it is at it, for ever; only the session says the end. */
#define SHOWN                                                                                      \
	"\"done\":{\"match\":\"^drained yes\"},\"absent\":{\"match\":\"^drained no\"}},\"undo\":"
#define SHOWN_RUNNING "\"done\":{\"match\":\"^no such\"},\"running\":{\"match\":\"^drained\"}},\"undo\":"

static int64_t seen_at; /* when the question was there; -1: not yet */
static const char *said_at_once; /* the answer to it; NULL: none */

static void see_question(struct bed *b)
{
	const struct question_view *q = b->runner && bed_view(b)->job ? bed_question(b) : NULL;
	if (!q || seen_at >= 0)
		return;
	seen_at = b->ms;
	assert_string_equal(q->kind, "under-way");
	if (said_at_once)
		assert_int_equal(bed_answer(b, said_at_once), 0);
}

static void ask_then_see(struct bed *b)
{
	const struct task_view *t = b->runner && bed_view(b)->job ? bed_task(b, "leaf01") : NULL;
	if (!t || !t->intended || !str_eq(t->step, "drain"))
		return;
	b->on_wait = see_question;
	assert_int_equal(bed_command(b, "ask", "leaf01", NULL), 0);
}

static void begin(struct bed *b, enum fault f, const char *step)
{
	struct bed_options o = ALONE;
	o.edit[0] = "\"run\":\"drain\",\"changes\":true,";
	o.edit[1] = step;
	if (f == FAULT_SLOW) {
		o.edit[2] = SHOWN;
		o.edit[3] = SHOWN_RUNNING;
	}
	o.parameters[0] = "rollback=no";
	ready(b, &o);
	fault(b, "drain", f, 0, 1);
	seen_at = -1;
	said_at_once = NULL;
	b->on_wait = see_question;
}

static int64_t asked_after(struct bed *b)
{
	assert_true(seen_at >= 0);
	return WALL_BASE + seen_at - step_of(b, "leaf01", "drain")->started;
}

static void sent_once(struct bed *b)
{
	assert_int_equal(begun(b, "leaf01", "drain", PASS_UPGRADE), 1);
}

/* It never ends. The operator is asked, what the device says beside it is kept; its session ends with
 * its limit, and it is still the operator who says how it goes on. Nothing is taken back on "fail". */
static void it_is_asked_about(void **state)
{
	static const char *const ends[] = {"fail", "wait"};
	for (size_t i = 0; i < LEN(ends); i++) {
		struct bed b;
		(void)state;
		begin(&b, FAULT_HANG, USUAL);
		go(&b);
		asked(&b, "under-way");
		assert_in_range(asked_after(&b), 15000, 17000);
		assert_non_null(strstr(step_of(&b, "leaf01", "drain")->output, "drained no"));
		assert_true(noted(&b, "its session has ended meanwhile"));
		assert_non_null(strstr(bed_task(&b, "leaf01")->reason, "though it may have begun"));
		answer(&b, ends[i]);
		if (i)
			asked(&b, "unknown-outcome"); /* it was never there: another question */
		else
			task_is(&b, "leaf01", TASK_FAILED);
		if (!i)
			assert_true(bed_task(&b, "leaf01")->open.n > 0);
		sent_once(&b);
		over(&b);
	}
}

/* What its session says at last counts, and the question needs no answer any more. */
static void its_end_closes_the_question(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_SLOW, USUAL);
	go(&b);
	assert_in_range(asked_after(&b), 15000, 17000);
	assert_string_equal(bed_view(&b)->questions.v[0].answer, "withdrawn");
	task_is(&b, "leaf01", TASK_DONE);
	sent_once(&b);
	over(&b);
}

/* "wait": the same session is listened to, and nothing is sent again. */
static void it_is_listened_to_again(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_SLOW, USUAL);
	said_at_once = "wait";
	go(&b);
	assert_int_equal(bed_view(&b)->questions.n, 1);
	assert_string_equal(bed_view(&b)->questions.v[0].answer, "wait");
	task_is(&b, "leaf01", TASK_DONE);
	sent_once(&b);
	over(&b);
}

/* "fail", with its session open: that is closed, and all is left on the device. */
static void it_is_given_up(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_SLOW, USUAL);
	said_at_once = "fail";
	go(&b);
	task_is(&b, "leaf01", TASK_FAILED);
	assert_true(bed_task(&b, "leaf01")->open.n > 0);
	assert_in_range(asked_after(&b), 15000, 17000);
	over(&b);
}

/* It is done, and its session does not know: nobody is asked. */
static void the_device_knows(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_TIMEOUT, USUAL);
	go(&b);
	assert_int_equal(bed_view(&b)->questions.n, 0);
	task_is(&b, "leaf01", TASK_DONE);
	const struct step_view *s = step_of(&b, "leaf01", "drain");
	assert_in_range(s->ended - s->started, 5000, 10000);
	over(&b);
}

/* The operator does not wait for that. */
static void the_operator_asks(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_HANG, USUAL);
	b.on_wait = ask_then_see;
	go(&b);
	asked(&b, "under-way");
	assert_in_range(asked_after(&b), 0, 4000);
	answer(&b, "fail");
	task_is(&b, "leaf01", TASK_FAILED);
	over(&b);
}

/* Nothing ends it, not even the transport: its limit is kept in the engine's time. */
static void its_limit_is_kept(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_HANG, LISTENED("40s", "58s"));
	b.endless = "drain";
	b.on_wait = NULL;
	go(&b);
	asked(&b, "unknown-outcome");
	const struct step_view *s = step_of(&b, "leaf01", "drain");
	assert_in_range(WALL_BASE + b.ms - s->started, 60000, 120000);
	sent_once(&b);
	over(&b);
}

/* Its session was lost and the device shows nothing of it: what is said to have failed may go on. */
static void what_may_go_on_is_left(void **state)
{
	struct bed b;
	(void)state;
	begin(&b, FAULT_LOST_BEFORE, USUAL);
	b.on_wait = NULL;
	go(&b);
	asked(&b, "unknown-outcome");
	answer(&b, "fail");
	task_is(&b, "leaf01", TASK_FAILED);
	assert_true(bed_task(&b, "leaf01")->open.n > 0);
	over(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_asked_about),
	    cmocka_unit_test(its_end_closes_the_question),
	    cmocka_unit_test(it_is_listened_to_again),
	    cmocka_unit_test(it_is_given_up),
	    cmocka_unit_test(the_device_knows),
	    cmocka_unit_test(the_operator_asks),
	    cmocka_unit_test(its_limit_is_kept),
	    cmocka_unit_test(what_may_go_on_is_left),
	};
	alarm(300);
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
