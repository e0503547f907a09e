/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/html.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static void escape(struct str *out, const char *text)
{
	struct str safe = {0};
	utf8_sanitise(&safe, text, strlen(text), UTF8_KEEP_LINES);
	for (const char *p = str_text(&safe); *p; p++) {
		switch (*p) {
		case '&':
			str_puts(out, "&amp;");
			break;
		case '<':
			str_puts(out, "&lt;");
			break;
		case '>':
			str_puts(out, "&gt;");
			break;
		case '"':
			str_puts(out, "&quot;");
			break;
		case '\'':
			str_puts(out, "&#39;");
			break;
		default:
			str_putc(out, *p);
		}
	}
	str_release(&safe);
}

/* What comes now is no attribute. */
static void inside(struct html *h)
{
	if (h->in_tag)
		str_putc(&h->out, '>');
	h->in_tag = false;
}

void html_begin(struct html *h, const char *tag)
{
	inside(h);
	str_printf(&h->out, "<%s", tag);
	VEC_PUSH(&h->tags, tag);
	h->in_tag = true;
}

void html_attr(struct html *h, const char *name, const char *value)
{
	if (!value || !h->in_tag)
		return;
	str_printf(&h->out, " %s=\"", name);
	escape(&h->out, value);
	str_putc(&h->out, '"');
}

void html_attrf(struct html *h, const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *value = xvasprintf(fmt, ap);
	va_end(ap);
	html_attr(h, name, value);
	free(value);
}

void html_end(struct html *h)
{
	static const char *const lines[] = {"p",       "tr",  "li",      "dl",    "ul",  "table",
					    "section", "svg", "details", "title", "div", "h2",
					    "h3",      "h1",  "g",       "meta",  "td",  NULL};
	inside(h);
	const char *tag = h->tags.n ? h->tags.v[--h->tags.n] : "p";
	if (strcmp(tag, "meta") != 0) /* it has no end */
		str_printf(&h->out, "</%s>", tag);
	for (size_t i = 0; lines[i]; i++)
		if (strcmp(lines[i], tag) == 0) {
			str_putc(&h->out, '\n');
			return;
		}
}

void html_text(struct html *h, const char *text)
{
	inside(h);
	if (text)
		escape(&h->out, text);
}

void html_textf(struct html *h, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	html_text(h, text);
	free(text);
}

void html_put(struct html *h, const char *tag, const char *style, const char *text)
{
	html_begin(h, tag);
	html_attr(h, "class", style);
	html_text(h, text);
	html_end(h);
}

void html_putf(struct html *h, const char *tag, const char *style, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	html_put(h, tag, style, text);
	free(text);
}

void html_own(struct html *h, const char *literal)
{
	inside(h);
	str_puts(&h->out, literal);
}

char *html_take(struct html *h)
{
	while (h->tags.n)
		html_end(h);
	VEC_RELEASE(&h->tags);
	return str_take(&h->out);
}

void html_release(struct html *h)
{
	str_release(&h->out);
	VEC_RELEASE(&h->tags);
	*h = (struct html){0};
}
