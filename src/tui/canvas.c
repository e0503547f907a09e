/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/canvas.h"
#include "tui/term_parts.h"

#include "base/utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct canvas canvas_all(struct terminal *t)
{
	return (struct canvas){.term = t, .h = term_lines(t), .w = term_columns(t)};
}

static int clamp(int n, int low, int high)
{
	return n < low ? low : n > high ? high : n;
}

struct canvas canvas_part(const struct canvas *c, int y, int x, int h, int w)
{
	y = clamp(y, 0, c->h);
	x = clamp(x, 0, c->w);
	h = h < 0 ? c->h - y + h + 1 : h;
	w = w < 0 ? c->w - x + w + 1 : w;
	return (struct canvas){.term = c->term,
			       .y = c->y + y,
			       .x = c->x + x,
			       .h = clamp(h, 0, c->h - y),
			       .w = clamp(w, 0, c->w - x)};
}

/* --- text ------------------------------------------------------------------------------------- */

/* Characters that this terminal has no way to show are named instead. */
static void put_showable(const struct terminal *t, const char *text, struct str *out)
{
	size_t n = strlen(text), used;
	char bytes[MB_LEN_MAX];
	for (size_t i = 0; i < n; i += used) {
		mbstate_t state = {0};
		int32_t c = utf8_decode(text + i, n - i, &used);
		if (c < 128 || t->utf8 || wcrtomb(bytes, (wchar_t)c, &state) != (size_t)-1)
			str_add(out, text + i, used);
		else
			str_printf(out, "<U+%04X>", (unsigned)c);
	}
}

static char *showable(const struct terminal *t, const char *text)
{
	struct str s = {0};
	char *safe = utf8_safe(text ? text : "", UTF8_ONE_LINE);
	put_showable(t, safe, &s);
	free(safe);
	return str_take(&s);
}

static wchar_t *wide(const char *text, size_t n)
{
	wchar_t *w = xcalloc(n + 1, sizeof(*w));
	size_t used, k = 0;
	for (size_t i = 0; i < n; i += used) {
		int32_t c = utf8_decode(text + i, n - i, &used);
		w[k++] = c < 0 ? L'?' : (wchar_t)c;
	}
	return w;
}

static void put(const struct canvas *c, int y, int x, enum theme_role role, const char *text,
		size_t n)
{
	wchar_t *w = wide(text, n);
	(void)attr_set(c->term->attrs[role], c->term->pairs[role], NULL);
	(void)mvaddwstr(c->y + y, c->x + x, w);
	(void)attr_set(A_NORMAL, 0, NULL);
	free(w);
}

/* How many columns there are from x on. */
static int room(const struct canvas *c, int y, int x, int width)
{
	if (y < 0 || y >= c->h || x < 0 || x >= c->w)
		return 0;
	return width < 0 || width > c->w - x ? c->w - x : width;
}

/* Put text into the room; *cut when it did not fit. */
static int fit(const struct canvas *c, int y, int x, int width, enum theme_role role,
	       const char *text, bool *cut)
{
	int columns = room(c, y, x, width), all = utf8_width(text);
	*cut = all > columns;
	if (columns == 0)
		return 0;
	if (!*cut) {
		put(c, y, x, role, text, strlen(text));
		return all;
	}
	size_t n = utf8_fit(text, columns - 1);
	char *short_text = xasprintf("%.*s~", (int)n, text);
	put(c, y, x, role, short_text, n + 1);
	free(short_text);
	return columns;
}

int canvas_text(const struct canvas *c, int y, int x, int width, enum theme_role role,
		const char *text)
{
	bool cut;
	char *s = showable(c->term, text);
	int n = fit(c, y, x, width, role, s, &cut);
	free(s);
	return n;
}

int canvas_textf(const struct canvas *c, int y, int x, int width, enum theme_role role,
		 const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	int n = canvas_text(c, y, x, width, role, text);
	free(text);
	return n;
}

int canvas_label(const struct canvas *c, int y, int x, int width, enum theme_role role,
		 const char *text)
{
	bool cut;
	char *s = showable(c->term, text);
	int n = fit(c, y, x, width, role, s, &cut);
	if (cut)
		term_note_cut(c->term, s);
	free(s);
	return n;
}

void canvas_right(const struct canvas *c, int y, int x, int width, enum theme_role role,
		  const char *text)
{
	bool cut;
	char *s = showable(c->term, text);
	int columns = room(c, y, x, width), n = utf8_width(s);
	(void)fit(c, y, n < columns ? x + columns - n : x, columns, role, s, &cut);
	free(s);
}

/* Bytes of the first line of at most `width` columns; *next: where the following one begins. */
static size_t line_of(const char *text, int width, size_t *next)
{
	size_t all = strcspn(text, "\n"), n = utf8_fit(text, width);
	if (n >= all) {
		*next = text[all] ? all + 1 : all;
		return all;
	}
	n = utf8_break(text, width);
	*next = n + (text[n] == ' ');
	return n;
}

/* The last line that there is room for, when there is more of the text. */
static void put_cut(const struct canvas *c, int y, int x, int columns, enum theme_role role,
		    const char *text, size_t n)
{
	char *line = xstrndup(text, n);
	char *marked = xasprintf("%.*s~", (int)utf8_fit(line, columns - 1), line);
	put(c, y, x, role, marked, strlen(marked));
	free(marked);
	free(line);
}

/* canvas_wrap(); *cut: there is more of it. */
static int wrap(const struct canvas *c, int y, int x, int width, int lines, enum theme_role role,
		const char *text, bool *cut)
{
	struct str s = {0};
	int used = 0;
	int columns = width < 0 || width > c->w - x ? c->w - x : width;
	char *safe = utf8_safe(text ? text : "", UTF8_KEEP_LINES);
	put_showable(c->term, safe, &s);
	free(safe);
	const char *rest = str_text(&s);
	while (*rest && columns > 0 && (lines == 0 || used < lines)) {
		size_t next, n = line_of(rest, columns, &next);
		bool there = lines && room(c, y + used, x, columns);
		if (there && used + 1 == lines && rest[next])
			put_cut(c, y + used, x, columns, role, rest, n);
		else if (there)
			put(c, y + used, x, role, rest, n);
		*cut |= lines && (!there || (used + 1 == lines && rest[next]));
		rest += next;
		used++;
	}
	str_release(&s);
	return used;
}

int canvas_wrap(const struct canvas *c, int y, int x, int width, int lines, enum theme_role role,
		const char *text)
{
	bool cut = false;
	return wrap(c, y, x, width, lines, role, text, &cut);
}

int canvas_words(const struct canvas *c, int y, int x, int width, int lines, enum theme_role role,
		 const char *text)
{
	bool cut = false;
	int used = wrap(c, y, x, width, lines, role, text, &cut);
	if (cut)
		term_note_cut(c->term, text);
	return used;
}

/* --- lines and boxes -------------------------------------------------------------------------- */

void canvas_fill(const struct canvas *c, int y, int x, int width, enum theme_role role)
{
	int n = room(c, y, x, width);
	if (n == 0)
		return;
	(void)attr_set(c->term->attrs[role], c->term->pairs[role], NULL);
	(void)mvhline(c->y + y, c->x + x, ' ' | c->term->attrs[role] |
		      (chtype)COLOR_PAIR(c->term->pairs[role]), n);
	(void)attr_set(A_NORMAL, 0, NULL);
}

/* One cell of a frame: the drawing character, or ASCII. */
static void corner(const struct canvas *c, int y, int x, enum theme_role role, const cchar_t *drawn,
		   char plain)
{
	cchar_t cell;
	wchar_t text[CCHARW_MAX + 1] = {0}, ascii[2] = {(wchar_t)plain, 0};
	attr_t attrs;
	short pair;
	if (room(c, y, x, 1) == 0 || getcchar(drawn, text, &attrs, &pair, NULL) != OK)
		return;
	(void)setcchar(&cell, c->term->ascii ? ascii : text,
		       c->term->attrs[role] | (c->term->ascii ? 0 : attrs & A_ALTCHARSET),
		       c->term->pairs[role], NULL);
	(void)mvadd_wch(c->y + y, c->x + x, &cell);
}

void canvas_line(const struct canvas *c, int y, enum theme_role role)
{
	for (int x = 0; x < c->w; x++)
		corner(c, y, x, role, WACS_HLINE, '-');
}

void canvas_upright(const struct canvas *c, int x, enum theme_role role)
{
	for (int y = 0; y < c->h; y++)
		corner(c, y, x, role, WACS_VLINE, '|');
}

void canvas_box(const struct canvas *c, enum theme_role role, enum theme_role title_role,
		const char *title)
{
	for (int y = 0; y < c->h; y++)
		canvas_fill(c, y, 0, -1, role);
	canvas_line(c, 0, role);
	canvas_line(c, c->h - 1, role);
	canvas_upright(c, 0, role);
	canvas_upright(c, c->w - 1, role);
	corner(c, 0, 0, role, WACS_ULCORNER, '+');
	corner(c, 0, c->w - 1, role, WACS_URCORNER, '+');
	corner(c, c->h - 1, 0, role, WACS_LLCORNER, '+');
	corner(c, c->h - 1, c->w - 1, role, WACS_LRCORNER, '+');
	if (title && *title) {
		char *text = xasprintf(" %s ", title);
		(void)canvas_text(c, 0, 2, c->w - 4, title_role, text);
		free(text);
	}
}

void canvas_bar(const struct canvas *c, int y, int x, int width, int64_t done, int64_t total)
{
	int inner = room(c, y, x, width) - 2;
	if (inner < 1)
		return;
	int full = total > 0 ? (int)(done * inner / total) : 0;
	full = clamp(full, 0, inner);
	struct str s = {0};
	for (int i = 0; i < full; i++)
		str_putc(&s, i == full - 1 && full < inner ? '>' : '=');
	put(c, y, x, ROLE_BAR, "[", 1);
	put(c, y, x + 1, ROLE_BAR_DONE, str_text(&s), s.len);
	str_clear(&s);
	for (int i = full; i < inner; i++)
		str_putc(&s, ' ');
	str_putc(&s, ']');
	put(c, y, x + 1 + full, ROLE_BAR, s.buf, s.len);
	str_release(&s);
}

void canvas_cursor(const struct canvas *c, int y, int x)
{
	if (room(c, y, x, 1))
		term_put_cursor(c->term, c->y + y, c->x + x);
}
