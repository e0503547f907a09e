/* SPDX-License-Identifier: ISC */
/*
 * Text that came from a device or a file, made safe to show, and measured. The filter has no state
 * between characters (an unfinished escape sequence cannot hide what follows it).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

enum utf8_lines {
	UTF8_ONE_LINE,  /* line ends are shown as <U+000A> */
	UTF8_KEEP_LINES /* LF stays, CR LF becomes LF, TAB becomes a space */
};

/* Append text to out with C0, C1, DEL, invalid UTF-8, bidi, zero-width, private and unassigned
 * characters written as <U+XXXX> (bytes that are no UTF-8: <XX>), at most 4 combining marks after a
 * character. */
void utf8_sanitise(struct str *out, const char *text, size_t n, enum utf8_lines lines);
char *utf8_safe(const char *text, enum utf8_lines lines); /* the same as a new string */

/* Append a line, formatted and then sanitised, and its end. */
void utf8_line(struct str *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
void utf8_vline(struct str *out, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

bool utf8_valid(const char *text, size_t n);

/* One character at text (n bytes left, n > 0): its code point, *used bytes; -1 if invalid (*used 1). */
int32_t utf8_decode(const char *text, size_t n, size_t *used);

/* Columns that a (sanitised) text takes on a terminal. */
int utf8_width(const char *text);

/* The width for printf's %-*s that pads this text to so many columns; not for %*.*s. */
int utf8_field(const char *text, int columns);

/* How many bytes of text fit into this many columns without splitting a character. */
size_t utf8_fit(const char *text, int columns);

/* The same for a line that goes on below: up to a blank, or between characters of scripts that are
 * written without blanks, or else after a hyphen, where there is such a place. Never 0 for a text. */
size_t utf8_break(const char *text, int columns);

/* The text in at most so many columns (> 0), with '~' for what is left out of its middle: names differ at
 * their ends. New string. */
char *utf8_middle(const char *text, int columns);

#endif
