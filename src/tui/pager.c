/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/pager.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/judge.h"
#include "model/phrases.h"

#include <stdlib.h>
#include <string.h>

void pager_clear(struct pager *p)
{
	for (size_t i = 0; i < p->lines.n; i++)
		free(p->lines.v[i].text);
	p->lines.n = 0;
	p->starts.n = p->bytes.n = 0;
}

void pager_release(struct pager *p)
{
	pager_clear(p);
	VEC_RELEASE(&p->lines);
	VEC_RELEASE(&p->starts);
	VEC_RELEASE(&p->bytes);
	line_release(&p->search);
	pattern_free(p->pattern);
	free(p->mistake);
	*p = (struct pager){0};
}

void pager_add(struct pager *p, enum theme_role role, int indent, const char *text)
{
	if (!text)
		return;
	char *safe = utf8_safe(text, UTF8_KEEP_LINES);
	for (const char *at = safe; at;) {
		size_t n = strcspn(at, "\n");
		VEC_PUSH(&p->lines, ((struct pager_line){.text = xstrndup(at, n),
							 .role = role,
							 .indent = indent}));
		at = at[n] && at[n + 1] ? at + n + 1 : NULL;
	}
	free(safe);
	p->width = 0; /* to be wrapped anew */
}

void pager_addf(struct pager *p, enum theme_role role, int indent, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	pager_add(p, role, indent, text);
	free(text);
}

void pager_hang(struct pager *p, int columns)
{
	if (p->lines.n)
		p->lines.v[p->lines.n - 1].hang = columns;
	p->width = 0; /* to be wrapped anew */
}

/* --- lines of the screen ---------------------------------------------------------------------- */

static void wrap(struct pager *p)
{
	p->starts.n = p->bytes.n = 0;
	for (size_t i = 0; i < p->lines.n; i++) {
		const char *text = p->lines.v[i].text;
		int width = p->width - p->lines.v[i].indent;
		size_t at = 0;
		do {
			VEC_PUSH(&p->starts, i);
			VEC_PUSH(&p->bytes, at);
			int less = at ? p->lines.v[i].hang : 0;
			at += utf8_break(text + at, width - less > 8 ? width - less : 8);
			at += text[at] == ' ';
		} while (text[at]);
	}
}

static void keep_inside(struct pager *p)
{
	size_t height = p->height > 0 ? (size_t)p->height : 1;
	size_t last = p->starts.n > height ? p->starts.n - height : 0;
	if (p->follow || p->top > last)
		p->top = last;
}

void pager_fit(struct pager *p, int height, int width)
{
	p->height = height - (p->searching || p->pattern || p->mistake ? 1 : 0);
	if (p->width != width) {
		p->width = width;
		wrap(p);
	}
	keep_inside(p);
}

/* --- searching -------------------------------------------------------------------------------- */

static bool has(const struct pager *p, size_t line)
{
	const char *text = p->lines.v[line].text;
	return p->pattern &&
	       pattern_match(p->pattern, text, strlen(text), NULL) == VERDICT_YES;
}

static void find(struct pager *p, int by)
{
	size_t n = p->starts.n;
	for (size_t i = 1; n && i <= n; i++) {
		size_t at = (p->top + (by > 0 ? i : n - i)) % n;
		if (p->bytes.v[at] == 0 && has(p, p->starts.v[at])) {
			p->follow = false;
			p->top = at;
			keep_inside(p);
			return;
		}
	}
}

static void new_search(struct pager *p)
{
	struct err e = {0};
	pattern_free(p->pattern);
	free(p->mistake);
	p->mistake = NULL;
	p->pattern = p->search.text.len ? pattern_new(line_text(&p->search), true, &e) : NULL;
	if (p->search.text.len && !p->pattern)
		p->mistake = said_new(e.text);
}

static bool search_key(struct pager *p, keycode key)
{
	if (key == K_ENTER || key == K_ESC) {
		p->searching = false;
		if (key == K_ESC)
			line_set(&p->search, "");
		new_search(p);
		if (p->pattern && !(p->top < p->starts.n && has(p, p->starts.v[p->top])))
			find(p, 1);
	} else if (line_key(&p->search, key)) {
		new_search(p);
	}
	return true;
}

/* --- keys ------------------------------------------------------------------------------------- */

static void scroll(struct pager *p, long by)
{
	long to = (long)p->top + by;
	p->follow = false;
	p->top = to < 0 ? 0 : (size_t)to;
	keep_inside(p);
}

static const struct {
	keycode key;
	int lines, pages, ends;
} moves[] = {
    {K_UP, -1, 0, 0},       {'k', -1, 0, 0},         {K_DOWN, 1, 0, 0},
    {'j', 1, 0, 0},         {K_PAGE_UP, 0, -1, 0},   {K_CTRL('B'), 0, -1, 0},
    {K_PAGE_DOWN, 0, 1, 0}, {K_CTRL('F'), 0, 1, 0},  {' ', 0, 1, 0},
    {K_HOME, 0, 0, -1},     {'g', 0, 0, -1},         {K_END, 0, 0, 1},
    {'G', 0, 0, 1},
};

static bool move_key(struct pager *p, keycode key)
{
	for (size_t i = 0; i < LEN(moves); i++)
		if (moves[i].key == key) {
			long ends = moves[i].ends * (long)p->starts.n;
			scroll(p, moves[i].lines + (long)moves[i].pages * p->height + ends);
			return true;
		}
	return false;
}

bool pager_key(struct pager *p, keycode key)
{
	if (p->searching)
		return search_key(p, key);
	if (move_key(p, key))
		return true;
	switch (key) {
	case '/':
		p->searching = true;
		return true;
	case 'n':
		find(p, 1);
		return true;
	case 'N':
		find(p, -1);
		return true;
	case 'F':
		p->follow = !p->follow;
		keep_inside(p);
		return true;
	default:
		return false;
	}
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_line(const struct pager *p, const struct canvas *c, int y, size_t at)
{
	const struct pager_line *l = &p->lines.v[p->starts.v[at]];
	size_t from = p->bytes.v[at];
	bool last = at + 1 >= p->starts.n || p->starts.v[at + 1] != p->starts.v[at];
	size_t to = last ? strlen(l->text) : p->bytes.v[at + 1];
	while (!last && to > from && l->text[to - 1] == ' ')
		to--; /* the blank at which it was broken */
	char *text = xstrndup(l->text + from, to - from);
	enum theme_role role = has(p, p->starts.v[at]) ? ROLE_MATCH : l->role;
	(void)canvas_text(c, y, l->indent + (from ? l->hang : 0), -1, role, text);
	free(text);
}

void pager_draw(const struct pager *p, const struct canvas *c)
{
	for (int i = 0; i < p->height && p->top + (size_t)i < p->starts.n; i++)
		draw_line(p, c, i, p->top + (size_t)i);
	if (p->searching) {
		(void)canvas_text(c, c->h - 1, 0, 1, ROLE_KEY, "/");
		line_draw(&p->search, c, c->h - 1, 1, p->mistake ? 20 : c->w - 1,
			  ROLE_FIELD_FOCUS);
	} else if (p->pattern) {
		(void)canvas_textf(c, c->h - 1, 0, -1, ROLE_MATCH, "/%s", line_text(&p->search));
	}
	if (p->mistake)
		(void)canvas_text(c, c->h - 1, 23, -1, ROLE_ERROR, p->mistake);
	if (!p->searching)
		canvas_cursor(c, 0, 0);
}
