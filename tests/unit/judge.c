/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/judge.h"

#include <time.h>

struct asked {
	enum verdict verdict;
	char why[400];
	struct values captures;
};

static struct judge *must_judge(const char *json)
{
	struct err e = {0};
	cJSON *root = tree(json);
	struct jnode at = json_root(root, "p");
	struct judge *j = judge_new(&at, NULL, &e);
	cJSON_Delete(root);
	if (!j)
		fail_msg("%s: %s", json, e.text);
	return j;
}

static struct asked ask(const char *json, const struct answer *a)
{
	struct asked r = {0};
	struct values v = {0};
	struct str why = {0};
	struct judge *j = must_judge(json);
	values_set(&v, "from", "3.7.12");
	values_set(&v, "version", "4.2.1");
	values_set(&v, "role", "leaf");
	values_set(&v, "n", "7");
	values_set(&v, "empty", "");
	struct scope scope = {{&v}};
	r.verdict = judge_ask(j, a, &scope, &r.captures, &why);
	strncpy(r.why, str_text(&why), sizeof(r.why) - 1);
	str_release(&why);
	judge_free(j);
	values_release(&v);
	return r;
}

struct row {
	const char *json;
	enum verdict verdict;
	const char *why; /* part of the reason */
	int status;
	const char *out, *err;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		const char *out = r->out ? r->out : "", *err = r->err ? r->err : "";
		struct answer a = {r->status, out, strlen(out), err, strlen(err), false};
		struct asked got = ask(r->json, &a);
		if (got.verdict != r->verdict)
			fail_msg("%s: verdict %d, %s", r->json, got.verdict, got.why);
		if (r->why)
			has(got.why, r->why);
		if (got.verdict == VERDICT_YES)
			assert_string_equal(got.why, "");
		else
			assert_true(got.why[0] != '\0');
		values_release(&got.captures);
	}
}

#define NO      VERDICT_NO
#define YES     VERDICT_YES
#define UNKNOWN VERDICT_UNKNOWN

static void exits(void **state)
{
	static const struct row rows[] = {
	    {"{'exit':0}", YES, NULL, 0, NULL, NULL},
	    {"{'exit':0}", NO, "expected exit status 0, got 1 with \"boom\"", 1, "", "boom\nmore"},
	    {"{'exit':[0,20]}", YES, NULL, 20, NULL, NULL},
	    {"{'exit':[0,20]}", NO, "0 or 20, got 2", 2, NULL, NULL},
	    {"{'exit':0}", UNKNOWN, "no exit status", -1, NULL, NULL},
	    {"{'no':{'exit':0}}", NO, "unexpected exit status 0", 0, NULL, NULL},
	    {"{'no':{'exit':0}}", UNKNOWN, NULL, -1, NULL, NULL},
	};
	(void)state;
	check_rows(rows, LEN(rows));
}

static void matches(void **state)
{
	static const struct row rows[] = {
	    {"{'match':'^b$'}", YES, NULL, 0, "a\nb\nc", NULL},
	    {"{'match':'^b$'}", YES, NULL, 0, "a\r\nb\r\nc", NULL},
	    {"{'match':'^b$'}", NO, "expected text like \"^b$\", got \"abc\"", 0, "abc", NULL},
	    {"{'match':'x'}", NO, "got nothing", 0, "\n", NULL},
	    {"{'match':'x','in':'err'}", YES, NULL, 0, "", "x"},
	    {"{'match':'x','in':'err'}", NO, NULL, 0, "x", ""},
	    {"{'match':'x','in':'any'}", YES, NULL, 0, "", "x"},
	    {"{'match':'x','in':'any'}", YES, NULL, 0, "x", ""},
	    {"{'no_match':'fail\\\\w*'}", NO, "unexpected \"failure\"", 0, "a failure b", NULL},
	    {"{'no_match':'fail'}", YES, NULL, 0, "fine", NULL},
	    {"{'exit':0,'match':'ok'}", NO, "exit status", 1, "ok", NULL},
	    {"{'exit':0,'match':'ok'}", NO, "text like", 0, "no", NULL},
	    {"{'exit':0,'match':'ok'}", YES, NULL, 0, "ok", NULL},
	    {"{'no':{'match':'bad'}}", NO, "unexpected text like \"bad\"", 0, "bad", NULL},
	};
	(void)state;
	check_rows(rows, LEN(rows));
}

#define PEERS                                                                                      \
	"{\"p\":{\"a\":{\"s\":\"up\"},\"b\":{\"s\":\"down\"}},\"n\":12,\"f\":1.5,\"t\":true,"      \
	"\"e\":[]}"

static void json(void **state)
{
	static const struct row rows[] = {
	    {"{'json':'/status/ourRole','is':'secondary'}", NO,
	     "expected \"secondary\" at /status/ourRole, got \"primary\"", 0,
	     "{\"status\":{\"ourRole\":\"primary\"}}", NULL},
	    {"{'json':'/p/a/s','is':'up'}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/*/s','is':'up'}", NO, "expected \"up\" at /p/*/s, got \"down\"", 0, PEERS,
	     NULL},
	    {"{'json':'/p/*/s','is':'up','of':'/m/*/name'}", NO, "at fan-b, got \"down\"", 0,
	     "{\"p\":[{\"s\":\"up\"},{\"s\":\"down\"}],\"m\":[{\"name\":\"fan-a\"},"
	     "{\"name\":\"fan-b\"}]}",
	     NULL},
	    /* one has no name: nobody can say whose the others are */
	    {"{'json':'/p/*/s','is':'up','of':'/m/*/name'}", NO, "at /p/*/s, got \"down\"", 0,
	     "{\"p\":[{\"s\":\"up\"},{\"s\":\"down\"}],\"m\":[{\"name\":\"fan-a\"}]}", NULL},
	    {"{'json':'/p/*/s','in':['up','down']}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/*/s','not':'failed'}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/*/s','not':['x','down']}", NO, "anything but", 0, PEERS, NULL},
	    {"{'json':'/e/*','is':'up'}", NO, "expected something at /e/*", 0, PEERS, NULL},
	    {"{'json':'/none'}", NO, "expected something at /none, got nothing", 0, PEERS, NULL},
	    {"{'json':'/none','exists':false}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/n','exists':false}", NO, "expected nothing", 0, PEERS, NULL},
	    {"{'json':'/n','is':12}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/t','is':true}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/n','least':12,'most':12}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/n','called':'peers','least':13}", NO,
	     "expected at least \"13\" for peers, got \"12\"", 0, PEERS, NULL},
	    {"{'json':'/p/*/s','called':'fan','is':'up','of':'/m/*/name'}", NO,
	     "expected \"up\" for fan \"fan-b\", got \"down\"", 0,
	     "{\"p\":[{\"s\":\"up\"},{\"s\":\"down\"}],\"m\":[{\"name\":\"fan-a\"},"
	     "{\"name\":\"fan-b\"}]}",
	     NULL},
	    {"{'json':'/none','called':'peers','least':13}", NO,
	     "expected something at peers, got nothing", 0, PEERS, NULL},
	    {"{'json':'/n','least':13}", NO, "expected at least \"13\" at /n, got \"12\"", 0, PEERS,
	     NULL},
	    {"{'json':'/n','most':11.5}", NO, "at most", 0, PEERS, NULL},
	    {"{'json':'/f','least':1.25,'most':1.75}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/a/s','least':1}", UNKNOWN, "got \"up\"", 0, PEERS, NULL},
	    {"{'json':'/p/*/s','count':'up','least':1,'most':1}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/*/s','count':'up','least':2}", NO, "at least \"2\" times \"up\"", 0,
	     PEERS, NULL},
	    {"{'json':'/p/*/s','count':'up${nothing}','least':1}", UNKNOWN, "up${nothing} has no value",
	     0, PEERS, NULL},
	    {"{'json':'/p/*','count':true,'is':2}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/e/*','count':true,'is':0}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/n','is':'${n}'}", NO, "expected \"7\" at /n", 0, PEERS, NULL},
	    {"{'json':'/n','is':'${nothing}'}", UNKNOWN, NULL, 0, PEERS, NULL},
	    {"{'json':'/n'}", UNKNOWN, "expected JSON, got \"% not running\"", 0, "% not running\n",
	     NULL},
	    {"{'json':'/n'}", UNKNOWN, NULL, 0, "{\"n\":1} trailing", NULL},
	    {"{'json':'/n'}", UNKNOWN, "got nothing", 0, "", NULL},
	    {"{'json':'/n','match':'12','in':'out','is':12}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/a/s','in':'up'}", YES, NULL, 0, PEERS, NULL},
	    {"{'json':'/p/b/s','in':'up'}", NO, NULL, 0, PEERS, NULL},
	};
	(void)state;
	check_rows(rows, LEN(rows));
}

static void values(void **state)
{
	static const struct row rows[] = {
	    {"{'value':'role','is':'leaf'}", YES, NULL, 0, NULL, NULL},
	    {"{'value':'role','is':'spine'}", NO, "expected \"spine\" for role, got \"leaf\"", 0,
	     NULL, NULL},
	    {"{'value':'role','in':['a','leaf']}", YES, NULL, 0, NULL, NULL},
	    {"{'value':'role','not':'leaf'}", NO, NULL, 0, NULL, NULL},
	    {"{'value':'role','match':'^le'}", YES, NULL, 0, NULL, NULL},
	    {"{'value':'n','least':8}", NO, NULL, 0, NULL, NULL},
	    {"{'value':'n','least':7}", YES, NULL, 0, NULL, NULL},
	    {"{'value':'role','least':7}", UNKNOWN, NULL, 0, NULL, NULL},
	    {"{'value':'gone','is':'x'}", UNKNOWN, "gone is not known", 0, NULL, NULL},
	    {"{'value':'gone','exists':false}", YES, NULL, 0, NULL, NULL},
	    {"{'value':'gone','exists':true}", NO, "gone is missing", 0, NULL, NULL},
	    {"{'value':'empty','exists':true}", NO, NULL, 0, NULL, NULL},
	    {"{'value':'empty','is':''}", YES, NULL, 0, NULL, NULL},
	    {"{'version':'from','least':'4.0'}", NO, "got \"3.7.12\"", 0, NULL, NULL},
	    {"{'version':'from','above':'3.7.9','below':'${version}'}", YES, NULL, 0, NULL, NULL},
	    {"{'version':'from','is':'3.7.12.0'}", YES, NULL, 0, NULL, NULL},
	    {"{'version':'version','same_parts':1}", NO, "the same release as \"3.7.12\"", 0, NULL,
	     NULL},
	    {"{'version':'version','same_parts':2,'as':'4.2'}", YES, NULL, 0, NULL, NULL},
	    {"{'version':'role','least':'1'}", UNKNOWN, NULL, 0, NULL, NULL},
	    {"{'version':'from','in':['3.7.12','x y']}", YES, NULL, 0, NULL, NULL},
	};
	(void)state;
	check_rows(rows, LEN(rows));
}

/* Kleene's three values. */
static void combined(void **state)
{
	static const struct row rows[] = {
	    {"{'all':[{'exit':0},{'value':'gone','is':'x'}]}", UNKNOWN, "gone is not known", 0, "",
	     ""},
	    {"{'all':[{'value':'gone','is':'x'},{'exit':0}]}", NO, "exit status", 1, "", ""},
	    {"{'any':[{'value':'gone','is':'x'},{'exit':0}]}", YES, NULL, 0, "", ""},
	    {"{'any':[{'value':'gone','is':'x'},{'exit':0}]}", UNKNOWN, "; or ", 1, "", ""},
	    {"{'any':[{'exit':0},{'exit':3}]}", NO, "0, got 1; or expected exit status 3", 1, "",
	     ""},
	    {"{'no':{'value':'gone','is':'x'}}", UNKNOWN, NULL, 0, "", ""},
	    {"{'no':{'all':[{'exit':1},{'exit':2}]}}", YES, NULL, 1, "", ""},
	    {"{'all':[{'match':'v=(?<got>\\\\d+)'},{'value':'got','is':'5'}]}", YES, NULL, 0, "v=5",
	     ""},
	};
	(void)state;
	check_rows(rows, LEN(rows));
}

static void captures(void **state)
{
	struct answer a = {1, "role=a b\nversion=4.2\r\n{", 22, "", 0, false};
	struct asked got =
	    ask("{'exit':0,'match':'^role=(?<role>.*)$|^version=(?<ver>\\\\S+)'}", &a);
	(void)state;
	assert_int_equal(got.verdict, VERDICT_NO); /* captured all the same */
	assert_string_equal(values_get(&got.captures, "role"), "a b");
	assert_null(values_get(&got.captures, "ver"));
	values_release(&got.captures);
	a = (struct answer){0, "[{\"n\":\"x\"},{\"n\":2}]", 19, "", 0, false};
	got = ask("{'json':'/*/n','is':'nope','save':'names'}", &a);
	assert_int_equal(got.verdict, VERDICT_NO);
	assert_string_equal(values_get(&got.captures, "names"), "x\n2");
	values_release(&got.captures);
	a = (struct answer){0, "v=a\0b\xff.", 7, "", 0, false};
	got = ask("{'match':'v=(?<v>[^.]+)'}", &a);
	assert_string_equal(values_get(&got.captures, "v"), "a?b?");
	values_release(&got.captures);
	/* of every line, and no line twice */
	a = (struct answer){0, "set ae1 esi 1\nset ae1 x\nset ae2 esi 2 esi 3\n", 41, "", 0, false};
	got = ask("{'match':'^set (?<ae>\\\\S+) esi (?<id>\\\\d)','every':true}", &a);
	assert_int_equal(got.verdict, VERDICT_YES);
	assert_string_equal(values_get(&got.captures, "ae"), "ae1\nae2");
	assert_string_equal(values_get(&got.captures, "id"), "1\n2");
	values_release(&got.captures);
}

/* What a mad device may send: the answer comes fast and is never "no" out of weakness. */
static void hostile(void **state)
{
	static const char *const patterns[] = {
	    "{'match':'(a+)+$'}",
	    "{'match':'(a|aa)+$'}",
	    "{'match':'(a|a?)+$'}",
	    "{'match':'(.*a){12}b'}",
	    "{'match':'^(([a-z])+.)+[A-Z]([a-z])+$'}",
	    "{'no_match':'(a*)*c'}",
	    "{'no_match':'(?:a+){2,}x'}",
	};
	size_t n = (size_t)1 << 20;
	char *text = xmalloc(n);
	(void)state;
	memset(text, 'a', n);
	text[n - 1] = 'b';
	for (size_t i = 0; i < LEN(patterns); i++) {
		struct answer a = {0, text, n, text, n, false};
		clock_t start = clock();
		struct asked got = ask(patterns[i], &a);
		if (clock() - start > 10 * CLOCKS_PER_SEC)
			fail_msg("%s: too slow", patterns[i]);
		if (i < 3)
			assert_int_equal(got.verdict, VERDICT_UNKNOWN);
		assert_true(strlen(got.why) < 300);
		values_release(&got.captures);
	}
	memset(text, '\0', n);
	struct answer a = {0, text, n, NULL, 0, false};
	struct asked got = ask("{'match':'x'}", &a);
	assert_int_equal(got.verdict, VERDICT_NO);
	values_release(&got.captures);
	got = ask("{'json':'/x'}", &a);
	assert_int_equal(got.verdict, VERDICT_UNKNOWN);
	values_release(&got.captures);
	memset(text, '[', n);
	got = ask("{'json':'/x'}", &a);
	assert_int_equal(got.verdict, VERDICT_UNKNOWN);
	values_release(&got.captures);
	free(text);
}

/* Cheap at every start, but there are many starts: the work of a whole search has a limit. */
static void many_starts(void **state)
{
	static const struct {
		const char *json;
		char first, fill, last;
	} rows[] = {
	    {"{'match':'\\\\S+[0-9]'}", '9', 'a', '\n'},
	    {"{'match':'\\\\s+$'}", 'x', ' ', 'x'},
	    {"{'no_match':'(\\\\d++)\\\\s+up'}", 'u', '5', 'p'},
	};
	size_t n = 65536;
	char *text = xmalloc(n);
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		memset(text, rows[i].fill, n);
		text[0] = rows[i].first;
		text[n - 1] = rows[i].last;
		struct answer a = {0, text, n, "", 0, false};
		clock_t start = clock();
		struct asked got = ask(rows[i].json, &a);
		assert_int_equal(got.verdict, VERDICT_UNKNOWN);
		if (clock() - start > 10 * CLOCKS_PER_SEC)
			fail_msg("%s: too slow", rows[i].json);
		values_release(&got.captures);
	}
	free(text);
}

static void shown_safely(void **state)
{
	struct answer a = {0, "\x1b]0;evil\x07\xff\xe2\x80\xae", 14, "", 0, false};
	struct asked got = ask("{'match':'zzz'}", &a);
	(void)state;
	assert_null(strchr(got.why, '\x1b'));
	assert_null(strchr(got.why, '\x07'));
	has(got.why, "<U+001B>");
	has(got.why, "<FF>");
	has(got.why, "<U+202E>");
	values_release(&got.captures);
	a = (struct answer){0, "{\"a\":\"x\\u001b[2J\"}", 18, "", 0, false};
	got = ask("{'json':'/a','is':'y'}", &a);
	assert_null(strchr(got.why, '\x1b'));
	has(got.why, "<U+001B>");
	values_release(&got.captures);
}

/* In a text that was cut a miss proves nothing, a hit does. */
static void cut(void **state)
{
	static const struct {
		const char *json;
		enum verdict verdict;
	} rows[] = {
	    {"{'match':'abc'}", YES},   {"{'match':'xyz'}", UNKNOWN},
	    {"{'no_match':'abc'}", NO}, {"{'no_match':'xyz'}", UNKNOWN},
	    {"{'json':'/x'}", UNKNOWN},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct answer a = {0, "abc", 3, "", 0, true};
		struct asked got = ask(rows[i].json, &a);
		assert_int_equal(got.verdict, rows[i].verdict);
		values_release(&got.captures);
	}
}

static void mistakes(void **state)
{
	static const struct {
		const char *json, *part;
	} rows[] = {
	    {"{}", "expected a judge"},
	    {"[]", "expected an object"},
	    {"{'exits':0}", "unknown member \"exits\" (did you mean \"exit\"?)"},
	    {"{'exit':300}", "from 0 to 255"},
	    {"{'exit':[]}", "empty"},
	    {"{'exit':0,'is':1}", "\"is\" needs a \"json\""},
	    {"{'exit':0,'in':'out'}", "\"in\" needs a \"match\""},
	    {"{'match':'('}", "p: match: pattern \"(\": missing closing parenthesis"},
	    {"{'match':'(?<Bad>x)'}", "group name \"Bad\""},
	    {"{'match':'\\\\Cx'}", "pattern"},
	    {"{'match':'(*UTF)x'}", "pattern"},
	    {"{'match':'x','in':'both'}", "p: in: expected \"out\""},
	    {"{'match':5}", "expected a text"},
	    {"{'json':'status'}", "must start with \"/\""},
	    {"{'json':'/a','is':{}}", "expected a text, a number"},
	    {"{'json':'/a','in':[]}", "empty"},
	    {"{'json':'/a','count':'x'}", "\"count\" needs"},
	    {"{'json':'/a','save':'A B'}", "is no name"},
	    {"{'json':'/a','is':'${'}", "expected ${name}"},
	    {"{'value':'x'}", "nothing says"},
	    {"{'value':'X','is':1}", "is no name"},
	    {"{'value':'x','is':1,'exit':0}", "unknown member \"exit\""},
	    {"{'version':'x','same_parts':0}", "from 1 to 9"},
	    {"{'all':[]}", "empty"},
	    {"{'all':[{'exit':0},{'exit':'x'}]}", "p: all[1].exit"},
	    {"{'any':{'exit':0}}", "expected a list"},
	    {"{'no':[]}", "expected an object"},
	    {"{'all':[{'exit':0}],'exit':0}", "unknown member"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		cJSON *root = tree(rows[i].json);
		struct jnode at = json_root(root, "p");
		struct judge *j = judge_new(&at, NULL, &e);
		if (j)
			fail_msg("accepted: %s", rows[i].json);
		has(e.text, rows[i].part);
		cJSON_Delete(root);
	}
}

static int note(void *ctx, const char *name, struct err *e)
{
	(void)e;
	str_printf(ctx, "%s ", name);
	return 0;
}

static void reads_and_makes(void **state)
{
	struct judge *j =
	    must_judge("{'all':[{'value':'a','is':'${b}'},{'json':'/x','count':'${c}','least':1,"
	               "'save':'d'},{'no':{'match':'(?<e>.)'}},{'version':'f','same_parts':1}]}");
	struct str out = {0};
	(void)state;
	assert_int_equal(judge_reads(j, note, &out, NULL), 0);
	assert_string_equal(str_text(&out), "a b c f from ");
	str_clear(&out);
	assert_int_equal(judge_makes(j, note, &out, NULL), 0);
	assert_string_equal(str_text(&out), "d e ");
	str_release(&out);
	judge_free(j);
	judge_free(NULL);
}

static void patterns(void **state)
{
	struct err e = {0};
	struct values v = {0};
	struct pattern *p = pattern_new("licen[cs]e (?<what>\\w+)", true, &e);
	(void)state;
	assert_int_equal(pattern_match(p, "No LICENSE Foo", 14, &v), VERDICT_YES);
	assert_string_equal(values_get(&v, "what"), "Foo");
	assert_int_equal(pattern_match(p, "nothing", 7, &v), VERDICT_NO);
	assert_int_equal(pattern_match(p, NULL, 0, NULL), VERDICT_NO);
	pattern_free(p);
	pattern_free(NULL);
	assert_null(pattern_new("[", false, &e));
	values_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exits),        cmocka_unit_test(matches),
	    cmocka_unit_test(json),         cmocka_unit_test(values),
	    cmocka_unit_test(combined),     cmocka_unit_test(captures),
	    cmocka_unit_test(hostile),      cmocka_unit_test(many_starts),
	    cmocka_unit_test(shown_safely), cmocka_unit_test(cut),
	    cmocka_unit_test(mistakes),     cmocka_unit_test(reads_and_makes),
	    cmocka_unit_test(patterns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
