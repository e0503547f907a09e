/* SPDX-License-Identifier: ISC */
/* Images, settings, learnt durations, history. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "model/digest.h"
#include "store/db.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE (3 * (1 << 20) + 17) /* several blocks and a rest */

/* A file in the fixture's directory; new path. */
static char *make_file(const struct fixture *f, const char *name, size_t n, int seed)
{
	struct err e = {0};
	char *path = path_join(f->top, name), *data = xmalloc(n + 1);
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 31 + (size_t)seed);
	good(path_write(path, data, n, &e), &e);
	free(data);
	return path;
}

static struct image proposal(void)
{
	struct image i = {.kind = xstrdup("os"),
	                  .version = xstrdup("5.9.2"),
	                  .platform = xstrdup("cumulus-linux")};
	values_set(&i.fits, "asic", "spectrum");
	return i;
}

static int add(struct store *s, const char *path, struct image *i, bool *known, struct err *e)
{
	*i = proposal();
	return store_image_add(s, path, i, known, NULL, NULL, e);
}

static size_t files_in(const char *dir)
{
	char *command = xasprintf("find '%s' -type f | wc -l", dir), line[32] = "";
	FILE *p = popen(command, "re");
	assert_non_null(fgets(line, sizeof(line), p));
	pclose(p);
	free(command);
	return (size_t)atol(line);
}

struct progress {
	int64_t last, total, stop_at;
};

static int progress(void *ctx, int64_t done, int64_t total)
{
	struct progress *p = ctx;
	assert_true(done > p->last && done <= total);
	p->last = done;
	p->total = total;
	return p->stop_at && done >= p->stop_at;
}

static void test_add(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *path = make_file(f, "cl-5.9.2.bin", SIZE, 1), hex[DIGEST_HEX], *dir;
	struct image i = proposal(), again;
	struct progress p = {0};
	bool known = true;
	good(store_image_add(s, path, &i, &known, progress, &p, &e), &e);
	assert_false(known);
	assert_int_equal(p.last, SIZE);
	assert_int_equal(p.total, SIZE);
	good(digest_file(path, -1, hex, NULL, NULL, NULL, &e), &e);
	assert_string_equal(i.sha256, hex);
	assert_true(str_starts(i.id, "image_") && str_ends(i.id, hex));
	assert_string_equal(i.name, "cl-5.9.2.bin");
	assert_int_equal(i.size, SIZE);
	good(store_image_verify(s, i.id, NULL, NULL, &e), &e);
	/* The source may go; the same content under another name is the same image. */
	assert_int_equal(unlink(path), 0);
	free(path);
	path = make_file(f, "other-name.bin", SIZE, 1);
	good(add(s, path, &again, &known, &e), &e);
	assert_true(known);
	assert_string_equal(again.name, "cl-5.9.2.bin");
	dir = store_path(s, "images");
	assert_int_equal(files_in(dir), 1);
	struct images all = {0};
	good(store_images(s, &all, &e), &e);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.v[0].id, i.id);
	assert_string_equal(all.v[0].path, i.path);
	assert_string_equal(values_get(&all.v[0].fits, "asic"), "spectrum");
	images_release(&all);
	image_release(&again);
	image_release(&i);
	free(dir);
	free(path);
	store_close(s);
}

static void refuse(struct store *s, const char *path, enum err_kind kind, const char *part)
{
	struct err e = {0};
	struct image i;
	bool known;
	bad(add(s, path, &i, &known, &e), &e, kind, part);
	image_release(&i);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	char *empty = make_file(f, "empty", 0, 0), *odd = make_file(f, "two words", 5, 0);
	char *fifo = path_join(f->top, "fifo"), *gone = path_join(f->top, "gone");
	char *whole = make_file(f, "whole", SIZE, 2), *dir = store_path(s, "images");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	refuse(s, empty, ERR_INPUT, "is empty");
	refuse(s, fifo, ERR_INPUT, "not a regular file");
	refuse(s, f->top, ERR_INPUT, "");
	refuse(s, gone, ERR_INPUT, "No such file");
	refuse(s, odd, ERR_INPUT, "cannot be an image's name");
	s->head_room = INT64_MAX / 2;
	refuse(s, whole, ERR_SYSTEM, "must stay free");
	s->head_room = 0;
	struct image i = proposal();
	struct err e = {0};
	struct progress p = {.stop_at = 1 << 20};
	bool known;
	bad(store_image_add(s, whole, &i, &known, progress, &p, &e), &e, ERR_CANCELLED, "stopped");
	image_release(&i);
	assert_int_equal(files_in(dir), 0);
	struct images all = {0};
	good(store_images(s, &all, &e), &e);
	assert_int_equal(all.n, 0);
	free(empty), free(odd), free(fifo), free(gone), free(whole), free(dir);
	store_close(s);
}

static void test_delete(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = make_file(f, "a", 100, 1), *b = make_file(f, "b", 100, 2), prefix[16];
	char *dir = store_path(s, "images");
	struct image ia, ib;
	bool known;
	good(add(s, a, &ia, &known, &e), &e);
	good(add(s, b, &ib, &known, &e), &e);
	assert_int_not_equal(ia.sha256[0], ib.sha256[0]); /* else choose other seeds */
	bad(store_image_delete(s, "image_", &e), &e, ERR_INPUT, "no image");
	bad(store_image_delete(s, "", &e), &e, ERR_INPUT, "no image");
	bad(store_image_delete(s, "image_zz", &e), &e, ERR_INPUT, "no image");
	snprintf(prefix, sizeof(prefix), "image_%.3s", ia.sha256);
	good(store_image_delete(s, prefix, &e), &e);
	bad(store_image_delete(s, prefix, &e), &e, ERR_INPUT, "no image");
	assert_int_equal(files_in(dir), 1);
	snprintf(prefix, sizeof(prefix), "%.3s", ib.sha256);
	good(store_image_delete(s, prefix, &e), &e);
	assert_int_equal(files_in(dir), 0);
	/* Deleted is forgotten: it can be added again. */
	image_release(&ia);
	good(add(s, a, &ia, &known, &e), &e);
	assert_false(known);
	image_release(&ia);
	image_release(&ib);
	free(a), free(b), free(dir);
	store_close(s);
}

static void test_ambiguous(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char prefix[2] = "";
	int seen[128] = {0};
	/* 17 different files: two of them begin with the same hex digit. */
	for (int k = 0; k < 17; k++) {
		struct image i;
		bool known;
		char *path = make_file(f, "x", 50, k);
		good(add(s, path, &i, &known, &e), &e);
		if (seen[(int)i.sha256[0]]++)
			prefix[0] = i.sha256[0];
		image_release(&i);
		free(path);
	}
	bad(store_image_delete(s, prefix, &e), &e, ERR_INPUT, "give more digits");
	store_close(s);
}

static void test_damaged(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *path = make_file(f, "a", SIZE, 1);
	struct image i;
	bool known;
	good(add(s, path, &i, &known, &e), &e);
	int fd = open(i.path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "!", 1, SIZE / 2), 1);
	close(fd);
	bad(store_image_verify(s, i.id, NULL, NULL, &e), &e, ERR_CORRUPT, "not what was added");
	good(store_image_delete(s, i.id, &e), &e);
	image_release(&i);
	/* A file that somebody removed is put back by adding it again. */
	good(add(s, path, &i, &known, &e), &e);
	assert_int_equal(unlink(i.path), 0);
	bad(store_image_verify(s, i.id, NULL, NULL, &e), &e, ERR_CORRUPT, "is gone");
	image_release(&i);
	good(add(s, path, &i, &known, &e), &e);
	assert_false(known);
	good(store_image_verify(s, i.id, NULL, NULL, &e), &e);
	image_release(&i);
	free(path);
	store_close(s);
}

static void test_left_over(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *path = make_file(f, "a", 100, 1), *dir = store_path(s, "images");
	good(path_make_dirs(dir, &e), &e);
	/* No process has this number: the largest possible one is 2^22. */
	char *dead = path_join(dir, "new-99999999-abcdef");
	char *live = xasprintf("%s/new-%d-abcdef", dir, (int)getpid());
	good(path_write(dead, "x", 1, &e), &e);
	good(path_write(live, "x", 1, &e), &e);
	struct image i;
	bool known;
	good(add(s, path, &i, &known, &e), &e);
	assert_false(path_exists(dead));
	assert_true(path_exists(live));
	image_release(&i);
	free(path), free(dir), free(dead), free(live);
	store_close(s);
}

/* --- settings, durations, history ------------------------------------------------------------ */
static void assert_text(char *got, const char *want)
{
	if (!str_eq(got, want))
		fail_msg("expected %s, got %s", want ? want : "none", got ? got : "none");
	free(got);
}

static void test_settings(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	assert_text(store_setting(s, "theme"), NULL);
	good(store_setting_set(s, "theme", "dark", &e), &e);
	good(store_setting_set(s, "theme", "mono", &e), &e);
	good(store_set_default(s, "cumulus-linux", "5.9.2", &e), &e);
	store_close(s);
	s = must_open(f->dir);
	assert_text(store_setting(s, "theme"), "mono");
	assert_text(store_default(s, "cumulus-linux"), "5.9.2");
	assert_text(store_default(s, "junos"), NULL);
	good(store_set_default(s, "cumulus-linux", NULL, &e), &e);
	assert_text(store_default(s, "cumulus-linux"), NULL);
	store_close(s);
}

static void teach(struct store *s, const char *model, const char *step, int64_t ms)
{
	struct err e = {0};
	const struct duration_sample d = {.platform = "cl", .model = model, .step = step, .ms = ms};
	good(store_duration_add(s, &d, &e), &e);
}

static void test_durations(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	struct durations d = {0};
	for (int k = 1; k <= 100; k++) /* not in order of size */
		teach(s, "SN2700", "reboot", (k * 37) % 101);
	teach(s, "SN2700", "install", 5);
	teach(s, "SN3700", "install", 6);
	good(store_durations(s, "cl", "SN2700", &d, &e), &e);
	assert_int_equal(d.n, 2);
	assert_string_equal(d.v[0].step, "install");
	assert_int_equal(d.v[0].p50, 5);
	assert_int_equal(d.v[0].p95, 5);
	assert_int_equal(d.v[0].samples, 1);
	assert_int_equal(d.v[1].p50, 50);
	assert_int_equal(d.v[1].p95, 95);
	durations_release(&d);
	/* The old ones are forgotten: of 100 + 200 the last 200 count. */
	for (int k = 1; k <= 200; k++)
		teach(s, "SN2700", "reboot", 1000 + k);
	good(store_durations(s, "cl", "SN2700", &d, &e), &e);
	assert_int_equal(d.v[1].samples, 200);
	assert_int_equal(d.v[1].p50, 1100);
	assert_int_equal(d.v[1].p95, 1190);
	assert_int_equal(d.v[0].samples, 1);
	durations_release(&d);
	good(store_durations(s, "junos", NULL, &d, &e), &e);
	assert_int_equal(d.n, 0);
	/* of all models together */
	good(store_durations(s, "cl", NULL, &d, &e), &e);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.v[0].samples, 2);
	assert_int_equal(d.v[0].p95, 6);
	assert_null(d.v[0].model);
	durations_release(&d);
	store_close(s);
}

/* A copy is learnt as time for so many bytes; what was learnt can be forgotten in part. */
static void test_copies_and_forgetting(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	struct durations d = {0};
	const struct duration_sample copy = {.platform = "cl",
					     .model = "SN2700",
					     .step = "copy",
					     .ms = 60000,
					     .bytes = DURATION_BYTES / 4,
					     .job = "job_1"};
	good(store_duration_add(s, &copy, &e), &e);
	teach(s, "SN2700", "install", 5);
	teach(s, "SN3700", "install", 6);
	good(store_durations_all(s, &d, &e), &e);
	assert_int_equal(d.n, 3);
	assert_true(d.v[0].copy);
	assert_int_equal(d.v[0].p50, 240000);
	assert_string_equal(d.v[2].model, "SN3700");
	assert_true(d.v[2].last > 0);
	durations_release(&d);
	assert_int_equal(store_durations_forget(s, "cl", NULL, "install", &e), 2);
	assert_int_equal(store_durations_forget(s, NULL, "SN3700", NULL, &e), 0);
	good(store_durations_all(s, &d, &e), &e);
	assert_int_equal(d.n, 1);
	durations_release(&d);
	store_close(s);
}

static void test_history(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	assert_text(store_history_failed(s, "leaf01"), NULL);
	good(store_history_add(s, "serial:1", "leaf01", "job_1", "failed", "Install", NULL, &e),
	     &e);
	good(store_history_add(s, "serial:2", "leaf02", "job_1", "done", NULL, "5.9.2", &e), &e);
	assert_text(store_history_failed(s, "leaf01"), "Install");
	assert_text(store_history_failed(s, "leaf02"), NULL);
	good(store_history_add(s, "serial:1", "leaf01", "job_2", "done", NULL, "5.9.2", &e), &e);
	assert_text(store_history_failed(s, "leaf01"), NULL);
	store_close(s);
}

/* What is remembered of every device: facts, and the last of its upgrades. */
static void test_known(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	struct known_device asked[2] = {{.device = (char *)"spine01", .version = (char *)"5.9.1"},
					{.device = (char *)"leaf01"}};
	struct known_devices list = {0};
	struct values none = {0}, agent = {0};
	values_set(&agent, "agent", "3.3.1");
	values_set(&asked[0].facts, "asic", "spectrum");
	values_set(&asked[1].facts, "agent", "3.3.0");
	values_set(&asked[1].facts, "asic", "other");
	good(store_facts_set(s, asked, 2, &e), &e);
	good(store_history_add(s, "x", "leaf01", "job_1", "failed", "Install", "5.9.2", &e), &e);
	good(store_history_add(s, "x", "leaf01", "job_2", "done", NULL, "5.9.3", &e), &e);
	good(store_history_add(s, "y", "leaf02", "job_1", "rolled back", "Verify", "5.9.2", &e), &e);
	good(store_version_set(s, "leaf01", "5.9.3", &agent, &e), &e);
	good(store_version_set(s, "spine01", NULL, &none, &e), &e);
	good(store_version_set(s, "nobody", "1", &agent, &e), &e);
	good(store_history_last(s, &list, &e), &e);
	assert_int_equal(list.n, 3);
	const struct known_device *leaf = known_device(&list, "leaf01");
	assert_string_equal(leaf->version, "5.9.3");
	assert_string_equal(leaf->result, "done");
	assert_string_equal(leaf->target, "5.9.3");
	assert_null(leaf->failed_phase);
	assert_true(leaf->asked > 0 && leaf->ended > 0);
	assert_string_equal(values_get(&leaf->facts, "asic"), "other");
	assert_string_equal(values_get(&leaf->facts, "agent"), "3.3.1");
	const struct known_device *spine = known_device(&list, "spine01");
	assert_null(spine->version);
	assert_null(spine->result);
	assert_string_equal(values_get(&spine->facts, "asic"), "spectrum");
	assert_string_equal(known_device(&list, "leaf02")->failed_phase, "Verify");
	assert_int_equal(known_device(&list, "leaf02")->asked, 0);
	assert_null(known_device(&list, "leaf03"));
	known_devices_release(&list);
	assert_null(known_device(&list, "leaf01"));
	values_release(&agent);
	values_release(&asked[0].facts);
	values_release(&asked[1].facts);
	store_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_add),       TEST(test_refused),   TEST(test_delete),
	    TEST(test_ambiguous), TEST(test_damaged),   TEST(test_left_over),
	    TEST(test_settings),  TEST(test_durations), TEST(test_history),
	    TEST(test_settings),  TEST(test_copies_and_forgetting), TEST(test_history),
	    TEST(test_known),
	};
	return cmocka_run_group_tests_name("store: images and memory", tests, NULL, NULL);
}
