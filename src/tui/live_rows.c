/* SPDX-License-Identifier: ISC */
/* The live run: the devices in the order of the plan, with what is told of each. */
#include "config.h"

#include "tui/live.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "model/hitless.h"
#include "model/phrases.h"
#include "model/unit.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEAST 14 /* columns of a name that gets them before what is done on the device */

const struct column live_columns[LIVE_COLUMNS] = {
    [LIVE_NAME] = {N_("DEVICE"), 8, 24, 0, false},
    [LIVE_STATE] = {N_("STATE"), 13, 20, 0, false},
    [LIVE_PHASE] = {N_("PHASE"), 7, 12, 2, false},
    [LIVE_STEP] = {N_("STEP"), 9, 26, 1, false},
    [LIVE_PROGRESS] = {N_("PROGRESS"), 13, 44, 0, false},
    [LIVE_TIME] = {N_("TIME/LIMIT"), 12, 14, 0, true},
};

bool live_failed(const struct task_view *t)
{
	return t->state == TASK_FAILED || t->state == TASK_ROLLED_BACK ||
	       t->state == TASK_UNDOING || t->state == TASK_ROLLING_BACK;
}

const struct task_view *live_task(const struct live *s, size_t row)
{
	size_t task = row < s->rows.n ? s->rows.v[row].task : SIZE_MAX;
	return s->view && task < s->view->tasks.n ? &s->view->tasks.v[task] : NULL;
}

const struct task_view *live_at(const struct live *s)
{
	return live_task(s, list_row(&s->list));
}

/* --- cells ------------------------------------------------------------------------------------ */

void live_time(const struct live *s, const struct task_view *t, struct str *out)
{
	word_task_time(t, s->now, out);
}

static size_t steps_of(const struct live *s, const struct task_view *t)
{
	char *const *steps = unit_steps(s->view, t, t->pass);
	size_t n = 0;
	while (steps[n])
		n++;
	return n;
}

/* Bytes have a rate; how far a device says that it is has none. */
static bool counts_bytes(const struct live *s, const struct task_view *t)
{
	const struct step *p = t->step ? procedure_step(s->view->procedure, t->step) : NULL;
	return p && (p->action == ACTION_PUT || p->action == ACTION_GET);
}

/* How long a copy has stood still, in ms; 0: it moves, or nothing is copied. */
static int64_t stalled(const struct live *s, const struct task_view *t)
{
	int64_t still = s->now - t->told_wall;
	bool copies = s->running && t->state != TASK_HELD && counts_bytes(s, t) &&
		      t->told_wall && t->done < t->total;
	return copies && still >= COPY_STALLED_MS ? still : 0;
}

static void cell_progress(const struct live *s, const struct task_view *t, struct cell *out)
{
	const struct live_task *more = &s->tasks.v[t - s->view->tasks.v];
	char rate[32], left[32];
	if (!task_state_active(t->state)) { /* there is room to say why it is so */
		if (t->state != TASK_DONE)
			str_puts(&out->text,
				 said(s->view, live_failed(t) ? task_view_why(t) : t->reason));
		return;
	}
	if (t->waits) {
		str_printf(&out->text, _("waits for try %d"), t->waits + 1);
		return;
	}
	if (s->running && jobview_silent(s->view, t, s->now)) {
		word_span(jobview_silent(s->view, t, s->now), left);
		str_printf(&out->text, _("silent %s"), left);
		out->done = t->done;
		out->total = t->total;
		out->label = true;
		out->role = ROLE_WARNING;
		return;
	}
	if (t->total > 0 && t->intended) {
		out->done = t->done;
		out->total = t->total;
		if (stalled(s, t)) {
			word_span(stalled(s, t), left);
			str_printf(&out->text, _("stalled %s"), left);
			out->label = true;
			out->role = ROLE_WARNING;
			return;
		}
		if (more->rate <= 0 || !s->running || !counts_bytes(s, t)) {
			str_printf(&out->text, "%d%%", (int)(t->done * 100 / t->total));
			return;
		}
		word_rate(more->rate, rate);
		word_span((t->total - t->done) * 1000 / more->rate, left);
		str_printf(&out->text, "%s %s", rate, left);
		out->label = true;
		return;
	}
	size_t n = steps_of(s, t);
	if (n == 0)
		return;
	out->done = (int64_t)(t->pc < n ? t->pc : n);
	out->total = (int64_t)n;
	str_printf(&out->text, "%" PRId64 "/%zu", out->done, n);
}

/* Of a running step: the part of its limit that is used up, in thousandths. */
static int64_t strain(const struct live *s, const struct task_view *t)
{
	if (!task_state_active(t->state) || t->limit_ms <= 0 || !t->intent_wall || t->waits)
		return 0;
	return (s->now - t->intent_wall) * 1000 / t->limit_ms;
}

/* Where it failed is told of it; but one that is back is in no step any more. */
static bool tells_failure(const struct task_view *t)
{
	return live_failed(t) && t->state != TASK_ROLLED_BACK;
}

/* Where it failed; what came after (taking back changes) is no news. */
static const char *failed_phase(const struct live *s, const struct task_view *t)
{
	const struct step *step = tells_failure(t) && t->failed_step
				      ? procedure_step(s->view->procedure, t->failed_step)
				      : NULL;
	return step ? step->phase : NULL;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct live *s = ctx;
	const struct task_view *t = live_task(s, row);
	if (!t)
		return;
	bool active = task_state_active(t->state);
	switch (column) {
	case LIVE_NAME:
		str_puts(&out->text, hitless_is_broken(s->view, t->device) ? "! " : "");
		str_puts(&out->text, jobview_device(s->view, t->device));
		out->whole = NAME_LEAST;
		break;
	case LIVE_STATE:
		cell_task(out, t->state);
		break;
	case LIVE_PHASE:
		out->label = true;
		str_puts(&out->text, translated(active ? t->phase : failed_phase(s, t)));
		break;
	case LIVE_STEP:
		out->label = true;
		str_puts(&out->text, active && t->word ? translated(t->word)
				     : active	       ? word_step_short(s->view, t->step)
				     : tells_failure(t) ? word_step_short(s->view, t->failed_step)
						       : NULL);
		break;
	case LIVE_PROGRESS:
		cell_progress(s, t, out);
		break;
	default:
		live_time(s, t, &out->text);
		if (strain(s, t) > 1000)
			out->role = ROLE_WARNING; /* its limit is over */
		break;
	}
}

static size_t count(const void *ctx)
{
	const struct live *s = ctx;
	return s->rows.n;
}

static const char *id(const void *ctx, size_t row)
{
	const struct live *s = ctx;
	const struct task_view *t = live_task(s, row);
	return t ? jobview_device(s->view, t->device) : "";
}

static bool shown(const void *ctx, size_t row)
{
	const struct live *s = ctx;
	const struct task_view *t = live_task(s, row);
	if (!t)
		return false;
	return s->show == SHOW_ALL || (s->show == SHOW_ACTIVE && task_state_active(t->state)) ||
	       (s->show == SHOW_FAILED && (live_failed(t) || t->state == TASK_HELD));
}

static int by_number(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct live *s = ctx;
	const struct task_view *x = live_task(s, a), *y = live_task(s, b);
	int order;
	switch (column) {
	case LIVE_NAME:
		return strverscmp(id(ctx, a), id(ctx, b));
	case LIVE_STATE: /* what wants attention is on top */
		order = by_number(word_task_rank(x->state), word_task_rank(y->state));
		return order ? order : by_number(strain(s, y), strain(s, x));
	case LIVE_PHASE:
		return strcmp(x->phase ? x->phase : "", y->phase ? y->phase : "");
	case LIVE_STEP:
		return strcmp(x->word ? x->word : "", y->word ? y->word : "");
	case LIVE_PROGRESS:
		return by_number((int64_t)y->pc, (int64_t)x->pc);
	default:
		return by_number(strain(s, y), strain(s, x));
	}
}

/* A bar with its text. */
static int easy(size_t column)
{
	return column == LIVE_PROGRESS ? 18 : 0;
}

/* The words of a maintenance are long; they are what one looks for. */
static bool told(size_t column)
{
	return column == LIVE_STEP;
}

const struct list_rows live_rows = {.count = count,
				    .cell = cell,
				    .id = id,
				    .compare = compare,
				    .shown = shown,
				    .easy = easy,
				    .told = told};

/* --- the order of the plan -------------------------------------------------------------------- */

static void add_row(struct live *s, size_t task, size_t stage, bool *there)
{
	if (task == SIZE_MAX || there[task])
		return;
	there[task] = true;
	VEC_PUSH(&s->rows, ((struct live_row){.task = task, .stage = stage}));
}

static void add_stage(struct live *s, size_t stage, const size_t *of, bool *there)
{
	const struct plan_stage *p = &s->plan->stages.v[stage];
	(void)VEC_ADD(&s->stages);
	for (size_t b = 0; b < p->batches.n; b++)
		for (size_t i = 0; i < p->batches.v[b].devices.n; i++)
			add_row(s, of[p->batches.v[b].devices.v[i]], stage, there);
}

static void take_plan(struct live *s, const size_t *of)
{
	bool *there = xcalloc(s->view->tasks.n + 1, sizeof(*there));
	for (size_t i = 0; s->plan && i < s->plan->stages.n; i++)
		add_stage(s, i, of, there);
	for (size_t i = 0; i < s->view->tasks.n; i++)
		add_row(s, i, NO_STAGE, there);
	for (size_t i = 0; i < s->view->tasks.n; i++)
		(void)VEC_ADD(&s->tasks);
	for (size_t i = 0; s->plan && i < s->plan->devices.n; i++) {
		size_t task = of[s->plan->devices.v[i].device];
		if (task != SIZE_MAX)
			s->tasks.v[task].estimate = s->plan->devices.v[i].estimate_ms;
	}
	free(there);
}

static void forget(struct live *s)
{
	s->rows.n = s->tasks.n = s->stages.n = s->heat.n = 0;
	s->seq = -1;
	s->events = 0;
	free(s->job);
	s->job = NULL;
}

void live_begin(struct app *a, struct live *s)
{
	bool other = !str_eq(s->job, a->job);
	forget(s);
	s->view = app_view(a);
	if (other) /* the end of a job is told to those who saw it run */
		s->ended = s->view && job_state_final(s->view->state);
	s->plan = s->view ? s->view->plan : NULL;
	s->job = xstrdup(a->job);
	if (!s->view)
		return;
	size_t *of = live_tasks_of_devices(s->view);
	take_plan(s, of);
	free(of);
}

void live_end(struct live *s)
{
	forget(s);
	VEC_RELEASE(&s->rows);
	VEC_RELEASE(&s->tasks);
	VEC_RELEASE(&s->stages);
	VEC_RELEASE(&s->heat);
	list_release(&s->list);
}

/* --- time ------------------------------------------------------------------------------------- */

/* How fast a copy is, from what came between two looks; smoothed, it is for people. */
static void measure(struct live_task *m, const struct task_view *t, int64_t now)
{
	if (t->total <= 0 || t->done < m->done || !t->intended) {
		*m = (struct live_task){.estimate = m->estimate};
		return;
	}
	int64_t since = m->done ? m->wall : t->intent_wall;
	if (t->done == m->done || now <= since)
		return;
	int64_t rate = (t->done - m->done) * 1000 / (now - since);
	m->rate = m->rate ? (m->rate + rate) / 2 : rate;
	m->done = t->done;
	m->wall = now;
}

void live_follow(struct app *a, struct live *s)
{
	for (size_t i = a->events.list.n; i > s->events; i--)
		if (a->events.list.v[i - 1].device) {
			list_select(&s->list, a->events.list.v[i - 1].device);
			return;
		}
}

#define SECOND 1000
#define MINUTE 60000 /* how often the time is told anew that a job waits for somebody */

/* Is it time to tell the time anew? By our own clock: that of simulated devices may run a minute in each
 * second. 0: it stands still. */
static bool has_beaten(const struct app *a, struct live *s, int64_t every)
{
	int64_t now = a->clock->now(a->clock), was = s->looked;
	s->looked = now;
	return every > 0 && now / every != was / every;
}

static int64_t time_of(const struct app *a, const struct jobview *v, bool moves)
{
	int64_t wall = app_job_wall(a);
	return moves && wall > v->last ? wall : v->last;
}

bool live_look(struct app *a, struct live *s)
{
	const struct jobview *v = app_view(a);
	bool other = v != s->view || !str_eq(s->job, a->job) || (v && v->plan != s->plan);
	if (other)
		live_begin(a, s);
	if (!v)
		return other;
	bool news = other || v->seq != s->seq, running = s->running;
	bool waits = jobview_waits(v); /* for the operator: nothing moves but the time of the job */
	int64_t was = s->now;
	s->running = a->job_running && !job_state_final(v->state) && (news || s->sums.busy);
	bool beat = has_beaten(a, s, s->running ? SECOND : waits ? MINUTE : 0);
	if (news || beat || running != s->running)
		s->now = time_of(a, v, s->running || waits);
	if (news) {
		s->seq = v->seq;
		for (size_t i = 0; i < v->tasks.n; i++)
			measure(&s->tasks.v[i], &v->tasks.v[i], s->now);
		live_add_up(s);
		s->running = s->running && s->sums.busy;
		list_refresh(&s->list);
		if (s->follow)
			live_follow(a, s);
		s->events = a->events.list.n;
	}
	if (!news && s->running && beat)
		live_guess_left(s);
	return news || running != s->running || (beat && s->now != was);
}
