/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/judge_parts.h"

#include "model/template.h"

#include <stdlib.h>
#include <string.h>

static int compile(struct judge *j, const struct jnode *at, struct err *e);

static void release(struct judge *j)
{
	for (size_t i = 0; i < j->tests.n; i++) {
		strings_free(j->tests.v[i].texts);
		pattern_free(j->tests.v[i].pattern);
	}
	for (size_t i = 0; i < j->parts.n; i++)
		judge_free(j->parts.v[i]);
	VEC_RELEASE(&j->tests);
	VEC_RELEASE(&j->parts);
	VEC_RELEASE(&j->exits);
	pattern_free(j->pattern);
	free(j->name);
	free(j->save);
	free(j->of);
	free(j->called);
	free(j->count);
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	release(j);
	free(j);
}

/* --- what is compared with --- */

static int read_value(const struct jnode *at, char **out, struct err *e)
{
	const char *text;
	if (cJSON_IsNumber(at->value) || cJSON_IsBool(at->value)) {
		*out = json_leaf(at->value);
		return 0;
	}
	if (!cJSON_IsString(at->value))
		return json_bad(at, e, "expected a text, a number, true or false");
	if (json_string(at, &text, e) < 0)
		return -1;
	struct err why;
	if (template_names(text, QUOTE_RAW, NULL, NULL, &why) < 0)
		return json_bad_text(at, e, why.text);
	*out = xstrdup(text);
	return 0;
}

static int read_values(const struct jnode *at, struct test *t, struct err *e)
{
	size_t n = cJSON_IsArray(at->value) ? json_count(at) : 1, i = 0;
	if (n == 0)
		return json_bad(at, e, "this list is empty");
	t->texts = xcalloc(n + 1, sizeof(*t->texts));
	if (!cJSON_IsArray(at->value))
		return read_value(at, &t->texts[0], e);
	struct jnode item;
	for (bool on = json_first(at, &item); on; on = json_next(&item))
		if (read_value(&item, &t->texts[i++], e) < 0)
			return -1;
	return 0;
}

static int read_one(const struct jnode *at, struct test *t, struct err *e)
{
	t->texts = xcalloc(2, sizeof(*t->texts));
	return read_value(at, &t->texts[0], e);
}

static int read_flag(const struct jnode *at, struct test *t, struct err *e)
{
	return json_bool(at, &t->flag, e);
}

static int read_pattern(const struct jnode *at, struct pattern **out, struct err *e)
{
	const char *regex;
	struct err why;
	if (json_string(at, &regex, e) < 0)
		return -1;
	*out = pattern_new(regex, false, &why);
	return *out ? 0 : json_bad_text(at, e, why.text);
}

static int read_match(const struct jnode *at, struct test *t, struct err *e)
{
	return read_pattern(at, &t->pattern, e);
}

static int read_parts(const struct jnode *at, struct test *t, struct err *e)
{
	int64_t parts;
	struct jnode as;
	if (json_int(at, 1, 9, &parts, e) < 0)
		return -1;
	t->parts = (int)parts;
	t->texts = xcalloc(2, sizeof(*t->texts));
	if (json_get(at->up, "as", &as))
		return read_value(&as, &t->texts[0], e);
	t->texts[0] = xstrdup("${from}");
	return 0;
}

#define FOR(kind) (1u << (kind))

static const struct {
	const char *key;
	enum test_op op;
	unsigned kinds; /* of judges that know it */
	int (*read)(const struct jnode *at, struct test *t, struct err *e);
} operators[] = {
    {"is", TEST_IS, FOR(JUDGE_JSON) | FOR(JUDGE_VALUE) | FOR(JUDGE_VERSION), read_one},
    {"in", TEST_IN, FOR(JUDGE_JSON) | FOR(JUDGE_VALUE) | FOR(JUDGE_VERSION), read_values},
    {"not", TEST_NOT, FOR(JUDGE_JSON) | FOR(JUDGE_VALUE) | FOR(JUDGE_VERSION), read_values},
    {"exists", TEST_EXISTS, FOR(JUDGE_JSON) | FOR(JUDGE_VALUE), read_flag},
    {"least", TEST_LEAST, FOR(JUDGE_JSON) | FOR(JUDGE_VALUE) | FOR(JUDGE_VERSION), read_one},
    {"most", TEST_MOST, FOR(JUDGE_JSON) | FOR(JUDGE_VALUE) | FOR(JUDGE_VERSION), read_one},
    {"match", TEST_MATCH, FOR(JUDGE_VALUE), read_match},
    {"above", TEST_ABOVE, FOR(JUDGE_VERSION), read_one},
    {"below", TEST_BELOW, FOR(JUDGE_VERSION), read_one},
    {"same_parts", TEST_SAME_PARTS, FOR(JUDGE_VERSION), read_parts},
};

/* "in" beside a pattern says where to search; elsewhere it is a comparison. */
static bool is_stream(const struct jnode *in)
{
	struct jnode pattern;
	return cJSON_IsString(in->value) &&
	       (json_get(in->up, "match", &pattern) || json_get(in->up, "no_match", &pattern));
}

static int read_tests(struct judge *j, const struct jnode *at, struct err *e)
{
	for (size_t i = 0; i < LEN(operators); i++) {
		struct jnode value;
		if (!(operators[i].kinds & FOR(j->kind)) || !json_get(at, operators[i].key, &value))
			continue;
		if (j->kind == JUDGE_JSON && operators[i].op == TEST_IN && is_stream(&value))
			continue;
		struct test *t = VEC_ADD(&j->tests);
		t->op = operators[i].op;
		if (operators[i].read(&value, t, e) < 0)
			return -1;
	}
	return 0;
}

/* --- kinds of judges --- */

static int read_exit(struct judge *j, const struct jnode *at, struct err *e)
{
	int64_t n;
	struct jnode item;
	if (!cJSON_IsArray(at->value)) {
		if (json_int(at, 0, 255, &n, e) < 0)
			return -1;
		VEC_PUSH(&j->exits, (int)n);
		return 0;
	}
	for (bool on = json_first(at, &item); on; on = json_next(&item)) {
		if (json_int(&item, 0, 255, &n, e) < 0)
			return -1;
		VEC_PUSH(&j->exits, (int)n);
	}
	return j->exits.n ? 0 : json_bad(at, e, "this list is empty");
}

static int read_stream(struct judge *j, const struct jnode *at, struct err *e)
{
	static const char *const names[] = {
	    [STREAM_OUT] = "out", [STREAM_ERR] = "err", [STREAM_ANY] = "any", NULL};
	struct jnode in;
	const char *text;
	if (!json_get(at->up, "in", &in) || cJSON_IsArray(in.value))
		return 0;
	if (json_string(&in, &text, e) < 0)
		return -1;
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0) {
			j->stream = (enum stream)i;
			return 0;
		}
	return json_bad(&in, e, "expected \"out\", \"err\" or \"any\"");
}

static int read_output(struct judge *j, const struct jnode *at, struct err *e)
{
	struct jnode every;
	if (json_get(at->up, "every", &every) && json_bool(&every, &j->every, e) < 0)
		return -1;
	return read_pattern(at, &j->pattern, e) < 0 ? -1 : read_stream(j, at, e);
}

static int check_name(const struct jnode *at, const char **name, struct err *e)
{
	if (json_string(at, name, e) < 0)
		return -1;
	size_t n = strlen(*name);
	if (n == 0 || n > 100 || strspn(*name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != n)
		return json_bad(at, e, "\"%s\" is no name of a value (a-z, 0-9, _ . -)", *name);
	return 0;
}

static int read_count(struct judge *j, const struct jnode *object, struct err *e)
{
	struct jnode at;
	if (!json_get(object, "count", &at))
		return 0;
	j->counting = true;
	for (size_t i = 0; i < j->tests.n; i++)
		if (j->tests.v[i].op == TEST_EXISTS)
			return json_bad(&at, e, "\"count\" does not go with \"exists\"");
	if (j->tests.n == 0)
		return json_bad(&at, e, "\"count\" needs \"is\", \"least\" or \"most\"");
	return cJSON_IsTrue(at.value) ? 0 : read_value(&at, &j->count, e);
}

static int read_json(struct judge *j, const struct jnode *at, struct err *e)
{
	const char *text;
	struct jnode save;
	struct err why;
	if (json_string(at, &text, e) < 0)
		return -1;
	if (json_pointer_check(text, &why) < 0)
		return json_bad_text(at, e, why.text);
	j->name = xstrdup(text);
	if (json_get(at->up, "save", &save)) {
		if (check_name(&save, &text, e) < 0)
			return -1;
		j->save = xstrdup(text);
	}
	if (json_get(at->up, "of", &save)) {
		text = cJSON_GetStringValue(save.value);
		if (!text || json_pointer_check(text, &why) < 0)
			return json_bad(&save, e, "expected a pointer like \"/rows/*/name\"");
		j->of = xstrdup(text);
	}
	if (json_get(at->up, "called", &save)) {
		text = cJSON_GetStringValue(save.value);
		if (!text || !*text)
			return json_bad(&save, e, "expected words");
		j->called = xstrdup(text);
	}
	if (read_tests(j, at->up, e) < 0 || read_count(j, at->up, e) < 0)
		return -1;
	if (j->tests.n == 0)
		*VEC_ADD(&j->tests) = (struct test){.op = TEST_EXISTS, .flag = true};
	return 0;
}

static int read_named(struct judge *j, const struct jnode *at, struct err *e)
{
	const char *name;
	if (check_name(at, &name, e) < 0)
		return -1;
	j->name = xstrdup(name);
	if (read_tests(j, at->up, e) < 0)
		return -1;
	return j->tests.n ? 0 : json_bad(at->up, e, "nothing says what \"%s\" should be", name);
}

static int read_list(struct judge *j, const struct jnode *at, struct err *e)
{
	struct jnode item;
	if (json_array(at, e) < 0)
		return -1;
	for (bool on = json_first(at, &item); on; on = json_next(&item)) {
		struct judge *part = judge_new(&item, j->versions, e);
		if (!part)
			return -1;
		VEC_PUSH(&j->parts, part);
	}
	return j->parts.n ? 0 : json_bad(at, e, "this list is empty");
}

static int read_not(struct judge *j, const struct jnode *at, struct err *e)
{
	struct judge *part = judge_new(at, j->versions, e);
	if (!part)
		return -1;
	VEC_PUSH(&j->parts, part);
	return 0;
}

static const char *const output_keys[] = {"exit",  "match", "no_match", "in",    "json",
                                          "is",    "not",   "exists",   "least", "most",
                                          "count", "save",  "every",    "of",    "called",
                                          NULL};
static const char *const value_keys[] = {"value", "is",   "in",    "not", "exists",
                                         "least", "most", "match", NULL};
static const char *const version_keys[] = {"version", "is",    "in",         "not", "least", "most",
                                           "above",   "below", "same_parts", "as",  NULL};
static const char *const all_keys[] = {"all", NULL};
static const char *const any_keys[] = {"any", NULL};
static const char *const no_keys[] = {"no", NULL};

/* The first key that an object has says what it is; kinds that share their keys may stand together.
 */
static const struct kind {
	const char *key;
	enum judge_kind kind;
	int (*read)(struct judge *j, const struct jnode *at, struct err *e);
	const char *const *keys; /* that may stand beside it */
} kinds[] = {
    {"all", JUDGE_ALL, read_list, all_keys},
    {"any", JUDGE_ANY, read_list, any_keys},
    {"no", JUDGE_NOT, read_not, no_keys},
    {"value", JUDGE_VALUE, read_named, value_keys},
    {"version", JUDGE_VERSION, read_named, version_keys},
    {"exit", JUDGE_EXIT, read_exit, output_keys},
    {"match", JUDGE_MATCH, read_output, output_keys},
    {"no_match", JUDGE_NO_MATCH, read_output, output_keys},
    {"json", JUDGE_JSON, read_json, output_keys},
};

/* Comparisons of a leaf that have no "json" to go with would be passed over in silence. */
static int check_strays(const struct jnode *at, struct err *e)
{
	struct jnode every;
	if (json_get(at, "every", &every) && !json_get(at, "match", &every))
		return json_bad(at, e, "\"every\" needs a \"match\"");
	static const char *const of_json[] = {"is",   "not",   "exists", "least",
	                                      "most", "count", "save",   "of", "called"};
	struct jnode value;
	if (json_get(at, "json", &value))
		return 0;
	for (size_t i = 0; i < LEN(of_json); i++)
		if (json_get(at, of_json[i], &value))
			return json_bad(at, e, "\"%s\" needs a \"json\", \"value\" or \"version\"",
			                of_json[i]);
	if (json_get(at, "in", &value) && !json_get(at, "match", &value) &&
	    !json_get(at, "no_match", &value))
		return json_bad(at, e, "\"in\" needs a \"match\", \"no_match\" or \"json\"");
	return 0;
}

static int compile_kind(struct judge *j, const struct kind *kind, const struct jnode *at,
                        struct err *e)
{
	struct jnode value;
	j->kind = kind->kind;
	return json_need(at, kind->key, &value, e) < 0 ? -1 : kind->read(j, &value, e);
}

static int compile(struct judge *j, const struct jnode *at, struct err *e)
{
	const struct kind *found[LEN(kinds)];
	size_t n = 0;
	struct jnode value;
	if (json_object(at, e) < 0)
		return -1;
	for (size_t i = 0; i < LEN(kinds); i++)
		if (json_get(at, kinds[i].key, &value) &&
		    (n == 0 || kinds[i].keys == found[0]->keys))
			found[n++] = &kinds[i];
	if (json_only(at, n ? found[0]->keys : output_keys, e) < 0)
		return -1;
	if (n == 0)
		return json_bad(at, e,
		                "expected a judge: \"exit\", \"match\", \"no_match\", \"json\", "
		                "\"value\", \"version\", \"all\", \"any\" or \"no\"");
	if (found[0]->keys == output_keys && check_strays(at, e) < 0)
		return -1;
	if (n == 1)
		return compile_kind(j, found[0], at, e);
	j->kind = JUDGE_ALL;
	for (size_t i = 0; i < n; i++) {
		struct judge *part = xcalloc(1, sizeof(*part));
		part->versions = j->versions;
		VEC_PUSH(&j->parts, part);
		if (compile_kind(part, found[i], at, e) < 0)
			return -1;
	}
	return 0;
}

struct judge *judge_new(const struct jnode *at, const struct scheme *versions, struct err *e)
{
	struct judge *j = xcalloc(1, sizeof(*j));
	j->versions = versions;
	if (compile(j, at, e) == 0)
		return j;
	judge_free(j);
	return NULL;
}

void judge_calls(const struct judge *j, void (*see)(void *ctx, const char *words), void *ctx)
{
	if (!j)
		return;
	if (j->called)
		see(ctx, j->called);
	for (size_t i = 0; i < j->parts.n; i++)
		judge_calls(j->parts.v[i], see, ctx);
}

/* --- what it reads and makes --- */

int judge_reads(const struct judge *j, int (*see)(void *, const char *, struct err *), void *ctx,
                struct err *e)
{
	int stop = 0;
	if (j->kind == JUDGE_VALUE || j->kind == JUDGE_VERSION)
		stop = see(ctx, j->name, e);
	if (j->count && !stop)
		stop = template_names(j->count, QUOTE_RAW, see, ctx, e);
	for (size_t i = 0; i < j->tests.n && !stop; i++)
		for (char **text = j->tests.v[i].texts; text && *text && !stop; text++)
			stop = template_names(*text, QUOTE_RAW, see, ctx, e);
	for (size_t i = 0; i < j->parts.n && !stop; i++)
		stop = judge_reads(j->parts.v[i], see, ctx, e);
	return stop;
}

int judge_makes(const struct judge *j, int (*see)(void *, const char *, struct err *), void *ctx,
                struct err *e)
{
	int stop = 0;
	if (j->save)
		stop = see(ctx, j->save, e);
	if (j->pattern && !stop)
		stop = pattern_groups(j->pattern, see, ctx, e);
	for (size_t i = 0; i < j->tests.n && !stop; i++)
		if (j->tests.v[i].pattern)
			stop = pattern_groups(j->tests.v[i].pattern, see, ctx, e);
	for (size_t i = 0; i < j->parts.n && !stop; i++)
		stop = judge_makes(j->parts.v[i], see, ctx, e);
	return stop;
}
