/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/judge_parts.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/template.h"

#include <stdlib.h>
#include <string.h>

static enum verdict judge_one(struct judge_question *q, const struct judge *j);

/* --- reasons --- */

void judge_say(struct judge_question *q, const char *fmt, ...)
{
	if (!q->why)
		return;
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(q->why, fmt, ap);
	va_end(ap);
}

/* --- exit status and patterns --- */

static enum verdict judge_exit(struct judge_question *q, const struct judge *j)
{
	if (q->a->status < 0) {
		judge_say(q, M_("no exit status came back"));
		return VERDICT_UNKNOWN;
	}
	for (size_t i = 0; i < j->exits.n; i++)
		if (j->exits.v[i] == q->a->status)
			return VERDICT_YES;
	char *wanted = judge_exits(j);
	char *said = judge_shown_output(q->a->err_len ? q->a->err : "", q->a->err_len);
	if (said)
		judge_say(q, M_("expected exit status %-s, got %d with \"%s\""), wanted,
			  q->a->status, said);
	else
		judge_say(q, M_("expected exit status %-s, got %d"), wanted, q->a->status);
	free(wanted);
	free(said);
	return VERDICT_NO;
}

struct part {
	const char *text;
	size_t n;
};

static size_t streams(const struct judge_question *q, const struct judge *j, struct part parts[2])
{
	const struct part out = {q->a->out ? q->a->out : "", q->a->out_len};
	const struct part err = {q->a->err ? q->a->err : "", q->a->err_len};
	parts[0] = j->stream == STREAM_ERR ? err : out;
	parts[1] = err;
	return j->stream == STREAM_ANY ? 2 : 1;
}

static void append(struct values *all, const struct values *one)
{
	for (size_t i = 0; i < one->n; i++) {
		const char *before = values_get(all, one->v[i].name);
		if (before)
			values_setf(all, one->v[i].name, "%s\n%s", before, one->v[i].text);
		else
			values_set(all, one->v[i].name, one->v[i].text);
	}
}

/* What every line holds that matches, from the first match on. */
static enum verdict gather(struct judge_question *q, const struct judge *j, struct part text)
{
	struct values all = {0};
	enum verdict v = VERDICT_YES;
	while (text.n && v == VERDICT_YES) {
		struct values one = {0};
		size_t from, to;
		v = pattern_find(j->pattern, text.text, text.n, &one, &from, &to);
		if (v == VERDICT_YES) {
			append(&all, &one);
			const char *line = memchr(text.text + to, '\n', text.n - to);
			size_t skip = line ? (size_t)(line - text.text) + 1 : text.n;
			text = (struct part){text.text + skip, text.n - skip};
		}
		values_release(&one);
	}
	values_merge(q->captures, &all);
	values_release(&all);
	return v == VERDICT_UNKNOWN ? v : VERDICT_YES;
}

/* Yes: found (at *hit). A text that was cut may have held it: then a miss is unknown. */
static enum verdict search(struct judge_question *q, const struct judge *j, struct part *hit)
{
	struct part parts[2];
	enum verdict result = VERDICT_NO;
	size_t n = streams(q, j, parts);
	for (size_t i = 0; i < n; i++) {
		size_t from, to;
		enum verdict v =
		    pattern_find(j->pattern, parts[i].text, parts[i].n, q->captures, &from, &to);
		if (v == VERDICT_YES) {
			*hit = (struct part){parts[i].text + from, to - from};
			return j->every ? gather(q, j, parts[i]) : v;
		}
		if (v == VERDICT_UNKNOWN)
			result = v;
	}
	*hit = parts[0];
	return q->a->truncated ? VERDICT_UNKNOWN : result;
}

static void say_undecided(struct judge_question *q)
{
	judge_say(q, q->a->truncated ? M_("the output was cut: it was too long")
				     : M_("the output is too tangled to be searched"));
}

static enum verdict judge_match(struct judge_question *q, const struct judge *j)
{
	struct part hit;
	enum verdict v = search(q, j, &hit);
	if (v == VERDICT_UNKNOWN)
		say_undecided(q);
	if (v == VERDICT_NO) {
		char *like =
		    judge_shown(pattern_regex(j->pattern), strlen(pattern_regex(j->pattern)));
		char *got = judge_shown_output(hit.text, hit.n);
		if (got)
			judge_say(q, M_("expected text like \"%s\", got \"%s\""), like, got);
		else
			judge_say(q, M_("expected text like \"%s\", got nothing"), like);
		free(like);
		free(got);
	}
	return v;
}

static enum verdict judge_no_match(struct judge_question *q, const struct judge *j)
{
	struct part hit;
	enum verdict v = search(q, j, &hit);
	if (v == VERDICT_UNKNOWN)
		say_undecided(q);
	if (v == VERDICT_YES) {
		char *found = judge_shown(hit.text, hit.n);
		judge_say(q, M_("unexpected \"%s\""), found);
		free(found);
	}
	return v == VERDICT_UNKNOWN ? v : v == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
}

/* --- comparisons --- */

static enum verdict truth(bool yes)
{
	return yes ? VERDICT_YES : VERDICT_NO;
}

/* Compare with each text of the test; "not" turns the answer round. */
static enum verdict compare_texts(struct judge_question *q, const struct judge *j, const char *text,
				  const struct test *t, struct str *wanted)
{
	enum verdict result = VERDICT_NO;
	for (char **each = t->texts; *each; each++) {
		struct str with = {0};
		enum verdict v = VERDICT_UNKNOWN;
		if (template_expand(*each, &q->scope, QUOTE_RAW, &with, NULL) == 0)
			v = judge_compare(j, t, text, str_text(&with));
		else
			str_puts(&with, *each);
		judge_add_wanted(wanted, str_text(&with));
		str_release(&with);
		if (v == VERDICT_YES || (v == VERDICT_UNKNOWN && result == VERDICT_NO))
			result = v;
	}
	if (t->op == TEST_NOT && result != VERDICT_UNKNOWN)
		result = truth(result == VERDICT_NO);
	return result;
}

static void say_wanted(struct judge_question *q, const struct judge_where *w, const char *wanted,
		       const char *got)
{
	switch (w->place) {
	case PLACE_VALUE:
		judge_say(q, M_("expected %-s for %-s, got \"%s\""), wanted, w->name, got);
		break;
	case PLACE_JSON:
		if (w->called && w->name)
			judge_say(q, M_("expected %-s for %-s \"%s\", got \"%s\""), wanted,
				  w->called, w->name, got);
		else if (w->called)
			judge_say(q, M_("expected %-s for %-s, got \"%s\""), wanted, w->called,
				  got);
		else
			judge_say(q, M_("expected %-s at %s, got \"%s\""), wanted, w->name, got);
		break;
	case PLACE_COUNT:
		judge_say(q, M_("expected %-s values at %s, got \"%s\""), wanted, w->name, got);
		break;
	case PLACE_TIMES:
		judge_say(q, M_("expected %-s times \"%s\" at %s, got \"%s\""), wanted, w->times,
			  w->name, got);
		break;
	}
}

enum verdict judge_test_text(struct judge_question *q, const struct judge *j, const struct test *t,
			     const char *text, const struct judge_where *where)
{
	struct str with = {0};
	enum verdict v;
	if (t->op == TEST_MATCH) {
		v = pattern_match(t->pattern, text, strlen(text), q->captures);
		str_printf(&with, "\"%s\"", pattern_regex(t->pattern));
	} else {
		v = compare_texts(q, j, text, t, &with);
	}
	if (v != VERDICT_YES) {
		char *safe = utf8_safe(str_text(&with), UTF8_ONE_LINE);
		char *wanted = judge_wanted(t->op, safe), *got = judge_shown(text, strlen(text));
		say_wanted(q, where, wanted, got);
		free(safe);
		free(wanted);
		free(got);
	}
	str_release(&with);
	return v;
}

/* --- values and versions --- */

static const char *known(const struct judge_question *q, const char *name)
{
	return scope_get(&q->scope, name);
}

static enum verdict judge_value(struct judge_question *q, const struct judge *j)
{
	const char *text = known(q, j->name);
	const struct judge_where where = {.place = PLACE_VALUE, .name = j->name};
	for (size_t i = 0; i < j->tests.n; i++) {
		const struct test *t = &j->tests.v[i];
		enum verdict v = truth(t->flag == (text && *text));
		if (t->op != TEST_EXISTS)
			v = text ? judge_test_text(q, j, t, text, &where) : VERDICT_UNKNOWN;
		else if (!text && q->open && q->open(q->ctx, j->name))
			return VERDICT_UNKNOWN;
		else if (v == VERDICT_NO)
			judge_say(q, t->flag ? M_("%s is missing") : M_("%s is there"), j->name);
		if (t->op != TEST_EXISTS && !text)
			judge_say(q, M_("%s is not known"), j->name);
		if (v != VERDICT_YES)
			return v;
	}
	return VERDICT_YES;
}

/* --- combinations --- */

/* All are asked, also behind a no: their captures are wanted. The reason is that of the verdict. */
static enum verdict judge_all(struct judge_question *q, const struct judge *j)
{
	enum verdict result = VERDICT_YES;
	size_t start = q->why ? q->why->len : 0;
	for (size_t i = 0; i < j->parts.n; i++) {
		size_t before = q->why ? q->why->len : 0;
		enum verdict v = judge_one(q, j->parts.v[i]);
		bool worse = v != VERDICT_YES &&
			     (result == VERDICT_YES || (v == VERDICT_NO && result != VERDICT_NO));
		if (q->why && worse && before > start) { /* replaces the reason found before */
			char *reason = xstrdup(q->why->buf + before);
			str_cut(q->why, start);
			str_puts(q->why, reason);
			free(reason);
		} else if (q->why && !worse) {
			str_cut(q->why, before);
		}
		if (worse)
			result = v;
	}
	return result;
}

/* Two reasons one behind the other become one: "A; or B". */
static void join_reasons(struct judge_question *q, size_t first, size_t second)
{
	if (!q->why)
		return;
	char *a = xstrndup(q->why->buf + first, second - first), *b = xstrdup(q->why->buf + second);
	str_cut(q->why, first);
	judge_say(q, M_("%-s; or %-s"), a, b);
	free(a);
	free(b);
}

static enum verdict judge_any(struct judge_question *q, const struct judge *j)
{
	enum verdict result = VERDICT_NO;
	size_t start = q->why ? q->why->len : 0;
	for (size_t i = 0; i < j->parts.n; i++) {
		size_t before = q->why ? q->why->len : 0;
		enum verdict v = judge_one(q, j->parts.v[i]);
		if (v == VERDICT_YES) {
			if (q->why)
				str_cut(q->why, start);
			return v;
		}
		if (i)
			join_reasons(q, start, before);
		if (v == VERDICT_UNKNOWN)
			result = v;
	}
	return result;
}

/* What must not be, in words: only single tests can be named. */
static void say_contrary(struct judge_question *q, const struct judge *part)
{
	if (part->kind == JUDGE_EXIT) {
		judge_say(q, M_("unexpected exit status %d"), q->a->status);
		return;
	}
	const char *text = part->kind == JUDGE_MATCH                ? pattern_regex(part->pattern)
			   : part->name && part->kind != JUDGE_JSON ? known(q, part->name)
								    : NULL;
	char *safe = text ? judge_shown(text, strlen(text)) : NULL;
	if (part->kind == JUDGE_MATCH)
		judge_say(q, M_("unexpected text like \"%s\""), safe);
	else if (safe)
		judge_say(q, M_("unexpected %s \"%s\""), part->name, safe);
	else if (part->name)
		judge_say(q, M_("unexpected value at %s"), part->name);
	else
		judge_say(q, M_("what must not be is so"));
	free(safe);
}

static enum verdict judge_not(struct judge_question *q, const struct judge *j)
{
	size_t start = q->why ? q->why->len : 0;
	enum verdict v = judge_one(q, j->parts.v[0]);
	if (v == VERDICT_UNKNOWN)
		return v;
	if (q->why)
		str_cut(q->why, start);
	if (v == VERDICT_YES)
		say_contrary(q, j->parts.v[0]);
	return truth(v == VERDICT_NO);
}

static enum verdict judge_one(struct judge_question *q, const struct judge *j)
{
	static enum verdict (*const table[])(struct judge_question *, const struct judge *) = {
	    [JUDGE_EXIT] = judge_exit,         [JUDGE_MATCH] = judge_match,
	    [JUDGE_NO_MATCH] = judge_no_match, [JUDGE_JSON] = judge_json,
	    [JUDGE_VALUE] = judge_value,       [JUDGE_VERSION] = judge_value,
	    [JUDGE_ALL] = judge_all,           [JUDGE_ANY] = judge_any,
	    [JUDGE_NOT] = judge_not,
	};
	return table[j->kind](q, j);
}

static enum verdict judge_question(struct judge_question *q, const struct judge *j,
				   const struct scope *scope)
{
	static const struct answer none = {.status = -1};
	struct values own = {0};
	q->a = q->a ? q->a : &none;
	q->captures = q->captures ? q->captures : &own;
	q->scope.layers[0] = q->captures; /* an earlier part may have found what a later one reads */
	for (size_t i = 0; scope && i + 1 < LEN(q->scope.layers); i++)
		q->scope.layers[i + 1] = scope->layers[i];
	enum verdict v = judge_one(q, j);
	cJSON_Delete(q->json);
	values_release(&own);
	return v;
}

enum verdict judge_ask(const struct judge *j, const struct answer *a, const struct scope *scope,
		       struct values *captures, struct str *why)
{
	struct judge_question q = {.a = a, .captures = captures, .why = why};
	return judge_question(&q, j, scope);
}

enum verdict judge_foresee(const struct judge *j, const struct scope *scope,
			   bool (*open)(const void *, const char *), const void *ctx)
{
	struct judge_question q = {.open = open, .ctx = ctx};
	return judge_question(&q, j, scope);
}
