/* SPDX-License-Identifier: ISC */
/* Tables as the tools of a MicroCloud print them. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

void lab_table_add(struct lab_table *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	VEC_PUSH(&t->cells, xvasprintf(fmt, ap));
	va_end(ap);
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static size_t column_width(const struct lab_table *t, size_t column)
{
	size_t widest = 0;
	for (size_t i = column; i < t->cells.n; i += t->columns) {
		size_t n = width_of(t->cells.v[i]);
		widest = n > widest ? n : widest;
	}
	return widest;
}

static void times(struct blob *out, const char *what, size_t n)
{
	while (n--)
		blob_puts(out, what);
}

static void rule(const struct lab_table *t, const char *const part[4], struct blob *out)
{
	for (size_t c = 0; c < t->columns; c++) {
		blob_puts(out, part[c ? 1 : 0]);
		times(out, part[3], column_width(t, c) + 2);
	}
	blob_printf(out, "%s\n", part[2]);
}

static void cell(const struct lab_table *t, size_t i, bool centred, struct blob *out)
{
	size_t spare = column_width(t, i % t->columns) - width_of(t->cells.v[i]);
	size_t left = centred ? spare / 2 : 0;
	times(out, " ", left);
	blob_puts(out, t->cells.v[i]);
	times(out, " ", spare - left);
}

static void lines(const struct lab_table *t, bool centred, struct blob *out)
{
	static const char *const plus[] = {"+", "+", "+", "-"};
	rule(t, plus, out);
	for (size_t row = 0; row < t->cells.n / t->columns; row++) {
		for (size_t c = 0; c < t->columns; c++) {
			blob_puts(out, c ? " | " : "| ");
			cell(t, row * t->columns + c, centred || row == 0, out);
		}
		blob_puts(out, " |\n");
		rule(t, plus, out);
	}
}

static void box(const struct lab_table *t, struct blob *out)
{
	static const char *const top[] = {" ┌", "┬", "┐", "─"},
				 *const mid[] = {" ├", "┼", "┤", "─"},
				 *const end[] = {" └", "┴", "┘", "─"};
	rule(t, top, out);
	for (size_t row = 0; row < t->cells.n / t->columns; row++) {
		for (size_t c = 0; c < t->columns; c++) {
			blob_puts(out, c ? " │ " : " │ ");
			cell(t, row * t->columns + c, true, out);
		}
		blob_puts(out, " │\n");
		if (row == 0)
			rule(t, mid, out);
	}
	rule(t, end, out);
}

static void compact(const struct lab_table *t, struct blob *out)
{
	for (size_t row = 0; row < t->cells.n / t->columns; row++) {
		for (size_t c = 0; c < t->columns; c++) {
			blob_puts(out, "  ");
			cell(t, row * t->columns + c, row == 0, out);
		}
		blob_puts(out, "  \n");
	}
}

/* Behind each cell but the last two blanks, at least five wide: Go's tabwriter. */
static void tabs(const struct lab_table *t, struct blob *out)
{
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t c = i % t->columns, n = width_of(t->cells.v[i]),
		       wide = column_width(t, c) + 2;
		blob_puts(out, t->cells.v[i]);
		if (c + 1 < t->columns)
			times(out, " ", (wide < 5 ? 5 : wide) - n);
		else
			blob_puts(out, "\n");
	}
}

static void csv(const struct lab_table *t, struct blob *out)
{
	for (size_t i = t->columns; i < t->cells.n; i++)
		blob_printf(out, strchr(t->cells.v[i], ',') ? "\"%s\"%s" : "%s%s", t->cells.v[i],
			    i % t->columns + 1 < t->columns ? "," : "\n");
}

void lab_table_print(struct lab_table *t, enum table_style style, struct blob *out)
{
	if (style == TABLE_LINES || style == TABLE_CENTRED)
		lines(t, style == TABLE_CENTRED, out);
	else if (style == TABLE_BOX)
		box(t, out);
	else if (style == TABLE_COMPACT)
		compact(t, out);
	else if (style == TABLE_CSV)
		csv(t, out);
	else
		tabs(t, out);
	for (size_t i = 0; i < t->cells.n; i++)
		free(t->cells.v[i]);
	VEC_RELEASE(&t->cells);
}
