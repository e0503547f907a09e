/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/list_parts.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/judge.h"

#include <stdlib.h>
#include <string.h>

#define GAP     2 /* between columns */
#define MARGIN  2 /* cursor and mark */
#define COLUMNS 16

#define BAR_LEAST   5
#define FILTER_MOST 20 /* beside what is wrong with it */
#define MISTAKE_MOST 3 /* lines */

/* --- how wide --------------------------------------------------------------------------------- */

static int least_of(const struct column *k)
{
	int title = utf8_width(_(k->title));
	return title > k->least ? title : k->least;
}

static int total(const struct list *l, const int *widths)
{
	int sum = MARGIN;
	for (size_t i = 0; i < l->n_columns; i++)
		sum += widths[i] ? widths[i] + GAP : 0;
	return sum;
}

/* The column that goes first when there is no room for all; -1: all that are left have to stay. */
static int expendable(const struct list *l, const int *widths)
{
	int worst = -1;
	for (size_t i = 0; i < l->n_columns; i++)
		if (widths[i] && l->columns[i].rank > 0 &&
		    (worst < 0 || l->columns[i].rank >= l->columns[worst].rank))
			worst = (int)i;
	return worst;
}

/* The widest of the rows on the screen; labels: only what may not be cut. */
static int widest_of(const struct list *l, size_t column, bool labels)
{
	int widest = least_of(&l->columns[column]);
	for (size_t i = l->top; i < l->rows.n && i < l->top + (size_t)l->height; i++) {
		struct cell cell = {0};
		l->ops->cell(l->ctx, l->rows.v[i], column, &cell);
		int w = utf8_width(str_text(&cell.text));
		if (labels && !cell.label)
			w = w < cell.whole ? w : cell.whole;
		widest = w > widest ? w : widest;
		str_release(&cell.text);
	}
	return widest;
}

static int need(const struct list *l, size_t column)
{
	return widest_of(l, column, true);
}

/* What the rows on the screen would like to have. */
static int wish(const struct list *l, size_t column)
{
	int widest = widest_of(l, column, false);
	int most = l->columns[column].most, easy = l->ops->easy ? l->ops->easy(column) : 0;
	widest = widest < easy ? easy : widest;
	return most && widest > most ? most : widest;
}

/* Give what is left to the columns that wish for it, from the left. */
static void widen(const struct list *l, int *widths, int left)
{
	for (size_t i = 0; i < l->n_columns && left > 0; i++) {
		int more = widths[i] ? wish(l, i) - widths[i] : 0;
		more = more > left ? left : more;
		widths[i] += more > 0 ? more : 0;
		left -= more > 0 ? more : 0;
	}
}

static void measure(const struct list *l, int width, int *widths)
{
	int drop;
	for (size_t i = 0; i < l->n_columns; i++)
		widths[i] = need(l, i);
	while (total(l, widths) > width + GAP && (drop = expendable(l, widths)) >= 0)
		widths[drop] = 0;
	widen(l, widths, width + GAP - total(l, widths));
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_head(const struct list *l, const struct canvas *c, const int *widths)
{
	int x = MARGIN;
	canvas_fill(c, 0, 0, -1, ROLE_HEADER);
	for (size_t i = 0; i < l->n_columns; i++) {
		if (!widths[i])
			continue;
		bool sorted = l->sort == (int)i;
		char *title = xasprintf("%s%s", _(l->columns[i].title),
					!sorted ? "" : l->reverse ? "^" : "v");
		bool whole = utf8_width(title) <= widths[i] && x + widths[i] <= c->w;
		if (l->columns[i].right && whole)
			canvas_right(c, 0, x, widths[i], ROLE_HEADER, title);
		else if (sorted)
			(void)canvas_text(c, 0, x, widths[i] + GAP, ROLE_HEADER, title);
		else
			(void)canvas_label(c, 0, x, widths[i], ROLE_HEADER, title);
		free(title);
		x += widths[i] + GAP;
	}
}

/* The part of the cell that the filter found, once more in its own colour. */
static void draw_match(const struct list *l, const struct canvas *c, int y, int x, int width,
		       const char *text)
{
	size_t from, to;
	if (!l->pattern ||
	    pattern_find(l->pattern, text, strlen(text), NULL, &from, &to) != VERDICT_YES ||
	    to <= from)
		return;
	char *head = xstrndup(text, from), *found = xstrndup(text + from, to - from);
	int at = utf8_width(head);
	if (at < width)
		(void)canvas_text(c, y, x + at, width - at, ROLE_MATCH, found);
	free(head);
	free(found);
}

/* A bar in what the text leaves, the text behind it. */
static void draw_bar(const struct canvas *c, int y, int x, int width, const struct cell *cell,
		     enum theme_role role)
{
	int text = utf8_width(str_text(&cell->text)), bar = width - (text ? text + 1 : 0);
	if (bar >= BAR_LEAST)
		canvas_bar(c, y, x, bar, cell->done, cell->total);
	canvas_right(c, y, x, width, role, str_text(&cell->text));
}

static void draw_name(const struct list *l, const struct canvas *c, int y, int x, int width,
		      enum theme_role role, const char *name)
{
	char *text = width > 0 ? utf8_middle(name, width) : xstrdup("");
	(void)canvas_text(c, y, x, width, role, text);
	if (role != ROLE_SELECTION && strcmp(text, name) == 0)
		draw_match(l, c, y, x, width, text);
	free(text);
}

static void draw_cell(const struct list *l, const struct canvas *c, int y, int x, int width,
		      size_t row, size_t column, bool selected)
{
	struct cell cell = {0};
	l->ops->cell(l->ctx, row, column, &cell);
	enum theme_role role = selected ? ROLE_SELECTION : cell.role;
	if (cell.total > 0) {
		draw_bar(c, y, x, width, &cell, role);
	} else if (l->columns[column].right) {
		canvas_right(c, y, x, width, role, str_text(&cell.text));
	} else if (cell.label) {
		(void)canvas_label(c, y, x, width, role, str_text(&cell.text));
	} else if (cell.whole) {
		draw_name(l, c, y, x, width, role, str_text(&cell.text));
	} else {
		(void)canvas_text(c, y, x, width, role, str_text(&cell.text));
		if (!selected)
			draw_match(l, c, y, x, width, str_text(&cell.text));
	}
	str_release(&cell.text);
}

static void draw_row(const struct list *l, const struct canvas *c, int y, size_t at,
		     const int *widths)
{
	size_t row = l->rows.v[at];
	bool selected = at == l->at && !l->still, marked = l->ops->marked && l->ops->marked(l->ctx, row);
	int x = MARGIN;
	if (selected)
		canvas_fill(c, y, 0, -1, ROLE_SELECTION);
	(void)canvas_text(c, y, 0, 1, selected ? ROLE_SELECTION : ROLE_TEXT, selected ? ">" : " ");
	if (marked)
		(void)canvas_text(c, y, 1, 1, selected ? ROLE_SELECTION : ROLE_MARKED, "*");
	bool wide = l->ops->wide && l->ops->wide(l->ctx, row);
	if (wide)
		draw_cell(l, c, y, x, c->w - x, row, 0, selected);
	for (size_t i = 0; !wide && i < l->n_columns; i++) {
		if (!widths[i])
			continue;
		draw_cell(l, c, y, x, widths[i], row, i, selected);
		x += widths[i] + GAP;
	}
	if (selected)
		canvas_cursor(c, y, 0);
}

/* Behind the filter; what is too long for that takes lines of the picture above, until it goes. */
static void draw_mistake(const struct list *l, const struct canvas *c, int y, int x)
{
	if (utf8_width(l->mistake) <= c->w - x) {
		(void)canvas_label(c, y, x, -1, ROLE_ERROR, l->mistake);
		return;
	}
	int lines = canvas_wrap(c, 0, 1, c->w - 2, 0, ROLE_ERROR, l->mistake);
	lines = lines > MISTAKE_MOST ? MISTAKE_MOST : lines;
	for (int i = 1; i <= lines; i++)
		canvas_fill(c, y - i, 0, -1, ROLE_TEXT);
	(void)canvas_words(c, y - lines, 1, c->w - 2, lines, ROLE_ERROR, l->mistake);
}

static void draw_filter(const struct list *l, const struct canvas *c)
{
	int y = c->h - 1, field = utf8_width(line_text(&l->filter)) + 2;
	field = field > FILTER_MOST ? FILTER_MOST : field;
	if (l->filtering) {
		(void)canvas_text(c, y, 0, 1, ROLE_KEY, "/");
		line_draw(&l->filter, c, y, 1, l->mistake ? field : c->w - 1, ROLE_FIELD_FOCUS);
	} else {
		(void)canvas_textf(c, y, 0, -1, ROLE_MATCH, "/%s", line_text(&l->filter));
	}
	if (l->mistake)
		draw_mistake(l, c, y, field + 2);
}

void list_put_cut(const struct list *l, int width, struct str *out)
{
	int widths[COLUMNS] = {0};
	size_t row = list_row(l);
	/* the owner may have lost its rows, and not shown the list either */
	if (row == (size_t)-1 || l->still || l->ops->count(l->ctx) < l->seen ||
	    (l->ops->wide && l->ops->wide(l->ctx, row)))
		return;
	measure(l, width, widths);
	for (size_t i = 0; i < l->n_columns; i++) {
		struct cell cell = {0};
		l->ops->cell(l->ctx, row, i, &cell);
		bool meant = widths[i] || (l->ops->told && l->ops->told(i));
		if (meant && utf8_width(str_text(&cell.text)) > widths[i])
			str_printf(out, "%s%s: %s", out->len ? "  " : "", _(l->columns[i].title),
				   str_text(&cell.text));
		str_release(&cell.text);
	}
}

bool list_draw_filter(const struct list *l, const struct canvas *c)
{
	if (list_has_filter(l))
		draw_filter(l, c);
	return list_has_filter(l);
}

void list_draw(const struct list *l, const struct canvas *c)
{
	int widths[COLUMNS] = {0};
	measure(l, c->w, widths);
	draw_head(l, c, widths);
	for (size_t at = l->top, y = 1; at < l->rows.n && y <= (size_t)l->height; at++, y++) {
		const char *heading = list_heading(l, l->top, at);
		if (heading)
			(void)canvas_label(c, (int)y++, MARGIN, -1, ROLE_TITLE, heading);
		if (y <= (size_t)l->height)
			draw_row(l, c, (int)y, at, widths);
	}
	(void)list_draw_filter(l, c);
}
