/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "store/db.h"

#include "base/i18n.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *reason(struct store *s)
{
	return s->os_error ? err_system(s->os_error) : sqlite3_errmsg(s->db);
}

int db_fail(struct store *s, struct err *e)
{
	char holder[128];
	const char *file = s->memory ? M_("the database") : s->file;
	s->code = sqlite3_extended_errcode(s->db);
	s->os_error = sqlite3_system_errno(s->db);
	switch (s->code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		db_lock_holder(s, holder, sizeof(holder));
		return err_set(e, ERR_LOCKED,
			       "%-s is locked by %-s (waited %.1f s); end that program, then try "
			       "again",
			       file, holder, s->waited_ms / 1000.0);
	case SQLITE_FULL:
		return err_set(e, ERR_SYSTEM,
			       "no space left for %-s; free some on its file system, then "
			       "'hitless resume' continues a job",
			       file);
	case SQLITE_IOERR:
		return err_set(e, ERR_SYSTEM,
			       "I/O error on %-s: %-s; check the disk (dmesg), then 'hitless "
			       "resume' continues a job",
			       file, reason(s));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(e, ERR_CORRUPT,
			       "%-s is damaged (%-s); keep a copy of its directory and restore a "
			       "backup, or name another one with --state DIR",
			       file, sqlite3_errmsg(s->db));
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return err_set(e, ERR_SYSTEM,
			       "cannot write %-s: %-s; correct the permissions or name another "
			       "directory with --state DIR",
			       file, reason(s));
	default:
		return err_set(e, ERR_SYSTEM, "the database %-s failed: %-s", file,
			       sqlite3_errmsg(s->db));
	}
}

bool db_was_full(struct store *s)
{
	/* SQLite knows ENOSPC as "full", but an exhausted quota as a write error. */
	return (s->code & 0xff) == SQLITE_FULL ||
	       (s->code == SQLITE_IOERR_WRITE && s->os_error == EDQUOT);
}

bool db_was_fatal(struct store *s)
{
	switch (s->code & 0xff) {
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return true;
	default:
		return false;
	}
}

static sqlite3_stmt *prepared(struct store *s, const char *sql, struct err *e)
{
	for (size_t i = 0; i < s->prepared.n; i++)
		if (s->prepared.v[i].sql == sql)
			return s->prepared.v[i].statement;
	struct db_prepared p = {.sql = sql};
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &p.statement, NULL) !=
	    0) {
		db_fail(s, e);
		return NULL;
	}
	VEC_PUSH(&s->prepared, p);
	return p.statement;
}

static int bind(sqlite3_stmt *q, const char *types, va_list ap)
{
	int rc = SQLITE_OK;
	for (int i = 0; types[i] && rc == SQLITE_OK; i++) {
		if (types[i] == 'i')
			rc = sqlite3_bind_int64(q, i + 1, va_arg(ap, int64_t));
		else
			rc = sqlite3_bind_text(q, i + 1, va_arg(ap, const char *), -1,
			                       SQLITE_STATIC);
	}
	return rc;
}

static sqlite3_stmt *vquery(struct store *s, struct err *e, const char *sql, const char *types,
                            va_list ap)
{
	sqlite3_stmt *q = prepared(s, sql, e);
	if (q && bind(q, types, ap) != SQLITE_OK) {
		db_fail(s, e);
		return NULL;
	}
	return q;
}

sqlite3_stmt *db_query(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = vquery(s, e, sql, types, ap);
	va_end(ap);
	return q;
}

int db_step(struct store *s, sqlite3_stmt *q, struct err *e)
{
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : db_fail(s, e);
}

void db_done(sqlite3_stmt *q)
{
	/* sqlite3_reset repeats the error of the last step, which db_step has reported. */
	(void)sqlite3_reset(q);
	(void)sqlite3_clear_bindings(q);
}

int db_run(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = vquery(s, e, sql, types, ap);
	va_end(ap);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	db_done(q);
	return rc < 0 ? -1 : 0;
}

int db_exec(struct store *s, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_fail(s, e);
}

int db_int(struct store *s, struct err *e, int64_t *out, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = vquery(s, e, sql, types, ap);
	va_end(ap);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	if (rc == 1)
		*out = sqlite3_column_int64(q, 0);
	db_done(q);
	return rc;
}

char *db_text(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = vquery(s, e, sql, types, ap);
	va_end(ap);
	if (!q)
		return NULL;
	char *text = db_step(s, q, e) == 1 ? xstrdup(column_text(q, 0)) : NULL;
	db_done(q);
	return text;
}

const char *column_text(sqlite3_stmt *q, int i)
{
	return (const char *)sqlite3_column_text(q, i);
}

int db_begin(struct store *s, struct err *e)
{
	if (getpid() != s->pid)
		return err_set(e, ERR_REFUSED,
		               "the database was opened before fork(); open it again");
	/* IMMEDIATE: the lock is waited for here, never in the middle of what was read. */
	return db_run(s, e, "BEGIN IMMEDIATE", "");
}

int db_commit(struct store *s, struct err *e)
{
	return db_run(s, e, "COMMIT", "");
}

void db_rollback(struct store *s)
{
	/* After some errors SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(s->db))
		(void)db_run(s, NULL, "ROLLBACK", "");
}

int db_end(struct store *s, int rc, struct err *e)
{
	if (rc == 0)
		rc = db_commit(s, e);
	if (rc != 0)
		db_rollback(s);
	return rc == 0 ? 0 : -1;
}
