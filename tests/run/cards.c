/* SPDX-License-Identifier: ISC */
/* Failures put together by their cause, what looks like a secret, times that are asked for, and
 * when copies and job are over. */
#include "config.h"

#include "help.h"

#include "model/redact.h"
#include "run/archive.h"
#include "run/create.h"
#include "run/forecast.h"
#include "run/html.h"
#include "run/procedures.h"
#include "run/shape.h"

#include <stdlib.h>
#include <string.h>

/* --- shapes ----------------------------------------------------------------------------------- */

static char *join(const char *a, const char *name_a, const char *b, const char *name_b)
{
	struct shape x, y;
	shape_of(&x, a, name_a);
	shape_of(&y, b, name_b);
	char *text = shape_join(&x, &y) ? shape_text(&x) : NULL;
	shape_release(&x);
	shape_release(&y);
	return text;
}

static void shapes(void **state)
{
	static const struct {
		const char *a, *name_a, *b, *name_b, *both; /* NULL: two causes */
	} rows[] = {
	    {"disk of leaf01 short by 210 MB", "leaf01", "disk of leaf02 short by 260 MB", "leaf02",
	     "disk of * short by 210-260 MB"},
	    {"short by 1.5MB", "a", "short by 0.5MB", "b", "short by 0.5-1.5MB"},
	    {"3 of 12 links", "a", "3 of 8 links", "b", "3 of 8-12 links"},
	    {"0 bytes free, 100 needed", "a", "5 bytes free, 100 needed", "b",
	     "0-5 bytes free, 100 needed"},
	    {"(30s)", "a", "(9s)", "b", "(9-30s)"},
	    /* not quantities: other causes */
	    {"exit status 1 of it", "a", "exit status 127 of it", "b", NULL},
	    {"runs 4.1.1 now", "a", "runs 4.2.0 now", "b", NULL},
	    {"release 4.1 runs", "a", "release 4.2 runs", "b", NULL},
	    {"no answer from 192.0.2.1 yet", "a", "no answer from 192.0.2.2 yet", "b", NULL},
	    {"swp51 is down", "a", "swp52 is down", "b", NULL},
	    {"vlan 10 is missing", "a", "vlan 20 is missing", "b", NULL},
	    {"line 3: bad", "a", "line 4: bad", "b", NULL},
	    /* a name is a whole word */
	    {"leaf1 and leaf11", "leaf1", "leaf2 and leaf11", "leaf2", "* and leaf11"},
	    {"x", "", "x", "", "x"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char *both = join(rows[i].a, rows[i].name_a, rows[i].b, rows[i].name_b);
		if (!str_eq(both, rows[i].both))
			fail_msg("%s + %s: %s", rows[i].a, rows[i].b, both ? both : "two");
		free(both);
	}
}

/* --- a job ------------------------------------------------------------------------------------ */

struct made {
	struct store *store;
	char *id;
	const char *window; /* of the job; NULL */
};

static void append(struct made *m, struct record *r)
{
	struct err e = {0};
	struct record *list[] = {r};
	good(store_append(m->store, m->id, 0, list, 1, &e), &e);
	record_free(r);
}

static struct record *with_state(const char *device, const char *state)
{
	return record_text(record_new(device ? RECORD_TASK : RECORD_STATE, device, NULL), "state",
			   state);
}

static void make(struct made *m, struct fixture *f, const char *name, int devices)
{
	struct err e = {0};
	struct procedure *p = procedures_for(NULL, &e);
	struct job *j = job_new();
	bool again = false;
	assert_non_null(p);
	m->store = must_open(f->dir);
	j->name = xstrdup(name);
	j->version = xstrdup("4.2.0");
	j->operator = xstrdup("anna");
	j->inventory = inventory_new();
	for (int i = 0; i < devices; i++) {
		struct device *d = VEC_ADD(&j->inventory->devices);
		*d = (struct device){.name = xasprintf("leaf%02d", i + 1),
				     .address = xasprintf("192.0.2.%d", i + 1),
				     .port = 22,
				     .platform = xstrdup(p->platforms[0]),
				     .role = xstrdup("leaf"),
				     .credential = xstrdup("default")};
		VEC_PUSH(&j->devices, (size_t)i);
	}
	if (m->window)
		good(job_window(j, m->window, &e), &e);
	good(create_check(j, p, &e), &e);
	good(create_job(m->store, j, p, NULL, &m->id, &again, &e), &e);
	job_free(j);
	procedure_free(p);
}

static void refuse_check(struct made *m, const char *check, const char *device, const char *message)
{
	struct record *r = record_new(RECORD_CHECK, device, NULL);
	record_text(r, "check", check);
	record_text(r, "status", "failed");
	record_text(r, "severity", "error");
	append(m, record_text(r, "message", message));
}

static void refuse(struct made *m, const char *device, const char *message)
{
	refuse_check(m, "space", device, message);
}

static void cards(void **state)
{
	struct made m = {0};
	struct err e = {0};
	struct cards c = {0};
	make(&m, *state, "cards", 3);
	refuse(&m, "leaf01", "leaf01 is short by 210 MB");
	refuse(&m, "leaf02", "leaf02 is short by 260 MB");
	refuse(&m, "leaf03", "leaf03 cannot say it");
	refuse_check(&m, "sudo", "leaf01", "sudo asks for a password");
	append(&m, with_state(NULL, "refused"));
	struct jobview *v = create_view(m.store, m.id, &e);
	assert_non_null(v);
	cards_make(&c, v);
	assert_int_equal(c.list.n, 3);
	assert_int_equal(c.devices, 3); /* leaf01 is on two */
	assert_string_equal(c.list.v[0].title, "* is short by 210-260 MB");
	assert_int_equal(c.list.v[0].members.n, 2);
	assert_string_equal(card_device(&c.list.v[0].members.v[1]), "leaf02");
	assert_string_equal(c.list.v[1].title, "leaf03 cannot say it");
	char *text = cards_text(&c, true, &e);
	assert_non_null(strstr(text, "leaf01 in \"cards\", leaf02 in \"cards\""));
	assert_non_null(strstr(text, "hitless show 'cards'"));
	free(text);
	cards_release(&c);
	jobview_free(v);
	free(m.id);
	store_close(m.store);
}

/* --- when it is over -------------------------------------------------------------------------- */

#define BEGAN INT64_C(1795226640000)

static const char plan[] =
    "{\"stages\":[{\"name\":\"leaf\",\"batches\":["
    "{\"devices\":[\"leaf01\"],\"proof\":[],\"estimate_ms\":600000},"
    "{\"devices\":[\"leaf02\"],\"proof\":[],\"estimate_ms\":600000}]}],"
    "\"devices\":[{\"device\":\"leaf01\",\"isolates\":[],\"estimate_ms\":600000,\"p95_ms\":900000,\"need_ms\":1800000,"
    "\"copy_ms\":120000,\"copy_p95_ms\":180000},"
    "{\"device\":\"leaf02\",\"isolates\":[],\"estimate_ms\":600000,\"p95_ms\":900000,\"need_ms\":1800000,"
    "\"copy_ms\":120000,\"copy_p95_ms\":180000}],"
    "\"warnings\":[],\"lower_bound\":2,\"estimate_ms\":1200000,\"p95_ms\":1800000,"
    "\"copies_ms\":720000,\"copies_p95_ms\":1080000}";

static struct record *at(struct record *r, int64_t seconds)
{
	r->wall = BEGAN + seconds * 1000;
	return r;
}

static struct record *of_copy(enum record_kind kind)
{
	struct record *r = record_new(kind, "leaf01", "stage-image");
	record_text(r, "pass", "upgrade");
	return record_number(r, "attempt", 1);
}

static struct record *begin(const char *device)
{
	struct record *r = record_new(RECORD_BEGIN, device, NULL);
	record_text(r, "pass", "upgrade");
	return record_number(r, "attempt", 1);
}

static struct forecast_times forecast(struct made *m, int64_t seconds)
{
	struct err e = {0};
	struct forecast_times f;
	struct jobview *v = create_view(m->store, m->id, &e);
	assert_non_null(v);
	assert_true(forecast_times(v, BEGAN + seconds * 1000, true, &f));
	jobview_free(v);
	return f;
}

static void told(int64_t wall, int64_t seconds)
{
	assert_int_equal((wall - BEGAN) / 1000, seconds);
}

/* Nobody knows when somebody decides: how much is left is told, and no moment. */
static void held(void **state)
{
	struct made m = {0};
	make(&m, *state, "held", 2);
	append(&m, at(record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", cJSON_Parse(plan)), 0));
	append(&m, at(with_state(NULL, "running"), 0));
	append(&m, at(with_state(NULL, "held"), 5));
	struct forecast_times f = forecast(&m, 3600);
	char *end = forecast_end_text(&f), *copies = forecast_copies_text(&f);
	assert_true(f.waits && f.since && f.left_p50 > 0);
	assert_int_equal(f.end_p50 + f.copies_p50, 0);
	assert_null(copies);
	assert_non_null(strstr(end, "Held since "));
	assert_non_null(strstr(end, "; work left: "));
	free(end);
	free(m.id);
	store_close(m.store);
}

static void copies(void **state)
{
	struct made m = {0};
	make(&m, *state, "copies", 2);
	append(&m, at(record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", cJSON_Parse(plan)), 0));
	append(&m, at(with_state(NULL, "running"), 0));
	/* nothing began: the second batch after the first, its copy two minutes into it */
	struct forecast_times f = forecast(&m, 0);
	assert_int_equal(f.copies, 2);
	assert_int_equal(f.copied, 0);
	told(f.copies_p50, 720);
	told(f.copies_p95, 900 + 180);
	told(f.end_p50, 1200);
	told(f.end_p95, 1800);
	/* what is under way is measured: a tenth in 30 s */
	append(&m, at(begin("leaf01"), 10));
	append(&m, at(of_copy(RECORD_INTENT), 10));
	append(&m, at(record_number(record_number(of_copy(RECORD_PROGRESS), "done", 1000), "total",
				    10000),
		      40));
	f = forecast(&m, 40);
	assert_int_equal(f.copying, 1);
	assert_int_equal(f.rate, 33);
	told(f.end_p50, 40 + (600 - 30) + 600);
	/* one is there: the other one is left */
	append(&m, at(record_text(of_copy(RECORD_OUTCOME), "result", "done"), 310));
	f = forecast(&m, 310);
	assert_int_equal(f.copied, 1);
	told(f.copies_p50, 310 + (600 - 300) + 120);
	char *text = forecast_copies_text(&f);
	assert_non_null(strstr(text, "all copies done by "));
	assert_non_null(strstr(text, "(p95 "));
	free(text);
	/* late: never before now */
	f = forecast(&m, 5000);
	told(f.end_p50, 5000 + 600);
	free(m.id);
	store_close(m.store);
}

static void windows_count(void **state)
{
	struct made m = {.window = "02:30-03:05"}; /* it is 02:04 */
	make(&m, *state, "nights", 2);
	append(&m, at(record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", cJSON_Parse(plan)), 0));
	append(&m, at(with_state(NULL, "running"), 0));
	/* after the first device no half an hour is left: the second one is for the next night */
	struct forecast_times f = forecast(&m, 0);
	told(f.copies_p50, 26 * 60 + 86400 + 120);
	told(f.copies_p95, 26 * 60 + 86400 + 180);
	told(f.end_p50, 26 * 60 + 86400 + 600);
	told(f.end_p95, 26 * 60 + 86400 + 900);
	char *end = forecast_end_text(&f), *copies = forecast_copies_text(&f);
	assert_string_equal(end, "The job is over by 2026-11-22 02:40 (p95 02:45), if nothing "
				 "holds it");
	assert_string_equal(copies, "all copies done by 2026-11-22 02:32 (p95 02:33)");
	free(end);
	free(copies);
	/* what is under way goes on to its end, also when the window closes */
	append(&m, at(with_state("leaf01", "running"), 26 * 60));
	append(&m, at(begin("leaf01"), 26 * 60));
	f = forecast(&m, 26 * 60 + 60);
	told(f.end_p50, 26 * 60 + 86400 + 600);
	free(m.id);
	store_close(m.store);
}

static void no_window_is_left(void **state)
{
	struct made m = {.window = "2099-11-21 02:30-03:05"};
	make(&m, *state, "one night", 2);
	append(&m, at(record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", cJSON_Parse(plan)), 0));
	append(&m, at(with_state(NULL, "running"), 0));
	struct forecast_times f = forecast(&m, 0);
	assert_int_equal(f.end_p50, 0);
	assert_null(forecast_copies_text(&f));
	char *end = forecast_end_text(&f);
	assert_non_null(strstr(end, "has no room for the rest"));
	free(end);
	free(m.id);
	store_close(m.store);
}

/* If all goes as usual the second one fits into the night; if it takes as long as it may, not. */
static void the_night_may_be_too_short(void **state)
{
	struct made m = {.window = "2099-11-21 02:30-03:12"};
	make(&m, *state, "one night", 2);
	append(&m, at(record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", cJSON_Parse(plan)), 0));
	append(&m, at(with_state(NULL, "running"), 0));
	struct forecast_times f = forecast(&m, 0);
	assert_true(f.end_p50 > 0);
	assert_int_equal(f.end_p50 - f.copies_p50, 480000);
	assert_int_equal(f.end_p95, 0);
	assert_int_equal(f.copies_p95, 0);
	char *end = forecast_end_text(&f), *copies = forecast_copies_text(&f);
	assert_non_null(strstr(end, "may not fit the rest"));
	assert_null(strstr(end, "has no room"));
	assert_non_null(strstr(copies, "or too late for the windows"));
	free(end);
	free(copies);
	free(m.id);
	store_close(m.store);
}

/* --- one cause, other words ------------------------------------------------------------------- */

static void refuse_by(struct made *m, const char *check, const char *device, const char *message,
		      const char *advice)
{
	struct record *r = record_new(RECORD_CHECK, device, NULL);
	record_text(r, "check", check);
	record_text(r, "status", "failed");
	record_text(r, "severity", "error");
	record_text(r, "advice", advice);
	append(m, record_text(r, "message", message));
}

/* The first to refuse a credential, and those where it was not tried any more, are one cause. What
 * is said to one device never stands for all. */
static void groups(void **state)
{
	struct made m = {0};
	struct err e = {0};
	struct cards c = {0};
	make(&m, *state, "groups", 6);
	refuse_by(&m, "login", "leaf01", "Cannot log in to leaf01: anna@leaf01: refused",
		  "Correct it.");
	refuse_by(&m, "login", "leaf02", "Cannot log in to leaf02: was refused on leaf01",
		  "Correct it.");
	refuse_by(&m, "login", "leaf03", "Cannot log in to leaf03: was refused on leaf01",
		  "Correct it.");
	refuse_by(&m, "reachable", "leaf04", "leaf04 does not answer",
		  "No answer at 192.0.2.4: no route. Then retry leaf04.");
	refuse_by(&m, "reachable", "leaf05", "leaf05 does not answer",
		  "No answer at 192.0.2.5: no route. Then retry leaf05.");
	refuse_by(&m, "reachable", "leaf06", "leaf06 does not answer",
		  "No answer at 192.0.2.6: refused. Then retry leaf06.");
	append(&m, with_state(NULL, "refused"));
	struct jobview *v = create_view(m.store, m.id, &e);
	assert_non_null(v);
	cards_make(&c, v);
	assert_int_equal(c.list.n, 2);
	assert_int_equal(c.list.v[0].members.n, 3);
	assert_string_equal(c.list.v[0].title, "Cannot log in to *: was refused on *");
	assert_string_equal(c.list.v[0].cause,
			    "leaf01: Cannot log in to leaf01: anna@leaf01: refused");
	assert_string_equal(c.list.v[0].advice, "Correct it.");
	assert_string_equal(c.list.v[1].title, "* does not answer");
	assert_string_equal(c.list.v[1].advice,
			    "No answer at its address: no route. Then retry each device.\n"
			    "leaf06: No answer at 192.0.2.6: refused. Then retry leaf06.");
	cards_release(&c);
	jobview_free(v);
	free(m.id);
	store_close(m.store);
}

/* --- small ones ------------------------------------------------------------------------------- */

static void times(void **state)
{
	struct err e = {0};
	int64_t t = 0;
	(void)state;
	good(archive_since("7d", INT64_C(1000000000), &t, &e), &e);
	assert_int_equal(t, INT64_C(1000000000) - 7 * INT64_C(86400000));
	good(archive_since("30m", 1800000, &t, &e), &e);
	assert_int_equal(t, 0);
	good(archive_since("2026-11-01 22:30", 0, &t, &e), &e);
	int64_t evening = t;
	good(archive_since("2026-11-01", 0, &t, &e), &e);
	assert_int_equal(evening - t, (22 * 60 + 30) * 60000);
	static const char *const wrong[] = {"", "d", "7", "7x", "-1d", "7dd", "2026-13-01", "now"};
	for (size_t i = 0; i < LEN(wrong); i++)
		assert_int_equal(archive_since(wrong[i], 0, &t, &e), -1);
}

/* What this program says itself is no secret: the procedure goes into a bundle as it is. */
static void advice(void **state)
{
	static const char *const ids[] = {"cumulus-linux", "junos-hitless", "junos-issu",
					  "microcloud", "calico-openstack"};
	struct err e = {0};
	struct redactor *r = redactor_new(&e);
	(void)state;
	assert_non_null(r);
	for (size_t i = 0; i < LEN(ids); i++) {
		struct procedure *p = procedures_load(ids[i], &e);
		assert_non_null(p);
		size_t n = 0;
		char *clean = redact(r, p->text, &n);
		if (n)
			fail_msg("%s: %zu texts are taken for secrets", ids[i], n);
		assert_string_equal(clean, p->text);
		free(clean);
		procedure_free(p);
	}
	redactor_free(r);
}

static void html(void **state)
{
	struct html h = {0};
	(void)state;
	html_begin(&h, "p");
	html_attr(&h, "class", "a\"b");
	html_attr(&h, "id", NULL);
	html_text(&h, "<b>&'\x01\xff\n");
	html_begin(&h, "b");
	char *text = html_take(&h);
	assert_string_equal(text, "<p class=\"a&quot;b\">&lt;b&gt;&amp;&#39;&lt;U+0001&gt;&lt;FF&gt;\n"
				  "<b></b></p>\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shapes),
	    cmocka_unit_test_setup_teardown(cards, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(groups, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(held, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(copies, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(windows_count, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(no_window_is_left, fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(the_night_may_be_too_short, fixture_setup, fixture_teardown),
	    cmocka_unit_test(times),
	    cmocka_unit_test(advice),
	    cmocka_unit_test(html),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
