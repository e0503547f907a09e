/* SPDX-License-Identifier: ISC */
/* The head of the results: how it ended, how long it took, what differs, what was waived. */
#include "config.h"

#include "tui/results_head.h"

#include "tui/outcome.h"
#include "tui/stage_boxes.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/hitless.h"
#include "plan/planner.h"
#include "run/compare.h"
#include "run/status.h"
#include "run/words.h"

#include <stdlib.h>

#define STAGES_MOST  3 /* lines for the times of the stages */
#define STAGES       2 /* where they begin */
#define OTHER_LINES  3
#define WAITED_LEAST 60000 /* ms: who answers at once did not let it wait */

/* --- time ------------------------------------------------------------------------------------- */

/* How long it took, and how much of that nobody but the operator could have shortened; new. */
static char *time_text(const struct jobview *v, int64_t wall)
{
	char span[32], waited[32];
	int64_t end = v->ended ? v->ended : wall, waits = jobview_waited(v, end);
	outcome_span(v->started ? end - v->started : 0, span);
	if (waits < WAITED_LEAST)
		return xasprintf(_("elapsed %s"), span);
	outcome_span(waits, waited);
	return xasprintf(_("elapsed %s, waiting for you: %s"), span, waited);
}

/* The name, the state, the whole time; the name gives way. */
static void draw_first(const struct jobview *v, const struct canvas *c, int64_t wall)
{
	char *time = time_text(v, wall);
	char *state = xasprintf("%c %s", mark_job(v->state), word_job(v->state));
	int room = c->w - 2 - utf8_width(state) - utf8_width(time) - 4;
	int x = 1 + canvas_text(c, 0, 1, room, ROLE_TITLE, v->job->name) + 2;
	x += canvas_text(c, 0, x, -1, role_job(v->state), state) + 2;
	(void)canvas_label(c, 0, x, -1, ROLE_TEXT, time);
	free(state);
	free(time);
}

/* From the first device that began to the last that ended, but for what the job waited for the
 * operator. */
static int64_t stage_elapsed(const struct jobview *v, size_t stage, int64_t wall)
{
	int64_t first = 0, last = 0;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		int64_t begin, end;
		if (!stage_has(&v->plan->stages.v[stage], t->device) ||
		    !jobview_stage_times(v, t, stage, &begin, &end))
			continue;
		end = jobview_stage_component(v, stage) || t->ended ? end : wall;
		first = !first || begin < first ? begin : first;
		last = end > last ? end : last;
	}
	return last - first - jobview_waited_in(v, first, last);
}

/* "spine 22m13s  leaf 26m20s" in as many lines as that takes, up to the limit, where it says how many
 * more there are; gives their number. Only measured when `draw` is not set. */
static int put_stages(const struct jobview *v, const struct canvas *c, int64_t wall, bool draw)
{
	int x = 1, line = 0;
	size_t n = v->plan ? v->plan->stages.n : 0;
	for (size_t i = 0; i < n; i++) {
		char span[32];
		char *more = xasprintf(_(" and %zu more"), n - i);
		int room = c->w - 1 - (line + 1 < STAGES_MOST || i + 1 == n ? 0 : utf8_width(more) + 1);
		outcome_span(stage_elapsed(v, i, wall), span);
		char *text = xasprintf("%s %s", plan_stage_title(&v->plan->stages.v[i]), span);
		int w = utf8_width(text);
		bool full = x > 1 && x + w > room, over = full && line + 1 == STAGES_MOST;
		if (full && !over)
			x = 1, line++;
		if (draw)
			(void)canvas_text(c, STAGES + line, over ? x - 2 : x, -1,
					  over ? ROLE_WARNING : ROLE_TEXT, over ? more : text);
		x += w + 2;
		free(text), free(more);
		if (over)
			break;
	}
	return line + 1;
}

/* --- waivers ---------------------------------------------------------------------------------- */

static void draw_waived(const struct jobview *v, const struct canvas *c, int y)
{
	size_t n = 0, missing = diff_missing_count(v, DIFF_DUE_OVER);
	struct str names = {0};
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *k = &v->checks.v[i];
		if (!k->waived_by)
			continue;
		str_printf(&names, "%s%s (%s)", n++ ? ", " : "", k->check, k->waived_by);
	}
	int x = 1;
	if (missing) { /* the job counts as failed for it */
		char *text = xasprintf(ngettext("! %zu snapshot is missing",
					"! %zu snapshots are missing",
				missing), missing);
		x += canvas_label(c, y, x, -1, ROLE_STATE_FAILED, text) + 2;
		free(text);
	}
	if (hitless_is_broken(v, NO_DEVICE)) {
		char *words = status_hitless_words(v), *text = xasprintf("! %s", words);
		x += canvas_label(c, y, x, -1, ROLE_WARNING, text) + 2;
		free(words), free(text);
	}
	if (n) {
		char *text = xasprintf(_("waived checks (%zu):"), n);
		x += canvas_label(c, y, x, -1, ROLE_WARNING, text) + 1;
		(void)canvas_text(c, y, x, -1, ROLE_TEXT, str_text(&names));
		free(text);
	} else {
		(void)canvas_label(c, y, x, -1, ROLE_DIM, _("no check waived"));
	}
	str_release(&names);
}

/* --- differences ------------------------------------------------------------------------------ */

void results_compare(struct results_compared *k, const struct jobview *v, bool anyway)
{
	struct comparison c;
	size_t through = v ? outcome_through(v) : 0;
	if (!anyway && through == k->through)
		return;
	*k = (struct results_compared){.any = v && v->snapshots.n, .through = through};
	if (!k->any)
		return;
	compare_job(v, NULL, &c);
	for (size_t i = 0; i < DIFF_CLASSES; i++)
		k->counts[i] = compare_count(&c, (enum diff_class)i);
	comparison_release(&c);
}

static void draw_differences(const struct results_compared *k, const struct canvas *c, int y)
{
	enum theme_role role = k->counts[DIFF_REAL] ? ROLE_WARNING : ROLE_TEXT;
	int x = 1 + canvas_label(c, y, 1, -1, role, _("Differences:")) + 1;
	(void)outcome_differences_draw(c, y, x, role, k->counts);
}

/* --- all -------------------------------------------------------------------------------------- */

int results_head_lines(const struct app *a, const struct results_compared *k, int width)
{
	const struct jobview *v = app_view(a);
	struct canvas c = {.term = a->term, .w = width};
	return OTHER_LINES + k->any + (v ? put_stages(v, &c, app_job_wall(a), false) : 1);
}

void results_head_draw(const struct app *a, const struct results_compared *k,
		       const struct canvas *c, int lines)
{
	const struct jobview *v = app_view(a);
	size_t counts[TASK_STATE_COUNT];
	jobview_counts(v, counts);
	draw_first(v, c, app_job_wall(a));
	(void)outcome_counts_draw(c, 1, 1, counts);
	(void)put_stages(v, c, app_job_wall(a), true);
	if (k->any)
		draw_differences(k, c, lines - 2);
	draw_waived(v, c, lines - 1);
}
