/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/app.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH_MOST 72
#define TEXT_LEAST 3

static struct dialog *top(const struct app *a)
{
	return a->dialogs.n ? &a->dialogs.v[a->dialogs.n - 1] : NULL;
}

bool dialog_is_open(const struct app *a)
{
	return a->dialogs.n > 0;
}

static void release(struct dialog *d)
{
	if (d->free_ctx)
		d->free_ctx(d->ctx);
	line_release(&d->line);
	pager_release(&d->pager);
	free(d->copy_of_expected);
	free(d->title);
	free(d->text);
}

void dialog_open(struct app *a, struct dialog d)
{
	d.opened = a->clock->now(a->clock);
	d.over_text = app_typing(a);
	d.line = (struct line){.secret = d.secret};
	line_set(&d.line, d.first ? d.first : "");
	d.first = NULL;
	d.pager = (struct pager){0};
	d.copy_of_expected = xstrdup(d.expected);
	d.expected = NULL;
	pager_add(&d.pager, ROLE_TEXT, 0, d.text);
	VEC_PUSH(&a->dialogs, d);
	app_changed(a);
}

void dialog_tell(struct app *a, enum theme_role role, const char *title, const char *text)
{
	dialog_open(a, (struct dialog){.title = xstrdup(title),
				       .text = xstrdup(text),
				       .choices = {_("OK")},
				       .n_choices = 1,
				       .role = role});
}

void dialog_close_all(struct app *a)
{
	while (a->dialogs.n) {
		struct dialog *d = top(a);
		a->dialogs.n--;
		release(d);
	}
	app_changed(a);
}

void dialog_close_if(struct app *a, bool (*gone)(const struct app *a, const struct dialog *d))
{
	for (size_t i = a->dialogs.n; i-- > 0;)
		if (gone(a, &a->dialogs.v[i])) {
			struct dialog d = a->dialogs.v[i];
			VEC_REMOVE(&a->dialogs, i);
			release(&d);
			a->gone = a->clock->now(a->clock);
			dialog_guard(a);
			app_changed(a);
		}
}

void dialog_guard(struct app *a)
{
	struct dialog *d = top(a);
	if (d)
		d->opened = a->clock->now(a->clock);
}

bool dialog_has_gone(const struct app *a)
{
	return a->gone && a->clock->now(a->clock) - a->gone < DIALOG_GUARD_MS;
}

/* --- answering -------------------------------------------------------------------------------- */

static bool typed_what_is_expected(const struct dialog *d)
{
	return !d->copy_of_expected || str_eq(d->copy_of_expected, line_text(&d->line));
}

/* The dialog is gone before its answer is acted upon: that may open the next one. */
static void answer(struct app *a, size_t choice)
{
	struct dialog d = *top(a);
	a->dialogs.n--;
	dialog_guard(a); /* the one that was below */
	if (d.answer)
		d.answer(a, d.ctx, choice, line_text(&d.line));
	release(&d);
	app_changed(a);
}

static void confirm(struct app *a, struct dialog *d)
{
	if (d->at == 0 && !typed_what_is_expected(d))
		app_say(a, ROLE_WARNING, _("Type exactly: %s"), d->copy_of_expected);
	else
		answer(a, d->at);
}

static void choose(struct dialog *d, int by)
{
	d->at = (d->at + d->n_choices + (size_t)by) % d->n_choices;
}

/* The first letter of a choice picks it, when nothing is typed into a field. */
static bool letter(struct dialog *d, keycode key)
{
	size_t used;
	for (size_t i = 0; i < d->n_choices; i++) {
		const char *text = d->choices[i];
		int32_t c = utf8_decode(text, strlen(text), &used);
		if (c == key || (c >= 'A' && c <= 'Z' && c + 32 == key)) {
			d->at = i;
			return true;
		}
	}
	return false;
}

void dialog_key(struct app *a, keycode key)
{
	struct dialog *d = top(a);
	app_changed(a);
	if (a->clock->now(a->clock) - d->opened < DIALOG_GUARD_MS) {
		if (d->over_text)
			dialog_guard(a);
		return;
	}
	if (!d->field && key == 'Q') {
		app_quit(a, a->status); /* the question stays open; the job goes on */
	} else if (key == K_CTRL('X')) {
		answer(a, d->n_choices - 1);
		if (!dialog_is_open(a))
			wizard_leave(a, NULL);
	} else if (key == K_ESC) {
		answer(a, d->n_choices - 1);
	} else if (key == K_ENTER) {
		confirm(a, d);
	} else if (d->field && line_key(&d->line, key)) {
		if (d->copy_of_expected)
			d->at = typed_what_is_expected(d) ? 0 : d->n_choices - 1;
	} else if (!d->field && letter(d, key)) {
		return;
	} else if (key == K_TAB || key == K_RIGHT || key == 'l') {
		choose(d, 1);
	} else if (key == K_BACKTAB || key == K_LEFT || key == 'h') {
		choose(d, -1);
	} else {
		(void)pager_key(&d->pager, key);
	}
}

/* --- drawing ---------------------------------------------------------------------------------- */

static struct canvas place(const struct dialog *d, const struct canvas *all)
{
	int w = all->w - 4 > WIDTH_MOST ? WIDTH_MOST : all->w - 4;
	int other = 4 + (d->field ? 2 : 0); /* frame, a blank line, choices */
	int lines = canvas_wrap(all, 0, 0, w - 4, 0, ROLE_DIALOG, d->text);
	int h = (lines > TEXT_LEAST ? lines : TEXT_LEAST) + other;
	if (h > all->h - 2)
		h = all->h - 2;
	return canvas_part(all, (all->h - h) / 2, (all->w - w) / 2, h, w);
}

void dialog_fit(struct app *a)
{
	struct dialog *d = top(a);
	struct canvas all = canvas_all(a->term);
	if (!d)
		return;
	struct canvas box = place(d, &all);
	pager_fit(&d->pager, box.h - 4 - (d->field ? 2 : 0), box.w - 4);
}

static void draw_choices(const struct dialog *d, const struct canvas *c, int y)
{
	int x = 0;
	for (size_t i = 0; i < d->n_choices; i++) {
		bool at = i == d->at;
		char *text = xasprintf(at ? "[>%s<]" : "[ %s ]", d->choices[i]);
		if (at && !d->field)
			canvas_cursor(c, y, x);
		x += canvas_label(c, y, x, -1, at ? ROLE_BUTTON_FOCUS : ROLE_BUTTON, text) + 2;
		free(text);
	}
}

bool dialog_scrolls(const struct dialog *d)
{
	return d->pager.height > 0 && d->pager.starts.n > (size_t)d->pager.height;
}

/* How many lines are below what is seen, in the frame. */
static void draw_more(const struct dialog *d, const struct canvas *box)
{
	size_t seen = d->pager.top + (size_t)d->pager.height;
	if (!dialog_scrolls(d))
		return;
	char *text = d->pager.starts.n > seen
			 ? xasprintf(ngettext(" %zu more line: PgDn ", " %zu more lines: PgDn ",
					      d->pager.starts.n - seen),
				     d->pager.starts.n - seen)
			 : xstrdup(_(" the end; PgUp "));
	int w = utf8_width(text);
	if (w < box->w - 4)
		(void)canvas_text(box, box->h - 1, box->w - 2 - w, w, ROLE_TITLE, text);
	free(text);
}

void dialog_draw(const struct app *a, const struct canvas *all)
{
	const struct dialog *d = top(a);
	if (!d)
		return;
	struct canvas box = place(d, all);
	canvas_box(&box, d->role ? d->role : ROLE_DIALOG_BORDER, ROLE_TITLE, d->title);
	draw_more(d, &box);
	struct canvas inner = canvas_part(&box, 1, 2, box.h - 2, box.w - 4);
	struct canvas text = canvas_part(&inner, 0, 0, d->pager.height, -1);
	pager_draw(&d->pager, &text);
	draw_choices(d, &inner, inner.h - 1);
	if (d->field)
		line_draw(&d->line, &inner, inner.h - 3, 0, inner.w, ROLE_FIELD_FOCUS);
}
