/* SPDX-License-Identifier: ISC */
/* Text and JSON on standard output, messages on standard error. Whatever came from a device or a
 * file is sanitised here, so that no verb has to think of it. */
#include "config.h"

#include "cli/cli.h"

#include "base/utf8.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

/* --- lines ------------------------------------------------------------------------------------ */

static void line(FILE *to, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static void line(FILE *to, const char *fmt, va_list ap)
{
	struct str text = {0};
	utf8_vline(&text, fmt, ap);
	fputs(str_text(&text), to);
	str_release(&text);
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

void put_json(cJSON *value, bool indented)
{
	json_safe(value);
	char *text = json_print(value, indented);
	puts(text);
	free(text);
	cJSON_Delete(value);
}

void put_list(cJSON *list, const char *type)
{
	cJSON *object = json_object_new(type);
	json_put(object, type, list);
	put_json(object, false);
}

int flush_output(struct cli *c)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_sys(&c->e, "cannot write to standard output");
}
