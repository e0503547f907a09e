/* SPDX-License-Identifier: ISC */
/* Figures over many jobs. */
#include "config.h"

#include "run/archive.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "model/json.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define CAUSES_MOST 5 /* lines; `hitless errors` has all */

static void add_span(struct archive_stats *s, const struct jobview *v, const struct task_view *t)
{
	int64_t ms = task_view_worked(t, t->ended);
	if (t->state != TASK_DONE || !t->started || !t->ended)
		return;
	VEC_PUSH(&s->spans, ms);
	s->first_try += t->tries == 1 && !t->was_failed;
	if (s->longest && ms <= s->longest_ms)
		return;
	free(s->longest);
	free(s->longest_job);
	s->longest = xstrdup(jobview_device(v, t->device));
	s->longest_job = xstrdup(v->job->name);
	s->longest_ms = ms;
}

/* Not a part of the way on which no device goes down, and not the way back. */
static bool upgrades(const struct jobview *v)
{
	const struct job_kind *k = jobview_kind(v);
	return !k || (!k->stays_up && !k->backwards);
}

/* A job that never began touched no device: it counts as a job only. */
static int add_job(void *ctx, const struct job_row *row, struct jobview **v)
{
	struct archive_stats *s = ctx;
	s->jobs++;
	if (!*v) {
		s->unreadable++;
		return 0;
	}
	s->states[(*v)->state]++;
	for (size_t i = 0; (*v)->started && i < (*v)->tasks.n; i++) {
		if (!upgrades(*v)) {
			s->others++;
			continue;
		}
		s->devices++;
		s->tasks[(*v)->tasks.v[i].state]++;
		add_span(s, *v, &(*v)->tasks.v[i]);
	}
	char *id = xstrdup(row->id);
	if (cards_add(&s->cards, *v, id) == 0) {
		free(id);
		return 0;
	}
	VEC_PUSH(&s->ids, id);
	VEC_PUSH(&s->views, *v); /* the cards point into it */
	*v = NULL;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static int by_members(const void *a, const void *b)
{
	const struct card *x = a, *y = b;
	return x->members.n > y->members.n ? -1 : x->members.n < y->members.n;
}

int archive_stats(struct store *s, const struct archive_filter *f, bool plain,
		  struct archive_stats *out, struct err *e)
{
	*out = (struct archive_stats){.cards = {.plain = plain}};
	if (archive_each(s, f, add_job, out, e) != 0)
		return -1;
	if (out->spans.n)
		qsort(out->spans.v, out->spans.n, sizeof(*out->spans.v), by_size);
	if (out->cards.list.n)
		qsort(out->cards.list.v, out->cards.list.n, sizeof(*out->cards.list.v), by_members);
	return 0;
}

void archive_stats_release(struct archive_stats *s)
{
	cards_release(&s->cards);
	for (size_t i = 0; i < s->views.n; i++)
		jobview_free(s->views.v[i]);
	for (size_t i = 0; i < s->ids.n; i++)
		free(s->ids.v[i]);
	VEC_RELEASE(&s->views);
	VEC_RELEASE(&s->ids);
	VEC_RELEASE(&s->spans);
	free(s->longest);
	free(s->longest_job);
	*s = (struct archive_stats){0};
}

static int64_t span_at(const struct archive_stats *s, size_t percent)
{
	return s->spans.n ? s->spans.v[(s->spans.n * percent + 99) / 100 - 1] : 0;
}

/* --- as text ---------------------------------------------------------------------------------- */

static void put_states(struct str *out, const struct archive_stats *s)
{
	struct str list = {0};
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		if (s->states[i])
			str_printf(&list, "%s%zu %s", list.len ? ", " : "", s->states[i],
				   word_job((enum job_state)i));
	if (s->unreadable)
		str_printf(&list, _("%s%zu unreadable"), list.len ? ", " : "", s->unreadable);
	utf8_line(out, ngettext("%zu job: %s", "%zu jobs: %s", s->jobs), s->jobs, str_text(&list));
	str_release(&list);
}

static void put_tasks(struct str *out, const struct archive_stats *s)
{
	struct str list = {0};
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (s->tasks[i])
			str_printf(&list, "%s%zu %s", list.len ? ", " : "", s->tasks[i],
				   word_task((enum task_state)i));
	utf8_line(out, ngettext("%zu upgrade of a device: %s", "%zu upgrades of devices: %s",
				s->devices),
		  s->devices, str_text(&list));
	if (s->others)
		utf8_line(out,
			  ngettext("%zu device in jobs that upgrade none (staged, verified, rolled back)",
				   "%zu devices in jobs that upgrade none (staged, verified, rolled back)",
				   s->others),
			  s->others);
	str_release(&list);
}

static void put_spans(struct str *out, const struct archive_stats *s)
{
	char p50[32], p95[32], most[32];
	if (!s->spans.n)
		return;
	clock_span(span_at(s, 50), p50);
	clock_span(span_at(s, 95), p95);
	clock_span(s->longest_ms, most);
	utf8_line(out, _("Done at the first try: %zu of %zu"), s->first_try, s->spans.n);
	utf8_line(out, _("Time of a device: half within %s, nearly all (95%%) within %s"), p50, p95);
	utf8_line(out, _("The longest: %s in \"%s\", %s"), s->longest, s->longest_job, most);
}

char *archive_stats_text(struct archive_stats *s)
{
	struct str out = {0};
	put_states(&out, s);
	put_tasks(&out, s);
	put_spans(&out, s);
	if (s->cards.list.n)
		utf8_line(&out, _("\nMost frequent causes of failures:"));
	for (size_t i = 0; i < s->cards.list.n && i < CAUSES_MOST; i++)
		utf8_line(&out, "%5zu  %s", s->cards.list.v[i].members.n, s->cards.list.v[i].title);
	return str_take(&out);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static cJSON *span_json(const struct archive_stats *s)
{
	cJSON *o = cJSON_CreateObject();
	json_put_number(o, "devices", (int64_t)s->spans.n);
	json_put_number(o, "first_try", (int64_t)s->first_try);
	json_put_number(o, "p50_ms", span_at(s, 50));
	json_put_number(o, "p95_ms", span_at(s, 95));
	json_put_number(o, "longest_ms", s->longest_ms);
	json_put_text(o, "longest_device", s->longest);
	json_put_text(o, "longest_job", s->longest_job);
	return o;
}

cJSON *archive_stats_json(struct archive_stats *s)
{
	cJSON *o = cJSON_CreateObject(), *jobs = cJSON_CreateObject(), *tasks = cJSON_CreateObject();
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		json_put_number(jobs, job_state_name((enum job_state)i), (int64_t)s->states[i]);
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		json_put_number(tasks, task_state_name((enum task_state)i), (int64_t)s->tasks[i]);
	json_put_number(o, "jobs", (int64_t)s->jobs);
	json_put_number(o, "unreadable", (int64_t)s->unreadable);
	json_put(o, "job_states", jobs);
	json_put_number(o, "devices", (int64_t)s->devices);
	json_put(o, "device_states", tasks);
	json_put_number(o, "other_devices", (int64_t)s->others);
	json_put(o, "done", span_json(s));
	json_put(o, "cards", cards_json(&s->cards));
	return o;
}
