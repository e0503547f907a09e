/* SPDX-License-Identifier: ISC */
/* What happened to devices, as lines. */
#include "config.h"

#include "run/archive.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/table.h"
#include "run/words.h"

static void put_result(struct table *t, const struct archive_visit *x)
{
	char time[32], span[32];
	bool began = x->started > 0;
	clock_local(began ? x->started : x->created, time);
	clock_span(x->ended - x->started, span);
	/* where the job did not begin, the job's state says more than "pending" */
	const char *result = began ? word_task(x->state) : word_job(x->job_state);
	size_t odd = aftermath_count(&x->after);
	if (odd) /* what is not as it was before */
		table_cellf(t, "%s !%zu", result, odd);
	else
		table_cell(t, result);
	table_cell(t, x->from);
	table_cell(t, x->to);
	table_cellf(t, "%.16s", time);
	table_cell(t, began && x->ended ? span : NULL);
}

/* All jobs of a device, newest first. */
static void put_visits(const struct archive_visits *list, struct str *out)
{
	static const char *const titles[] = {N_("JOB"),  N_("RESULT"), N_("FROM"),  N_("TO"),
					     N_("WHEN"), N_("TIME"),   N_("TRIES"), N_("WHY")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < list->n; i++) {
		table_cell(&t, list->v[i].job);
		put_result(&t, &list->v[i]);
		table_cellf(&t, "%d", list->v[i].attempts);
		table_cell(&t, list->v[i].message);
	}
	table_text(&t, out);
}

/* All devices, each with its last job. */
static void put_lasts(const struct archive_visits *list, struct str *out)
{
	static const char *const titles[] = {N_("DEVICE"), N_("LAST RESULT"), N_("FROM"), N_("TO"),
					     N_("WHEN"),   N_("TIME"),	      N_("JOBS"), N_("JOB")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < list->n; i++) {
		table_cell(&t, list->v[i].device);
		put_result(&t, &list->v[i]);
		table_cellf(&t, "%zu", list->v[i].jobs);
		table_cell(&t, list->v[i].job);
	}
	table_text(&t, out);
}

char *archive_visits_text(const struct archive_visits *list, bool of_one)
{
	struct str out = {0};
	if (of_one)
		put_visits(list, &out);
	else
		put_lasts(list, &out);
	return str_take(&out);
}
