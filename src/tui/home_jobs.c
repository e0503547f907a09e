/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/home_jobs.h"

#include "tui/outcome.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RECENT     20   /* finished jobs that are shown; the history has all */
#define FOLD_MS    30   /* in one tick */
#define PROCESS_MS 1000 /* how often processes are looked for */

static void release(struct home_job *j)
{
	follow_free(j->follow);
	free(j->id);
	free(j->name);
	free(j->version);
}

void home_jobs_release(struct home_jobs *h)
{
	for (size_t i = 0; i < h->list.n; i++)
		release(&h->list.v[i]);
	VEC_RELEASE(&h->list);
}

void home_jobs_again(struct home_jobs *h)
{
	h->version = h->looked = -1;
}

/* --- rows of the store ------------------------------------------------------------------------ */

/* The name goes over to another job when this one is superseded. */
static void take_name(struct home_job *j, const char *name)
{
	if (str_eq(j->name, name))
		return;
	free(j->name);
	j->name = xstrdup(name);
	j->seen = -1; /* what that means is in its view */
}

static struct home_job take_known(struct home_jobs *h, const struct job_row *row)
{
	for (size_t i = 0; i < h->list.n; i++)
		if (strcmp(h->list.v[i].id, row->id) == 0) {
			struct home_job j = h->list.v[i];
			VEC_REMOVE(&h->list, i);
			take_name(&j, row->name);
			return j;
		}
	return (struct home_job){
	    .id = xstrdup(row->id), .name = xstrdup(row->name), .created = row->created};
}

/* Newest first: the recent ones, and older ones that have not come to their end. */
static void take_rows(struct home_jobs *h, const struct job_rows *rows)
{
	struct home_jobs next = {.version = h->version, .looked = h->looked};
	for (size_t i = rows->n; i-- > 0;) {
		if (rows->n - i > RECENT && rows->v[i].finished)
			continue;
		struct home_job j = take_known(h, &rows->v[i]);
		j.head = rows->v[i].head;
		next.behind |= j.head != j.seen;
		VEC_PUSH(&next.list, j);
	}
	home_jobs_release(h);
	*h = next;
}

static bool read_rows(struct home_jobs *h, struct store *s)
{
	struct job_rows rows = {0};
	struct err e = {0};
	int64_t version = store_version(s);
	if (version == h->version && version >= 0)
		return false;
	if (store_jobs(s, &rows, &e) == 0)
		take_rows(h, &rows);
	h->version = version;
	job_rows_release(&rows);
	return true;
}

/* --- folding ---------------------------------------------------------------------------------- */

static void sum_up(struct home_job *j, const struct jobview *v)
{
	size_t counts[TASK_STATE_COUNT];
	jobview_counts(v, counts);
	j->known = true;
	j->state = v->state;
	j->superseded = v->superseded;
	j->opens = v->until > 0;
	j->asks = jobview_next_question(v, 0) != NULL;
	j->total = v->tasks.n;
	j->failed = counts[TASK_FAILED] + counts[TASK_ROLLED_BACK];
	j->done = counts[TASK_DONE];
	j->left = counts[TASK_SKIPPED] + counts[TASK_CANCELLED];
	int64_t sum = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		sum += outcome_progress(v, &v->tasks.v[i]);
	j->progress = v->tasks.n ? (int)(sum / (int64_t)v->tasks.n) : 0;
	free(j->version);
	j->version = xstrdup(job_versions(v->job));
}

static void fold(struct home_job *j, struct store *s)
{
	struct err e = {0};
	if (!j->follow)
		j->follow = follow_new(s, j->id, &e);
	int n = j->follow ? follow_update(j->follow, NULL, NULL, &e) : -1;
	const struct jobview *v = j->follow ? follow_view(j->follow) : NULL;
	j->broken = n < 0;
	j->seen = j->head;
	if (!j->broken && v->job)
		sum_up(j, v);
	if (j->broken || (j->known && job_state_final(j->state))) {
		follow_free(j->follow);
		j->follow = NULL;
	}
}

static bool fold_some(struct home_jobs *h, struct store *s, struct clock *clock)
{
	int64_t until = clock->now(clock) + FOLD_MS;
	bool any = false;
	h->behind = false;
	for (size_t i = 0; i < h->list.n; i++) {
		struct home_job *j = &h->list.v[i];
		if (j->seen == j->head)
			continue;
		if (any && clock->now(clock) >= until) {
			h->behind = true;
			break;
		}
		fold(j, s);
		any = true;
	}
	return any;
}

static bool look_for_processes(struct home_jobs *h, struct store *s, struct clock *clock)
{
	int64_t now = clock->now(clock);
	bool other = false;
	if (h->looked >= 0 && now - h->looked < PROCESS_MS)
		return false;
	h->looked = now;
	for (size_t i = 0; i < h->list.n; i++) {
		struct home_job *j = &h->list.v[i];
		bool running =
		    j->known && !job_state_final(j->state) && store_job_running(s, j->id);
		other |= running != j->running;
		j->running = running;
	}
	return other;
}

/* --- order ------------------------------------------------------------------------------------ */

static bool goes_on(const struct home_job *j)
{
	return j->known && !job_state_final(j->state) && j->state != JOB_NEW &&
	       j->state != JOB_READY;
}

/* What the wizard made on the way to a job is no job of its own, unless somebody still works on it. */
static bool is_left_out(const struct home_job *j)
{
	return j->superseded && !j->running;
}

static int in_order(const void *a, const void *b)
{
	const struct home_job *x = a, *y = b;
	if (is_left_out(x) != is_left_out(y))
		return is_left_out(x) ? 1 : -1;
	if (goes_on(x) != goes_on(y))
		return goes_on(x) ? -1 : 1;
	if (x->created != y->created)
		return x->created > y->created ? -1 : 1;
	return strcmp(y->id, x->id);
}

bool home_jobs_tick(struct home_jobs *h, struct store *s, struct clock *clock)
{
	bool other = read_rows(h, s);
	if (h->behind && fold_some(h, s, clock)) {
		h->looked = -1;
		other = true;
	}
	other |= look_for_processes(h, s, clock);
	if (other && h->list.n > 1)
		qsort(h->list.v, h->list.n, sizeof(*h->list.v), in_order);
	h->shown = 0;
	while (h->shown < h->list.n && !is_left_out(&h->list.v[h->shown]))
		h->shown++;
	return other;
}

/* --- cells ------------------------------------------------------------------------------------ */

/* The numbers, and a bar in the room that they leave. */
static void put_progress(const struct home_job *j, struct cell *out)
{
	if (goes_on(j))
		str_printf(&out->text, "%d%% ", j->progress / 10);
	str_printf(&out->text, "%zu/%zu", j->done, j->total);
	if (j->failed)
		str_printf(&out->text, " !%zu", j->failed);
	if (j->left)
		str_printf(&out->text, " %c%zu", mark_task(TASK_CANCELLED), j->left);
	out->done = j->progress;
	out->total = 1000;
	out->label = true;
}

void home_job_cell(const struct home_job *j, size_t column, struct cell *out)
{
	char when[32];
	switch (column) {
	case HOME_JOB:
		str_puts(&out->text, j->name);
		break;
	case HOME_STATE:
		if (j->known && j->asks)
			cell_asks(out);
		else if (j->known)
			cell_job(out, j->opens && !j->running ? JOB_RUNNING : j->state, j->running);
		else
			str_puts(&out->text, j->broken ? _("? unreadable") : "...");
		break;
	case HOME_TO:
		str_puts(&out->text, j->known ? j->version : "");
		break;
	case HOME_PROGRESS:
		if (j->known)
			put_progress(j, out);
		break;
	default:
		clock_local(j->created, when);
		if (strlen(when) > 16) /* month, day, hour, minute */
			str_printf(&out->text, "%.11s", when + 5);
		break;
	}
}
