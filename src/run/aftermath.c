/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/aftermath.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/json.h"
#include "run/compare.h"
#include "run/status.h"

static bool is_odd(const struct check_view *c, size_t device)
{
	return c->after && (device == NO_DEVICE || c->device == device) &&
	       status_check_rank(c) < STATUS_RANK_WAIVED;
}

/* Of a job that took no snapshot there is nothing to compare. */
static size_t differences(const struct jobview *v, size_t device)
{
	char *names[2] = {NULL, NULL};
	struct compare_filter f = {.devices = names};
	struct comparison c;
	if (!v->snapshots.n)
		return 0;
	if (device != NO_DEVICE)
		names[0] = (char *)(uintptr_t)jobview_device(v, device);
	compare_job(v, device == NO_DEVICE ? NULL : &f, &c);
	size_t n = compare_count(&c, DIFF_REAL);
	comparison_release(&c);
	return n;
}

struct aftermath aftermath_of(const struct jobview *v, size_t device)
{
	struct aftermath a = {.differences = differences(v, device)};
	for (size_t i = 0; i < v->checks.n; i++)
		a.checks += is_odd(&v->checks.v[i], device);
	return a;
}

size_t aftermath_count(const struct aftermath *a)
{
	return a->checks + a->differences;
}

void aftermath_text(const struct jobview *v, struct str *out)
{
	struct aftermath a = aftermath_of(v, NO_DEVICE);
	if (a.checks)
		utf8_line(out,
			  ngettext("! %zu check after the upgrade did not pass: hitless show '%s'",
				   "! %zu checks after the upgrade did not pass: hitless show '%s'",
				   a.checks),
			  a.checks, v->job->name);
	if (a.differences)
		utf8_line(out,
			  ngettext("! %zu difference between before and after: hitless snapshot "
				   "compare '%s'",
				   "! %zu differences between before and after: hitless snapshot "
				   "compare '%s'",
				   a.differences),
			  a.differences, v->job->name);
}

void aftermath_put(cJSON *o, const struct aftermath *a)
{
	json_put_number(o, "after_warnings", (int64_t)a->checks);
	json_put_number(o, "differences", (int64_t)a->differences);
}
