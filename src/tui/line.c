/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/line.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

void line_set(struct line *l, const char *text)
{
	str_clear(&l->text);
	str_puts(&l->text, text);
	l->at = l->text.len;
}

const char *line_text(const struct line *l)
{
	return str_text(&l->text);
}

void line_release(struct line *l)
{
	if (l->secret && l->text.buf)
		wipe(l->text.buf, l->text.cap);
	str_release(&l->text);
	l->at = 0;
}

/* --- editing ---------------------------------------------------------------------------------- */

static size_t before(const struct line *l)
{
	size_t i = l->at;
	while (i > 0 && ((unsigned char)l->text.buf[--i] & 0xc0) == 0x80)
		;
	return i;
}

static size_t behind(const struct line *l)
{
	size_t used;
	if (l->at >= l->text.len)
		return l->at;
	(void)utf8_decode(l->text.buf + l->at, l->text.len - l->at, &used);
	return l->at + used;
}

static void cut(struct line *l, size_t from, size_t to)
{
	if (from >= to)
		return;
	memmove(l->text.buf + from, l->text.buf + to, l->text.len - to + 1);
	l->text.len -= to - from;
	l->at = from;
}

static size_t word_start(const struct line *l)
{
	size_t i = l->at;
	while (i > 0 && l->text.buf[i - 1] == ' ')
		i--;
	while (i > 0 && l->text.buf[i - 1] != ' ')
		i--;
	return i;
}

/* A secret must not stay behind in a block that was outgrown. */
static void reserve_secret(struct line *l, size_t n)
{
	if (!l->secret || l->text.len + n + 1 <= l->text.cap)
		return;
	struct str wider = {.buf = xcalloc(1, 4096), .cap = 4096};
	str_add(&wider, str_text(&l->text), l->text.len);
	if (l->text.buf)
		wipe(l->text.buf, l->text.cap);
	str_release(&l->text);
	l->text = wider;
}

static void insert(struct line *l, keycode key)
{
	char bytes[16];
	key_text(key, bytes);
	if (key == ' ')
		strcpy(bytes, " ");
	size_t n = strlen(bytes), most = l->most ? l->most : 4000;
	if (l->text.len + n > most)
		return;
	reserve_secret(l, n);
	size_t tail = l->text.len - l->at;
	str_add(&l->text, bytes, n);
	memmove(l->text.buf + l->at + n, l->text.buf + l->at, tail);
	memcpy(l->text.buf + l->at, bytes, n);
	l->at += n;
}

static void move_or_cut(struct line *l, keycode key)
{
	switch (key) {
	case K_LEFT:
		l->at = before(l);
		break;
	case K_RIGHT:
		l->at = behind(l);
		break;
	case K_HOME:
	case K_CTRL('A'):
		l->at = 0;
		break;
	case K_END:
	case K_CTRL('E'):
		l->at = l->text.len;
		break;
	case K_BACKSPACE:
		cut(l, before(l), l->at);
		break;
	case K_DELETE:
		cut(l, l->at, behind(l));
		break;
	case K_CTRL('U'):
		cut(l, 0, l->at);
		break;
	case K_CTRL('W'):
		cut(l, word_start(l), l->at);
		break;
	case K_CTRL('K'):
		cut(l, l->at, l->text.len);
		break;
	default:
		break;
	}
}

bool line_key(struct line *l, keycode key)
{
	static const keycode known[] = {K_LEFT,      K_RIGHT,     K_HOME,      K_END,
					K_BACKSPACE, K_DELETE,    K_CTRL('A'), K_CTRL('E'),
					K_CTRL('U'), K_CTRL('W'), K_CTRL('K')};
	keycode plain = key & ~K_PASTED;
	if (key_is_text(plain)) {
		insert(l, plain);
		return true;
	}
	for (size_t i = 0; i < LEN(known); i++)
		if (known[i] == key) {
			move_or_cut(l, key);
			return true;
		}
	return false;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static size_t characters(const char *text, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

static char *stars(size_t n)
{
	char *s = xmalloc(n + 1);
	memset(s, '*', n);
	s[n] = '\0';
	return s;
}

void line_draw(const struct line *l, const struct canvas *c, int y, int x, int width,
	       enum theme_role role)
{
	const char *text = line_text(l);
	char *shown = l->secret ? stars(characters(text, l->text.len)) : xstrdup(text);
	size_t at = l->secret ? characters(text, l->at) : l->at, from = 0;
	char *head = xstrndup(shown, at);
	for (size_t used; head[from] && utf8_width(head + from) > width - 1; from += used)
		(void)utf8_decode(head + from, at - from, &used);
	canvas_fill(c, y, x, width, role);
	char *visible = xstrndup(shown + from, utf8_fit(shown + from, width));
	(void)canvas_text(c, y, x, width, role, visible);
	canvas_cursor(c, y, x + utf8_width(head + from));
	free(visible);
	free(head);
	free(shown);
}
