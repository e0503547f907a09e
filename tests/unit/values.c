/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/values.h"

static void set_get(void **state)
{
	struct values v = {0}, w = {0};
	(void)state;
	assert_null(values_get(&v, "a"));
	values_set(&v, "a", "1");
	values_setf(&v, "b", "%d", 2);
	values_set(&v, "a", "3");
	assert_string_equal(values_get(&v, "a"), "3");
	assert_int_equal(v.n, 2);
	assert_string_equal(v.v[0].name, "a");
	values_set(&w, "c", "4");
	values_merge(&w, &v);
	assert_int_equal(w.n, 3);
	values_set(&w, "c", NULL);
	values_set(&w, "nothing", NULL);
	assert_null(values_get(&w, "c"));
	values_copy(&v, &w);
	values_copy(&v, &v);
	assert_int_equal(v.n, 2);
	values_set(&v, "a", values_get(&v, "a")); /* its own text */
	assert_string_equal(values_get(&v, "a"), "3");
	values_release(&v);
	values_release(&v);
	values_release(&w);
}

static void json(void **state)
{
	struct values v = {0}, w = {0};
	(void)state;
	values_set(&v, "x", "a\nb");
	values_set(&v, "y", "");
	cJSON *object = values_to_json(&v);
	cJSON_AddNumberToObject(object, "n", 1);
	values_from_json(&w, object);
	assert_int_equal(w.n, 2);
	assert_string_equal(values_get(&w, "x"), "a\nb");
	assert_string_equal(values_get(&w, "y"), "");
	cJSON_Delete(object);
	values_from_json(&w, NULL);
	values_release(&v);
	values_release(&w);
}

static void scopes(void **state)
{
	struct values a = {0}, b = {0};
	(void)state;
	values_set(&a, "x", "first");
	values_set(&b, "x", "second");
	values_set(&b, "y", "only");
	struct scope s = {{NULL, &a, NULL, &b}};
	assert_string_equal(scope_get(&s, "x"), "first");
	assert_string_equal(scope_get(&s, "y"), "only");
	assert_null(scope_get(&s, "z"));
	assert_null(scope_get(NULL, "x"));
	values_release(&a);
	values_release(&b);
}

static void bytes(void **state)
{
	(void)state;
	char *text = text_from_bytes("a\0b\xff\xc3\xa4", 6);
	assert_string_equal(text, "a?b?\xc3\xa4");
	free(text);
	text = text_from_bytes("\xe2\x82", 2); /* half a character at the end */
	assert_string_equal(text, "??");
	free(text);
	assert_true(text_has_control("a\nb", ""));
	assert_false(text_has_control("a\nb", "\n"));
	assert_true(text_has_control("\x7f", "\n"));
	assert_true(text_has_control("\xc2\x9b", "\n"));
	assert_false(text_has_control("\xc2\xa0", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(set_get),
	    cmocka_unit_test(json),
	    cmocka_unit_test(scopes),
	    cmocka_unit_test(bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
