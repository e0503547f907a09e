/* SPDX-License-Identifier: ISC */
/* Inside of a judge: compiled by judge_compile.c, asked by judge.c and judge_json.c. */
#ifndef MODEL_JUDGE_PARTS_H
#define MODEL_JUDGE_PARTS_H

#include "model/judge.h"
#include "model/template.h"

enum judge_kind {
	JUDGE_EXIT,
	JUDGE_MATCH,
	JUDGE_NO_MATCH,
	JUDGE_JSON,
	JUDGE_VALUE,
	JUDGE_VERSION,
	JUDGE_ALL,
	JUDGE_ANY,
	JUDGE_NOT
};

enum test_op {
	TEST_IS,
	TEST_IN,
	TEST_NOT,
	TEST_EXISTS,
	TEST_LEAST,
	TEST_MOST,
	TEST_MATCH,
	TEST_ABOVE,
	TEST_BELOW,
	TEST_SAME_PARTS
};

/* One comparison of a leaf, value or version. */
struct test {
	enum test_op op;
	char **texts;            /* what to compare with: templates, NULL-ended */
	struct pattern *pattern; /* TEST_MATCH */
	bool flag;               /* TEST_EXISTS */
	int parts;               /* TEST_SAME_PARTS */
};

enum stream { STREAM_OUT, STREAM_ERR, STREAM_ANY };

struct judge {
	enum judge_kind kind;
	const struct scheme *versions; /* borrowed; NULL: number by number */
	VEC(int) exits;
	struct pattern *pattern;
	enum stream stream;
	bool every;                /* JUDGE_MATCH: of all lines */
	char *name;                /* of the value or version; the JSON pointer */
	char *save;                /* JUDGE_JSON: capture */
	char *of;                  /* JUDGE_JSON: pointer to the names of the leaves; NULL: none */
	char *called;              /* JUDGE_JSON: what a reader calls the leaves; NULL: the pointer */
	bool counting;             /* JUDGE_JSON: the tests are about the number of leaves... */
	char *count;               /* ...that equal this; NULL: of all */
	VEC(struct test) tests;    /* all must hold */
	VEC(struct judge *) parts; /* JUDGE_ALL, _ANY, _NOT */
};

/* Does text hold against one text of a test? Unknown: no number, or no version, to compare. */
enum verdict judge_compare(const struct judge *j, const struct test *t, const char *text,
                           const char *with);

/* judge_words.c: the words of a reason; new texts. */
char *judge_shown(const char *text, size_t n);        /* a device's: one line of it, cut */
char *judge_shown_output(const char *text, size_t n); /* the first that says something, or NULL */
char *judge_exits(const struct judge *j);             /* "0, 5 or 20" */
char *judge_wanted(enum test_op op, const char *wanted);
void judge_add_wanted(struct str *wanted, const char *text); /* "a" or "b" or "c" */

/* One question: the answer, what is known, and where the reason goes. */
struct judge_question {
	const struct answer *a;
	struct scope scope;
	struct values *captures;
	struct str *why;
	cJSON *json; /* the output, parsed when first needed */
	bool parsed;
	bool (*open)(const void *, const char *); /* NULL: what is not there now never will be */
	const void *ctx;                          /* of it */
};

enum judge_place { PLACE_VALUE, PLACE_JSON, PLACE_COUNT, PLACE_TIMES };

struct judge_where { /* what is tested, for the reason */
	enum judge_place place;
	const char *name;  /* of a value, or a JSON pointer; with called: which one, or NULL */
	const char *called;
	const char *times; /* PLACE_TIMES: this text is counted */
};

/* The reason of a no: appended to what is there. */
void judge_say(struct judge_question *q, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One test of one text that is known; says why not. */
enum verdict judge_test_text(struct judge_question *q, const struct judge *j, const struct test *t,
			     const char *text, const struct judge_where *where);

enum verdict judge_json(struct judge_question *q, const struct judge *j);

#endif
