/* SPDX-License-Identifier: ISC */
/* Inventories of other tools: what is read, what is left out, what a mistake is; and merging. */
#include "help.h"

#include "base/path.h"
#include "model/import.h"
#include "model/inventory_diff.h"
#include "model/values.h"

#include <stdio.h>

#define DATA TOP_SRCDIR "/tests/data/inventory/"

static char *leaf = "leaf", *spine = "spine", *exit_role = "exit";

static struct import *load(const char *name, const char *format)
{
	char *roles[] = {leaf, spine, exit_role, NULL};
	struct import_words words = {roles, NULL};
	struct err e = {0};
	char *path = path_join(DATA, name);
	struct import *in = import_load(path, format, &words, &e);
	if (!in)
		fail_msg("%s", e.text);
	free(path);
	return in;
}

static const struct import_device *device(const struct import *in, const char *name)
{
	for (size_t i = 0; i < in->devices.n; i++)
		if (strcmp(in->devices.v[i].name, name) == 0)
			return &in->devices.v[i];
	fail_msg("%s is not there", name);
	return NULL;
}

static void noted(const struct import *in, const char *part)
{
	for (size_t i = 0; i < in->notes.n; i++)
		if (strstr(in->notes.v[i], part))
			return;
	fail_msg("not noted: %s", part);
}

/* --- what is read ----------------------------------------------------------------------------- */

static void ansible(void **state)
{
	struct import *in = load("ansible.json", NULL);
	(void)state;
	assert_string_equal(in->format->name, "ansible");
	assert_int_equal(in->devices.n, 8);
	const struct import_device *d = device(in, "leaf03");
	assert_string_equal(d->address, "192.168.200.13");
	assert_int_equal(d->port, 2222);
	assert_string_equal(d->role, "leaf");
	assert_string_equal(d->site, "ams1");
	assert_string_equal(d->user, "cumulus");
	assert_string_equal(d->tags[0], "rack2");
	assert_null(d->tags[1]);
	assert_null(d->platform);
	assert_string_equal(device(in, "leaf04")->address, "192.168.200.14");
	assert_string_equal(device(in, "border01")->role, "exit");
	assert_null(device(in, "border01")->site);
	assert_string_equal(device(in, "arista01")->platform, "eos");
	assert_null(device(in, "arista01")->role);
	noted(in, "localhost");
	assert_false(in->whole || in->has_links || in->has_groups);
	import_free(in);
}

static void netbox(void **state)
{
	struct import *in = load("netbox.json", NULL);
	(void)state;
	assert_string_equal(in->format->name, "netbox");
	assert_int_equal(in->devices.n, 5);
	const struct import_device *d = device(in, "leaf01");
	assert_string_equal(d->address, "192.168.200.11");
	assert_string_equal(d->role, "leaf");
	assert_string_equal(d->platform, "cumulus-linux");
	assert_string_equal(d->site, "ams1");
	assert_string_equal(d->serial, "MT2019X00001");
	assert_string_equal(d->tags[0], "rack1");
	assert_string_equal(device(in, "spine01")->address, "2001:db8::21");
	assert_true(device(in, "pdu01")->mentioned);
	assert_string_equal(device(in, "leaf02")->tags[1], "odd-one");
	noted(in, "leaf09 is left out: its status is planned");
	noted(in, "results[5] is left out: it has no name");
	noted(in, "leaf08 is left out: it has no primary address");
	import_free(in);
	in = load("netbox-old.json", NULL);
	assert_string_equal(device(in, "leaf01")->role, "leaf-switch");
	assert_string_equal(device(in, "leaf01")->tags[0], "rack1");
	import_free(in);
}

static void csv(void **state)
{
	struct import *in = load("devices.csv", NULL);
	(void)state;
	assert_string_equal(in->format->name, "csv");
	assert_int_equal(in->devices.n, 3);
	assert_string_equal(device(in, "leaf01")->site, "Amsterdam, 1");
	assert_string_equal(device(in, "leaf02")->site, "the \"old\" hall");
	assert_string_equal(device(in, "leaf01")->tags[1], "odd");
	assert_int_equal(device(in, "leaf01")->port, 0);
	assert_int_equal(device(in, "spine01")->port, 2222);
	assert_null(device(in, "spine01")->site);
	import_free(in);
	in = load("semicolon.csv", NULL);
	assert_string_equal(device(in, "leaf05")->address, "192.168.200.15");
	import_free(in);
}

static void dot(void **state)
{
	struct import *in = load("topology.dot", NULL);
	(void)state;
	assert_string_equal(in->format->name, "dot");
	assert_int_equal(in->devices.n, 7);
	assert_int_equal(in->links.n, 15);
	assert_true(device(in, "server01")->mentioned);
	assert_string_equal(in->links.v[0].a.device, "leaf01");
	assert_true(in->has_links && !in->has_groups);
	import_free(in);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void refused(const char *text, const char *format, const char *part)
{
	struct err e = {0};
	char *roles[] = {leaf, spine, NULL};
	struct import_words words = {roles, NULL};
	struct import *in = import_parse(text, strlen(text), "in", format, &words, &e);
	if (in)
		fail_msg("taken: %s", text);
	assert_int_equal(e.kind, ERR_INPUT);
	has(e.text, part);
}

static void mistakes(void **state)
{
	(void)state;
	refused("", NULL, "looks like none of");
	refused("hello\n", NULL, "topology.dot) (dot), CSV");
	refused("hello\n", "yaml", "there is no format \"yaml\"; there are: hitless, ansible");
	refused("{\"a\": 1", NULL, "in:1:");
	refused("{\"a\": 1}", NULL, "looks like none of");
	refused("{\"a\": 1}", "netbox", "expected a list of devices");
	refused("a,b\n", "ansible", "expected what ansible-inventory --list prints");
	refused("{\"format\":1,\"devices\":[]}", NULL, "there is no device in it");
	refused("hostname,ip\n", NULL, "there is no device in it");
	refused("hostname,ip,prot\na,1.2.3.4,22\n", NULL,
		"in:1: field 3: there is no column \"prot\" (did you mean \"port\"?)");
	refused("hostname,ip,ip\n", NULL, "in:1: field 3: this column is there already");
	refused("role,port\nleaf,22\n", "csv", "neither a column \"hostname\" nor \"ip\"");
	refused("hostname,ip\nleaf01\n", NULL, "in:2: 1 fields, but the first line names 2");
	refused("hostname,ip\nleaf01,1.2.3.4\nleaf01,1.2.3.5\n", NULL,
		"in:3: the name \"leaf01\" is there twice, also at in:2");
	refused("hostname,port\nleaf01,99999\n", NULL, "in:2: port: expected a number from 1");
	refused("hostname,port\nleaf01,+22\n", NULL, "not \"+22\"");
	refused("hostname,ip\nleaf01,10.0.0.256\n", NULL, "in:2: address: \"10.0.0.256\" is no IP");
	refused("hostname\n\"leaf01\n", NULL, "the quote that opens it is never closed");
	refused("hostname\n\"leaf01\"x\n", NULL, "text behind the closing quote");
	refused("hostname\nleaf\"01\n", NULL, "a quote in a field that does not begin with one");
	refused("hostname\n\"leaf\n01\"\n", NULL, "a control character or a line end");
	refused("hostname\n-oProxyCommand\n", NULL, "in:2: \"-oProxyCommand\" is no name");
	refused("ip\n,\n", NULL, "there is no device in it");
	refused("graph G { a -- ", NULL, "it cannot be read as a graph: ");
	refused("graph G { \"a\tb\" -- c }", NULL, "is no name");
	refused("graph G { a:\"p;rm\" -- c }", NULL, "\"p;rm\" is no port name");
	refused("graph G { }", NULL, "there is no device in it");
	refused("{\"_meta\":{\"hostvars\":{\"a\":{\"ansible_host\":\"{{ x }}\"}}}}", NULL,
		"in: host \"a\": ansible_host: expected a plain text");
	refused("{\"_meta\":{\"hostvars\":{\"a\":{\"ansible_port\":\"ssh\"}}}}", NULL,
		"host \"a\": port: expected a number");
	refused("{\"_meta\":{\"hostvars\":{}},\"leaf\":{\"hosts\":[\"a\"]},"
		"\"spine\":{\"hosts\":[\"a\"]}}",
		NULL, "it is in groups of two roles, leaf and spine");
	refused("{\"leaf\":{\"hosts\":[1]}}", NULL, "leaf.hosts: expected names of hosts");
	refused("{\"count\":1,\"results\":[7]}", "netbox", "in: results[0]: expected a device");
}

/* Groups that hold each other, and a near role that beats a far one. */
static void nesting(void **state)
{
	static const char text[] =
	    "{\"_meta\":{\"hostvars\":{}},\"leaf\":{\"children\":[\"b\",\"exit\"]},"
	    "\"b\":{\"children\":[\"leaf\",\"b\"],\"hosts\":[\"h1\"]},"
	    "\"exit\":{\"hosts\":[\"h2\"]},\"leaves\":{\"hosts\":[\"h3\"]}}";
	char *roles[] = {leaf, spine, exit_role, NULL};
	struct import_words words = {roles, NULL};
	struct err e = {0};
	struct import *in = import_parse(text, strlen(text), "in", NULL, &words, &e);
	(void)state;
	assert_non_null(in);
	assert_string_equal(device(in, "h1")->role, "leaf");
	assert_string_equal(device(in, "h2")->role, "exit");
	assert_string_equal(device(in, "h3")->role, "leaf");
	import_free(in);
}

/* Every file cut anywhere, and with bytes changed: never a crash, and what is taken is whole. */
static void broken(void **state)
{
	static const char *const files[] = {"ansible.json", "netbox.json", "devices.csv",
					    "topology.dot"};
	unsigned seed = 1;
	(void)state;
	for (size_t f = 0; f < sizeof(files) / sizeof(*files); f++) {
		struct err e = {0};
		struct str text = {0};
		char *path = path_join(DATA, files[f]);
		assert_int_equal(path_read(path, 1 << 20, &text, &e), 0);
		for (size_t round = 0; round < 400; round++) {
			char *copy = xmemdup(text.buf, text.len);
			size_t n = text.len;
			seed = seed * 1103515245u + 12345u;
			size_t at = (seed >> 8) % n;
			if (round % 2)
				n = at;
			else
				copy[at] = (char)(seed >> 3);
			copy[n] = '\0';
			struct import *in = import_parse(copy, n, "in", NULL, NULL, &e);
			for (size_t i = 0; in && i < in->devices.n; i++)
				assert_non_null(in->devices.v[i].name);
			import_free(in);
			free(copy);
		}
		str_release(&text);
		free(path);
	}
}

/* --- merging ---------------------------------------------------------------------------------- */

#define NOW                                                                                        \
	"{'format':1,'devices':["                                                                  \
	"{'name':'leaf01','address':'192.0.2.11','platform':'sim','role':'exit','role_by':'hand'," \
	"'credential':'lab','site':'here','serial':'S1'},"                                         \
	"{'name':'leaf02','address':'192.0.2.12','platform':'sim','role':'leaf'},"                 \
	"{'name':'old01','address':'192.0.2.99','platform':'sim'}],"                               \
	"'groups':[{'name':'leaf01-02','kind':'mlag','members':['leaf01','leaf02']}],"             \
	"'links':[['leaf01:swp51','leaf02:swp51'],['leaf01:swp1','old01:swp1']],"                  \
	"'rules':[{'match':'new*','role':'spine'}]}"

struct bench {
	struct inventory *now, *next;
	struct inventory_changes changes;
	struct str notes;
	struct err e;
};

static void merge(struct bench *b, const char *text, bool replace, const char *platform)
{
	char *known[] = {"sim", NULL}, *retired[] = {"gone01", NULL};
	struct merge_options o = {
	    .replace = replace, .platform = platform, .known = known, .retired = retired};
	cJSON *root = tree(NOW);
	*b = (struct bench){.now = inventory_from_json(root, "now", &b->e)};
	cJSON_Delete(root);
	assert_non_null(b->now);
	struct import *in = import_parse(text, strlen(text), "in", NULL, NULL, &b->e);
	if (!in)
		fail_msg("%s", b->e.text);
	b->next = import_merge(b->now, in, &o, "in", &b->notes, &b->e);
	if (b->next)
		inventory_compare(b->now, b->next, &b->changes);
	import_free(in);
}

static void bench_end(struct bench *b)
{
	inventory_free(b->now);
	inventory_free(b->next);
	inventory_changes_release(&b->changes);
	str_release(&b->notes);
}

static void change(const struct bench *b, size_t i, const char *name, const char *detail)
{
	assert_true(i < b->changes.n);
	assert_string_equal(b->changes.v[i].name, name);
	assert_string_equal(b->changes.v[i].detail, detail);
}

static void merged(void **state)
{
	struct bench b;
	(void)state;
	merge(&b,
	      "hostname,ip,role\nleaf01,192.0.2.21,leaf\nleaf02,,\nnew01,192.0.2.31,\n"
	      "gone01,192.0.2.41,\n",
	      false, "sim");
	assert_non_null(b.next);
	assert_int_equal(b.next->devices.n, 4);
	const struct device *d = b.next->devices.v;
	assert_string_equal(d[0].address, "192.0.2.21");
	assert_string_equal(d[0].role, "exit");
	assert_int_equal(d[0].role_by, ROLE_BY_HAND);
	assert_string_equal(d[0].credential, "lab");
	assert_string_equal(d[0].serial, "S1");
	assert_string_equal(d[1].role, "leaf");
	assert_string_equal(d[3].role, "spine");
	assert_int_equal(d[3].role_by, ROLE_BY_RULE);
	assert_int_equal(b.next->groups.n, 1);
	assert_int_equal(b.next->links.n, 2);
	has(str_text(&b.notes),
	    "leaf01 keeps the role exit that was set by hand; the file says leaf");
	has(str_text(&b.notes), "gone01 is left out: it was decommissioned");
	assert_int_equal(b.changes.n, 2);
	change(&b, 0, "leaf01", "address 192.0.2.11 -> 192.0.2.21");
	change(&b, 1, "new01", "192.0.2.31 sim spine");
	bench_end(&b);
}

static void replaced(void **state)
{
	struct bench b;
	(void)state;
	merge(&b, "hostname,ip\nleaf01,192.0.2.11\nleaf02,192.0.2.12\n", true, "sim");
	assert_non_null(b.next);
	assert_int_equal(b.next->devices.n, 2);
	assert_int_equal(b.next->rules.n, 1); /* the file does not speak of rules */
	assert_int_equal(b.changes.n, 2);
	change(&b, 0, "old01", "192.0.2.99 sim");
	change(&b, 1, "leaf01:swp1 -- old01:swp1", "");
	assert_int_equal(b.changes.v[1].kind, CHANGE_REMOVED);
	bench_end(&b);
	merge(&b, "hostname,ip\nleaf01,192.0.2.11\n", true, "sim");
	assert_int_equal(b.next->groups.n, 0); /* one member is no group, and that is shown */
	assert_int_equal(b.changes.count[CHANGE_OF_GROUP][CHANGE_REMOVED], 1);
	bench_end(&b);
}

static void whole(void **state)
{
	struct bench b;
	char *text = quoted("{'format':1,'devices':[{'name':'leaf01','address':'192.0.2.11',"
			    "'platform':'sim','role':'leaf'},{'name':'leaf02','platform':'sim'}],"
			    "'links':[]}");
	(void)state;
	merge(&b, text, true, NULL);
	assert_non_null(b.next);
	assert_string_equal(b.next->devices.v[0].role, "exit"); /* by hand */
	assert_string_equal(b.next->devices.v[0].credential, "default");
	assert_null(b.next->devices.v[0].site);
	assert_null(b.next->devices.v[1].role);
	assert_int_equal(b.next->links.n, 0);
	assert_int_equal(b.next->groups.n, 1); /* the file does not speak of groups */
	bench_end(&b);
	merge(&b, text, false, NULL); /* merged, it says no more than is in it */
	assert_non_null(b.next);
	assert_string_equal(b.next->devices.v[0].site, "here");
	assert_string_equal(b.next->devices.v[0].serial, "S1");
	assert_string_equal(b.next->devices.v[0].credential, "lab");
	assert_string_equal(b.next->devices.v[1].role, "leaf");
	assert_string_equal(b.next->devices.v[1].address, "192.0.2.12");
	assert_int_equal(b.changes.n, 0);
	bench_end(&b);
	char *other =
	    changed(text, "\"leaf02\",\"platform\":\"sim\"", "\"leaf02\",\"platform\":\"eos\"");
	merge(&b, other, true, NULL);
	assert_null(b.next);
	has(b.e.text, "in: devices[1].platform: no procedure knows the platform \"eos\" of leaf02");
	bench_end(&b);
	free(other);
	free(text);
}

static void links(void **state)
{
	struct bench b;
	(void)state;
	merge(&b, "graph g { leaf01:swp51 -- old01:swp7; leaf02:swp9 -- srv:eth0 }", false, "sim");
	assert_non_null(b.next);
	assert_int_equal(b.next->devices.n, 3);
	assert_int_equal(b.next->links.n, 2);
	assert_int_equal(b.changes.n, 1);
	change(&b, 0, "leaf01:swp51 -- leaf02:swp51", "-> leaf01:swp51 -- old01:swp7");
	has(str_text(&b.notes), "srv is left out");
	has(str_text(&b.notes), "1 links are left out");
	bench_end(&b);
}

static void refusals(void **state)
{
	struct bench b;
	(void)state;
	merge(&b, "hostname,ip\nnew01,192.0.2.31\n", false, NULL);
	assert_null(b.next);
	has(b.e.text, "in:2: new01: the file does not say what it is: name it with --platform");
	bench_end(&b);
	merge(&b, "hostname,ip\nnew01,::ffff:192.0.2.11\n", false, "sim");
	assert_null(b.next);
	has(b.e.text, "in, put into the inventory: devices[3]: \"new01\" has the address");
	bench_end(&b);
	merge(&b, "hostname,platform\nnew01,eos\nnew02,sim\n", false, "sim");
	assert_int_equal(b.next->devices.n, 4);
	has(str_text(&b.notes), "new01 is left out: no procedure knows its platform \"eos\"");
	bench_end(&b);
}

/* --- what is left out, and what belongs ------------------------------------------------------- */

/* Into no inventory at all; text has ' for ". */
static void begin(struct bench *b, const char *text, const char *named)
{
	char *known[] = {"sim", NULL};
	struct values names = {0};
	struct import_words words = {NULL, &names};
	struct merge_options o = {
	    .known = known, .platform = named ? named : "sim", .platform_named = named != NULL};
	char *copy = xstrdup(text);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	*b = (struct bench){0};
	values_set(&names, "simulator", "sim");
	values_set(&names, "house.sim.box", "sim");
	struct import *in = import_parse(copy, strlen(copy), "in", NULL, &words, &b->e);
	if (!in)
		fail_msg("%s", b->e.text);
	b->next = import_merge(NULL, in, &o, "in", &b->notes, &b->e);
	import_free(in);
	values_release(&names);
	free(copy);
}

static void has_devices(const struct bench *b, size_t n)
{
	if (!b->next)
		fail_msg("%s", b->e.text);
	assert_int_equal(b->next->devices.n, n);
}

#define BOX_AT(name, platform, at)                                                                 \
	"{'name':" name ",'status':'active','primary_ip4':'192.0.2." at "/24','platform':" platform "}"
#define BOX(name, platform) BOX_AT(name, platform, "9")
#define BOXES(more)         "{'results':[" BOX_AT("'leaf01'", "'sim'", "1") "," more "]}"

static void what_is_left_out_may_have_any_name(void **state)
{
	static const char *const rows[] = {
	    BOXES(BOX("'PDU A 1'", "null")), BOXES(BOX("'core stack:1'", "'ios'")),
	    BOXES(BOX("'PDU A 1'", "null") "," BOX("'PDU A 1'", "null")),
	    BOXES("{'name':'x\\ty','primary_ip4':'192.0.2.8/24'}"),
	    BOXES("{'name':'pdu2','primary_ip4':'192.0.2.8/24','site':'a;b','serial':'a b'}")};
	struct bench b;
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		begin(&b, rows[i], NULL);
		has_devices(&b, 1);
		has(str_text(&b.notes), " is left out: ");
		bench_end(&b);
	}
}

static void what_belongs_has_to_be_well(void **state)
{
	struct bench b;
	(void)state;
	begin(&b, BOXES(BOX("'leaf 2'", "'sim'")), NULL);
	assert_null(b.next);
	has(b.e.text, "in: results[1]: \"leaf 2\" is no name: ");
	has(b.e.text, "take this device out of the file");
	bench_end(&b);
	begin(&b, BOXES(BOX("'PDU A 1'", "null")), "sim"); /* now it belongs */
	assert_null(b.next);
	has(b.e.text, "\"PDU A 1\" is no name: ");
	bench_end(&b);
	begin(&b, BOXES("{'name':'leaf02','platform':'sim',"
			"'primary_ip4':{'address':'1.2.3.4 -l root/24'}}"),
	      NULL);
	assert_null(b.next);
	has(b.e.text, "in: results[1]: address: ");
	bench_end(&b);
}

#define HOST(os) "{'_meta':{'hostvars':{'leaf01':{'ansible_network_os':'" os "'}}}}"

static void names_of_others(void **state)
{
	static const char *const ours[] = {HOST("simulator"), HOST("Simulator"),
					   HOST("house.sim.box"), HOST("x.y.simulator"),
					   HOST("sim")};
	struct bench b;
	(void)state;
	for (size_t i = 0; i < LEN(ours); i++) {
		begin(&b, ours[i], NULL);
		has_devices(&b, 1);
		assert_string_equal(b.next->devices.v[0].platform, "sim");
		bench_end(&b);
	}
	begin(&b, BOXES(BOX("'leaf02'", "'Simulator'")), NULL);
	has_devices(&b, 2);
	bench_end(&b);
	/* a system that nobody knows is left out: what was named is for those that say none */
	begin(&b, HOST("eos"), "sim");
	assert_null(b.next);
	has(b.e.text, "all 1 of its devices are left out: 1 of the platform");
	bench_end(&b);
}

/* A cabling plan says nothing of systems. */
static void a_plan_into_nothing(void **state)
{
	static const char plan[] = "graph g { 'leaf01':'swp1' -- 'PDU 1':'eth0' }",
			  good[] = "graph g { 'leaf01':'swp1' -- 'leaf02':'swp1' }";
	struct bench b;
	(void)state;
	begin(&b, plan, NULL);
	assert_null(b.next);
	has(b.e.text, "in: the file does not say what its devices are");
	has(b.e.text, "--platform");
	bench_end(&b);
	begin(&b, good, "sim");
	has_devices(&b, 2);
	assert_int_equal(b.next->links.n, 1);
	bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ansible), cmocka_unit_test(netbox),   cmocka_unit_test(csv),
	    cmocka_unit_test(dot),     cmocka_unit_test(mistakes), cmocka_unit_test(nesting),
	    cmocka_unit_test(broken),  cmocka_unit_test(merged),   cmocka_unit_test(replaced),
	    cmocka_unit_test(whole),   cmocka_unit_test(links),    cmocka_unit_test(refusals),
	    cmocka_unit_test(what_is_left_out_may_have_any_name),
	    cmocka_unit_test(what_belongs_has_to_be_well),
	    cmocka_unit_test(names_of_others),
	    cmocka_unit_test(a_plan_into_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
