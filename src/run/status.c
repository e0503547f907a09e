/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/status.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/json.h"

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

static bool cut_off(const struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (c->device == device && is_bad(c) && meaning(v, c) == EXIT_UNREACHABLE)
			return true;
	}
	return false;
}

/* A device that cannot be reached fails other checks for that very reason; they do not count. */
static int refused_status(const struct jobview *v)
{
	int status = 0;
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (!is_bad(c))
			continue;
		int m = meaning(v, c);
		if (m == EXIT_REFUSED && c->device != NO_DEVICE && cut_off(v, c->device))
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
	bool bad = str_eq(c->status, "failed") || str_eq(c->status, "unknown");
	return bad && !c->error               ? _("WARNING")
	       : str_eq(c->status, "failed")  ? _("ERROR")
	       : str_eq(c->status, "unknown") ? _("UNKNOWN")
	       : str_eq(c->status, "warning") ? _("WARNING")
	       : str_eq(c->status, "waived")  ? _("waived")
					      : c->status;
}

static void put_check(struct str *out, const struct jobview *v, const struct check_view *k)
{
	const char *device = k->device == NO_DEVICE ? "" : jobview_device(v, k->device);
	const char *what = k->message ? k->message : k->title ? k->title : k->check;
	utf8_line(out, "%-8s  %-12s  %s", status_check_word(k), device, what);
	if (k->advice && status_check_rank(k) < STATUS_RANK_WAIVED)
		utf8_line(out, "%24s-> %s", "", k->advice);
	if (k->waived_by)
		utf8_line(out, _("%24swaived by %s: %s"), "", k->waived_by,
			  k->waive_reason ? k->waive_reason : "");
}

void status_checks_text(const struct jobview *v, bool all, struct str *out)
{
	size_t passed = 0, errors = 0, warnings = 0;
	for (int pass = 0; pass <= STATUS_RANK_REST; pass++)
		for (size_t i = 0; i < v->checks.n; i++) {
			const struct check_view *k = &v->checks.v[i];
			if (status_check_rank(k) != pass)
				continue;
			passed += str_eq(k->status, "passed");
			if (pass < STATUS_RANK_REST || all)
				put_check(out, v, k);
		}
	(void)jobview_checks_passed(v, &errors, &warnings);
	utf8_line(out, _("Pre-checks: %zu passed, %zu errors, %zu warnings on %zu devices"), passed,
		  errors, warnings, v->tasks.n);
}
