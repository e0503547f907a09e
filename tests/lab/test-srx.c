/* SPDX-License-Identifier: ISC */
/* Chassis clusters of the lab: what they show, redundancy groups, and in-service upgrades. */
#include "config.h"

#include "srx_help.h"

static void views(void **state)
{
	static const struct {
		const char *command, *part;
	} rows[] = {
	    {"show version", "\n\nnode1:\n"},
	    {"show version | display json",
	     "\"multi-routing-engine-item\":[{\"re-name\":[{\"data\":"
	     "\"node0\"}]"},
	    {"show version node 1", "Hostname: fw1-node1\n"},
	    {"show chassis cluster status",
	     "Cluster ID: 1\n"
	     "Node   Priority Status               Preempt Manual   Monitor-failures\n\n"
	     "Redundancy group: 0 , Failover count: 1\n"
	     "node0  200      primary              no      no       None           \n"
	     "node1  100      secondary            no      no       None           \n\n"
	     "Redundancy group: 1 , Failover count: 1\n"
	     "node0  200      primary              yes     no       None           \n"},
	    {"show chassis cluster status redundancy-group 0 | match \"^Redundancy\" | count",
	     "Count: 1 lines"},
	    {"show chassis cluster status | display json",
	     "\"redundancy-group-id\":[{\"data\":\"0\"}],\"redundancy-group-failover-count\":[{"
	     "\"data\":\"1\"}],\"device-stats\":[{\"device-name\":[{\"data\":\"node0\"},{\"data\":"
	     "\"node1\"}],\"device-priority\":[{\"data\":\"200\"},{\"data\":\"100\"}]"},
	    {"show chassis cluster interfaces", "Control link status: Up\n"},
	    {"show chassis cluster interfaces", "Fabric link status: Up\n"},
	    {"show chassis cluster interfaces", "    reth1        Up          1 "},
	    {"show chassis cluster information", "Redundancy Group 1 , Current State: primary"},
	    {"show chassis cluster information issu", "    CS Postreq              1 of 1 SPUs"},
	    {"show chassis cluster information configuration-synchronization",
	     "Last sync result: Not needed"},
	    {"show chassis cluster statistics", "Heartbeat packets received: "},
	    {"show chassis cluster control-plane statistics", "Heartbeat packet errors: 0"},
	    {"show chassis cluster data-plane interfaces", "ge-7/0/2"},
	    {"show security flow session summary | match ^Unicast",
	     "Unicast-sessions: 4100\nUnicast"},
	    {"show security zones terse", "\nuntrust                     Security\n"},
	    {"show security policies", "  Policy: dns, State: enabled, Index: 5, "},
	    {"show route summary", "inet.0: 30 destinations, 30 routes (30 active, "},
	    {"show system storage no-forwarding", "/.mount/var"},
	    {"show chassis routing-engine", "Idle                      88 percent"},
	    {"show system processes extensive", "88.0% idle"},
	    {"show configuration chassis cluster | display set | match preempt",
	     "set chassis cluster redundancy-group 1 preempt"},
	    {"show configuration routing-options | display set", "graceful-restart"},
	    {"show version", "\n{primary:node0}\n"},
	    {"request system snapshot", "error: command is not valid on the srx1500"},
	    {"request vmhost software in-service-upgrade /x reboot", "error: command is not valid"},
	};
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		answers(b, "fw1-node0", rows[i].command, rows[i].part);
	assert_null(strstr(say(b, "fw1-node1", "show version"), "node0:"));
	answers(b, "fw1-node1", "show version", "{secondary:node1}");
	answers(b, "fw1-node1", "show route summary", "inet.0: 2 destinations, ");
	/* the second cluster has a group on either node */
	answers(b, "fw2-node0", "show chassis cluster status", "Redundancy group: 2");
	answers(b, "fw2-node0", "show chassis cluster interfaces",
		"    reth1        Up          2 ");
	assert_true(info_of(b, "fw2-node0").serving && info_of(b, "fw2-node1").serving);
	assert_true(info_of(b, "fw1-node0").serving && !info_of(b, "fw1-node1").serving);
	assert_string_equal(info_of(b, "fw1-node0").group, "fw1");
	assert_string_equal(info_of(b, "fw1-node0").group_kind, "cluster");
	bench_free(b);
}

/* A release of long ago words its table otherwise. */
static void old_release(void **state)
{
	struct bench *b = pairs("srx5800", "11.4R12.4");
	(void)state;
	answers(b, "fw1-node0", "show chassis cluster status",
		"Cluster ID: 1\n"
		"Node name                  Priority    Status    Preempt  Manual failover\n\n"
		"Redundancy group: 0 , Failover count: 1\n"
		"    node0                   200         Primary   No       No\n"
		"    node1                   100         Secondary No       No\n");
	bench_free(b);
}

/* A commit on one node is one on both. */
static void one_configuration(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	answers(b, "fw1-node0",
		"configure; delete chassis cluster redundancy-group 1 preempt; commit and-quit",
		"node1: \ncommit complete\nnode0: \ncommit complete");
	answers(b, "fw1-node1",
		"show configuration chassis cluster | display set | match preempt | "
		"count",
		"Count: 0 lines");
	answers(b, "fw1-node1", "show chassis cluster status redundancy-group 1",
		"node0  200      primary              no      no");
	bench_free(b);
}

static void failover(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	answers(b, "fw1-node0", "request chassis cluster failover redundancy-group 1 node 1",
		"node1:\n----------------------------------------------------------------------"
		"----\nInitiated manual failover for redundancy group 1\n");
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
		"node0  200      secondary-hold       yes     yes      None           \n"
		"node1  255      primary              yes     yes      None ");
	assert_true(info_of(b, "fw1-node1").serving);
	wait_ms(b, MINUTE);
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1", "secondary   ");
	answers(b, "fw1-node0", "request chassis cluster failover redundancy-group 1 node 0",
		"Please reset it before requesting a failover");
	answers(b, "fw1-node0", "request chassis cluster failover reset redundancy-group 1",
		"Successfully reset manual failover for redundancy group 1\n");
	wait_ms(b, MINUTE); /* the better one may have it back */
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
		"node0  200      primary              yes     no");
	/* group 0 does not go back by itself, and not at once */
	answers(b, "fw1-node0", "request chassis cluster failover node 1 redundancy-group 0",
		"Initiated manual");
	answers(b, "fw1-node0", "show version", "{secondary-hold:node0}");
	answers(b, "fw1-node0", "request chassis cluster failover reset redundancy-group 0",
		"Successfully");
	wait_ms(b, 4 * MINUTE);
	answers(b, "fw1-node0", "request chassis cluster failover node 0 redundancy-group 0",
		"is in secondary-hold state");
	wait_ms(b, 2 * MINUTE);
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 0",
		"node1  100      primary ");
	answers(b, "fw1-node0", "request chassis cluster failover node 0 redundancy-group 0",
		"Initiated manual");
	answers(b, "fw1-node0", "clear chassis cluster failover-count; show chassis cluster status",
		"Redundancy group: 0 , Failover count: 0");
	no_violation(b);
	bench_free(b);
}

/* A node that reboots is lost, then held, and in step only later. */
static void reboot(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	answers(b, "fw1-node0", "request system reboot node 1", "node1:\n-----");
	assert_true(until(b, "fw1-node1 down", MINUTE));
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
		"node1  0        lost                 n/a     n/a      n/a ");
	answers(b, "fw1-node0", "show version",
		"error: Could not connect to node1 : No route to host");
	assert_true(until(b, "fw1-node1 up", 10 * MINUTE));
	answers(b, "fw1-node1", "show security flow session summary", "Unicast-sessions: 0\n");
	answers(b, "fw1-node0", "show security flow session summary node 0",
		"Unicast-sessions: 41");
	answers(b, "fw1-node0", "show chassis cluster status", "node1  0        hold ");
	wait_ms(b, MINUTE);
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
		"node1  0        secondary            yes     no       CS ");
	answers(b, "fw1-node0", "show chassis cluster information issu",
		"    CS Prereq               0 of 1 SPUs completed");
	wait_ms(b, 5 * MINUTE);
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
		"node1  100      secondary            yes     no       None ");
	answers(b, "fw1-node1", "show chassis cluster information",
		"hold                 secondary            Hold timer expired");
	no_violation(b);
	bench_free(b);
}

/* The session tells ten stages and ends with the node; both nodes are new, and traffic never ends.
 */
static void upgrade(void **state)
{
	static const char *const said[] = {
	    "Chassis ISSU Check Done\n",
	    "Initiated manual failover for all redundancy-groups to node0\n",
	    "ISSU: Validating Image\n",
	    "Validation succeeded\n",
	    "ISSU: Preparing Backup RE\n",
	    "Finished upgrading secondary node node1\n",
	    "]: Rebooting Secondary Node\n",
	    "]: node1 became secondary.\n",
	    "ISSU: Preparing Daemons\n",
	    "ISSU: Starting Upgrade for FRUs\n",
	    "]: Secondary node1 ready for failover.\n",
	    "]: Failing over all redundancy-groups to node1\n",
	    "ISSU: Preparing for Switchover\n",
	    "*** FINAL System shutdown message from admin@fw1-node0 ***\n\n"
	    "System going down IMMEDIATELY\n",
	    NULL,
	};
	static const char *const done[] = {"fw1-node0 issu-start fw1 " FROM " -> " TO
					   " from node0\n",
					   "fw1-node0 issu-stage fw1 1 ",
					   "fw1-node0 issu-stage fw1 4 ",
					   "fw1-node1 reboot in-service-upgrade\n",
					   "fw1-node1 installed " TO "\n",
					   "fw1-node0 issu-stage fw1 9 ",
					   "fw1-node1 failover fw1 redundancy-group 0 to node1",
					   "fw1-node0 issu-stage fw1 10 ",
					   "fw1-node0 reboot in-service-upgrade\n",
					   "fw1-node0 issu-end fw1 done\n",
					   "fw1-node0 installed " TO "\n",
					   NULL};
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	in_order(say(b, "fw1-node0", ISSU), said);
	assert_true(b->r.dropped);
	wait_ms(b, 20 * MINUTE);
	in_order(str_text(&b->events), done);
	no_violation(b);
	answers(b, "fw1-node1", "show version",
		"node0:\n-------------------------------------------"
		"-------------------------------\nHostname: fw1-node0\nModel: srx1500\nJunos: " TO);
	answers(b, "fw1-node1", "show version | match ^Junos: | count", "Count: 2 lines");
	answers(b, "fw1-node1", "show security flow session summary", "Unicast-sessions: 41");
	answers(b, "fw1-node1", "show chassis cluster status",
		"Redundancy group: 0 , Failover count: 2\n"
		"node0  200      secondary            no      no       None           \n"
		"node1  100      primary              no      no       None           \n");
	bench_free(b);
}

/* Two clusters at the same time: each minds its own. */
static void two_clusters(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	put_image(b, "fw2-node0", "srx1500", TO);
	struct lab_run *one = begin(b, "fw1-node0", ISSU), *two = begin(b, "fw2-node0", ISSU);
	wait_ms(b, HOURS_2);
	assert_true(lab_run_dropped(one) && lab_run_dropped(two));
	lab_run_close(one);
	lab_run_close(two);
	versions(b, TO, TO);
	assert_string_equal(info_of(b, "fw2-node0").version, TO);
	assert_string_equal(info_of(b, "fw2-node1").version, TO);
	/* with the manual bit gone, group 2 is where its priority is better */
	answers(b, "fw2-node1", "show chassis cluster status redundancy-group 2",
		"node1  200      primary              yes     no       None ");
	no_violation(b);
	bench_free(b);
}

/* The old primary is made the primary again by hand. */
static void failback(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	(void)say(b, "fw1-node0", ISSU);
	wait_ms(b, 20 * MINUTE);
	answers(b, "fw1-node1", "request chassis cluster failover node 0 redundancy-group 0",
		"Initiated manual failover for redundancy group 0");
	answers(b, "fw1-node1", "request chassis cluster failover reset redundancy-group 0",
		"Successfully reset");
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 0",
		"node0  200      primary              no      no ");
	no_violation(b);
	bench_free(b);
}

/* While it runs nothing else is done; its session may go, and it goes on. */
static void goes_on(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, "fw1-node0:issu-drops=4");
	struct lab_run *run = begin(b, "fw1-node0", ISSU);
	assert_true(until(b, "issu-stage fw1 4 ", 10 * MINUTE));
	assert_true(lab_run_dropped(run));
	lab_run_close(run);
	answers(b, "fw1-node0", "show chassis cluster status redundancy-group 1",
		"node0  255      primary              yes     yes ");
	assert_null(
	    strstr(say(b, "fw1-node0", "show chassis cluster information issu"), "n-service"));
	no_violation(b);
	answers(b, "fw1-node0", ISSU, "warning: ISSU in progress\n");
	assert_true(happened(b, "fw1-node0 violation second-issu fw1\n"));
	answers(b, "fw1-node0", "configure; set system services ftp; commit and-quit",
		"error: ISSU in progress");
	assert_true(happened(b, "violation commit-during-issu fw1"));
	answers(b, "fw1-node1", "request system reboot", "error: ISSU in progress");
	assert_true(happened(b, "violation reboot-during-issu fw1"));
	answers(b, "fw1-node0", "request system software add " IMAGE, "error: ISSU in progress");
	assert_true(happened(b, "violation install-during-issu fw1"));
	answers(b, "fw1-node0", "request chassis cluster failover node 1 redundancy-group 1",
		"error: ISSU in progress");
	wait_ms(b, HOURS_2);
	assert_true(happened(b, "issu-end fw1 done"));
	versions(b, TO, TO);
	bench_free(b);
}

/* Without a sync: both nodes reboot, one after the other, and traffic stops for about 30 s. */
static void in_band(void **state)
{
	static const char *const said[] = {
	    "ISSU: Validating package\nWARNING: in-service-upgrade shall reboot both the nodes\n",
	    "ISSU: start downloading software package on secondary node\nPushing bundle to node1\n",
	    "ISSU: finished upgrading on secondary node node1\n",
	    "ISSU: start upgrading software package on primary node\n",
	    "Initiated manual failover for all redundancy-groups to node0\n",
	    "ISSU: rebooting Secondary Node\n",
	    "ISSU: secondary node node1 booted up.\n",
	    "System going down IMMEDIATELY\n",
	    NULL};
	static const char *const done[] = {"fw1-node1 reboot",  "fw1-node1 up " TO,
					   "fw1-node0 reboot",  "interrupted cluster-dark fw1",
					   "fw1-node1 serving", "forwards fw1",
					   "fw1-node0 up " TO,  NULL};
	struct bench *b = pairs("srx345", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx345", TO);
	answers(b, "fw1-node0", ISSU, "without no-sync");
	in_order(
	    say(b, "fw1-node0", "request system software in-service-upgrade " IMAGE " no-sync"),
	    said);
	assert_true(until(b, "forwards fw1", 10 * MINUTE));
	wait_ms(b, MINUTE); /* sessions are new ones */
	answers(b, "fw1-node1", "show security flow session summary", "Unicast-sessions: 3");
	wait_ms(b, 20 * MINUTE);
	in_order(str_text(&b->events), done);
	versions(b, TO, TO);
	no_violation(b);
	answers(b, "fw1-node1", "request system snapshot", "Snapshot completed");
	/* that was the upgrade: whoever reboots the primary now is at fault */
	(void)say(b, "fw1-node0", "request system reboot");
	wait_ms(b, MINUTE);
	assert_true(happened(b, "violation traffic-hit fw1"));
	bench_free(b);
}

/* On a box of the vmhost family the command is another one. */
static void vmhost(void **state)
{
	static const char *const line =
	    "request vmhost software in-service-upgrade " IMAGE " reboot";
	struct bench *b = pairs("srx2300", "23.4R1.10");
	(void)state;
	put_image(b, "fw1-node0", "srx2300", TO);
	answers(b, "fw1-node0", ISSU, "error: command is not valid on the srx2300");
	answers(b, "fw1-node0",
		"request vmhost software in-service-upgrade " IMAGE " no-copy reboot",
		"syntax error");
	answers(b, "fw1-node0", line, "System going down IMMEDIATELY");
	wait_ms(b, 20 * MINUTE);
	versions(b, TO, TO);
	no_violation(b);
	bench_free(b);
}

/* One node is new: that one may be rolled back, and then not the other one, too. */
static void both_rolled_back(void **state)
{
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	fault(b, "fw1-node0:issu-failover-fails");
	answers(b, "fw1-node0", "request system software in-service-upgrade " IMAGE " reboot",
		"error-code: 7.1");
	(void)say(b, "fw1-node0", "request system software rollback node 1");
	no_violation(b);
	(void)say(b, "fw1-node0", "request system software rollback node 0");
	assert_true(happened(b, " violation both-rolled-back fw1\n"));
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_rolled_back),
	    cmocka_unit_test(views),
	    cmocka_unit_test(old_release),
	    cmocka_unit_test(one_configuration),
	    cmocka_unit_test(failover),
	    cmocka_unit_test(reboot),
	    cmocka_unit_test(upgrade),
	    cmocka_unit_test(two_clusters),
	    cmocka_unit_test(failback),
	    cmocka_unit_test(goes_on),
	    cmocka_unit_test(in_band),
	    cmocka_unit_test(vmhost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
