/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/device_head.h"

#include "tui/evidence.h"
#include "tui/states.h"
#include "tui/ways.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/status.h"
#include "run/words.h"

#include <stdlib.h>

#define TOP_LINES 2 /* its state, and what it is */

/* What failed is said in full below the head. */
static bool is_bad_end(const struct task_view *t)
{
	return t->was_failed && t->message && t->state != TASK_DONE;
}

static void draw_state(const struct device_head *s, const struct canvas *c, int y)
{
	const struct task_view *t = s->task;
	char took[32], limit[32];
	int x = 1 +
		canvas_textf(c, y, 1, 18, role_task(t->state), "%c %s", mark_task(t->state),
			     word_task(t->state)) +
		2;
	if (s->running && t->waits) {
		char *text = xasprintf(_("%s: waits to try again (%d so far): %s"),
				       translated(t->phase), t->waits,
				       t->waits_why ? t->waits_why : "-");
		(void)canvas_label(c, y, x, -1, ROLE_WARNING, text);
		free(text);
	} else if (s->running && t->intent_wall) {
		char *silent = word_silent(s->view, t, s->now);
		word_span(s->now - t->intent_wall, took);
		word_span(t->limit_ms, limit);
		(void)canvas_textf(c, y, x, -1, ROLE_TEXT, "%s  %s  %s/%s  %s",
				   translated(t->phase), translated(t->word), took,
				   t->limit_ms > 0 ? limit : "-",
				   silent	? silent
				   : t->waits_why ? said(s->view, t->waits_why)
						  : "");
		free(silent);
	} else if (t->reason && !is_bad_end(t)) {
		(void)canvas_text(c, y, x, -1, ROLE_TEXT, said(s->view, t->reason));
	}
}

static void draw_what(const struct device_head *s, const struct canvas *c, int y)
{
	const struct device *d = &s->view->job->inventory->devices.v[s->task->device];
	const struct group *g = inventory_group(s->view->job->inventory, s->task->device);
	const char *from = status_from_version(s->view, s->task->device);
	(void)canvas_textf(c, y, 1, -1, ROLE_TEXT, "%s:%d  %s  %s%s%s -> %s", d->address, d->port,
			   d->role ? d->role : "-", g ? g->name : "", g ? "  " : "",
			   from ? from : "?", job_version(s->view->job, s->task->device));
}

/* What is said below the first two lines. */
struct part {
	enum theme_role role;
	char *text; /* NULL: nothing */
	int lines;
};

enum { PART_WHAT, PART_CAUSE, PART_CHANGED, PART_SET, PART_WAY, PARTS };

static void say(struct part *p, enum theme_role role, char *text)
{
	*p = (struct part){.role = role, .text = text};
}

static void say_failure(const struct app *a, const struct device_head *s, struct part *parts)
{
	const struct task_view *t = s->task;
	if (is_bad_end(t))
		say(&parts[PART_WHAT], ROLE_ERROR, xasprintf("! %s", said(s->view, t->message)));
	else if (t->was_failed)
		say(&parts[PART_WHAT], ROLE_WARNING,
		    xasprintf(_("Attempt %d failed at %s"), t->failed_attempt,
			      t->failed_step ? word_step(s->view, t->failed_step) : "-"));
	if (is_bad_end(t) && t->cause)
		say(&parts[PART_CAUSE], ROLE_TEXT,
		    xasprintf("%s %s", _("Likely cause:"), said(s->view, t->cause)));
	if (t->was_failed && t->advice && t->state != TASK_DONE) {
		char *way = ways_advice(a, said(s->view, t->advice));
		say(&parts[PART_WAY], ROLE_TEXT, xasprintf("-> %s", way));
		free(way);
	}
}

static void say_all(const struct app *a, const struct device_head *s, struct part *parts)
{
	const struct question_view *q = jobview_open_question(s->view, s->task->device);
	struct str changes = {0};
	if (q)
		say(&parts[PART_WHAT], ROLE_STATE_HELD,
		    xasprintf(_("? A answers: %s"), said(s->view, q->text)));
	else
		say_failure(a, s, parts);
	evidence_open_changes(s->view, s->task, &changes);
	if (changes.len)
		say(&parts[PART_CHANGED], ROLE_WARNING,
		    xasprintf(_("Still changed: %s"), str_text(&changes)));
	str_release(&changes);
	/* what later tries of it, or all of them, go by */
	say(&parts[PART_SET], ROLE_TEXT, word_sets(s->view));
}

/* In at most so many lines: what happened gives way, what it means for the device does not. Gives the
 * lines that it takes; draws them (from y), or with y 0 only measures. */
static int put_parts(const struct app *a, const struct device_head *s, const struct canvas *c,
		     int y, int most)
{
	struct part parts[PARTS] = {0};
	int all = 0;
	say_all(a, s, parts);
	for (int i = 0; i < PARTS; i++) {
		struct part *p = &parts[i];
		p->lines = p->text ? canvas_wrap(c, 0, 1, c->w - 2, 0, p->role, p->text) : 0;
		all += p->lines;
	}
	if (all > most) {
		int *first = &parts[PART_WHAT].lines;
		*first = *first > all - most ? *first - (all - most) : 1;
	}
	for (int i = 0, at = y; i < PARTS; at += parts[i++].lines) {
		if (y && parts[i].lines)
			(void)canvas_words(c, at, 1, c->w - 2, parts[i].lines, parts[i].role,
					   parts[i].text);
		free(parts[i].text);
	}
	return all > most ? most : all;
}

int device_head_lines(const struct app *a, const struct device_head *s, int width, int most)
{
	const struct canvas c = {.term = a->term, .w = width};
	return TOP_LINES + put_parts(a, s, &c, 0, most - TOP_LINES);
}

void device_head_draw(const struct app *a, const struct device_head *s, const struct canvas *c,
		      int lines)
{
	draw_state(s, c, 0);
	draw_what(s, c, 1);
	(void)put_parts(a, s, c, TOP_LINES, lines - TOP_LINES);
}
