/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/credential.h"

#include "base/path.h"

#define ONE(rest) "{'format':1,'credentials':[{'name':'lab','user':'ops'," rest "}]}"

static int load(const char *json, struct credentials *list, struct err *e)
{
	char *text = quoted(json), *path = make_file(text, strlen(text));
	int result = credentials_load(list, path, e);
	free(text);
	drop_file(path);
	return result;
}

static void methods(void **state)
{
	static const char *const fine[] = {
	    ONE("'method':'agent'"),
	    ONE("'method':'password','added':5"),
	    ONE("'method':'key','key':'/home/ops/.ssh/id'"),
	    ONE("'method':'command','command':['/usr/bin/pass','show','x y']"),
	    ONE("'method':'systemd','systemd':'lab.pw'"),
	};
	(void)state;
	for (size_t i = 0; i < LEN(fine); i++) {
		struct credentials list = {0}, back = {0};
		struct err e = {0};
		if (load(fine[i], &list, &e) < 0)
			fail_msg("%s: %s", fine[i], e.text);
		char *path = make_file("", 0);
		assert_int_equal(credentials_save(&list, path, &e), 0);
		assert_int_equal(credentials_load(&back, path, &e), 0);
		const struct credential *c = credentials_find(&back, "lab");
		assert_string_equal(c->user, "ops");
		assert_int_equal(c->method, list.v[0].method);
		assert_int_equal(c->added, list.v[0].added);
		assert_true(str_eq(c->key, list.v[0].key) && str_eq(c->systemd, list.v[0].systemd));
		if (c->command)
			assert_string_equal(c->command[2], "x y");
		credentials_release(&list);
		credentials_release(&back);
		drop_file(path);
	}
}

static void mistakes(void **state)
{
	static const struct {
		const char *json, *part;
	} rows[] = {
	    {ONE("'method':'pasword'"),
	     "credentials[0].method: there is no method \"pasword\" (did you mean \"password\"?)"},
	    {ONE("'method':'password','password':'x'"),
	     "credentials[0]: unknown member \"password\""},
	    {ONE("'method':'password','key':'/x'"), "do not go with it"},
	    {ONE("'method':'key'"), "needs \"key\""},
	    {ONE("'method':'key','key':'id'"), "absolute path"},
	    {ONE("'method':'command','command':[]"), "absolute path"},
	    {ONE("'method':'command','command':['pass']"), "absolute path"},
	    {ONE("'method':'command','command':'/usr/bin/pass'"), "expected a list"},
	    {ONE("'method':'systemd','systemd':'../x'"), "plain file name"},
	    {"{'format':1,'credentials':[{'name':'lab','user':'-x','method':'agent'}]}", "user: "},
	    {"{'format':1,'credentials':[{'name':'lab','user':'a;b','method':'agent'}]}", "user: "},
	    {"{'format':1,'credentials':[{'name':'a/b','user':'x','method':'agent'}]}", "no name"},
	    {"{'format':1,'credentials':[{'name':'a','method':'agent'}]}", "user: "},
	    {"{'format':1,'credentials':[{'name':'a','user':'x'}]}", "\"method\" is missing"},
	    {"{'format':1,'credentials':[{'name':'a','user':'x','method':'agent'},"
	     "{'name':'a','user':'y','method':'agent'}]}",
	     "credentials[1]: there is a credential \"a\" already"},
	    {"{'format':3,'credentials':[]}", "format"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct credentials list = {0};
		struct err e = {0};
		if (load(rows[i].json, &list, &e) == 0)
			fail_msg("accepted: %s", rows[i].json);
		has(e.text, rows[i].part);
		assert_int_equal(list.n, 0);
	}
}

static void list(void **state)
{
	struct credentials all = {0};
	struct err e = {0};
	(void)state;
	assert_int_equal(credentials_load(&all, "/nowhere/at/all", &e), 0);
	assert_int_equal(all.n, 0);
	struct credential c = {.name = xstrdup("a"), .user = xstrdup("u")};
	assert_int_equal(credentials_add(&all, &c, &e), 0);
	assert_null(c.name);
	c = (struct credential){.name = xstrdup("a"), .user = xstrdup("u")};
	assert_int_equal(credentials_add(&all, &c, &e), -1);
	assert_null(c.name); /* taken all the same */
	assert_int_equal(credentials_remove(&all, "b", &e), -1);
	assert_int_equal(credentials_remove(&all, "a", &e), 0);
	assert_null(credentials_find(&all, "a"));
	credentials_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(methods),
	    cmocka_unit_test(mistakes),
	    cmocka_unit_test(list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
