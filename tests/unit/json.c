/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/json.h"
#include "model/values.h"

static void refused(const char *text, size_t n, const char *part)
{
	struct err e = {0};
	cJSON *root = json_parse(text, n, "f.json", &e);
	if (root)
		fail_msg("accepted: %s", text);
	assert_int_equal(e.kind, ERR_INPUT);
	has(e.text, part);
}

static void syntax(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
	    {"{\"a\":1} x", "f.json:1:9:"},
	    {"{\"a\":1}{}", "f.json:1:8:"},
	    {"", "f.json:1:1:"},
	    {"{\n \"a\":\n ]", "f.json:3:2:"},
	    {"\"\xff\"", "f.json:1:2: this byte is not valid UTF-8"},
	    {"\"\xc0\x80\"", "not valid UTF-8"},
	    {"\"\xed\xa0\x80\"", "not valid UTF-8"},
	    {"[\"\\u0000\"]", "f.json:1:3: \\u0000"},
	    {"[\"\\\\\\u0000\"]", "\\u0000"},
	    {"[\"\\ud800\"]", "f.json:1:"},
	    {"[\"a\x1b[31m\"]", "f.json:1:4: control character"},
	    {"[\"a\nb\"]", "control character"},
	    {"[1\f]", "control character"},
	    {"[\"abc", "no end"},
	    {"[\"abc\\", "no end"},
	    {"[01]", "f.json:1:2: this is not a JSON number"},
	    {"[1.]", "not a JSON number"},
	    {"[-]", "not a JSON number"},
	    {"[1e]", "not a JSON number"},
	    {"[1e400]", "f.json: [0]: this number is too large"},
	    {"[-1e999]", "too large"},
	    {"[+1]", "f.json:1:2: found \"+\", expected a value or ]"},
	    {"[.5]", "f.json:1:2: found \".\", expected a value or ]"},
	    {"[1 .5]", "f.json:1:4: found \".\", expected a comma (,) or ]"},
	    {"[NaN]", "f.json:1:2: found \"NaN\", expected a value or ]"},
	    {"[1,]", "f.json:1:4: found \"]\", expected a value: text in"},
	    {"{\"a\":1,}", "f.json:1:8: found \"}\", expected another member: a name in \"...\""},
	    {"{a:1}", "f.json:1:2: found \"a\", expected a member's name in \"...\" or }"},
	    {"{'a':1}", "f.json:1:2: found ', expected a member's name"},
	    {"// x\n1", "f.json:1:1: found \"/\", expected a value"},
	    {"{\n  \"a\" 1}", "f.json:2:7: found \"1\", expected a colon (:) between"},
	    {"{\"a\":1\n \"b\":2}", "f.json:2:2: found \", expected a comma (,) or }"},
	    {"{\"a\":[1}", "f.json:1:8: found \"}\", expected a comma (,) or ]"},
	    {"{\"a\":tru}", "f.json:1:6: found \"tru\", expected a value"},
	    {"{\"a\":1", "f.json:1:7: found the end of the file, expected a comma (,) or }"},
	    {"{\"a\":{}}}", "f.json:1:9: found \"}\", expected the end of the file"},
	    {"[\"a\\x41\"]", "f.json:1:4: found \"\\x\", expected \\\", \\\\"},
	    {"[\"a\\u00g1\"]", "f.json:1:4: found \"\\u\", expected \\\", \\\\"},
	    {"[\xc3\xa4]", "f.json:1:2: found \"\xc3\xa4\", expected a value or ]"},
	    {"{\"a\":1,\"a\":2}", "f.json: member \"a\" occurs twice"},
	    {"{\"x\":[1,{\"b\":1,\"c\":0,\"b\":2}]}", "f.json: x[1]: member \"b\" occurs twice"},
	    {"{\"a\":1,\"\\u0061\":2}", "occurs twice"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		refused(rows[i].text, strlen(rows[i].text), rows[i].part);
	refused("[1]\0", 4, "NUL byte");
	refused("[\"a\0b\"]", 7, "control character");
}

static void accepted(void **state)
{
	static const char *const rows[] = {
	    "1",
	    "\"\"",
	    "null",
	    "[]",
	    "{}",
	    " \t\r\n[ 0 , -0.5e+3 ]\n",
	    "\xef\xbb\xbf{}",
	    "[\"\\\\u0000\"]",
	    "{\"a\":1,\"A\":2}",
	    "[\"\\u00e4 \\ud83d\\ude00 \\n\"]",
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		cJSON *root = json_parse(rows[i], strlen(rows[i]), "f", &e);
		if (!root)
			fail_msg("%s: %s", rows[i], e.text);
		cJSON_Delete(root);
	}
}

static void depth(void **state)
{
	struct str text = {0};
	struct err e = {0};
	(void)state;
	for (int i = 0; i < 32; i++)
		str_putc(&text, '[');
	for (int i = 0; i < 32; i++)
		str_putc(&text, ']');
	cJSON *root = json_parse(text.buf, text.len, "f", &e);
	assert_non_null(root);
	cJSON_Delete(root);
	str_clear(&text);
	for (int i = 0; i < 33; i++)
		str_putc(&text, '[');
	refused(text.buf, text.len, "nested too deeply");
	str_clear(&text);
	for (int i = 0; i < 100000; i++)
		str_puts(&text, "{\"a\":");
	refused(text.buf, text.len, "nested too deeply");
	str_release(&text);
}

static void not_terminated(void **state)
{
	struct err e = {0};
	char *text = xmalloc(3); /* a sanitizer sees a byte too many */
	(void)state;
	memcpy(text, "[1]", 3);
	cJSON *root = json_parse(text, 3, "f", &e);
	assert_non_null(root);
	cJSON_Delete(root);
	memcpy(text, "[\"1", 3);
	refused(text, 3, "no end");
	memcpy(text, "123", 3);
	root = json_parse(text, 2, "f", &e);
	assert_int_equal(root->valuedouble, 12);
	cJSON_Delete(root);
	free(text);
}

static void foreign(void **state)
{
	(void)state;
	cJSON *root = json_parse_foreign("{\"a\":1,\"a\":2}", 13);
	assert_int_equal(json_number(root, "a", 0), 1);
	cJSON_Delete(root);
	root = json_parse_foreign("[\"\xe4\"]", 5);
	assert_string_equal(root->child->valuestring, "?");
	cJSON_Delete(root);
	assert_null(json_parse_foreign("[1] x", 5));
	assert_null(json_parse_foreign("", 0));
	assert_null(json_parse_foreign("[1]\0", 4));
	assert_null(json_parse_foreign("% not running", 13));
}

static void numbers(void **state)
{
	cJSON *root =
	    tree("{'a':9007199254740993,'b':1.5,'c':70000,'d':-3,'e':'5','f':9007199254740991}");
	struct jnode at = json_root(root, "f"), m;
	struct err e = {0};
	int64_t n;
	static const char *const wrong[] = {"a", "b", "c", "d", "e"};
	(void)state;
	for (size_t i = 0; i < LEN(wrong); i++) {
		assert_true(json_get(&at, wrong[i], &m));
		assert_int_equal(json_int(&m, 1, 65535, &n, &e), -1);
	}
	has(e.text, "f: e: expected a whole number from 1 to 65535");
	assert_true(json_get(&at, "a", &m));
	assert_int_equal(json_int(&m, 0, INT64_MAX, &n, &e), -1);
	assert_true(json_get(&at, "f", &m));
	assert_int_equal(json_int(&m, 0, INT64_MAX, &n, &e), 0);
	assert_true(n == 9007199254740991);
	cJSON_Delete(root);
}

static void getters(void **state)
{
	cJSON *root =
	    tree("{'list':[{'port':1},{'port':'x'}],'t':'a\\u001bb','s':'ok','no':null,'b':true}");
	struct jnode at = json_root(root, "i.json"), list, item, port;
	struct err e = {0};
	const char *text;
	char *copy;
	int64_t n;
	bool flag;
	(void)state;
	assert_false(json_get(&at, "no", &item));
	assert_false(json_get(&at, "LIST", &item));
	assert_int_equal(json_need(&at, "no", &item, &e), -1);
	has(e.text, "i.json: member \"no\" is missing");
	assert_true(json_get(&at, "list", &list));
	assert_int_equal(json_count(&list), 2);
	item = json_item(&list, 1);
	assert_true(json_get(&item, "port", &port));
	assert_int_equal(json_int(&port, 1, 9, &n, &e), -1);
	has(e.text, "i.json: list[1].port: expected a whole number from 1 to 9");
	assert_true(json_get(&at, "t", &item));
	assert_int_equal(json_string(&item, &text, &e), -1);
	has(e.text, "i.json: t: control characters");
	assert_int_equal(json_object(&item, &e), -1);
	assert_int_equal(json_array(&item, &e), -1);
	assert_int_equal(json_bool(&item, &flag, &e), -1);
	assert_int_equal(json_opt_string(&at, "s", NULL, &copy, &e), 0);
	assert_string_equal(copy, "ok");
	free(copy);
	assert_int_equal(json_opt_string(&at, "zz", NULL, &copy, &e), 0);
	assert_null(copy);
	assert_int_equal(json_opt_string(&at, "zz", "dflt", &copy, &e), 0);
	assert_string_equal(copy, "dflt");
	free(copy);
	assert_int_equal(json_opt_int(&at, "zz", 0, 9, 7, &n, &e), 0);
	assert_int_equal(n, 7);
	assert_int_equal(json_opt_bool(&at, "b", false, &flag, &e), 0);
	assert_true(flag);
	assert_int_equal(json_opt_bool(&at, "s", false, &flag, &e), -1);
	cJSON_Delete(root);
}

static void walking(void **state)
{
	cJSON *root = tree("{'a':1,'b':2,'c':[]}");
	struct jnode at = json_root(root, "f"), m, none;
	size_t n = 0;
	(void)state;
	for (bool on = json_first(&at, &m); on; on = json_next(&m), n++) {
		assert_string_equal(m.key, n == 0 ? "a" : n == 1 ? "b" : "c");
		assert_int_equal(m.index, n);
	}
	assert_int_equal(n, 3);
	m = json_member(&at, 2);
	assert_string_equal(m.key, "c");
	assert_false(json_first(&m, &none));
	cJSON_Delete(root);
}

static void unknown_members(void **state)
{
	static const char *const keys[] = {"address", "port", "name", NULL};
	cJSON *root = tree("{'name':'x','prot':1}"), *far = tree("{'zzz':1}");
	struct jnode at = json_root(root, "f");
	struct err e = {0};
	(void)state;
	assert_int_equal(json_only(&at, keys, &e), -1);
	has(e.text, "f: unknown member \"prot\" (did you mean \"port\"?)");
	at = json_root(far, "f");
	assert_int_equal(json_only(&at, keys, &e), -1);
	assert_null(strstr(e.text, "did you mean"));
	cJSON_Delete(root);
	cJSON_Delete(far);
	assert_string_equal(json_nearest("adress", keys), "address");
	assert_string_equal(json_nearest("nmae", keys), "name");
	assert_null(json_nearest("nothing", keys));
	assert_null(json_nearest("ab", keys));
}

static int collect(void *ctx, const cJSON *found, const char *key)
{
	char *leaf = json_leaf(found);
	str_printf(ctx, "%s=%s;", key ? key : "-", leaf);
	free(leaf);
	return 0;
}

static void pointers(void **state)
{
	static const struct {
		const char *pointer, *found;
	} rows[] = {
	    {"/a/0", "-=1;"},
	    {"/a/*", "-=1;-=true;-=null;"},
	    {"/a/3", ""},
	    {"/a/00", ""},
	    {"/a/-1", ""},
	    {"/o/*/s", "p=up;q=down;"},
	    {"/o/*", "p={\"s\":\"up\"};q={\"s\":\"down\"};"},
	    {"/x~1y", "-=z;"},
	    {"/m~0n", "-=t;"},
	    {"/none/*", ""},
	    {"/a/0/b", ""},
	    {"/", "-=empty;"},
	    {"/a/99999999999999999999", ""},
	};
	cJSON *root = tree("{'a':[1,true,null],'o':{'p':{'s':'up'},'q':{'s':'down'}},'x/y':'z',"
	                   "'m~n':'t','':'empty'}");
	struct err e = {0};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str out = {0};
		json_pointer_each(root, rows[i].pointer, collect, &out);
		assert_string_equal(str_text(&out), rows[i].found);
		str_release(&out);
	}
	cJSON_Delete(root);
	assert_int_equal(json_pointer_check("/a/*/b~0", &e), 0);
	assert_int_equal(json_pointer_check("a", &e), -1);
	assert_int_equal(json_pointer_check("", &e), -1);
	assert_int_equal(json_pointer_check("/a~2", &e), -1);
}

static void files(void **state)
{
	struct err e = {0};
	char *path = make_file("{\"a\":1} junk", 12);
	(void)state;
	assert_null(json_load(path, &e));
	has(e.text, path);
	has(e.text, ":1:9:");
	drop_file(path);
	assert_null(json_load("/nowhere/at/all", &e));
	assert_null(json_load("/", &e));
}

static void strings(void **state)
{
	cJSON *root = tree("{'l':['a','b'],'bad':['a',1],'t':'x'}");
	struct jnode at = json_root(root, "f");
	struct err e = {0};
	char **list;
	(void)state;
	assert_int_equal(json_opt_strings(&at, "l", &list, &e), 0);
	assert_string_equal(list[1], "b");
	assert_null(list[2]);
	cJSON *back = json_strings(list);
	assert_int_equal(cJSON_GetArraySize(back), 2);
	cJSON_Delete(back);
	strings_free(list);
	assert_int_equal(json_opt_strings(&at, "none", &list, &e), 0);
	assert_null(list);
	assert_int_equal(json_opt_strings(&at, "bad", &list, &e), -1);
	has(e.text, "bad[1]");
	assert_null(list);
	assert_int_equal(json_opt_strings(&at, "t", &list, &e), -1);
	cJSON_Delete(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(syntax),          cmocka_unit_test(accepted),
	    cmocka_unit_test(depth),           cmocka_unit_test(not_terminated),
	    cmocka_unit_test(foreign),         cmocka_unit_test(numbers),
	    cmocka_unit_test(getters),         cmocka_unit_test(walking),
	    cmocka_unit_test(unknown_members), cmocka_unit_test(pointers),
	    cmocka_unit_test(files),           cmocka_unit_test(strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
