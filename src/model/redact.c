/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/redact.h"

#include "base/str.h"
#include "model/judge.h"

#include <stdlib.h>
#include <string.h>

struct secret_row {
	const char *what, *hint, *regex;
};

static const struct secret_row rows[] = {
#define SECRET(what, hint, regex) {what, hint, regex},
#include "model/redact.def"
#undef SECRET
};

struct redactor {
	struct pattern *patterns[LEN(rows)];
};

struct redactor *redactor_new(struct err *e)
{
	struct redactor *r = xcalloc(1, sizeof(*r));
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err why = {0};
		r->patterns[i] = pattern_new(rows[i].regex, true, &why);
		if (r->patterns[i])
			continue;
		err_set(e, ERR_SYSTEM, "the pattern for \"%s\" is wrong: %s", rows[i].what,
			why.text);
		redactor_free(r);
		return NULL;
	}
	return r;
}

void redactor_free(struct redactor *r)
{
	for (size_t i = 0; r && i < LEN(rows); i++)
		pattern_free(r->patterns[i]);
	free(r);
}

/* The text without what one row finds, in place. False: the search was given up. */
static bool take_out(const struct redactor *r, size_t row, struct str *text, size_t *removed)
{
	struct str out = {0};
	size_t at = 0, from, to;
	enum verdict found = VERDICT_NO;
	while (at < text->len &&
	       (found = pattern_find(r->patterns[row], text->buf + at, text->len - at, NULL, &from,
				     &to)) == VERDICT_YES) {
		if (to <= from) { /* nothing there: go on behind it */
			to = to < text->len - at ? to + 1 : to;
			str_add(&out, text->buf + at, to);
		} else {
			str_add(&out, text->buf + at, from);
			str_printf(&out, "[removed: %s]", rows[row].what);
			*removed += 1;
		}
		if (to == 0)
			break;
		at += to;
	}
	str_add(&out, text->buf + at, text->len - at);
	str_release(text);
	*text = out;
	return found != VERDICT_UNKNOWN;
}

char *redact(const struct redactor *r, const char *text, size_t *removed)
{
	struct str out = {0};
	size_t n = 0;
	bool sure = true;
	if (!text)
		return NULL;
	str_puts(&out, text);
	for (size_t i = 0; i < LEN(rows) && sure; i++)
		if (out.len && strcasestr(out.buf, rows[i].hint))
			sure = take_out(r, i, &out, &n);
	if (removed)
		*removed += sure ? n : 1;
	if (!sure) {
		str_clear(&out);
		str_puts(&out, "[removed: this text could not be searched for secrets]");
	}
	return str_take(&out);
}

void redact_json(const struct redactor *r, cJSON *value, size_t *removed)
{
	for (cJSON *child = value ? value->child : NULL; child; child = child->next)
		redact_json(r, child, removed);
	if (!cJSON_IsString(value) || !*value->valuestring)
		return;
	char *clean = redact(r, value->valuestring, removed);
	if (!str_eq(clean, value->valuestring) && !cJSON_SetValuestring(value, clean))
		abort(); /* no memory: base/mem.c */
	free(clean);
}
