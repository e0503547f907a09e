/* SPDX-License-Identifier: ISC */
/* The MicroCloud of the lab: what its members answer, an upgrade, what goes wrong, the verdicts. */
#include "config.h"

#include "cloud_help.h"

/* --- what they answer --------------------------------------------------------------------- */
static void views(void **state)
{
	static const struct {
		const char *command;
		int status;
		const char *part;
	} rows[] = {
	    {"hostname; id -un", 0, "micro01\nubuntu\n"},
	    {"cat /etc/os-release", 0, "ID=ubuntu"},
	    {"snap list", 0,
	     "lxd         5.21.3-c5ae129          33110  5.21/stable    canonical✓  held\n"},
	    {"snap list microceph", 0, "microceph  19.2.0+snap2fbf0bad05  1271  squid/stable"},
	    {"snap list none", 1, "error: no matching snaps installed"},
	    {"snap info lxd", 0, "  5.21/stable:      5.21.4-aee7e08 2026-04-09 (38767) 123MB -\n"},
	    {"snap info lxd", 0, "hold:         forever\n"},
	    {"snap changes", 0, "error: no changes found"},
	    {"snap tasks 9", 1, "error: cannot find change with id \"9\""},
	    {"snap refresh --time", 0, "hold: forever\n"},
	    {"snap refresh --list", 0, "microovn    24.03.6+snap15f04d7c3a  905"},
	    {"snap refresh lxd", 1, "error: access denied (try with sudo)"},
	    {"sudo snap refresh lxd --hold --channel=x", 1, "cannot use --hold with other flags"},
	    {"sudo snap refresh lxd microovn --cohort=+", 1,
	     "error: a single snap name is needed to specify mode or channel flags"},
	    {"sudo snap refresh lxd --cohort=+ --revision=38767", 1,
	     "cannot specify both cohort-key and revision"},
	    {"sudo snap refresh lxd --channel=9/stable", 1,
	     "error: snap \"lxd\" not available on channel \"9/stable\" (see 'snap info lxd')"},
	    {"sudo snap refresh lxd --revision=1", 1,
	     "error: snap \"lxd\" revision 1 not available"},
	    {"sudo snap refresh lxd --revision=33110", 0, "snap \"lxd\" has no updates available"},
	    {"sudo snap refresh --hold lxd microovn", 0,
	     "General refreshes of \"lxd\", \"microovn\" held indefinitely\n"},
	    {"sudo snap revert lxd", 1, "error: no revision to revert to"},
	    {"sudo snap save lxd && sudo snap saved && sudo snap export-snapshot 1 /tmp/s", 0,
	     "Exported snapshot #1"},
	    {"sudo microceph cluster list", 0, "| micro04 | 127.66.0.14:7443 | stand-by |"},
	    {"sudo microovn cluster list -f json", 0, "\"status\":\"ONLINE\""},
	    {"microceph status", 1, "permission denied"},
	    {"sudo microovn status", 0, "OVN Southbound: OK (20.33.0)"},
	    {"sudo microcloud status", 0, " Status: HEALTHY\n"},
	    {"sudo ceph -s", 0, "    health: HEALTH_OK\n"},
	    {"sudo ceph -s -f json", 0, "\"num_up_osds\":4"},
	    {"sudo ceph osd ok-to-stop 0", 0, "{\"ok_to_stop\":true,\"osds\":[0]"},
	    {"sudo microceph.ceph osd dump -f json", 0, "\"require_osd_release\":\"squid\""},
	    {"sudo ovn-appctl -t /var/snap/microovn/common/run/ovn/ovnsb_db.ctl cluster/status "
	     "OVN_Southbound",
	     0, "Election timer: 1000\n"},
	    {"lxc cluster list -f json", 0, "\"status\":\"Online\""},
	    {"lxc list -f csv", 0, "web2,RUNNING,10.20.0.13 (eth0),,CONTAINER,0,micro02\n"},
	    {"lxc list -f csv -c nst", 0, "web2,RUNNING,CONTAINER\n"},
	    {"lxc list -c nX", 1, "Unknown column shorthand char 'X'"},
	    {"cat /etc/machine-id | wc -c", 0, "33\n"},
	    {"uname -a", 0, "SMP Ubuntu"},
	    {"lxc exec vm1 -- cat /proc/sys/kernel/random/boot_id", 0, "-5d1c-"},
	    {"lxc config get cluster.healing_threshold", 0, "\n"},
	    {"curl -s --unix-socket /run/snapd.socket http://localhost/v2/snaps/lxd", 0,
	     "\"revision\":\"33110\""},
	    {"timedatectl", 0, "System clock synchronized: yes"},
	    {"cl-netstat", 127, "not found"},
	};
	struct bench *b = cloud(NULL);
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		says(b, "micro01", rows[i].command, rows[i].status, rows[i].part);
	bench_free(b);
}

/* Two labs are different machines. */
static void identity(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	char *id = xstrdup(run(b, "micro01", "cat /etc/machine-id"));
	assert_int_equal(strlen(id), 33);
	assert_string_not_equal(run(b, "micro02", "cat /etc/machine-id"), id);
	lab_serials(b->lab, 7);
	assert_string_not_equal(run(b, "micro01", "cat /etc/machine-id"), id);
	assert_int_equal(strlen(str_text(&b->r.out)), 33);
	free(id);
	bench_free(b);
}

/* --- a change ----------------------------------------------------------------------------- */
static void changes(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	assert_out(b, "micro01", "sudo snap refresh microceph --no-wait --cohort=+", "101\n");
	says(b, "micro01", "sudo snap refresh microceph --cohort=+", 1,
	     "error: snap \"microceph\" has \"refresh-snap\" change in progress");
	says(b, "micro01", "snap changes microceph", 0, "101  Doing   today at");
	says(b, "micro01", "snap tasks 101", 0, "Doing ");
	says(b, "micro01",
	     "curl -s --unix-socket /run/snapd.socket http://localhost/v2/changes/101", 0,
	     "\"status\":\"Doing\"");
	says(b, "micro01", "snap watch 101; snap changes --abs-time", 0,
	     "101  Done    2020-10-29T");
	says(b, "micro01", "snap list microceph", 0,
	     "1612  squid/stable  canonical✓  in-cohort,held");
	says(b, "micro01", "sudo snap refresh microceph", 0, "has no updates available");
	says(b, "micro01", "sudo snap abort 101", 1, "error: cannot abort change 101");
	says(b, "micro01", "sudo microceph status", 1, "Database is still starting");
	wait_ms(b, 20000);
	says(b, "micro01", "sudo microceph status", 1,
	     "Error: Database is waiting for an upgrade: 3 cluster members have not yet received "
	     "the "
	     "update");
	says(b, "micro01", "sudo microceph cluster list", 0, "NEEDS UPGRADE");
	says(b, "micro02", "sudo microceph cluster list", 0, "UNREACHABLE");
	says(b, "micro01", "sudo snap revert microceph", 0, "reverted to 19.2.0+snap2fbf0bad05");
	wait_ms(b, 30000);
	says(b, "micro01", "sudo microceph status", 0, "Services: mds, mgr, mon, osd");
	bench_free(b);
}

/* Aborted on the way: everything is undone and the daemons run as before. */
static void aborted(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	(void)run(b, "micro02", "sudo snap refresh microovn --no-wait");
	wait_ms(b, 20000);
	says(b, "micro02", "sudo snap abort 108; snap watch 108", 1, "error: ");
	says(b, "micro02", "snap changes", 0, "108  Undone");
	says(b, "micro02", "snap tasks 108", 0, "Hold ");
	says(b, "micro02", "snap list microovn", 0, "  667  ");
	wait_ms(b, 20000);
	says(b, "micro02", "sudo microovn status", 0, "OVN Northbound: OK");
	blameless(b);
	bench_free(b);
}

/* Who has started it is gone; snapd goes on. */
static void unwatched(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	fault(b, "micro01:drops-during=refresh");
	(void)run(b, "micro01", "sudo snap refresh microceph --cohort=+");
	assert_true(b->r.dropped);
	wait_ms(b, 90000);
	says(b, "micro01", "snap changes", 0, "101  Done");
	says(b, "micro01", "snap list microceph", 0, "1612");
	bench_free(b);
}

/* --- an upgrade --------------------------------------------------------------------------- */
static void lxd_at_once(struct bench *b, const char *options)
{
	char *command = xasprintf("sudo snap refresh lxd %s --cohort=+ --no-wait", options);
	for (size_t i = 0; i < LEN(members); i++)
		(void)run(b, members[i], command);
	wait_ms(b, 60000);
	free(command);
}

static void update(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	refresh_all(b, "microceph");
	refresh_all(b, "microovn");
	lxd_at_once(b, "");
	refresh_all(b, "microcloud");
	blameless(b);
	says(b, "micro03", "sudo microcloud status; sudo ceph health", 0, "Status: HEALTHY");
	assert_string_equal(info_of(b, "micro04").version, "2.1.1");
	const char *at = later(str_text(&b->events), "micro04 refresh-end microceph 1612 Done");
	at = later(at, " schema microceph 18");
	at = later(at, "micro01 refresh-begin microovn");
	at = later(at, "micro04 refresh-begin lxd");
	at = later(at, "micro01 refresh-end lxd");
	at = later(at, " schema lxd");
	(void)later(at, "micro01 refresh-begin microcloud");
	bench_free(b);
}

static void timer(struct bench *b, const char *short_name, const char *name, const int *ms)
{
	for (; *ms; ms++)
		for (size_t i = 0; i < 3; i++) { /* the leader takes it, the others refuse */
			char *command = xasprintf(
			    "sudo ovn-appctl -t /var/snap/microovn/common/run/ovn/%s_db.ctl "
			    "cluster/change-election-timer %s %d",
			    short_name, name, *ms);
			(void)run(b, members[i], command);
			free(command);
		}
}

/* From one track to the next: databases and ceph get new formats when the last member has it. */
static void upgrade(void **state)
{
	static const int up[] = {2000, 4000, 8000, 16000, 0}, back[] = {1000, 0};
	struct bench *b = cloud("1.1");
	(void)state;
	says(b, "micro01", "sudo microcloud status", 1, "unknown command \"status\"");
	says(b, "micro01", "sudo microceph cluster list -f json", 1, "unknown shorthand flag");
	refresh_all(b, "microceph --channel=squid/stable");
	says(b, "micro01", "sudo ceph osd dump", 0, "require_osd_release squid");
	(void)later(later(str_text(&b->events), "micro04 refresh-end microceph"),
		    " require-osd-release squid");
	timer(b, "ovnnb", "OVN_Northbound", up);
	timer(b, "ovnsb", "OVN_Southbound", up);
	refresh(b, "micro01", "microovn --channel=24.03/stable");
	wait_ms(b, 30000);
	says(b, "micro02", "sudo microovn cluster list -f json", 1, "unknown shorthand flag");
	refresh(b, "micro02", "microovn --channel=24.03/stable");
	wait_ms(b, 30000);
	says(b, "micro02", "sudo microovn status", 1,
	     "Failed listing services: Database is waiting for an upgrade: 2 cluster members");
	refresh(b, "micro03", "microovn --channel=24.03/stable");
	wait_ms(b, 30000);
	refresh(b, "micro04", "microovn --channel=24.03/stable");
	says(b, "micro01", "sudo microovn status", 1, "Database is waiting");
	wait_ms(b, 9000);
	says(b, "micro01", "sudo microovn status", 0, "Currently active schema: 20.21.0");
	wait_ms(b, 30000);
	says(b, "micro01", "sudo microovn status", 0, "OVN Southbound: OK (20.33.0)");
	timer(b, "ovnnb", "OVN_Northbound", back);
	timer(b, "ovnsb", "OVN_Southbound", back);
	lxd_at_once(b, "--channel=5.21/stable");
	refresh_all(b, "microcloud --channel=2/stable");
	says(b, "micro01", "sudo microcloud status", 0, "Status: HEALTHY");
	blameless(b);
	bench_free(b);
}

/* One member of LXD after the other: the first ones are blocked, and the laggards catch up. */
static void lxd_blocks(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	says(b, "micro01", "sudo snap refresh lxd --cohort=+", 0, "refreshed");
	wait_ms(b, 9000);
	says(b, "micro01", "timeout 5 lxc cluster list -f json", 124, "");
	says(b, "micro02", "lxc cluster list -f json", 0,
	     "LXD version is newer than other members");
	says(b, "micro02", "lxc cluster evacuate micro03 --force", 1,
	     "please ensure versions match");
	wait_ms(b, 120000);
	says(b, "micro04", "snap changes lxd; lxc cluster list -f json", 0, "Done");
	says(b, "micro01", "lxc cluster list -f csv", 0, "ONLINE,Fully operational");
	bench_free(b);
}

/* --- instances ---------------------------------------------------------------------------- */
static void evacuates(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	char *boot =
	    xstrdup(run(b, "micro02", "lxc exec vm1 -- cat /proc/sys/kernel/random/boot_id"));
	says(b, "micro02", "echo no | lxc cluster evacuate micro01", 1, "User aborted operation");
	says(b, "micro02", "timeout 2 lxc cluster evacuate micro01 --force", 124, "Evacuating");
	wait_ms(b, 60000); /* its client is gone, it goes on */
	says(b, "micro02", "lxc cluster list -f csv", 0, "EVACUATED");
	says(b, "micro02", "lxc cluster restore micro01 --force", 0, "");
	says(b, "micro02", "lxc cluster evacuate micro01 --force", 0,
	     "Evacuating cluster member: micro01");
	says(b, "micro02", "lxc cluster list -f csv", 0,
	     "EVACUATED,Unavailable due to maintenance");
	says(b, "micro02", "lxc cluster evacuate micro01 --force", 1, "already evacuated");
	assert_null(strstr(run(b, "micro02", "lxc list -f csv"), ",micro01\n"));
	assert_true(happened(b, " instance-down web1"));
	assert_false(happened(b, " instance-down vm1"));
	assert_out(b, "micro02", "lxc exec vm1 -- cat /proc/sys/kernel/random/boot_id", boot);
	says(b, "micro02", "lxc cluster restore micro01 --force; lxc list -f csv", 0,
	     "vm1,RUNNING");
	says(b, "micro02", "lxc list -f csv", 0, "CONTAINER,0,micro01\n");
	blameless(b);
	free(boot);
	bench_free(b);
}

/* --- maintenance mode --------------------------------------------------------------------- */
static void maintenance(void **state)
{
	struct bench *b = cloud(NULL);
	(void)state;
	says(b, "micro01", "sudo microceph cluster maintenance enter micro02 --dry-run", 0,
	     "Run `ceph osd set noout`.\n");
	says(b, "micro01", "sudo ceph health", 0, "HEALTH_OK");
	says(b, "micro01", "sudo microceph cluster maintenance enter micro02 --stop-osds", 0,
	     "Stop osd service in node 'micro02'. (succeeded)\n");
	says(b, "micro01", "sudo ceph health detail", 0, "[WRN] OSDMAP_FLAGS: noout flag(s) set");
	says(b, "micro01", "sudo ceph osd ok-to-stop 0", 16, "\"ok_to_stop\":false");
	says(b, "micro01", "sudo microceph cluster maintenance enter micro03", 1,
	     "maintenance operations failed: [(osds.[2] cannot be safely stopped)]");
	says(b, "micro01", "sudo microceph cluster maintenance exit micro02", 0, "unset noout");
	wait_ms(b, 30000);
	says(b, "micro01", "sudo ceph health", 0, "HEALTH_OK");
	says(b, "micro01", "sudo ceph osd set noout; sudo ceph osd stat", 0, "flags noout");
	says(b, "micro01", "sudo ceph osd unset noout; sudo ceph health", 0, "HEALTH_OK");
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(views),     cmocka_unit_test(identity),
	    cmocka_unit_test(changes),   cmocka_unit_test(aborted),
	    cmocka_unit_test(unwatched), cmocka_unit_test(update),
	    cmocka_unit_test(upgrade),   cmocka_unit_test(lxd_blocks),
	    cmocka_unit_test(evacuates), cmocka_unit_test(maintenance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
