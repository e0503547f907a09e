/* SPDX-License-Identifier: ISC */
/* When all copies are there, and when the job is over. The plan's batches follow each other, each
 * in a maintenance window that has room for it where the job has such; what is under way is
 * measured, what has not begun takes what the plan says. */
#include "config.h"

#include "run/forecast.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "model/json.h"
#include "run/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER INT64_MAX /* no window that is left has room for it */

struct left { /* ms from now */
	int64_t p50, p95;
};

static struct left none(void)
{
	return (struct left){0, 0};
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sum(int64_t a, int64_t b)
{
	return a == NEVER || b == NEVER ? NEVER : a + b;
}

static struct left both(struct left a, struct left b)
{
	return (struct left){sum(a.p50, b.p50), sum(a.p95, b.p95)};
}

static void join(struct left *all, struct left one)
{
	all->p50 = larger(all->p50, one.p50);
	all->p95 = larger(all->p95, one.p95);
}

/* What is left of something that was to take so long and began a while ago. What is late is taken
 * to be over at once by p50, and after a tenth of its time by p95. */
static struct left rest(int64_t p50, int64_t p95, int64_t since)
{
	return (struct left){larger(p50 - since, 0), larger(p95 - since, p95 / 10)};
}

/* --- one device ------------------------------------------------------------------------------- */

/* Of the image that the device is upgraded to. */
static bool is_copy(const struct jobview *v, const char *name)
{
	const struct step *s = name ? procedure_step(v->procedure, name) : NULL;
	const struct image_kind *kind =
	    s && s->image ? procedure_image_kind(v->procedure, s->image) : NULL;
	return s && s->action == ACTION_PUT && kind && !kind->parameter;
}

/* The last step of the way there that copies an image. */
static const char *last_copy(const struct jobview *v)
{
	char *const *steps = jobview_steps(v, PASS_UPGRADE);
	const char *found = NULL;
	for (size_t i = 0; steps && steps[i]; i++)
		if (is_copy(v, steps[i]))
			found = steps[i];
	return found;
}

static bool has_copy(const struct task_view *t, const char *step)
{
	for (size_t i = t->steps.n; i-- > 0;) {
		const struct step_view *s = &t->steps.v[i];
		if (s->pass == PASS_UPGRADE && s->attempt == t->attempt && str_eq(s->step, step))
			return str_eq(s->result, "done") || str_eq(s->result, "skipped");
	}
	return false;
}

/* Bytes in a second of the copy that is under way; 0: not told yet. */
static int64_t rate_of(const struct jobview *v, const struct task_view *t, int64_t wall)
{
	const struct step_view *s = t->steps.n ? &t->steps.v[t->steps.n - 1] : NULL;
	if (!s || !t->intended || t->total <= 0 || !is_copy(v, s->step) || wall <= s->started)
		return 0;
	int64_t moved = t->done - (s->first_done * 5 <= s->total ? 0 : s->first_done);
	return moved > 0 ? moved * 1000 / (wall - s->started) : 0;
}

static bool began(const struct task_view *t)
{
	return task_state_active(t->state) && t->started && t->pass == PASS_UPGRADE;
}

/* When this attempt began: the first step of it. */
static int64_t since(const struct task_view *t, int64_t wall)
{
	for (size_t i = 0; i < t->steps.n; i++)
		if (t->steps.v[i].attempt == t->attempt)
			return wall - t->steps.v[i].started;
	return 0;
}

static struct left device_left(const struct task_view *t, const struct plan_device *d, int64_t wall)
{
	int64_t p95 = d->p95_ms ? d->p95_ms : d->estimate_ms + d->estimate_ms / 2;
	if (task_state_final(t->state))
		return none();
	return began(t) ? rest(d->estimate_ms, p95, since(t, wall))
			: (struct left){d->estimate_ms, p95};
}

/* The same of one turn of it. */
static struct left turn_left(const struct jobview *v, size_t stage, const struct plan_batch *b,
			     const struct task_view *t, int64_t wall)
{
	int64_t p95 = b->estimate_ms + b->estimate_ms / 2, first, last;
	enum task_state state = jobview_stage_state(v, t, stage);
	if (task_state_final(state))
		return none();
	return task_state_active(state) && jobview_stage_times(v, t, stage, &first, &last)
		   ? rest(b->estimate_ms, p95, wall - first)
		   : (struct left){b->estimate_ms, p95};
}

static struct left copy_left(const struct jobview *v, const struct task_view *t,
			     const struct plan_device *d, int64_t wall)
{
	int64_t rate = rate_of(v, t, wall);
	if (rate > 0) {
		int64_t ms = (t->total - t->done) * 1000 / rate;
		return (struct left){ms, ms + ms / 2};
	}
	return began(t) ? rest(d->copy_ms, d->copy_p95_ms, since(t, wall))
			: (struct left){d->copy_ms, d->copy_p95_ms};
}

/* --- the plan --------------------------------------------------------------------------------- */

struct walk {
	const struct jobview *v;
	int64_t wall;
	const char *copy; /* step; NULL: there is none */
	size_t *tasks;    /* device -> task, SIZE_MAX */
	const struct plan_device **devices;
	struct left at; /* where the batch begins */
	struct left copies;
	struct forecast_times *out;
};

/* The first moment from then on at which the window leaves room for it. */
static int64_t opening(struct walk *w, int64_t at, int64_t need)
{
	const struct windows *windows = &w->v->job->windows;
	struct window_span s;
	if (!windows->n || at == NEVER || w->out->waits || w->out->stands)
		return at;
	if (!windows_fit(windows, w->wall + at, need, &s))
		return NEVER;
	return larger(at, s.opens - w->wall);
}

/* Does it still have to begin, and only in a window (engine/waits.c)? */
static bool waits_for_window(const struct jobview *v, const struct task_view *t, size_t stage)
{
	return t->state == TASK_PENDING && t->next_pass == PASS_UPGRADE &&
	       !task_state_final(jobview_stage_state(v, t, stage));
}

/* When those of the batch begin that have not. */
static struct left batch_begins(struct walk *w, size_t stage, const struct plan_batch *b, bool cut)
{
	int64_t need = -1;
	for (size_t i = 0; i < b->devices.n; i++) {
		size_t device = b->devices.v[i];
		const struct plan_device *d = w->devices[device];
		if (d && w->tasks[device] != SIZE_MAX &&
		    waits_for_window(w->v, &w->v->tasks.v[w->tasks[device]], stage))
			need = larger(need, cut ? b->need_ms : d->need_ms);
	}
	return need < 0 ? w->at
			: (struct left){opening(w, w->at.p50, need), opening(w, w->at.p95, need)};
}

static void look_at_copy(struct walk *w, const struct task_view *t, const struct plan_device *d,
			 struct left begins)
{
	if (!w->copy || !d->copy_ms || (task_state_final(t->state) && !has_copy(t, w->copy)))
		return;
	w->out->copies++;
	if (has_copy(t, w->copy)) {
		w->out->copied++;
		return;
	}
	int64_t rate = rate_of(w->v, t, w->wall);
	w->out->copying += t->intended && t->total > 0 && is_copy(w->v, t->step);
	w->out->rate += rate;
	struct left one = copy_left(w->v, t, d, w->wall);
	join(&w->copies, began(t) ? one : both(one, begins));
}

static void walk_batch(struct walk *w, size_t stage, const struct plan_batch *b)
{
	bool cut = jobview_stage_component(w->v, stage) != NULL;
	struct left over = w->at, begins = batch_begins(w, stage, b, cut);
	for (size_t i = 0; i < b->devices.n; i++) {
		size_t device = b->devices.v[i];
		const struct plan_device *d = w->devices[device];
		if (w->tasks[device] == SIZE_MAX || !d)
			continue;
		const struct task_view *t = &w->v->tasks.v[w->tasks[device]];
		if (!cut)
			look_at_copy(w, t, d, begins);
		struct left one =
		    cut ? turn_left(w->v, stage, b, t, w->wall) : device_left(t, d, w->wall);
		struct left from = waits_for_window(w->v, t, stage) ? begins : w->at;
		join(&over, both(from, one));
	}
	w->at = over;
}

static void index_devices(struct walk *w)
{
	size_t n = w->v->job->inventory->devices.n;
	w->tasks = xcalloc(n + 1, sizeof(*w->tasks));
	w->devices = xcalloc(n + 1, sizeof(*w->devices));
	for (size_t i = 0; i < n; i++)
		w->tasks[i] = SIZE_MAX;
	for (size_t i = 0; i < w->v->tasks.n; i++)
		w->tasks[w->v->tasks.v[i].device] = i;
	for (size_t i = 0; i < w->v->plan->devices.n; i++)
		w->devices[w->v->plan->devices.v[i].device] = &w->v->plan->devices.v[i];
}

static int64_t moment(int64_t wall, int64_t left)
{
	return left == NEVER ? 0 : wall + left;
}

/* Held but for its window, paused, or a question is open: who knows for how long? */
static bool waits_for_somebody(const struct jobview *v)
{
	return (jobview_waits(v) && !v->until) || jobview_next_question(v, 0);
}

static int64_t since_when(const struct jobview *v)
{
	const struct wait_view *last = v->waits.n ? &v->waits.v[v->waits.n - 1] : NULL;
	if (!jobview_waits(v))
		return 0;
	return last && last->to == v->last ? last->from : v->last;
}

bool forecast_times(const struct jobview *v, int64_t wall, bool runs, struct forecast_times *out)
{
	*out = (struct forecast_times){.wall = wall};
	if (!v->plan || !v->started || job_state_final(v->state))
		return false;
	out->waits = waits_for_somebody(v);
	out->stands = !out->waits && !runs;
	struct walk w = {.v = v, .wall = wall, .copy = last_copy(v), .out = out};
	index_devices(&w);
	for (size_t i = 0; i < v->plan->stages.n; i++)
		for (size_t k = 0; k < v->plan->stages.v[i].batches.n; k++)
			walk_batch(&w, i, &v->plan->stages.v[i].batches.v[k]);
	free(w.tasks);
	free(w.devices);
	if (out->waits || out->stands) {
		out->since = out->waits ? since_when(v) : 0;
		out->left_p50 = w.at.p50;
		out->left_p95 = w.at.p95;
		return true;
	}
	if (out->copied < out->copies) {
		out->copies_p50 = moment(wall, w.copies.p50);
		out->copies_p95 = moment(wall, w.copies.p95);
	}
	out->end_p50 = moment(wall, w.at.p50);
	out->end_p95 = moment(wall, w.at.p95);
	return true;
}

/* --- in words --------------------------------------------------------------------------------- */

/* Hours and minutes, rounded up: what is promised by 22:41 is there at 22:41. With the day where it
 * is not that of the other moment. New. */
static char *minute_text(int64_t wall, int64_t other)
{
	char day[32], today[32];
	wall = (wall + 59999) / 60000 * 60000;
	clock_local(wall, day);
	clock_local(other, today);
	bool same = strncmp(day, today, 10) == 0;
	return xasprintf("%.*s", same ? 5 : 16, same ? day + 11 : day);
}

char *forecast_copies_text(const struct forecast_times *f)
{
	if (f->copied >= f->copies || !f->copies_p50)
		return NULL;
	char *likely = minute_text(f->copies_p50, f->wall);
	char *late = f->copies_p95 ? minute_text(f->copies_p95, f->copies_p50) : NULL;
	char *text = late ? xasprintf(_("all copies done by %s (p95 %s)"), likely, late)
			  : xasprintf(_("all copies done by %s, or too late for the windows"),
				      likely);
	free(likely);
	free(late);
	return text;
}

/* "Held since 22:41; work left: 12m (p95 20m)". New. */
static char *left_text(const struct forecast_times *f)
{
	char likely[32], late[32], since[32];
	word_span(f->left_p50, likely);
	word_span(f->left_p95, late);
	clock_local(f->since, since);
	if (f->stands)
		return xasprintf(_("No process works on the job; work left: %s (p95 %s)"), likely,
				 late);
	if (!f->since)
		return xasprintf(_("A question is open; work left: %s (p95 %s)"), likely, late);
	return xasprintf(_("Held since %.16s; work left: %s (p95 %s)"), since, likely, late);
}

char *forecast_end_text(const struct forecast_times *f)
{
	if (f->waits || f->stands)
		return left_text(f);
	if (!f->end_p50)
		return xstrdup(_("What is left of the maintenance windows has no room for the rest"));
	char *likely = minute_text(f->end_p50, 0);
	char *late = f->end_p95 ? minute_text(f->end_p95, f->end_p50) : NULL;
	char *text =
	    late ? xasprintf(_("The job is over by %s (p95 %s), if nothing holds it"), likely, late)
		 : xasprintf(_("The job is over by %s, but what is left of the maintenance windows may "
			       "not fit the rest"),
			     likely);
	free(likely);
	free(late);
	return text;
}

static void put_times(cJSON *o, int64_t p50, int64_t p95)
{
	char text[32];
	if (!p50)
		return;
	clock_iso(p50, text);
	json_put_text(o, "p50", text);
	if (p95) {
		clock_iso(p95, text);
		json_put_text(o, "p95", text);
	}
}

static void put_left(cJSON *o, const struct forecast_times *f)
{
	char text[32];
	if (!f->waits && !f->stands)
		return;
	clock_iso(f->since, text);
	json_put_text(o, "waits", f->waits ? "decision" : "process");
	json_put_text(o, "since", f->since ? text : NULL);
	json_put_number(o, "left_ms", f->left_p50);
	json_put_number(o, "left_p95_ms", f->left_p95);
}

cJSON *forecast_json(const struct jobview *v, int64_t wall, bool runs)
{
	struct forecast_times f;
	if (!forecast_times(v, wall, runs, &f))
		return NULL;
	cJSON *o = cJSON_CreateObject(), *copies = cJSON_CreateObject(), *end = cJSON_CreateObject();
	json_put_number(copies, "devices", (int64_t)f.copies);
	json_put_number(copies, "done", (int64_t)f.copied);
	json_put_number(copies, "running", (int64_t)f.copying);
	if (f.rate)
		json_put_number(copies, "bytes_per_second", f.rate);
	put_times(copies, f.copies_p50, f.copies_p95);
	put_times(end, f.end_p50, f.end_p95);
	put_left(end, &f);
	json_put(o, "copies", copies);
	json_put(o, "end", end);
	return o;
}
