/* SPDX-License-Identifier: ISC */
/* Is a text made from a template, and what stands in its holes? */
#include "config.h"

#include "model/phrases_parts.h"

#include "base/str.h"

#include <string.h>

#define STEPS_MOST 20000 /* of one comparison: a hostile text does not stop a screen */

/* --- taking a template to pieces -------------------------------------------------------------- */

static void push(struct pieces *p, enum hole hole, const char *text, size_t n)
{
	bool beside = hole != HOLE_NONE && p->n && p->v[p->n - 1].hole != HOLE_NONE;
	if (hole == HOLE_NONE && n == 0)
		return;
	if (beside || hole == HOLE_BAD || p->n == LEN(p->v)) {
		p->bad = true;
		return;
	}
	p->v[p->n++] = (struct piece){.hole = hole, .text = text, .n = n};
	for (size_t i = 0; hole == HOLE_NONE && i < n; i++)
		p->marks += text[i] != ' ' && text[i] != '\n';
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* A conversion of printf, behind its '%': its kind, where it ends, and its number ("2$"). */
static enum hole conversion(const char *at, const char **end, size_t *number)
{
	size_t n = digits(at);
	if (n && at[n] == '$') {
		*number = 0;
		for (size_t i = 0; i < n && *number < PIECES_MOST; i++)
			*number = *number * 10 + (size_t)(at[i] - '0');
		at += n + 1;
	}
	bool message = str_starts(at, "-s");
	at += strspn(at, "-+ #0");
	at += *at == '*' ? 1 : digits(at);
	if (*at == '.')
		at += at[1] == '*' ? 2 : 1 + digits(at + 1);
	at += strspn(at, "hlzjt");
	*end = *at ? at + 1 : at;
	if (message)
		return HOLE_MESSAGE;
	return !*at                  ? HOLE_BAD
	       : strchr("scf", *at)  ? HOLE_TEXT
	       : strchr("diux", *at) ? HOLE_NUMBER
				     : HOLE_BAD;
}

static void format_pieces(const char *at, struct pieces *out)
{
	for (size_t value = 0; *at;) {
		size_t n = strcspn(at, "%"), number = 0;
		push(out, HOLE_NONE, at, n);
		at += n;
		if (*at && at[1] == '%') {
			push(out, HOLE_NONE, at, 1);
			at += 2;
		} else if (*at) {
			const char *end;
			enum hole hole = conversion(at + 1, &end, &number);
			push(out, hole, at, (size_t)(end - at));
			if (out->n)
				out->v[out->n - 1].value = number ? number - 1 : value;
			value++;
			at = end;
		}
	}
}

static enum hole named_hole(const char *name, size_t n)
{
	static const char *const messages[] = {"${why}", "${reason}", "${last}", "${holder}"};
	for (size_t i = 0; i < LEN(messages); i++)
		if (strlen(messages[i]) == n && memcmp(messages[i], name, n) == 0)
			return HOLE_MESSAGE;
	return HOLE_TEXT;
}

static void named_pieces(const char *at, struct pieces *out)
{
	const char *hole, *end;
	for (; (hole = strstr(at, "${")) && (end = strchr(hole, '}')); at = end + 1) {
		size_t n = (size_t)(end + 1 - hole);
		push(out, HOLE_NONE, at, (size_t)(hole - at));
		push(out, named_hole(hole, n), hole, n);
	}
	push(out, HOLE_NONE, at, strlen(at));
}

void pieces_of(const char *template, enum style style, struct pieces *out)
{
	out->n = out->marks = 0;
	out->bad = false;
	if (style == STYLE_NAMED)
		named_pieces(template, out);
	else
		format_pieces(template, out);
	if (style != STYLE_SYSTEM)
		return;
	push(out, HOLE_NONE, ": ", 2);
	push(out, HOLE_MESSAGE, "%-s", 3);
	if (out->n)
		out->v[out->n - 1].value = PIECES_MOST;
}

const struct piece *piece_for(const struct pieces *p, const struct piece *hole)
{
	for (size_t i = 0; i < p->n && hole->hole != HOLE_NONE; i++) {
		const struct piece *k = &p->v[i];
		bool named = str_starts(hole->text, "${");
		if (k->hole != HOLE_NONE &&
		    (named ? k->n == hole->n && memcmp(k->text, hole->text, k->n) == 0
			   : k->value == hole->value))
			return k;
	}
	return NULL;
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool fits(enum hole hole, const char *text, size_t n)
{
	if (hole != HOLE_NUMBER)
		return true;
	size_t sign = n && *text == '-';
	return n > sign && strspn(text + sign, "0123456789abcdef") >= n - sign;
}

/* The shortest text for every hole with which all that follows fits too. */
static bool match(const struct pieces *p, size_t i, const char *text, struct filling *values,
		  int *steps)
{
	for (; i < p->n && p->v[i].hole == HOLE_NONE; i++) {
		if (strncmp(text, p->v[i].text, p->v[i].n) != 0)
			return false;
		text += p->v[i].n;
	}
	if (i == p->n)
		return !*text;
	size_t rest = strlen(text);
	for (size_t n = i + 1 == p->n ? rest : 0; n <= rest && --*steps > 0; n++)
		if (fits(p->v[i].hole, text, n) && match(p, i + 1, text + n, values, steps)) {
			values[i] = (struct filling){.text = text, .n = n};
			return true;
		}
	return false;
}

static bool same_names_same_values(const struct pieces *p, const struct filling *values)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct piece *first = piece_for(p, &p->v[i]);
		size_t at = first ? (size_t)(first - p->v) : i;
		if (at != i && (values[at].n != values[i].n ||
				memcmp(values[at].text, values[i].text, values[i].n) != 0))
			return false;
	}
	return true;
}

bool pieces_match(const struct pieces *p, const char *text, struct filling *values)
{
	int steps = STEPS_MOST;
	return !p->bad && match(p, 0, text, values, &steps) && same_names_same_values(p, values);
}
