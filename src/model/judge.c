/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/judge_parts.h"

#include "base/utf8.h"
#include "model/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 60 /* columns of device text or pattern in a reason */

/* One question: the answer, what is known, and where the reason goes. */
struct ask {
	const struct answer *a;
	struct scope scope;
	struct values *captures;
	struct str *why;
	cJSON *json; /* the output, parsed when first needed */
	bool parsed;
};

static enum verdict judge_one(struct ask *q, const struct judge *j);

/* --- reasons --- */

static void say(struct ask *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct ask *q, const char *fmt, ...)
{
	if (!q->why)
		return;
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(q->why, fmt, ap);
	va_end(ap);
}

/* Device text in quotes, one line of it, cut to what a reader takes in. */
static void show(struct ask *q, const char *text, size_t n)
{
	if (!q->why)
		return;
	struct str safe = {0};
	const char *end = memchr(text, '\n', n);
	size_t line = end ? (size_t)(end - text) : n;
	utf8_sanitise(&safe, text, line < 400 ? line : 400, UTF8_ONE_LINE);
	size_t fits = utf8_fit(str_text(&safe), SHOWN);
	bool cut = fits < safe.len || line >= 400;
	str_cut(&safe, fits);
	str_printf(q->why, "\"%s%s\"", str_text(&safe), cut ? "..." : "");
	str_release(&safe);
}

static void show_text(struct ask *q, const char *text)
{
	show(q, text, strlen(text));
}

static void show_output(struct ask *q, const char *text, size_t n)
{
	while (n && strchr("\r\n\t ", *text) && *text) {
		text++;
		n--;
	}
	if (n)
		show(q, text, n);
	else
		say(q, "nothing");
}

/* --- exit status and patterns --- */

static enum verdict judge_exit(struct ask *q, const struct judge *j)
{
	if (q->a->status < 0) {
		say(q, "no exit status came back");
		return VERDICT_UNKNOWN;
	}
	for (size_t i = 0; i < j->exits.n; i++)
		if (j->exits.v[i] == q->a->status)
			return VERDICT_YES;
	say(q, "expected exit status ");
	for (size_t i = 0; i < j->exits.n; i++)
		say(q, "%s%d", i ? " or " : "", j->exits.v[i]);
	say(q, ", got %d", q->a->status);
	if (q->a->err_len) {
		say(q, " with ");
		show_output(q, q->a->err, q->a->err_len);
	}
	return VERDICT_NO;
}

struct part {
	const char *text;
	size_t n;
};

static size_t streams(const struct ask *q, const struct judge *j, struct part parts[2])
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
static enum verdict gather(struct ask *q, const struct judge *j, struct part text)
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
static enum verdict search(struct ask *q, const struct judge *j, struct part *hit)
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

static void say_undecided(struct ask *q)
{
	say(q, q->a->truncated ? "the output was cut: it was too long"
	                       : "the output is too tangled to be searched");
}

static enum verdict judge_match(struct ask *q, const struct judge *j)
{
	struct part hit;
	enum verdict v = search(q, j, &hit);
	if (v == VERDICT_UNKNOWN)
		say_undecided(q);
	if (v == VERDICT_NO) {
		say(q, "expected text like ");
		show_text(q, pattern_regex(j->pattern));
		say(q, ", got ");
		show_output(q, hit.text, hit.n);
	}
	return v;
}

static enum verdict judge_no_match(struct ask *q, const struct judge *j)
{
	struct part hit;
	enum verdict v = search(q, j, &hit);
	if (v == VERDICT_UNKNOWN)
		say_undecided(q);
	if (v == VERDICT_YES) {
		say(q, "unexpected ");
		show(q, hit.text, hit.n);
	}
	return v == VERDICT_UNKNOWN ? v : v == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
}

/* --- comparisons --- */

static enum verdict truth(bool yes)
{
	return yes ? VERDICT_YES : VERDICT_NO;
}

/* Compare with each text of the test; "not" turns the answer round. */
static enum verdict compare_texts(struct ask *q, const struct judge *j, const char *text,
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
		str_printf(wanted, "%s\"%s\"", wanted->len ? " or " : "", str_text(&with));
		str_release(&with);
		if (v == VERDICT_YES || (v == VERDICT_UNKNOWN && result == VERDICT_NO))
			result = v;
	}
	if (t->op == TEST_NOT && result != VERDICT_UNKNOWN)
		result = truth(result == VERDICT_NO);
	return result;
}

static const char *words(enum test_op op)
{
	static const char *const text[] = {
	    [TEST_IS] = "",
	    [TEST_IN] = "",
	    [TEST_NOT] = "anything but ",
	    [TEST_LEAST] = "at least ",
	    [TEST_MOST] = "at most ",
	    [TEST_ABOVE] = "above ",
	    [TEST_BELOW] = "below ",
	    [TEST_SAME_PARTS] = "the same release as ",
	    [TEST_EXISTS] = "",
	    [TEST_MATCH] = "text like ",
	};
	return text[op];
}

/* `place` names the thing in the reason: " at /status/ourRole", " for release". */
static enum verdict test_text(struct ask *q, const struct judge *j, const struct test *t,
                              const char *text, const char *place)
{
	struct str wanted = {0};
	enum verdict v;
	if (t->op == TEST_MATCH) {
		v = pattern_match(t->pattern, text, strlen(text), q->captures);
		str_printf(&wanted, "\"%s\"", pattern_regex(t->pattern));
	} else {
		v = compare_texts(q, j, text, t, &wanted);
	}
	if (v != VERDICT_YES) {
		char *safe = utf8_safe(str_text(&wanted), UTF8_ONE_LINE);
		say(q, "expected %s%s%s, got ", words(t->op), safe, place);
		show_text(q, text);
		free(safe);
	}
	str_release(&wanted);
	return v;
}

/* --- values and versions --- */

static const char *known(const struct ask *q, const char *name)
{
	return scope_get(&q->scope, name);
}

static enum verdict judge_value(struct ask *q, const struct judge *j)
{
	const char *text = known(q, j->name);
	char place[128];
	snprintf(place, sizeof(place), " for %s", j->name);
	for (size_t i = 0; i < j->tests.n; i++) {
		const struct test *t = &j->tests.v[i];
		enum verdict v = truth(t->flag == (text && *text));
		if (t->op != TEST_EXISTS)
			v = text ? test_text(q, j, t, text, place) : VERDICT_UNKNOWN;
		else if (v == VERDICT_NO)
			say(q, "%s is %s", j->name, t->flag ? "missing" : "there");
		if (t->op != TEST_EXISTS && !text)
			say(q, "%s is not known", j->name);
		if (v != VERDICT_YES)
			return v;
	}
	return VERDICT_YES;
}

/* --- JSON output --- */

struct leaves {
	VEC(char *) v;
};

static int see_leaf(void *ctx, const cJSON *found, const char *key)
{
	struct leaves *list = ctx;
	(void)key;
	VEC_PUSH(&list->v, json_leaf(found));
	return 0;
}

static void save(struct ask *q, const struct judge *j, const struct leaves *list)
{
	struct str all = {0};
	if (!q->captures || !j->save || list->v.n == 0)
		return;
	for (size_t i = 0; i < list->v.n; i++)
		str_printf(&all, "%s%s", i ? "\n" : "", list->v.v[i]);
	values_set(q->captures, j->save, str_text(&all));
	str_release(&all);
}

static enum verdict test_count(struct ask *q, const struct judge *j, const struct leaves *list)
{
	struct str wanted = {0};
	char text[32], place[300];
	size_t n = list->v.n;
	if (j->count) {
		if (template_expand(j->count, &q->scope, QUOTE_RAW, &wanted, NULL) < 0) {
			say(q, "%s has no value", j->count);
			return VERDICT_UNKNOWN;
		}
		n = 0;
		for (size_t i = 0; i < list->v.n; i++)
			n += strcmp(list->v.v[i], str_text(&wanted)) == 0;
	}
	snprintf(text, sizeof(text), "%zu", n);
	snprintf(place, sizeof(place), " %s%s%s at %s", j->count ? "times \"" : "values",
	         str_text(&wanted), j->count ? "\"" : "", j->name);
	str_release(&wanted);
	for (size_t i = 0; i < j->tests.n; i++) {
		enum verdict v = test_text(q, j, &j->tests.v[i], text, place);
		if (v != VERDICT_YES)
			return v;
	}
	return VERDICT_YES;
}

static enum verdict test_leaves(struct ask *q, const struct judge *j, const struct test *t,
                                const struct leaves *list)
{
	char place[300];
	if (t->op == TEST_EXISTS && t->flag != (list->v.n > 0)) {
		say(q, t->flag ? "expected something at %s, got nothing" : "expected nothing at %s",
		    j->name);
		return VERDICT_NO;
	}
	if (t->op == TEST_EXISTS)
		return VERDICT_YES;
	if (list->v.n == 0) {
		say(q, "expected something at %s, got nothing", j->name);
		return VERDICT_NO;
	}
	snprintf(place, sizeof(place), " at %s", j->name);
	for (size_t i = 0; i < list->v.n; i++) {
		enum verdict v = test_text(q, j, t, list->v.v[i], place);
		if (v != VERDICT_YES)
			return v;
	}
	return VERDICT_YES;
}

static enum verdict judge_leaves(struct ask *q, const struct judge *j, const struct leaves *list)
{
	if (j->counting)
		return test_count(q, j, list);
	for (size_t i = 0; i < j->tests.n; i++) {
		enum verdict v = test_leaves(q, j, &j->tests.v[i], list);
		if (v != VERDICT_YES)
			return v;
	}
	return VERDICT_YES;
}

static enum verdict judge_json(struct ask *q, const struct judge *j)
{
	if (!q->parsed)
		q->json = json_parse_foreign(q->a->out ? q->a->out : "", q->a->out_len);
	q->parsed = true;
	if (!q->json) {
		say(q, "expected JSON, got ");
		show_output(q, q->a->out ? q->a->out : "", q->a->out_len);
		return VERDICT_UNKNOWN;
	}
	struct leaves list = {0};
	json_pointer_each(q->json, j->name, see_leaf, &list);
	save(q, j, &list);
	enum verdict v = judge_leaves(q, j, &list);
	for (size_t i = 0; i < list.v.n; i++)
		free(list.v.v[i]);
	VEC_RELEASE(&list.v);
	return v;
}

/* --- combinations --- */

/* All are asked, also behind a no: their captures are wanted. The reason is that of the verdict. */
static enum verdict judge_all(struct ask *q, const struct judge *j)
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

static enum verdict judge_any(struct ask *q, const struct judge *j)
{
	enum verdict result = VERDICT_NO;
	size_t start = q->why ? q->why->len : 0;
	for (size_t i = 0; i < j->parts.n; i++) {
		if (i)
			say(q, "; or ");
		enum verdict v = judge_one(q, j->parts.v[i]);
		if (v == VERDICT_YES) {
			if (q->why)
				str_cut(q->why, start);
			return v;
		}
		if (v == VERDICT_UNKNOWN)
			result = v;
	}
	return result;
}

/* What must not be, in words: only single tests can be named. */
static void say_contrary(struct ask *q, const struct judge *part)
{
	if (part->kind == JUDGE_MATCH) {
		say(q, "unexpected text like ");
		show_text(q, pattern_regex(part->pattern));
	} else if (part->kind == JUDGE_EXIT) {
		say(q, "unexpected exit status %d", q->a->status);
	} else if (part->name) {
		const char *text = part->kind == JUDGE_JSON ? NULL : known(q, part->name);
		say(q, "unexpected %s%s", text ? "" : "value at ", part->name);
		if (text) {
			say(q, " ");
			show_text(q, text);
		}
	} else {
		say(q, "what must not be is so");
	}
}

static enum verdict judge_not(struct ask *q, const struct judge *j)
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

static enum verdict judge_one(struct ask *q, const struct judge *j)
{
	static enum verdict (*const table[])(struct ask *, const struct judge *) = {
	    [JUDGE_EXIT] = judge_exit,         [JUDGE_MATCH] = judge_match,
	    [JUDGE_NO_MATCH] = judge_no_match, [JUDGE_JSON] = judge_json,
	    [JUDGE_VALUE] = judge_value,       [JUDGE_VERSION] = judge_value,
	    [JUDGE_ALL] = judge_all,           [JUDGE_ANY] = judge_any,
	    [JUDGE_NOT] = judge_not,
	};
	return table[j->kind](q, j);
}

enum verdict judge_ask(const struct judge *j, const struct answer *a, const struct scope *scope,
                       struct values *captures, struct str *why)
{
	static const struct answer none = {.status = -1};
	struct values own = {0};
	struct ask q = {.a = a ? a : &none, .captures = captures ? captures : &own, .why = why};
	q.scope.layers[0] = q.captures; /* an earlier part may have found what a later one reads */
	for (size_t i = 0; scope && i + 1 < LEN(q.scope.layers); i++)
		q.scope.layers[i + 1] = scope->layers[i];
	enum verdict v = judge_one(&q, j);
	cJSON_Delete(q.json);
	values_release(&own);
	return v;
}
