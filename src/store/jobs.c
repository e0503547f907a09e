/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "store/db.h"

#include "base/path.h"
#include "base/utf8.h"
#include "model/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_PREFIX      "job_"
#define ID_DIGITS      16
#define NAME_MAX_BYTES 128

static bool looks_like_id(const char *text)
{
	size_t n = strlen(ID_PREFIX);
	return str_starts(text, ID_PREFIX) && strlen(text) == n + ID_DIGITS &&
	       strspn(text + n, "0123456789abcdef") == ID_DIGITS;
}

static int check_name(const char *name, struct err *e)
{
	size_t n = strlen(name);
	if (n == 0 || n > NAME_MAX_BYTES || !utf8_valid(name, n))
		return err_set(e, ERR_INPUT, "a job's name has 1 to %d bytes of UTF-8",
		               NAME_MAX_BYTES);
	for (size_t i = 0; i < n; i++)
		if (iscntrl((unsigned char)name[i]))
			return err_set(e, ERR_INPUT, "a job's name holds no control characters");
	if (looks_like_id(name))
		return err_set(e, ERR_INPUT, "'%s' looks like the id of a job; choose another name",
		               name);
	return 0;
}

static int check_space(const struct store *s, struct err *e)
{
	int64_t space = s->memory ? INT64_MAX : path_free_space(s->dir);
	if (space >= s->head_room)
		return 0;
	if (space < 0)
		return err_sys(e, "cannot ask for the free space of %s", s->dir);
	return err_set(
	    e, ERR_SYSTEM,
	    "only %lld MiB free in %s, a job needs %lld MiB for its journal; free some, or name "
	    "another directory with --state DIR",
	    (long long)space >> 20, s->dir, (long long)s->head_room >> 20);
}

static char *new_id(struct err *e)
{
	uint64_t random;
	if (getrandom(&random, sizeof(random), 0) == (ssize_t)sizeof(random))
		return xasprintf(ID_PREFIX "%016" PRIx64, random);
	err_sys(e, "cannot get a random number");
	return NULL;
}

static int insert(struct store *s, const char *id, const char *name, struct err *e)
{
	int64_t number = 0;
	int rc = db_int(s, e, &number, "SELECT number FROM jobs WHERE name = ?", "t", name);
	if (rc == 1)
		return err_set(e, ERR_INPUT, "there is a job '%s' already; choose another name",
		               name);
	if (rc < 0)
		return -1;
	/* The chain of the journal begins at the job's id: a journal cannot be given to another
	 * job. */
	return db_run(s, e, "INSERT INTO jobs (id, name, created, head_hash) VALUES (?, ?, ?, ?)",
	              "ttit", id, name, s->clock->wall(s->clock), id);
}

/* before NULL: there is none. */
static int rename_job(struct store *s, const char *before, const char *renamed, struct err *e)
{
	if (!before)
		return 0;
	return db_run(s, e, "UPDATE jobs SET name = ? WHERE id = ?", "tt", renamed, before);
}

static int make_job(struct store *s, const char *id, const char *name, const char *before,
		    const char *renamed, struct err *e)
{
	char *dir = store_job_dir(s, id, NULL, e);
	if (!dir)
		return -1;
	int rc = db_begin(s, e);
	if (rc == 0) {
		rc = rename_job(s, before, renamed, e);
		rc = db_end(s, rc == 0 ? insert(s, id, name, e) : rc, e);
	}
	if (rc != 0)
		(void)rmdir(dir); /* an empty directory more does no harm */
	free(dir);
	return rc;
}

int store_job_new(struct store *s, const char *name, char **id, struct err *e)
{
	return store_job_instead(s, name, NULL, NULL, id, e);
}

int store_job_instead(struct store *s, const char *name, const char *before, const char *renamed,
		      char **id, struct err *e)
{
	*id = NULL;
	if (check_name(name, e) != 0 || check_space(s, e) != 0)
		return -1;
	ballast_load(s);
	char *fresh = new_id(e);
	if (!fresh)
		return -1;
	if (make_job(s, fresh, name, before, renamed, e) != 0) {
		free(fresh);
		return -1;
	}
	*id = fresh;
	return 0;
}

int store_jobs(struct store *s, struct job_rows *out, struct err *e)
{
	sqlite3_stmt *q = db_query(s, e, "SELECT id, name, created, head, finished FROM jobs ORDER BY number", "");
	if (!q)
		return -1;
	int rc;
	while ((rc = db_step(s, q, e)) == 1) {
		struct job_row *row = VEC_ADD(out);
		row->id = xstrdup(column_text(q, 0));
		row->name = xstrdup(column_text(q, 1));
		row->created = sqlite3_column_int64(q, 2);
		row->head = sqlite3_column_int64(q, 3);
		row->finished = sqlite3_column_int64(q, 4) != 0;
	}
	db_done(q);
	return rc;
}

void job_rows_release(struct job_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		free(rows->v[i].id);
		free(rows->v[i].name);
	}
	VEC_RELEASE(rows);
}

static void not_found(struct store *s, const char *word, struct err *e)
{
	struct job_rows rows = {0};
	if (store_jobs(s, &rows, e) == 0) {
		const char **names = xcalloc(rows.n + 1, sizeof(*names));
		for (size_t i = 0; i < rows.n; i++)
			names[i] = rows.v[i].name;
		const char *near = json_nearest(word, names);
		if (near)
			err_set(e, ERR_INPUT, "there is no job '%s'; did you mean '%s'?", word,
			        near);
		else if (rows.n)
			err_set(e, ERR_INPUT,
			        "there is no job '%s'; the newest is '%s', 'hitless jobs' "
			        "lists all",
			        word, names[rows.n - 1]);
		else
			err_set(e, ERR_INPUT, "there is no job '%s', nor any other", word);
		free(names);
	}
	job_rows_release(&rows);
}

char *store_job_find(struct store *s, const char *name_or_id, struct err *e)
{
	struct err why = {0};
	char *id =
	    db_text(s, &why, "SELECT id FROM jobs WHERE id = ?1 OR name = ?1", "t", name_or_id);
	if (!id && why.kind != ERR_NONE)
		err_text(e, why.kind, why.text);
	else if (!id)
		not_found(s, name_or_id, e);
	return id;
}

char *store_job_name(struct store *s, const char *id)
{
	struct err unread = {0};
	return db_text(s, &unread, "SELECT name FROM jobs WHERE id = ?1", "t", id);
}

char *store_job_dir(struct store *s, const char *job, const char *device, struct err *e)
{
	if (!path_is_name(job) || (device && !path_is_name(device))) {
		err_set(e, ERR_INPUT, "'%s' cannot be the name of a directory",
		        device ? device : job);
		return NULL;
	}
	char *dir = device ? job_file(s, job, device) : xasprintf("%s/jobs/%s", s->dir, job);
	if (path_make_dirs(dir, e) != 0) {
		free(dir);
		return NULL;
	}
	return dir;
}
