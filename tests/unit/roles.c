/* SPDX-License-Identifier: ISC */
/* Roles by hand, from a file and by rule. */
#include "help.h"

#include "model/inventory.h"

#define TWO                                                                                        \
	"{'format':1,'devices':["                                                                  \
	"{'name':'leaf01','platform':'sim','tags':['rack1']},"                                     \
	"{'name':'leaf02','platform':'sim','role':'exit'},"                                        \
	"{'name':'spine01','platform':'sim'},"                                                     \
	"{'name':'fw1','platform':'sim'}],"                                                        \
	"'rules':[{'match':'leaf*','role':'leaf'},{'match':'fw*'},{'match':'*1','role':'any'}]}"

static struct inventory *read(const char *json, struct err *e)
{
	cJSON *root = tree(json);
	struct inventory *inv = inventory_from_json(root, "inv.json", e);
	cJSON_Delete(root);
	return inv;
}

static struct inventory *good(void)
{
	struct err e = {0};
	struct inventory *inv = read(TWO, &e);
	if (!inv)
		fail_msg("%s", e.text);
	return inv;
}

static void role(const struct inventory *inv, size_t d, const char *name, enum role_source by)
{
	if (name)
		assert_string_equal(inv->devices.v[d].role, name);
	else
		assert_null(inv->devices.v[d].role);
	assert_int_equal(inv->devices.v[d].role_by, by);
}

static void first_wins(void **state)
{
	struct inventory *inv = good();
	(void)state;
	role(inv, 0, "leaf", ROLE_BY_RULE);
	role(inv, 1, "exit", ROLE_FROM_FILE); /* its own role */
	role(inv, 2, "any", ROLE_BY_RULE);
	assert_int_equal(inv->devices.v[2].role_rule, 2);
	role(inv, 3, NULL, ROLE_BY_RULE); /* the rule says: none */
	inventory_free(inv);
}

static void by_hand(void **state)
{
	struct inventory *inv = good();
	struct err e = {0};
	(void)state;
	assert_int_equal(inventory_set(inv, 0, "role", "spine", &e), 0);
	role(inv, 0, "spine", ROLE_BY_HAND);
	assert_int_equal(inventory_set(inv, 2, "role", NULL, &e), 0);
	role(inv, 2, NULL, ROLE_BY_HAND);
	assert_int_equal(inventory_rule_add(inv, 0, "*", "new", &e), 0);
	role(inv, 0, "spine", ROLE_BY_HAND);
	role(inv, 2, NULL, ROLE_BY_HAND);
	role(inv, 3, "new", ROLE_BY_RULE);
	inventory_role_by_rules(inv, 0);
	role(inv, 0, "new", ROLE_BY_RULE);
	inventory_rule_remove(inv, 0);
	role(inv, 0, "leaf", ROLE_BY_RULE);
	inventory_free(inv);
}

static void kept(void **state)
{
	struct inventory *inv = good();
	struct err e = {0};
	(void)state;
	assert_int_equal(inventory_set(inv, 2, "role", NULL, &e), 0);
	cJSON *root = inventory_to_json(inv);
	struct inventory *back = inventory_from_json(root, "back", &e);
	struct inventory *copy = inventory_copy(inv);
	cJSON_Delete(root);
	assert_non_null(back);
	for (size_t i = 0; i < inv->devices.n; i++) {
		role(back, i, inv->devices.v[i].role, inv->devices.v[i].role_by);
		role(copy, i, inv->devices.v[i].role, inv->devices.v[i].role_by);
	}
	inventory_free(copy);
	inventory_free(back);
	inventory_free(inv);
}

/* The plan rests on what the roles are, not on where they are from. */
static void fingerprint(void **state)
{
	struct inventory *inv = good(), *other = good();
	struct err e = {0};
	char a[17], b[17];
	(void)state;
	assert_int_equal(inventory_set(other, 0, "role", "leaf", &e), 0);
	assert_int_equal(inventory_set(other, 0, "serial", "X", &e), 0);
	inventory_fingerprint(inv, a);
	inventory_fingerprint(other, b);
	assert_string_equal(a, b);
	assert_int_equal(inventory_set(other, 0, "role", "spine", &e), 0);
	inventory_fingerprint(other, b);
	assert_string_not_equal(a, b);
	inventory_free(inv);
	inventory_free(other);
}

static void matching(void **state)
{
	static const struct {
		const char *match;
		bool yes;
	} rows[] = {{"leaf01", true},      {"leaf?1", true},   {"leaf", false},
		    {"#rack1", true},      {"#rack2", false},  {"~^leaf\\d+$", true},
		    {"~^leaf\\d$", false}, {"[a-l]eaf*", true}};
	struct err e = {0};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct inventory *inv = good();
		assert_int_equal(inventory_rule_add(inv, 0, rows[i].match, "x", &e), 0);
		assert_int_equal(inventory_rule_matches(&inv->rules.v[0], &inv->devices.v[0]),
				 rows[i].yes);
		inventory_free(inv);
	}
}

static void refused(const char *match, const char *name, const char *part)
{
	struct inventory *inv = good();
	struct err e = {0};
	assert_int_equal(inventory_rule_add(inv, 0, match, name, &e), -1);
	has(e.text, part);
	assert_int_equal(inv->rules.n, 3);
	inventory_free(inv);
}

static void mistakes(void **state)
{
	struct err e = {0};
	(void)state;
	refused("", "x", "expected a name with wildcards");
	refused("@leaf", "x", "it cannot ask for one");
	refused("#a b", "x", "letters, digits");
	refused("~(", "x", "\"~(\"");
	refused("leaf*", "x", "there is a rule for \"leaf*\" already (role leaf)");
	refused("a*", "x y", "role: ");
	assert_null(read("{'format':1,'devices':[{'name':'a','platform':'x'}],"
			 "'rules':[{'match':'a','roll':'b'}]}",
			 &e));
	has(e.text, "rules[0]");
	assert_null(
	    read("{'format':1,'devices':[{'name':'a','platform':'x','role_by':'me'}]}", &e));
	has(e.text, "devices[0].role_by: expected \"hand\" or \"rule\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_wins),  cmocka_unit_test(by_hand),  cmocka_unit_test(kept),
	    cmocka_unit_test(fingerprint), cmocka_unit_test(matching), cmocka_unit_test(mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
