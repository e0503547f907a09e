/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/inventory.h"
#include "model/json.h"
#include "model/values.h"

#define GOOD                                                                                       \
	"{'format':1,'devices':["                                                                  \
	"{'name':'leaf01','address':'192.0.2.11','port':2201,'platform':'sim','role':'leaf',"      \
	"'credential':'lab','site':'ams1','tags':['rack1','odd']},"                                \
	"{'name':'leaf02','address':'192.0.2.12','platform':'sim','role':'leaf','tags':['rack1']}" \
	","                                                                                        \
	"{'name':'spine01','address':'2001:db8::1','platform':'sim','role':'spine'},"              \
	"{'name':'host01','platform':'sim','anchor':true}],"                                       \
	"'groups':[{'name':'pair','kind':'mlag','members':['leaf01','leaf02']}],"                  \
	"'links':[['leaf01:swp51','spine01:swp1'],['leaf02','spine01:et-0/0/0:1']]}"

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
	struct inventory *inv = read(GOOD, &e);
	if (!inv)
		fail_msg("%s", e.text);
	return inv;
}

static void members(void **state)
{
	struct inventory *inv = good();
	const struct device *d = inv->devices.v;
	(void)state;
	assert_int_equal(inv->devices.n, 4);
	assert_string_equal(d[0].name, "leaf01");
	assert_int_equal(d[0].port, 2201);
	assert_string_equal(d[0].credential, "lab");
	assert_string_equal(d[0].tags[1], "odd");
	assert_int_equal(d[1].port, 22);
	assert_string_equal(d[1].credential, "default");
	assert_null(d[1].site);
	assert_string_equal(d[3].address, "host01");
	assert_true(d[3].anchor && !d[0].anchor);
	assert_null(d[3].role);
	assert_int_equal(inventory_find(inv, "spine01"), 2);
	assert_true(inventory_find(inv, "spine02") == NO_DEVICE);
	assert_string_equal(inventory_group(inv, 1)->name, "pair");
	assert_null(inventory_group(inv, 2));
	assert_string_equal(inv->links.v[0].a_port, "swp51");
	assert_null(inv->links.v[1].a_port);
	assert_string_equal(inv->links.v[1].b_port, "et-0/0/0:1");
	inventory_free(inv);
	inventory_free(NULL);
}

static void round_trip(void **state)
{
	struct err e = {0};
	struct inventory *inv = good();
	char *path = make_file("", 0);
	(void)state;
	assert_int_equal(inventory_save(inv, path, &e), 0);
	struct inventory *back = inventory_load(path, &e);
	assert_non_null(back);
	cJSON *a = inventory_to_json(inv), *b = inventory_to_json(back);
	char *x = json_print(a, false), *y = json_print(b, false);
	assert_string_equal(x, y);
	free(x);
	free(y);
	cJSON_Delete(a);
	cJSON_Delete(b);
	inventory_free(inv);
	inventory_free(back);
	drop_file(path);
}

/* Each row spoils one thing of the good one. */
static void mistakes(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} rows[] = {
	    {"'format':1", "'format':2", "inv.json: format: expected a whole number from 1 to 1"},
	    {"'format':1,", "", "\"format\" is missing"},
	    {"'port':2201", "'prot':2201",
	     "devices[0]: unknown member \"prot\" (did you mean \"port\"?)"},
	    {"'port':2201", "'port':0", "devices[0].port: expected a whole number from 1 to 65535"},
	    {"'port':2201", "'port':65536", "devices[0].port"},
	    {"'port':2201", "'port':'22'", "devices[0].port"},
	    {"'name':'leaf02'", "'name':'leaf01'", "devices[1]: the name \"leaf01\" occurs twice"},
	    {"'192.0.2.12'", "'192.0.2.11','port':2201",
	     "devices[1]: \"leaf02\" has the address 192.0.2.11 port 2201 of \"leaf01\""},
	    {"'192.0.2.12'", "'2001:0DB8:0::1'",
	     "\"spine01\" has the address 2001:db8::1 port 22 of \"leaf02\" (2001:0DB8:0::1)"},
	    {"'192.0.2.12'", "'::ffff:192.0.2.11','port':2201",
	     "\"leaf02\" has the address ::ffff:192.0.2.11 port 2201 of \"leaf01\""},
	    {"'192.0.2.12'", "'HOST01'", "has the address host01 port 22 of \"leaf02\" (HOST01)"},
	    {"'name':'host01'", "'name':'-oProxy'", "devices[3].name: \"-oProxy\" is no name"},
	    {"'name':'host01'", "'name':'a b'", "devices[3].name"},
	    {"'name':'host01'", "'name':'a;b'", "devices[3].name"},
	    {"'name':'host01'", "'name':'a$b'", "devices[3].name"},
	    {"'name':'host01'", "'name':'a/b'", "devices[3].name"},
	    {"'name':'host01'", "'name':'../b'", "devices[3].name"},
	    {"'name':'host01'", "'name':''", "devices[3].name"},
	    {"'name':'host01'", "'name':'a\\u001bb'", "devices[3].name: control"},
	    {"'name':'host01'", "'name':'\xc3\xa4'", "devices[3].name"},
	    {"'name':'host01'", "'name':5", "devices[3].name: expected a text"},
	    {"'name':'host01',", "", "devices[3]: member \"name\" is missing"},
	    {"'192.0.2.12'", "'-oProxyCommand=x'", "devices[1].address"},
	    {"'192.0.2.12'", "'192.0.2.256'", "devices[1].address"},
	    {"'192.0.2.12'", "'a..b'", "devices[1].address"},
	    {"'192.0.2.12'", "'a`id`'", "devices[1].address"},
	    {"'192.0.2.12'", "'root@x'", "devices[1].address"},
	    {"'192.0.2.12'", "'fe80::1%$(id)'", "devices[1].address"},
	    {"'192.0.2.12'", "''", "devices[1].address"},
	    {"'role':'spine'", "'role':'a,b'", "devices[2].role"},
	    {"'role':'spine'", "'role':''", "devices[2].role"},
	    {"'platform':'sim','role':'spine'", "'role':'spine'",
	     "devices[2]: member \"platform\" is missing"},
	    {"'credential':'lab'", "'credential':'../lab'", "devices[0].credential"},
	    {"'site':'ams1'", "'site':'a\\nb'", "devices[0].site"},
	    {"'rack1','odd'", "'rack1','o d'", "devices[0].tags[1]"},
	    {"'anchor':true", "'anchor':'yes'", "devices[3].anchor: expected true or false"},
	    {"['leaf01','leaf02']", "['leaf01','leaf03']",
	     "groups[0].members[1]: there is no device \"leaf03\""},
	    {"['leaf01','leaf02']", "['leaf01','leaf01']",
	     "groups[0].members[1]: \"leaf01\" occurs twice"},
	    {"['leaf01','leaf02']", "['leaf01']",
	     "groups[0].members: a group has at least two members"},
	    {"'members':[", "'member':[", "groups[0]: unknown member \"member\""},
	    {"}],'links'", "},{'name':'pair','members':['leaf01','host01']}],'links'",
	     "the group \"pair\" occurs twice"},
	    {"'spine01:swp1'", "'spine09:swp1'", "links[0][1]: there is no device \"spine09\""},
	    {"'spine01:swp1'", "'leaf01:swp1'", "links[0]: both ends are \"leaf01\""},
	    {"'spine01:swp1'", "'spine01:'", "links[0][1]"},
	    {"'spine01:swp1'", "'spine01:a b'", "links[0][1]"},
	    {"'leaf01:swp51',", "", "links[0]: a link has two ends"},
	    {GOOD, "{'format':1,'devices':[]}", "devices: there is no device in it"},
	    {"'devices':[", "'devices':{},'groupz':[", "unknown member \"groupz\""},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *json = changed(GOOD, rows[i].from, rows[i].to);
		struct inventory *inv = read(json, &e);
		if (inv)
			fail_msg("accepted: %s -> %s", rows[i].from, rows[i].to);
		assert_int_equal(e.kind, ERR_INPUT);
		has(e.text, rows[i].part);
		free(json);
	}
}

static void addresses(void **state)
{
	static const char *const fine[] = {"10.0.0.1", "::1", "fe80::1%eth0", "a.b-c.example",
	                                   "x_1"};
	struct err e = {0};
	struct inventory *inv = good();
	(void)state;
	for (size_t i = 0; i < LEN(fine); i++)
		if (inventory_set(inv, 0, "address", fine[i], &e) < 0)
			fail_msg("%s: %s", fine[i], e.text);
	inventory_free(inv);
}

static void chosen(const struct inventory *inv, const char *patterns, const char *wanted)
{
	struct err e = {0};
	struct str names = {0};
	size_t *list, n;
	if (inventory_select(inv, patterns, &list, &n, &e) < 0)
		fail_msg("%s: %s", patterns, e.text);
	for (size_t i = 0; i < n; i++)
		str_printf(&names, "%s ", inv->devices.v[list[i]].name);
	assert_string_equal(str_text(&names), wanted);
	str_release(&names);
	free(list);
}

/* Plain names that nobody knows are handed back, each once; anything else is an error still. */
static void pick(void **state)
{
	struct err e = {0};
	struct inventory *inv = good();
	size_t *list, n;
	char **missing;
	(void)state;
	assert_int_equal(inventory_pick(inv, "x1,leaf01,x2,x1", &list, &n, &missing, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(missing[0], "x1");
	assert_string_equal(missing[1], "x2");
	assert_null(missing[2]);
	strings_free(missing);
	free(list);
	assert_int_equal(inventory_pick(inv, "@leaf", &list, &n, &missing, &e), 0);
	assert_null(missing);
	free(list);
	assert_int_equal(inventory_pick(inv, "x1,@core", &list, &n, &missing, &e), -1);
	has(e.text, "no device has the role \"core\"");
	assert_int_equal(inventory_pick(inv, "leaf01,x*", &list, &n, &missing, &e), -1);
	inventory_free(inv);
}

/* A plan stands as long as nothing changes that it rests on. */
static void fingerprint(void **state)
{
	struct err e = {0};
	struct inventory *inv = good();
	char first[17], then[17];
	(void)state;
	inventory_fingerprint(inv, first);
	assert_int_equal(strlen(first), 16);
	assert_int_equal(inventory_set(inv, 0, "site", "ams2", &e), 0);
	assert_int_equal(inventory_set(inv, 0, "credential", "other", &e), 0);
	inventory_fingerprint(inv, then);
	assert_string_equal(first, then);
	assert_int_equal(inventory_set(inv, 0, "role", "spine", &e), 0);
	inventory_fingerprint(inv, then);
	assert_string_not_equal(first, then);
	inventory_free(inv);
}

static void select_devices(void **state)
{
	static const struct {
		const char *patterns, *part;
	} bad[] = {
	    {"leaf09", "did you mean \"leaf01\"?"},
	    {"leaf01,@core", "no device has the role \"core\""},
	    {"#none", "no device has the tag \"none\""},
	    {"", "no device is named"},
	    {"x*", "\"x*\""},
	};
	struct inventory *inv = good();
	(void)state;
	chosen(inv, "spine01,leaf01", "leaf01 spine01 ");
	chosen(inv, "leaf*, leaf01", "leaf01 leaf02 ");
	chosen(inv, "@leaf", "leaf01 leaf02 ");
	chosen(inv, "#odd", "leaf01 ");
	chosen(inv, "*0[12]", "leaf01 leaf02 spine01 host01 ");
	for (size_t i = 0; i < LEN(bad); i++) {
		struct err e = {0};
		size_t *list, n;
		assert_int_equal(inventory_select(inv, bad[i].patterns, &list, &n, &e), -1);
		has(e.text, bad[i].part);
	}
	inventory_free(inv);
}

static void set(void **state)
{
	static const struct {
		const char *field, *value, *part;
	} bad[] = {
	    {"role", "a b", "role: "},
	    {"port", "0", "port: "},
	    {"port", "22x", "port: "},
	    {"port", "65536", "port: "},
	    {"anchor", "maybe", "anchor: "},
	    {"name", "x", "cannot be set"},
	    {"platform", NULL, "platform: cannot be empty"},
	    {"nothing", "x", "cannot be set"},
	    {"address", "192.0.2.11", "leaf01 has it already"},
	};
	struct inventory *inv = good();
	struct err e = {0};
	(void)state;
	assert_int_equal(inventory_set(inv, 1, "port", "2201", &e), 0);
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_int_equal(inventory_set(inv, 1, bad[i].field, bad[i].value, &e), -1);
		has(e.text, bad[i].part);
	}
	assert_int_equal(inventory_set(inv, 1, "role", NULL, &e), 0);
	assert_null(inv->devices.v[1].role);
	assert_int_equal(inventory_set(inv, 1, "port", NULL, &e), 0);
	assert_int_equal(inv->devices.v[1].port, 22);
	assert_int_equal(inventory_set(inv, 1, "anchor", "yes", &e), 0);
	assert_true(inv->devices.v[1].anchor);
	assert_int_equal(inventory_set(inv, 1, "address", NULL, &e), 0);
	assert_string_equal(inv->devices.v[1].address, "leaf02");
	assert_int_equal(inventory_set(inv, 0, "credential", NULL, &e), 0);
	assert_string_equal(inv->devices.v[0].credential, "default");
	inventory_free(inv);
}

/* 10,000 devices with their groups and links are read in one go. */
static void large(void **state)
{
	struct str json = {0};
	struct err e = {0};
	(void)state;
	str_puts(&json, "{'format':1,'devices':[");
	for (int i = 0; i < 10000; i++)
		str_printf(&json, "%s{'name':'d%d','platform':'x'}", i ? "," : "", i);
	str_puts(&json, "],'links':[");
	for (int i = 1; i < 10000; i++)
		str_printf(&json, "%s['d%d:a','d%d:b']", i > 1 ? "," : "", i, i - 1);
	str_puts(&json, "]}");
	struct inventory *inv = read(json.buf, &e);
	if (!inv)
		fail_msg("%s", e.text);
	assert_int_equal(inv->devices.n, 10000);
	assert_int_equal(inv->links.v[9998].a, 9999);
	inventory_free(inv);
	str_release(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members),        cmocka_unit_test(round_trip),
	    cmocka_unit_test(mistakes),       cmocka_unit_test(addresses),
	    cmocka_unit_test(select_devices), cmocka_unit_test(set),
	    cmocka_unit_test(large),
	    cmocka_unit_test(pick),           cmocka_unit_test(fingerprint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
