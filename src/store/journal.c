/* SPDX-License-Identifier: ISC */
/*
 * The journal. Every record carries
 *
 *   hash = SHA-256( prev " " seq " " wall " " kind " " |device| " " |step| " " |data| LF
 *                   device step data )
 *
 * where prev is the hash of the record before (of the first one: the job's id), numbers are
 * decimal, |x| is the length in bytes (-1: there is none) and data are the bytes of the JSON as
 * stored. A record that was changed, moved, put in or taken out breaks the chain there; the job's
 * row keeps number and hash of the last record, so that a cut end shows too.
 */
#include "config.h"

#include "store/db.h"

#include "base/i18n.h"
#include "base/log.h"
#include "model/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNK 128 /* records read at once: no lock is held while the reader works on them */

struct head {
	int64_t number; /* of the job */
	int64_t epoch;
	int64_t seq; /* of the last record; 0: none */
	char hash[DIGEST_HEX];
};

static void link_hash(const char *prev, const struct record *r, const char *kind, const char *data,
                      char hash[DIGEST_HEX])
{
	struct str text = {0};
	str_printf(&text, "%s %" PRId64 " %" PRId64 " %s %zd %zd %zu\n", prev, r->seq, r->wall,
	           kind, r->device ? (ssize_t)strlen(r->device) : -1,
	           r->step ? (ssize_t)strlen(r->step) : -1, strlen(data));
	str_puts(&text, r->device);
	str_puts(&text, r->step);
	str_puts(&text, data);
	digest_bytes(text.buf, text.len, hash);
	str_release(&text);
}

static int load_head(struct store *s, const char *job, struct head *head, struct err *e)
{
	sqlite3_stmt *q = db_query(
	    s, e, "SELECT number, epoch, head, head_hash FROM jobs WHERE id = ?", "t", job);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	if (rc == 1) {
		head->number = sqlite3_column_int64(q, 0);
		head->epoch = sqlite3_column_int64(q, 1);
		head->seq = sqlite3_column_int64(q, 2);
		snprintf(head->hash, sizeof(head->hash), "%s", column_text(q, 3));
	} else if (rc == 0) {
		err_set(e, ERR_INPUT, "there is no job %s", job);
	}
	db_done(q);
	return rc == 1 ? 0 : -1;
}

/* --- writing --------------------------------------------------------------------------------- */
static int insert(struct store *s, const struct head *head, const struct record *r,
                  const char *kind, const char *data, struct err *e)
{
	return db_run(s, e,
	              "INSERT INTO journal (job, seq, wall, kind, device, step, data, hash)"
	              " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	              "iiittttt", head->number, r->seq, r->wall, kind, r->device, r->step, data,
	              head->hash);
}

/* A record that carries out a command takes the command off the queue in the same transaction:
 * there is no moment at which a crash could lose it or carry it out twice. */
static int take_command(struct store *s, const struct head *head, const struct record *r,
                        struct err *e)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(r->data, "command_id");
	if (!cJSON_IsNumber(id))
		return 0;
	return db_run(s, e, "DELETE FROM commands WHERE id = ? AND job = ?", "ii",
	              (int64_t)id->valuedouble, head->number);
}

/* The job is finished from its `end` until a process takes it again. */
static int note_end(struct store *s, const struct head *head, const struct record *r, struct err *e)
{
	if (r->kind != RECORD_END && r->kind != RECORD_OWNER)
		return 0;
	return db_run(s, e, "UPDATE jobs SET finished = ? WHERE number = ?", "ii",
	              (int64_t)(r->kind == RECORD_END), head->number);
}

static int append_one(struct store *s, struct head *head, struct record *r, struct err *e)
{
	char *data = cJSON_PrintBuffered(r->data, 512, 0);
	if (!data)
		abort(); /* no memory: base/mem.c */
	const char *kind = record_kind_name(r->kind);
	char prev[DIGEST_HEX];
	memcpy(prev, head->hash, sizeof(prev));
	r->seq = ++head->seq;
	if (!r->wall) /* the writer's time, if it has one of its own */
		r->wall = s->clock->wall(s->clock);
	link_hash(prev, r, kind, data, head->hash);
	int rc = insert(s, head, r, kind, data, e);
	cJSON_free(data);
	if (rc == 0)
		rc = take_command(s, head, r, e);
	return rc == 0 ? note_end(s, head, r, e) : rc;
}

static int append_all(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                      struct err *e)
{
	struct head head;
	if (load_head(s, job, &head, e) != 0)
		return -1;
	if (head.epoch != epoch)
		return err_set(e, ERR_LOCKED,
			       "another process has taken over job %s (it is owner %lld, this is "
			       "%lld); this one must stop",
			       job, (long long)head.epoch, (long long)epoch);
	for (size_t i = 0; i < n; i++)
		if (append_one(s, &head, r[i], e) != 0)
			return -1;
	return db_run(s, e, "UPDATE jobs SET head = ?, head_hash = ? WHERE number = ?", "iti",
	              head.seq, head.hash, head.number);
}

static int append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                  struct err *e)
{
	s->code = 0;
	if (store_still_there(s, e) != 0 || db_begin(s, e) != 0)
		return -1;
	int rc = db_end(s, append_all(s, job, epoch, r, n, e), e);
	for (size_t i = 0; rc != 0 && i < n; i++)
		r[i]->seq = 0;
	return rc;
}

int store_append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                 struct err *e)
{
	struct err why = s->failed;
	if (why.kind != ERR_NONE)
		return err_text(e, why.kind, why.text);
	int rc = append(s, job, epoch, r, n, &why);
	if (rc != 0 && db_was_full(s) && ballast_release(s)) {
		/* A full disk is known before anything is lost; a failed fsync is not, and never
		 * gets here (reliability.md 261, 263). */
		log_line("store", "disk full: the ballast of %s is released", s->dir);
		rc = append(s, job, epoch, r, n, &why);
	}
	if (rc != 0 && db_was_fatal(s))
		s->failed = why;
	return rc == 0 ? 0 : err_text(e, why.kind, why.text);
}

/* --- reading --------------------------------------------------------------------------------- */
struct reader {
	struct store *s;
	const char *job;
	struct head head;      /* when reading began */
	int64_t seq;           /* last record read */
	char hash[DIGEST_HEX]; /* of that */
	const char *noted;     /* a hash that is looked for; NULL: none */
	int64_t noted_at;      /* the record that has it; 0: none yet */
	VEC(struct record *) chunk;
};

static int broken(const struct reader *in, int64_t seq, struct err *e, const char *how)
{
	return err_set(e, ERR_CORRUPT,
		       "job %s: record %lld of the journal %-s; it was changed outside of "
		       "hitless or the disk is bad: do not resume it",
		       in->job, (long long)seq, how);
}

static int parse_row(const struct reader *in, sqlite3_stmt *q, struct record *r, struct err *e)
{
	const char *kind_name = column_text(q, 2), *data = column_text(q, 5);
	char hash[DIGEST_HEX];
	r->seq = sqlite3_column_int64(q, 0);
	r->wall = sqlite3_column_int64(q, 1);
	r->device = xstrdup(column_text(q, 3));
	r->step = xstrdup(column_text(q, 4));
	if (r->seq != in->seq + 1)
		return broken(in, in->seq + 1, e, M_("is missing"));
	link_hash(in->hash, r, kind_name, data, hash);
	if (!str_eq(hash, column_text(q, 6)))
		return broken(in, r->seq, e, M_("is not what was written"));
	if (r->seq == in->head.seq && !str_eq(hash, in->head.hash))
		return broken(in, r->seq, e, M_("is not the last one that was written"));
	int kind = record_kind_find(kind_name);
	if (kind < 0)
		return err_set(e, ERR_REFUSED,
			       "job %s: record %lld is of the kind \"%s\", which only a newer "
			       "hitless knows",
			       in->job, (long long)r->seq, kind_name);
	r->kind = (enum record_kind)kind;
	r->data = cJSON_Parse(data);
	return r->data ? 0 : broken(in, r->seq, e, M_("is no JSON"));
}

static int read_row(struct reader *in, sqlite3_stmt *q, struct err *e)
{
	struct record *r = xcalloc(1, sizeof(*r));
	if (parse_row(in, q, r, e) != 0) {
		record_free(r);
		return -1;
	}
	in->seq = r->seq;
	snprintf(in->hash, sizeof(in->hash), "%s", column_text(q, 6));
	if (in->noted && strcasecmp(in->noted, in->hash) == 0)
		in->noted_at = in->seq;
	VEC_PUSH(&in->chunk, r);
	return 0;
}

/* Read up to `most` records into in->chunk. An error leaves those before it there. */
static int read_chunk(struct reader *in, int64_t most, struct err *e)
{
	sqlite3_stmt *q = db_query(in->s, e,
	                           "SELECT seq, wall, kind, device, step, data, hash"
	                           " FROM journal WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?",
	                           "iii", in->head.number, in->seq, most);
	if (!q)
		return -1;
	int rc = db_step(in->s, q, e);
	while (rc == 1 && (rc = read_row(in, q, e)) == 0)
		rc = db_step(in->s, q, e);
	db_done(q);
	return rc;
}

/* Where the chain is taken up: the hash of record `after`. */
static int start(struct reader *in, int64_t after, struct err *e)
{
	if (load_head(in->s, in->job, &in->head, e) != 0)
		return -1;
	in->seq = after;
	snprintf(in->hash, sizeof(in->hash), "%s", in->job);
	if (after <= 0 || after > in->head.seq)
		return 0;
	char *hash = db_text(in->s, e, "SELECT hash FROM journal WHERE job = ? AND seq = ?", "ii",
	                     in->head.number, after);
	if (!hash)
		return broken(in, after, e, M_("is missing"));
	snprintf(in->hash, sizeof(in->hash), "%s", hash);
	free(hash);
	return 0;
}

static int give(struct reader *in, int (*see)(void *, const struct record *, struct err *),
                void *ctx, struct err *e)
{
	int rc = 0;
	for (size_t i = 0; i < in->chunk.n; i++) {
		if (rc == 0)
			rc = see(ctx, in->chunk.v[i], e);
		record_free(in->chunk.v[i]);
	}
	in->chunk.n = 0;
	return rc;
}

/* From in->seq on; in->seq and in->hash tell how far it came. */
static int read_on(struct reader *in, size_t left,
                   int (*see)(void *ctx, const struct record *r, struct err *e), void *ctx,
                   struct err *e)
{
	struct err why = {0};
	int rc = 0;
	bool more = true;
	while (more) {
		int64_t most = left < CHUNK ? (int64_t)left : CHUNK;
		int bad = read_chunk(in, most, &why);
		size_t got = in->chunk.n;
		left -= got;
		rc = give(in, see, ctx, e);
		if (rc == 0 && bad != 0)
			rc = err_set(e, why.kind, "%s", why.text);
		more = rc == 0 && left > 0 && got == (size_t)most;
		if (rc == 0 && !more && left > 0 && in->seq < in->head.seq)
			rc = broken(in, in->seq + 1, e, M_("is missing"));
	}
	VEC_RELEASE(&in->chunk);
	return rc < 0 ? -1 : 0;
}

int store_read(struct store *s, const char *job, int64_t after, size_t limit,
               int (*see)(void *ctx, const struct record *r, struct err *e), void *ctx,
               struct err *e)
{
	struct reader in = {.s = s, .job = job};
	if (start(&in, after < 0 ? 0 : after, e) != 0)
		return -1;
	return read_on(&in, limit ? limit : SIZE_MAX, see, ctx, e);
}

static int pass_over(void *ctx, const struct record *r, struct err *e)
{
	(void)e;
	*(int64_t *)ctx = r->wall;
	return 0;
}

int store_verify(struct store *s, const char *job, int64_t upto, const char *noted,
                 struct store_chain *out, struct err *e)
{
	struct reader in = {.s = s, .job = job, .noted = noted};
	*out = (struct store_chain){0};
	if (start(&in, 0, e) != 0 ||
	    read_on(&in, upto > 0 ? (size_t)upto : SIZE_MAX, pass_over, &out->wall, e) != 0)
		return -1;
	if (upto > 0 && in.seq < upto)
		return broken(&in, in.seq + 1, e, "is missing");
	out->records = in.seq;
	out->noted = in.noted_at;
	snprintf(out->head, sizeof(out->head), "%s", in.hash);
	return 0;
}

int64_t store_last(struct store *s, const char *job)
{
	struct head head;
	return load_head(s, job, &head, NULL) == 0 ? head.seq : -1;
}
