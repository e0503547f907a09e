/* SPDX-License-Identifier: ISC */
/* Jobs and their journal: what was acknowledged is there, what was changed is noticed. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "model/digest.h"
#include "model/json.h"
#include "store/db.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- jobs ------------------------------------------------------------------------------------ */
static void test_jobs(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "leafs tonight"), *b = must_job(s, "spines"), *id = NULL;
	assert_true(str_starts(a, "job_") && strlen(a) == 20);
	bad(store_job_new(s, "spines", &id, &e), &e, ERR_INPUT, "'spines' already");
	bad(store_job_new(s, "", &id, &e), &e, ERR_INPUT, "1 to 128");
	bad(store_job_new(s, "a\nb", &id, &e), &e, ERR_INPUT, "control");
	bad(store_job_new(s, a, &id, &e), &e, ERR_INPUT, "looks like the id");
	assert_null(id);
	struct job_rows rows = {0};
	good(store_jobs(s, &rows, &e), &e);
	assert_int_equal(rows.n, 2);
	assert_string_equal(rows.v[0].id, a);
	assert_string_equal(rows.v[1].name, "spines");
	assert_true(rows.v[0].created > 0);
	job_rows_release(&rows);
	id = store_job_find(s, "leafs tonight", &e);
	assert_string_equal(id, a);
	free(id);
	id = store_job_find(s, b, &e);
	assert_string_equal(id, b);
	free(id);
	assert_null(store_job_find(s, "spine", &e));
	assert_non_null(strstr(e.text, "did you mean 'spines'"));
	assert_null(store_job_find(s, "something else", &e));
	assert_non_null(strstr(e.text, "newest is 'spines'"));
	free(a);
	free(b);
	store_close(s);
}

static void test_job_dir(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *dir = store_job_dir(s, a, "leaf01", &e);
	assert_true(path_is_dir(dir));
	free(dir);
	assert_null(store_job_dir(s, a, "../leaf01", &e));
	assert_null(store_job_dir(s, "..", NULL, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	free(a);
	store_close(s);
}

static void test_head_room(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	char *id;
	struct store *s = must_open(f->dir);
	s->head_room = INT64_MAX;
	bad(store_job_new(s, "a", &id, &e), &e, ERR_SYSTEM, "MiB free");
	store_close(s);
}

/* --- append and read ------------------------------------------------------------------------- */
static int same(void *ctx, const struct record *r, struct err *e)
{
	(void)e;
	struct record **want = ctx;
	struct record *w = want[r->seq - 1];
	assert_int_equal(r->seq, w->seq);
	assert_int_equal(r->wall, w->wall);
	assert_int_equal(r->kind, w->kind);
	assert_true(str_eq(r->device, w->device));
	assert_true(str_eq(r->step, w->step));
	assert_true(cJSON_Compare(r->data, w->data, 1));
	return 0;
}

static void test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	assert_int_equal(store_last(s, a), 0);
	assert_int_equal(store_last(s, "job_none"), -1);
	struct record *r[4] = {
	    record_text(record_new(RECORD_JOB, NULL, NULL), "job",
	                "tabs\tand \"quotes\"\n\xc3\xa9"),
	    record_number(record_new(RECORD_INTENT, "leaf01", "install"), "limit_ms", 1LL << 52),
	    record_flag(record_new(RECORD_NOTE, "", ""), "empty names are not none", true),
	    record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", cJSON_CreateArray()),
	};
	good(store_append(s, a, 0, r, 3, &e), &e);
	good(store_append(s, a, 0, r + 3, 1, &e), &e);
	good(store_append(s, a, 0, r, 0, &e), &e);
	assert_int_equal(r[3]->seq, 4);
	assert_int_equal(store_last(s, a), 4);
	store_close(s);
	s = must_open(f->dir);
	good(store_read(s, a, 0, 0, same, r, &e), &e);
	good(store_read(s, a, 2, 0, same, r, &e), &e);
	for (size_t i = 0; i < LEN(r); i++)
		record_free(r[i]);
	bad(append_note(s, "job_none", 0, 1, &e), &e, ERR_INPUT, "no job job_none");
	free(a);
	store_close(s);
}

struct seen {
	struct store *s;
	const char *job;
	int64_t first, last, stop_at;
	int stop_with;
};

static int watch(void *ctx, const struct record *r, struct err *e)
{
	struct seen *seen = ctx;
	if (!seen->first)
		seen->first = r->seq;
	seen->last = r->seq;
	if (r->seq != seen->stop_at)
		return 0;
	return seen->stop_with < 0 ? err_set(e, ERR_CANCELLED, "enough") : seen->stop_with;
}

static void test_read_parts(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	for (int k = 1; k <= 300; k++)
		good(append_note(s, a, 0, k, &e), &e);
	struct seen seen = {0};
	good(store_read(s, a, 10, 200, watch, &seen, &e), &e);
	assert_int_equal(seen.first, 11);
	assert_int_equal(seen.last, 210);
	seen = (struct seen){0};
	good(store_read(s, a, 300, 0, watch, &seen, &e), &e);
	assert_int_equal(seen.last, 0);
	seen = (struct seen){.stop_at = 150, .stop_with = 1};
	good(store_read(s, a, 0, 0, watch, &seen, &e), &e);
	assert_int_equal(seen.last, 150);
	seen = (struct seen){.stop_at = 7, .stop_with = -1};
	bad(store_read(s, a, 0, 0, watch, &seen, &e), &e, ERR_CANCELLED, "enough");
	assert_int_equal(seen.last, 7);
	free(a);
	store_close(s);
}

/* A reader may write: here each record is answered with another one. */
static int write_back(void *ctx, const struct record *r, struct err *e)
{
	struct seen *seen = ctx;
	seen->last = r->seq;
	return r->seq <= 200 ? append_note(seen->s, seen->job, 0, r->seq, e) : 0;
}

static void test_read_and_write(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	good(append_note(s, a, 0, 0, &e), &e);
	struct seen seen = {.s = s, .job = a};
	while (seen.last < 201)
		good(store_read(s, a, seen.last, 0, write_back, &seen, &e), &e);
	assert_int_equal(count_records(s, a, &e), 201);
	free(a);
	store_close(s);
}

static void test_version(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir), *other = must_open(f->dir);
	char *a = must_job(s, "a");
	int64_t v = store_version(s), w = store_version(other);
	assert_int_equal(store_version(s), v);
	good(append_note(s, a, 0, 1, &e), &e);
	assert_int_not_equal(store_version(s), v);
	assert_int_not_equal(store_version(other), w);
	free(a);
	store_close(other);
	store_close(s);
}

/* --- tampering ------------------------------------------------------------------------------- */
static void test_tamper(void **state)
{
	static const struct {
		const char *sql, *part;
		int64_t before; /* records that are still given */
	} cases[] = {
	    {"UPDATE journal SET data = '{\"k\":9}' WHERE seq = 5",
	     "record 5 of the journal is not what", 4},
	    {"UPDATE journal SET device = 'leaf02' WHERE seq = 1", "record 1 ", 0},
	    {"UPDATE journal SET step = '' WHERE seq = 7", "record 7 ", 6},
	    {"UPDATE journal SET kind = 'answer' WHERE seq = 2", "record 2 ", 1},
	    {"UPDATE journal SET wall = wall + 1 WHERE seq = 8", "record 8 ", 7},
	    {"UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 2) WHERE seq = 3",
	     "record 3 ", 2},
	    {"DELETE FROM journal WHERE seq = 4", "record 4 of the journal is missing", 3},
	    {"DELETE FROM journal WHERE seq = 1", "record 1 of the journal is missing", 0},
	    {"DELETE FROM journal WHERE seq > 6", "record 7 of the journal is missing", 6},
	    {"DELETE FROM journal", "record 1 of the journal is missing", 0},
	    {"UPDATE journal SET seq = seq + 1 WHERE seq = 8", "record 8 of the journal is missing",
	     7},
	    {"UPDATE jobs SET head_hash = 'x'", "not the last one", 7},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < LEN(cases); i++) {
		char name[16];
		struct err e = {0};
		struct seen seen = {0};
		snprintf(name, sizeof(name), "/%zu", i);
		char *dir = xasprintf("%s%s", f->dir, name);
		struct store *s = must_open(dir);
		char *a = must_job(s, "a");
		for (int k = 1; k <= 8; k++)
			good(append_note(s, a, 0, k, &e), &e);
		assert_int_equal(count_records(s, a, &e), 8);
		raw_sql(dir, cases[i].sql);
		bad(store_read(s, a, 0, 0, watch, &seen, &e), &e, ERR_CORRUPT, cases[i].part);
		assert_int_equal(seen.last, cases[i].before);
		free(a);
		free(dir);
		store_close(s);
	}
}

static void test_journal_of_another_job(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *b = must_job(s, "b");
	good(append_note(s, a, 0, 1, &e), &e);
	raw_sql(f->dir,
	        "UPDATE journal SET job = 2; UPDATE jobs SET head = 1, head_hash = (SELECT hash"
	        " FROM journal) WHERE number = 2");
	bad((int)count_records(s, b, &e), &e, ERR_CORRUPT, "record 1 ");
	free(a);
	free(b);
	store_close(s);
}

static void test_unknown_kind(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	good(append_note(s, a, 0, 1, &e), &e);
	/* The hash of what a newer version would have written, computed as journal.c describes it.
	 */
	char wall[32], text[256], hash[DIGEST_HEX], *sql;
	int64_t w = 1000;
	snprintf(wall, sizeof(wall), "%d", (int)w);
	snprintf(text, sizeof(text), "%s 1 %s hologram 6 -1 7\nleaf01{\"k\":1}", a, wall);
	digest_bytes(text, strlen(text), hash);
	sql = xasprintf("UPDATE journal SET wall = %s, kind = 'hologram', hash = '%s';"
	                "UPDATE jobs SET head_hash = '%s'",
	                wall, hash, hash);
	raw_sql(f->dir, sql);
	bad((int)count_records(s, a, &e), &e, ERR_REFUSED, "\"hologram\", which only a newer");
	free(sql);
	free(a);
	store_close(s);
}

/* --- failures -------------------------------------------------------------------------------- */
static void exec_on(struct store *s, const char *sql)
{
	assert_int_equal(sqlite3_exec(s->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static struct record *big_record(void)
{
	char text[65536];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	return record_text(record_new(RECORD_NOTE, NULL, NULL), "text", text);
}

/* A database that may not grow: SQLite reports it as a full disk, on any machine. */
static void test_full_is_final(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *ballast = store_path(s, "ballast");
	s->head_room = 0;
	ballast_load(s);
	assert_int_equal(path_size(ballast), BALLAST_BYTES);
	good(append_note(s, a, 0, 1, &e), &e);
	exec_on(s, "PRAGMA max_page_count = 1");
	struct record *r = big_record();
	bad(store_append(s, a, 0, &r, 1, &e), &e, ERR_SYSTEM, "no space left");
	assert_int_equal(r->seq, 0);
	assert_false(path_exists(ballast));
	exec_on(s, "PRAGMA max_page_count = 100000");
	bad(store_append(s, a, 0, &r, 1, &e), &e, ERR_SYSTEM, "no space left");
	assert_int_equal(count_records(s, a, &e), 1);
	store_close(s);
	s = must_open(f->dir);
	good(store_append(s, a, 0, &r, 1, &e), &e);
	assert_int_equal(count_records(s, a, &e), 2);
	record_free(r);
	free(ballast);
	free(a);
	store_close(s);
}

static void fill_disk(const char *dir)
{
	char block[4096] = {0}, *path = path_join(dir, "filler");
	FILE *file = fopen(path, "a");
	assert_non_null(file);
	setvbuf(file, NULL, _IONBF, 0);
	while (fwrite(block, sizeof(block), 1, file) == 1)
		;
	fclose(file);
	free(path);
}

/* A really full disk: the ballast lets outcomes through, then the journal fails for good. */
static void run_on_small_disk(int from, int to, void *ctx)
{
	(void)from, (void)to;
	struct fixture *f = ctx;
	struct err e = {0};
	if (!private_tmpfs(f->top, "size=6m"))
		_exit(EXIT_SKIPPED);
	struct store *s = must_open(f->dir);
	s->head_room = 0;
	ballast_load(s);
	char *a = must_job(s, "a"), *ballast = store_path(s, "ballast"), *filler;
	fill_disk(f->top);
	int64_t k = 0;
	while (path_exists(ballast) && k < 10000)
		good(append_note(s, a, 0, ++k, &e), &e);
	assert_false(path_exists(ballast));
	good(append_note(s, a, 0, ++k, &e), &e);
	fill_disk(f->top);
	while (append_note(s, a, 0, k + 1, &e) == 0 && k < 10000)
		k++;
	bad(-1, &e, ERR_SYSTEM, "no space left");
	filler = path_join(f->top, "filler");
	assert_int_equal(unlink(filler), 0);
	bad(append_note(s, a, 0, k + 1, &e), &e, ERR_SYSTEM, "no space left");
	store_close(s);
	s = must_open(f->dir);
	assert_int_equal(count_records(s, a, &e), k);
	good(append_note(s, a, 0, k + 1, &e), &e);
	store_close(s);
	free(filler);
	free(ballast);
	free(a);
}

static void test_full_disk(void **state)
{
	struct child c = child_start(run_on_small_disk, *state);
	int status = child_wait(&c);
	if (status == EXIT_SKIPPED) {
		print_message("no mount namespace allowed here: the small disk is not tested\n");
		skip();
	}
	assert_int_equal(status, 0);
}

/* Files that may not grow any more: a write error of the system, which is final. */
static void run_with_io_error(int from, int to, void *ctx)
{
	(void)from, (void)to;
	struct fixture *f = ctx;
	struct err e = {0};
	struct rlimit limit;
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *wal = store_path(s, "hitless.db-wal");
	struct record *r = big_record();
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)path_size(wal) + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	bad(store_append(s, a, 0, &r, 1, &e), &e, ERR_SYSTEM, "I/O error");
	limit.rlim_cur = before;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	bad(store_append(s, a, 0, &r, 1, &e), &e, ERR_SYSTEM, "I/O error");
	assert_int_equal(count_records(s, a, &e), 0);
	store_close(s);
	s = must_open(f->dir);
	good(store_append(s, a, 0, &r, 1, &e), &e);
	record_free(r);
	store_close(s);
	free(wal);
	free(a);
}

static void test_io_error(void **state)
{
	struct child c = child_start(run_with_io_error, *state);
	assert_int_equal(child_wait(&c), 0);
}

/* --- kill -9 --------------------------------------------------------------------------------- */
struct writer {
	struct fixture *f;
	const char *job;
};

/* Append numbered notes for ever; each is acknowledged with a byte when it is durable. */
static void run_writer(int from, int to, void *ctx)
{
	(void)from;
	struct writer *w = ctx;
	struct err e = {0};
	struct store *s = must_open(w->f->dir);
	struct owner *o = must_own(s, w->job);
	for (int64_t k = store_last(s, w->job) + 1;; k++) {
		good(append_note(s, w->job, owner_epoch(o), k, &e), &e);
		say(to, 'k');
	}
}

static int numbered(void *ctx, const struct record *r, struct err *e)
{
	(void)e;
	int64_t *n = ctx;
	assert_int_equal(r->seq, ++*n);
	assert_int_equal(json_number(r->data, "k", -1), r->seq);
	return 0;
}

static void test_kill(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	struct writer w = {f, a};
	unsigned seed = 20261;
	int64_t acknowledged = 0, stored = 0;
	for (int round = 0; round < 25; round++) {
		struct child c = child_start(run_writer, &w);
		int enough = rand_r(&seed) % 60;
		for (int i = 0; i <= enough; i++) {
			assert_int_equal(hear(c.from), 'k');
			acknowledged++;
		}
		assert_int_equal(kill(c.pid, SIGKILL), 0);
		while (hear(c.from) == 'k')
			acknowledged++;
		assert_int_equal(child_wait(&c), -SIGKILL);
		stored = 0;
		good(store_read(s, a, 0, 0, numbered, &stored, &e), &e);
		/* At most one record was durable and not acknowledged yet. */
		assert_true(stored == acknowledged || stored == acknowledged + 1);
		acknowledged = stored;
	}
	free(a);
	store_close(s);
}

/* --- in memory ------------------------------------------------------------------------------- */
static void test_memory(void **state)
{
	(void)state;
	struct err e = {0};
	struct store *s = must_open(":memory:");
	char *dir = xstrdup(store_dir(s)), *a = must_job(s, "a"), *kept;
	good(append_note(s, a, 0, 1, &e), &e);
	assert_int_equal(count_records(s, a, &e), 1);
	kept = store_job_dir(s, a, "leaf01", &e);
	assert_true(path_is_dir(kept));
	struct owner *o = must_own(s, a);
	good(append_note(s, a, owner_epoch(o), 2, &e), &e);
	owner_free(o);
	store_close(s);
	assert_false(path_exists(dir));
	free(kept);
	free(dir);
	free(a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* Removed while it is open: SQLite would go on writing into nothing. */
static void test_removed(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *aside = xasprintf("%s/aside", f->top);
	good(append_note(s, a, 0, 1, &e), &e);
	good(store_still_there(s, &e), &e);
	assert_int_equal(rename(f->dir, aside), 0);
	bad(store_still_there(s, &e), &e, ERR_SYSTEM, "hitless.db was removed");
	bad(append_note(s, a, 0, 2, &e), &e, ERR_SYSTEM, "could not be written down");
	struct store *other = must_open(f->dir); /* another one in its place */
	bad(append_note(s, a, 0, 2, &e), &e, ERR_SYSTEM, "another one is in its place");
	store_close(other);
	good(path_remove_tree(f->dir, &e), &e);
	assert_int_equal(rename(aside, f->dir), 0);
	good(append_note(s, a, 0, 2, &e), &e); /* nothing was lost */
	assert_int_equal(count_records(s, a, &e), 2);
	store_close(s);
	free(aside);
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_jobs),         TEST(test_job_dir),       TEST(test_head_room),
	    TEST(test_round_trip),   TEST(test_read_parts),    TEST(test_read_and_write),
	    TEST(test_version),      TEST(test_tamper),        TEST(test_journal_of_another_job),
	    TEST(test_removed),
	    TEST(test_unknown_kind), TEST(test_full_is_final), TEST(test_full_disk),
	    TEST(test_io_error),     TEST(test_kill),          TEST(test_memory),
	};
	return cmocka_run_group_tests_name("store: journal", tests, NULL, NULL);
}
