/* SPDX-License-Identifier: ISC */
/* A plan for people, as text: for the command line, reports and mails. */
#include "config.h"

#include "plan/planner.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "model/phrases.h"

#include <stdlib.h>
#include <string.h>

struct page {
	struct str out;
	int width;
	const struct plan *plan;
	const struct job *job;
	const struct plan_device **target; /* device -> what is said about it, or NULL */
};

/* One word at the end of the line, or at the start of the next; *column is where the line ends. */
const char *plan_stage_title(const struct plan_stage *s)
{
	return str_eq(s->name, PLAN_LEFT_OUT) ? translated(PLAN_LEFT_OUT) : s->name;
}

static void put_word(struct page *p, const char *word, size_t n, int indent, int *column)
{
	while (n) {
		char *copy = xstrndup(word, n);
		int space = *column > indent, room = p->width - *column - space;
		size_t fits = n;
		if (utf8_width(copy) > room) {
			/* a word that no line can hold is cut, any other goes to the next line */
			fits = *column > indent ? 0 : utf8_fit(copy, room);
			if (!fits && *column == indent)
				fits = n; /* narrower than one character: give up on the width */
		}
		if (fits) {
			char *part = xstrndup(word, fits);
			str_printf(&p->out, "%s%s", space ? " " : "", part);
			*column += space + utf8_width(part);
			free(part);
		}
		free(copy);
		word += fits;
		n -= fits;
		if (n) {
			str_printf(&p->out, "\n%*s", indent, "");
			*column = indent;
		}
	}
}

/* A paragraph: mark at `at`, the words behind it from `indent` on, wrapped. */
static void put(struct page *p, int at, const char *mark, int indent, const char *text)
{
	char *safe = utf8_safe(text, UTF8_ONE_LINE), *word = safe;
	int column = at + utf8_width(mark);

	str_printf(&p->out, "%*s%s", at, "", mark);
	for (; column < indent; column++)
		str_putc(&p->out, ' ');
	column = indent;
	while (*word) {
		size_t n = strcspn(word, " ");
		put_word(p, word, n, indent, &column);
		word += n + strspn(word + n, " ");
	}
	str_putc(&p->out, '\n');
	free(safe);
}

static void putf(struct page *p, int at, const char *mark, int indent, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
static void putf(struct page *p, int at, const char *mark, int indent, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	put(p, at, mark, indent, text);
	free(text);
}

static size_t stage_devices(const struct plan_stage *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->batches.n; i++)
		n += s->batches.v[i].devices.n;
	return n;
}

static void put_copies(struct page *p)
{
	char *copies = plan_copies_text(p->plan);

	if (copies)
		put(p, 0, _("Copies"), 10, copies);
	free(copies);
}

static void put_hitless(struct page *p)
{
	char *text = plan_hitless_text(p->plan, p->job->inventory);

	if (text)
		put(p, 0, _("Hitless"), 10, text);
	free(text);
}

static void put_windows(struct page *p)
{
	char *text = plan_windows_text(p->plan);

	if (text)
		put(p, 0, _("Windows"), 10, text);
	free(text);
}

static void put_head(struct page *p)
{
	struct str stages = {0};
	size_t n = p->plan->devices.n, batches = plan_batches(p->plan);
	char span[32];

	for (size_t i = 0; i < p->plan->stages.n; i++)
		str_printf(&stages, "%s%s", i ? " -> " : "",
			   plan_stage_title(&p->plan->stages.v[i]));
	char *from = said_new(p->plan->estimate_from);
	clock_span(p->plan->estimate_ms, span);
	putf(p, 0, "", 0, _("Plan %s for \"%s\": %zu devices to %s"), p->plan->fingerprint,
	     p->job->name ? p->job->name : "", n,
	     job_versions(p->job) ? job_versions(p->job) : "?");
	char *words = plan_words(p->plan, p->job);
	putf(p, 0, _("Words"), 10, "%s", words);
	free(words);
	putf(p, 0, _("Stages"), 10, "%s", str_text(&stages));
	putf(p, 0, _("Batches"), 10, _("%zu (no plan needs fewer than %zu)"), batches,
	     p->plan->lower_bound);
	putf(p, 0, _("Estimate"), 10, _("about %s (%s)"), span, from ? from : "?");
	free(from);
	put_windows(p);
	put_copies(p);
	put_hitless(p);
	str_release(&stages);
}

static int name_columns(const struct page *p, const struct plan_batch *b)
{
	int widest = 0;

	for (size_t i = 0; i < b->devices.n; i++) {
		int w = utf8_width(p->job->inventory->devices.v[b->devices.v[i]].name);
		widest = w > widest ? w : widest;
	}
	return widest < p->width / 2 ? widest : p->width / 2;
}

static void put_proof(struct page *p, const struct plan_line *l)
{
	char *claim = said_new(l->claim), *detail = said_new(l->detail);

	const char *mark = l->holds ? "[ok]" : "[NO]";
	if (detail && *detail)
		putf(p, 4, mark, 9, _("%s: %s"), claim, detail);
	else
		put(p, 4, mark, 9, claim);
	free(claim);
	free(detail);
}

static void put_batch(struct page *p, const struct plan_batch *b, size_t number)
{
	int indent = 6 + name_columns(p, b);
	char span[32];

	clock_span(b->estimate_ms, span);
	putf(p, 2, "", 2, _("Batch %zu, about %s"), number, span);
	for (size_t i = 0; i < b->devices.n; i++) {
		size_t d = b->devices.v[i];
		const struct plan_device *t = p->target[d];
		const char *mark = !t ? "" : t->left ? _(" (left alone)")
				   : t->isolates.n ? _(" (isolates others)")
				   : t->not_hitless ? _(" (not hitless)") : "";
		const char *name = p->job->inventory->devices.v[d].name;
		const char *from = t && t->from ? t->from : "?", *to = t && t->to ? t->to : "?";
		if (4 + utf8_width(name) < indent)
			putf(p, 4, name, indent, "%s -> %s%s", from, to, mark);
		else
			putf(p, 4, "", 4, "%s %s -> %s%s", name, from, to, mark);
	}
	for (size_t i = 0; i < b->proof.n; i++)
		put_proof(p, &b->proof.v[i]);
}

/* What the estimates were made of, by model. */
static void put_figures(struct page *p)
{
	const char *model = NULL;

	for (size_t i = 0; i < p->plan->figures.n; i++) {
		const struct plan_figure *f = &p->plan->figures.v[i];
		char likely[32], late[32], *source = plan_figure_source(f);
		if (i == 0 || !str_eq(model, f->model)) {
			str_putc(&p->out, '\n');
			putf(p, 0, "", 0, _("Estimates for model %s"), f->model ? f->model : "?");
		}
		model = f->model;
		clock_span(f->p50_ms, likely);
		clock_span(f->p95_ms, late);
		putf(p, 2, "", 4, _("%s: %s (p95 %s), %s"), f->step, likely, late, source);
		free(source);
	}
}

static void put_no_return(struct page *p, const struct plan_stage *s)
{
	if (s->no_return)
		putf(p, 2, "!", 4,
		     s->no_return_said	 ? _("Point of no return, not asked again: %s")
		     : s->no_return_last ? _("Point of no return, asked before the last device: %s")
					 : _("Point of no return, asked before it begins: %s"),
		     translated(s->no_return));
}

static void put_all(struct page *p)
{
	size_t number = 0;

	put_head(p);
	for (size_t i = 0; i < p->plan->stages.n; i++) {
		const struct plan_stage *s = &p->plan->stages.v[i];
		str_putc(&p->out, '\n');
		size_t n = stage_devices(s), b = s->batches.n;
		char *batches = xasprintf(ngettext("%zu batch", "%zu batches", b), b);
		putf(p, 0, "", 0,
		     ngettext("Stage %zu: %s, %zu device in %s", "Stage %zu: %s, %zu devices in %s",
			      n),
		     i + 1, plan_stage_title(s), n, batches);
		free(batches);
		put_no_return(p, s);
		for (size_t k = 0; k < s->batches.n; k++)
			put_batch(p, &s->batches.v[k], ++number);
	}
	if (p->plan->warnings.n)
		str_puts(&p->out, "\n");
	for (size_t i = 0; i < p->plan->warnings.n; i++) {
		char *warning = said_new(p->plan->warnings.v[i]);
		put(p, 0, "!", 2, warning);
		free(warning);
	}
	put_figures(p);
}

char *plan_text(const struct plan *plan, const struct job *job, int width)
{
	struct page p = {.width = width < 40 ? 40 : width, .plan = plan, .job = job};

	p.target = xcalloc(job->inventory->devices.n + 1, sizeof(struct plan_device *));
	for (size_t i = 0; i < plan->devices.n; i++)
		if (plan->devices.v[i].device < job->inventory->devices.n)
			p.target[plan->devices.v[i].device] = &plan->devices.v[i];
	put_all(&p);
	free(p.target);
	return str_take(&p.out);
}
