/* SPDX-License-Identifier: ISC */
/* Hosts of a Calico network in the lab: packages, locks, etcd's quorum, agents, pings, faults. */
#include "config.h"

#include "lab_help.h"

#define APT "sudo env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -y "
#define KEEP "-o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 "
#define HEALTH "ETCDCTL_API=3 etcdctl endpoint health --cluster"
#define AGENTS "sudo sh -c '. /root/admin-openrc; openstack network agent list -f json'"

static struct bench *hosts(const char *version)
{
	return bench_new("calico", version);
}

static const char *on(struct bench *b, const char *device, const char *command)
{
	lab_result_release(&b->r);
	(void)lab_exec(b->lab, (size_t)lab_find(b->lab, device), "operator", command, NULL, 0,
		       1200000, &b->r);
	return str_text(&b->r.out);
}

static void gives(struct bench *b, const char *device, const char *command, int status,
		  const char *part)
{
	(void)on(b, device, command);
	char *all = xasprintf("%s%s", str_text(&b->r.out), str_text(&b->r.err));
	if (b->r.status != status || !strstr(all, part))
		fail_msg("%s: %s: status %d, no \"%s\" in:\n%s", device, command, b->r.status, part,
			 all);
	free(all);
}

static void packages(void **state)
{
	struct bench *b = hosts(NULL);
	(void)state;
	gives(b, "cmp1", "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n' calico-felix",
	      0, "calico-felix 3.3.6~bionic installed\n");
	gives(b, "cmp1", "dpkg-query -W nix", 1, "dpkg-query: no packages found matching nix");
	gives(b, "cmp1", APT "install calico-felix", 0, "already the newest version (3.3.6~bionic)");
	gives(b, "cmp1", "apt-get install calico-felix", 100, "are you root?");
	gives(b, "cmp1", APT "update", 0, "Reading package lists");
	gives(b, "cmp1", "apt-cache policy calico-felix", 0, "Candidate: 3.4.0~bionic");
	gives(b, "cmp1", "apt-get -s install calico-felix", 0,
	      "Inst calico-felix [3.3.6~bionic] (3.4.0~bionic");
	gives(b, "cmp1", APT "install calico-felix=9.9", 100, "E: Version '9.9' for 'calico-felix' was not");
	gives(b, "cmp1", APT "install nix", 100, "E: Unable to locate package nix");
	/* upgrade does not install what is new: kept back, with status 0 */
	gives(b, "cmp1", APT KEEP "upgrade", 0, "have been kept back:\n  calico-felix");
	gives(b, "cmp1", "dpkg-query -W calico-felix calico-common", 0, "calico-felix\t3.3.6~bionic");
	gives(b, "cmp1", APT KEEP "install calico-felix", 0, "Setting up libpcap0.8");
	gives(b, "cmp1", APT "install calico-felix=3.3.6~bionic", 100, "without --allow-downgrades");
	assert_true(happened(b, "cmp1 package-end calico-felix 3.4.0~bionic"));
	gives(b, "cmp4", "rpm -q --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' openstack-neutron nix",
	      1, "openstack-neutron 1:12.1.1-1.el7\npackage nix is not installed");
	gives(b, "cmp4", "sudo yum -y update calico-felix calico-common", 0, "Complete!");
	gives(b, "cmp4", "sudo yum -y update calico-felix", 0, "No packages marked for update");
	gives(b, "cmp4", "sudo yum -y install nix", 1, "Error: Nothing to do");
	gives(b, "cmp4", "rpm -q calico-felix", 0, "calico-felix-3.4.0-1.el7.x86_64");
	gives(b, "cmp4", "apt-get update", 127, "not found");
	gives(b, "cmp1", "clagctl", 127, "not found");
	bench_free(b);
}

static void traps(void **state)
{
	struct bench *b = hosts(NULL);
	(void)state;
	fault(b, "cmp1:packages-locked=30");
	gives(b, "cmp1", APT "update", 100, "It is held by process 21376 (unattended-upgr)");
	gives(b, "cmp1", "sudo lslocks -rn -o COMMAND,PID,PATH", 0, "unattended-upgr 21376 /var/lib/dpkg");
	gives(b, "cmp1", APT KEEP "update", 0, "Waiting for cache lock");
	assert_int_equal(b->r.takes_ms / 1000, 34);
	fault(b, "cmp1:conffile-prompt");
	gives(b, "cmp1", APT "install calico-felix", 100, "end of file on stdin at conffile prompt");
	gives(b, "cmp1", "sudo dpkg --audit", 0, "calico-felix");
	gives(b, "cmp1", APT "install calico-common", 100, "end of file on stdin");
	gives(b, "cmp1", "sudo dpkg --configure -a --force-confold", 0, "Keeping old config file");
	gives(b, "cmp1", "ls /etc/calico", 0, "felix.cfg.dpkg-dist");
	gives(b, "cmp1", APT KEEP "install calico-common", 0, "Setting up calico-common");
	fault(b, "cmp2:mirror-unreachable");
	gives(b, "cmp2", APT "update", 0, "W: Some index files failed to download");
	gives(b, "cmp2", APT "-o APT::Update::Error-Mode=any update", 100, "E: Failed to fetch");
	fault(b, "cmp3:upgrade-nothing");
	(void)on(b, "cmp3", APT "update");
	gives(b, "cmp3", APT KEEP "install calico-felix", 0, "kept back");
	gives(b, "cmp3", "dpkg-query -W calico-felix", 0, "3.3.6~bionic");
	/* without NEEDRESTART_MODE=l it restarts what is not its turn */
	(void)on(b, "ctl1", APT "update");
	gives(b, "ctl1", "sudo apt-get -y install python-etcd", 0, "Setting up");
	assert_true(happened(b, "ctl1 violation needrestart restarts neutron-server"));
	fault(b, "cmp4:packages-locked=9");
	gives(b, "cmp4", "sudo yum -y --setopt=exit_on_lock=1 update", 200, "pid 21376");
	gives(b, "cmp4", "sudo yum -y update calico-common", 0, "The other application is: PackageKit");
	bench_free(b);
}

static void etcd(void **state)
{
	struct bench *b = hosts(NULL);
	(void)state;
	gives(b, "ctl1", "ETCDCTL_API=3 etcdctl member list", 0, ", started, ctl3, http://10.0.0.13:2380");
	gives(b, "ctl1", HEALTH, 0, "http://10.0.0.13:2379 is healthy");
	gives(b, "ctl1", "ETCDCTL_API=3 etcdctl endpoint status --cluster -w json", 0,
	      "\"version\":\"3.3.25\"");
	gives(b, "ctl1", "etcdctl cluster-health", 0, "cluster is healthy\n"); /* 3.3: still v2 */
	gives(b, "ctl1", "sudo env ETCDCTL_API=3 etcdctl snapshot save /var/backups/e.db", 0,
	      "Snapshot saved at /var/backups/e.db");
	(void)on(b, "ctl3", "sudo systemctl stop etcd");
	gives(b, "ctl1", HEALTH, 1, "Error: unhealthy cluster");
	assert_has(str_text(&b->r.out), "http://10.0.0.12:2379 is healthy");
	assert_true(happened(b, "ctl3 etcd-down"));
	assert_false(happened(b, "etcd-writes-refused"));
	(void)on(b, "ctl1", "sudo systemctl stop etcd");
	wait_ms(b, 4000);
	assert_true(happened(b, "etcd-writes-refused"));
	gives(b, "ctl2", "ETCDCTL_API=3 etcdctl member list", 1, "Error");
	gives(b, "ctl1", AGENTS, 1, "503");
	(void)on(b, "ctl1", "sudo systemctl start etcd");
	wait_ms(b, 5000);
	assert_true(happened(b, "etcd-writes-accepted"));
	(void)on(b, "ctl3", "sudo systemctl start etcd");
	wait_ms(b, 5000);
	for (int i = 1; i <= 3; i++) {
		char name[8];
		(void)snprintf(name, sizeof(name), "ctl%d", i);
		(void)on(b, name, APT "update; " APT KEEP "install etcd-server etcd-client");
		wait_ms(b, 5000);
		assert_true(happened(b, "etcd-cluster-version 3.4") == (i == 3));
	}
	gives(b, "ctl2", "etcdctl member list", 0, ", false\n"); /* 3.4: v3 by default */
	gives(b, "ctl2", "curl -s http://127.0.0.1:2379/version", 0, "{\"etcdserver\":\"3.4.23\"");
	gives(b, "ctl2", "export ETCDCTL_ENDPOINTS=http://10.0.0.12:2379; etcdctl member list", 0, "started");
	gives(b, "ctl2",
	      "export ETCDCTL_ENDPOINTS=http://10.0.0.12:2379; etcdctl --endpoints=http://10.0.0.12:2379 "
	      "member list",
	      1, "is shadowed by corresponding command-line flag");
	gives(b, "ctl2", "curl -s http://10.0.0.99:2379/version", 7, "Connection refused");
	/* the point of no return is behind it */
	(void)on(b, "ctl1", APT "--allow-downgrades install etcd-server=3.3.25+dfsg-6");
	assert_true(happened(b, "ctl1 violation etcd 3.3.25 in a cluster of 3.4"));
	gives(b, "ctl1", "systemctl is-active etcd", 3, "failed");
	fault(b, "ctl2:etcd-unhealthy");
	gives(b, "ctl3", "ETCDCTL_API=2 etcdctl cluster-health", 4, "unavailable");
	/* a script that may not restart it leaves the old program running */
#define EXE "sudo readlink /proc/$(pgrep -x etcd)/exe"
	gives(b, "ctl3", EXE, 0, "/etcd\n");
	gives(b, "ctl3", "sudo mkdir -p /usr/sbin; echo exit 101 | sudo tee /usr/sbin/policy-rc.d", 0, "");
	(void)on(b, "ctl3", APT "--allow-downgrades install etcd-server=3.3.25+dfsg-6");
	gives(b, "ctl3", "systemctl is-active etcd; " EXE, 0, "active\n");
	assert_has(str_text(&b->r.out), "(deleted)");
	bench_free(b);
}

static void old_etcd(void **state)
{
	struct bench *b = hosts("2.6.5");
	(void)state;
	gives(b, "ctl1", "etcdctl member list", 0, " isLeader=true");
	gives(b, "ctl1", "sudo etcdctl backup --data-dir /var/lib/etcd/default --backup-dir /var/backups/e", 0, "");
	gives(b, "ctl1", "sudo cat /var/backups/e/member/snap/db", 0, "etcd v2 backup");
	fault(b, "ctl2:etcd-unhealthy");
	/* the last line lies: any healthy member is enough for it */
	gives(b, "ctl1", "etcdctl cluster-health", 0, "cluster is healthy\n");
	assert_has(str_text(&b->r.out), "is unreachable: [http://10.0.0.12:2379] are all unreachable");
	bench_free(b);
}

static void agents(void **state)
{
	struct bench *b = hosts(NULL);
	(void)state;
	gives(b, "ctl1", AGENTS, 0, "\"Host\": \"cmp4\", \"Availability Zone\": null, \"Alive\": true");
	gives(b, "cmp1", "for p in $(pgrep dnsmasq); do sudo readlink /proc/$p/exe; done", 0,
	      "/usr/sbin/dnsmasq\n");
	(void)on(b, "cmp1", APT "update; " APT KEEP "install calico-compute");
	gives(b, "cmp1", "for p in $(pgrep dnsmasq); do sudo readlink /proc/$p/exe; done", 0, "(deleted)");
	(void)on(b, "cmp1", "sudo systemctl restart calico-dhcp-agent"); /* cannot kill it */
	gives(b, "cmp1", "sudo readlink /proc/$(pgrep dnsmasq)/exe", 0, "(deleted)");
	gives(b, "cmp1", "sudo pkill dnsmasq; pgrep -c dnsmasq", 1, "0\n");
	(void)on(b, "cmp1", "sudo systemctl restart calico-dhcp-agent");
	gives(b, "cmp1", "sudo readlink /proc/$(pgrep dnsmasq)/exe", 0, "/usr/sbin/dnsmasq\n");
	gives(b, "cmp2", "systemctl is-active neutron-dhcp-agent calico-dhcp-agent", 0,
	      "active\ninactive\n");
	gives(b, "cmp1", "pip uninstall networking-calico </dev/null", 1, "Proceed (y/n)?");
	fault(b, "cmp1:pip-managed");
	gives(b, "cmp1", "sudo pip uninstall -y networking-calico", 1, "externally-managed-environment");
	gives(b, "cmp1", "sudo env PIP_BREAK_SYSTEM_PACKAGES=1 pip uninstall -y networking-calico", 0,
	      "Successfully uninstalled");
	gives(b, "cmp1", "pip show networking-calico", 1, "");
	fault(b, "cmp3:felix-silent");
	gives(b, "ctl1", AGENTS, 0, "\"Host\": \"cmp3\", \"Availability Zone\": null, \"Alive\": true");
	wait_ms(b, 80000);
	gives(b, "ctl1", AGENTS, 0, "\"Host\": \"cmp3\", \"Availability Zone\": null, \"Alive\": false");
	fault(b, "cmp4:agent-dead=calico-felix");
	wait_ms(b, 1);
	gives(b, "cmp4", "sudo systemctl restart calico-felix; systemctl is-active calico-felix", 3,
	      "failed");
	(void)on(b, "ctl1", "sudo systemctl stop neutron-server");
	(void)on(b, "ctl2", "sudo systemctl stop neutron-server");
	assert_false(happened(b, "api-down"));
	(void)on(b, "ctl3", "sudo systemctl stop neutron-server");
	assert_true(happened(b, "api-down"));
	bench_free(b);
}

static void data_plane(void **state)
{
	struct bench *b = hosts(NULL);
	(void)state;
	const char *route = on(b, "cmp1", "ip route");
	assert_has(route, "10.65.3.2 dev tap");
	assert_has(route, "10.65.4.2 via 10.0.0.15 dev eth0 proto bird");
	gives(b, "cmp1", "ping -c 3 10.65.3.2", 0, "3 packets transmitted, 3 received, 0% packet loss");
	(void)on(b, "cmp1", "sudo systemctl restart calico-felix");
	gives(b, "cmp2", "ping -c 5 10.65.3.2", 0, "5 received");
	fault(b, "cmp1:pings-lost=4");
	wait_ms(b, 1);
	(void)on(b, "cmp1", "sudo systemctl restart calico-felix");
	gives(b, "cmp2", "ping -O -c 8 10.65.3.2", 0, "no answer yet for icmp_seq=1");
	assert_has(str_text(&b->r.out), "8 packets transmitted, 4 received");
	assert_true(happened(b, "cmp1 workloads-cut-off 10.65.3.2"));
	assert_true(happened(b, "cmp1 workloads-back"));
	assert_true(happened(b, "cmp2 ping-lost 10.65.3.2 1"));
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packages), cmocka_unit_test(traps),  cmocka_unit_test(etcd),
	    cmocka_unit_test(old_etcd), cmocka_unit_test(agents), cmocka_unit_test(data_plane),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
