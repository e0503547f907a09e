/* SPDX-License-Identifier: ISC */
/* Keys as curses tells them, in our names; and the picture as text. */
#include "config.h"

#include "tui/term_parts.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const struct {
	int code;
	keycode key;
} keys[] = {
    {KEY_UP, K_UP},         {KEY_DOWN, K_DOWN},     {KEY_LEFT, K_LEFT},
    {KEY_RIGHT, K_RIGHT},   {KEY_PPAGE, K_PAGE_UP}, {KEY_NPAGE, K_PAGE_DOWN},
    {KEY_HOME, K_HOME},     {KEY_FIND, K_HOME},     {KEY_END, K_END},
    {KEY_SELECT, K_END},    {KEY_LL, K_END},        {KEY_IC, K_INSERT},
    {KEY_DC, K_DELETE},     {KEY_ENTER, K_ENTER},   {KEY_BACKSPACE, K_BACKSPACE},
    {KEY_BTAB, K_BACKTAB},  {KEY_RESIZE, K_RESIZE},
};

/* What nearly every terminal sends, whatever it is said to be. */
static const struct {
	const char *sequence;
	int code;
} taught[] = {
    {"\033[A", KEY_UP},      {"\033[B", KEY_DOWN},   {"\033[C", KEY_RIGHT},
    {"\033[D", KEY_LEFT},    {"\033OA", KEY_UP},     {"\033OB", KEY_DOWN},
    {"\033OC", KEY_RIGHT},   {"\033OD", KEY_LEFT},   {"\033[H", KEY_HOME},
    {"\033OH", KEY_HOME},    {"\033[1~", KEY_HOME},  {"\033[7~", KEY_HOME},
    {"\033[F", KEY_END},     {"\033OF", KEY_END},    {"\033[4~", KEY_END},
    {"\033[8~", KEY_END},    {"\033[2~", KEY_IC},    {"\033[3~", KEY_DC},
    {"\033[5~", KEY_PPAGE},  {"\033[6~", KEY_NPAGE}, {"\033[Z", KEY_BTAB},
    {"\033OM", KEY_ENTER},   {"\033OP", KEY_F(1)},   {"\033[11~", KEY_F(1)},
    {"\033[[A", KEY_F(1)},   {"\033[21~", KEY_F(10)}, {"\033[200~", CODE_PASTE_BEGIN},
    {"\033[201~", CODE_PASTE_END},
};

static keycode from_code(int code)
{
	for (size_t i = 0; i < LEN(keys); i++)
		if (keys[i].code == code)
			return keys[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return K_F1 + code - KEY_F(1);
	return 0;
}

/* What the description says of a sequence stands, unless that is no key of ours. */
void term_teach_keys(void)
{
	for (size_t i = 0; i < LEN(taught); i++) {
		int code = key_defined(taught[i].sequence);
		if (code >= 0 && !from_code(code))
			(void)define_key(taught[i].sequence, taught[i].code);
	}
}

static keycode from_character(const struct terminal *t, wint_t c)
{
	if (t->pasting)
		return c >= 32 && c != 127 ? (keycode)c | K_PASTED : 0;
	switch (c) {
	case '\r':
	case '\n':
		return K_ENTER;
	case '\t':
		return K_TAB;
	case 8:
	case 127:
		return K_BACKSPACE;
	default:
		return (keycode)c;
	}
}

int term_fd(const struct terminal *t)
{
	return fileno(t->in);
}

/* A terminal that is gone gives an end of file for ever: that must not look like "no key yet". */
static bool is_gone(const struct terminal *t)
{
	struct pollfd p = {.fd = fileno(t->in)};
	return !t->headless && poll(&p, 1, 0) > 0 &&
	       (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* --- sequences that nobody knows -------------------------------------------------------------- */

/* The next of what belongs together: it is there now, or comes within the delay that tells a lone Esc. */
static int get_soon(const struct terminal *t, wint_t *c)
{
	struct pollfd p = {.fd = fileno(t->in), .events = POLLIN};
	int kind = get_wch(c);
	if (kind == ERR && poll(&p, 1, get_escdelay()) > 0)
		kind = get_wch(c);
	return kind;
}

static void put_off(int kind, wint_t c)
{
	if (kind == KEY_CODE_YES)
		(void)ungetch((int)c);
	else if (kind == OK)
		(void)unget_wch((wchar_t)c);
}

/* ESC [ has parameters (0-9:;<=>?) and others (blank to /) before its last byte; ESC O a digit at most.
 * One that breaks off is over after the delay. */
static void swallow(const struct terminal *t, wint_t introducer)
{
	const wint_t least = introducer == 'O' ? '0' : ' ', most = introducer == 'O' ? '9' : '?';
	wint_t c;
	int kind;
	do
		kind = get_soon(t, &c);
	while (kind == OK && c >= least && c <= most);
	if (kind != OK || c < ' ')
		put_off(kind, c); /* a change of size, or the next Esc */
}

/* Curses has waited for more already, and knows no key that goes on like this. */
static keycode from_escape(const struct terminal *t)
{
	wint_t c;
	int kind = get_wch(&c);
	if (kind == OK && (c == '[' || c == 'O')) {
		swallow(t, c);
		return 0;
	}
	put_off(kind, c);
	return t->pasting ? 0 : K_ESC;
}

static keycode from_curses(struct terminal *t, int kind, wint_t c)
{
	if (kind != KEY_CODE_YES)
		return c == 27 ? from_escape(t) : from_character(t, c);
	if ((int)c == CODE_PASTE_BEGIN || (int)c == CODE_PASTE_END)
		t->pasting = (int)c == CODE_PASTE_BEGIN;
	else if (!t->pasting || (int)c == KEY_RESIZE) /* text presses no key */
		return from_code((int)c);
	return 0;
}

keycode term_key(struct terminal *t)
{
	for (;;) {
		wint_t c;
		int kind = get_wch(&c);
		if (kind == ERR)
			return is_gone(t) ? -1 : 0;
		keycode key = from_curses(t, kind, c);
		if (key)
			return key;
	}
}

/* --- the picture as text ---------------------------------------------------------------------- */

static char style_letter(const cchar_t *cell)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	wchar_t text[CCHARW_MAX + 1];
	attr_t attrs;
	short pair;
	if (getcchar(cell, text, &attrs, &pair, NULL) != OK)
		return ' ';
	if (pair > 0)
		return letters[(size_t)(pair - 1) % (sizeof(letters) - 1)];
	return attrs & A_REVERSE ? 'R' : attrs & A_BOLD ? 'B' : attrs & A_UNDERLINE ? 'U' : ' ';
}

static void put_wide(struct str *out, const wchar_t *text)
{
	char bytes[MB_LEN_MAX];
	for (; *text; text++) {
		mbstate_t state = {0};
		size_t n = wcrtomb(bytes, *text, &state);
		if (n != (size_t)-1)
			str_add(out, bytes, n);
	}
}

static void trim(struct str *s, size_t from)
{
	while (s->len > from && s->buf[s->len - 1] == ' ')
		str_cut(s, s->len - 1);
	str_putc(s, '\n');
}

static void dump_line(int y, struct str *text, struct str *styles)
{
	for (int x = 0; x < COLS;) {
		cchar_t cell;
		wchar_t wide[CCHARW_MAX + 1] = {0};
		attr_t attrs;
		short pair;
		if (mvin_wch(y, x, &cell) != OK ||
		    getcchar(&cell, wide, &attrs, &pair, NULL) != OK || !wide[0])
			wide[0] = L' ', wide[1] = 0;
		int width = wcwidth(wide[0]);
		put_wide(text, wide);
		for (int i = 0; i < (width > 1 ? width : 1); i++)
			str_putc(styles, style_letter(&cell));
		x += width > 1 ? width : 1;
	}
}

void term_dump(const struct terminal *t, bool styles, struct str *out)
{
	(void)t;
	for (int y = 0; y < LINES; y++) {
		struct str marks = {0};
		size_t from = out->len;
		dump_line(y, out, &marks);
		trim(out, from);
		if (styles) {
			from = out->len;
			str_puts(out, str_text(&marks));
			trim(out, from);
		}
		str_release(&marks);
	}
}
