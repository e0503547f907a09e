/* SPDX-License-Identifier: ISC */
/* Where the database lives and what is wrong there: each refusal is clear and changes nothing. */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "model/digest.h"
#include "store/db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static void refused(const char *dir, enum err_kind kind, const char *part)
{
	struct err e = {0};
	struct store *s = store_open(dir, clock_real(), &e);
	bad(s ? 0 : -1, &e, kind, part);
}

static void test_file_systems(void **state)
{
	(void)state;
	assert_string_equal(place_refused_type(0x6969), "NFS");
	/* As statfs gives it where its type is signed. */
	assert_string_equal(place_refused_type((long)(int)0xff534d42), "CIFS");
	assert_string_equal(place_refused_type(0x65735546), "FUSE");
	assert_string_equal(place_refused_type(0x01021997), "9p");
	assert_null(place_refused_type(0xef53));     /* ext4 */
	assert_null(place_refused_type(0x01021994)); /* tmpfs */
	assert_null(place_refused_type(0x58465342)); /* xfs */
	assert_null(place_refused_type(0x794c7630)); /* overlayfs */
	struct err e = {0};
	bad(store_place_check("/nowhere/at/all", &e), &e, ERR_SYSTEM, "/nowhere/at/all");
}

static void test_settings_of_the_database(void **state)
{
	static const struct {
		const char *pragma, *value;
	} wanted[] = {
	    {"PRAGMA journal_mode", "wal"},
	    {"PRAGMA synchronous", "2"},
	    {"PRAGMA foreign_keys", "1"},
	    {"PRAGMA trusted_schema", "0"},
	    {"PRAGMA application_id", "1751741548"},
	};
	struct fixture *f = *state;
	struct store *s = must_open(f->dir);
	for (size_t i = 0; i < LEN(wanted); i++) {
		sqlite3_stmt *q;
		assert_int_equal(sqlite3_prepare_v2(s->db, wanted[i].pragma, -1, &q, NULL),
		                 SQLITE_OK);
		assert_int_equal(sqlite3_step(q), SQLITE_ROW);
		assert_string_equal(sqlite3_column_text(q, 0), wanted[i].value);
		sqlite3_finalize(q);
	}
	int defensive = 0;
	assert_int_equal(sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive),
	                 SQLITE_OK);
	assert_int_equal(defensive, 1);
	/* A number is not text, and a record belongs to a job. */
	assert_int_not_equal(sqlite3_exec(s->db,
	                                  "INSERT INTO jobs (id, name, created, head_hash)"
	                                  " VALUES ('j', 'n', 'soon', '')",
	                                  NULL, NULL, NULL),
	                     SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(s->db,
	                                  "INSERT INTO commands (job, wall, body)"
	                                  " VALUES (99, 0, '{}')",
	                                  NULL, NULL, NULL),
	                     SQLITE_OK);
	store_close(s);
}

static char *database(const struct fixture *f)
{
	return path_join(f->dir, "hitless.db");
}

static void file_digest(const char *path, char hex[DIGEST_HEX])
{
	struct err e = {0};
	good(digest_file(path, -1, hex, NULL, NULL, NULL, &e), &e);
}

/* Opening is refused and the file stays as it was. */
static void refused_untouched(const struct fixture *f, enum err_kind kind, const char *part)
{
	char before[DIGEST_HEX], after[DIGEST_HEX], *path = database(f);
	file_digest(path, before);
	refused(f->dir, kind, part);
	file_digest(path, after);
	assert_string_equal(before, after);
	free(path);
}

static void test_newer(void **state)
{
	struct fixture *f = *state;
	store_close(must_open(f->dir));
	raw_sql(f->dir, "PRAGMA user_version = 99");
	refused_untouched(f, ERR_REFUSED, "newer hitless");
}

static void test_of_another_program(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	good(path_make_dirs(f->dir, &e), &e);
	raw_sql(f->dir, "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");
	refused_untouched(f, ERR_REFUSED, "another program");
}

static void test_no_database(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	char *path = database(f), text[8192];
	memset(text, 'x', sizeof(text));
	good(path_make_dirs(f->dir, &e), &e);
	good(path_write(path, text, sizeof(text), &e), &e);
	refused_untouched(f, ERR_CORRUPT, "damaged");
	free(path);
}

static void test_corrupt(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), *path = database(f), rubbish[4096];
	for (int k = 1; k <= 200; k++)
		good(append_note(s, a, 0, k, &e), &e);
	store_close(s);
	memset(rubbish, 0x5a, sizeof(rubbish));
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	off_t last = (off_t)path_size(path) - (off_t)sizeof(rubbish);
	assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), last), sizeof(rubbish));
	close(fd);
	refused_untouched(f, ERR_CORRUPT, "damaged");
	free(path);
	free(a);
}

/* --- permissions ----------------------------------------------------------------------------- */
static void run_read_only(int from, int to, void *ctx)
{
	(void)from, (void)to;
	struct fixture *f = ctx;
	if (!private_tmpfs(f->top, "size=16m"))
		_exit(EXIT_SKIPPED);
	store_close(must_open(f->dir));
	if (mount("none", f->top, "none", MS_REMOUNT | MS_RDONLY, NULL) != 0)
		_exit(EXIT_SKIPPED);
	refused(f->dir, ERR_SYSTEM, "--state DIR");
	char *fresh = path_join(f->top, "fresh");
	refused(fresh, ERR_SYSTEM, "Read-only file system");
	free(fresh);
}

static void test_read_only(void **state)
{
	struct child c = child_start(run_read_only, *state);
	int status = child_wait(&c);
	if (status == EXIT_SKIPPED) {
		print_message("no mount namespace allowed here: read-only disks are not tested\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void test_no_permission(void **state)
{
	struct fixture *f = *state;
	if (geteuid() == 0) {
		print_message("modes do not bind root: not tested\n");
		skip();
	}
	store_close(must_open(f->dir));
	assert_int_equal(chmod(f->dir, 0500), 0);
	refused(f->dir, ERR_SYSTEM, "correct the permissions");
	assert_int_equal(chmod(f->dir, 0700), 0);
	char *path = database(f);
	assert_int_equal(chmod(path, 0400), 0);
	refused(f->dir, ERR_SYSTEM, "correct the permissions");
	free(path);
}

static void test_no_directory(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	good(path_write(f->dir, "x", 1, &e), &e);
	refused(f->dir, ERR_SYSTEM, "not a directory");
}

/* --- locks ----------------------------------------------------------------------------------- */
static void run_locker(int from, int to, void *ctx)
{
	struct fixture *f = ctx;
	char *path = database(f);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	say(to, 'l');
	(void)hear(from);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	say(to, 'u');
	(void)hear(from);
	sqlite3_close(db);
	free(path);
}

struct told {
	struct child *release; /* let this one go on when told */
	char text[256];
	int times;
};

static void told(void *ctx, const char *text)
{
	struct told *t = ctx;
	t->times++;
	snprintf(t->text, sizeof(t->text), "%s", text);
	if (t->release)
		say(t->release->to, 'u');
}

static void test_locked(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a"), pid[32];
	struct child c = child_start(run_locker, f);
	struct told t = {0};
	assert_int_equal(hear(c.from), 'l');
	snprintf(pid, sizeof(pid), "process %d", (int)c.pid);
	store_waiting(s, 20, told, &t);
	bad(append_note(s, a, 0, 1, &e), &e, ERR_LOCKED, pid);
	assert_int_equal(t.times, 0);                 /* a short wait is nobody's business */
	assert_int_equal(count_records(s, a, &e), 0); /* readers are not locked out */
	/* The next wait ends because the one who has the lock is told to let go. */
	t.release = &c;
	store_waiting(s, 60000, told, &t);
	good(append_note(s, a, 0, 1, &e), &e);
	assert_int_equal(t.times, 1);
	assert_non_null(strstr(t.text, pid));
	assert_int_equal(hear(c.from), 'u');
	assert_int_equal(child_wait(&c), 0);
	free(a);
	store_close(s);
}

static void run_opener(int from, int to, void *ctx)
{
	struct fixture *f = ctx;
	say(to, 'r');
	(void)hear(from);
	store_close(must_open(f->dir));
}

/* Many processes make the same database at the same time. */
static void test_open_together(void **state)
{
	struct fixture *f = *state;
	for (int round = 0; round < 10; round++) {
		struct err e = {0};
		struct child c[6];
		good(path_remove_tree(f->dir, &e), &e);
		for (size_t i = 0; i < LEN(c); i++)
			c[i] = child_start(run_opener, f);
		for (size_t i = 0; i < LEN(c); i++)
			assert_int_equal(hear(c[i].from), 'r');
		for (size_t i = 0; i < LEN(c); i++)
			say(c[i].to, 'g');
		for (size_t i = 0; i < LEN(c); i++)
			assert_int_equal(child_wait(&c[i]), 0);
	}
}

/* --- descriptors and fork -------------------------------------------------------------------- */
static void run_without_fds(int from, int to, void *ctx)
{
	struct fixture *f = ctx;
	(void)from, (void)to;
	bool before[256];
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	for (int fd = 3; fd < 256; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	struct owner *o = must_own(s, a);
	struct stat null_device, st;
	bool fine = stat("/dev/null", &null_device) == 0;
	for (int fd = 0; fd <= 2; fd++)
		fine = fine && fstat(fd, &st) == 0 && st.st_rdev == null_device.st_rdev;
	for (int fd = 3; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags >= 0 && !before[fd] && !(flags & FD_CLOEXEC))
			fine = false;
	}
	owner_free(o);
	store_close(s);
	free(a);
	_exit(fine ? 0 : 1);
}

static void test_descriptors(void **state)
{
	struct child c = child_start(run_without_fds, *state);
	assert_int_equal(child_wait(&c), 0);
	/* In memory SQLite opens no file that could take the three numbers before ours do. */
	struct fixture memory = {.dir = ":memory:"};
	c = child_start(run_without_fds, &memory);
	assert_int_equal(child_wait(&c), 0);
}

struct inherited {
	struct store *s;
	struct owner *o;
	const char *job;
};

static void run_inheritor(int from, int to, void *ctx)
{
	(void)from, (void)to;
	struct inherited *i = ctx;
	struct err e = {0};
	bad(append_note(i->s, i->job, owner_epoch(i->o), 1, &e), &e, ERR_REFUSED, "fork");
	owner_free(i->o);
	store_close(i->s);
}

static void test_fork(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	struct store *s = must_open(f->dir);
	char *a = must_job(s, "a");
	struct inherited i = {s, must_own(s, a), a};
	struct child c = child_start(run_inheritor, &i);
	assert_int_equal(child_wait(&c), 0);
	assert_true(store_job_running(s, a));
	good(append_note(s, a, owner_epoch(i.o), 1, &e), &e);
	owner_free(i.o);
	free(a);
	store_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_file_systems),  TEST(test_settings_of_the_database),
	    TEST(test_newer),         TEST(test_of_another_program),
	    TEST(test_no_database),   TEST(test_corrupt),
	    TEST(test_read_only),     TEST(test_no_permission),
	    TEST(test_no_directory),  TEST(test_locked),
	    TEST(test_open_together), TEST(test_descriptors),
	    TEST(test_fork),
	};
	return cmocka_run_group_tests_name("store: place", tests, NULL, NULL);
}
