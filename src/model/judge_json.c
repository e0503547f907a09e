/* SPDX-License-Identifier: ISC */
/* Judging output in JSON: the leaves at a pointer, each or counted. */
#include "config.h"

#include "model/judge_parts.h"

#include "base/i18n.h"
#include "model/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void release(struct leaves *list)
{
	for (size_t i = 0; i < list->v.n; i++)
		free(list->v.v[i]);
	VEC_RELEASE(&list->v);
}

static void save(struct judge_question *q, const struct judge *j, const struct leaves *list)
{
	struct str all = {0};
	if (!q->captures || !j->save || list->v.n == 0)
		return;
	for (size_t i = 0; i < list->v.n; i++)
		str_printf(&all, "%s%s", i ? "\n" : "", list->v.v[i]);
	values_set(q->captures, j->save, str_text(&all));
	str_release(&all);
}

static enum verdict test_count(struct judge_question *q, const struct judge *j,
			       const struct leaves *list)
{
	struct str wanted = {0};
	char text[32];
	size_t n = list->v.n;
	if (j->count) {
		if (template_expand(j->count, &q->scope, QUOTE_RAW, &wanted, NULL) < 0) {
			judge_say(q, M_("%s has no value"), j->count);
			str_release(&wanted);
			return VERDICT_UNKNOWN;
		}
		n = 0;
		for (size_t i = 0; i < list->v.n; i++)
			n += strcmp(list->v.v[i], str_text(&wanted)) == 0;
	}
	snprintf(text, sizeof(text), "%zu", n);
	const struct judge_where where = {.place = j->count ? PLACE_TIMES : PLACE_COUNT,
					  .name = j->name,
					  .times = str_text(&wanted)};
	enum verdict v = VERDICT_YES;
	for (size_t i = 0; i < j->tests.n && v == VERDICT_YES; i++)
		v = judge_test_text(q, j, &j->tests.v[i], text, &where);
	str_release(&wanted);
	return v;
}

static enum verdict test_leaves(struct judge_question *q, const struct judge *j,
				const struct test *t, const struct leaves *list)
{
	if (t->op == TEST_EXISTS && t->flag != (list->v.n > 0)) {
		judge_say(q,
			  t->flag ? M_("expected something at %-s, got nothing")
				  : M_("expected nothing at %-s"),
			  j->called ? j->called : j->name);
		return VERDICT_NO;
	}
	if (t->op == TEST_EXISTS)
		return VERDICT_YES;
	if (list->v.n == 0) {
		judge_say(q, M_("expected something at %-s, got nothing"),
			  j->called ? j->called : j->name);
		return VERDICT_NO;
	}
	struct leaves names = {0};
	enum verdict v = VERDICT_YES;
	if (j->of)
		json_pointer_each(q->json, j->of, see_leaf, &names);
	for (size_t i = 0; i < list->v.n && v == VERDICT_YES; i++) {
		bool named = names.v.n == list->v.n && *names.v.v[i]; /* else it may be another's */
		const struct judge_where where = {.place = PLACE_JSON,
						  .called = j->called,
						  .name = named	      ? names.v.v[i]
							  : j->called ? NULL
								      : j->name};
		v = judge_test_text(q, j, t, list->v.v[i], &where);
	}
	release(&names);
	return v;
}

static enum verdict judge_leaves(struct judge_question *q, const struct judge *j,
				 const struct leaves *list)
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

enum verdict judge_json(struct judge_question *q, const struct judge *j)
{
	if (!q->parsed)
		q->json = json_parse_foreign(q->a->out ? q->a->out : "", q->a->out_len);
	q->parsed = true;
	if (!q->json) {
		char *got = judge_shown_output(q->a->out ? q->a->out : "", q->a->out_len);
		if (got)
			judge_say(q, M_("expected JSON, got \"%s\""), got);
		else
			judge_say(q, M_("expected JSON, got nothing"));
		free(got);
		return VERDICT_UNKNOWN;
	}
	struct leaves list = {0};
	json_pointer_each(q->json, j->name, see_leaf, &list);
	save(q, j, &list);
	enum verdict v = judge_leaves(q, j, &list);
	release(&list);
	return v;
}
