/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/form.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

#define HELP_LINES  6 /* a rule, help and limits */
#define HELP_MOST   4
#define VALUE_LEAST 24
#define LABEL_MOST  48

static bool begins_group(const struct form *f, size_t i)
{
	const char *group = f->fields.v[i].parameter->group;
	return group && *group && (i == 0 || !str_eq(group, f->fields.v[i - 1].parameter->group));
}

/* The line of the (whole) form on which a field is. */
static int line_of(const struct form *f, size_t field)
{
	int y = 0;
	for (size_t i = 0; i <= field && i < f->fields.n; i++)
		y += (begins_group(f, i) ? (i ? 2 : 1) : 0) + (i ? 1 : 0);
	return y;
}

void form_fit(struct form *f, int height, int width)
{
	int lines = height - HELP_LINES, y = line_of(f, f->at);
	f->height = lines > 1 ? lines : 1;
	f->width = width;
	if (y - 1 < (int)f->top)
		f->top = y > 1 ? (size_t)(y - 1) : 0;
	if (y >= (int)f->top + f->height)
		f->top = (size_t)(y - f->height + 1);
	int all = f->fields.n ? line_of(f, f->fields.n - 1) + 1 : 0;
	if ((int)f->top > 0 && (int)f->top + f->height > all) /* a larger window shows more */
		f->top = all > f->height ? (size_t)(all - f->height) : 0;
}

static int label_width(const struct form *f)
{
	int widest = 8;
	for (size_t i = 0; i < f->fields.n; i++) {
		int w = utf8_width(translated(f->fields.v[i].parameter->title));
		widest = w > widest ? w : widest;
	}
	int most = f->width - VALUE_LEAST - 4;
	most = most > LABEL_MOST ? LABEL_MOST : most;
	return widest > most ? most : widest;
}

static void draw_value(const struct field *x, const struct canvas *c, int y, int at, bool focus)
{
	const struct parameter *p = x->parameter;
	enum theme_role role = focus ? ROLE_FIELD_FOCUS : ROLE_FIELD;
	int width = c->w - at - (p->unit ? utf8_width(translated(p->unit)) + 1 : 0);
	if (p->type == PARAMETER_BOOL || p->type == PARAMETER_CHOICE) {
		const char *value = line_text(&x->value);
		bool yes = p->type == PARAMETER_BOOL && str_eq(value, "yes");
		char *text = p->type == PARAMETER_BOOL
				 ? xasprintf("[%c] %s", yes ? 'x' : ' ', yes ? _("yes") : _("no"))
				 : xasprintf("< %s >", translated(value));
		(void)canvas_label(c, y, at, -1, role, text);
		free(text);
		return;
	}
	if (width > 40)
		width = 40;
	if (focus) {
		line_draw(&x->value, c, y, at, width, role);
	} else {
		canvas_fill(c, y, at, width, role);
		(void)canvas_text(c, y, at, width, role,
				  x->value.secret ? "********" : line_text(&x->value));
	}
	if (p->unit)
		(void)canvas_label(c, y, at + width + 1, -1, ROLE_TEXT, translated(p->unit));
}

static void draw_field(const struct form *f, const struct canvas *c, int y, size_t i, int labels)
{
	const struct field *x = &f->fields.v[i];
	bool focus = i == f->at;
	(void)canvas_text(c, y, 0, 1, ROLE_KEY, focus ? ">" : x->mistake ? "!" : " ");
	(void)canvas_label(c, y, 2, labels, x->mistake ? ROLE_ERROR : ROLE_TEXT,
			   translated(x->parameter->title));
	if (focus)
		canvas_cursor(c, y, 0);
	draw_value(x, c, y, 2 + labels + 2, focus);
}

static void draw_limits(const struct parameter *p, const struct canvas *c, int y)
{
	char *text = NULL;
	if (p->type == PARAMETER_INT)
		text = xasprintf(_("%" PRId64 " to %" PRId64 ", default %s"), p->least, p->most,
				 p->fallback ? p->fallback : "-");
	else if (p->fallback && *p->fallback)
		text = xasprintf(_("default %s"), translated(p->fallback));
	if (text)
		(void)canvas_label(c, y, 0, -1, ROLE_DIM, text);
	free(text);
}

/* Which field of how many, when not all can be seen. */
static void draw_place(const struct form *f, const struct canvas *help)
{
	if (line_of(f, f->fields.n - 1) >= f->height)
		(void)canvas_textf(help, 0, help->w - 10, 9, ROLE_BORDER, " %zu/%zu ", f->at + 1,
				   f->fields.n);
}

static void draw_help(const struct form *f, const struct canvas *c)
{
	const struct field *x = f->at < f->fields.n ? &f->fields.v[f->at] : NULL;
	struct canvas help = canvas_part(c, c->h - HELP_LINES, 0, -1, -1);
	canvas_line(&help, 0, ROLE_BORDER);
	if (!x)
		return;
	draw_place(f, &help);
	if (x->mistake) {
		(void)canvas_words(&help, 1, 0, -1, HELP_LINES - 1, ROLE_ERROR, x->mistake);
		return;
	}
	int used = canvas_words(&help, 1, 0, -1, HELP_MOST, ROLE_HELP,
				translated(x->parameter->help));
	draw_limits(x->parameter, &help, 1 + used);
}

void form_draw(const struct form *f, const struct canvas *c)
{
	struct canvas body = canvas_part(c, 0, 0, c->h - HELP_LINES, c->w);
	int labels = label_width(f);
	for (size_t i = 0; i < f->fields.n; i++) {
		int y = line_of(f, i) - (int)f->top;
		if (y < 0 || y > body.h) /* one below: its heading may be visible */
			continue;
		if (begins_group(f, i) && y > 0)
			(void)canvas_label(&body, y - 1, 0, -1, ROLE_TITLE,
					   translated(f->fields.v[i].parameter->group));
		if (y < body.h)
			draw_field(f, &body, y, i, labels);
	}
	draw_help(f, c);
}
