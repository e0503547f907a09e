/* SPDX-License-Identifier: ISC */
/* How a job stands: checks, counts, failures with cause and action, and what that means for the
 * exit status. */
#include "config.h"

#include "cli/runner.h"

#include "model/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *from_version(const struct jobview *v, size_t device)
{
	const struct plan_device *d = v->plan ? plan_device(v->plan, device) : NULL;
	if (d && d->from)
		return d->from;
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].device == device && v->procedure->from_fact)
			return values_get(&v->tasks.v[i].facts, v->procedure->from_fact);
	return NULL;
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
	switch (v->state) {
	case JOB_REFUSED:
		return refused_status(v);
	case JOB_FAILED:
	case JOB_CANCELLED:
		return EXIT_FAILURES;
	case JOB_HELD:
	case JOB_PAUSED:
		return EXIT_HELD;
	default:
		return EXIT_DONE;
	}
}

/* --- checks ----------------------------------------------------------------------------------- */

/* The order in which people want to see them; a status that is not in it comes last. */
static const char *const rank_of_status[] = {"failed", "unknown", "warning", "waived", NULL};

static int rank(const struct check_view *c)
{
	int i = 0;
	while (rank_of_status[i] && !str_eq(rank_of_status[i], c->status))
		i++;
	return i;
}

static const char *word_of(const struct check_view *c)
{
	bool bad = str_eq(c->status, "failed") || str_eq(c->status, "unknown");
	return bad && !c->error               ? _("WARNING")
	       : str_eq(c->status, "failed")  ? _("ERROR")
	       : str_eq(c->status, "unknown") ? _("UNKNOWN")
	       : str_eq(c->status, "warning") ? _("WARNING")
	       : str_eq(c->status, "waived")  ? _("waived")
					      : c->status;
}

static void put_check(struct cli *c, const struct jobview *v, const struct check_view *k)
{
	const char *device = k->device == NO_DEVICE ? "" : jobview_device(v, k->device);
	const char *what = k->message ? k->message : k->title ? k->title : k->check;
	tell(c, "%-8s  %-12s  %s", word_of(k), device, what);
	if (k->advice && rank(k) < 3)
		tell(c, "%24s-> %s", "", k->advice);
	if (k->waived_by)
		tell(c, _("%24swaived by %s: %s"), "", k->waived_by,
		     k->waive_reason ? k->waive_reason : "");
}

struct row { /* a check of a job, to be sorted */
	const struct check_view *check;
	const char *device; /* "": the job */
};

static int by_rank(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int d = rank(x->check) - rank(y->check);
	if (!d)
		d = strcmp(x->device, y->device);
	return d ? d : strcmp(x->check->check, y->check->check);
}

/* Failed first, then by device and check; v->checks.n of them, new. */
static struct row *sorted(const struct jobview *v)
{
	struct row *rows = xcalloc(v->checks.n + 1, sizeof(*rows));
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *k = &v->checks.v[i];
		rows[i].check = k;
		rows[i].device = k->device == NO_DEVICE ? "" : jobview_device(v, k->device);
	}
	if (v->checks.n)
		qsort(rows, v->checks.n, sizeof(*rows), by_rank);
	return rows;
}

void put_checks(struct cli *c, const struct jobview *v, bool all)
{
	size_t passed = 0, errors = 0, warnings = 0;
	struct row *rows = sorted(v);
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *k = rows[i].check;
		passed += str_eq(k->status, "passed");
		if (all || rank_of_status[rank(k)])
			put_check(c, v, k);
	}
	free(rows);
	(void)jobview_checks_passed(v, &errors, &warnings);
	tell(c, _("Pre-checks: %zu passed, %zu errors, %zu warnings on %zu devices"), passed,
	     errors, warnings, v->tasks.n);
}

static cJSON *check_json(const struct check_view *k, const char *device)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "check", k->check);
	json_put_text(o, "device", *device ? device : NULL);
	json_put_text(o, "group", k->group);
	json_put_text(o, "title", k->title);
	json_put_text(o, "severity", k->error ? "error" : "warning");
	json_put_text(o, "when", k->after ? "after" : "before");
	json_put_text(o, "status", k->status);
	json_put_text(o, "message", k->message);
	json_put_text(o, "action", k->advice);
	json_put_flag(o, "waivable", k->waivable);
	json_put_text(o, "waived_by", k->waived_by);
	json_put_text(o, "waive_reason", k->waive_reason);
	json_put_text(o, "command", k->command);
	json_put_text(o, "output", k->output);
	return o;
}

cJSON *checks_json(const struct jobview *v)
{
	cJSON *list = cJSON_CreateArray();
	struct row *rows = sorted(v);
	for (size_t i = 0; i < v->checks.n; i++)
		json_append(list, check_json(rows[i].check, rows[i].device));
	free(rows);
	return list;
}

void put_checks_json(struct cli *c, const struct jobview *v, const char *id)
{
	(void)c;
	cJSON *o = summary_json(v, id, "checks");
	json_put(o, "checks", checks_json(v));
	put_json(o, false);
}

/* --- the end of a run ------------------------------------------------------------------------- */

static cJSON *device_json(const struct jobview *v, const struct task_view *t)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", jobview_device(v, t->device));
	json_put_text(o, "state", task_state_name(t->state));
	json_put_text(o, "reason", t->reason);
	json_put_text(o, "from", from_version(v, t->device));
	json_put_text(o, "to", v->job->version);
	json_put_number(o, "attempts", t->attempt);
	if (t->started)
		json_put_number(o, "elapsed_ms", (t->ended ? t->ended : v->last) - t->started);
	if (t->failed_step) {
		json_put_text(o, "failed_step", t->failed_step);
		json_put_text(o, "message", t->message);
		json_put_text(o, "cause", t->cause);
		json_put_text(o, "action", t->advice);
	}
	return o;
}

cJSON *summary_json(const struct jobview *v, const char *id, const char *type)
{
	size_t counts[TASK_STATE_COUNT], errors = 0, warnings = 0;
	cJSON *o = json_object_new(type), *n = cJSON_CreateObject(), *list = cJSON_CreateArray();
	jobview_counts(v, counts);
	(void)jobview_checks_passed(v, &errors, &warnings);
	json_put_text(o, "job", v->job->name);
	json_put_text(o, "id", id);
	json_put_text(o, "state", job_state_name(v->state));
	json_put_text(o, "reason", v->reason);
	json_put_text(o, "version", v->job->version);
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		json_put_number(n, task_state_name((enum task_state)i), (int64_t)counts[i]);
	json_put(o, "counts", n);
	json_put_number(o, "check_errors", (int64_t)errors);
	json_put_number(o, "check_warnings", (int64_t)warnings);
	if (v->started)
		json_put_number(o, "elapsed_ms", (v->ended ? v->ended : v->last) - v->started);
	for (size_t i = 0; i < v->tasks.n; i++)
		json_append(list, device_json(v, &v->tasks.v[i]));
	json_put(o, "devices", list);
	json_put_number(o, "exit", job_status(v));
	return o;
}

static void put_failures(struct cli *c, const struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (t->state != TASK_FAILED && t->state != TASK_ROLLED_BACK &&
		    t->state != TASK_HELD)
			continue;
		tell(c, "\n%s: %s%s%s", jobview_device(v, t->device), task_state_name(t->state),
		     t->failed_step ? _(" at ") : "", t->failed_step ? t->failed_step : "");
		if (t->message || t->reason)
			tell(c, "  %s", t->message ? t->message : t->reason);
		if (t->cause)
			tell(c, _("  cause: %s"), t->cause);
		if (t->advice)
			tell(c, "  -> %s", t->advice);
	}
}

static void put_next(struct cli *c, const struct jobview *v)
{
	const char *name = v->job->name;
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct question_view *q = &v->questions.v[i];
		if (q->answer || job_state_final(v->state))
			continue;
		tell(c, _("\nQuestion %" PRId64 "%s%s: %s"), q->id,
		     q->device == NO_DEVICE ? "" : _(" about "),
		     q->device == NO_DEVICE ? "" : jobview_device(v, q->device), q->text);
		tell(c, "  hitless answer '%s' %" PRId64 " %s", name, q->id, q->choices);
	}
	if (v->state == JOB_HELD)
		tell(c,
		     _("\nThe job waits for you: hitless resume|retry|skip|rollback|cancel '%s'"),
		     name);
	if (v->state == JOB_PAUSED)
		tell(c, _("\nThe job is paused: hitless resume '%s'"), name);
	if (v->started)
		tell(c, _("\nReport: hitless report '%s' --format text"), name);
}

void put_summary(struct cli *c, const struct jobview *v, const char *id)
{
	size_t n[TASK_STATE_COUNT];
	char span[32];
	if (c->json) {
		put_json(summary_json(v, id, "summary"), false);
		return;
	}
	jobview_counts(v, n);
	put_failures(c, v);
	clock_span(v->started ? (v->ended ? v->ended : v->last) - v->started : 0, span);
	tell(c, _("\nJob \"%s\": %s%s%s"), v->job->name, job_state_name(v->state),
	     v->reason ? ": " : "", v->reason ? v->reason : "");
	tell(c, _("%zu of %zu devices done, %zu failed, %zu rolled back, %zu skipped, in %s"),
	     n[TASK_DONE], v->tasks.n, n[TASK_FAILED], n[TASK_ROLLED_BACK],
	     n[TASK_SKIPPED] + n[TASK_CANCELLED], span);
	put_next(c, v);
}
