/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/shape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A number behind one of these says which, not how much. */
static const char *const codes[] = {"status", "code",  "error", "errno", "port",  "line",  "vlan",
				    "asn",    "as",    "vni",   "pid",   "batch", "stage", "question",
				    "process", "number", "record", "version", "release", NULL};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The word that ends before text[at], blanks left out, is one of the codes. */
static bool behind_code(const char *text, size_t at)
{
	size_t end = at;
	while (end > 0 && text[end - 1] == ' ')
		end--;
	size_t from = end;
	while (from > 0 && isalpha((unsigned char)text[from - 1]))
		from--;
	for (size_t i = 0; codes[i]; i++)
		if (strlen(codes[i]) == end - from &&
		    strncasecmp(codes[i], text + from, end - from) == 0)
			return true;
	return false;
}

/* How many bytes of the number at text[at] are a quantity; 0: it is none. */
static size_t quantity_at(const char *text, size_t at)
{
	if (!isdigit((unsigned char)text[at]) || (at > 0 && strchr(" (<>=~+", text[at - 1]) == NULL))
		return 0;
	size_t n = strspn(text + at, "0123456789");
	bool whole = text[at + n] != '.' || !isdigit((unsigned char)text[at + n + 1]);
	if (!whole)
		n += 1 + strspn(text + at + n + 1, "0123456789");
	const char *next = text + at + n;
	if (*next == ' ' && whole)
		next++;
	size_t unit = strspn(next, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%");
	if (unit == 0 || isdigit((unsigned char)next[unit]) || next[unit] == '_')
		return 0;
	return behind_code(text, at) ? 0 : n;
}

static size_t name_at(const char *text, size_t at, const char *name)
{
	size_t n = name ? strlen(name) : 0;
	if (n == 0 || strncmp(text + at, name, n) != 0)
		return 0;
	return (at > 0 && is_word(text[at - 1])) || is_word(text[at + n]) ? 0 : n;
}

static void add_quantity(struct shape *s, const char *text, size_t n)
{
	struct quantity *q = VEC_ADD(&s->quantities);
	q->least_text = xstrndup(text, n);
	q->most_text = xstrndup(text, n);
	q->least = q->most = strtod(q->least_text, NULL);
}

void shape_of(struct shape *s, const char *message, const char *name)
{
	struct str out = {0};
	*s = (struct shape){0};
	for (size_t at = 0, n; message[at]; at += n) {
		if ((n = name_at(message, at, name))) {
			str_putc(&out, '*');
		} else if ((n = quantity_at(message, at))) {
			str_putc(&out, SHAPE_QUANTITY);
			add_quantity(s, message + at, n);
		} else {
			n = 1;
			str_putc(&out, message[at] == SHAPE_QUANTITY ? ' ' : message[at]);
		}
	}
	s->text = str_take(&out);
}

void shape_release(struct shape *s)
{
	for (size_t i = 0; i < s->quantities.n; i++) {
		free(s->quantities.v[i].least_text);
		free(s->quantities.v[i].most_text);
	}
	VEC_RELEASE(&s->quantities);
	free(s->text);
	*s = (struct shape){0};
}

static void replace(char **text, const char *by)
{
	free(*text);
	*text = xstrdup(by);
}

bool shape_join(struct shape *s, const struct shape *other)
{
	if (!str_eq(s->text, other->text))
		return false;
	for (size_t i = 0; i < s->quantities.n; i++) {
		struct quantity *q = &s->quantities.v[i];
		const struct quantity *o = &other->quantities.v[i];
		if (o->least < q->least) {
			q->least = o->least;
			replace(&q->least_text, o->least_text);
		}
		if (o->most > q->most) {
			q->most = o->most;
			replace(&q->most_text, o->most_text);
		}
	}
	return true;
}

char *shape_text(const struct shape *s)
{
	struct str out = {0};
	size_t i = 0;
	for (const char *p = s->text ? s->text : ""; *p; p++) {
		if (*p != SHAPE_QUANTITY || i >= s->quantities.n) {
			str_putc(&out, *p);
			continue;
		}
		const struct quantity *q = &s->quantities.v[i++];
		str_puts(&out, q->least_text);
		if (q->most > q->least)
			str_printf(&out, "-%s", q->most_text);
	}
	return str_take(&out);
}
