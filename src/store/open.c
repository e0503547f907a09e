/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "store/db.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A disk that is nearly full is no place to start a job that must be able to write to the end: the
 * journal of a job with 1,000 devices takes about 20 MiB (reliability.md 263: twice what is
 * expected), rounded up. */
#define HEAD_ROOM     ((int64_t)64 << 20)
#define WAIT_LIMIT_MS 10000 /* reliability.md 278: 5 to 10 s */
#define RETRY_MS      5
#define VALUE_MAX     (64 << 20) /* bytes of one value; SQLite's own limit is 1 GB */

static void log_message(void *unused, int code, const char *text)
{
	(void)unused;
	log_line("store", "sqlite %d: %s", code, text);
}

/* Once a process, before SQLite starts. When something else has started it already SQLite refuses,
 * and its messages only miss our log. */
static void configure_once(void)
{
	if (sqlite3_config(SQLITE_CONFIG_LOG, log_message, NULL) != SQLITE_OK)
		log_line("store", "sqlite runs already: its messages go elsewhere");
}

/* The file may come from anybody: nothing in its schema is trusted, nothing may bend it. */
static int harden(struct store *s, struct err *e)
{
	static const struct {
		int option, value;
	} options[] = {
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	};
	for (size_t i = 0; i < LEN(options); i++)
		if (sqlite3_db_config(s->db, options[i].option, options[i].value, NULL) !=
		    SQLITE_OK)
			return db_fail(s, e);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_extended_result_codes(s->db, 1);
	return sqlite3_busy_handler(s->db, db_busy, s) == SQLITE_OK ? 0 : db_fail(s, e);
}

/* What kind of file it is, read in one transaction: another process may be making it now. */
static int read_marks(struct store *s, int64_t *application, int64_t *version, int64_t *objects,
                      struct err *e)
{
	if (db_exec(s, "BEGIN", e) != 0)
		return -1;
	int rc = db_int(s, e, application, "PRAGMA application_id", "") == 1 &&
	                 db_int(s, e, version, "PRAGMA user_version", "") == 1 &&
	                 db_int(s, e, objects, "SELECT count(*) FROM sqlite_schema", "") == 1
	             ? 0
	             : -1;
	return db_end(s, rc, e);
}

/* Ours, and not newer than we are? An empty database is a new one. */
static int identify(struct store *s, struct err *e)
{
	int64_t application = 0, version = 0, objects = 0;
	if (read_marks(s, &application, &version, &objects, e) != 0)
		return -1;
	if (application != DB_APPLICATION && (application != 0 || version != 0 || objects != 0))
		return err_set(e, ERR_REFUSED,
		               "%s is a database of another program; name another directory with "
		               "--state DIR",
		               s->file);
	if (version > db_newest_version())
		return err_set(
		    e, ERR_REFUSED,
		    "%s was written by a newer hitless (format %d, this one knows %d); use "
		    "that one, or name another directory with --state DIR",
		    s->file, (int)version, (int)db_newest_version());
	return 0;
}

static int check_file(struct store *s, struct err *e)
{
	struct err why = {0};
	char *verdict = db_text(s, &why, "PRAGMA quick_check(1)", "");
	int rc = 0;
	if (!verdict && why.kind != ERR_CORRUPT)
		rc = err_text(e, why.kind, why.text);
	else if (!str_eq(verdict, "ok"))
		rc = err_set(e, ERR_CORRUPT,
			     "%s is damaged (%-s); keep a copy of its directory and restore a "
			     "backup, or name another one with --state DIR",
			     s->file, verdict ? verdict : M_("it cannot be read"));
	free(verdict);
	return rc;
}

static int set_up_file(struct store *s, struct err *e)
{
	if (sqlite3_db_readonly(s->db, "main") == 1)
		return err_set(e, ERR_SYSTEM,
		               "cannot write %s; correct the permissions or name another "
		               "directory with --state DIR",
		               s->file);
	if (identify(s, e) != 0 || check_file(s, e) != 0)
		return -1;
	char *mode = db_text(s, e, "PRAGMA journal_mode = WAL", "");
	bool wal = str_eq(mode, "wal");
	if (mode && !wal)
		err_set(e, ERR_SYSTEM,
		        "%s: no write-ahead log on this file system (%s); name another "
		        "directory with --state DIR",
		        s->file, mode);
	free(mode);
	return wal ? 0 : -1;
}

static int set_up(struct store *s, struct err *e)
{
	if (harden(s, e) != 0 || (!s->memory && set_up_file(s, e) != 0))
		return -1;
	if (db_exec(s,
	            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
	            "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0",
	            e) != 0)
		return -1;
	return db_migrate(s, e);
}

/* While another process makes the database, or closes it as the last one, SQLite says "busy" at
 * once and in places where it does not ask the busy handler. All of set_up may be done again. */
static int set_up_patiently(struct store *s, struct err *e)
{
	for (int waited = 0;; waited += RETRY_MS) {
		s->code = 0;
		s->waited_ms = 0;
		if (set_up(s, e) == 0)
			return 0;
		bool at_once = (s->code & 0xff) == SQLITE_BUSY && s->waited_ms < s->wait_limit_ms;
		if (!at_once || waited >= s->wait_limit_ms)
			return -1;
		(void)poll(NULL, 0, RETRY_MS);
	}
}

static char *private_dir(struct err *e)
{
	const char *base = getenv("TMPDIR");
	char *dir = path_join(base && *base == '/' ? base : "/tmp", "hitless.XXXXXX");
	if (mkdtemp(dir))
		return dir;
	err_sys(e, "cannot make a temporary directory %s", dir);
	free(dir);
	return NULL;
}

static char *state_dir(const char *given, struct err *e)
{
	char *dir = given ? xstrdup(given) : path_xdg("STATE", e), *full = NULL;
	if (dir && path_make_dirs(dir, e) == 0) {
		full = realpath(dir, NULL);
		if (!full)
			err_sys(e, "cannot use %s", dir);
		else if (store_place_check(full, e) != 0 || place_sync(full, e) != 0)
			free(full), full = NULL;
	}
	free(dir);
	return full;
}

static int open_database(struct store *s, struct err *e)
{
	/* NOMUTEX: one handle belongs to one thread. SQLite opens with O_CLOEXEC. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(s->memory ? ":memory:" : s->file, &s->db, flags, NULL) != SQLITE_OK)
		return s->db ? db_fail(s, e) : err_set(e, ERR_SYSTEM, "no memory for the database");
	return set_up_patiently(s, e);
}

static int note_file(struct store *s, struct err *e)
{
	struct stat st;
	if (s->memory)
		return 0;
	if (stat(s->file, &st) != 0)
		return err_sys(e, "cannot use %s", s->file);
	s->device = st.st_dev;
	s->inode = st.st_ino;
	return 0;
}

/* A file that was removed can be written as long as it is open: SQLite would notice nothing. */
int store_still_there(const struct store *s, struct err *e)
{
	struct stat st;
	if (s->memory ||
	    (stat(s->file, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode))
		return 0;
	return err_set(e, ERR_SYSTEM,
		       "%s was removed, or another one is in its place: what happens from now on "
		       "could not be written down, so nothing more is done; bring the directory "
		       "back, then 'hitless resume', or look at each device of the job",
		       s->file);
}

struct store *store_open(const char *dir, struct clock *clock, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	place_standard_fds();
	(void)pthread_once(&once, configure_once);
	bool memory = str_eq(dir, ":memory:");
	char *place = memory ? private_dir(e) : state_dir(dir, e);
	if (!place)
		return NULL;
	struct store *s = xcalloc(1, sizeof(*s));
	s->dir = place;
	s->file = memory ? xstrdup("") : path_join(place, "hitless.db");
	s->clock = clock;
	s->memory = memory;
	s->pid = getpid();
	s->head_room = HEAD_ROOM;
	s->wait_limit_ms = WAIT_LIMIT_MS;
	if (open_database(s, e) != 0 || note_file(s, e) != 0) {
		store_close(s);
		return NULL;
	}
	ballast_load(s);
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	/* After fork() the connection is the parent's: only our copy of its memory may go. */
	bool ours = getpid() == s->pid;
	for (size_t i = 0; ours && i < s->prepared.n; i++)
		(void)sqlite3_finalize(s->prepared.v[i].statement);
	if (ours && sqlite3_close(s->db) != SQLITE_OK)
		log_line("store", "closing %s: %s", s->file, sqlite3_errmsg(s->db));
	struct err e = {0};
	if (ours && s->memory && path_remove_tree(s->dir, &e) != 0)
		log_line("store", "%s", e.text);
	VEC_RELEASE(&s->prepared);
	free(s->dir);
	free(s->file);
	free(s);
}

const char *store_library(void)
{
	return sqlite3_libversion();
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

char *store_path(const struct store *s, const char *name)
{
	return path_join(s->dir, name);
}

int64_t store_version(struct store *s)
{
	int64_t others = 0;
	/* data_version counts what other connections committed, total_changes what this one did. */
	if (db_int(s, NULL, &others, "PRAGMA data_version", "") != 1)
		return -1;
	return others * ((int64_t)1 << 32) + sqlite3_total_changes(s->db);
}
