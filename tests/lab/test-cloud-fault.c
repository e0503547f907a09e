/* SPDX-License-Identifier: ISC */
/* What goes wrong in the MicroCloud of the lab, and what the lab holds against its operator. */
#include "config.h"

#include "cloud_help.h"

static void clear(struct bench *b, const char *spec)
{
	struct err e = {0};
	if (lab_fault_clear(b->lab, spec, &e))
		fail_msg("%s: %s", spec, e.text);
}

/* --- faults ------------------------------------------------------------------------------- */
static void store(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro01:store-unreachable");
	says(b, "micro01", "sudo snap refresh microceph --no-wait --cohort=+", 1,
	     "error: unable to contact snap store");
	says(b, "micro01", "snap info lxd", 0, "WARNING: unable to contact snap store");
	assert_null(strstr(str_text(&b->r.out), "channels:"));
	assert_false(happened(b, "refresh-begin"));
	clear(b, "micro01:store-unreachable");
	fault(b, "micro02:store-unreachablex1");
	says(b, "micro02", "sudo snap refresh microovn", 1, "unable to contact snap store");
	says(b, "micro02", "sudo snap refresh microovn", 0, "refreshed");
	fault(b, "micro01:store-busy");
	says(b, "micro01", "sudo snap refresh microceph", 1, "error: too many requests");
	says(b, "micro01", "sudo snap refresh microceph", 0, "refreshed");
	bench_free(b);
}

static void phased(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro02:store-phased=microceph");
	says(b, "micro01", "sudo snap refresh microceph --cohort=+; snap list microceph", 0,
	     "  1612  ");
	wait_ms(b, 30000);
	says(b, "micro02", "sudo snap refresh microceph --cohort=+; snap list microceph", 0,
	     "  1601  ");
	wait_ms(b, 30000);
	says(b, "micro01", "sudo microceph status", 1, "3 cluster members have not yet received");
	says(b, "micro02", "sudo snap refresh microceph --revision=1612; snap list microceph", 0,
	     "  1612  ");
	wait_ms(b, 30000);
	says(b, "micro01", "sudo microceph status", 1, "2 cluster members have not yet received");
	bench_free(b);
}

static void change(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro01:change-aborts=microovn");
	says(b, "micro01", "sudo snap refresh microovn", 1,
	     "error: cannot perform the following tasks:\n- Run post-refresh hook of \"microovn\" "
	     "snap if "
	     "present (run hook \"post-refresh\": ");
	says(b, "micro01", "snap changes", 0, "101  Error ");
	says(b, "micro01", "snap tasks --last=refresh", 0, "Undone ");
	says(b, "micro01", "snap list microovn", 0, "  667  ");
	wait_ms(b, 10000);
	says(b, "micro01", "sudo microovn status", 0, "OVN Northbound: OK");
	says(b, "micro01", "sudo snap refresh microovn", 0, "refreshed"); /* once only */
	fault(b, "micro02:apps-running=lxd");
	says(b, "micro02", "sudo snap refresh lxd --no-wait", 1,
	     "error: snap \"lxd\" has running apps (lxc), pids: 4711");
	fault(b, "micro02:change-busy=lxd");
	says(b, "micro02", "sudo snap refresh lxd --no-wait", 1,
	     "error: snap \"lxd\" has \"configure-snap\" change in progress");
	wait_ms(b, 900000);
	says(b, "micro02", "snap changes", 0, "Doing ");
	clear(b, "micro02:change-busy=lxd");
	wait_ms(b, 80000);
	says(b, "micro02", "snap changes", 0, "Done ");
	fault(b, "micro03:change-hangs");
	(void)run(b, "micro03", "sudo snap refresh microceph --no-wait");
	wait_ms(b, 900000);
	says(b, "micro03", "snap tasks 115", 0, "Copy snap \"microceph\" data");
	says(b, "micro03", "snap changes", 0, "115  Doing ");
	says(b, "micro03", "timeout 30 sudo microceph status", 124,
	     ""); /* no revision of it is in use */
	clear(b, "micro03:change-hangs");
	wait_ms(b, 30000);
	says(b, "micro03", "snap changes", 0, "115  Done ");
	bench_free(b);
}

static void held(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro04:not-held=lxd");
	says(b, "micro04", "snap list lxd", 0, "canonical✓  -\n");
	fault(b, "micro03:hold-slipped=microovn");
	says(b, "micro03", "sudo snap refresh microovn --revision=917", 1,
	     "has \"auto-refresh\" change in progress");
	wait_ms(b, 60000);
	says(b, "micro03", "snap list microovn", 0, "  905  ");
	blameless(b);
	bench_free(b);
}

/* After its refresh the daemon does not run: the member is away until it is mended. */
static void stays_down(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro01:snap-stays-down=microceph");
	refresh(b, "micro01", "microceph");
	wait_ms(b, 90000);
	says(b, "micro01", "sudo microceph status", 1, "connection refused");
	says(b, "micro02", "sudo microceph cluster list", 0, "UNREACHABLE");
	says(b, "micro02", "sudo ceph health", 0, "1/3 mons down, quorum micro02,micro03");
	says(b, "micro01", "snap services microceph", 0, "microceph.daemon  enabled  inactive");
	refresh(b, "micro02", "microceph");
	assert_true(
	    happened(b, "micro02 violation not-healthy microceph: it does not run on micro01"));
	clear(b, "micro01:snap-stays-down");
	wait_ms(b, 60000);
	says(b, "micro01", "sudo microceph cluster list", 0, "UPGRADING");
	says(b, "micro01", "sudo ceph health", 0, "HEALTH_OK");
	bench_free(b);
}

static void osd(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro01:osd-stays-down");
	says(b, "micro01", "sudo ceph health", 0, "HEALTH_OK"); /* from the next start on */
	refresh(b, "micro01", "microceph");
	wait_ms(b, 90000);
	says(b, "micro02", "sudo ceph -s -f json", 0, "\"num_up_osds\":3");
	says(b, "micro02", "sudo ceph osd ok-to-stop 1", 16, "EBUSY");
	wait_ms(b, 700000);
	says(b, "micro02", "sudo ceph -s -f json", 0, "\"num_in_osds\":3");
	refresh(b, "micro02", "microceph");
	assert_true(happened(b, "violation not-healthy microceph: the storage is degraded"));
	assert_true(happened(b, "violation storage-inactive 2 of 4 OSDs"));
	clear(b, "micro01:osd-stays-down");
	wait_ms(b, 60000);
	says(b, "micro02", "sudo ceph health", 0, "HEALTH_OK");
	bench_free(b);
}

static void forgotten(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "*:forgotten-member=micro09");
	says(b, "micro01", "sudo microceph cluster list", 0, "| micro09 |");
	refresh_all(b, "microceph");
	wait_ms(b, 300000);
	says(b, "micro01", "sudo microceph status", 1,
	     "Database is waiting for an upgrade: 1 cluster members have not yet received the "
	     "update");
	says(b, "micro04", "sudo microceph cluster list -f csv", 0, "NEEDS UPGRADE");
	says(b, "micro04", "sudo microceph cluster remove micro09 --force 2>&1", 1,
	     "Error: Database is waiting for an upgrade");
	says(b, "micro04", "sudo microovn cluster remove micro09 2>&1", 1, "no route to host");
	says(b, "micro04", "sudo microovn cluster remove micro09 --force", 0, "");
	says(b, "micro04", "sudo microovn cluster remove micro09 --force 2>&1", 1, "No remote exists");
	assert_false(happened(b, " schema microceph"));
	clear(b, "*:forgotten-member");
	wait_ms(b, 10000);
	says(b, "micro01", "sudo microceph status", 0, "Services:");
	bench_free(b);
}

static void before(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro02:ceph-health=OSD_NEARFULL");
	says(b, "micro01", "sudo ceph health detail", 0, "[WRN] OSD_NEARFULL");
	fault(b, "micro01:ceph-health");
	says(b, "micro01", "sudo ceph health", 0, "HEALTH_ERR");
	clear(b, "*");
	fault(b, "micro03:clock-skew");
	says(b, "micro01", "sudo ceph health", 0, "clock skew detected on mon.micro03");
	fault(b, "micro01:noout-set");
	says(b, "micro02", "sudo ceph osd dump", 0, "flags noout,");
	fault(b, "micro01:healing-set=30");
	assert_out(b, "micro02", "lxc config get cluster.healing_threshold", "30\n");
	fault(b, "micro02:evacuated");
	says(b, "micro01", "lxc cluster list -f csv", 0, "EVACUATED");
	assert_null(strstr(run(b, "micro01", "lxc list -f csv -c nL"), ",micro02"));
	fault(b, "micro02:daemon-down=microovn");
	says(b, "micro01", "sudo microovn cluster list", 0, "UNREACHABLE");
	fault(b, "micro01:evacuate-fails");
	says(b, "micro01", "lxc cluster evacuate micro01 --force", 1, "Migration failed");
	fault(b, "micro02:restore-fails");
	says(b, "micro01", "lxc cluster restore micro02 --force", 1, "Cannot create volume");
	says(b, "micro01", "lxc cluster restore micro02 --force; lxc cluster list -f csv", 0,
	     "ONLINE");
	fault(b, "micro01:ovn-behind=7");
	says(b, "micro01",
	     "sudo ovn-appctl -t /var/snap/microovn/common/run/ovn/ovnnb_db.ctl cluster/status "
	     "OVN_Northbound",
	     0, "Entries not yet applied: 7\n");
	fault(b, "micro03:ovn-schema");
	says(b, "micro03", "sudo microovn status", 0, "Upgrade or attention required!");
	fault(b, "micro01:ovn-certificate");
	says(b, "micro01", "sudo microovn status", 0, "certificate has expired");
	fault(b, "micro01:failed-before=lxd");
	says(b, "micro01", "snap changes lxd", 0, "  Error   today at");
	says(b, "micro01", "snap tasks --last=refresh", 0, "ERROR run hook \"post-refresh\"");
	fault(b, "micro01:disk-full=1000");
	says(b, "micro01", "sudo snap refresh lxd", 1,
	     "cannot refresh \"lxd\" due to low disk space");
	bench_free(b);
}

/* With live-migrate nothing is stopped: LXD fails at what cannot move so, and who has gone is away.
 */
static void live(void **state)
{
	static const char ask[] = "lxc list --all-projects -f csv -c nL,migration.stateful,"
				  "volatile.evacuate.origin | grep 1,";
	struct bench *b = cloud(NULL);
	(void)state;
	assert_out(b, "micro02", ask, "vm1,micro01,true,\nweb1,micro01,,\n");
	says(b, "micro01", "lxc cluster evacuate micro01 --action=live-migrate --force", 1,
	     "Live migration is supported for virtual machines only");
	assert_false(happened(b, "instance-down"));
	says(b, "micro02", ask, 0, "vm1,micro02,true,micro01\nweb1,micro01,,\n");
	says(b, "micro01", "lxc cluster restore micro01 --force", 1,
	     "Cluster member not evacuated");
	says(b, "micro01", "lxc move web1 --target micro02", 1, "must be stopped");
	says(b, "micro01", "lxc move vm1 --target micro01", 0, "");
	says(b, "micro02", ask, 0, "vm1,micro01,true,micro01\n");
	fault(b, "micro01:all-live");
	says(b, "micro01", "lxc cluster evacuate micro01 --action=live-migrate --force", 0, "");
	assert_false(happened(b, "instance-down"));
	fault(b, "micro01:restore-fails");
	says(b, "micro01",
	     "sudo systemd-run --unit=r --remain-after-exit lxc cluster restore micro01 --force;"
	     " sleep 30; systemctl show -p ActiveState r",
	     0, "ActiveState=failed");
	says(b, "micro01", "sudo systemd-run --unit=r true", 1, "already exists");
	says(b, "micro01",
	     "sudo systemctl reset-failed r;"
	     " sudo systemd-run --unit=r --remain-after-exit lxc cluster restore micro01 --force;"
	     " sleep 60; systemctl show -p SubState r",
	     0, "SubState=exited");
	assert_out(b, "micro02", ask, "vm1,micro01,true,\nweb1,micro01,true,\n");
	blameless(b);
	bench_free(b);
}

static void refused(void **state)
{
	static const char *const specs[] = {"micro01:change-aborts=snapd", "micro09:osd-stays-down",
					    "micro01:change"};
	struct bench *b = cloud(NULL);
	struct err e = {0};
	(void)state;
	for (size_t i = 0; i < LEN(specs); i++)
		if (lab_fault_add(b->lab, specs[i], &e) == 0)
			fail_msg("%s is taken", specs[i]);
	bench_free(b);
}

/* --- verdicts ----------------------------------------------------------------------------- */
static void quorum(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	(void)run(b, "micro01", "sudo snap refresh microceph --no-wait");
	(void)run(b, "micro02", "sudo snap refresh microceph --no-wait");
	assert_true(happened(b, "micro02 violation not-serial microceph: in progress on micro01"));
	wait_ms(b, 25000);
	assert_true(happened(b, " violation quorum-lost microceph"));
	assert_true(happened(b, " violation two-members-out micro01 micro02"));
	assert_true(happened(b, " violation storage-inactive"));
	wait_ms(b, 60000);
	assert_true(happened(b, " writes-accepted microceph"));
	bench_free(b);
}

static void order(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	refresh(b, "micro01", "microovn");
	wait_ms(b, 30000);
	blameless(b);
	refresh(b, "micro01", "microceph");
	assert_true(happened(b, "violation out-of-order microceph: members differ in microovn"));
	assert_true(happened(b, "violation out-of-order microceph: a later one was begun"));
	bench_free(b);
	b = cloud(NULL);
	refresh_all(b, "microceph");
	(void)run(b, "micro01", "sudo ceph osd set noout");
	blameless(b);
	refresh(b, "micro01", "microovn");
	assert_true(happened(b, "violation noout-left microovn: noout is still set"));
	bench_free(b);
}

static void paths(void **state)
{
	struct bench *b = cloud("1.1");
	(void)state;
	refresh(b, "micro01", "microceph --channel=tentacle/stable");
	assert_true(happened(b, "violation path microceph: no way to 20.2.1"));
	refresh(b, "micro01", "microovn --channel=26.03/stable");
	assert_true(happened(b, "violation path microovn: no way to 26.03"));
	bench_free(b);
	b = cloud("2.1.1");
	refresh(b, "micro01", "microceph --channel=reef/stable");
	assert_true(happened(b, "violation downgrade microceph: to 18.2.4"));
	wait_ms(b, 60000);
	says(b, "micro01", "sudo microceph status", 1, "connection refused");
	bench_free(b);
}

/* Another upgrade after a whole one begins at the beginning again. */
static void twice(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	refresh_all(b, "microceph");
	refresh_all(b, "microovn");
	refresh_all(b, "microceph --channel=tentacle/stable");
	blameless(b);
	bench_free(b);
}

static void losses(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	says(b, "micro01", "lxc cluster evacuate micro02 --force", 0, "");
	(void)run(b, "micro02", "sudo reboot");
	wait_ms(b, 10000);
	assert_false(happened(b, "instance-lost"));
	blameless(b);
	(void)run(b, "micro03", "sudo reboot");
	wait_ms(b, 10000);
	assert_true(happened(b, "micro03 violation instance-lost web3"));
	assert_true(happened(b, "violation two-members-out micro02 micro03"));
	wait_ms(b, 150000);
	assert_true(happened(b, "micro03 instance-up web3"));
	says(b, "micro03", "sudo ceph health", 0, "HEALTH_OK");
	bench_free(b);
}

static void doubled(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro01:healing-set=15");
	(void)run(b, "micro02", "sudo snap restart lxd"); /* back in time */
	wait_ms(b, 60000);
	blameless(b);
	(void)run(b, "micro02", "sudo snap stop lxd");
	wait_ms(b, 60000);
	assert_true(happened(b, "violation instance-doubled vm2"));
	bench_free(b);
}

/* OVN's databases are converted while the leader may hear nothing for a second only. */
static void election(void **state)
{
	struct bench *b = cloud("1.1");
	(void)state;
	refresh_all(b, "microovn --channel=24.03/stable");
	assert_true(happened(b, "violation election-timer OVN_Northbound 1000"));
	assert_true(happened(b, "violation election-timer OVN_Southbound 1000"));
	bench_free(b);
}

/* The leader doubles it at most; the others send one there. */
static void timers(void **state)
{
	static const char ask[] =
	    "sudo ovn-appctl -t /var/snap/microovn/common/run/ovn/ovnnb_db.ctl "
	    "cluster/change-election-timer OVN_Northbound ";
	static const struct {
		const char *member, *ms;
		int status;
		const char *part;
	} rows[] = {{"micro02", "2000", 2, "must be initiated through leader"},
		    {"micro01", "3000", 2, "should not exceed the current value x 2"},
		    {"micro01", "2000", 0, "change of election timer initiated."},
		    {"micro04", "4000", 1, "cannot connect"},
		    {"micro01", "90", 2, "between 100 and 600000"},
		    {"micro01", "1000", 0, "initiated"}};
	struct bench *b = cloud(NULL);
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char *command = xasprintf("%s%s", ask, rows[i].ms);
		says(b, rows[i].member, command, rows[i].status, rows[i].part);
		free(command);
	}
	bench_free(b);
}

/* A member that reboots in the middle of a change goes on with it. */
static void reboots(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	says(b, "micro01", "lxc cluster evacuate micro02 --force", 0, "");
	(void)run(b, "micro02", "sudo snap refresh microceph --no-wait");
	wait_ms(b, 3000);
	(void)run(b, "micro02", "sudo systemctl reboot");
	wait_ms(b, 40000);
	assert_int_equal(tcp_of(b, "micro02"), LAB_NO_ROUTE);
	says(b, "micro01", "lxc cluster list -f csv; sudo ceph health", 0, "OFFLINE,No heartbeat");
	wait_ms(b, 200000);
	says(b, "micro02", "snap changes; snap list microceph", 0, "108  Done");
	says(b, "micro02", "sudo ceph health; lxc cluster list -f csv", 0, "HEALTH_OK");
	bench_free(b);
}

/* Two members' instances on the move at once: they forget where they belong. */
static void crossing(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	(void)run(b, "micro01", "sudo systemd-run --unit=e lxc cluster evacuate micro01 --force");
	wait_ms(b, 1000);
	says(b, "micro02", "timeout 3 lxc cluster restore micro01 --force", 1, "not evacuated");
	says(b, "micro02", "lxc operation list", 0, "Evacuating cluster member");
	says(b, "micro02", "lxc cluster evacuate micro02 --force", 1,
	     "Cannot evacuate \"micro02\" while another cluster member evacuation is in progress");
	wait_ms(b, 60000);
	says(b, "micro02", "lxc operation list -f json", 0, "[]");
	(void)run(b, "micro01", "sudo systemd-run --unit=r lxc cluster restore micro01 --force");
	wait_ms(b, 1000);
	blameless(b);
	says(b, "micro02", "lxc cluster list -f csv; lxc cluster evacuate micro02 --force", 0, "");
	assert_true(happened(b, "violation two-moves micro02: instances move already of micro01"));
	bench_free(b);
}

/* One or two members: there is no quorum without each of them, and that is no mistake. */
static void small(void **state)
{
	struct bench *b = bench_sized("microcloud", NULL, 2);
	(void)state;
	says(b, "micro01", "sudo microcloud status", 0, " Status: WARNING\n");
	says(b, "micro01", "sudo microceph cluster maintenance enter micro01", 1,
	     "majority of mon");
	(void)run(b, "micro01", "sudo snap refresh microceph");
	assert_true(happened(b, " outage quorum-lost microceph"));
	blameless(b);
	bench_free(b);
	b = bench_sized("microcloud", NULL, 8);
	says(b, "micro08", "sudo microovn status", 0,
	     "- micro08 (127.66.0.18)\n  Services: chassis, switch\n");
	refresh(b, "micro08", "microovn");
	blameless(b);
	bench_free(b);
}

/* What is left when the lab goes away. */
static void left(void **state)
{
	struct bench *b = cloud(NULL);
	static const char *const ways[] = {"noout-left cluster", "evacuated-left micro02",
					   "election-timer-left OVN_Northbound 2000"};
	(void)state;
	fault(b, "micro01:election-timer=4000");
	(void)run(b, "micro01", "sudo ceph osd set noout");
	(void)run(b, "micro01",
		  "sudo ovn-appctl -t /var/snap/microovn/common/run/ovn/ovnnb_db.ctl "
		  "cluster/change-election-timer OVN_Northbound 2000");
	(void)run(b, "micro01", "lxc cluster evacuate micro02 --force");
	blameless(b);
	lab_free(b->lab);
	for (size_t i = 0; i < LEN(ways); i++)
		(void)later(str_text(&b->events), ways[i]);
	lab_result_release(&b->r);
	str_release(&b->events);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(store),     cmocka_unit_test(phased),     cmocka_unit_test(change),
	    cmocka_unit_test(held),      cmocka_unit_test(stays_down), cmocka_unit_test(osd),
	    cmocka_unit_test(forgotten), cmocka_unit_test(before),     cmocka_unit_test(quorum),
	    cmocka_unit_test(order),     cmocka_unit_test(twice),      cmocka_unit_test(losses),
	    cmocka_unit_test(doubled),   cmocka_unit_test(election),   cmocka_unit_test(reboots),
	    cmocka_unit_test(left),      cmocka_unit_test(crossing),   cmocka_unit_test(paths),
	    cmocka_unit_test(small),     cmocka_unit_test(refused),    cmocka_unit_test(timers),
	    cmocka_unit_test(live),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
