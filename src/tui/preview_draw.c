/* SPDX-License-Identifier: ISC */
/* The picture of a plan: options above, what comes before on the left, stages in the middle from
 * left to right, what comes after on the right. */
#include "config.h"

#include "tui/preview_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "plan/planner.h"
#include "model/hitless.h"
#include "model/phrases.h"
#include "run/status.h"

#include <stdlib.h>

#define BEFORE      19 /* columns of the two side boxes */
#define AFTER       19
#define BOX_LEAST   19
#define BOX_MOST    36
#define ARROW       2
#define HEAD_MOST    3 /* lines of one part of the head */
#define WARNING_MOST 2
#define NAME_MOST    3 /* lines of a stage's name */

/* --- above ------------------------------------------------------------------------------------ */

/* What is too long for a line takes more of them, up to `most`; gives how many. */
static int centred(const struct canvas *c, int y, int most, enum theme_role role, char *text)
{
	int w = utf8_width(text), x = w < c->w - 2 ? (c->w - w) / 2 : 1;
	int n = canvas_wrap(c, y, x, c->w - 1 - x, most, role, text);
	free(text);
	return n;
}

/* What is chosen beyond that, for a line of its own; NULL: nothing. */
static char *more_words(const struct job *j)
{
	struct str out = {0};
	char *window = windows_text(&j->windows);
	if (j->canary)
		str_puts(&out, _("one first  "));
	if (j->kind)
		str_printf(&out, _("only: %s  "), j->kind);
	if (j->second_person)
		str_puts(&out, _("second person  "));
	str_puts(&out, window);
	free(window);
	if (out.len)
		return str_take(&out);
	str_release(&out);
	return NULL;
}

static char *option_words(const struct jobview *v)
{
	struct str out = {0};
	const struct job *j = v->job;
	const char *snapshots = values_get(&j->parameters, "snapshots");
	const char *rollback = values_get(&j->parameters, "rollback");
	if (snapshots)
		str_printf(&out, _("snapshots: %s  "), translated(snapshots));
	if (rollback)
		str_printf(&out, _("roll back: %s  "), translated(rollback));
	str_printf(&out, _("on failure: %s  at once: %lld"),
		   translated(on_failure_names[j->on_failure]), (long long)j->batch_size);
	return str_take(&out);
}

static char *order_words_of(const struct jobview *v)
{
	struct str out = {0};
	for (size_t i = 0; i < v->plan->stages.n; i++)
		str_printf(&out, "%s%s", i ? " > " : "", plan_stage_title(&v->plan->stages.v[i]));
	if (v->plan->hitless == 0 && !hitless_is_broken(v, NO_DEVICE))
		str_printf(&out, "  %s", _("hitless: no (Space: why)"));
	else if (v->plan->hitless == 1 && !hitless_is_told(v))
		str_printf(&out, "  %s", _("hitless: yes"));
	return str_take(&out);
}

/* Gives the lines. */
static int draw_warning(const struct plan *p, const struct jobview *v, const struct canvas *c,
			int y)
{
	int n = 0;
	if (p->warnings.n)
		n = centred(
		    c, y, WARNING_MOST, ROLE_WARNING,
		    xasprintf(ngettext("! %zu warning: %s", "! %zu warnings: %s", p->warnings.n),
			      p->warnings.n, said(v, p->warnings.v[0])));
	else if (p->copies_ms)
		n = centred(c, y, WARNING_MOST, ROLE_DIM, plan_copies_text(p));
	return n ? n : 1;
}

/* Gives the next line. */
static int draw_head(const struct jobview *v, const struct canvas *c)
{
	const struct plan *p = v->plan;
	char span[32], *order = order_words_of(v), *more = more_words(v->job);
	char *hitless = status_hitless_words(v), *windows = plan_windows_text(p);
	int y = 0;
	clock_span(p->estimate_ms, span);
	y +=
	    centred(c, y, HEAD_MOST, ROLE_HEADER,
		    xasprintf(ngettext("%s: %zu device to %s", "%s: %zu devices to %s", v->tasks.n),
			      v->job->name, v->tasks.n, job_versions(v->job)));
	y += centred(c, y, HEAD_MOST, ROLE_TEXT, option_words(v));
	if (more)
		y += centred(c, y, HEAD_MOST, ROLE_TEXT, more);
	y += centred(c, y, HEAD_MOST, ROLE_TEXT, xasprintf(_("order: %s"), order));
	y += centred(c, y, HEAD_MOST, ROLE_TEXT,
		     xasprintf(_("batches: %zu (least: %zu)  plan %s"), plan_batches(p),
			       p->lower_bound, v->words ? v->words : p->fingerprint));
	y += centred(c, y, HEAD_MOST, ROLE_TEXT,
		     xasprintf(_("about %s (%s)"), span,
			       p->estimate_from ? said(v, p->estimate_from) : "?"));
	if (windows)
		y += centred(c, y, HEAD_MOST, ROLE_TEXT, windows);
	if (hitless)
		y += centred(c, y, HEAD_MOST,
			     hitless_is_broken(v, NO_DEVICE) ? ROLE_WARNING : ROLE_TEXT, hitless);
	y += draw_warning(p, v, c, y);
	free(order);
	return y;
}

/* The line that Enter starts from, when no batch is chosen. */
static void draw_whole(const struct preview *p, bool open, const struct canvas *c, int y)
{
	enum theme_role role = p->chosen ? ROLE_DIM : ROLE_SELECTION;
	if (!p->chosen)
		canvas_fill(c, y, 0, -1, role);
	(void)canvas_text(c, y, 0, 1, role, p->chosen ? " " : ">");
	(void)canvas_label(c, y, 1, c->w - 2, role,
			   p->chosen ? _("Enter: proof of this batch")
			   : open ? _("Enter: go on with this plan; arrows: look at a batch")
				  : _("Arrows: look at a batch; Space: the whole plan as text"));
	if (!p->chosen)
		canvas_cursor(c, y, 0);
}

/* --- the stages ------------------------------------------------------------------------------- */

struct column_of {
	const struct preview *p;
	const struct jobview *v;
	size_t stage;
	struct canvas in;
	int y;
};

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

/* When all of a batch make the same step it stands once above them. */
static bool same_step(const struct jobview *v, const struct plan_batch *b)
{
	const struct plan_device *first = b->devices.n ? plan_device(v->plan, b->devices.v[0]) : NULL;
	for (size_t i = 0; i < b->devices.n; i++) {
		const struct plan_device *d = plan_device(v->plan, b->devices.v[i]);
		if (!d || !str_eq(d->from, first->from) || !str_eq(d->to, first->to))
			return false;
	}
	return first != NULL;
}

static void line(struct column_of *k, int indent, enum theme_role role, char *text)
{
	if (k->y >= 0 && k->y < k->in.h)
		(void)canvas_text(&k->in, k->y, indent, -1, role, text);
	k->y++;
	free(text);
}

static void draw_device(struct column_of *k, size_t device, bool same)
{
	const struct plan_device *d = plan_device(k->v->plan, device);
	const char *name = jobview_device(k->v, device);
	bool hits = (d && (d->isolates.n > 0 || d->not_hitless)) || hitless_is_broken(k->v, device);
	line(k, 1, hits ? ROLE_WARNING : ROLE_TEXT,
	     same || !d ? xasprintf("%s%s", hits ? "! " : "", name)
			: xasprintf("%s%s %s>%s", hits ? "! " : "", name, or_unknown(d->from),
				    or_unknown(d->to)));
}

static void draw_batch(struct column_of *k, size_t at)
{
	const struct plan_batch *b = &k->v->plan->stages.v[k->stage].batches.v[at];
	const struct plan_device *d = b->devices.n ? plan_device(k->v->plan, b->devices.v[0]) : NULL;
	bool chosen = k->p->chosen && k->p->stage == k->stage && k->p->batch == at;
	bool same = same_step(k->v, b);
	enum theme_role role = chosen ? ROLE_SELECTION : ROLE_HEADER;
	char span[32];
	clock_span(b->estimate_ms, span);
	if (chosen && k->y >= 0 && k->y < k->in.h) {
		canvas_fill(&k->in, k->y, 0, -1, role);
		canvas_cursor(&k->in, k->y, 0);
	}
	line(k, 0, role, xasprintf(_("%sBatch %zu %s"), chosen ? ">" : " ", at + 1, span));
	if (same)
		line(k, 1, ROLE_DIM, xasprintf("%s -> %s", or_unknown(d->from), or_unknown(d->to)));
	for (size_t i = 0; i < b->devices.n; i++)
		draw_device(k, b->devices.v[i], same);
}

static int batch_lines(const struct jobview *v, const struct plan_batch *b)
{
	return 1 + (same_step(v, b) ? 1 : 0) + (int)b->devices.n;
}

/* So many lines are above what is shown, for the chosen batch to be seen. */
static int scrolled(const struct column_of *k)
{
	const struct plan_stage *s = &k->v->plan->stages.v[k->stage];
	int above = 0;
	if (!k->p->chosen || k->p->stage != k->stage)
		return 0;
	for (size_t i = 0; i < k->p->batch; i++)
		above += batch_lines(k->v, &s->batches.v[i]);
	int end = above + batch_lines(k->v, &s->batches.v[k->p->batch]);
	int by = end > k->in.h ? end - k->in.h : 0;
	return by < above ? by : above;
}

/* The frame with the title; a name that is too long for it stands in the first lines inside. Gives
 * the line where the batches begin. */
static int draw_frame(const struct column_of *k, const struct canvas *box, enum theme_role role)
{
	const struct plan_stage *s = &k->v->plan->stages.v[k->stage];
	const char *name = plan_stage_title(s);
	/* "!": there is no way back behind it */
	char *number =
	    xasprintf("%s%zu/%zu", s->no_return ? "! " : "", k->stage + 1, k->v->plan->stages.n);
	char *title = xasprintf("%s %s", number, name);
	bool fits = utf8_width(title) + 6 <= box->w;
	canvas_box(box, role, role, fits ? title : number);
	int lines = fits ? 0 : canvas_words(box, 1, 1, box->w - 2, NAME_MOST, role, name);
	free(title);
	free(number);
	return 1 + lines;
}

static void draw_stage(struct column_of *k, const struct canvas *box)
{
	const struct plan_stage *s = &k->v->plan->stages.v[k->stage];
	bool at = k->p->chosen && k->p->stage == k->stage;
	int y = draw_frame(k, box, at ? ROLE_STAGE_ACTIVE : ROLE_STAGE);
	k->in = canvas_part(box, y, 1, box->h - y - 1, box->w - 2);
	k->y = -scrolled(k);
	for (size_t i = 0; i < s->batches.n; i++)
		draw_batch(k, i);
	if (k->y > k->in.h)
		(void)canvas_text(box, box->h - 1, 2, 1, ROLE_STAGE, "v");
}

static void draw_stages(const struct preview *p, const struct jobview *v, const struct canvas *c)
{
	int n = (int)v->plan->stages.n, room = c->w - 2; /* a column on each side for < and > */
	int fits = (room + ARROW) / (BOX_LEAST + ARROW);
	int shown = n < fits ? n : fits > 0 ? fits : 1;
	if (!n)
		return;
	int width = (room + ARROW) / shown - ARROW;
	width = width > BOX_MOST && n > 1 ? BOX_MOST : width;
	int at = p->chosen ? (int)p->stage : 0;
	int first = at >= shown ? at - shown + 1 : 0;
	for (int i = 0; i < shown; i++) {
		int x = 1 + i * (width + ARROW);
		struct canvas box = canvas_part(c, 0, x, c->h, width);
		struct column_of k = {p, v, (size_t)(first + i), box, 0};
		draw_stage(&k, &box);
		if (i + 1 < shown)
			(void)canvas_text(c, 1, x + width, ARROW, ROLE_BORDER, "->");
	}
	(void)canvas_text(c, 1, 0, 1, ROLE_KEY, first > 0 ? "<" : " ");
	(void)canvas_text(c, 1, c->w - 1, 1, ROLE_KEY, first + shown < n ? ">" : " ");
}

void preview_draw(const struct preview *p, const struct jobview *v, bool open,
		  const struct canvas *c)
{
	int y = draw_head(v, c);
	draw_whole(p, open, c, y++);
	struct canvas before = canvas_part(c, y, 0, -1, BEFORE);
	struct canvas after = canvas_part(c, y, c->w - AFTER, -1, AFTER);
	struct canvas middle = canvas_part(c, y, BEFORE, -1, c->w - BEFORE - AFTER);
	before.h = after.h = middle.h = c->h - y;
	preview_side(p, v, &before, false);
	preview_side(p, v, &after, true);
	draw_stages(p, v, &middle);
}
