/* SPDX-License-Identifier: ISC */
/* What earlier jobs taught: how long steps take, how it went with a device; and settings. */
#include "config.h"

#include "store/db.h"

#include <stdlib.h>

#define KEEP_SAMPLES 200 /* of a step: old software is forgotten */

/* --- durations ------------------------------------------------------------------------------- */
static int add_sample(struct store *s, const char *platform, const char *model, const char *step,
                      int64_t ms, struct err *e)
{
	if (db_run(s, e, "INSERT INTO durations (platform, model, step, ms) VALUES (?, ?, ?, ?)",
	           "ttti", platform, model, step, ms) != 0)
		return -1;
	return db_run(s, e,
	              "DELETE FROM durations WHERE platform = ?1 AND model = ?2 AND step = ?3"
	              " AND id <= (SELECT id FROM durations WHERE platform = ?1 AND model = ?2"
	              " AND step = ?3 ORDER BY id DESC LIMIT 1 OFFSET ?4)",
	              "ttti", platform, model, step, (int64_t)KEEP_SAMPLES);
}

int store_duration_add(struct store *s, const char *platform, const char *model, const char *step,
                       int64_t ms, struct err *e)
{
	if (db_begin(s, e) != 0)
		return -1;
	return db_end(s, add_sample(s, platform, model ? model : "", step, ms < 0 ? 0 : ms, e), e);
}

/* Nearest rank: the smallest sample that at least `percent` of all do not exceed. */
static int64_t percentile(const int64_t *sorted, size_t n, size_t percent)
{
	return sorted[(n * percent + 99) / 100 - 1];
}

struct samples {
	int64_t ms[KEEP_SAMPLES];
	size_t n;
};

static void close_step(struct samples *in, struct durations *out)
{
	if (in->n == 0)
		return;
	struct duration *d = &out->v[out->n - 1];
	d->p50 = percentile(in->ms, in->n, 50);
	d->p95 = percentile(in->ms, in->n, 95);
	d->samples = in->n;
	in->n = 0;
}

int store_durations(struct store *s, const char *platform, const char *model, struct durations *out,
                    struct err *e)
{
	struct samples in = {.n = 0};
	sqlite3_stmt *q = db_query(s, e,
	                           "SELECT step, ms FROM durations WHERE platform = ?"
	                           " AND model = ? ORDER BY step, ms",
	                           "tt", platform, model ? model : "");
	if (!q)
		return -1;
	int rc;
	while ((rc = db_step(s, q, e)) == 1) {
		const char *step = column_text(q, 0);
		if (in.n == 0 || !str_eq(out->v[out->n - 1].step, step)) {
			close_step(&in, out);
			VEC_ADD(out)->step = xstrdup(step);
		}
		if (in.n < KEEP_SAMPLES)
			in.ms[in.n++] = sqlite3_column_int64(q, 1);
	}
	close_step(&in, out);
	db_done(q);
	return rc;
}

void durations_release(struct durations *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].step);
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
