/* SPDX-License-Identifier: ISC */
/*
 * Looking again and again: the snapshots and the checks after the upgrade. A round that finds nothing
 * wrong is the last one; so is one that finds the same as those before it for as long as the step
 * calls stable, and one beyond the step's limit. Every look of a snapshot is kept, so that what was
 * away and came back can be told from what was never away.
 */
#include "config.h"

#include "engine/private.h"

#include "base/i18n.h"
#include "model/difference.h"

#include <stdlib.h>

#define SNAPSHOT_LIMIT (4 * 1024 * 1024) /* bytes of one collector's output */

/* --- rounds ----------------------------------------------------------------------------------------- */

void samples_end(struct task *t)
{
	free(t->sampling.state);
	t->sampling = (struct sampling){0};
}

void samples_start(struct engine *g, struct task *t)
{
	samples_end(t);
	const struct step *s = task_step(g, t);
	t->sampling.last = !s->interval_ms || !tv(g, t)->committed;
}

/* Somebody else of the job is away: what is missing here may be his. */
static bool others_away(struct engine *g, struct task *t)
{
	for (size_t i = 0; i < g->n; i++) {
		struct task *other = &g->tasks[i];
		const struct task_view *v = tv(g, other);
		if (other == t || !v->committed || !task_state_active(v->state) ||
		    v->state == TASK_HELD)
			continue;
		const struct step *s = task_step(g, other);
		if (s && s->action != ACTION_SNAPSHOT && s->action != ACTION_CHECK)
			return true;
	}
	return false;
}

static bool over(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	int64_t left = task_limit(g, s) - (g->now - t->step_since);
	bool stable = t->sampling.state && g->now - t->sampling.since >= s->stable_ms;
	return (stable && !others_away(g, t)) || left <= s->interval_ms || g->view->state == JOB_CANCELLING;
}

bool samples_again(struct engine *g, struct task *t, char *state)
{
	const struct step *s = task_step(g, t);
	struct sampling *k = &t->sampling;
	if (!state || k->last) {
		free(state);
		return false;
	}
	if (!str_eq(state, k->state))
		k->since = g->now;
	free(k->state);
	k->state = state;
	k->last = over(g, t); /* one more round, whose words stand */
	struct values seen = {0};
	values_release(&t->query.seen);
	t->query.seen = seen;
	t->query.i = t->query.peer = 0;
	t->query.unread = t->query.bad = false;
	task_pause(g, t, s, k->last ? 1 : s->interval_ms);
	return true;
}

/* --- snapshots ---------------------------------------------------------------------------------------- */

/* With a component behind it, what is seen is no longer how it was. */
static const char *when_of(struct engine *g, struct task *t)
{
	const struct job_kind *kind = jobview_kind(g->view);
	char *turns = jobview_turns_done(g->view, tv(g, t));
	bool after = tv(g, t)->committed || turns || (kind && kind->after);
	free(turns);
	return after ? "after" : "before";
}

bool samples_misled(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	bool second = false;
	for (size_t i = 0; i < g->view->procedure->n_collectors; i++)
		second |= jobview_last_look(g->view, tv(g, t),
		                            g->view->procedure->collectors[i].element,
		                            "before") != NULL;
	if (tv(g, t)->committed || !s->interval_ms || !second || !others_away(g, t))
		return false;
	note(g, task_name(g, t), false,
	     "%s: no second look before: others of the job are away, and what they do is no noise",
	     task_name(g, t));
	return true;
}

bool samples_wait(struct engine *g, struct task *t)
{
	const struct step *s = task_step(g, t);
	int64_t last = 0;
	if (tv(g, t)->committed || !s->interval_ms)
		return false;
	for (size_t i = 0; i < g->view->snapshots.n; i++) {
		const struct snapshot_view *v = &g->view->snapshots.v[i];
		if (v->device == tv(g, t)->device && str_eq(v->when, "before") && v->wall > last)
			last = v->wall;
	}
	int64_t gone = g->wall - last;
	if (gone < 0 || gone >= s->interval_ms) /* or the clock was put back */
		return false;
	task_pause(g, t, s, s->interval_ms - gone);
	return true;
}

bool next_collector(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	while (t->query.i < p->n_collectors && !task_holds(g, t, p->collectors[t->query.i].when))
		t->query.i++;
	if (t->query.i >= p->n_collectors)
		return false;
	query_ask(g, t, tv(g, t)->device, p->collectors[t->query.i].command, SNAPSHOT_LIMIT);
	return true;
}

/* The same as the look before it in this attempt: nothing new to keep. */
static bool known_rows(struct engine *g, struct task *t, const char *element, const cJSON *rows)
{
	const struct snapshot_view *last = jobview_last_look(g->view, tv(g, t), element,
	                                                     when_of(g, t));
	return last && cJSON_Compare(last->rows, rows, true);
}

static void keep_rows(struct engine *g, struct task *t, const char *element, cJSON *rows)
{
	struct record *x = record_new(RECORD_SNAPSHOT, task_name(g, t), NULL);
	record_text(x, "when", when_of(g, t));
	record_text(x, "element", element);
	emit(g, record_json(x, "rows", rows));
}

void snapshot_reply(struct engine *g, struct task *t, const struct tr_reply *r)
{
	const struct collector *c = &g->view->procedure->collectors[t->query.i++];
	struct answer a = reply_answer(r);
	cJSON *rows = snapshot_rows(c, &a);
	if (!rows && t->sampling.last)
		note(g, task_name(g, t), true, "%s: the %s part of the snapshot could not be read",
		     task_name(g, t), c->element);
	if (!rows)
		t->query.unread = true;
	else if (known_rows(g, t, c->element, rows))
		cJSON_Delete(rows);
	else
		keep_rows(g, t, c->element, rows);
}

/* What is really different now, as one text: the same text, the same state. */
static void add_state(struct engine *g, struct task *t, const struct collector *c, struct str *out)
{
	struct diff d;
	diff_job(g->view, tv(g, t)->device, c, &d);
	for (size_t i = 0; i < d.n; i++) {
		if (d.v[i].class != DIFF_REAL)
			continue;
		char *after = d.v[i].after ? cJSON_PrintUnformatted(d.v[i].after) : NULL;
		str_printf(out, "%s/%s %s\n", c->element, d.v[i].key, after ? after : "");
		cJSON_free(after);
	}
	diff_release(&d);
}

bool snapshot_again(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	struct str state = {0};
	if (t->sampling.last)
		return false;
	for (size_t i = 0; i < p->n_collectors; i++)
		if (task_holds(g, t, p->collectors[i].when))
			add_state(g, t, &p->collectors[i], &state);
	if (t->query.unread)
		str_puts(&state, "unread\n");
	char *text = state.len ? xstrdup(str_text(&state)) : NULL;
	str_release(&state);
	return samples_again(g, t, text);
}

/* --- what is said of them --------------------------------------------------------------------------------- */

bool samples_missing(struct engine *g, struct task *t, struct values *found)
{
	const struct procedure *p = g->view->procedure;
	size_t device = tv(g, t)->device;
	struct str names = {0};
	for (size_t i = 0; i < p->n_collectors; i++) {
		struct diff d;
		diff_job(g->view, device, &p->collectors[i], &d);
		if (d.before >= 0 && d.after < 0)
			str_printf(&names, "%s%s", names.len ? ", " : "", p->collectors[i].element);
		diff_release(&d);
	}
	values_set(found, "reason", str_text(&names));
	bool any = names.len > 0;
	str_release(&names);
	return any;
}

/* One kind of change is the rule; of several all are told. */
static char *counts_text(const char *element, const size_t n[SNAPSHOT_CHANGED + 1])
{
	size_t added = n[SNAPSHOT_ADDED], removed = n[SNAPSHOT_REMOVED], changed = n[SNAPSHOT_CHANGED];
	if (!removed && !changed)
		return xasprintf(M_("%-s: %zu added"), element, added);
	if (!added && !changed)
		return xasprintf(M_("%-s: %zu removed"), element, removed);
	if (!added && !removed)
		return xasprintf(M_("%-s: %zu changed"), element, changed);
	return xasprintf(M_("%-s: %zu added, %zu removed, %zu changed"), element, added, removed,
			 changed);
}

bool samples_differ(struct engine *g, struct task *t, const char *element, struct values *found)
{
	const struct procedure *p = g->view->procedure;
	struct str text = {0};
	for (size_t i = 0; i < p->n_collectors; i++) {
		struct diff d;
		if (element && !str_eq(element, p->collectors[i].element))
			continue;
		diff_job(g->view, tv(g, t)->device, &p->collectors[i], &d);
		if (diff_count(&d, DIFF_REAL)) {
			char *one = counts_text(p->collectors[i].element, d.counts[DIFF_REAL]);
			str_printf(&text, "%s%s", text.len ? "; " : "", one);
			free(one);
		}
		diff_release(&d);
	}
	values_set(found, "reason", str_text(&text));
	bool any = text.len > 0;
	str_release(&text);
	return any;
}

/* --- checks ----------------------------------------------------------------------------------------------- */

bool checks_again(struct engine *g, struct task *t)
{
	struct str state = {0};
	for (size_t i = 0; i < g->view->checks.n && !t->sampling.last; i++) {
		const struct check_view *c = &g->view->checks.v[i];
		if (c->device != tv(g, t)->device || str_eq(c->status, "passed") ||
		    str_eq(c->status, "skipped"))
			continue;
		const struct check *how = procedure_check(g->view->procedure, c->check);
		if (how && !how->builtin && is_named(t->query.names, c->check))
			str_printf(&state, "%s %s %s\n", c->check, c->status,
			           c->message ? c->message : "");
	}
	char *text = state.len ? xstrdup(str_text(&state)) : NULL;
	str_release(&state);
	return samples_again(g, t, text);
}
