/* SPDX-License-Identifier: ISC */
/* Differences and their classes, with the collectors of the shipped procedure. */
#include "config.h"

#include "tests/unit/help.h"

#include "model/difference.h"

#include <stdlib.h>
#include <string.h>

struct bench {
	struct procedure *p;
	struct samples before, after;
	struct diff d;
};

static int setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	b->p = procedure_load(TOP_SRCDIR "/src/procedures/cumulus-linux.json", &e);
	if (!b->p)
		fail_msg("%s", e.text);
	*state = b;
	return 0;
}

static void forget(struct samples *s)
{
	for (size_t i = 0; i < s->n; i++)
		cJSON_Delete((cJSON *)s->v[i].rows);
	VEC_RELEASE(s);
}

static int teardown(void **state)
{
	struct bench *b = *state;
	diff_release(&b->d);
	forget(&b->before);
	forget(&b->after);
	procedure_free(b->p);
	free(b);
	return 0;
}

static const struct collector *how(const struct bench *b, const char *element)
{
	for (size_t i = 0; i < b->p->n_collectors; i++)
		if (strcmp(b->p->collectors[i].element, element) == 0)
			return &b->p->collectors[i];
	fail_msg("no collector %s", element);
	return NULL;
}

/* What a device says, read by the collector, is a look. */
static void look(struct bench *b, struct samples *to, const char *element, const char *says)
{
	struct answer a = {.out = says, .out_len = strlen(says), .err = ""};
	cJSON *rows = snapshot_rows(how(b, element), &a);
	assert_non_null(rows);
	VEC_PUSH(to, ((struct sample){rows, 1000 * (int64_t)(to->n + 1)}));
}

static void compare(struct bench *b, const char *element, const struct scope *plan)
{
	diff_release(&b->d);
	diff_make(how(b, element), &b->before, &b->after, plan, &b->d);
}

static void row_is(const struct bench *b, const char *key, enum snapshot_change change,
		   enum diff_class class)
{
	for (size_t i = 0; i < b->d.n; i++) {
		const struct diff_row *r = &b->d.v[i];
		if (strcmp(r->key, key) != 0)
			continue;
		assert_int_equal(r->change, change);
		assert_int_equal(r->class, class);
		assert_true((r->why == NULL) == (class == DIFF_REAL));
		return;
	}
	fail_msg("no row %s", key);
}

#define PEERS(a, b)                                                                                \
	"{\"default\":{\"ipv4Unicast\":{\"peers\":{\"swp51\":{\"remoteAs\":65100," a               \
	"},\"swp52\":{\"remoteAs\":65100," b "}}}}}"
#define UP(n)	"\"state\":\"Established\",\"pfxRcd\":" #n
#define DOWN	"\"state\":\"Active\",\"pfxRcd\":0"
#define ROUTE(p) p " dev swp51 proto bgp metric 20\n"

static void real(void **state)
{
	struct bench *b = *state;
	look(b, &b->before, "Route", ROUTE("10.0.0.1") ROUTE("10.0.0.2"));
	look(b, &b->after, "Route", ROUTE("10.0.0.2") ROUTE("10.0.0.3"));
	compare(b, "Route", NULL);
	assert_int_equal(b->d.n, 2);
	row_is(b, "default/10.0.0.1", SNAPSHOT_REMOVED, DIFF_REAL);
	row_is(b, "default/10.0.0.3", SNAPSHOT_ADDED, DIFF_REAL);
	assert_int_equal(b->d.before, 2);
	assert_int_equal(diff_count(&b->d, DIFF_REAL), 2);
}

/* A row that came and went by itself, and a field: noise; another field of that row is real. */
static void noise(void **state)
{
	struct bench *b = *state;
	look(b, &b->before, "BGP", PEERS(UP(10), UP(10)));
	look(b, &b->before, "BGP", PEERS(UP(20), UP(10)));
	look(b, &b->after, "BGP", PEERS(UP(99), DOWN));
	compare(b, "BGP", NULL);
	row_is(b, "default/ipv4Unicast/swp51", SNAPSHOT_CHANGED, DIFF_NOISE);
	row_is(b, "default/ipv4Unicast/swp52", SNAPSHOT_CHANGED, DIFF_REAL);
	look(b, &b->after, "BGP", PEERS(DOWN, UP(10)));
	compare(b, "BGP", NULL);
	row_is(b, "default/ipv4Unicast/swp51", SNAPSHOT_CHANGED, DIFF_REAL);
}

static void noisy_row(void **state)
{
	struct bench *b = *state;
	look(b, &b->before, "Route", ROUTE("10.0.0.1") ROUTE("10.0.0.2"));
	look(b, &b->before, "Route", ROUTE("10.0.0.1"));
	look(b, &b->after, "Route", ROUTE("10.0.0.2"));
	compare(b, "Route", NULL);
	row_is(b, "default/10.0.0.1", SNAPSHOT_REMOVED, DIFF_REAL);
	row_is(b, "default/10.0.0.2", SNAPSHOT_ADDED, DIFF_NOISE);
}

/* An earlier look after the upgrade had it, the last one has not. What still differs is told once. */
static void healed(void **state)
{
	struct bench *b = *state;
	look(b, &b->before, "BGP", PEERS(UP(10), UP(10)));
	look(b, &b->after, "BGP", PEERS(DOWN, DOWN));
	look(b, &b->after, "BGP", PEERS(UP(10), DOWN));
	compare(b, "BGP", NULL);
	assert_int_equal(b->d.n, 2);
	row_is(b, "default/ipv4Unicast/swp51", SNAPSHOT_CHANGED, DIFF_HEALED);
	row_is(b, "default/ipv4Unicast/swp52", SNAPSHOT_CHANGED, DIFF_REAL);
}

#define NODE(v, boot) "node leaf01 release=" v " image=" v " kernel=4.19 boot=" boot " agent=\n"

static void expected(void **state)
{
	struct bench *b = *state;
	struct values job = {0};
	const struct scope plan = {.layers = {&job}};
	values_set(&job, "version", "4.2.0");
	look(b, &b->before, "Node", NODE("4.1.1", "b1"));
	look(b, &b->after, "Node", NODE("4.2.0", "b2"));
	compare(b, "Node", &plan);
	row_is(b, "leaf01", SNAPSHOT_CHANGED, DIFF_EXPECTED);
	compare(b, "Node", NULL); /* there is no job between the two */
	row_is(b, "leaf01", SNAPSHOT_CHANGED, DIFF_REAL);
	values_set(&job, "version", "4.3.0"); /* another version than asked for */
	compare(b, "Node", &plan);
	row_is(b, "leaf01", SNAPSHOT_CHANGED, DIFF_REAL);
	values_release(&job);
}

/* A counter that a reboot set back is no difference; one that has grown is. */
static void falls(void **state)
{
#define COUNTED(name, n) "node " name " release=1 image=1 kernel=4.19 boot=" n " agent=\n"
	struct bench *b = *state;
	struct values job = {0};
	const struct scope plan = {.layers = {&job}};
	struct expected anew = {.field = (char *)"boot", .falls = true, .message = (char *)"anew"};
	struct collector *node = (struct collector *)how(b, "Node"), shipped = *node;
	look(b, &b->before, "Node",
	     COUNTED("a", "17") COUNTED("b", "17") COUNTED("c", "17") COUNTED("d", "17"));
	look(b, &b->after, "Node",
	     COUNTED("a", "0") COUNTED("b", "3") COUNTED("c", "18") COUNTED("d", "many"));
	node->expected = &anew;
	node->n_expected = 1;
	compare(b, "Node", &plan);
	*node = shipped;
	row_is(b, "a", SNAPSHOT_CHANGED, DIFF_EXPECTED);
	row_is(b, "b", SNAPSHOT_CHANGED, DIFF_EXPECTED);
	row_is(b, "c", SNAPSHOT_CHANGED, DIFF_REAL);
	row_is(b, "d", SNAPSHOT_CHANGED, DIFF_REAL);
}

static void tolerance(void **state)
{
	struct bench *b = *state;
	look(b, &b->before, "BGP", PEERS(UP(100), UP(100)));
	look(b, &b->after, "BGP", PEERS(UP(105), UP(94)));
	compare(b, "BGP", NULL);
	row_is(b, "default/ipv4Unicast/swp51", SNAPSHOT_CHANGED, DIFF_NOISE);
	row_is(b, "default/ipv4Unicast/swp52", SNAPSHOT_CHANGED, DIFF_REAL);
}

static void macs(struct bench *b, struct samples *to, int from, int n)
{
	struct str text = {0};
	for (int i = from; i < from + n; i++)
		str_printf(&text, "00:50:56:00:00:%02x dev bond1 vlan 10 master bridge\n",
			   (unsigned)i);
	look(b, to, "MAC Address", str_text(&text));
	str_release(&text);
}

/* Five per cent of the addresses may come and go. */
static void rows(void **state)
{
	struct bench *b = *state;
	macs(b, &b->before, 0, 40);
	macs(b, &b->after, 1, 40);
	compare(b, "MAC Address", NULL);
	assert_int_equal(diff_count(&b->d, DIFF_NOISE), 2);
	macs(b, &b->after, 2, 40);
	compare(b, "MAC Address", NULL);
	assert_int_equal(diff_count(&b->d, DIFF_REAL), 4);
}

static void sides(void **state)
{
	struct bench *b = *state;
	look(b, &b->before, "Route", ROUTE("10.0.0.1"));
	compare(b, "Route", NULL);
	assert_int_equal(b->d.after, -1);
	assert_int_equal(b->d.n, 0);
	/* a field that is only evidence is no difference */
	forget(&b->before);
	look(b, &b->before, "Neighbor", "vrf default 10.0.0.2 dev swp1 lladdr 00:00:00:00:00:01 STALE\n");
	look(b, &b->after, "Neighbor",
	     "vrf default 10.0.0.2 dev swp1 lladdr 00:00:00:00:00:01 REACHABLE proto zebra \n");
	compare(b, "Neighbor", NULL);
	assert_int_equal(b->d.n, 0);
	assert_int_equal(b->d.after, 1);
}

/* Services have a VRF only where the instance is one; our own login is none of them. */
static void services(void **state)
{
	struct bench *b = *state;
	look(b, &b->after, "Services",
	     "ntp@mgmt.service loaded active running NTP\n"
	     "  getty@tty1.service loaded active running Getty\n"
	     "user@1000.service loaded active running User Manager\n"
	     "frr.service loaded active running FRR\n"
	     "smond.service loaded failed failed Sensors\n");
	compare(b, "Services", NULL);
	forget(&b->before);
	look(b, &b->before, "Services", "");
	compare(b, "Services", NULL);
	assert_int_equal(b->d.n, 3);
	row_is(b, "ntp/mgmt", SNAPSHOT_ADDED, DIFF_REAL);
	row_is(b, "getty@tty1/default", SNAPSHOT_ADDED, DIFF_REAL);
	row_is(b, "frr/default", SNAPSHOT_ADDED, DIFF_REAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(real), TEST(noise),	 TEST(noisy_row), TEST(healed),	  TEST(expected),	  TEST(falls),
	    TEST(tolerance), TEST(rows), TEST(sides),	  TEST(services),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
