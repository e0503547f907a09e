/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/archive.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/create.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* --- which ------------------------------------------------------------------------------------ */

static int64_t unit_ms(char c)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 7 * INT64_C(86400000)}};
	for (size_t i = 0; i < LEN(units); i++)
		if (units[i].letter == c)
			return units[i].ms;
	return 0;
}

static bool read_date(const char *text, int64_t *out)
{
	static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"};
	for (size_t i = 0; i < LEN(forms); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *end = strptime(text, forms[i], &tm);
		if (!end || *end)
			continue;
		*out = (int64_t)mktime(&tm) * 1000;
		return true;
	}
	return false;
}

int archive_since(const char *text, int64_t now, int64_t *out, struct err *e)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	int64_t unit = *end && !end[1] ? unit_ms(*end) : 0;
	if (end != text && unit && n > 0 && n < 100000) {
		*out = now - n * unit;
		return 0;
	}
	if (read_date(text, out))
		return 0;
	return err_set(e, ERR_INPUT,
		       _("\"%s\" is no time: expected 30m, 24h, 7d, 2w or a date as 2026-11-01"),
		       text);
}

static bool has_device(const struct jobview *v, const char *device)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (str_eq(jobview_device(v, v->tasks.v[i].device), device))
			return true;
	return false;
}

static bool may_match(const struct archive_filter *f, const struct job_row *row)
{
	return !f->match || strcasestr(row->name, f->match);
}

static bool has_version(const struct job *j, const char *version)
{
	if (str_eq(j->version, version))
		return true;
	for (size_t i = 0; i < j->targets.n; i++)
		if (str_eq(j->targets.v[i].version, version))
			return true;
	return false;
}

static bool matches(const struct archive_filter *f, const struct jobview *v)
{
	if (f->since && v->created < f->since && v->last < f->since)
		return false;
	if (f->state && !str_eq(f->state, job_state_name(v->state)))
		return false;
	if (f->operator && !str_eq(f->operator, v->job->operator))
		return false;
	if (f->version && !has_version(v->job, f->version))
		return false;
	return !f->device || has_device(v, f->device);
}

/* What cannot be read is only left out by what its row tells. */
static bool row_matches(const struct archive_filter *f, const struct job_row *row)
{
	return !f->state && !f->device && !f->operator && !f->version &&
	       (!f->since || row->created >= f->since);
}

static int give(struct store *s, const struct archive_filter *f, const struct job_row *row,
		int (*see)(void *ctx, const struct job_row *row, struct jobview **v), void *ctx)
{
	struct err why = {0};
	struct jobview *v = may_match(f, row) ? create_view(s, row->id, &why) : NULL;
	int rc = 0;
	if (v ? matches(f, v) : may_match(f, row) && row_matches(f, row))
		rc = see(ctx, row, &v);
	jobview_free(v);
	return rc;
}

int archive_each(struct store *s, const struct archive_filter *f,
		 int (*see)(void *ctx, const struct job_row *row, struct jobview **v), void *ctx,
		 struct err *e)
{
	struct job_rows rows = {0};
	int rc = store_jobs(s, &rows, e);
	for (size_t i = 0; rc == 0 && i < rows.n; i++)
		rc = give(s, f, &rows.v[i], see, ctx);
	job_rows_release(&rows);
	return rc;
}

/* --- one device ------------------------------------------------------------------------------- */

static void release_visit(struct archive_visit *x)
{
	char *const texts[] = {x->device, x->job, x->id, x->from, x->to, x->phase, x->message};
	for (size_t i = 0; i < LEN(texts); i++)
		free(texts[i]);
	*x = (struct archive_visit){0};
}

static void fill_visit(struct archive_visit *x, const struct job_row *row, const struct jobview *v,
		       const struct task_view *t, bool plain)
{
	const struct step *step =
	    t->failed_step ? procedure_step(v->procedure, t->failed_step) : NULL;
	const char *why = t->message && *t->message ? t->message : t->reason;
	x->device = xstrdup(jobview_device(v, t->device));
	x->job = xstrdup(row->name);
	x->id = xstrdup(row->id);
	x->job_state = v->state;
	x->state = t->state;
	x->from = xstrdup(status_from_version(v, t->device));
	x->to = xstrdup(job_version(v->job, t->device));
	x->phase = xstrdup(step ? step->phase : NULL);
	why = t->state == TASK_DONE ? NULL : why ? why : v->reason;
	x->message = xstrdup(plain ? why : said(v, why));
	x->attempts = t->tries;
	if (t->started)
		x->after = aftermath_of(v, t->device);
	x->created = v->created;
	x->started = t->started;
	x->ended = t->ended;
}

struct looking {
	const char *device;
	struct archive_visits *out;
};

static int look(void *ctx, const struct job_row *row, struct jobview **v)
{
	struct looking *l = ctx;
	for (size_t i = 0; *v && i < (*v)->tasks.n; i++)
		if (str_eq(jobview_device(*v, (*v)->tasks.v[i].device), l->device))
			fill_visit(VEC_ADD(l->out), row, *v, &(*v)->tasks.v[i], l->out->plain);
	return 0;
}

int archive_device(struct store *s, const char *device, const struct archive_filter *f,
		   struct archive_visits *out, struct err *e)
{
	struct archive_filter own = f ? *f : (struct archive_filter){0};
	struct looking l = {device, out};
	own.device = device;
	if (archive_each(s, &own, look, &l, e) != 0)
		return -1;
	for (size_t i = 0; i < out->n / 2; i++) {
		struct archive_visit x = out->v[i];
		out->v[i] = out->v[out->n - 1 - i];
		out->v[out->n - 1 - i] = x;
	}
	return 0;
}

/* Jobs mostly name their devices in one order: the place where it should be is looked at first. */
static struct archive_visit *visit_of(struct archive_visits *all, size_t hint, const char *device)
{
	if (hint < all->n && str_eq(all->v[hint].device, device))
		return &all->v[hint];
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->v[i].device, device))
			return &all->v[i];
	return VEC_ADD(all);
}

static int take_last(void *ctx, const struct job_row *row, struct jobview **v)
{
	struct archive_visits *all = ctx;
	for (size_t i = 0, hint = 0; *v && i < (*v)->tasks.n; i++) {
		const struct task_view *t = &(*v)->tasks.v[i];
		struct archive_visit *x = visit_of(all, hint, jobview_device(*v, t->device));
		size_t jobs = x->jobs;
		/* a job that did not come to it changed nothing: what it is comes from one before */
		if (t->started || !x->started) {
			release_visit(x);
			fill_visit(x, row, *v, t, all->plain);
		}
		x->jobs = jobs + 1;
		hint = (size_t)(x - all->v) + 1;
	}
	return 0;
}

int archive_devices(struct store *s, const struct archive_filter *f, struct archive_visits *out,
		    struct err *e)
{
	return archive_each(s, f, take_last, out, e);
}

void archive_visits_release(struct archive_visits *v)
{
	for (size_t i = 0; i < v->n; i++)
		release_visit(&v->v[i]);
	VEC_RELEASE(v);
}
