/* SPDX-License-Identifier: ISC */
/* What earlier jobs taught: how long steps take, how it went with a device; and settings. */
#include "config.h"

#include "store/db.h"

#include <stdlib.h>

#define KEEP_SAMPLES 200 /* of a step: old software is forgotten */

/* --- durations ------------------------------------------------------------------------------- */
static int add_sample(struct store *s, const struct duration_sample *d, const char *model,
                      struct err *e)
{
	if (db_run(s, e,
	           "INSERT INTO durations (platform, model, step, ms, bytes, job, wall)"
	           " VALUES (?, ?, ?, ?, ?, ?, ?)",
	           "tttiiti", d->platform, model, d->step, d->ms < 0 ? (int64_t)0 : d->ms,
	           d->bytes < 0 ? (int64_t)0 : d->bytes, d->job, s->clock->wall(s->clock)) != 0)
		return -1;
	return db_run(s, e,
	              "DELETE FROM durations WHERE platform = ?1 AND model = ?2 AND step = ?3"
	              " AND id <= (SELECT id FROM durations WHERE platform = ?1 AND model = ?2"
	              " AND step = ?3 ORDER BY id DESC LIMIT 1 OFFSET ?4)",
	              "ttti", d->platform, model, d->step, (int64_t)KEEP_SAMPLES);
}

int store_duration_add(struct store *s, const struct duration_sample *d, struct err *e)
{
	if (db_begin(s, e) != 0)
		return -1;
	return db_end(s, add_sample(s, d, d->model ? d->model : "", e), e);
}

/* Nearest rank: the smallest sample that at least `percent` of all do not exceed. */
static int64_t percentile(const int64_t *sorted, size_t n, size_t percent)
{
	return sorted[(n * percent + 99) / 100 - 1];
}

struct samples { /* of the last row of `out` */
	VEC(int64_t) ms;
	struct durations *out;
	bool models; /* rows of different models are different */
};

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static void close_row(struct samples *in)
{
	if (in->ms.n == 0)
		return;
	struct duration *d = &in->out->v[in->out->n - 1];
	qsort(in->ms.v, in->ms.n, sizeof(*in->ms.v), by_size);
	d->p50 = percentile(in->ms.v, in->ms.n, 50);
	d->p95 = percentile(in->ms.v, in->ms.n, 95);
	d->samples = in->ms.n;
	in->ms.n = 0;
}

static bool same_row(const struct samples *in, sqlite3_stmt *q, bool copy)
{
	const struct duration *d = in->ms.n ? &in->out->v[in->out->n - 1] : NULL;
	return d && d->copy == copy && str_eq(d->platform, column_text(q, 0)) &&
	       str_eq(d->step, column_text(q, 2)) &&
	       (!in->models || str_eq(d->model, column_text(q, 1)));
}

static void take_sample(struct samples *in, sqlite3_stmt *q)
{
	int64_t ms = sqlite3_column_int64(q, 3), bytes = sqlite3_column_int64(q, 4);
	bool copy = bytes > 0;
	if (!same_row(in, q, copy)) {
		close_row(in);
		struct duration *d = VEC_ADD(in->out);
		d->platform = xstrdup(column_text(q, 0));
		d->model = in->models ? xstrdup(column_text(q, 1)) : NULL;
		d->step = xstrdup(column_text(q, 2));
		d->copy = copy;
	}
	struct duration *d = &in->out->v[in->out->n - 1];
	int64_t wall = sqlite3_column_int64(q, 5);
	d->last = wall > d->last ? wall : d->last;
	VEC_PUSH(&in->ms, copy ? (int64_t)((double)ms * DURATION_BYTES / (double)bytes) : ms);
}

static int take_samples(struct store *s, struct samples *in, sqlite3_stmt *q, struct err *e)
{
	if (!q)
		return -1;
	int rc;
	while ((rc = db_step(s, q, e)) == 1)
		take_sample(in, q);
	close_row(in);
	VEC_RELEASE(&in->ms);
	db_done(q);
	return rc;
}

int store_durations(struct store *s, const char *platform, const char *model, struct durations *out,
                    struct err *e)
{
	struct samples in = {.out = out, .models = model != NULL};
	return take_samples(s, &in,
	                    db_query(s, e,
	                             "SELECT platform, model, step, ms, bytes, wall FROM durations"
	                             " WHERE platform = ?1 AND model = coalesce(?2, model)"
	                             " ORDER BY step, bytes > 0",
	                             "tt", platform, model),
	                    e);
}

int store_durations_all(struct store *s, struct durations *out, struct err *e)
{
	struct samples in = {.out = out, .models = true};
	return take_samples(s, &in,
	                    db_query(s, e,
	                             "SELECT platform, model, step, ms, bytes, wall FROM durations"
	                             " ORDER BY platform, model, step, bytes > 0",
	                             ""),
	                    e);
}

static int give_sample(struct store *to, sqlite3_stmt *q, int64_t part, int64_t of, struct err *e)
{
	int64_t bytes = sqlite3_column_int64(q, 4);
	int64_t less = (int64_t)((double)bytes * (double)part / (double)of);
	return db_run(to, e,
	              "INSERT INTO durations (platform, model, step, ms, bytes, job, wall)"
	              " VALUES (?, ?, ?, ?, ?, ?, ?)",
	              "tttiiti", column_text(q, 0), column_text(q, 1), column_text(q, 2),
	              sqlite3_column_int64(q, 3), bytes > 0 && less < 1 ? (int64_t)1 : less,
	              column_text(q, 6), sqlite3_column_int64(q, 5));
}

static int give_samples(struct store *from, struct store *to, int64_t part, int64_t of,
                        struct err *e)
{
	sqlite3_stmt *q = db_query(from, e,
	                           "SELECT platform, model, step, ms, bytes, wall, job"
	                           " FROM durations ORDER BY id",
	                           "");
	if (!q)
		return -1;
	int rc;
	while ((rc = db_step(from, q, e)) == 1)
		if (give_sample(to, q, part, of, e) != 0) {
			rc = -1;
			break;
		}
	db_done(q);
	return rc;
}

int store_durations_give(struct store *from, struct store *to, int64_t part, int64_t of,
                         struct err *e)
{
	if (db_begin(to, e) != 0)
		return -1;
	return db_end(to, give_samples(from, to, part, of, e), e);
}

static int forget(struct store *s, const char *platform, const char *model, const char *step,
                  int64_t *n, struct err *e)
{
	if (db_int(s, e, n,
	           "SELECT count(*) FROM durations WHERE platform = coalesce(?1, platform)"
	           " AND model = coalesce(?2, model) AND step = coalesce(?3, step)",
	           "ttt", platform, model, step) < 0)
		return -1;
	return db_run(s, e,
	              "DELETE FROM durations WHERE platform = coalesce(?1, platform)"
	              " AND model = coalesce(?2, model) AND step = coalesce(?3, step)",
	              "ttt", platform, model, step);
}

int64_t store_durations_forget(struct store *s, const char *platform, const char *model,
                               const char *step, struct err *e)
{
	int64_t n = 0;
	if (db_begin(s, e) != 0 || db_end(s, forget(s, platform, model, step, &n, e), e) != 0)
		return -1;
	return n;
}

void durations_release(struct durations *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].platform);
		free(d->v[i].model);
		free(d->v[i].step);
	}
	VEC_RELEASE(d);
}

/* --- history --------------------------------------------------------------------------------- */
int store_history_add(struct store *s, const char *identity, const char *device, const char *job,
                      const char *result, const char *failed_phase, const char *version,
                      struct err *e)
{
	return db_run(s, e,
	              "INSERT INTO history (identity, device, job, result, failed_phase, version,"
	              " wall) VALUES (?, ?, ?, ?, ?, ?, ?)",
	              "tttttti", identity ? identity : "", device, job, result, failed_phase,
	              version, s->clock->wall(s->clock));
}

char *store_history_failed(struct store *s, const char *device)
{
	return db_text(s, NULL,
	               "SELECT failed_phase FROM history WHERE device = ?"
	               " ORDER BY id DESC LIMIT 1",
	               "t", device);
}

/* --- settings -------------------------------------------------------------------------------- */
int store_setting_set(struct store *s, const char *name, const char *value, struct err *e)
{
	if (!value)
		return db_run(s, e, "DELETE FROM settings WHERE name = ?", "t", name);
	return db_run(s, e, "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", "tt",
	              name, value);
}

char *store_setting(struct store *s, const char *name)
{
	return db_text(s, NULL, "SELECT value FROM settings WHERE name = ?", "t", name);
}

static char *default_name(const char *platform)
{
	return xasprintf("default.%s", platform);
}

int store_set_default(struct store *s, const char *platform, const char *version, struct err *e)
{
	char *name = default_name(platform);
	int rc = store_setting_set(s, name, version, e);
	free(name);
	return rc;
}

char *store_default(struct store *s, const char *platform)
{
	char *name = default_name(platform), *version = store_setting(s, name);
	free(name);
	return version;
}
