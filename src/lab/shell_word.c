/* SPDX-License-Identifier: ISC */
/* Raw words to fields: quotes, variables, $(...), $((...)), splitting and file names. */
#include "config.h"

#include "lab/device.h"
#include "lab/proc.h"
#include "lab/shell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 20000 };

/* A word being expanded: each byte has a mark of how it came here. */
enum mark { QUOTED = 'q', LITERAL = 'l', EXPANDED = 'x' };

struct word {
	struct str text, marks;
	bool any_quotes;
	fields_t *fields; /* "$@" ends fields early; NULL: no splitting */
};

static void expand(struct sh *sh, struct word *w, const char *at, const char *end, bool quoted);

/* --- expansion -------------------------------------------------------------------------------- */
static void word_add(struct word *w, const char *text, size_t n, enum mark mark)
{
	str_add(&w->text, text, n);
	while (n--)
		str_putc(&w->marks, (char)mark);
}

static void word_puts(struct word *w, const char *text, bool quoted)
{
	if (text)
		word_add(w, text, strlen(text), quoted ? QUOTED : EXPANDED);
}

static char *special_value(struct sh *sh, const char *name)
{
	if (name[1] == '\0' && strchr("?#$!", name[0])) {
		int value = name[0] == '?'   ? sh->last
			    : name[0] == '#' ? (sh->n_args ? sh->n_args - 1 : 0)
					     : proc_id(sh->proc);
		return xasprintf("%d", value);
	}
	if (isdigit((unsigned char)name[0])) {
		int i = atoi(name);
		return i < sh->n_args ? xstrdup(sh->args[i]) : NULL;
	}
	if ((name[0] == '@' || name[0] == '*') && !name[1]) {
		struct str all = {0};
		for (int i = 1; i < sh->n_args; i++)
			str_printf(&all, "%s%s", i > 1 ? " " : "", sh->args[i]);
		return str_take(&all);
	}
	return NULL;
}

static char *value_of(struct sh *sh, const char *name)
{
	char *special = special_value(sh, name);
	return special ? special : xstrdup(sh_get(sh, name));
}

/* ${NAME%pattern}, ${NAME##pattern}: new text without what matches. */
static char *trim_value(const char *value, const char *pattern, char side, bool greedy)
{
	size_t n = strlen(value);
	if (n > 10000)
		return xstrdup(value);
	for (size_t i = 0; i <= n; i++) {
		bool suffix = side == '%';
		size_t cut = (suffix != greedy) ? n - i : i;
		char *part = suffix ? xstrdup(value + cut) : xstrndup(value, cut);
		bool hit = word_match(pattern, part);
		free(part);
		if (hit)
			return suffix ? xstrndup(value, cut) : xstrdup(value + cut);
	}
	return xstrdup(value);
}

static void expand_operator(struct sh *sh, struct word *w, const char *name, char *value,
			    const char *op, const char *end, bool quoted)
{
	bool colon = *op == ':';
	op += colon;
	bool empty = !value || (colon && !*value);
	char *word = xstrndup(op + (op < end), (size_t)(end - op - (op < end)));
	if (*op == '%' || *op == '#') {
		bool greedy = word[0] == *op;
		char *pattern = word_pattern(sh, word + greedy);
		char *cut = trim_value(value ? value : "", pattern, *op, greedy);
		word_puts(w, cut, quoted);
		free(cut);
		free(pattern);
	} else if ((*op == '-' || *op == '=' || *op == '?') && empty) {
		if (*op == '=') {
			char *text = word_text(sh, word);
			sh_set(sh, name, text, false);
			free(text);
		}
		expand(sh, w, word, word + strlen(word), quoted);
		if (*op == '?') {
			blob_printf(sh->err, "bash: %s: %s\n", name,
				    *word ? word : "parameter null or not set");
			sh->flow = FLOW_EXIT;
			sh->last = 1;
		}
	} else if (*op == '+') {
		if (!empty)
			expand(sh, w, word, word + strlen(word), quoted);
	} else {
		word_puts(w, value, quoted);
	}
	free(word);
}

static void expand_braces(struct sh *sh, struct word *w, const char *at, size_t n, bool quoted)
{
	bool length = at[0] == '#' && n > 1;
	size_t name_n = length ? 1 : 0;
	while (name_n < n && (isalnum((unsigned char)at[name_n]) || at[name_n] == '_'))
		name_n++;
	if (name_n == 0)
		name_n = 1;
	char *name = xstrndup(at + length, name_n - length);
	char *value = value_of(sh, name);
	if (length) {
		char text[24];
		(void)snprintf(text, sizeof(text), "%zu", value ? strlen(value) : 0);
		word_puts(w, text, quoted);
	} else {
		expand_operator(sh, w, name, value, at + name_n, at + n, quoted);
	}
	free(value);
	free(name);
}

static void put_captured(struct sh *sh, struct word *w, char *command, bool quoted)
{
	char *out = sh_capture(sh, command);
	word_puts(w, out, quoted);
	free(out);
	free(command);
}

static void expand_sum(struct sh *sh, struct word *w, const char *at, size_t n, bool quoted)
{
	char *raw = xstrndup(at, n);
	struct word inner = {0};
	expand(sh, &inner, raw, raw + n, true);
	char text[32];
	(void)snprintf(text, sizeof(text), "%ld", sum_value(sh, str_text(&inner.text)));
	word_puts(w, text, quoted);
	str_release(&inner.text);
	str_release(&inner.marks);
	free(raw);
}

static void field_end(struct word *w)
{
	if (w->fields && w->fields->n < MAX_FIELDS)
		VEC_PUSH(w->fields, str_take(&w->text));
	str_clear(&w->marks);
}

/* "$@": every argument a field of its own. */
static void expand_all(struct sh *sh, struct word *w)
{
	for (int i = 1; i < sh->n_args; i++) {
		word_puts(w, sh->args[i], true);
		if (i + 1 < sh->n_args)
			field_end(w);
	}
	w->any_quotes = sh->n_args > 1;
}

static void expand_dollar(struct sh *sh, struct word *w, const char *at, size_t n, bool quoted)
{
	if (n >= 5 && at[1] == '(' && at[2] == '(' && at[n - 2] == ')') {
		expand_sum(sh, w, at + 3, n - 5, quoted);
	} else if (n >= 3 && at[1] == '(') {
		put_captured(sh, w, xstrndup(at + 2, n - 3), quoted);
	} else if (n >= 3 && at[1] == '{') {
		expand_braces(sh, w, at + 2, n - 3, quoted);
	} else if (n == 2 && at[1] == '@' && quoted && w->fields) {
		expand_all(sh, w);
	} else if (n >= 2) {
		char *name = xstrndup(at + 1, n - 1);
		char *value = value_of(sh, name);
		if (!value && sh->nounset && !special_value(sh, name)) {
			blob_printf(sh->err, "bash: %s: unbound variable\n", name);
			sh->flow = FLOW_EXIT;
			sh->last = 1;
		}
		word_puts(w, value, quoted);
		free(value);
		free(name);
	} else {
		word_add(w, "$", 1, quoted ? QUOTED : LITERAL);
	}
}

static void expand_backquote(struct sh *sh, struct word *w, const char *at, size_t n, bool quoted)
{
	struct str command = {0};
	for (size_t i = 1; i + 1 < n; i++) {
		if (at[i] == '\\' && strchr("`\\$", at[i + 1]))
			i++;
		str_putc(&command, at[i]);
	}
	put_captured(sh, w, str_take(&command), quoted);
}

static size_t expand_double(struct sh *sh, struct word *w, const char *at)
{
	size_t n = word_skip_double(at);
	w->any_quotes = true;
	if (n >= 2)
		expand(sh, w, at + 1, at + n - 1, true);
	return n ? n : 1;
}

/* A backslash: what it does to the next character. */
static size_t expand_escape(struct word *w, const char *at, const char *end, bool quoted)
{
	if (at + 1 >= end) {
		word_add(w, "\\", 1, QUOTED);
		return 1;
	}
	if (at[1] == '\n')
		return 2;
	if (quoted && !strchr("$`\"\\", at[1]))
		word_add(w, at, 2, QUOTED);
	else
		word_add(w, at + 1, 1, QUOTED);
	w->any_quotes = true;
	return 2;
}

static void expand(struct sh *sh, struct word *w, const char *at, const char *end, bool quoted)
{
	while (at < end && sh->flow != FLOW_EXIT) {
		size_t n = 1;
		if (*at == '\\') {
			n = expand_escape(w, at, end, quoted);
		} else if (*at == '\'' && !quoted && (n = word_skip_single(at))) {
			word_add(w, at + 1, n - 2, QUOTED);
			w->any_quotes = true;
		} else if (*at == '"' && !quoted) {
			n = expand_double(sh, w, at);
		} else if (*at == '$' && (n = word_skip_dollar(at))) {
			expand_dollar(sh, w, at, n, quoted);
		} else if (*at == '`' && (n = word_skip_backquote(at))) {
			expand_backquote(sh, w, at, n, quoted);
		} else {
			n = 1;
			word_add(w, at, 1, quoted ? QUOTED : LITERAL);
		}
		at += n ? n : 1;
	}
}

static void expand_tilde(struct sh *sh, struct word *w, const char **raw)
{
	if (**raw != '~' || ((*raw)[1] && (*raw)[1] != '/'))
		return;
	const char *home = sh_get(sh, "HOME");
	word_puts(w, home ? home : "/", true);
	(*raw)++;
}

/* --- patterns and file names ------------------------------------------------------------------ */
static char *to_pattern(const struct word *w)
{
	struct str out = {0};
	for (size_t i = 0; i < w->text.len; i++) {
		if (w->marks.buf[i] == QUOTED && strchr("*?[\\", w->text.buf[i]))
			str_putc(&out, '\\');
		str_putc(&out, w->text.buf[i]);
	}
	return str_take(&out);
}

static bool has_glob(const struct word *w)
{
	for (size_t i = 0; i < w->text.len; i++)
		if (w->marks.buf[i] != QUOTED && strchr("*?[", w->text.buf[i]))
			return true;
	return false;
}

static size_t count_slashes(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += *text == '/';
	return n;
}

/* File names that match; false when there are none. */
static bool glob_fields(struct sh *sh, const struct word *w, fields_t *out)
{
	char *raw = to_pattern(w);
	bool absolute = raw[0] == '/';
	char *pattern =
	    absolute ? xstrdup(raw) : xasprintf("%s/%s", str_eq(sh->cwd, "/") ? "" : sh->cwd, raw);
	size_t skip = absolute ? 0 : strlen(str_eq(sh->cwd, "/") ? "" : sh->cwd) + 1;
	size_t before = out->n, slashes = count_slashes(pattern);
	struct vfs *v = &sh->dev->vfs;
	for (size_t i = 0; i < v->nodes.n && out->n < MAX_FIELDS; i++) {
		const char *path = v->nodes.v[i]->path, *base = strrchr(path, '/') + 1;
		if (base[0] == '.' && !strstr(pattern, "/."))
			continue;
		if (count_slashes(path) == slashes && word_match(pattern, path))
			VEC_PUSH(out, xstrdup(path + skip));
	}
	free(pattern);
	free(raw);
	return out->n > before;
}

static void finish_field(struct sh *sh, struct word *w, fields_t *out)
{
	if (out->n >= MAX_FIELDS)
		return;
	if (!has_glob(w) || !glob_fields(sh, w, out))
		VEC_PUSH(out, xstrdup(str_text(&w->text)));
}

/* Split what came from expansions at blanks, then look for file names. */
static void split_fields(struct sh *sh, struct word *w, fields_t *out)
{
	struct word part = {0};
	bool pending = w->any_quotes;
	for (size_t i = 0; i < w->text.len; i++) {
		char c = w->text.buf[i], mark = w->marks.buf[i];
		if (mark == EXPANDED && (c == ' ' || c == '\t' || c == '\n')) {
			if (part.text.len)
				finish_field(sh, &part, out);
			pending = false;
			str_clear(&part.text);
			str_clear(&part.marks);
			continue;
		}
		str_putc(&part.text, c);
		str_putc(&part.marks, mark);
	}
	if (part.text.len || pending)
		finish_field(sh, &part, out);
	str_release(&part.text);
	str_release(&part.marks);
}

void word_fields(struct sh *sh, const char *raw, fields_t *out)
{
	struct word w = {.fields = out};
	expand_tilde(sh, &w, &raw);
	expand(sh, &w, raw, raw + strlen(raw), false);
	if (w.text.len || w.any_quotes)
		split_fields(sh, &w, out);
	str_release(&w.text);
	str_release(&w.marks);
}

char *word_text(struct sh *sh, const char *raw)
{
	struct word w = {0};
	expand_tilde(sh, &w, &raw);
	expand(sh, &w, raw, raw + strlen(raw), false);
	str_release(&w.marks);
	return str_take(&w.text);
}

char *word_heredoc(struct sh *sh, const char *text)
{
	struct word w = {0};
	expand(sh, &w, text, text + strlen(text), true);
	str_release(&w.marks);
	return str_take(&w.text);
}

char *word_pattern(struct sh *sh, const char *raw)
{
	struct word w = {0};
	expand(sh, &w, raw, raw + strlen(raw), false);
	char *pattern = to_pattern(&w);
	str_release(&w.text);
	str_release(&w.marks);
	return pattern;
}

void fields_release(fields_t *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i]);
	VEC_RELEASE(f);
}
