/* SPDX-License-Identifier: ISC */
/* Links and groups out of what devices see: also where they contradict each other or are away. */
#include "config.h"

#include "help.h"

#include "model/json.h"
#include "run/inspect.h"
#include "run/topology.h"

#include <stdlib.h>
#include <string.h>

#define NAMES 5
static const char *const names[NAMES] = {"leaf01", "leaf02", "leaf03", "leaf04", "spine01"};

struct bench {
	struct inventory *inv, *next;
	struct portraits seen;
	struct inventory_changes changes;
	struct str notes;
	struct unknown_neighbours unknown;
};

/* links: "leaf01:swp51 spine01:swp1", ...; groups: "leaf01 leaf02" */
static void setup(struct bench *b, const char *const *links, const char *const *groups)
{
	struct err e = {0};
	cJSON *root = cJSON_CreateObject(), *devices = cJSON_CreateArray(), *list;
	*b = (struct bench){0};
	for (size_t i = 0; i < NAMES; i++) {
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "name", names[i]);
		json_put_text(o, "platform", "sim");
		json_append(devices, o);
		struct portrait *p = VEC_ADD(&b->seen);
		p->device = i;
		p->state = PORTRAIT_DONE;
		p->links_known = p->groups_known = true;
	}
	json_put_number(root, "format", 1);
	json_put(root, "devices", devices);
	json_put(root, "links", list = cJSON_CreateArray());
	for (; *links; links++) {
		char **ends = str_split(*links, " ", NULL);
		json_append(list, json_strings(ends));
		free(ends);
	}
	json_put(root, "groups", list = cJSON_CreateArray());
	for (; *groups; groups++) {
		cJSON *o = cJSON_CreateObject();
		char **members = str_split(*groups, " ", NULL);
		json_put_text(o, "name", *members);
		json_put_text(o, "kind", "pair");
		json_put(o, "members", json_strings(members));
		json_append(list, o);
		free(members);
	}
	b->inv = inventory_from_json(root, "in", &e);
	if (!b->inv)
		fail_msg("%s", e.text);
	cJSON_Delete(root);
}

static void sees(struct bench *b, size_t device, const char *port, const char *other,
		 const char *other_port)
{
	VEC_PUSH(&b->seen.v[device].links,
		 ((struct seen_link){xstrdup(port), xstrdup(other), xstrdup(other_port)}));
}

static void says(struct bench *b, size_t device, const char *id, const char *own, const char *peer)
{
	VEC_PUSH(&b->seen.v[device].groups,
		 ((struct seen_group){xstrdup("pair"), xstrdup(id), xstrdup(own), xstrdup(peer)}));
}

static void away(struct bench *b, size_t device)
{
	b->seen.v[device].state = PORTRAIT_NO_ANSWER;
	err_set(&b->seen.v[device].why, ERR_NETWORK, "no answer");
}

static void learn(struct bench *b, bool remove)
{
	b->next = topology_learn(b->inv, &b->seen, remove, &b->notes, &b->unknown);
	inventory_compare(b->inv, b->next, &b->changes);
}

static void has_change(const struct bench *b, enum change_kind kind, const char *name,
		       const char *detail)
{
	for (size_t i = 0; i < b->changes.n; i++)
		if (b->changes.v[i].kind == kind && strcmp(b->changes.v[i].name, name) == 0 &&
		    strcmp(b->changes.v[i].detail, detail) == 0)
			return;
	fail_msg("no such change: %s %s", name, detail);
}

static void noted(const struct bench *b, const char *part)
{
	if (!strstr(str_text(&b->notes), part))
		fail_msg("not noted: %s; but: %s", part, str_text(&b->notes));
}

static void end(struct bench *b)
{
	inventory_free(b->inv);
	inventory_free(b->next);
	VEC_RELEASE(&b->unknown);
	portraits_release(&b->seen);
	inventory_changes_release(&b->changes);
	str_release(&b->notes);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void links(void **state)
{
	struct bench b;
	(void)state;
	setup(&b, LIST("leaf01:swp51 spine01:swp1", "leaf02:swp51 spine01:swp2", "leaf03 spine01"),
	      LIST());
	sees(&b, 0, "swp51", "spine01.example.net", "swp7"); /* moved */
	sees(&b, 4, "swp7", "leaf01", "swp51");
	sees(&b, 2, "swp51", "spine01", "swp3"); /* the vague one, with its ports */
	sees(&b, 4, "swp3", "leaf03", "swp51");
	sees(&b, 0, "swp1", "server01", "eth0");
	sees(&b, 1, "swp9", "leaf02", "swp10"); /* a cable to itself is no stranger */
	learn(&b, true);
	assert_int_equal(b.changes.n, 4);
	has_change(&b, CHANGE_CHANGED, "leaf01:swp51 -- spine01:swp1",
		   "-> leaf01:swp51 -- spine01:swp7");
	has_change(&b, CHANGE_REMOVED, "leaf02:swp51 -- spine01:swp2", "");
	has_change(&b, CHANGE_ADDED, "leaf03:swp51 -- spine01:swp3", "");
	has_change(&b, CHANGE_REMOVED, "leaf03 -- spine01", "");
	assert_int_equal(b.unknown.n, 1);
	const struct unknown_neighbour *u = &b.unknown.v[0];
	assert_string_equal(u->device, "leaf01");
	assert_string_equal(u->port, "swp1");
	assert_string_equal(u->neighbour, "server01");
	assert_string_equal(u->neighbour_port, "eth0");
	noted(&b, "leaf02 sees itself at swp9");
	end(&b);
}

static void undecided(void **state)
{
	struct bench b;
	(void)state;
	setup(&b, LIST("leaf01:swp51 spine01:swp1", "leaf02:swp51 leaf03:swp51"), LIST());
	away(&b, 4);
	learn(&b, true);
	assert_int_equal(b.changes.n, 1); /* only where both ends were asked */
	has_change(&b, CHANGE_REMOVED, "leaf02:swp51 -- leaf03:swp51", "");
	noted(&b, "leaf01:swp51 -- spine01:swp1 stays: leaf01 does not see it, spine01 could not");
	end(&b);
	setup(&b, LIST("leaf02:swp51 leaf03:swp51"), LIST());
	learn(&b, false);
	assert_int_equal(b.changes.n, 0);
	noted(&b, "is seen by neither end");
	end(&b);
	setup(&b, LIST("leaf02:swp51 leaf03:swp51"), LIST()); /* its daemon does not answer */
	b.seen.v[1].links_known = false;
	learn(&b, true);
	assert_int_equal(b.changes.n, 0);
	end(&b);
}

static void one_sided(void **state)
{
	struct bench b;
	(void)state;
	setup(&b, LIST(), LIST());
	sees(&b, 0, "swp1", "leaf02", "swp1");
	sees(&b, 1, "swp1", "leaf03", "swp9");
	sees(&b, 3, "bad port", "leaf01", "swp8");
	learn(&b, true);
	noted(&b, "leaf01:swp1 sees leaf02:swp1, which sees leaf03");
	noted(&b, "leaf02:swp1 sees leaf03:swp9, and leaf01:swp1 sees leaf02:swp1: a port has one");
	noted(&b, "leaf04:bad port sees leaf01:swp8, which sees nobody");
	noted(&b, "leaf04 sees leaf01 at a port whose name cannot be kept");
	assert_int_equal(b.changes.n, 0);
	end(&b);
}

static void calls_itself(struct bench *b, size_t device, const char *name)
{
	values_set(&b->seen.v[device].facts, "hostname", name);
}

/* The addresses of two are swapped: what they see is no news of them, and nothing goes or comes. */
static void swapped(void **state)
{
	struct bench b;
	(void)state;
	setup(&b,
	      LIST("leaf01:swp51 spine01:swp1", "leaf02:swp51 spine01:swp2",
		   "leaf01:swp49 leaf02:swp49"),
	      LIST("leaf01 leaf02"));
	calls_itself(&b, 0, "leaf02.example.net");
	calls_itself(&b, 1, "leaf01");
	calls_itself(&b, 2, "LEAF03.example.net"); /* a domain is no other name */
	calls_itself(&b, 3, "cumulus");
	sees(&b, 0, "swp51", "spine01", "swp2");
	sees(&b, 0, "swp49", "leaf01", "swp49");
	sees(&b, 1, "swp51", "spine01", "swp1");
	sees(&b, 1, "swp49", "leaf02", "swp49");
	sees(&b, 4, "swp1", "leaf01", "swp51");
	sees(&b, 4, "swp2", "leaf02", "swp51");
	sees(&b, 2, "swp51", "spine01", "swp3");
	learn(&b, true);
	assert_int_equal(b.changes.n, 1);
	has_change(&b, CHANGE_ADDED, "leaf03:swp51 -- spine01:swp3", "");
	noted(&b, "at the address of leaf01 is leaf02: nothing is learnt from it");
	noted(&b, "leaf04 calls itself cumulus: nothing is learnt from it");
	assert_true(topology_is_other(b.inv, &b.seen.v[0]));
	assert_false(topology_is_other(b.inv, &b.seen.v[2]));
	end(&b);
}

/* A port has one link: what both ends see counts, a look that is contradicted changes nothing. */
static void one_link(void **state)
{
	struct bench b;
	(void)state;
	setup(&b, LIST("leaf01:swp1 leaf03:swp1"), LIST());
	sees(&b, 0, "swp1", "leaf02", "swp1"); /* who sees somebody else there */
	sees(&b, 1, "swp1", "leaf04", "swp1");
	learn(&b, true);
	assert_int_equal(b.changes.n, 0);
	noted(&b, "the link leaf01:swp1 -- leaf03:swp1 stays: what is seen at its ports");
	end(&b);
	setup(&b, LIST("leaf01:swp1 leaf03:swp1"), LIST());
	away(&b, 2); /* it cannot say so, but a port has one link */
	sees(&b, 0, "swp1", "leaf02", "swp1");
	sees(&b, 1, "swp1", "leaf01", "swp1");
	learn(&b, false);
	assert_int_equal(b.changes.n, 1);
	has_change(&b, CHANGE_CHANGED, "leaf01:swp1 -- leaf03:swp1",
		   "-> leaf01:swp1 -- leaf02:swp1");
	end(&b);
	setup(&b, LIST(), LIST());
	sees(&b, 0, "eth0", "leaf02", "eth0"); /* a switch between them that says nothing */
	sees(&b, 0, "eth0", "leaf03", "eth0");
	sees(&b, 1, "eth0", "leaf01", "eth0");
	sees(&b, 2, "eth0", "leaf01", "eth0");
	sees(&b, 3, "swp1", "leaf02", "swp2");
	sees(&b, 1, "swp2", "leaf04", "swp1"); /* both ends see this one, ... */
	sees(&b, 2, "swp2", "leaf02", "swp2"); /* ... and this is what is left of an older one */
	learn(&b, true);
	assert_int_equal(b.changes.n, 1);
	has_change(&b, CHANGE_ADDED, "leaf02:swp2 -- leaf04:swp1", "");
	noted(&b, "a port has one link, neither is taken");
	noted(&b, "leaf03:swp2 sees leaf02:swp2, which sees leaf04");
	end(&b);
}

static void groups(void **state)
{
	struct bench b;
	(void)state;
	setup(&b, LIST(), LIST("leaf01 spine01", "leaf03 leaf04"));
	says(&b, 0, "id1", "a", "b");
	says(&b, 1, "id1", "b", "a");
	learn(&b, true);
	assert_int_equal(b.changes.n, 2);
	has_change(&b, CHANGE_CHANGED, "leaf01", "pair leaf01 spine01 -> pair leaf01 leaf02");
	has_change(&b, CHANGE_REMOVED, "leaf03", "pair leaf03 leaf04");
	end(&b);
	setup(&b, LIST(), LIST("leaf03 leaf04"));
	says(&b, 0, "id1", "a", "b");
	says(&b, 1, "id1", "b", "a");
	b.seen.v[3].groups_known = false; /* its daemon does not run now: nobody knows */
	learn(&b, true);
	assert_int_equal(b.changes.n, 1);
	has_change(&b, CHANGE_ADDED, "leaf01-02", "pair leaf01 leaf02");
	end(&b);
}

/* A device may share one bundle with this device and another one with that. */
static void several_identities(void **state)
{
	static const struct {
		size_t device;
		const char *id;
	} said[] = {{0, "a"}, {1, "a"}, {2, "b"}, {3, "b"}, {0, "c"}, {1, "c"}, {1, "d"}, {2, "d"}};
	struct bench b;
	(void)state;
	setup(&b, LIST(), LIST("leaf01 leaf04"));
	for (size_t i = 0; i < 6; i++)
		says(&b, said[i].device, said[i].id, "", "");
	learn(&b, true);
	has_change(&b, CHANGE_CHANGED, "leaf01", "pair leaf01 leaf04 -> pair leaf01 leaf02");
	has_change(&b, CHANGE_ADDED, "leaf03-04", "pair leaf03 leaf04");
	end(&b);
	setup(&b, LIST(), LIST());
	for (size_t i = 0; i < LEN(said); i++)
		says(&b, said[i].device, said[i].id, "", "");
	learn(&b, true);
	assert_int_equal(b.changes.n, 1);
	has_change(&b, CHANGE_ADDED, "leaf01-02", "pair leaf01 leaf02 leaf03 leaf04");
	end(&b);
}

static void contradictions(void **state)
{
	struct bench b;
	(void)state;
	setup(&b, LIST(), LIST());
	for (size_t i = 0; i < 3; i++)
		says(&b, i, "id1", "a", "b");
	says(&b, 3, "id2", "a", "b");
	learn(&b, true);
	assert_int_equal(b.changes.n, 0);
	noted(&b, "leaf01, leaf02, leaf03 have the same pair identity id1: only two may");
	noted(&b, "leaf04 is in a pair group (id2) whose other member was not seen");
	end(&b);
	setup(&b, LIST(), LIST());
	says(&b, 0, "id1", "a", "b");
	says(&b, 1, "id1", "c", "a");
	learn(&b, true);
	assert_int_equal(b.changes.n, 0);
	noted(&b, "do not name each other");
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links),  cmocka_unit_test(undecided),      cmocka_unit_test(one_sided),
	    cmocka_unit_test(groups), cmocka_unit_test(contradictions), cmocka_unit_test(swapped),
	    cmocka_unit_test(one_link),
	    cmocka_unit_test(several_identities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
