/* SPDX-License-Identifier: ISC */
/* A view as text: two views are the same when their texts are. */
#include "config.h"

#include "tests/engine/bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void values(struct str *s, const char *what, const struct values *v)
{
	for (size_t i = 0; i < v->n; i++)
		str_printf(s, "  %s %s=%s\n", what, v->v[i].name, v->v[i].text);
}

static const char *text(const char *t)
{
	return t ? t : "-";
}

static void task(struct str *s, const struct jobview *v, const struct task_view *t)
{
	str_printf(s, "%s %s %s turn %zu %d\n", jobview_device(v, t->device),
		   task_state_name(t->state), text(t->reason), t->turn, t->between);
	str_printf(s, "  pass %d attempt %d pc %zu step %s word %s intended %d %d %d\n", t->pass,
		   t->attempt, t->pc, text(t->step), text(t->word), t->intended, t->intent_changes,
		   t->committed);
	str_printf(s,
		   "  resumes %d failed %d %d %d next %d ack %d rel %d %s|%s|%s|%s|%s %" PRId64
		   " %" PRId64 " %" PRId64 "\n",
		   t->resumes, t->was_failed, t->failed_attempt, t->failed_pass, t->next_pass,
		   t->acknowledged, t->released, text(t->failed_step), text(t->message),
		   text(t->cause), text(t->advice), text(t->error_kind), t->started, t->ended,
		   t->intent_wall);
	values(s, "fact", &t->facts);
	values(s, "capture", &t->captures);
	for (size_t i = 0; i < t->open.n; i++)
		str_printf(s, "  open %s %d\n", t->open.v[i].step, t->open.v[i].until_reboot);
	for (size_t i = 0; i < t->steps.n; i++)
		str_printf(s, "  step %s %d %d %s %d %s\n", t->steps.v[i].step, t->steps.v[i].pass,
			   t->steps.v[i].attempt, text(t->steps.v[i].result), t->steps.v[i].exit,
			   text(t->steps.v[i].output));
}

char *bed_dump(const struct jobview *v)
{
	struct str s = {0};
	str_printf(&s, "%s %s seq %" PRId64 " command %" PRId64 " questions %" PRId64 "\n",
		   job_state_name(v->state), text(v->reason), v->seq, v->last_command,
		   v->questions_asked);
	for (size_t i = 0; i < v->tasks.n; i++)
		task(&s, v, &v->tasks.v[i]);
	for (size_t i = 0; i < v->checks.n; i++)
		str_printf(&s, "check %zu %s %s %s %d %d\n", v->checks.v[i].device,
			   v->checks.v[i].check, v->checks.v[i].status,
			   text(v->checks.v[i].message), v->checks.v[i].after,
			   v->checks.v[i].again);
	for (size_t i = 0; i < v->questions.n; i++)
		str_printf(&s, "question %" PRId64 " %s %s %s\n", v->questions.v[i].id,
			   v->questions.v[i].kind, v->questions.v[i].text,
			   text(v->questions.v[i].answer));
	for (size_t i = 0; i < v->snapshots.n; i++)
		str_printf(&s, "snapshot %zu %s %d\n", v->snapshots.v[i].device,
			   v->snapshots.v[i].when, cJSON_GetArraySize(v->snapshots.v[i].rows));
	for (size_t i = 0; i < v->notes.n; i++)
		str_printf(&s, "note %s\n", v->notes.v[i].text);
	return str_take(&s);
}

struct both {
	struct jobview *view;
	VEC(struct record *) list;
};

static int fold(void *ctx, const struct record *r, struct err *e)
{
	struct both *x = ctx;
	VEC_PUSH(&x->list, record_copy(r));
	return jobview_apply(x->view, r, e);
}

struct jobview *bed_fold(struct bed *b, bool twice)
{
	struct both x = {.view = jobview_new()};
	struct err e = {0};
	if (store_read(b->store, b->job, 0, 0, fold, &x, &e) != 0)
		bed_broken(b, "the journal cannot be folded: %s", e.text);
	if (twice) { /* the same records once more, into a view of their own */
		jobview_free(x.view);
		x.view = jobview_new();
		for (size_t i = 0; i < x.list.n; i++)
			if (jobview_apply(x.view, x.list.v[i], &e) != 0)
				bed_broken(b, "the second fold fails: %s", e.text);
	}
	for (size_t i = 0; i < x.list.n; i++)
		record_free(x.list.v[i]);
	VEC_RELEASE(&x.list);
	return x.view;
}

void bed_explain(struct bed *b)
{
	if (!b->runner)
		return;
	char *all = bed_dump(bed_view(b));
	fputs(all, stderr);
	free(all);
}
