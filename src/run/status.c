/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/status.h"

#include "model/difference.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "model/hitless.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

const char *status_from_version(const struct jobview *v, size_t device)
{
	const struct plan_device *d = v->plan ? plan_device(v->plan, device) : NULL;
	if (d && d->from)
		return d->from;
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].device == device && v->procedure->from_fact)
			return values_get(&v->tasks.v[i].facts, v->procedure->from_fact);
	return NULL;
}

#define SUMS "pre-checks: %zu errors, %zu unknown, %zu warnings" /* as the engine writes it */

char *status_reason(const struct jobview *v)
{
	struct check_sums n = jobview_check_sums(v);
	bool counts = (v->state == JOB_REFUSED || v->state == JOB_READY) && v->reason &&
		      strncmp(v->reason, SUMS, strcspn(SUMS, ":")) == 0;
	char *now = counts ? xasprintf(SUMS, n.errors, n.unknown, n.warnings) : NULL;
	char *text = xstrdup(now ? said(v, now) : v->reason ? said(v, v->reason) : "");
	free(now);
	return text;
}

/* --- its clock -------------------------------------------------------------------------------- */

static int see_owner(void *ctx, const struct record *r, struct err *e)
{
	(void)e;
	if (r->kind == RECORD_OWNER)
		*(int64_t *)ctx = r->wall;
	return 0;
}

/* A process that runs faster than the world began with the time of the world, or with that of the
 * last record where this was ahead already: its first record says which. */
static int64_t fast_now(struct store *s, const char *id, int64_t now, int64_t speed)
{
	int64_t since = store_job_since(s, id), begun = 0;
	struct err none = {0};
	if (!since || store_read(s, id, 0, 0, see_owner, &begun, &none) != 0 || !begun)
		return 0;
	return begun + (now - since) * speed;
}

int64_t status_clock(struct store *s, const struct jobview *v, const char *id, int64_t wall,
		     bool runs)
{
	int64_t speed = desk_setting(s, "clock-speed", 1);
	int64_t now = runs && speed > 1 ? fast_now(s, id, wall, speed) : wall;
	return runs && now > v->last ? now : v->last;
}

int64_t status_now(struct store *s, const struct jobview *v, const char *id, bool *runs)
{
	*runs = store_job_running(s, id);
	return status_clock(s, v, id, clock_real()->wall(clock_real()), *runs);
}

/* --- exit status ------------------------------------------------------------------------------ */

static bool is_bad(const struct check_view *c)
{
	return c->error && !c->after &&
	       (str_eq(c->status, "failed") || str_eq(c->status, "unknown"));
}

/* Which built-in checks mean another exit status than "refused by pre-checks". */
static const struct {
	const char *builtin;
	int status;
} meanings[] = {
    {"unreachable", EXIT_UNREACHABLE},
    {"login-refused", EXIT_UNREACHABLE},
    {"host-key-unknown", EXIT_UNREACHABLE},
    {"host-key-changed", EXIT_UNREACHABLE},
    {"busy", EXIT_BUSY},
};

static int meaning(const struct jobview *v, const struct check_view *c)
{
	const struct check *k = procedure_check(v->procedure, c->check);
	for (size_t i = 0; k && k->builtin && i < LEN(meanings); i++)
		if (strcmp(meanings[i].builtin, k->builtin) == 0)
			return meanings[i].status;
	return EXIT_REFUSED;
}

static bool means(const struct jobview *v, size_t device, int status)
{
	for (size_t i = 0; device != NO_DEVICE && i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (c->device == device && is_bad(c) && meaning(v, c) == status)
			return true;
	}
	return false;
}

/* A device that another job works on, or that cannot be reached, fails other checks for that very
 * reason; they do not count. */
static int refused_status(const struct jobview *v)
{
	int status = 0;
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (!is_bad(c))
			continue;
		int m = meaning(v, c);
		if (means(v, c->device, EXIT_BUSY))
			m = EXIT_BUSY;
		else if (m == EXIT_REFUSED && means(v, c->device, EXIT_UNREACHABLE))
			m = EXIT_UNREACHABLE;
		if (status && status != m)
			return EXIT_REFUSED;
		status = m;
	}
	return status ? status : EXIT_REFUSED;
}

int job_status(const struct jobview *v)
{
	size_t counts[TASK_STATE_COUNT];
	switch (v->state) {
	case JOB_REFUSED:
		return refused_status(v);
	case JOB_FAILED:
	case JOB_CANCELLED:
		return EXIT_FAILURES;
	case JOB_HELD: /* it goes on by itself when its window opens */
		return v->until && !jobview_next_question(v, 0) ? EXIT_DONE : EXIT_HELD;
	case JOB_PAUSED:
		return EXIT_HELD;
	case JOB_CANCELLING: /* a device past the point of no return may wait for an answer */
		jobview_counts(v, counts);
		return counts[TASK_HELD] ? EXIT_HELD : EXIT_DONE;
	case JOB_DONE: /* without the snapshot after nobody can say that all is as before */
		return diff_missing_count(v, DIFF_DUE_DONE) ? EXIT_FAILURES : EXIT_DONE;
	default:
		return EXIT_DONE;
	}
}

/* --- checks ----------------------------------------------------------------------------------- */

/* The order in which people want to see them; a status that is not in it is of STATUS_RANK_REST. */
static const char *const rank_of_status[STATUS_RANK_REST + 1] = {
    "failed", "unknown", "warning", [STATUS_RANK_WAIVED] = "waived", [STATUS_RANK_REST] = NULL};

int status_check_rank(const struct check_view *c)
{
	int i = 0;
	while (rank_of_status[i] && !str_eq(rank_of_status[i], c->status))
		i++;
	return i;
}

const char *status_check_word(const struct check_view *c)
{
	return str_eq(c->status, "failed")    ? c->error ? _("ERROR") : _("WARNING")
	       : str_eq(c->status, "unknown") ? _("UNKNOWN")
	       : str_eq(c->status, "warning") ? _("WARNING")
	       : str_eq(c->status, "waived")  ? _("waived")
	       : str_eq(c->status, "passed")  ? _("passed")
	       : str_eq(c->status, "skipped") ? _("skipped")
					      : c->status;
}

/* Does another check of the device, as urgent as this one, have the same to say? Sorted rows. */
static bool has_twin(const struct check_view *const *rows, size_t n, size_t at)
{
	const struct check_view *k = rows[at];
	size_t i = at;
	while (i > 0 && rows[i - 1]->device == k->device &&
	       str_eq(rows[i - 1]->status, k->status))
		i--;
	for (; i < n && rows[i]->device == k->device && str_eq(rows[i]->status, k->status); i++)
		if (i != at && k->message && str_eq(rows[i]->message, k->message))
			return true;
	return false;
}

/* twin: its title tells it from another one */
static void put_check(struct str *out, const struct jobview *v, const struct check_view *k, bool twin)
{
	const char *device = k->device == NO_DEVICE ? "" : jobview_device(v, k->device);
	const char *what = k->message ? said(v, k->message) : k->title ? translated(k->title) : k->check;
	const char *word = status_check_word(k);
	twin = twin && k->title;
	utf8_line(out, "%-*s  %-*s  %s%s%s", utf8_field(word, 8), word, utf8_field(device, 12),
		  device, twin ? translated(k->title) : "", twin ? ": " : "", what);
	if (k->advice && status_check_rank(k) < STATUS_RANK_WAIVED)
		utf8_line(out, "%24s-> %s", "", said(v, k->advice));
	if (k->waived_by)
		utf8_line(out, _("%24swaived by %s: %s"), "", k->waived_by,
			  k->waive_reason ? k->waive_reason : "");
}

static const char *device_of(const struct jobview *v, const struct check_view *k)
{
	return k->device == NO_DEVICE ? "" : jobview_device(v, k->device);
}

static int by_rank(const void *a, const void *b, void *ctx)
{
	const struct check_view *x = *(const struct check_view *const *)a;
	const struct check_view *y = *(const struct check_view *const *)b;
	int d = status_check_rank(x) - status_check_rank(y);
	if (!d)
		d = strcmp(device_of(ctx, x), device_of(ctx, y));
	return d ? d : strcmp(x->check, y->check);
}

const struct check_view **status_checks_sorted(const struct jobview *v)
{
	const struct check_view **rows = xcalloc(v->checks.n + 1, sizeof(*rows));
	for (size_t i = 0; i < v->checks.n; i++)
		rows[i] = &v->checks.v[i];
	if (v->checks.n)
		qsort_r(rows, v->checks.n, sizeof(*rows), by_rank, (void *)(uintptr_t)v);
	return rows;
}

char *status_hitless_words(const struct jobview *v)
{
	if (!hitless_is_broken(v, NO_DEVICE))
		return hitless_is_proven(v, NO_DEVICE) ? xstrdup(_("hitless: yes")) : NULL;
	return xasprintf(_("not hitless: %zu of %zu devices"), hitless_count(v), v->tasks.n);
}

void status_hitless_text(const struct jobview *v, struct str *out)
{
	char *words = status_hitless_words(v);
	const struct check_view *c;
	if (words)
		utf8_line(out, "%s%s", hitless_is_broken(v, NO_DEVICE) ? "! " : "", words);
	free(words);
	for (size_t at = 0; (c = hitless_reason(v, NO_DEVICE, &at));)
		utf8_line(out, "  %-*s %s", utf8_field(device_of(v, c), 12), device_of(v, c),
			  c->message ? said(v, c->message) : c->check);
}

/* Those after the upgrade, once one was made. */
static void put_after_sums(const struct jobview *v, struct str *out)
{
	struct check_sums n = {0};
	size_t of = 0;
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		int rank = c->after ? status_check_rank(c) : STATUS_RANK_REST;
		bool unknown = str_eq(c->status, "unknown");
		of += c->after;
		n.passed += c->after && str_eq(c->status, "passed");
		n.unknown += c->after && unknown;
		if (rank < STATUS_RANK_WAIVED && !unknown)
			*(c->error ? &n.errors : &n.warnings) += 1;
	}
	if (of)
		utf8_line(out, _("Post-checks: %zu passed, %zu errors, %zu unknown, %zu warnings"),
			  n.passed, n.errors, n.unknown, n.warnings);
}

void status_checks_text(const struct jobview *v, bool all, struct str *out)
{
	struct check_sums n = jobview_check_sums(v);
	const struct check_view **rows = status_checks_sorted(v);
	for (size_t i = 0; i < v->checks.n; i++)
		if (all || status_check_rank(rows[i]) < STATUS_RANK_REST)
			put_check(out, v, rows[i], has_twin(rows, v->checks.n, i));
	free(rows);
	utf8_line(out,
		  _("Pre-checks: %zu passed, %zu errors, %zu unknown, %zu warnings on %zu devices"),
		  n.passed, n.errors, n.unknown, n.warnings, v->tasks.n);
	put_after_sums(v, out);
}
