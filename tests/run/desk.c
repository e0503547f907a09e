/* SPDX-License-Identifier: ISC */
/* What the front ends share: inventory, settings, secrets, orders, images, words for checks. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "base/utf8.h"
#include "model/json.h"
#include "run/create.h"
#include "run/desk.h"
#include "run/images.h"
#include "run/order.h"
#include "run/procedures.h"
#include "run/report.h"
#include "run/secrets.h"
#include "run/spawn.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>

static void write_text(const char *dir, const char *name, const char *text)
{
	struct err e = {0};
	char *path = path_join(dir, name);
	good(path_write(path, text, strlen(text), &e), &e);
	free(path);
}

static void inventory(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	char *file = path_join(f->top, "in.json");
	bad(desk_inventory(s, &e) ? 0 : -1, &e, ERR_INPUT, "there is no inventory yet");
	write_text(f->top, "in.json",
		   "{\"format\":1,\"devices\":[{\"name\":\"a\",\"platform\":\"x\"}]}");
	struct inventory *inv = inventory_load(file, &e);
	assert_non_null(inv);
	good(desk_inventory_save(s, inv, &e), &e);
	inventory_free(inv);
	inv = desk_inventory(s, &e);
	assert_non_null(inv);
	assert_string_equal(inv->devices.v[0].name, "a");
	inventory_free(inv);
	free(file);
	store_close(s);
}

static void settings(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	assert_int_equal(desk_setting(s, "job-limit", 5), 5);
	good(store_setting_set(s, "job-limit", "7", &e), &e);
	assert_int_equal(desk_setting(s, "job-limit", 5), 7);
	good(store_setting_set(s, "job-limit", "many", &e), &e);
	assert_int_equal(desk_setting(s, "job-limit", 5), 5);
	char *who = desk_who();
	assert_true(strlen(who) > 0);
	free(who);
	store_close(s);
}

/* --- secrets ---------------------------------------------------------------------------------- */

static struct inventory *with_credentials(const char *const *names, size_t n)
{
	struct inventory *inv = inventory_new();
	for (size_t i = 0; i < n; i++) {
		struct device *d = VEC_ADD(&inv->devices);
		d->name = xasprintf("leaf%zu", i);
		d->credential = xstrdup(names[i]);
	}
	return inv;
}

static void expect_missing(struct store *s, struct secrets *have, const struct inventory *inv,
			   const size_t *devices, size_t n, const char *name)
{
	struct credential c;
	struct err e = {0};
	bool missing;
	good(secrets_missing(s, have, inv, devices, n, &c, &missing, &e), &e);
	assert_int_equal(missing, name != NULL);
	if (name) {
		assert_string_equal(c.name, name);
		assert_string_equal(c.user, "anna");
		struct secret *secret = secret_new(name, strlen(name), &e);
		assert_non_null(secret);
		secrets_add(have, c.name, secret);
	}
	credential_release(&c);
}

/* Devices are asked for in their order, each credential once, and only those that need a person. */
static void secrets(void **state)
{
	static const char *const names[] = {"first", "agent",   "second",
					    "first", "unknown", "broken"};
	static const size_t all[] = {0, 1, 2, 3, 4, 5}, few[] = {1, 3};
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct inventory *inv = with_credentials(names, LEN(names));
	struct err e = {0};
	size_t n;
	write_text(
	    f->dir, "credentials.json",
	    "{\"format\":1,\"credentials\":["
	    "{\"name\":\"first\",\"user\":\"anna\",\"method\":\"password\"},"
	    "{\"name\":\"second\",\"user\":\"anna\",\"method\":\"password\"},"
	    "{\"name\":\"broken\",\"user\":\"anna\",\"method\":\"key\",\"key\":\"/nowhere/key\"},"
	    "{\"name\":\"agent\",\"user\":\"anna\",\"method\":\"agent\"}]}");
	struct secrets *have = secrets_new();
	expect_missing(s, have, inv, few, LEN(few), "first");
	expect_missing(s, have, inv, few, LEN(few), NULL);
	expect_missing(s, have, inv, all, LEN(all), "second");
	expect_missing(s, have, inv, all, LEN(all), NULL);
	secrets_add(have, "first", secret_new("other", 5, &e));
	const struct spawn_secret *list = secrets_list(have, &n);
	assert_int_equal(n, 2);
	assert_string_equal(list[0].credential, "first");
	assert_string_equal(secret_text(list[0].secret), "other");
	assert_string_equal(secret_text(list[1].secret), "second");
	assert_null(secrets_list(NULL, &n));
	assert_int_equal(n, 0);
	secrets_forget(have, "nobody");
	secrets_forget(have, "first"); /* it was wrong: asked for again */
	assert_string_equal(secrets_list(have, &n)[0].credential, "second");
	assert_int_equal(n, 1);
	expect_missing(s, have, inv, all, LEN(all), "first");
	secrets_free(have);
	inventory_free(inv);
	store_close(s);
}

/* --- orders, report --------------------------------------------------------------------------- */

static char *make_job(struct store *s, struct err *e)
{
	struct procedure *p = procedures_for(NULL, e);
	struct job *j = job_new();
	char *id = NULL;
	bool again;
	j->inventory = inventory_new();
	j->name = xstrdup("t1");
	j->version = xstrdup("4.2.0");
	j->operator= desk_who();
	struct device *d = VEC_ADD(&j->inventory->devices);
	d->name = xstrdup("leaf01");
	d->address = xstrdup("192.0.2.1");
	d->port = 22;
	d->platform = xstrdup(p->platforms[0]);
	d->credential = xstrdup("default");
	VEC_PUSH(&j->devices, 0);
	good(create_check(j, p, e), e);
	good(create_job(s, j, p, NULL, &id, &again, e), e);
	job_free(j);
	procedure_free(p);
	return id;
}

static int count_command(void *ctx, const cJSON *command, struct err *e)
{
	int *n = ctx;
	(void)e;
	assert_string_equal(json_text(command, "verb"), "cancel");
	assert_non_null(json_text(command, "who"));
	(*n)++;
	return 0;
}

static int queued(struct store *s, const char *id)
{
	struct err e = {0};
	int n = 0;
	good(store_commands(s, id, count_command, &n, &e), &e);
	return n;
}

/* What is not possible is refused with a reason and not queued; to ask queues nothing either. */
static void orders(void **state)
{
	static const struct order_words start = {.verb = "start"}, cancel = {.verb = "cancel"};
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	char *id = make_job(s, &e);
	struct jobview *v = create_view(s, id, &e);
	assert_non_null(v);
	assert_int_equal(order_possible(v, &start, &e), -1);
	assert_true(strlen(e.text) > 0);
	assert_int_equal(order_queue(s, id, v, &start, &e), -1);
	assert_int_equal(queued(s, id), 0);
	e = (struct err){0};
	v->state = JOB_RUNNING;
	good(order_possible(v, &cancel, &e), &e);
	assert_int_equal(queued(s, id), 0);
	assert_true(order_queue(s, id, v, &cancel, &e) > 0);
	assert_int_equal(queued(s, id), 1);
	jobview_free(v);
	free(id);
	store_close(s);
}

static void note(struct store *s, const char *id, const char *who)
{
	struct err e = {0};
	struct record *r = record_new(RECORD_COMMAND, NULL, NULL);
	record_text(r, "verb", "cancel");
	record_text(r, "who", who);
	good(store_append(s, id, 0, &r, 1, &e), &e);
	record_free(r);
}

/* Who decided what is in it, sanitised, and nothing that the view does not know yet. */
static void report(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	char *id = make_job(s, &e);
	note(s, id, "anna\x1b[2J");
	struct jobview *v = create_view(s, id, &e);
	assert_non_null(v);
	note(s, id, "bert");
	cJSON *tree = report_json(s, v, id, &e);
	assert_non_null(tree);
	const cJSON *decisions = cJSON_GetObjectItemCaseSensitive(tree, "decisions");
	assert_int_equal(cJSON_GetArraySize(decisions), 1);
	assert_string_equal(json_text(cJSON_GetArrayItem(decisions, 0), "who"), "anna<U+001B>[2J");
	assert_int_equal(json_number(tree, "format", 0), 1);
	assert_string_equal(json_text(tree, "type"), "report");
	char *text = report_text(s, v, id, &e);
	assert_non_null(text);
	assert_non_null(strstr(text, "Report of job \"t1\""));
	assert_non_null(strstr(text, "anna<U+001B>"));
	assert_null(strstr(text, "bert"));
	assert_null(strchr(text, 0x1b));
	free(text);
	cJSON_Delete(tree);
	jobview_free(v);
	free(id);
	store_close(s);
}

/* --- images ----------------------------------------------------------------------------------- */

static int refuse(void *ctx, int64_t done, int64_t total)
{
	int *calls = ctx;
	assert_true(done <= total);
	(*calls)++;
	return 1;
}

static void images(void **state)
{
	static const char name[] = "cumulus-linux-4.2.0-vx-amd64.bin";
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	struct err e = {0};
	struct image i;
	bool known;
	int calls = 0;
	char *good_path = path_join(f->top, name), *odd = path_join(f->top, "odd.bin");
	write_text(f->top, name, "an image");
	write_text(f->top, "odd.bin", "another image");
	const struct image_words blind = {.unchecked = true};
	bad(images_add(s, good_path, NULL, NULL, NULL, &i, &known, &e), &e, ERR_CORRUPT, "byte 0");
	image_release(&i);
	bad(images_add(s, good_path, &blind, refuse, &calls, &i, &known, &e), &e, ERR_CANCELLED,
	    "");
	assert_true(calls > 0);
	image_release(&i);
	good(images_add(s, good_path, &blind, NULL, NULL, &i, &known, &e), &e);
	assert_string_equal(i.kind, "os");
	assert_string_equal(i.version, "4.2.0");
	assert_non_null(values_get(&i.fits, "asic"));
	assert_false(known);
	image_release(&i);
	bad(images_add(s, odd, NULL, NULL, NULL, &i, &known, &e), &e, ERR_INPUT,
	    "neither the file");
	image_release(&i);
	struct image_words w = {
	    .kind = "os", .version = "4.3.0", .platform = "no-such-platform", .unchecked = true};
	bad(images_add(s, odd, &w, NULL, NULL, &i, &known, &e), &e, ERR_INPUT, "no-such-platform");
	image_release(&i);
	w.platform = NULL;
	good(images_add(s, odd, &w, NULL, NULL, &i, &known, &e), &e);
	assert_string_equal(i.version, "4.3.0");
	image_release(&i);
	free(good_path);
	free(odd);
	store_close(s);
}

/* --- words ------------------------------------------------------------------------------------ */

static void words(void **state)
{
	static const struct {
		const char *status, *word;
		bool error;
		int rank;
	} rows[] = {{"failed", "ERROR", true, 0},
		    {"failed", "WARNING", false, 0},
		    {"unknown", "UNKNOWN", true, 1},
		    {"unknown", "UNKNOWN", false, 1},
		    {"warning", "WARNING", true, 2},
		    {"waived", "waived", true, STATUS_RANK_WAIVED},
		    {"passed", "passed", true, STATUS_RANK_REST}};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct check_view c = {.status = (char *)rows[i].status, .error = rows[i].error};
		assert_string_equal(status_check_word(&c), rows[i].word);
		assert_int_equal(status_check_rank(&c), rows[i].rank);
	}
}

#define IN_STATE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_STATE(inventory), IN_STATE(settings), IN_STATE(secrets),       IN_STATE(orders),
	    IN_STATE(report),    IN_STATE(images),   cmocka_unit_test(words),
	};
	if (setenv("HITLESS_DATA_DIR", TOP_SRCDIR "/src", 1) != 0)
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
