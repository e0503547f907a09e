/* SPDX-License-Identifier: ISC */
/* The screens of a job that runs: what they show of it, when they draw, and how long that takes. */
#include "config.h"

#include "bed.h"

#include "run/cards.h"
#include "tui/screens.h"

#include "run/create.h"
#include "run/procedures.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MANY    1000
#define SLOW_MS 50 /* design section 10: key press to screen */

struct story {
	struct bed *bed;
	struct owner *owner;
	char *id;
	int64_t epoch;
};

static void must(int rc, const struct err *e)
{
	if (rc != 0)
		fail_msg("%s", e->text);
}

static void add(struct story *t, struct record *r)
{
	struct err e = {0};
	must(store_append(t->bed->store, t->id, t->epoch, &r, 1, &e), &e);
	record_free(r);
}

static struct job *job_of(const struct procedure *p, size_t devices)
{
	struct job *j = job_new();
	j->name = xstrdup("core");
	j->version = xstrdup("4.2.0");
	j->operator= xstrdup("anna");
	j->inventory = inventory_new();
	for (size_t i = 0; i < devices; i++) {
		struct device *d = VEC_ADD(&j->inventory->devices);
		*d = (struct device){.name = xasprintf("leaf%04zu", i + 1),
				     .address = xasprintf("10.0.%zu.%zu", i / 200, i % 200 + 1),
				     .port = 22,
				     .platform = xstrdup(p->platforms[0]),
				     .role = xstrdup("leaf"),
				     .credential = xstrdup("default")};
		VEC_PUSH(&j->devices, i);
	}
	return j;
}

static void add_plan(struct story *t, const struct job *j, int64_t copy_ms)
{
	struct plan *p = plan_new();
	struct plan_stage *s = VEC_ADD(&p->stages);
	s->name = xstrdup("leaf");
	struct plan_batch *b = VEC_ADD(&s->batches);
	b->estimate_ms = 600000;
	for (size_t i = 0; i < j->devices.n; i++) {
		VEC_PUSH(&b->devices, i);
		struct plan_device *d = VEC_ADD(&p->devices);
		d->device = i;
		d->estimate_ms = 600000;
		d->copy_ms = copy_ms;
		d->copy_p95_ms = copy_ms * 2;
	}
	plan_seal(p, j->inventory);
	add(t, record_json(record_new(RECORD_PLAN, NULL, NULL), "plan",
			   plan_to_json(p, j->inventory)));
	plan_free(p);
}

static void set_state(struct story *t, const char *state)
{
	add(t, record_text(record_new(RECORD_STATE, NULL, NULL), "state", state));
}

static struct record *of(enum record_kind kind, size_t device, const char *step)
{
	char name[16];
	snprintf(name, sizeof(name), "leaf%04zu", device);
	return record_text(record_new(kind, name, step), "pass", "upgrade");
}

static void begin_at(struct story *t, size_t device, const char *step)
{
	add(t, record_number(of(RECORD_BEGIN, device, NULL), "attempt", 1));
	struct record *r = of(RECORD_INTENT, device, step);
	record_text(r, "title", "Install the image");
	record_text(r, "phase", "Install");
	record_text(r, "word", "installing");
	add(t, record_number(r, "limit_ms", 900000));
}

static void begin(struct story *t, size_t device)
{
	begin_at(t, device, "install");
}

static void fail_with(struct story *t, size_t device, const char *kind, const char *message)
{
	struct record *r = of(RECORD_OUTCOME, device, "install");
	record_text(r, "result", "failed");
	record_text(r, "kind", kind);
	record_text(r, "output", "one\ntwo");
	add(t, record_text(r, "message", message));
	add(t, record_text(of(RECORD_TASK, device, NULL), "state", "failed"));
}

/* A running job of so many devices, followed and looked at. */
static void start(struct story *t, struct bed *b, size_t devices)
{
	struct err e = {0};
	bool again;
	struct procedure *p = procedures_for(NULL, &e);
	assert_non_null(p);
	struct job *j = job_of(p, devices);
	*t = (struct story){.bed = b};
	must(create_check(j, p, &e), &e);
	must(create_job(b->store, j, p, NULL, &t->id, &again, &e), &e);
	t->owner = store_own(b->store, t->id, &e);
	assert_non_null(t->owner);
	t->epoch = owner_epoch(t->owner);
	add_plan(t, j, 0);
	set_state(t, "running");
	must(app_follow(b->app, t->id, &e), &e);
	app_open(b->app, &screen_live, NULL);
	job_free(j);
	procedure_free(p);
}

static void stop(struct story *t)
{
	owner_free(t->owner);
	free(t->id);
}

static void look(struct story *t)
{
	app_tick(t->bed->app);
	app_draw(t->bed->app);
}

/* Would another picture be sent after this time? */
static bool draws_after(struct story *t, int64_t ms)
{
	t->bed->clock.ms += ms;
	t->bed->app->dirty = false;
	app_tick(t->bed->app);
	return t->bed->app->dirty;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void quiet(void **state)
{
	struct story t;
	start(&t, *state, 3);
	look(&t);
	assert_false(draws_after(&t, 60000)); /* running, but no device is under way */
	begin(&t, 1);
	look(&t);
	assert_false(draws_after(&t, 100)); /* the same second */
	assert_true(draws_after(&t, 1000));
	bed_shows(t.bed, "installing");
	add(&t, record_text(of(RECORD_TASK, 1, NULL), "state", "held"));
	set_state(&t, "held");
	look(&t);
	assert_false(draws_after(&t, 3600000)); /* it waits for somebody */
	stop(&t);
}

static void nobody_runs_it(void **state)
{
	struct story t;
	start(&t, *state, 2);
	begin(&t, 1);
	look(&t);
	bed_hides(t.bed, "No process");
	owner_free(t.owner);
	t.owner = NULL;
	look(&t);
	bed_shows(t.bed, "No process works on this job now");
	assert_false(draws_after(&t, 5000));
	stop(&t);
}

/* A tenth more every ten seconds, twice. */
static void goes_on(struct story *t, const char *step)
{
	begin_at(t, 1, step);
	look(t);
	for (int i = 1; i <= 2; i++) {
		struct record *r = of(RECORD_PROGRESS, 1, step);
		t->bed->clock.ms += 10000;
		record_number(r, "done", i * 100000000);
		add(t, record_number(r, "total", 1000000000));
		look(t);
	}
	bed_shows(t->bed, "20s/15m");
}

static void copies(void **state)
{
	struct story t;
	start(&t, *state, 2);
	goes_on(&t, "stage-image");
	bed_shows(t.bed, "10M/s 1m20s"); /* 800 MB are left */
	stop(&t);
}

/* What a device says of how far it is, is no number of bytes. */
static void is_told(void **state)
{
	struct story t;
	start(&t, *state, 2);
	goes_on(&t, "install");
	bed_shows(t.bed, "] 20%");
	bed_hides(t.bed, "M/s");
	stop(&t);
}

static void between_two_tries(void **state)
{
	struct story t;
	start(&t, *state, 2);
	begin(&t, 1);
	struct record *r = record_number(of(RECORD_PROGRESS, 1, "install"), "waits", 2);
	add(&t, record_text(r, "text", "no route to it"));
	t.bed->clock.ms += 7000;
	look(&t);
	bed_shows(t.bed, "waits for try 3");
	bed_hides(t.bed, "/15m"); /* the limit is not used up by waiting */
	bed_keys(t.bed, "Enter");
	app_draw(t.bed->app);
	bed_shows(t.bed, "waits to try again (2 so far): no route to it");
	bed_keys(t.bed, "q");
	t.bed->clock.ms += 1000;
	r = record_number(of(RECORD_PROGRESS, 1, "install"), "waits", 0);
	add(&t, record_flag(r, "again", true)); /* now, and its limit counts from now */
	look(&t);
	t.bed->clock.ms += 3000;
	look(&t);
	bed_hides(t.bed, "waits for try");
	bed_shows(t.bed, "3s/15m");
	stop(&t);
}

/* An order for one device moves the whole job: that is said before it is given. */
static void what_else_goes_on(void **state)
{
	struct story t;
	start(&t, *state, 4);
	begin(&t, 1);
	begin(&t, 2);
	fail_with(&t, 1, "disk", "leaf0001: no space");
	set_state(&t, "held");
	look(&t);
	bed_keys(t.bed, "t");
	app_draw(t.bed->app);
	bed_shows(t.bed, "The job goes on with it (waiting to begin: 2)");
	bed_hides(t.bed, "No process works");
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "Esc");
	owner_free(t.owner);
	t.owner = NULL;
	look(&t);
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "t");
	app_draw(t.bed->app);
	bed_shows(t.bed, "No process works on this job now. One is started");
	bed_shows(t.bed, "(waiting: 2, in the middle: 1)");
	stop(&t);
}

static void messages_are_read_once(void **state)
{
	struct story t;
	start(&t, *state, 3);
	look(&t);
	app_say(t.bed->app, ROLE_INFO, "it is so");
	look(&t);
	bed_shows(t.bed, "it is so");
	bed_keys(t.bed, "^L"); /* nothing but a picture was asked for */
	bed_shows(t.bed, "it is so");
	bed_keys(t.bed, "j");
	look(&t);
	bed_hides(t.bed, "it is so");
	app_say(t.bed->app, ROLE_INFO, "it is so");
	assert_false(draws_after(&t, 60000)); /* not one byte for it: with the next picture */
	bed_hides(t.bed, "it is so");
	app_say(t.bed->app, ROLE_ERROR, "it went wrong");
	t.bed->clock.ms += 60000;
	look(&t);
	bed_shows(t.bed, "it went wrong");
	bed_keys(t.bed, "j");
	look(&t);
	bed_hides(t.bed, "it went wrong");
	stop(&t);
}

static void never_negative(void **state)
{
	struct story t;
	start(&t, *state, 1);
	begin(&t, 1);
	look(&t);
	t.bed->clock.ms -= 500000; /* the journal's clock is ahead of ours */
	look(&t);
	bed_shows(t.bed, "0s/15m");
	t.bed->clock.ms += 5000000; /* and longer than anybody thought */
	look(&t);
	bed_shows(t.bed, "longer than estimated");
	stop(&t);
}

static void the_end(void **state)
{
	struct story t;
	start(&t, *state, 1);
	begin(&t, 1);
	look(&t);
	add(&t, record_text(of(RECORD_TASK, 1, NULL), "state", "done"));
	set_state(&t, "done");
	look(&t);
	bed_shows(t.bed, "The job is over");
	t.bed->clock.ms += DIALOG_GUARD_MS + 1;
	bed_keys(t.bed, "Enter");
	assert_string_equal(t.bed->app->stack.v[t.bed->app->stack.n - 1].kind->name, "results");
	stop(&t);
}

static void by_cause(void **state)
{
	struct story t;
	struct cards c = {0};
	start(&t, *state, 5);
	for (size_t i = 1; i <= 4; i++)
		begin(&t, i);
	fail_with(&t, 1, "disk", "leaf0001: no space");
	fail_with(&t, 2, "disk", "leaf0002: no space");
	fail_with(&t, 3, NULL, "leaf0003 said no");
	fail_with(&t, 4, NULL, "leaf0004 said no");
	look(&t);
	cards_make(&c, app_view(t.bed->app));
	assert_int_equal(c.list.n, 2);
	assert_int_equal(c.devices, 4);
	assert_string_equal(c.list.v[0].title, "*: no space");
	assert_string_equal(c.list.v[1].title, "* said no");
	assert_string_equal(c.list.v[0].evidence->output, "one\ntwo");
	cards_release(&c);
	bed_keys(t.bed, "c");
	bed_shows(t.bed, "* said no");
	/* one that is upgraded after all is no error any more */
	add(&t, record_text(of(RECORD_TASK, 1, NULL), "state", "done"));
	look(&t);
	bed_shows(t.bed, "devices: 3");
	stop(&t);
}

/* While images are copied it is said how far that is, and by when the last one is there. */
static void prediction(void **state)
{
	struct story t;
	start(&t, *state, 2);
	look(&t);
	bed_hides(t.bed, "copies");
	add_plan(&t, app_view(t.bed->app)->job, 120000);
	add(&t, record_number(of(RECORD_BEGIN, 1, NULL), "attempt", 1));
	add(&t, record_number(of(RECORD_INTENT, 1, "stage-image"), "attempt", 1));
	look(&t);
	bed_shows(t.bed, "copies: 0 of 2; all copies done by ");
	add(&t, record_text(record_number(of(RECORD_OUTCOME, 1, "stage-image"), "attempt", 1),
			    "result", "done"));
	look(&t);
	bed_shows(t.bed, "copies: 1 of 2; all copies done by ");
	add(&t, record_number(of(RECORD_BEGIN, 2, NULL), "attempt", 1));
	add(&t, record_number(of(RECORD_INTENT, 2, "stage-image"), "attempt", 1));
	add(&t, record_text(record_number(of(RECORD_OUTCOME, 2, "stage-image"), "attempt", 1),
			    "result", "done"));
	look(&t);
	bed_hides(t.bed, "copies");
	stop(&t);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* A record and a key of a job with a thousand devices; map and list, sorted by what is urgent. */
static void thousand(void **state)
{
	struct story t;
	struct clock *clock = clock_real();
	int64_t took[40];
	start(&t, *state, MANY);
	for (size_t i = 1; i <= MANY; i += 4)
		begin(&t, i);
	look(&t);
	bed_shows(t.bed, "leaf 0/1000"); /* the map, all of it */
	for (size_t i = 0; i < LEN(took); i++) {
		int64_t from = clock->now(clock);
		begin(&t, 4 * i + 2);
		bed_keys(t.bed, i == 20 ? "m" : i == 21 ? "o" : "Down");
		took[i] = clock->now(clock) - from;
	}
	qsort(took, LEN(took), sizeof(*took), by_time);
	print_message("%d devices: median %" PRId64 " ms, worst %" PRId64 " ms\n", MANY,
		      took[LEN(took) / 2], took[LEN(took) - 1]);
	assert_true(took[LEN(took) / 2] < SLOW_MS);
	stop(&t);
}

static void log_grows(void **state)
{
	struct story t;
	start(&t, *state, 3);
	app_open(t.bed->app, &screen_log, NULL);
	for (size_t i = 1; i <= 3; i++)
		begin(&t, i);
	look(&t);
	bed_shows(t.bed, "leaf0003");
	bed_keys(t.bed, "/");
	bed_type(t.bed, "leaf0001");
	bed_keys(t.bed, "Enter");
	bed_hides(t.bed, "leaf0003");
	fail_with(&t, 3, NULL, "leaf0003 said no");
	fail_with(&t, 1, NULL, "it cannot be");
	look(&t);
	bed_shows(t.bed, "FAILED: it cannot be"); /* new lines pass the filter, or not */
	bed_hides(t.bed, "said no");
	stop(&t);
}

static void words(void **state)
{
	char text[32];
	(void)state;
	word_span(-5, text);
	assert_string_equal(text, "0s");
	word_span(600000, text);
	assert_string_equal(text, "10m");
	word_span(3661000, text);
	assert_string_equal(text, "1h01m");
	word_rate(999, text);
	assert_string_equal(text, "999/s");
	word_rate(1500000, text);
	assert_string_equal(text, "1.5M/s");
	word_rate(123456789, text);
	assert_string_equal(text, "123M/s");
	for (int s = 0; s < TASK_STATE_COUNT; s++)
		assert_non_null(strchr("+>.!=?-<", mark_task((enum task_state)s)));
	assert_int_equal(mark_result("something new"), '?');
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(quiet, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(nobody_runs_it, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(copies, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(is_told, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(prediction, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(between_two_tries, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(what_else_goes_on, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(messages_are_read_once, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(never_negative, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(the_end, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(by_cause, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(thousand, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(log_grows, bed_open, bed_close),
	    cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
