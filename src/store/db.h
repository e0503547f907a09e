/* SPDX-License-Identifier: ISC */
/*
 * Private to src/store: the handle, prepared statements by their text, transactions, and SQLite's
 * result codes turned into errors that say what to do.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/str.h"
#include "base/vec.h"
#include "store/store.h"

#include <sqlite3.h>
#include <sys/types.h>

#define DB_APPLICATION 0x6869746c /* "hitl", at a fixed place of the file: file(1) can name it */

struct store {
	sqlite3 *db;
	char *dir;  /* absolute */
	char *file; /* the database; "" in memory */
	struct clock *clock;
	dev_t device; /* of the file, when it was opened */
	ino_t inode;
	bool memory;
	pid_t pid; /* a connection must not cross fork() (reliability.md 275) */
	VEC(struct db_prepared) prepared;
	struct err failed;  /* the journal's first I/O error; no append after it */
	int code, os_error; /* of the last failure (a rollback hides it from SQLite) */
	int64_t head_room;  /* bytes that must be free for a new job */
	int wait_limit_ms;  /* patience with locks of other processes */
	int waited_ms;      /* in the wait that goes on now */
	void (*tell)(void *ctx, const char *text);
	void *tell_ctx;
};

struct db_prepared {
	const char *sql; /* a literal: compared by address */
	sqlite3_stmt *statement;
};

/* A bound statement, ready to step. `types` has a letter for each value that follows: i int64_t,
 * t const char * (NULL: null; must live until db_done). `sql` must be a literal. NULL and e. */
sqlite3_stmt *db_query(struct store *s, struct err *e, const char *sql, const char *types, ...);
/* 1: a row, 0: the end, -1 and e. */
int db_step(struct store *s, sqlite3_stmt *q, struct err *e);
void db_done(sqlite3_stmt *q);
/* Carry out a statement that gives no rows. */
int db_run(struct store *s, struct err *e, const char *sql, const char *types, ...);
/* Several statements at once, without values. */
int db_exec(struct store *s, const char *sql, struct err *e);

/* The first column of the first row: *out unchanged when there is none. 1: found, 0: none, -1. */
int db_int(struct store *s, struct err *e, int64_t *out, const char *sql, const char *types, ...);
char *db_text(struct store *s, struct err *e, const char *sql, const char *types, ...); /* new */

const char *column_text(sqlite3_stmt *q, int i); /* borrowed until the next step; NULL for null */

/* A writing transaction. Every way out is db_commit or db_rollback; db_end chooses by rc, and gives
 * -1 when rc was not 0 or the commit failed. */
int db_begin(struct store *s, struct err *e);
int db_commit(struct store *s, struct err *e);
void db_rollback(struct store *s);
int db_end(struct store *s, int rc, struct err *e);

/* Describe the failure that the connection has just had, and remember its code; always -1. */
int db_fail(struct store *s, struct err *e);
/* The last failure was a full disk (or quota): nothing is lost by trying again with more space. */
bool db_was_full(struct store *s);
/* The last failure means that what is on the disk is not known any more. */
bool db_was_fatal(struct store *s);

/* wait.c: what SQLite calls while another process has the lock, and who that is. */
int db_busy(void *store, int count);
void db_lock_holder(const struct store *s, char *text, size_t size);

/* schema.c */
int db_migrate(struct store *s, struct err *e);
int64_t db_newest_version(void);

/* place.c: may a database live here? */
const char *
place_refused_type(long magic); /* name of a file system that may not hold it, or NULL */
int place_sync(const char *dir, struct err *e); /* fsync of a directory */
void place_standard_fds(void);

#define BALLAST_BYTES (1 << 20)
void ballast_load(const struct store *s);
bool ballast_release(const struct store *s); /* true: there was one */

/* lock.c: the lock file of a job */
#define LOCK_TAKEN (-2)
/* A descriptor that holds the lock as long as it is open; LOCK_TAKEN; -1 and e. */
int job_lock_open(const struct store *s, const char *job, struct err *e);
bool job_lock_held(const struct store *s, const char *job);
char *job_file(const struct store *s, const char *job, const char *name); /* new */
int job_number(struct store *s, const char *job, int64_t *number, struct err *e);

/* image_use.c: 0, or ERR_LOCKED with the job that is under way and needs the image. */
int image_check_unused(struct store *s, const struct image *i, struct err *e);

/* owner.c */
void wake_owner(const struct store *s, const char *job);

#endif
