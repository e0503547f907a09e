/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/list.h"
#include "model/phrases.h"
#include "tui/list_parts.h"

#include "base/i18n.h"
#include "model/judge.h"

#include <stdlib.h>
#include <string.h>

void cell_name(struct cell *out, const char *name)
{
	str_puts(&out->text, name);
	out->whole = NAME_WHOLE;
}

void list_init(struct list *l, const struct column *columns, size_t n, const struct list_rows *ops,
	       const void *ctx)
{
	*l = (struct list){.columns = columns,
			   .n_columns = n,
			   .ops = ops,
			   .ctx = ctx,
			   .sort = -1,
			   .height = 1};
	list_refresh(l);
}

void list_release(struct list *l)
{
	VEC_RELEASE(&l->rows);
	line_release(&l->filter);
	pattern_free(l->pattern);
	free(l->at_id);
	free(l->mistake);
	*l = (struct list){0};
}

/* --- which rows, in which order --------------------------------------------------------------- */

static bool matches(const struct list *l, size_t row)
{
	if (l->ops->shown && !l->ops->shown(l->ctx, row))
		return false;
	if (!l->pattern)
		return true;
	bool found = false;
	for (size_t k = 0; k < l->n_columns && !found; k++) {
		struct cell cell = {0};
		l->ops->cell(l->ctx, row, k, &cell);
		found = pattern_match(l->pattern, str_text(&cell.text), cell.text.len, NULL) ==
			VERDICT_YES;
		str_release(&cell.text);
	}
	return found;
}

int list_compare_text(const struct list *l, size_t a, size_t b, size_t column)
{
	struct cell x = {0}, y = {0};
	l->ops->cell(l->ctx, a, column, &x);
	l->ops->cell(l->ctx, b, column, &y);
	int order = strverscmp(str_text(&x.text), str_text(&y.text));
	str_release(&x.text);
	str_release(&y.text);
	return order;
}

static int in_order(const void *a, const void *b, void *ctx)
{
	const struct list *l = ctx;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = l->ops->compare ? l->ops->compare(l->ctx, x, y, (size_t)l->sort)
				    : list_compare_text(l, x, y, (size_t)l->sort);
	if (order == 0)
		return x < y ? -1 : x > y;
	return l->reverse ? -order : order;
}

static void remember(struct list *l)
{
	free(l->at_id);
	l->at_id = l->at < l->rows.n ? xstrdup(l->ops->id(l->ctx, l->rows.v[l->at])) : NULL;
}

static const char *section(const struct list *l, size_t at)
{
	return l->sort < 0 && l->ops->section ? l->ops->section(l->ctx, l->rows.v[at]) : NULL;
}

const char *list_heading(const struct list *l, size_t top, size_t at)
{
	const char *own = section(l, at);
	return own && (at == top || !str_eq(section(l, at - 1), own)) ? own : NULL;
}

/* Lines of the rows from `top` to `at`, headings included. */
static size_t lines(const struct list *l, size_t top, size_t at)
{
	size_t n = 0;
	for (size_t i = top; i <= at; i++)
		n += list_heading(l, top, i) ? 2 : 1;
	return n;
}

static void keep_visible(struct list *l)
{
	size_t height = l->height > 0 ? (size_t)l->height : 1, n = l->rows.n;
	if (l->at >= n)
		l->at = n ? n - 1 : 0;
	if (l->top > l->at)
		l->top = l->at;
	if (l->at >= l->top + height)
		l->top = l->at - height + 1;
	while (l->top < l->at && lines(l, l->top, l->at) > height)
		l->top++;
	/* no line is left empty while there are rows above */
	while (l->top > 0 && n - l->top < height && lines(l, l->top - 1, n - 1) <= height)
		l->top--;
}

static void find_again(struct list *l)
{
	for (size_t i = 0; l->at_id && i < l->rows.n; i++)
		if (str_eq(l->ops->id(l->ctx, l->rows.v[i]), l->at_id)) {
			l->at = i;
			return;
		}
}

void list_refresh(struct list *l)
{
	size_t n = l->ops->count(l->ctx);
	l->rows.n = 0;
	for (size_t i = 0; i < n; i++)
		if (matches(l, i))
			VEC_PUSH(&l->rows, i);
	if (l->sort >= 0 && l->rows.n > 1)
		qsort_r(l->rows.v, l->rows.n, sizeof(size_t), in_order, l);
	l->seen = n;
	find_again(l);
	keep_visible(l);
	remember(l);
}

void list_grow(struct list *l)
{
	size_t n = l->ops->count(l->ctx);
	if (l->sort >= 0 || n < l->seen) {
		list_refresh(l);
		return;
	}
	for (; l->seen < n; l->seen++)
		if (matches(l, l->seen))
			VEC_PUSH(&l->rows, l->seen);
	keep_visible(l);
	if (!l->at_id)
		remember(l);
}

size_t list_row(const struct list *l)
{
	return l->at < l->rows.n ? l->rows.v[l->at] : (size_t)-1;
}

size_t list_shown(const struct list *l)
{
	return l->rows.n;
}

void list_move_to(struct list *l, size_t at)
{
	l->at = at;
	keep_visible(l);
	remember(l);
}

void list_select(struct list *l, const char *id)
{
	for (size_t i = 0; i < l->rows.n; i++)
		if (str_eq(l->ops->id(l->ctx, l->rows.v[i]), id))
			l->at = i;
	keep_visible(l);
	remember(l);
}

void list_fit(struct list *l, int height)
{
	l->height = height - 1 - (list_has_filter(l) ? 1 : 0);
	keep_visible(l);
}

/* --- keys ------------------------------------------------------------------------------------- */

bool list_has_filter(const struct list *l)
{
	return l->filtering || l->filter.text.len;
}

/* A pattern that is wrong (yet) filters nothing, and says so. */
static void new_filter(struct list *l)
{
	struct err e = {0};
	pattern_free(l->pattern);
	free(l->mistake);
	l->mistake = NULL;
	l->pattern = l->filter.text.len ? pattern_new(line_text(&l->filter), true, &e) : NULL;
	if (l->filter.text.len && !l->pattern)
		l->mistake = said_new(e.text);
	list_refresh(l);
}

static bool filter_key(struct list *l, keycode key)
{
	if (key == K_ENTER) {
		l->filtering = false;
	} else if (key == K_ESC) {
		l->filtering = false;
		line_set(&l->filter, "");
		new_filter(l);
	} else if (key == K_UP || key == K_DOWN) {
		return false;
	} else if (line_key(&l->filter, key)) {
		new_filter(l);
	}
	return true;
}

static void move(struct list *l, long by)
{
	long to = (long)l->at + by, last = (long)l->rows.n - 1;
	l->at = to < 0 || last < 0 ? 0 : (size_t)(to > last ? last : to);
	keep_visible(l);
	remember(l);
}

static void sort_next(struct list *l, int by)
{
	int n = (int)l->n_columns;
	l->sort = (l->sort + 1 + by + n + 1) % (n + 1) - 1;
	l->reverse = false;
	list_refresh(l);
}

static const struct {
	keycode key;
	int lines, pages;
	bool all;
} moves[] = {
    {K_UP, -1, 0, false},          {'k', -1, 0, false},         {K_DOWN, 1, 0, false},
    {'j', 1, 0, false},            {K_PAGE_UP, 0, -1, false},   {K_CTRL('B'), 0, -1, false},
    {K_PAGE_DOWN, 0, 1, false},    {K_CTRL('F'), 0, 1, false},  {K_HOME, -1, 0, true},
    {'g', -1, 0, true},            {K_END, 1, 0, true},         {'G', 1, 0, true},
};

static bool move_key(struct list *l, keycode key)
{
	for (size_t i = 0; i < LEN(moves); i++)
		if (moves[i].key == key) {
			long by = moves[i].lines + (long)moves[i].pages * l->height;
			move(l, moves[i].all ? by * (long)l->rows.n : by);
			return true;
		}
	return false;
}

bool list_key(struct list *l, keycode key)
{
	if (l->filtering && filter_key(l, key))
		return true;
	if (move_key(l, key))
		return true;
	switch (key) {
	case '/':
		l->filtering = true;
		return true;
	case '<':
		sort_next(l, -1);
		return true;
	case '>':
		sort_next(l, 1);
		return true;
	case 'R':
		l->reverse = !l->reverse;
		list_refresh(l);
		return true;
	case K_ESC: /* the first Esc takes the filter away, the next one leaves */
		if (!l->filter.text.len)
			return false;
		return filter_key(l, K_ESC);
	default:
		return false;
	}
}
