/* SPDX-License-Identifier: ISC */
/* Text and JSON on standard output, messages on standard error. Whatever came from a device or a
 * file is sanitised here, so that no verb has to think of it. */
#include "config.h"

#include "cli/cli.h"

#include "base/utf8.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- tables ----------------------------------------------------------------------------------- */

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

void table_print(struct table *t, FILE *to)
{
	int *widths = xcalloc(t->columns, sizeof(*widths));
	for (size_t i = 0; i < t->columns; i++)
		widths[i] = column_width(t, i);
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t column = i % t->columns;
		bool last = column + 1 == t->columns;
		int pad = last ? 0 : widths[column] - utf8_width(t->cells.v[i]) + 2;
		fprintf(to, "%s%*s%s", t->cells.v[i], pad, "", last ? "\n" : "");
		free(t->cells.v[i]);
	}
	free(widths);
	VEC_RELEASE(&t->cells);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void line(FILE *to, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static void line(FILE *to, const char *fmt, va_list ap)
{
	char *text = xvasprintf(fmt, ap), *safe = utf8_safe(text, UTF8_KEEP_LINES);
	fprintf(to, "%s\n", safe);
	free(text);
	free(safe);
}

void remark(struct cli *c, const char *fmt, ...)
{
	va_list ap;
	(void)c;
	va_start(ap, fmt);
	line(stderr, fmt, ap);
	va_end(ap);
}

void tell(struct cli *c, const char *fmt, ...)
{
	va_list ap;
	if (c->json)
		return;
	va_start(ap, fmt);
	line(stdout, fmt, ap);
	va_end(ap);
}

void put_text(FILE *to, const char *indent, const char *text)
{
	char *safe = utf8_safe(text ? text : "", UTF8_KEEP_LINES), *at = safe;
	while (*at) {
		size_t n = strcspn(at, "\n");
		fprintf(to, "%s%.*s\n", indent, (int)n, at);
		at += n + (at[n] == '\n');
	}
	free(safe);
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* JSON may be looked at on a terminal too: its strings hold no control or format characters. */
void put_safe(cJSON *value)
{
	for (; value; value = value->next) {
		if (value->string) {
			char *key = utf8_safe(value->string, UTF8_ONE_LINE);
			if (strcmp(key, value->string) != 0) {
				cJSON_free(value->string);
				value->string = key;
			} else {
				free(key);
			}
		}
		if (cJSON_IsString(value)) {
			char *safe = utf8_safe(value->valuestring, UTF8_KEEP_LINES);
			if (strcmp(safe, value->valuestring) != 0) {
				cJSON_free(value->valuestring);
				value->valuestring = safe;
			} else {
				free(safe);
			}
		}
		put_safe(value->child);
	}
}

void put_json(cJSON *value, bool indented)
{
	put_safe(value);
	char *text = json_print(value, indented);
	puts(text);
	free(text);
	cJSON_Delete(value);
}

cJSON *json_object_new(const char *type)
{
	cJSON *object = cJSON_CreateObject();
	json_put_number(object, "format", 1);
	json_put_text(object, "type", type);
	return object;
}

void put_list(cJSON *list, const char *type)
{
	cJSON *object = json_object_new(type);
	json_put(object, type, list);
	put_json(object, false);
}

/* --- time ------------------------------------------------------------------------------------- */

static bool local(int64_t wall, struct tm *tm)
{
	time_t t = (time_t)(wall / 1000);
	return wall > 0 && localtime_r(&t, tm);
}

void put_clock(char text[32], int64_t wall)
{
	struct tm tm;
	if (!local(wall, &tm) || !strftime(text, 32, "%H:%M:%S", &tm))
		snprintf(text, 32, "-");
}

void put_time(char text[32], int64_t wall)
{
	struct tm tm;
	if (!local(wall, &tm) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(text, 32, "-");
}

int flush_output(struct cli *c)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_sys(&c->e, _("cannot write to standard output"));
}
