/* SPDX-License-Identifier: ISC */
/* A job that is being put together: kept, read again, judged; and what is foretold of it. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "run/create.h"
#include "run/desk.h"
#include "run/draft.h"
#include "run/forecast.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

static const char inventory[] =
    "{\"format\":1,\"devices\":["
    "{\"name\":\"leaf01\",\"address\":\"192.0.2.11\",\"platform\":\"cumulus-linux\","
    "\"role\":\"leaf\"},"
    "{\"name\":\"leaf02\",\"address\":\"192.0.2.12\",\"platform\":\"cumulus-linux\","
    "\"role\":\"leaf\"},"
    "{\"name\":\"fw1\",\"address\":\"192.0.2.13\",\"platform\":\"cumulus-linux\","
    "\"anchor\":true}]}";

struct desk {
	struct fixture *fixture;
	struct store *s;
	struct draft *d;
	struct procedure *p;
};

static void lay(struct store *s, const char *name, const char *text)
{
	struct err e = {0};
	char *path = store_path(s, name);
	good(path_write(path, text, strlen(text), &e), &e);
	free(path);
}

static void load(struct desk *k)
{
	struct err e = {0};
	draft_free(k->d);
	k->d = draft_load(k->s, &e);
	good(k->d ? 0 : -1, &e);
}

static int setup(void **state)
{
	struct desk *k = xcalloc(1, sizeof(*k));
	struct err e = {0};
	void *fixture;
	if (setenv("HITLESS_DATA_DIR", TOP_SRCDIR "/src", 1) != 0 || fixture_setup(&fixture) != 0)
		return -1;
	k->fixture = fixture;
	k->s = must_open(k->fixture->dir);
	lay(k->s, "inventory.json", inventory);
	load(k);
	k->p = procedures_for("cumulus-linux", &e);
	good(k->p ? 0 : -1, &e);
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	struct desk *k = *state;
	void *fixture = k->fixture;
	draft_free(k->d);
	procedure_free(k->p);
	store_close(k->s);
	free(k);
	return fixture_teardown(&fixture);
}

/* --- kept ------------------------------------------------------------------------------------- */

static void kept(void **state)
{
	struct desk *k = *state;
	struct err e = {0};
	draft_set(k->d, "leaf02", true);
	draft_set(k->d, "leaf01", true);
	draft_set(k->d, "leaf01", true);
	draft_set(k->d, "leaf03", true);
	draft_set(k->d, "leaf03", false);
	draft_text(&k->d->name, "core \xc3\xa9 \"night\"");
	draft_text(&k->d->version, "4.2.0");
	draft_text(&k->d->method, "x");
	draft_text(&k->d->method, ""); /* the same as none */
	draft_text(&k->d->screen, "options");
	values_set(&k->d->parameters, "rollback", "no");
	values_set(&k->d->options, "window", "01:00-04:00");
	good(draft_save(k->d, &e), &e);
	load(k);
	assert_int_equal(k->d->devices.n, 2);
	assert_true(draft_has(k->d, "leaf01") && draft_has(k->d, "leaf02"));
	assert_string_equal(k->d->name, "core \xc3\xa9 \"night\"");
	assert_string_equal(k->d->version, "4.2.0");
	assert_null(k->d->method);
	assert_string_equal(k->d->screen, "options");
	assert_string_equal(values_get(&k->d->parameters, "rollback"), "no");
	assert_string_equal(values_get(&k->d->options, "window"), "01:00-04:00");
	draft_clear(k->d);
	assert_null(k->d->name);
	assert_int_equal(k->d->devices.n + k->d->options.n + k->d->parameters.n, 0);
}

/* A file that is no draft stops nobody, and is not lost either. */
static void put_aside(void **state)
{
	static const char *const texts[] = {"{\"format\":1,\"type\":\"dra", "[]", "",
					    "{\"format\":1,\"type\":\"plan\",\"name\":\"x\"}",
					    "{\"format\":2,\"type\":\"draft\",\"name\":\"x\"}"};
	struct desk *k = *state;
	for (size_t i = 0; i < LEN(texts); i++) {
		struct str text = {0};
		struct err e = {0};
		char *bad = store_path(k->s, "draft.json.bad");
		lay(k->s, "draft.json", texts[i]);
		load(k);
		assert_null(k->d->name);
		assert_int_equal(k->d->devices.n, 0);
		assert_false(path_exists(k->d->path));
		good(path_read(bad, 1000, &text, &e), &e);
		assert_string_equal(str_text(&text), texts[i]);
		str_release(&text);
		free(bad);
	}
}

/* --- a job of it ------------------------------------------------------------------------------ */

static void refused(struct desk *k, const char *part)
{
	struct err e = {0};
	struct job *j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	assert_null(j);
	bad(-1, &e, ERR_INPUT, part);
}

static void mistakes(void **state)
{
	struct desk *k = *state;
	draft_text(&k->d->name, "core");
	draft_text(&k->d->version, "4.2.0");
	refused(k, "no device is chosen");
	draft_set(k->d, "gone", true);
	refused(k, "gone is not in the inventory any more");
	draft_set(k->d, "gone", false);
	draft_set(k->d, "fw1", true);
	refused(k, "anchor");
	draft_set(k->d, "fw1", false);
	draft_set(k->d, "leaf01", true);
	values_set(&k->d->options, "window", "25:00-26:00");
	refused(k, "25:00");
	values_set(&k->d->options, "window", NULL);
	values_set(&k->d->options, "on-failure", "shrug");
	refused(k, "shrug");
	values_set(&k->d->options, "on-failure", NULL);
	values_set(&k->d->options, "batch-size", "0");
	refused(k, "");
	values_set(&k->d->options, "batch-size", NULL);
	values_set(&k->d->parameters, "no-such", "1");
	refused(k, "no-such");
	values_set(&k->d->parameters, "no-such", NULL);
	draft_text(&k->d->version, "latest");
	refused(k, "latest");
	draft_text(&k->d->version, "4.2.0");
	draft_text(&k->d->name, NULL);
	refused(k, "");
}

static void chosen(void **state)
{
	struct desk *k = *state;
	struct err e = {0};
	draft_set(k->d, "leaf02", true);
	draft_set(k->d, "leaf01", true);
	draft_text(&k->d->name, "core");
	draft_text(&k->d->version, "4.2.0");
	values_set(&k->d->parameters, "rollback", "no");
	values_set(&k->d->options, "order", "edge-first");
	values_set(&k->d->options, "batch-size", "2");
	values_set(&k->d->options, "role-limit", "3");
	values_set(&k->d->options, "canary", "yes");
	values_set(&k->d->options, "on-failure", "continue");
	values_set(&k->d->options, "failure-budget", "5");
	values_set(&k->d->options, "window", "01:00-04:30");
	struct job *j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	good(j ? 0 : -1, &e);
	assert_int_equal(j->devices.n, 2);
	assert_int_equal(j->devices.v[0], 0); /* as the inventory has them */
	assert_string_equal(values_get(&j->parameters, "rollback"), "no");
	assert_string_equal(values_get(&j->parameters, "snapshots"), "yes");
	assert_string_equal(j->order[0], "leaf");
	assert_int_equal(j->batch_size, 2);
	assert_int_equal(j->role_limit, 3);
	assert_true(j->canary);
	assert_int_equal(j->on_failure, ON_FAILURE_GO_ON);
	assert_int_equal(j->failure_budget, 5);
	char *window = windows_text(&j->windows);
	assert_string_equal(window, "01:00-04:30");
	free(window);
	job_free(j);

	values_set(&k->d->options, "failure-budget", "20%");
	j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	good(j ? 0 : -1, &e);
	assert_true(j->failure_percent && j->failure_budget == 20);
	job_free(j);
	values_set(&k->d->options, "failure-budget", "120%");
	assert_null(draft_job(k->d, k->s, clock_real(), k->p, &e));
	assert_non_null(strstr(e.text, "failure-budget: expected 1 or more devices"));
	values_set(&k->d->options, "failure-budget", "0");
	assert_null(draft_job(k->d, k->s, clock_real(), k->p, &e));
	assert_non_null(strstr(e.text, "none: choose hold; any number: leave it empty"));
	values_set(&k->d->options, "failure-budget", NULL); /* not set: any number */
	j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	good(j ? 0 : -1, &e);
	assert_int_equal(j->failure_budget, 0);
	job_free(j);
}

/* --- an image for each device ----------------------------------------------------------------- */

static char *put_image(struct desk *k, const char *label, const char *version, const char *asic)
{
	struct err e = {0};
	struct image i = {.kind = xstrdup("os"),
			  .label = xstrdup(label),
			  .version = xstrdup(version),
			  .platform = xstrdup("cumulus-linux")};
	bool known;
	values_set(&i.fits, "asic", asic);
	lay(k->s, label, label);
	char *path = store_path(k->s, label);
	good(store_image_add(k->s, path, &i, &known, NULL, NULL, &e), &e);
	char *id = xstrdup(i.id);
	image_release(&i);
	free(path);
	return id;
}

static void images(void **state)
{
	struct desk *k = *state;
	struct err e = {0};
	struct known_device asked = {.device = (char *)"leaf02", .version = (char *)"4.1.1"};
	char *one = put_image(k, "one", "4.2.0", "VX"), *two = put_image(k, "two", "4.3.0", "Mellanox");
	draft_set(k->d, "leaf01", true);
	draft_set(k->d, "leaf02", true);
	draft_text(&k->d->name, "core");
	draft_text(&k->d->version, "4.1.5");
	values_set(&k->d->images, "leaf02", two);
	values_set(&k->d->images, "leaf09", one); /* not chosen: no matter */
	good(draft_save(k->d, &e), &e);
	load(k);
	struct job *j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	good(j ? 0 : -1, &e);
	assert_string_equal(job_versions(j), "4.1.5, 4.3.0");
	assert_string_equal(job_image(j, 1), two);
	assert_null(job_image(j, 0));
	/* and back into a draft */
	draft_from_job(k->d, k->s, j, j->devices.v, j->devices.n);
	job_free(j);
	assert_string_equal(values_get(&k->d->images, "leaf02"), two);
	assert_null(values_get(&k->d->images, "leaf01"));
	/* one for all is the job's own; a version is not needed then */
	values_set(&k->d->images, "leaf01", two);
	draft_text(&k->d->version, NULL);
	j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	good(j ? 0 : -1, &e);
	assert_int_equal(j->targets.n, 0);
	assert_string_equal(j->version, "4.3.0");
	assert_string_equal(j->os_image, two);
	job_free(j);
	/* what it said last does not fit */
	values_set(&asked.facts, "asic", "VX");
	good(store_facts_set(k->s, &asked, 1, &e), &e);
	refused(k, "image two does not fit leaf02: it is for asic Mellanox, not VX (as it said");
	values_set(&k->d->images, "leaf02", one);
	values_set(&k->d->images, "leaf01", NULL);
	refused(k, "is no version"); /* of leaf01 */
	values_set(&k->d->images, "leaf02", "image_00");
	refused(k, "there is no image image_00");
	values_release(&asked.facts);
	free(one);
	free(two);
}

static void options(void **state)
{
	struct desk *k = *state;
	struct parameter *list = draft_options(k->p, NULL);
	size_t n = 0;
	for (; list[n].name; n++) {
		struct err e = {0};
		char *value = parameter_value(&list[n], list[n].fallback, &e);
		good(value ? 0 : -1, &e); /* every default is good */
		assert_true(list[n].title && list[n].help && list[n].group);
		free(value);
	}
	assert_int_equal(n, 11);
	assert_string_equal(list[0].name, "kind");
	assert_string_equal(list[0].choices[0], "full");
	assert_string_equal(list[0].choices[1], k->p->methods[0].kinds[0].name);
	assert_string_equal(list[2].name, "order");
	assert_string_equal(list[2].choices[0], "procedure");
	assert_string_equal(list[2].choices[1], k->p->orders[0].name);
	draft_options_free(list);
}

/* --- names and attempts ----------------------------------------------------------------------- */

static char *make(struct desk *k)
{
	struct err e = {0};
	bool again = false;
	char *id = NULL;
	struct job *j = draft_job(k->d, k->s, clock_real(), k->p, &e);
	good(j ? 0 : -1, &e);
	good(create_job(k->s, j, k->p, NULL, &id, &again, &e), &e);
	struct jobview *v = create_view(k->s, id, &e);
	assert_true(create_same(v, j, k->p));
	j->batch_size++;
	assert_false(create_same(v, j, k->p));
	jobview_free(v);
	job_free(j);
	return id;
}

static void run_state(struct desk *k, const char *id, const char *state)
{
	struct err e = {0};
	struct record *r = record_text(record_new(RECORD_STATE, NULL, NULL), "state", state);
	good(store_append(k->s, id, 0, &r, 1, &e), &e);
	record_free(r);
}

static void names(void **state)
{
	struct desk *k = *state;
	draft_set(k->d, "leaf01", true);
	draft_text(&k->d->name, "core");
	draft_text(&k->d->version, "4.2.0");
	assert_false(draft_served(k->d, k->s));
	char *name = draft_free_name(k->s, "core");
	assert_string_equal(name, "core");
	free(name);
	char *id = make(k);
	draft_text(&k->d->job, id);
	assert_false(draft_name_taken(k->s, "core")); /* it never started */
	assert_false(draft_served(k->d, k->s));
	run_state(k, id, "running");
	assert_true(draft_name_taken(k->s, "core"));
	assert_false(draft_name_taken(k->s, "core 2"));
	assert_true(draft_served(k->d, k->s));
	name = draft_free_name(k->s, "core");
	assert_string_equal(name, "core 2");
	free(name);
	free(id);
	draft_text(&k->d->job, "job_0000000000000000"); /* gone with its state */
	assert_true(draft_served(k->d, k->s));
}

/* --- forecast --------------------------------------------------------------------------------- */

static void add_image(struct images *list, const char *version, const char *asic)
{
	struct image *x = VEC_ADD(list);
	x->kind = xstrdup("os");
	x->platform = xstrdup("cumulus-linux");
	x->version = xstrdup(version);
	values_set(&x->fits, "asic", asic);
	values_set(&x->fits, "cpu", "x86_64");
}

static void foretell(struct desk *k, const struct images *images, const char *version,
		     const struct known_device *known, enum forecast wanted, const char *part)
{
	struct str why = {0};
	struct forecast_input in = {.procedure = k->p,
				    .method = procedure_method(k->p, NULL),
				    .platform = "cumulus-linux",
				    .version = version,
				    .parameters = &k->d->parameters,
				    .images = images};
	assert_int_equal(forecast_device(&in, known, &why), wanted);
	if (!strstr(str_text(&why), part))
		fail_msg("\"%s\" is not in \"%s\"", part, str_text(&why));
	str_release(&why);
}

/* Whether the way is open may be a matter of the options, which are their defaults at first. */
static void forecasts_by_options(void **state)
{
	struct desk *k = *state;
	struct err e = {0};
	struct images none = {0};
	struct known_device d = {.device = (char *)"leaf01", .version = (char *)"23.4R2-S3.9"};
	procedure_free(k->p);
	k->p = procedures_load("junos-hitless", &e);
	good(k->p ? 0 : -1, &e);
	foretell(k, &none, "22.4R3-S2.7", &d, FORECAST_PATH, "not possible from 23.4R2-S3.9");
	values_set(&k->d->parameters, "allow-downgrade", "yes");
	foretell(k, &none, "22.4R3-S2.7", &d, FORECAST_MISSING, "22.4R3-S2.7 at all");
	values_set(&k->d->parameters, "allow-downgrade", NULL);
	foretell(k, &none, "23.4R2-S4", &d, FORECAST_MISSING, "");
	foretell(k, &none, "23.4R2-S3", &d, FORECAST_SAME, "");
	/* of another branch: the pre-check asks */
	foretell(k, &none, "23.4X10-D5", &d, FORECAST_MISSING, "");
}

static void forecasts(void **state)
{
	struct desk *k = *state;
	struct images images = {0};
	struct known_device d = {.device = (char *)"leaf01", .version = (char *)"4.1.1"};
	values_set(&d.facts, "release", "4.1.1");
	values_set(&d.facts, "asic", "Mellanox");
	values_set(&d.facts, "cpu", "x86_64");
	foretell(k, &images, "4.2.0", NULL, FORECAST_MISSING, "4.2.0 at all");
	add_image(&images, "4.2.0", "Broadcom");
	foretell(k, &images, "4.2.0", NULL, FORECAST_ASK, "unknown until asked");
	foretell(k, &images, "4.2.0", &d, FORECAST_MISSING, "Mellanox");
	add_image(&images, "4.2.0", "Mellanox");
	foretell(k, &images, "4.2.0", &d, FORECAST_MISSING, "to go back");
	values_set(&k->d->parameters, "rollback", "no");
	foretell(k, &images, "4.2.0", &d, FORECAST_READY, "");
	values_set(&k->d->parameters, "rollback", NULL);
	add_image(&images, "4.1.1", "Mellanox");
	foretell(k, &images, "4.2.0", &d, FORECAST_READY, "");
	foretell(k, &images, "4.1.1", &d, FORECAST_SAME, "already");
	foretell(k, &images, "5.1.0", &d, FORECAST_PATH, "not possible from 4.1.1 to 5.1.0");
	d.version = NULL; /* an upgrade ended badly: nobody knows */
	foretell(k, &images, "4.2.0", &d, FORECAST_ASK, "unknown until asked");
	values_release(&d.facts);
	images_release(&images);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(kept),    TEST(put_aside), TEST(mistakes),  TEST(chosen), TEST(images),
	    TEST(options), TEST(names),     TEST(forecasts), TEST(forecasts_by_options),
	};
	return cmocka_run_group_tests_name("draft", tests, NULL, NULL);
}
