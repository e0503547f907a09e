/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/table.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <stdlib.h>

void table_head(struct table *t, size_t columns, const char *const *titles)
{
	*t = (struct table){.columns = columns};
	for (size_t i = 0; i < columns; i++)
		table_cell(t, _(titles[i]));
}

void table_cell(struct table *t, const char *text)
{
	VEC_PUSH(&t->cells, utf8_safe(text && *text ? text : "-", UTF8_ONE_LINE));
}

void table_cellf(struct table *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	table_cell(t, text);
	free(text);
}

static int column_width(const struct table *t, size_t column)
{
	int widest = 0;
	for (size_t i = column; i < t->cells.n; i += t->columns) {
		int w = utf8_width(t->cells.v[i]);
		widest = w > widest ? w : widest;
	}
	return widest;
}

void table_text(struct table *t, struct str *out)
{
	int *widths = xcalloc(t->columns, sizeof(*widths));
	for (size_t i = 0; i < t->columns; i++)
		widths[i] = column_width(t, i);
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t column = i % t->columns;
		bool last = column + 1 == t->columns;
		int pad = last ? 0 : widths[column] - utf8_width(t->cells.v[i]) + 2;
		str_printf(out, "%s%*s%s", t->cells.v[i], pad, "", last ? "\n" : "");
		free(t->cells.v[i]);
	}
	free(widths);
	VEC_RELEASE(&t->cells);
}

void table_print(struct table *t, FILE *to)
{
	struct str text = {0};
	table_text(t, &text);
	fputs(str_text(&text), to); /* whoever flushes sees whether it went out */
	str_release(&text);
}
