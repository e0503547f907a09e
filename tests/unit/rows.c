/* SPDX-License-Identifier: ISC */
/* Rows of shipped procedures that are met only when much else has gone wrong: each condition of each
 * of them is asked with what makes it a yes and with what makes it a no. One that always holds, and
 * one that nobody asks here, are found. */
#include "help.h"

#include "model/judge.h"
#include "model/procedure.h"

#include <stdio.h>

#define OLD "22.4R3-S2.11"
#define NEW "23.4R2-S3.9"
#define BACK "from=" NEW " version=" OLD " host=system "

#define JUNOS(version) "node0:\n-----\nHostname: fw1-node0\nModel: srx1500\nJunos: " version "\n"
#define PENDING(version, next) JUNOS(version) "Pending: " next "\n"
#define BOOTED(at) "System booted: 2026-11-22 " at " UTC (1w0d ago)\n"
#define BEFORE "10:00:00"
#define LATER "11:00:00"
#define STATUS(a, b)                                                                               \
	"Cluster ID: 1\nNode   Priority Status               Preempt Manual   Monitor-failures\n\n"   \
	"Redundancy group: 0 , Failover count: 1\nnode0  " a "\nnode1  " b "\n"
#define PRIMARY "100      primary              no      no       None           "
#define SECONDARY "1        secondary            no      no       None           "
#define HELD "1        secondary-hold       no      no       None           "
#define LOST "0        lost                 n/a     n/a      n/a            "
#define MARKED "255      primary              no      yes      None           "
#define ZERO "0        secondary            no      no       None           "
#define UNSYNCED "1        secondary            no      no       CS             "
#define ABORTED "node0:\n-----\nExiting in-service-upgrade window\n"
#define STILL_RUNS "in-service-upgrade is aborted after the current operation\n"
#define REFUSED "error: it is not the time for that\n"
#define INSTALLED "release_self=" OLD " release_peer=" NEW " next_self=" NEW " "
#define STAYS "version=" NEW " boot_before=2026-11-22_10:00:00_UTC mode=in-service "

struct row {
	const char *name, *part; /* "when", "expect", "failed" */
	const char *values;      /* NAME=VALUE, with a blank behind each; '_' is a blank of a value */
	const char *yes, *no;    /* what the device says; "when" has values only: `values` and `no` */
};

static const struct row issu_rows[] = {
    {"hostname", "expect", "device=fw1-node0 ", JUNOS(OLD), "Hostname: fw1-node1\n"},
    {"one-version", "expect", "release=" OLD " ", JUNOS(OLD), JUNOS(NEW)},
    {"pending-install", "expect", "", JUNOS(OLD), PENDING(OLD, NEW)},
    {"cards", "expect", "", "Slot 0   Online\n  PIC 0  Online\n",
     "Slot 0   Online\n  PIC 0  Online\n  PIC 1  Offline\n"},
    {"last-look", "when", STAYS INSTALLED, NULL,
     STAYS "release_self=" OLD " release_peer=" NEW " next_self=" OLD " "},
    {"last-look", "when", STAYS INSTALLED, NULL,
     STAYS "release_self=" OLD " release_peer=" OLD " next_self=" NEW " "},
    {"last-look", "when", STAYS "stays=yes release_self=" OLD " ", NULL,
     STAYS "stays=yes release_self=" NEW " "},
    {"last-look", "when", STAYS "stays=yes release_self=" OLD " ", NULL,
     STAYS "release_self=" NEW " release_peer=" NEW " next_self=" NEW " "},
    /* it is installed and leads nothing; it leads still */
    {"last-look", "expect", STAYS,
     PENDING(OLD, NEW) BOOTED(BEFORE) STATUS(SECONDARY, PRIMARY),
     PENDING(OLD, NEW) BOOTED(BEFORE) STATUS(PRIMARY, SECONDARY)},
    /* it has rebooted by itself; it is not installed yet */
    {"last-look", "expect", STAYS, JUNOS(NEW) BOOTED(LATER) STATUS(SECONDARY, PRIMARY),
     JUNOS(OLD) BOOTED(BEFORE) STATUS(SECONDARY, PRIMARY)},
    {"back-look", "expect", BACK, PENDING(OLD, NEW), "node0:\n"},
    {"back-look", "expect", BACK, PENDING(OLD, NEW), "Junos: " OLD "\n"},
    {"back-gone", "expect", BACK, STATUS(PRIMARY, LOST), REFUSED},
    {"back-leave", "when", BACK "gone=node1 ", NULL, BACK},
    {"back-leave", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-leave", "expect", BACK, ABORTED, REFUSED},
    {"back-reach", "when", BACK "gone=node1 ", NULL, BACK},
    {"back-reach", "expect", BACK, STATUS(PRIMARY, SECONDARY), STATUS(PRIMARY, LOST)},
    {"back-reach", "expect", BACK, STATUS(PRIMARY, SECONDARY), REFUSED},
    {"back-peer", "expect", BACK, JUNOS(NEW), "node1:\n"},
    {"back-peer", "expect", BACK, JUNOS(NEW), "Junos: " NEW "\n"},
    {"back-stop", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-stop", "expect", BACK, ABORTED, REFUSED},
    {"back-stop-peer", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-stop-peer", "expect", BACK, ABORTED, REFUSED},
    {"back-now", "expect", BACK, JUNOS(OLD), "node0:\n"},
    {"back-now", "expect", BACK, JUNOS(OLD), "Junos: " OLD "\n"},
    {"back-now-peer", "expect", BACK, JUNOS(OLD), "node1:\n"},
    {"back-now-peer", "expect", BACK, JUNOS(OLD), "Junos: " OLD "\n"},
    {"back-free", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-free", "expect", BACK, ABORTED, REFUSED},
    {"back-free-peer", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-free-peer", "expect", BACK, ABORTED, REFUSED},
    {"back-set", "expect", BACK, "Junos version '" OLD "' will become active at next reboot\n",
     "WARNING: Cannot rollback, /packages/junos is not valid\n"},
    {"back-set", "expect", BACK, "Rollback of staged upgrade succeeded\n", ""},
    {"back-set-peer", "expect", BACK, "Junos version '" OLD "' will become active at next reboot\n",
     "WARNING: Cannot rollback, /packages/junos is not valid\n"},
    {"back-set-peer", "expect", BACK, "Rollback of staged upgrade succeeded\n", ""},
    {"back-same", "expect", BACK, PENDING(NEW, OLD), JUNOS(NEW)},
    {"back-same", "expect", BACK, JUNOS(OLD), PENDING(OLD, NEW)},
    {"back-same-peer", "expect", BACK, PENDING(NEW, OLD), JUNOS(NEW)},
    {"back-same-peer", "expect", BACK, JUNOS(OLD), PENDING(OLD, NEW)},
    {"back-groups", "expect", BACK, STATUS(PRIMARY, SECONDARY), REFUSED},
    {"back-hold", "expect", BACK, STATUS(SECONDARY, PRIMARY), STATUS(HELD, PRIMARY)},
    {"back-move-0", "expect", BACK, STATUS(SECONDARY, PRIMARY), REFUSED STATUS(PRIMARY, SECONDARY)},
    {"back-move-1", "expect", BACK, STATUS(PRIMARY, SECONDARY), REFUSED STATUS(SECONDARY, PRIMARY)},
    {"back-abort", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-abort", "expect", BACK, ABORTED, REFUSED},
    {"back-abort-peer", "expect", BACK, ABORTED, STILL_RUNS},
    {"back-abort-peer", "expect", BACK, ABORTED, REFUSED},
    {"back-boot", "expect", BACK, BOOTED(BEFORE), REFUSED},
    {"back-boot-peer", "expect", BACK, BOOTED(BEFORE), REFUSED},
    {"back-reboot", "expect", BACK, "Shutdown NOW!\n[pid 17221]\n", REFUSED},
    {"back-reboot-peer", "expect", BACK, "Shutdown NOW!\n[pid 17221]\n", REFUSED},
    /* not rebooted yet; back with another version, which is at the same time the end of the wait */
    {"back-wait", "expect", BACK "back_before=2026-11-22_10:00:00_UTC ",
     JUNOS(OLD) BOOTED(LATER), JUNOS(OLD) BOOTED(BEFORE)},
    {"back-wait", "expect", BACK "back_before=2026-11-22_10:00:00_UTC ",
     JUNOS(OLD) BOOTED(LATER), JUNOS(NEW) BOOTED(LATER)},
    {"back-wait", "failed", BACK "back_before=2026-11-22_10:00:00_UTC ",
     JUNOS(NEW) BOOTED(LATER), JUNOS(NEW) BOOTED(BEFORE)},
    {"back-wait-peer", "expect", BACK "back_before=2026-11-22_10:00:00_UTC ",
     JUNOS(OLD) BOOTED(LATER), JUNOS(OLD) BOOTED(BEFORE)},
    {"back-wait-peer", "expect", BACK "back_before=2026-11-22_10:00:00_UTC ",
     JUNOS(OLD) BOOTED(LATER), JUNOS(NEW) BOOTED(LATER)},
    {"back-wait-peer", "failed", BACK "back_before=2026-11-22_10:00:00_UTC ",
     JUNOS(NEW) BOOTED(LATER), JUNOS(NEW) BOOTED(BEFORE)},
    {"back-cluster", "expect", BACK, STATUS(PRIMARY, SECONDARY), STATUS(PRIMARY, LOST)},
    {"back-cluster", "expect", BACK, STATUS(SECONDARY, PRIMARY), STATUS(HELD, PRIMARY)},
    {"back-cluster", "expect", BACK, STATUS(MARKED, SECONDARY), STATUS(PRIMARY, UNSYNCED)},
    {"back-cluster", "expect", BACK, STATUS(PRIMARY, SECONDARY), STATUS(PRIMARY, ZERO)},
    {"back-release", "when", BACK "lead0=0 ", NULL, BACK},
    {"back-release", "when", BACK "lead1=1 ", NULL, BACK},
    {"back-release", "expect", BACK, STATUS(PRIMARY, SECONDARY), STATUS(MARKED, SECONDARY)},
    {"back-release", "expect", BACK, STATUS(PRIMARY, SECONDARY), REFUSED},
};

/* Which of the two nodes has the newer version, as far as the way back has come: what becomes of it
 * depends on that. `holds`: a letter for each of the states, one for both of them. */
static const char *const states[] = {
    "release_self=" OLD " next_self=" OLD " release_peer=" OLD " next_peer=" OLD " ",
    "release_self=" OLD " next_self=" OLD " release_peer=" NEW " next_peer=" NEW " ",
    /* staged; rolled back */
    "release_self=" OLD " next_self=" OLD " release_peer=" OLD " next_peer=" NEW " ",
    "release_self=" OLD " next_self=" OLD " release_peer=" NEW " next_peer=" OLD " ",
    "release_self=" NEW " next_self=" NEW " release_peer=" OLD " next_peer=" OLD " ",
    "release_self=" OLD " next_self=" NEW " release_peer=" OLD " next_peer=" OLD " ",
    "release_self=" NEW " next_self=" OLD " release_peer=" OLD " next_peer=" OLD " ",
    "release_self=" OLD " next_self=" NEW " release_peer=" NEW " next_peer=" NEW " ", /* BOTH */
    "release_self=" OLD " next_self=" NEW " release_peer=" OLD " next_peer=" NEW " ",
    "release_self=" NEW " next_self=" OLD " release_peer=" NEW " next_peer=" OLD " ",
};
enum { BOTH = 7 }; /* from this one on */
#define NODE0 BACK "node_self=0 node_peer=1 "
#define NODE1 BACK "node_self=1 node_peer=0 "
#define LEADS(node0, node1, first, second)                                                         \
	STATUS(node0, node1)                                                                       \
	"\nRedundancy group: 1 , Failover count: 1\nnode0  " first "\nnode1  " second "\n"
#define NODE0_LEADS LEADS(PRIMARY, SECONDARY, PRIMARY, SECONDARY)
#define NODE1_LEADS LEADS(SECONDARY, PRIMARY, SECONDARY, PRIMARY)
#define BOTH_LEAD LEADS(PRIMARY, SECONDARY, SECONDARY, PRIMARY)

static const struct {
	const char *name, *part, *values, *said, *holds;
} by_state[] = {
    {"back-stop", "when", NODE0, NULL, "YNNNYYYN"},
    {"back-stop-peer", "when", NODE0, NULL, "NYYYNNNY"},
    {"back-free", "when", NODE0, NULL, "NNNNNNNY"},
    {"back-free-peer", "when", NODE0, NULL, "NNNNNNNY"},
    {"back-one", "expect", NODE0, NULL, "YYYYYYYN"},
    {"back-set", "when", NODE0, NULL, "NNNNYYNN"},
    {"back-set-peer", "when", NODE0, NULL, "NYYNNNNN"},
    {"back-hold", "when", NODE0 "lead0=0 ", NULL, "NNNNYYYY"},
    {"back-hold", "when", NODE1 "lead0=0 ", NULL, "NYYYNNNY"},
    {"back-hold", "when", NODE0 "lead1=0 ", NULL, "NYYYNNNY"},
    {"back-hold", "when", NODE1 "lead1=0 ", NULL, "NNNNYYYY"},
    {"back-hold", "when", NODE0, NULL, "NNNNNNNN"},
    {"back-move-0", "when", NODE0 "lead0=0 ", NULL, "NNNNYYYY"},
    {"back-move-0", "when", NODE1 "lead0=0 ", NULL, "NYYYNNNY"},
    {"back-move-0", "when", NODE0 "lead1=0 ", NULL, "NNNNNNNN"},
    {"back-move-1", "when", NODE0 "lead1=0 ", NULL, "NYYYNNNY"},
    {"back-move-1", "when", NODE1 "lead1=0 ", NULL, "NNNNYYYY"},
    {"back-move-1", "when", NODE0 "lead0=0 ", NULL, "NNNNNNNN"},
    {"back-moved", "when", NODE0, NULL, "NYYYYYYY"},
    {"back-moved", "expect", NODE0, NODE0_LEADS, "NYYYNNNY"},
    {"back-moved", "expect", NODE0, NODE1_LEADS, "NNNNYYYY"},
    {"back-moved", "expect", NODE1, NODE0_LEADS, "NNNNYYYY"},
    {"back-moved", "expect", NODE1, NODE1_LEADS, "NYYYNNNY"},
    {"back-moved", "expect", NODE0, BOTH_LEAD, "NNNNNNNN"},
    {"back-moved", "expect", NODE0, STATUS(SECONDARY, SECONDARY), "NNNNNNNN"},
    {"back-boot", "when", NODE0, NULL, "NNNNYYYY"},
    {"back-boot-peer", "when", NODE0, NULL, "NYYYNNNY"},
    {"back-reboot", "when", NODE0, NULL, "NNNNYYYN"},
    {"back-reboot-peer", "when", NODE0, NULL, "NYYYNNNN"},
    {"back-wait", "when", NODE0, NULL, "NNNNYYYY"},
    {"back-wait-peer", "when", NODE0, NULL, "NYYYNNNY"},
};

#define BUNDLES "bundles=ae1 drain=yes lacp-peer-check=yes "
#define PPS(n)                                                                                     \
	"{\"interface-information\":[{\"physical-interface\":[{\"name\":[{\"data\":\"et-0/0/1\"}]," \
	"\"traffic-statistics\":[{\"input-pps\":[{\"data\":\"" n "\"}]}]}]}]}"

static const struct row hitless_rows[] = {
    {"hostname", "expect", "device=fw1-node0 ", JUNOS(OLD), "Hostname: leaf2\nModel: qfx5120\n"},
    {"peer-named", "when", BUNDLES, NULL, "bundles=ae1 drain=no "},
    {"peer-named", "when", BUNDLES, NULL, "drain=yes "},
    {"peer-named", "expect", "peer=leaf2 ", "Hostname: leaf2\n", "Hostname: leaf3\n"},
    {"lacp-peer-after", "when", BUNDLES, NULL, "bundles=ae1 lacp-peer-check=no "},
    {"lacp-peer-after", "when", BUNDLES, NULL, "lacp-peer-check=yes "},
    {"lacp-peer-after", "expect", "", "ae1 Collecting distributing\nlooked\n",
     "ae1 Detached\nlooked\n"},
    {"lacp-peer-after", "expect", "", "looked\n", "ae1 Collecting distributing\n"},
    {"lacp-peer-after", "expect", "", "ae1 Collecting distributing\nlooked\n",
     "00:01:02:03:04:05:06:07:08:09 is on no bundle\nlooked\n"},
    {"wait-traffic", "when", BUNDLES "traffic-limit=100 role=leaf ", NULL,
     "bundles=ae1 drain=no traffic-limit=100 role=leaf "},
    {"wait-traffic", "when", BUNDLES "traffic-limit=100 role=leaf ", NULL,
     BUNDLES "traffic-limit=0 role=leaf "},
    {"wait-traffic", "when", "drain=yes traffic-limit=100 role=spine ", NULL,
     "drain=yes traffic-limit=100 role=border "},
    {"wait-traffic", "expect", "traffic-limit=100 ", PPS("100"), PPS("101")},
    {"wait-boot", "expect", STAYS, JUNOS(NEW) BOOTED(LATER), JUNOS(NEW) BOOTED(BEFORE)},
    {"wait-boot", "expect", STAYS, JUNOS(NEW) BOOTED(LATER), JUNOS(OLD) BOOTED(LATER)},
    {"wait-boot", "failed", STAYS, JUNOS(OLD) BOOTED(LATER), JUNOS(OLD) BOOTED(BEFORE)},
};

/* --- asking --------------------------------------------------------------------------------- */
static void values_of(const char *text, struct values *v)
{
	char *copy = xstrdup(text);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');
		*value++ = '\0';
		for (char *at = strchr(value, '_'); at; at = strchr(at, '_'))
			*at = ' ';
		values_set(v, word, value);
	}
	free(copy);
}

static enum verdict ask(const struct judge *j, const char *values, const char *said)
{
	struct values v = {0};
	values_of(values, &v);
	struct scope scope = {{&v}};
	struct answer a = {0, said ? said : "", said ? strlen(said) : 0, "", 0, false};
	enum verdict got = judge_ask(j, &a, &scope, NULL, NULL);
	values_release(&v);
	return got;
}

static const struct judge *part_of(const struct procedure *p, const char *name, const char *part)
{
	const struct step *s = procedure_step(p, name);
	const struct check *c = s ? NULL : procedure_check(p, name);
	if (!s && !c)
		fail_msg("there is no %s any more", name);
	const struct judge *j = str_eq(part, "when")     ? (s ? s->when : c->when)
				: str_eq(part, "failed") ? s->failed
				: s			 ? s->expect
							 : c->expect;
	if (!j)
		fail_msg("%s has no \"%s\" any more", name, part);
	return j;
}

static void both_ways(const struct procedure *p, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		const struct judge *j = part_of(p, r->name, r->part);
		enum verdict yes = ask(j, r->values, r->yes);
		enum verdict no = r->yes ? ask(j, r->values, r->no) : ask(j, r->no, NULL);
		if (yes != VERDICT_YES || no != VERDICT_NO)
			fail_msg("%s, \"%s\", row %zu: %d and %d", r->name, r->part, i + 1, yes, no);
	}
}

static void of_each_state(const struct procedure *p)
{
	for (size_t i = 0; i < LEN(by_state); i++)
		for (size_t k = 0; k < LEN(states); k++) {
			const struct judge *j = part_of(p, by_state[i].name, by_state[i].part);
			char *values = xasprintf("%s%s", by_state[i].values, states[k]);
			enum verdict got = ask(j, values, by_state[i].said);
			free(values);
			char holds = by_state[i].holds[k < BOTH ? k : BOTH];
			if (got != (holds == 'Y' ? VERDICT_YES : VERDICT_NO))
				fail_msg("%s, \"%s\", row %zu, state %zu: %d", by_state[i].name,
					 by_state[i].part, i + 1, k + 1, got);
		}
}

static bool is_asked(const char *name, const char *part)
{
	for (size_t i = 0; i < LEN(issu_rows); i++)
		if (str_eq(issu_rows[i].name, name) && str_eq(issu_rows[i].part, part))
			return true;
	for (size_t i = 0; i < LEN(by_state); i++)
		if (str_eq(by_state[i].name, name) && str_eq(by_state[i].part, part))
			return true;
	return false;
}

/* --- the tests ------------------------------------------------------------------------------ */
static struct procedure *load(const char *name)
{
	struct err e = {0};
	char path[256];
	(void)snprintf(path, sizeof(path), TOP_SRCDIR "/src/procedures/%s.json", name);
	struct procedure *p = procedure_load(path, &e);
	if (!p)
		fail_msg("%s", e.text);
	return p;
}

static void clusters(void **state)
{
	struct procedure *p = load("junos-issu");
	(void)state;
	both_ways(p, issu_rows, LEN(issu_rows));
	of_each_state(p);
	procedure_free(p);
}

/* All of the way back, whatever is added to it. */
static void none_is_left_out(void **state)
{
	struct procedure *p = load("junos-issu");
	size_t seen = 0;
	(void)state;
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];
		if (!str_starts(s->name, "back-"))
			continue;
		seen++;
		if ((s->when && !is_asked(s->name, "when")) ||
		    (s->expect && !is_asked(s->name, "expect")) ||
		    (s->failed && !is_asked(s->name, "failed")))
			fail_msg("nobody asks a condition of %s", s->name);
	}
	assert_in_range(seen, 31, 40);
	procedure_free(p);
}

static void fabrics(void **state)
{
	struct procedure *p = load("junos-hitless");
	(void)state;
	both_ways(p, hitless_rows, LEN(hitless_rows));
	procedure_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clusters),
	    cmocka_unit_test(none_is_left_out),
	    cmocka_unit_test(fabrics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
