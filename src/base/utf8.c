/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static int tail(const char *text, size_t n, size_t want, int32_t *code)
{
	if (n < want)
		return -1;
	for (size_t i = 1; i < want; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c & 0xc0) != 0x80)
			return -1;
		*code = *code << 6 | (c & 0x3f);
	}
	return 0;
}

int32_t utf8_decode(const char *text, size_t n, size_t *used)
{
	unsigned char c = (unsigned char)text[0];
	*used = 1;
	if (c < 0x80)
		return c;
	size_t want = c >= 0xf0 && c <= 0xf4 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4)
		return -1;
	int32_t code = c & (0xff >> (want + 1));
	if (tail(text, n, want, &code) != 0)
		return -1;
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (code < least[want] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return -1;
	*used = want;
	return code;
}

void utf8_vline(struct str *out, const char *fmt, va_list ap)
{
	char *text = xvasprintf(fmt, ap);
	utf8_sanitise(out, text, strlen(text), UTF8_KEEP_LINES);
	str_putc(out, '\n');
	free(text);
}

void utf8_line(struct str *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	utf8_vline(out, fmt, ap);
	va_end(ap);
}

bool utf8_valid(const char *text, size_t n)
{
	size_t used;
	for (size_t i = 0; i < n; i += used)
		if (utf8_decode(text + i, n - i, &used) < 0)
			return false;
	return true;
}

struct range {
	int32_t from, to;
};

/* Characters that move, hide or reorder others (facts/reliability.md 457). */
static const struct range harmful[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},
    {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0xe000, 0xf8ff},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xfff0, 0xffff},
    {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

static bool is_harmful(int32_t code)
{
	for (size_t i = 0; i < LEN(harmful); i++)
		if (code >= harmful[i].from && code <= harmful[i].to)
			return true;
	return false;
}

static bool is_mark(int32_t code)
{
	return code >= 0x300 && wcwidth((wchar_t)code) == 0;
}

static void add_char(struct str *out, const char *text, size_t used, int32_t code, int *marks)
{
	*marks = is_mark(code) ? *marks + 1 : 0;
	if (code < 0)
		str_printf(out, "<%02X>", (unsigned char)*text);
	else if (is_harmful(code) || *marks > 4)
		str_printf(out, "<U+%04X>", (unsigned)code);
	else
		str_add(out, text, used);
}

void utf8_sanitise(struct str *out, const char *text, size_t n, enum utf8_lines lines)
{
	size_t used;
	int marks = 0;
	for (size_t i = 0; i < n; i += used) {
		int32_t code = utf8_decode(text + i, n - i, &used);
		bool keep = lines == UTF8_KEEP_LINES;
		if (keep && code == '\r' && i + 1 < n && text[i + 1] == '\n')
			continue;
		if (code == '\t')
			str_putc(out, ' ');
		else if (keep && code == '\n')
			str_putc(out, '\n');
		else
			add_char(out, text + i, used, code, &marks);
	}
}

char *utf8_safe(const char *text, enum utf8_lines lines)
{
	struct str out = {0};
	if (text)
		utf8_sanitise(&out, text, strlen(text), lines);
	return str_take(&out);
}

static int char_width(int32_t code)
{
	int w = code < 0 ? 1 : wcwidth((wchar_t)code);
	return w < 0 ? 1 : w;
}

int utf8_width(const char *text)
{
	int width = 0;
	size_t used, n = strlen(text);
	for (size_t i = 0; i < n; i += used)
		width += char_width(utf8_decode(text + i, n - i, &used));
	return width;
}

int utf8_field(const char *text, int columns)
{
	return columns + (int)strlen(text) - utf8_width(text);
}

size_t utf8_fit(const char *text, int columns)
{
	size_t used, n = strlen(text), i = 0;
	for (; i < n; i += used) {
		int w = char_width(utf8_decode(text + i, n - i, &used));
		if (w > columns)
			break;
		columns -= w;
	}
	return i;
}

char *utf8_middle(const char *text, int columns)
{
	int all = utf8_width(text), head = columns / 2, tail = columns - head - 1;
	if (all <= columns)
		return xstrdup(text);
	const char *end = text + utf8_fit(text, all - tail);
	if (utf8_width(end) > tail) /* a wide character lies across the cut */
		end += utf8_fit(end, 2);
	return xasprintf("%.*s~%s", (int)utf8_fit(text, head), text, end);
}

/* These do not begin a line. */
static bool closes(int32_t c)
{
	static const int32_t closing[] = {',',    '.',    ')',    ':',    ';',    0x3001, 0x3002,
					  0x300d, 0x300f, 0x30fb, 0x30fc, 0x30c3, 0x3063, 0x30e3,
					  0x30e5, 0x30e7, 0x3083, 0x3085, 0x3087, 0xff01, 0xff09,
					  0xff0c, 0xff1a, 0xff1f};
	for (size_t i = 0; i < LEN(closing); i++)
		if (closing[i] == c)
			return true;
	return false;
}

size_t utf8_break(const char *text, int columns)
{
	size_t n = strlen(text), most = utf8_fit(text, columns), last = 0, hyphen = 0, used;
	bool wide = false; /* the character before */
	for (size_t i = 0; i < n && i <= most; i += used) {
		int32_t c = utf8_decode(text + i, n - i, &used);
		bool here = char_width(c) == 2;
		if (i > 0 && (c == ' ' || ((wide || here) && !closes(c))))
			last = i;
		if (c == '-' && i > 0 && i < most)
			hyphen = i + 1;
		wide = here;
	}
	if (most >= n)
		return n;
	if (last == 0 && most == 0)
		(void)utf8_decode(text, n, &most);
	return last ? last : hyphen ? hyphen : most;
}
