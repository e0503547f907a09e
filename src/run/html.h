/* SPDX-License-Identifier: ISC */
/*
 * Writing HTML (and SVG in it) so that nothing has to be thought of: every text and every attribute
 * is sanitised (base/utf8.h) and escaped on its way. The only bytes that go out as they are, are
 * tags, attribute names and html_own(), and those are literals of this program.
 */
#ifndef RUN_HTML_H
#define RUN_HTML_H

#include "base/str.h"
#include "base/vec.h"

struct html { /* zeroed to begin with */
	struct str out;
	VEC(const char *) tags; /* that are open; literals */
	bool in_tag;            /* attributes may still come */
};

/* <tag ...>; attributes may follow until something is put into it. */
void html_begin(struct html *h, const char *tag);
/* name="value"; NULL: left out. Only right behind html_begin() or another attribute. */
void html_attr(struct html *h, const char *name, const char *value);
void html_attrf(struct html *h, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* </...> of the tag that was opened last. */
void html_end(struct html *h);

/* Text; NULL adds nothing. Line ends stay. */
void html_text(struct html *h, const char *text);
void html_textf(struct html *h, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* <tag class="style">text</tag>; style may be NULL. */
void html_put(struct html *h, const char *tag, const char *style, const char *text);
void html_putf(struct html *h, const char *tag, const char *style, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* Text of our own that is HTML or CSS already: a literal. */
void html_own(struct html *h, const char *literal);

/* Everything, when all tags are closed; new string, h is empty after. */
char *html_take(struct html *h);
void html_release(struct html *h);

#endif
