/* SPDX-License-Identifier: ISC */
/* Device locks: a device is in one unfinished job at a time, whatever name it has there. */
#include "config.h"

#include "store/db.h"

#include <stdlib.h>
#include <string.h>

struct holder {
	char *name; /* of the device in that job */
	char *job, *job_name;
	int64_t number;
	bool finished;
};

static void holder_release(struct holder *h)
{
	free(h->name);
	free(h->job);
	free(h->job_name);
}

/* 1: somebody holds it, 0: free, -1 and e. */
static int find_holder(struct store *s, const char *identity, struct holder *h, struct err *e)
{
	sqlite3_stmt *q = db_query(s, e,
	                           "SELECT d.name, j.id, j.name, j.number, j.finished"
	                           " FROM device_locks d JOIN jobs j ON j.number = d.job"
	                           " WHERE d.identity = ?",
	                           "t", identity);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	if (rc == 1)
		*h = (struct holder){.name = xstrdup(column_text(q, 0)),
		                     .job = xstrdup(column_text(q, 1)),
		                     .job_name = xstrdup(column_text(q, 2)),
		                     .number = sqlite3_column_int64(q, 3),
		                     .finished = sqlite3_column_int(q, 4) != 0};
	db_done(q);
	return rc;
}

/* A process that died in the middle of a job may have left the device half upgraded: only a job
 * that came to its end gives its devices away. */
static bool may_take_over(const struct store *s, const struct holder *h)
{
	return h->finished && !job_lock_held(s, h->job);
}

static int say_locked(struct store *s, const struct holder *h, const char *name, struct err *e)
{
	char *who = store_job_holder(s, h->job);
	if (who)
		err_set(e, ERR_LOCKED,
			"%s is locked by job '%s' (%-s); wait for that job or cancel it", name,
			h->job_name, who);
	else
		err_set(e, ERR_LOCKED,
		        "%s is locked by job '%s', which stopped before its end; "
		        "'hitless resume %s' or 'hitless cancel %s' first",
		        name, h->job_name, h->job_name, h->job_name);
	free(who);
	return -1;
}

static int put(struct store *s, int64_t number, const char *identity, const char *name,
               struct err *e)
{
	return db_run(s, e,
	              "INSERT OR REPLACE INTO device_locks (identity, name, job, since)"
	              " VALUES (?, ?, ?, ?)",
	              "ttii", identity, name, number, s->clock->wall(s->clock));
}

static int lock_one(struct store *s, int64_t number, const char *identity, const char *name,
                    struct err *e)
{
	struct holder h = {0};
	int rc = find_holder(s, identity, &h, e);
	if (rc == 1 && h.number == number)
		rc = str_eq(h.name, name)
		         ? 0
		         : err_set(e, ERR_INPUT,
		                   "%s and %s are the same device (%s); take one out of "
		                   "the inventory",
		                   h.name, name, identity);
	else if (rc == 1 && !may_take_over(s, &h))
		rc = say_locked(s, &h, name, e);
	else if (rc >= 0)
		rc = put(s, number, identity, name, e);
	holder_release(&h);
	return rc;
}

static int lock_all(struct store *s, const char *job, char *const *identities, char *const *names,
                    size_t n, struct err *e)
{
	int64_t number = 0;
	int rc = job_number(s, job, &number, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = lock_one(s, number, identities[i], names[i], e);
	return rc;
}

/* Jobs at work: their process lives and they hold devices. In the transaction that takes ours, so
 * that of two that start at the same time one sees the other. */
static int check_limit(struct store *s, const char *job, size_t limit, struct err *e)
{
	struct str names = {0};
	size_t n = 0;
	int rc = 0, more;
	sqlite3_stmt *q = db_query(s, e,
				   "SELECT id, name FROM jobs"
				   " WHERE number IN (SELECT job FROM device_locks)",
				   "");
	if (!q)
		return -1;
	while ((more = db_step(s, q, e)) == 1) {
		const char *id = column_text(q, 0);
		if (str_eq(id, job) || !job_lock_held(s, id))
			continue;
		str_printf(&names, "%s'%s'", n++ ? ", " : "", column_text(q, 1));
	}
	db_done(q);
	rc = more;
	if (rc == 0 && n >= limit)
		rc = err_set(e, ERR_LOCKED,
			     "%zu jobs run already (%s), at most %zu may; wait for one of them, or "
			     "'hitless setting set job-limit N'",
			     n, str_text(&names), limit);
	str_release(&names);
	return rc;
}

int store_lock_devices(struct store *s, const char *job, char *const *identities,
		       char *const *names, size_t n, size_t limit, struct err *e)
{
	if (db_begin(s, e) != 0)
		return -1;
	int rc = limit ? check_limit(s, job, limit, e) : 0;
	if (rc == 0)
		rc = lock_all(s, job, identities, names, n, e);
	return db_end(s, rc, e);
}

int store_unlock_devices(struct store *s, const char *job, struct err *e)
{
	int64_t number = 0;
	if (job_number(s, job, &number, e) != 0)
		return -1;
	return db_run(s, e, "DELETE FROM device_locks WHERE job = ?", "i", number);
}

char *store_device_holder(struct store *s, const char *identity, const char *not_job)
{
	struct holder h = {0};
	char *name = NULL;
	if (find_holder(s, identity, &h, NULL) == 1 && !str_eq(h.job, not_job) &&
	    !may_take_over(s, &h))
		name = xstrdup(h.job_name);
	holder_release(&h);
	return name;
}

char *store_device_left(struct store *s, const char *identity, const char *not_job)
{
	struct holder h = {0};
	char *name = NULL;
	if (find_holder(s, identity, &h, NULL) == 1 && !str_eq(h.job, not_job) &&
	    may_take_over(s, &h))
		name = xstrdup(h.job_name);
	holder_release(&h);
	return name;
}

size_t store_running_jobs(struct store *s, const char *not_job)
{
	size_t n = 0;
	sqlite3_stmt *q = db_query(s, NULL, "SELECT id FROM jobs JOIN owners ON job = number", "");
	while (q && db_step(s, q, NULL) == 1) {
		const char *id = column_text(q, 0);
		n += !str_eq(id, not_job) && job_lock_held(s, id);
	}
	if (q)
		db_done(q);
	return n;
}

int64_t store_locked(struct store *s, const char *job, struct err *e)
{
	int64_t n = 0;
	if (db_int(s, e, &n,
		   "SELECT count(*) FROM device_locks WHERE job = (SELECT number FROM jobs WHERE "
		   "id = ?)",
		   "t", job) < 0)
		return -1;
	return n;
}

void lock_rows_release(struct lock_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		free(rows->v[i].identity);
		free(rows->v[i].device);
		free(rows->v[i].job);
		free(rows->v[i].id);
	}
	VEC_RELEASE(rows);
}

int store_locks(struct store *s, struct lock_rows *out, struct err *e)
{
	int more;
	*out = (struct lock_rows){0};
	sqlite3_stmt *q = db_query(s, e,
				   "SELECT d.identity, d.name, j.name, j.id, d.since, j.finished"
				   " FROM device_locks d JOIN jobs j ON j.number = d.job"
				   " ORDER BY j.number, d.name, d.identity",
				   "");
	if (!q)
		return -1;
	while ((more = db_step(s, q, e)) == 1)
		VEC_PUSH(out,
			 ((struct lock_row){xstrdup(column_text(q, 0)), xstrdup(column_text(q, 1)),
					    xstrdup(column_text(q, 2)), xstrdup(column_text(q, 3)),
					    sqlite3_column_int64(q, 4),
					    sqlite3_column_int(q, 5) != 0}));
	db_done(q);
	for (size_t i = 0; i < out->n; i++)
		out->v[i].left = out->v[i].left && !job_lock_held(s, out->v[i].id);
	return more;
}
