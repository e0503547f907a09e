/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/redact.h"

#include "base/str.h"
#include "model/judge.h"

#include <stdlib.h>
#include <string.h>

#define MARK "[removed: "
#define MARK_MOST 64 /* bytes of "[removed: ...]" */
#define NAMED_MOST 4096 /* bytes of a value that are looked at with its name */
#define OPEN "\\[removed: " /* as a pattern */

struct secret_row {
	const char *what, *hint, *regex;
};

static const struct secret_row rows[] = {
#define SECRET(what, hint, kept, secret) \
	{what, hint, "(?:" kept ")\\K(?!" OPEN ")(?:" secret ")"},
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

/* Bytes of the mark that text begins with; 0: with none. */
static size_t mark_length(const char *text)
{
	size_t n = strlen(MARK);
	if (!str_starts(text, MARK))
		return 0;
	n += strspn(text + n, " ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return text[n] == ']' ? n + 1 : 0;
}

/* A mark of a row before this one is taken out as a whole or not at all: what was found within one
 * is no secret (false, *to is its end then), and what reaches into one goes on to its end. */
static bool keep_marks(const char *text, size_t from, size_t *to)
{
	for (size_t at = from < MARK_MOST ? 0 : from - MARK_MOST; at < *to; at++) {
		size_t end = text[at] == '[' ? at + mark_length(text + at) : at;
		bool within = at <= from && end > from;
		if (end > *to || within)
			*to = end;
		if (within)
			return false;
	}
	return true;
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
		const char *rest = text->buf + at;
		if (to <= from) /* nothing there: go on behind it */
			to = from = to < text->len - at ? to + 1 : to;
		else if (!keep_marks(rest, from, &to))
			from = to;
		str_add(&out, rest, from);
		if (to > from) {
			str_printf(&out, MARK "%s]", rows[row].what);
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

/* What is called "password" is one as a whole, whatever it says: its mark, new; NULL: it is not
 * called so. */
static char *by_name(const struct redactor *r, const char *name, const char *text)
{
	size_t first = strcspn(text, "\n");
	char *line = xasprintf("%s: \"%.*s", name, (int)(first < NAMED_MOST ? first : NAMED_MOST),
			       text);
	char *clean = redact(r, line, NULL), *value = clean + strlen(name) + strlen(": \"");
	size_t n = strlen(clean) > (size_t)(value - clean) ? mark_length(value) : 0;
	char *mark = n && !str_starts(text, MARK) ? xstrndup(value, n) : NULL;
	free(line);
	free(clean);
	return mark;
}

void redact_json(const struct redactor *r, cJSON *value, size_t *removed)
{
	for (cJSON *child = value ? value->child : NULL; child; child = child->next)
		redact_json(r, child, removed);
	if (!cJSON_IsString(value) || !*value->valuestring)
		return;
	char *clean = redact(r, value->valuestring, removed);
	char *mark = value->string ? by_name(r, value->string, clean) : NULL;
	if (mark && removed)
		*removed += 1;
	if (!str_eq(mark ? mark : clean, value->valuestring) &&
	    !cJSON_SetValuestring(value, mark ? mark : clean))
		abort(); /* no memory: base/mem.c */
	free(mark);
	free(clean);
}
