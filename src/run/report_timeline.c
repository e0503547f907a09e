/* SPDX-License-Identifier: ISC */
/*
 * The run as a picture: a strip for each stage, in it a line for each device, on it its phases. All
 * strips have one scale. A long time in which nothing was done (the job was held over night) is
 * cut out and marked, so that the rest can be seen.
 */
#include "config.h"

#include "run/report_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "model/phrases.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define WIDE   1000.0 /* units of the picture */
#define LEFT   118.0  /* of it for names */
#define RIGHT  104.0  /* and for results */
#define ROW    19.0
#define BAR    14.0
#define AXIS   22.0
#define GAP    5.0 /* between batches */
#define CUT    26.0
#define SHORT  1.2 /* the narrowest bar */
#define LETTER 5.6 /* about the width of one */
#define PHASES 12
#define MINUTE INT64_C(60000)

struct piece { /* of the axis */
	int64_t from, to;
	double x0, x1;
	bool cut;
};

struct strip {
	struct page *p;
	VEC(struct piece) pieces;
	const char *phases[PHASES]; /* those of the method in its order, then others as they are met */
	bool seen[PHASES];
	size_t n_phases;
};

/* --- the axis --------------------------------------------------------------------------------- */

static int64_t end_of(const struct jobview *v, const struct step_view *s)
{
	int64_t end = s->ended ? s->ended : v->last;
	return end > s->started ? end : s->started;
}

struct busy {
	int64_t from, to;
};

static int by_start(const void *a, const void *b)
{
	const struct busy *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static void add_piece(struct strip *s, int64_t from, int64_t to, bool cut)
{
	if (to > from)
		VEC_PUSH(&s->pieces, ((struct piece){.from = from, .to = to, .cut = cut}));
}

/* Pauses that are longer than a quarter of all the work are cut. */
static void make_pieces(struct strip *s, const struct busy *busy, size_t n)
{
	int64_t work = 0, until = busy[0].from, from = busy[0].from;
	for (size_t i = 0; i < n; i++) {
		int64_t begin = busy[i].from > until ? busy[i].from : until;
		work += busy[i].to > begin ? busy[i].to - begin : 0;
		until = busy[i].to > until ? busy[i].to : until;
	}
	int64_t most = work / 4 > 5 * MINUTE ? work / 4 : 5 * MINUTE;
	until = busy[0].to;
	for (size_t i = 1; i < n; i++) {
		if (busy[i].from - until > most) {
			add_piece(s, from, until, false);
			add_piece(s, until, busy[i].from, true);
			from = busy[i].from;
		}
		until = busy[i].to > until ? busy[i].to : until;
	}
	add_piece(s, from, until > from ? until : from + 1, false);
}

static void place_pieces(struct strip *s)
{
	int64_t time = 0;
	double cuts = 0, x = LEFT;
	for (size_t i = 0; i < s->pieces.n; i++) {
		const struct piece *k = &s->pieces.v[i];
		cuts += k->cut ? CUT : 0;
		time += k->cut ? 0 : k->to - k->from;
	}
	double scale = (WIDE - LEFT - RIGHT - cuts) / (double)(time > 0 ? time : 1);
	for (size_t i = 0; i < s->pieces.n; i++) {
		struct piece *k = &s->pieces.v[i];
		k->x0 = x;
		x += k->cut ? CUT : (double)(k->to - k->from) * scale;
		k->x1 = x;
	}
}

/* False: nothing was done. */
static bool make_axis(struct strip *s)
{
	const struct jobview *v = s->p->v;
	VEC(struct busy) busy = {0};
	for (size_t i = 0; i < v->tasks.n; i++)
		for (size_t k = 0; k < v->tasks.v[i].steps.n; k++) {
			const struct step_view *x = &v->tasks.v[i].steps.v[k];
			VEC_PUSH(&busy, ((struct busy){x->started, end_of(v, x)}));
		}
	if (busy.n) {
		qsort(busy.v, busy.n, sizeof(*busy.v), by_start);
		make_pieces(s, busy.v, busy.n);
		place_pieces(s);
	}
	VEC_RELEASE(&busy);
	return s->pieces.n > 0;
}

static double at(const struct strip *s, int64_t wall)
{
	for (size_t i = 0; i < s->pieces.n; i++) {
		const struct piece *k = &s->pieces.v[i];
		if (wall <= k->to) {
			double part = (double)(wall > k->from ? wall - k->from : 0) /
				      (double)(k->to - k->from);
			return k->x0 + part * (k->x1 - k->x0);
		}
	}
	return WIDE - RIGHT;
}

/* --- shapes ----------------------------------------------------------------------------------- */

static void begin_shape(struct strip *s, const char *tag, const char *style)
{
	html_begin(&s->p->h, tag);
	html_attr(&s->p->h, "class", style);
}

static void put_number(struct strip *s, const char *name, double x)
{
	html_attrf(&s->p->h, name, "%.1f", x);
}

static void begin_rect(struct strip *s, const char *style, double x, double y, double w, double h)
{
	begin_shape(s, "rect", style);
	put_number(s, "x", x);
	put_number(s, "y", y);
	put_number(s, "width", w > SHORT ? w : SHORT);
	put_number(s, "height", h);
}

static void put_line(struct strip *s, const char *style, double x, double y0, double y1)
{
	begin_shape(s, "line", style);
	put_number(s, "x1", x);
	put_number(s, "x2", x);
	put_number(s, "y1", y0);
	put_number(s, "y2", y1);
	html_end(&s->p->h);
}

static void put_words(struct strip *s, const char *style, double x, double y, const char *text)
{
	begin_shape(s, "text", style);
	put_number(s, "x", x);
	put_number(s, "y", y);
	html_text(&s->p->h, text);
	html_end(&s->p->h);
}

/* --- time ------------------------------------------------------------------------------------- */

static int64_t tick_of(int64_t all)
{
	static const int64_t steps[] = {1,   5,   10,  30,   60,   120,  300,
					600, 900, 1800, 3600, 7200, 21600, 86400};
	size_t i = 0;
	while (i + 1 < LEN(steps) && all / (steps[i] * 1000) > 9)
		i++;
	return steps[i] * 1000;
}

static void put_ticks(struct strip *s, double height)
{
	int64_t all = 0;
	double last = -100;
	for (size_t i = 0; i < s->pieces.n; i++)
		all += s->pieces.v[i].cut ? 0 : s->pieces.v[i].to - s->pieces.v[i].from;
	int64_t tick = tick_of(all);
	for (size_t i = 0; i < s->pieces.n; i++) {
		const struct piece *k = &s->pieces.v[i];
		for (int64_t t = (k->from + tick - 1) / tick * tick; !k->cut && t <= k->to; t += tick) {
			char text[32];
			double x = at(s, t);
			if (x - last < 50)
				continue;
			last = x;
			clock_local_time(t, text);
			if (tick >= MINUTE)
				text[5] = '\0';
			put_line(s, "tick", x, AXIS - 4, height);
			put_words(s, "when", x, 12, text);
		}
	}
}

static void put_cuts(struct strip *s, double height)
{
	for (size_t i = 0; i < s->pieces.n; i++) {
		const struct piece *k = &s->pieces.v[i];
		char span[32];
		if (!k->cut)
			continue;
		word_span(k->to - k->from, span);
		begin_rect(s, "cut", k->x0 + 2, AXIS - 4, k->x1 - k->x0 - 4, height - AXIS + 4);
		html_putf(&s->p->h, "title", NULL, _("nothing was done for %s"), span);
		html_end(&s->p->h);
		begin_shape(s, "text", "cut-text");
		html_attrf(&s->p->h, "transform", "translate(%.1f %.1f) rotate(-90)",
			   (k->x0 + k->x1) / 2 + 3, height - 3);
		html_textf(&s->p->h, "// %s", span);
		html_end(&s->p->h);
	}
}

/* When the whole job waited: for the operator, or at his word. */
static void put_holds(struct strip *s, double height)
{
	const cJSON *o, *states = page_list(s->p, "states");
	int64_t since = 0;
	bool paused = false;
	cJSON_ArrayForEach(o, states)
	{
		const char *state = page_text(o, "state");
		if (*page_text(o, "device"))
			continue;
		bool waits = str_eq(state, job_state_name(JOB_HELD)) ||
			     str_eq(state, job_state_name(JOB_PAUSED));
		if (since && !waits) {
			double x = at(s, since), to = at(s, page_wall(o, "time"));
			begin_rect(s, "hold", x, AXIS - 4, to - x, height - AXIS + 4);
			html_put(&s->p->h, "title", NULL,
				 word_job(paused ? JOB_PAUSED : JOB_HELD));
			html_end(&s->p->h);
			put_words(s, "hold-text", x + 1, height - 2, "=");
		}
		since = !waits ? 0 : since ? since : page_wall(o, "time");
		paused = str_eq(state, job_state_name(JOB_PAUSED));
	}
}

/* --- a device --------------------------------------------------------------------------------- */

static size_t phase_number(struct strip *s, const char *phase)
{
	size_t i = 0;
	while (i < s->n_phases && !str_eq(s->phases[i], phase))
		i++;
	if (i == s->n_phases && i < PHASES)
		s->phases[s->n_phases++] = phase;
	return i < PHASES ? i : PHASES - 1;
}

/* The same numbers and colours in every report of a method. */
static void number_phases(struct strip *s)
{
	char *const *steps = jobview_steps(s->p->v, PASS_UPGRADE);
	for (size_t i = 0; steps && steps[i]; i++) {
		const struct step *step = procedure_step(s->p->v->procedure, steps[i]);
		if (step && step->phase && *step->phase)
			(void)phase_number(s, step->phase);
	}
}

static const char *phase_of(const struct step_view *x)
{
	return x->phase && *x->phase ? x->phase : pass_names[x->pass];
}

/* One phase of a device: its steps in a row. */
struct stretch {
	const struct step_view *first, *last;
	bool failed;
};

static void put_stretch(struct strip *s, const struct task_view *t, const struct stretch *k,
			double y)
{
	size_t number = phase_number(s, phase_of(k->first));
	s->seen[number] = true;
	int64_t from = k->first->started, to = end_of(s->p->v, k->last);
	double x = at(s, from), w = at(s, to) - x;
	const char *phase = translated(phase_of(k->first));
	char *style = xasprintf("p%zu%s%s", number, k->first->pass == PASS_UPGRADE ? "" : " back",
				k->failed ? " bad" : "");
	char span[32], begin[32], *own = xasprintf("%zu", number + 1);
	clock_span(to - from, span);
	clock_local_time(from, begin);
	begin_rect(s, style, x, y, w, BAR);
	html_putf(&s->p->h, "title", NULL, "%s: %s %s, %s, %s%s", jobview_device(s->p->v, t->device),
		  word_pass(k->first->pass), phase, begin, span, k->failed ? _(", failed") : "");
	html_end(&s->p->h);
	if (w > LETTER * (double)strlen(phase) + 6)
		put_words(s, "inside", x + w / 2, y + BAR - 3.5, phase);
	else if (w > LETTER * (double)strlen(own) + 4)
		put_words(s, "inside", x + w / 2, y + BAR - 3.5, own);
	if (k->failed)
		put_words(s, "fail-mark", x + w + 1, y + BAR - 3, "!");
	free(style);
	free(own);
}

static bool goes_on(const struct stretch *k, const struct step_view *x)
{
	return k->first && !k->failed && x->pass == k->first->pass &&
	       x->attempt == k->first->attempt && x->turn == k->first->turn &&
	       str_eq(phase_of(x), phase_of(k->first));
}

static void put_stretches(struct strip *s, const struct task_view *t, size_t stage, double y)
{
	struct stretch k = {0};
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *x = &t->steps.v[i];
		if (str_eq(x->result, "skipped") || !jobview_step_in(s->p->v, x, stage))
			continue;
		if (!goes_on(&k, x)) {
			if (k.first)
				put_stretch(s, t, &k, y);
			k = (struct stretch){.first = x};
		}
		k.last = x;
		k.failed |= str_eq(x->result, "failed");
	}
	if (k.first)
		put_stretch(s, t, &k, y);
}

/* Where somebody was asked about it, and where he answered. */
static void put_questions(struct strip *s, const char *device, double y)
{
	const cJSON *q;
	cJSON_ArrayForEach(q, page_list(s->p, "questions"))
	{
		if (!str_eq(page_text(q, "device"), device))
			continue;
		double x = at(s, page_wall(q, "asked"));
		begin_shape(s, "circle", "question");
		put_number(s, "cx", x);
		put_number(s, "cy", y + BAR / 2);
		put_number(s, "r", BAR / 2 - 0.5);
		html_put(&s->p->h, "title", NULL, said(s->p->v, page_text(q, "text")));
		html_end(&s->p->h);
		put_words(s, "question-text", x, y + BAR - 3.5, "?");
		if (page_wall(q, "answered"))
			put_words(s, "answer-text", at(s, page_wall(q, "answered")), y + BAR - 3.5,
				  "A");
	}
}

static void put_device(struct strip *s, const struct task_view *t, size_t stage, double y)
{
	enum task_state how = jobview_stage_state(s->p->v, t, stage);
	const char *name = jobview_device(s->p->v, t->device);
	char *state = xasprintf("%c %s", mark_task(how), word_task(how));
	char *style = xasprintf("result r-%.6s", task_state_name(how));
	size_t fits = utf8_fit(name, 18);
	char *label = name[fits] ? xasprintf("%.*s~", (int)fits, name) : xstrdup(name);
	put_words(s, "name", LEFT - 8, y + BAR - 3, label);
	put_stretches(s, t, stage, y);
	put_questions(s, name, y);
	put_words(s, style, WIDE - RIGHT + 10, y + BAR - 3, state);
	free(label);
	free(style);
	free(state);
}

/* --- stages ----------------------------------------------------------------------------------- */

static const struct task_view *task_of(const struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].device == device)
			return &v->tasks.v[i];
	return NULL;
}

static double height_of(const struct plan_stage *g)
{
	double height = AXIS + 3;
	for (size_t b = 0; b < g->batches.n; b++)
		height += ROW * (double)g->batches.v[b].devices.n + (b ? GAP : 0);
	return height;
}

static void put_stage(struct strip *s, const struct plan_stage *g, size_t number)
{
	double y = AXIS, height = height_of(g);
	html_putf(&s->p->h, "h3", NULL, _("Stage %zu: %s"), number, g->name);
	html_begin(&s->p->h, "svg");
	html_attrf(&s->p->h, "viewBox", "0 0 %.0f %.0f", WIDE, height);
	html_attr(&s->p->h, "role", "img");
	html_attrf(&s->p->h, "aria-label", _("Timeline of stage %s"), g->name);
	put_ticks(s, height);
	put_holds(s, height);
	put_cuts(s, height);
	for (size_t b = 0; b < g->batches.n; b++) {
		y += b ? GAP : 0;
		for (size_t i = 0; i < g->batches.v[b].devices.n; i++, y += ROW) {
			const struct task_view *t = task_of(s->p->v, g->batches.v[b].devices.v[i]);
			if (t)
				put_device(s, t, number - 1, y);
		}
	}
	html_end(&s->p->h);
}

static void put_sign(struct strip *s, const char *style, const char *sign, const char *meaning)
{
	html_begin(&s->p->h, "li");
	html_begin(&s->p->h, "span");
	html_attrf(&s->p->h, "class", "key %s", style);
	html_text(&s->p->h, sign);
	html_end(&s->p->h);
	html_textf(&s->p->h, " %s", meaning);
	html_end(&s->p->h);
}

static void put_legend(struct strip *s)
{
	html_begin(&s->p->h, "ul");
	html_attr(&s->p->h, "class", "legend");
	for (size_t i = 0; i < s->n_phases; i++) {
		if (!s->seen[i])
			continue;
		char *style = xasprintf("p%zu", i), *sign = xasprintf("%zu", i + 1);
		put_sign(s, style, sign, translated(s->phases[i]));
		free(style);
		free(sign);
	}
	put_sign(s, "back", " ", _("way back"));
	put_sign(s, "bad", "!", word_result("failed"));
	put_sign(s, "hold", "=", _("the job waited for the operator"));
	put_sign(s, "question", "?", _("a question, A its answer"));
	put_sign(s, "cut", "//", _("nothing was done: not to scale"));
	html_end(&s->p->h);
}

void page_timeline(struct page *p)
{
	struct strip s = {.p = p};
	page_head(p, "timeline", _("Timeline"));
	number_phases(&s);
	if (p->v->plan && make_axis(&s)) {
		for (size_t i = 0; i < p->v->plan->stages.n; i++)
			put_stage(&s, &p->v->plan->stages.v[i], i + 1);
		put_legend(&s);
	} else {
		html_put(&p->h, "p", "empty", _("Nothing was done on a device."));
	}
	html_end(&p->h);
	VEC_RELEASE(&s.pieces);
}
