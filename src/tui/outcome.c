/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/outcome.h"

#include "tui/app.h"
#include "tui/screens.h"
#include "tui/states.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/difference.h"
#include "model/unit.h"
#include "run/create.h"
#include "run/words.h"

#include <stdlib.h>

void outcome_span(int64_t ms, char text[32])
{
	if (ms <= 0)
		(void)snprintf(text, 32, "-");
	else if (ms < 10000) /* no tenths: the picture would change for nothing */
		(void)snprintf(text, 32, "%ds", (int)(ms / 1000));
	else
		clock_span(ms, text);
}

int64_t outcome_elapsed(const struct task_view *t, int64_t wall)
{
	return task_view_worked(t, wall);
}

size_t outcome_failed(const struct jobview *v, size_t **out)
{
	VEC(size_t) found = {0};
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].state == TASK_FAILED || v->tasks.v[i].state == TASK_ROLLED_BACK)
			VEC_PUSH(&found, v->tasks.v[i].device);
	*out = found.v;
	return found.n;
}

/* Without the words when they do not all fit: the symbols say the same. */
static char *count_text(enum task_state s, size_t n, bool words)
{
	return words ? xasprintf("%c %zu %s", mark_task(s), n, word_task(s))
		     : xasprintf("%c %zu", mark_task(s), n);
}

static int counts_width(const size_t *counts)
{
	int width = 0;
	for (int s = 0; s < TASK_STATE_COUNT; s++) {
		char *text = counts[s] ? count_text((enum task_state)s, counts[s], true) : NULL;
		width += text ? utf8_width(text) + 2 : 0;
		free(text);
	}
	return width;
}

int outcome_counts_draw(const struct canvas *c, int y, int x, const size_t *counts)
{
	int from = x;
	bool words = counts_width(counts) <= c->w - x + 1;
	for (int s = 0; s < TASK_STATE_COUNT; s++) {
		if (!counts[s])
			continue;
		char *text = count_text((enum task_state)s, counts[s], words);
		x += canvas_label(c, y, x, -1, role_task((enum task_state)s), text) + 2;
		free(text);
	}
	return x - from;
}

void outcome_put_rest(const size_t *counts, struct str *out)
{
	for (int s = 0; s < TASK_STATE_COUNT; s++)
		if (counts[s] && s != TASK_DONE && task_state_final((enum task_state)s))
			str_printf(out, ", %zu %s", counts[s], word_task((enum task_state)s));
}

int outcome_progress(const struct jobview *v, const struct task_view *t)
{
	return task_state_final(t->state) && t->state != TASK_DONE ? 0 : unit_progress(v, t);
}

size_t outcome_through(const struct jobview *v)
{
	size_t through = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		if (task_state_final(v->tasks.v[i].state))
			through += 1 + (size_t)v->tasks.v[i].attempt * v->tasks.n;
	return through;
}

int outcome_differences_draw(const struct canvas *c, int y, int x, enum theme_role role,
			     const size_t *counts)
{
	char *text = xasprintf(_("%zu real  %zu expected  %zu self-healed  %zu noise"),
			       counts[DIFF_REAL], counts[DIFF_EXPECTED], counts[DIFF_HEALED],
			       counts[DIFF_NOISE]);
	int w = canvas_label(c, y, x, -1, role, text);
	free(text);
	return w;
}

bool outcome_news(const struct app *a, struct outcome_seen *seen)
{
	const struct jobview *v = app_view(a);
	if (!v || (str_eq(a->job, seen->job) && v->seq == seen->seq))
		return false;
	if (!str_eq(a->job, seen->job)) {
		free(seen->job);
		seen->job = xstrdup(a->job);
	}
	seen->seq = v->seq;
	return true;
}

void outcome_return(struct app *a, struct outcome_seen *seen)
{
	struct err e = {0};
	if (!str_eq(a->job, seen->job) && app_follow(a, seen->job, &e) != 0)
		app_fail(a, &e);
	seen->seq = -1; /* whatever was taken from the view may be gone */
	(void)outcome_news(a, seen);
}

bool outcome_again_possible(const struct jobview *v, struct err *why)
{
	size_t *failed = NULL;
	size_t n = v ? outcome_failed(v, &failed) : 0;
	free(failed);
	if (n)
		return true;
	return err_set(why, ERR_REFUSED, _("no device of this job has failed")), false;
}

static void begin_again(struct app *a, const struct jobview *v)
{
	struct err e = {0};
	size_t *failed = NULL, n = outcome_failed(v, &failed);
	draft_from_job(a->draft, a->store, v->job, failed, n);
	draft_text(&a->draft->screen, screen_review.name);
	free(failed);
	if (draft_save(a->draft, &e) != 0) {
		app_fail(a, &e);
		return;
	}
	(void)app_back_to(a, screen_home.name); /* without a home there is nothing to leave */
	app_open(a, &screen_select, NULL);
	app_open(a, &screen_review, NULL);
}

static void take_instead(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	(void)text;
	struct jobview *v = choice == 0 ? create_view(a->store, ctx, &e) : NULL;
	if (v)
		begin_again(a, v);
	else if (choice == 0)
		app_fail(a, &e);
	jobview_free(v);
}

/* A new job that was begun is not lost by a key: that is asked first. */
void outcome_again(struct app *a, const struct jobview *v, const char *id)
{
	if (!wizard_begun(a) || draft_served(a->draft, a->store)) {
		begin_again(a, v);
		return;
	}
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Begin anew")),
			   .text = xstrdup(_("What was chosen and typed for the new job is "
					     "dropped. Jobs that were made of it stay as they are.")),
			   .choices = {_("Drop it"), _("Cancel")},
			   .n_choices = 2,
			   .at = 1,
			   .role = ROLE_WARNING,
			   .answer = take_instead,
			   .ctx = xstrdup(id),
			   .free_ctx = free});
}
