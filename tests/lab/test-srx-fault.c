/* SPDX-License-Identifier: ISC */
/* In-service upgrades that go wrong: what the box says, how it is left, and the way out of it. */
#include "config.h"

#include "srx_help.h"

#define FIVE_STEPS                                                                                 \
	": ISSU aborted. But, both nodes are in ISSU window.\nPlease do the following:\n"          \
	"1. Rollback the node with the newer image using rollback command\n"                       \
	"   Note: use the 'node' option in the rollback command\n"

/* --- before it begins ------------------------------------------------------------------------- */

/* An upgrade is asked of fw1-node0 (unless it is said): refused, and nothing has happened. */
struct refusal {
	const char *platform, *from, *to, *fault, *command, *part;
};

static void refuse(const struct refusal *r)
{
	const char *platform = r->platform ? r->platform : "srx1500";
	const char *from = r->from ? r->from : FROM;
	struct bench *b = pairs(platform, from);
	put_image(b, "fw1-node0", platform, r->to ? r->to : TO);
	put_image(b, "fw1-node1", platform, r->to ? r->to : TO);
	if (r->fault)
		fault(b, r->fault);
	bool second = r->command && strncmp(r->command, "node1 ", 6) == 0;
	answers(b, second ? "fw1-node1" : "fw1-node0",
		second       ? r->command + 6
		: r->command ? r->command
			     : ISSU,
		r->part);
	wait_ms(b, 30 * MINUTE);
	if (happened(b, " issu-start ") || happened(b, " reboot ") || happened(b, " staged "))
		fail_msg("%s: %s", r->part, str_text(&b->events));
	versions(b, from, from);
	no_violation(b);
	bench_free(b);
}

static void refusals(void **state)
{
	static const struct refusal rows[] = {
	    {.command = "node1 " ISSU, .part = "must be started on the primary node"},
	    {.command = "request system software in-service-upgrade " IMAGE,
	     .part = "]: 'reboot' keyword must be specified. Aborting ISSU\n"},
	    {.command = "request system software in-service-upgrade /var/tmp/none.tgz reboot",
	     .part = "ERROR: package: /var/tmp/none.tgz is not found or empty\nerror: ["},
	    {.fault = "fw1-node0:image-gone", .part = "is not found or empty\n"},
	    {.fault = "fw1-node0:image-corrupt", .part = "ERROR: verification of package"},
	    {.to = "22.4R2.8", .part = "22.4R2.8 is not later than " FROM},
	    {.to = FROM, .part = "ISSU Aborted!\n"},
	    {.from = "17.3R3.9", .to = "17.4R2.7", .part = "is not supported on the srx1500"},
	    {.from = "15.1X49-D60.7",
	     .part = "not supported on the srx1500 before Junos 15.1X49-D70"},
	    {"srx5800", "15.1X49-D190.2", "20.4R3.8", .part = "is not supported on the srx5800"},
	    {"vsrx", .part = "error: command is not valid on the vsrx"},
	    {"srx345", .to = "24.4R1.9",
	     .command = "request system software in-service-upgrade " IMAGE " no-sync",
	     .part = "in-band upgrade to 24.4R1.9 is not supported"},
	    {.command = "request system software in-service-upgrade " IMAGE " no-sync reboot",
	     .part = "error: command is not valid on the srx1500"},
	    {.fault = "fw1-node1:rg-priority-zero=1",
	     .part = "redundancy-group 1 priority of node1 is zero\n"},
	    {.fault = "fw1-node1:rg-ineligible=1",
	     .part = "redundancy-group 1 is ineligible on node1"},
	    {.fault = "fw1-node1:node-disabled", .part = "redundancy-group 0 is disabled on node1"},
	    {.fault = "fw1-node0:control-link-down", .part = "is ineligible on node1"},
	    {.fault = "fw1-node1:fabric-link-down", .part = "priority of node1 is zero"},
	    {.fault = "fw1-node1:disk-full=150000",
	     .part = "ERROR: insufficient space on /var of node1"},
	    {.fault = "fw1-node0:disk-full=150000", .part = "not enough disk space on node0"},
	    {.fault = "fw1-node1:cpu-busy=19", .part = "CPU utilization of node1 is too high"},
	    {.fault = "fw1-node0:config-open", .part = "error: configuration database modified"},
	    {.fault = "fw1-node0:issu-busy", .part = "warning: ISSU in progress\n"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		refuse(&rows[i]);
}

/* A package of another family, and steps that the hop rules allow. */
static void hops(void **state)
{
	static const struct {
		const char *platform, *from, *to;
	} rows[] = {
	    {"srx1500", "17.4R1.16", "17.4R3.16"},
	    {"srx5800", "17.3R1.10", "17.3R3.10"},
	    {"srx4100", "15.1X49-D80.4", "15.1X49-D190.2"},
	    {"srx4600", "17.4R1.16", "18.1R1.9"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = pairs(rows[i].platform, rows[i].from);
		put_image(b, "fw1-node0", "srx345", rows[i].to);
		answers(b, "fw1-node0", ISSU, "is not supported on this platform");
		put_image(b, "fw1-node0", rows[i].platform, rows[i].to);
		answers(b, "fw1-node0", ISSU, "System going down IMMEDIATELY");
		wait_ms(b, 20 * MINUTE);
		versions(b, rows[i].to, rows[i].to);
		no_violation(b);
		bench_free(b);
	}
}

/* What a look at the cluster shows of the same faults. */
static void shown(void **state)
{
	static const struct {
		const char *fault, *command, *part;
	} rows[] = {
	    {"fw1-node1:rg-priority-zero=1", "show chassis cluster status redundancy-group 1",
	     "node1  0        secondary            yes     no       IF "},
	    {"fw1-node1:rg-priority-zero=1", "show chassis cluster status redundancy-group 0",
	     "node1  100      secondary            no      no       None "},
	    {"fw1-node1:node-disabled=1", "show chassis cluster status redundancy-group 1",
	     "node1  100      disabled             yes     no       None "},
	    {"fw1-node1:control-link-down", "show chassis cluster interfaces",
	     "Control link status: Down"},
	    {"fw1-node1:fabric-link-down", "show chassis cluster interfaces",
	     "fab0    ge-0/0/2           Up   / Down "},
	    {"fw1-node1:cpu-busy=59", "show chassis routing-engine",
	     "Idle                      59"},
	    {"fw1-node1:cpu-busy=59", "show system processes extensive", "59.0% idle"},
	    {"fw1-node0:issu-busy", "show chassis cluster status redundancy-group 1",
	     "node0  255      primary              yes     yes      None "},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = pairs("srx1500", FROM);
		fault(b, rows[i].fault);
		answers(b, "fw1-node0", rows[i].command, rows[i].part);
		bench_free(b);
	}
	struct bench *b = pairs("srx1500", FROM);
	fault(b, "fw1-node1:control-link-down");
	wait_ms(b, 3 * MINUTE + 1000);
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 0",
		"node1  100      disabled ");
	bench_free(b);
}

/* --- the way out ------------------------------------------------------------------------------ */
static const char *node(int n)
{
	return n ? "fw1-node1" : "fw1-node0";
}

/* All groups to a node: what is held by hand is let go first, and a hold is waited for. */
static void make_primary(struct bench *b, int n)
{
	for (int g = 0; g < 2; g++) {
		char line[96], part[32];
		(void)snprintf(line, sizeof(line),
			       "show chassis cluster status redundancy-group %d", g);
		(void)snprintf(part, sizeof(part), "primary");
		const char *text = strstr(say(b, node(n), line), n ? "\nnode1" : "\nnode0");
		assert_non_null(text);
		if (strncmp(text + 16, part, strlen(part)) == 0)
			continue;
		(void)snprintf(line, sizeof(line),
			       "request chassis cluster failover reset redundancy-group %d", g);
		(void)say(b, node(n), line);
		(void)snprintf(line, sizeof(line),
			       "request chassis cluster failover node %d redundancy-group %d", n,
			       g);
		int tries = 0;
		while (!strstr(say(b, node(n), line), "Initiated manual")) {
			if (++tries > 10)
				fail_msg("%s", str_text(&b->r.out));
			wait_ms(b, MINUTE);
		}
	}
}

/* The five steps of the box: the newer image is on that node. */
static void recover(struct bench *b, int newer)
{
	char line[64];
	(void)snprintf(line, sizeof(line), "request system software rollback node %d", newer);
	(void)say(b, node(!newer), line);
	make_primary(b, !newer);
	answers(b, "fw1-node0", "request chassis cluster in-service-upgrade abort",
		"Exiting in-service-upgrade window");
	answers(b, "fw1-node1", "request system software abort in-service-upgrade",
		"Exiting in-service-upgrade window");
	(void)snprintf(line, sizeof(line), "request system reboot node %d", newer);
	answers(b, node(!newer), line, "Shutdown NOW!");
	wait_ms(b, 20 * MINUTE);
	versions(b, FROM, FROM);
	answers(b, node(!newer), "show chassis cluster status | match \"CS *$|lost|hold\" | count",
		"Count: 0 lines");
}

/* What the fault makes of an upgrade; -1: both nodes are as before, else which one is newer. */
struct failure {
	const char *fault, *part, *end;
	int newer;
};

static void fail_once(const struct failure *f)
{
	struct bench *b = pairs("srx1500", FROM);
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, f->fault);
	answers(b, "fw1-node0", ISSU, f->part);
	if (!strstr(str_text(&b->r.out), "ISSU Aborted!"))
		fail_msg("%s: %s", f->fault, str_text(&b->r.out));
	if (!happened(b, f->end))
		fail_msg("%s: no \"%s\": %s", f->fault, f->end, str_text(&b->events));
	assert_int_equal(strstr(str_text(&b->r.out), FIVE_STEPS) != NULL, f->newer >= 0);
	if (f->newer >= 0) {
		answers(b, "fw1-node0", ISSU,
			happened(b, "redundancy-group 0 to node1")
			    ? "must be started on the primary"
			    : "warning: ISSU in progress");
		recover(b, f->newer);
	}
	versions(b, FROM, FROM);
	no_violation(b);
	/* the second time it goes well */
	answers(b, "fw1-node0", ISSU, "System going down IMMEDIATELY");
	wait_ms(b, 20 * MINUTE);
	versions(b, TO, TO);
	no_violation(b);
	bench_free(b);
}

static void failures(void **state)
{
	static const struct failure rows[] = {
	    {"fw1-node0:rg-failover-fails",
	     "failover all redundancy-groups 1...n to node0 failed\n", "issu-end fw1 stopped", -1},
	    {"fw1-node0:validate-failsx1", "mgd: error: configuration check-out failed\n",
	     "issu-end fw1 stopped", -1},
	    {"fw1-node1:validate-failsx1", "configuration failed on node1\n",
	     "issu-end fw1 stopped", -1},
	    {"fw1-node1:ksyncd-error", "ksyncd: kernel state of node1 is not in step\n",
	     "issu-end fw1 stopped", -1},
	    {"fw1-node1:install-failsx1", "installation on node1 failed\n", "issu-end fw1 stopped",
	     -1},
	    {"fw1-node1:issu-reboot-fails",
	     "]: Reboot secondary node failed (error-code: 4.1)\n\nerror: [", "issu-end fw1 4.1",
	     1},
	    {"fw1-node1:cold-sync-stuck",
	     "]: timeout waiting for secondary node node1 to sync(error-code: 6.1)\n",
	     "issu-end fw1 6.1", 1},
	    {"fw1-node0:chassisd-error", "]: chassisd: ", "issu-end fw1 chassisd", 1},
	    {"fw1-node1:issu-failover-fails", "error: remote rg1 priority zero, abort failover.\n[",
	     "issu-end fw1 7.1", 1},
	    {"fw1-node0:install-failsx1", "Installation failed for package\n",
	     "issu-end fw1 install", 1},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		fail_once(&rows[i]);
}

/* The secondary does not come back: the box waits long for it, and then says 4.1. */
static void never_returns(void **state)
{
	static const struct {
		const char *platform, *from, *to;
		int minutes;
	} rows[] = {{"srx1500", FROM, TO, 45},
		    {"srx1500", "15.1X49-D70.3", "15.1X49-D90.7", 15},
		    {"srx5800", "17.4R1.16", "18.1R1.9", 15}};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = pairs(rows[i].platform, rows[i].from);
		struct err e = {0};
		put_image(b, "fw1-node0", rows[i].platform, rows[i].to);
		fault(b, "fw1-node1:never-returns");
		struct lab_run *run = begin(b, "fw1-node0", ISSU);
		assert_true(until(b, "fw1-node1 reboot", HOURS_2));
		int64_t at = lab_now(b->lab);
		assert_true(until(b, "issu-end fw1 4.1", HOURS_2));
		assert_in_range((lab_now(b->lab) - at) / MINUTE, rows[i].minutes - 1,
				rows[i].minutes);
		lab_run_close(run);
		assert_true(info_of(b, "fw1-node0").serving);
		answers(b, "fw1-node0", "request system software rollback node 1",
			"Could not connect to node1");
		/* somebody switches it on: it is new */
		assert_int_equal(lab_fault_clear(b->lab, "fw1-node1", &e), 0);
		wait_ms(b, 20 * MINUTE);
		assert_string_equal(info_of(b, "fw1-node1").version, rows[i].to);
		no_violation(b);
		bench_free(b);
	}
}

/* The last reboot of the old primary: not by itself, or without an end. The other one serves. */
static void old_primary(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, "fw1-node0:primary-stays");
	answers(b, "fw1-node0", ISSU, "Exiting in-service-upgrade window\n");
	assert_null(strstr(str_text(&b->r.out), "System going down"));
	assert_false(b->r.dropped);
	versions(b, FROM, TO);
	answers(b, "fw1-node0", "show version node 0", "Pending: " TO);
	answers(b, "fw1-node0", "request system reboot", "Shutdown NOW!");
	wait_ms(b, 20 * MINUTE);
	versions(b, TO, TO);
	no_violation(b);
	bench_free(b);

	b = pairs("srx1500", FROM);
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, "fw1-node0:never-returns");
	answers(b, "fw1-node0", ISSU, "System going down IMMEDIATELY");
	wait_ms(b, HOURS_2);
	assert_string_equal(info_of(b, "fw1-node0").phase, "dead");
	answers(b, "fw1-node1", "show chassis cluster status redundancy-group 1",
		"node0  0        lost                 n/a     n/a      n/a            \n"
		"node1  100      primary ");
	no_violation(b);
	bench_free(b);
}

/* The secondary boots what it had: two versions at the end, and no cold sync between them. */
static void two_versions(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, "fw1-node1:boots-old-imagex1");
	answers(b, "fw1-node0", ISSU, "System going down IMMEDIATELY");
	wait_ms(b, 30 * MINUTE);
	versions(b, TO, FROM);
	answers(b, "fw1-node1", "show chassis cluster status redundancy-group 1",
		"node0  0        secondary            yes     no       CS ");
	no_violation(b);
	bench_free(b);
}

/* --- ended by its people ---------------------------------------------------------------------- */
static void aborted(void **state)
{
	static const struct {
		const char *stage, *part;
		int newer;
	} rows[] = {{"3", "aborted on request\n", -1}, {"5", FIVE_STEPS, 1}};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = pairs("srx1500", FROM);
		struct str out = {0};
		char spec[32], event[32];
		put_image(b, "fw1-node0", "srx1500", TO);
		(void)snprintf(spec, sizeof(spec), "fw1-node0:issu-hangs=%s", rows[i].stage);
		(void)snprintf(event, sizeof(event), "issu-stage fw1 %s ", rows[i].stage);
		fault(b, spec);
		struct lab_run *run = begin(b, "fw1-node0", ISSU);
		assert_true(until(b, event, HOURS_2));
		wait_ms(b, HOURS_2);
		assert_false(lab_run_ended(run));
		answers(b, "fw1-node0", "request system software abort in-service-upgrade",
			"aborted after the current operation");
		wait_ms(b, 2 * MINUTE);
		assert_true(lab_run_ended(run));
		while (lab_run_output(run, 1, 65536, &out))
			;
		assert_has(str_text(&out), rows[i].part);
		str_release(&out);
		lab_run_close(run);
		if (rows[i].newer >= 0)
			recover(b, rows[i].newer);
		versions(b, FROM, FROM);
		answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
			"node0  200      primary              yes     no ");
		no_violation(b);
		bench_free(b);
	}
}

/* What an earlier upgrade left behind is aborted on both nodes; then it may begin. */
static void left_behind(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, "fw1-node0:issu-busy");
	answers(b, "fw1-node0", "request chassis cluster in-service-upgrade abort",
		"Exiting in-service-upgrade window");
	answers(b, "fw1-node0", ISSU, "warning: ISSU in progress");
	answers(b, "fw1-node1", "request chassis cluster in-service-upgrade abort",
		"Exiting in-service-upgrade window");
	answers(b, "fw1-node1", "request chassis cluster in-service-upgrade abort",
		"No in-service-upgrade is in progress");
	answers(b, "fw1-node0", ISSU, "System going down IMMEDIATELY");
	bench_free(b);
}

/* In band both are installed before one reboots: what fails then is to be undone on both. */
static void in_band(void **state)
{
	static const char *const line =
	    "request system software in-service-upgrade " IMAGE " no-sync";
	static const struct {
		const char *fault, *part;
		int newer;
	} rows[] = {
	    {"fw1-node0:install-failsx1", "installation on node0 failed\n", -1},
	    {"fw1-node1:issu-reboot-fails", FIVE_STEPS, 1},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = pairs("srx345", FROM);
		put_image(b, "fw1-node0", "srx345", TO);
		fault(b, rows[i].fault);
		answers(b, "fw1-node0", line, rows[i].part);
		if (rows[i].newer < 0) {
			answers(b, "fw1-node0", "show version | match Pending | count",
				"Count: 0 lines");
		} else {
			answers(b, "fw1-node0", "show version | match Pending | count",
				"Count: 2 lines");
			answers(b, "fw1-node0", "request system software rollback node 0",
				"Rollback of staged upgrade succeeded");
			recover(b, 1);
		}
		answers(b, "fw1-node0", line, "System going down IMMEDIATELY");
		wait_ms(b, 20 * MINUTE);
		versions(b, TO, TO);
		no_violation(b);
		bench_free(b);
	}
}

/* --- what the lab thinks of it ---------------------------------------------------------------- */
static void verdict(void **state)
{
	static const struct {
		const char *device, *commands[3];
		int64_t apart_ms;
		const char *violation;
	} rows[] = {
	    {"fw1-node0", {"request system software rollback"}, 0, "rollback-without-node fw1"},
	    {"fw1-node0",
	     {"request system reboot node 1", "request system reboot"},
	     MINUTE,
	     "both-nodes-down fw1"},
	    {"fw1-node0",
	     {"request system reboot node 1", "request system reboot"},
	     MINUTE,
	     "cluster-dark fw1"},
	    {"fw1-node0", {"request system reboot"}, 0, "traffic-hit fw1 redundancy-group 1"},
	    {"fw1-node0",
	     {"request system reboot node 1", "request system reboot node 1"},
	     20 * MINUTE,
	     "more-than-one-reboot fw1-node1"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = pairs("srx1500", FROM);
		for (int k = 0; k < 3 && rows[i].commands[k]; k++) {
			no_violation(b);
			(void)say(b, rows[i].device, rows[i].commands[k]);
			wait_ms(b, rows[i].apart_ms);
		}
		wait_ms(b, MINUTE);
		char text[96];
		(void)snprintf(text, sizeof(text), " violation %s\n", rows[i].violation);
		if (!happened(b, text))
			fail_msg("no \"%s\" in %s", text, str_text(&b->events));
		bench_free(b);
	}
	/* one reboot of the node that serves nothing is fine */
	struct bench *b = pairs("srx1500", FROM);
	(void)say(b, "fw1-node1", "request system reboot");
	wait_ms(b, 20 * MINUTE);
	assert_true(happened(b, "fw1-node1 reboot"));
	no_violation(b);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refusals),      cmocka_unit_test(hops),
	    cmocka_unit_test(shown),         cmocka_unit_test(failures),
	    cmocka_unit_test(never_returns), cmocka_unit_test(old_primary),
	    cmocka_unit_test(two_versions),  cmocka_unit_test(aborted),
	    cmocka_unit_test(left_behind),   cmocka_unit_test(in_band),
	    cmocka_unit_test(verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
