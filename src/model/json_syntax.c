/* SPDX-License-Identifier: ISC */
/*
 * What is wrong with a text that is no JSON: where, what is there, and what JSON allows there.
 * Strings have an end and numbers are well-formed by then (json_parse.c).
 */
#include "config.h"

#include "model/json_syntax.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <string.h>

#define DEPTH_MAX 64
#define WORD_MAX  20

enum state { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COLON, MORE, END };

struct walk {
	const char *at, *end;
	char open[DEPTH_MAX]; /* '{' or '[' of each level */
	size_t depth;
	enum state state;
	const char *escape; /* what follows a backslash here is none; NULL */
};

static const char *const wanted[] = {
    [VALUE] = M_("a value: text in \"...\", a number, {...}, [...], true, false or null"),
    [VALUE_OR_END] = M_("a value or ]"),
    [NAME] = M_("another member: a name in \"...\" (no comma stands before a })"),
    [NAME_OR_END] = M_("a member's name in \"...\" or }"),
    [COLON] = M_("a colon (:) between a member's name and its value"),
    [END] = M_("the end of the file")};

static const char *expected(const struct walk *w)
{
	if (w->escape)
		return M_("\\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t or \\u and four hex digits");
	if (w->state != MORE)
		return wanted[w->state];
	return w->open[w->depth - 1] == '{' ? M_("a comma (,) or }") : M_("a comma (,) or ]");
}

static bool is_hex4(const char *at, const char *end)
{
	return end - at >= 4 && strspn(at, "0123456789abcdefABCDEF") >= 4;
}

/* Over a string that has an end; false: at a bad escape. */
static bool skip_string(struct walk *w)
{
	for (w->at++; *w->at != '"'; w->at++) {
		if (*w->at != '\\')
			continue;
		w->at++;
		if (!strchr("\"\\/bfnrtu", *w->at) ||
		    (*w->at == 'u' && !is_hex4(w->at + 1, w->end))) {
			w->escape = --w->at;
			return false;
		}
	}
	w->at++;
	return true;
}

static void after_value(struct walk *w)
{
	w->state = w->depth ? MORE : END;
}

static bool open_level(struct walk *w)
{
	if (w->depth == DEPTH_MAX)
		return false;
	w->open[w->depth++] = *w->at;
	w->state = *w->at++ == '{' ? NAME_OR_END : VALUE_OR_END;
	return true;
}

static bool take_value(struct walk *w)
{
	static const char *const words[] = {"true", "false", "null"};
	if (*w->at == '{' || *w->at == '[')
		return open_level(w);
	if (*w->at == '"') {
		if (!skip_string(w))
			return false;
		after_value(w);
		return true;
	}
	size_t n = strspn(w->at, "+-.0123456789eE");
	if (*w->at != '-' && (*w->at < '0' || *w->at > '9'))
		n = 0;
	for (size_t i = 0; i < LEN(words) && !n; i++)
		if (strncmp(w->at, words[i], strlen(words[i])) == 0)
			n = strlen(words[i]);
	w->at += n;
	after_value(w);
	return n > 0;
}

/* One token; false: it is not what may stand here. */
static bool take(struct walk *w)
{
	char c = *w->at;
	char close = w->depth && w->open[w->depth - 1] == '{' ? '}' : ']';
	bool may_close = w->state == MORE || w->state == VALUE_OR_END || w->state == NAME_OR_END;
	if (may_close && c == close) {
		w->at++;
		w->depth--;
		after_value(w);
		return true;
	}
	switch (w->state) {
	case VALUE:
	case VALUE_OR_END:
		return take_value(w);
	case NAME:
	case NAME_OR_END:
		if (c != '"' || !skip_string(w))
			return false;
		w->state = COLON;
		return true;
	case COLON:
		w->state = VALUE;
		return *w->at++ == ':';
	case MORE:
		w->state = close == '}' ? NAME : VALUE;
		return *w->at++ == ',';
	case END:
		break;
	}
	return false;
}

static void say_found(const struct walk *w, struct str *out)
{
	size_t left = (size_t)(w->end - w->at), n = 0, used;
	while (n < left && n < WORD_MAX &&
	       ((w->at[n] >= 'a' && w->at[n] <= 'z') || (w->at[n] >= 'A' && w->at[n] <= 'Z')))
		n++;
	if (left && !n) {
		(void)utf8_decode(w->at, left, &used);
		n = w->at[0] == '\\' && left > 1 ? 2 : used;
	}
	if (!left)
		str_printf(out, M_("found the end of the file, expected %-s"), expected(w));
	else if (*w->at == '"' || *w->at == '\'')
		str_printf(out, M_("found %c, expected %-s"), *w->at, expected(w));
	else
		str_printf(out, M_("found \"%.*s\", expected %-s"), (int)n, w->at, expected(w));
}

const char *json_syntax(const char *text, size_t n, struct str *out)
{
	struct walk w = {.at = text, .end = text + n};
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		w.at += 3;
	for (;;) {
		while (w.at < w.end && strchr(" \t\r\n", *w.at))
			w.at++;
		if (w.at == w.end && w.state == END)
			return NULL;
		struct walk before = w;
		if (w.at < w.end && take(&w))
			continue;
		if (w.escape)
			before.at = before.escape = w.escape;
		say_found(&before, out);
		return before.at;
	}
}
