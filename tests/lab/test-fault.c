/* SPDX-License-Identifier: ISC */
/* Every fault bites, on its device only, as often and from when it was asked for. */
#include "config.h"

#include "lab_help.h"

static bool password_works(struct bench *b, const char *device)
{
	return lab_login_password(b->lab, (size_t)lab_find(b->lab, device), "cumulus",
				  "CumulusLinux!");
}

static void test_reach(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	fault(b, "leaf01:unreachable");
	fault(b, "leaf02:refused");
	fault(b, "leaf03:no-route");
	fault(b, "leaf04:cut-at-connect");
	assert_int_equal(tcp_of(b, "leaf01"), LAB_SILENT);
	assert_int_equal(tcp_of(b, "leaf02"), LAB_REFUSED);
	assert_int_equal(tcp_of(b, "leaf03"), LAB_NO_ROUTE);
	assert_int_equal(tcp_of(b, "leaf04"), LAB_OPEN);
	assert_false(lab_connect(b->lab, (size_t)lab_find(b->lab, "leaf04")));
	assert_true(lab_connect(b->lab, (size_t)lab_find(b->lab, "leaf04"))); /* once */
	bench_free(b);
}

/* Whatever comes about is told once, on the device where it does: a rehearsal lists it from there. */
static void test_told(void **state)
{
	static const struct {
		const char *fault, *look; /* what makes it show; NULL: it does by itself */
	} rows[] = {
	    {"lldp-lost=swp51@start", "sudo lldpctl; sudo lldpctl"},
	    {"link-down=swp51", NULL},
	    {"mlag-stays-down@start", NULL},
	    {"mlag-backup-ip", NULL},
	    {"mlag-peer-down", NULL},
	    {"mlag-sysmac", "sudo clagctl -j"},
	    {"mlag-anycast", "sudo clagctl -j; sudo clagctl -j"},
	    {"bgp-stays-down@start", NULL},
	    {"routes-fewer=3@start", "ip route; sudo vtysh -c 'show ip route json'"},
	    {"prefixes-flap=swp51", "sudo vtysh -c 'show bgp vrf all summary json'"},
	    {"clock-free", "timedatectl"},
	    {"config-unsaved", "net pending; sudo vtysh -c 'show running-config'"},
	    {"slow=1", "true"},
	    {"service-missing=ntp", NULL},
	    {"backup-file-missing", NULL},
	    {"hostname-default", NULL},
	    {"disk-full", NULL},
	    {"foreign-os", NULL},
	    {"stale-version", NULL},
	    {"garbage", "true"},
	    {"sudo-password", "sudo true"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = bench_new("small", "4.1.1");
		char *spec = xasprintf("leaf02:%s", rows[i].fault);
		char *told = xasprintf("leaf02 fault %.*s", (int)strcspn(rows[i].fault, "@"),
				       rows[i].fault);
		fault(b, spec);
		if (rows[i].look)
			(void)run(b, "leaf02", rows[i].look);
		wait_ms(b, 1000);
		const char *first = strstr(str_text(&b->events), told);
		if (!first || strstr(first + 1, told))
			fail_msg("%s is told %s: %s", spec, first ? "twice" : "nowhere",
				 str_text(&b->events));
		assert_false(happened(b, "leaf01 fault"));
		free(told), free(spec);
		bench_free(b);
	}
	struct bench *b = bench_new("small", "4.1.1");
	fault(b, "*:service-missing=ntp");
	assert_true(happened(b, "leaf01 fault") && happened(b, "spine02 fault"));
	bench_free(b);
}

static void test_login(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	assert_true(password_works(b, "leaf01"));
	assert_false(
	    lab_login_password(b->lab, (size_t)lab_find(b->lab, "leaf01"), "cumulus", "other"));
	fault(b, "leaf01:wrong-passwordx2");
	assert_false(password_works(b, "leaf01"));
	assert_false(password_works(b, "leaf01"));
	assert_true(password_works(b, "leaf01"));
	assert_true(password_works(b, "leaf02"));
	size_t i = (size_t)lab_find(b->lab, "leaf02");
	char *key = xstrdup(lab_host_public_key(b->lab, i));
	fault(b, "leaf02:host-key-changed");
	assert_string_not_equal(key, lab_host_public_key(b->lab, i));
	free(key);
	bench_free(b);
}

static void test_state(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	fault(b, "leaf01:no-licence");
	assert_out(b, "leaf01", "sudo cl-license; echo $?; systemctl is-active switchd",
		   "20\ninactive\n");
	fault(b, "leaf02:licence-invalid");
	assert_out(b, "leaf02",
		   "systemctl is-failed switchd; sudo switchd -lic 2>/dev/null; echo $?",
		   "failed\n1\n");
	fault(b, "leaf03:disk-full=100000");
	(void)run(b, "leaf03", "head -c 200000 /dev/null > x; printf x > y; cp y z");
	assert_has(run(b, "leaf03", "df -B1 / | awk 'NR==2 {print $4}'"), "9");
	assert_true(atol(str_text(&b->r.out)) <= 100000);
	fault(b, "leaf04:backup-file-missing");
	(void)run(b, "leaf04", "sudo tar -C / -cf /dev/null etc/network/interfaces");
	assert_has(str_text(&b->r.err),
		   "tar: etc/network/interfaces: Cannot stat: No such file or directory");
	assert_out(b, "spine01", "systemctl is-active ntp ntp@mgmt", "inactive\nactive\n");
	fault(b, "spine01:service-missing=ntp");
	assert_out(b, "spine01",
		   "systemctl is-active ntp@mgmt; sudo systemctl start ntp@mgmt 2>/dev/null; echo $?",
		   "inactive\n5\n");
	fault(b, "spine01:stale-version=3.7.4");
	assert_out(b, "spine01", "grep -c RELEASE=3.7.4 /etc/lsb-release", "1\n");
	fault(b, "spine02:hostname-default");
	assert_out(b, "spine02", "hostname", "cumulus\n");
	bench_free(b);
}

static void test_mlag(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	fault(b, "leaf01:mlag-backup-ip");
	assert_has(run(b, "leaf01", "sudo clagctl -j"), "\"backupActive\":false");
	assert_has(run(b, "leaf02", "sudo clagctl -j"), "\"backupActive\":true");
	fault(b, "leaf03:mlag-peer-down");
	assert_has(run(b, "leaf04", "sudo clagctl -j"), "\"peerAlive\":false");
	assert_has(run(b, "leaf03", "sudo clagctl -j"), "errorMsg");
	fault(b, "leaf02:link-down=swp51");
	wait_ms(b, 1);
	assert_has(run(b, "spine01", "ip link show swp2"), "NO-CARRIER");
	bench_free(b);
}

static void test_sessions(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	fault(b, "leaf01:hangs=^uname");
	struct lab_result r;
	assert_false(lab_exec(b->lab, (size_t)lab_find(b->lab, "leaf01"), "cumulus", "uname -m",
			      NULL, 0, 60000, &r));
	lab_result_release(&r);
	assert_out(b, "leaf01", "uname -m", "x86_64\n");
	fault(b, "leaf01:drops-during=touch");
	(void)run(b, "leaf01", "sleep 1; touch /tmp/one");
	assert_true(b->r.dropped);
	wait_ms(b, 2000);
	assert_out(b, "leaf01", "ls /tmp", "one\n");
	fault(b, "leaf01:drops-before=touch");
	(void)run(b, "leaf01", "touch /tmp/two");
	assert_true(b->r.dropped);
	wait_ms(b, 2000);
	assert_out(b, "leaf01", "ls /tmp", "one\n");
	/* each command once before and once after it has run, from the first that matches on */
	static const char each[] = "echo x >>/tmp/each";
	fault(b, "leaf01:drops-each=^echo x");
	(void)run(b, "leaf01", "ls /tmp");
	assert_false(b->r.dropped);
	for (int i = 0; i < 3; i++) {
		(void)run(b, "leaf01", each);
		assert_int_equal(b->r.dropped, i < 2);
		wait_ms(b, 1000);
	}
	(void)run(b, "leaf01", "cat /tmp/each");
	assert_true(b->r.dropped);
	(void)run(b, "leaf01", "cat /tmp/each");
	assert_true(b->r.dropped);
	assert_out(b, "leaf01", "cat /tmp/each", "x\nx\n");
	fault(b, "leaf02:slow=3");
	(void)run(b, "leaf02", "true");
	assert_int_equal(b->r.takes_ms, 3000);
	fault(b, "leaf03:garbage");
	assert_has(run(b, "leaf03", "hostname"), "\x1b]0;");
	struct str banner = {0};
	lab_banner(b->lab, (size_t)lab_find(b->lab, "leaf03"), &banner);
	assert_true(banner.len > 0);
	str_release(&banner);
	fault(b, "leaf04:apt-locked");
	assert_has(run(b, "leaf04", "sudo apt-get update 2>&1"), "Could not get lock");
	assert_null(strstr(run(b, "leaf04", "sudo apt-get update 2>&1"), "lock"));
	bench_free(b);
}

static void test_boot(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	fault(b, "leaf01:never-returns");
	fault(b, "spine01:bgp-stays-down");
	assert_has(run(b, "spine01", "sudo vtysh -c 'show bgp summary json'"), "\"failedPeers\":0");
	(void)run(b, "leaf01", "sudo reboot");
	(void)run(b, "spine01", "sudo reboot");
	wait_ms(b, 300000);
	assert_string_equal(info_of(b, "leaf01").phase, "dead");
	assert_int_equal(tcp_of(b, "leaf01"), LAB_NO_ROUTE);
	assert_has(run(b, "spine01", "sudo vtysh -c 'show bgp summary json'"), "\"failedPeers\":6");
	fault(b, "leaf03:refused@bootx0");
	bench_free(b);
}

static void test_specs(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	struct err e = {0};
	static const char *const bad[] = {"leaf01", "leaf99:refused", "leaf01:nonsense",
					  "leaf01:refused@noon", "",
					  "leaf01:upload-cut=200", "leaf01:upload-cut=abc",
					  "leaf01:upload-cut=-1%", "leaf01:upload-cut=",
					  "leaf01:slow=much", "leaf01:hangs=(", "leaf01:refused=3"};
	for (size_t i = 0; i < LEN(bad); i++)
		assert_int_equal(lab_fault_add(b->lab, bad[i], &e), -1);
	const char *name, *text;
	size_t n = 0;
	while (lab_fault_help(n, &name, &text)) {
		char spec[64];
		(void)snprintf(spec, sizeof(spec), "leaf01:%s@boot", name);
		assert_int_equal(lab_fault_add(b->lab, spec, &e), 0);
		n++;
	}
	assert_true(n > 25);
	fault(b, "leaf03:upload-cut=100%x5");
	fault(b, "*:refused");
	assert_int_equal(tcp_of(b, "leaf04"), LAB_REFUSED);
	bench_free(b);
}

static void clear(struct bench *b, const char *spec)
{
	struct err e = {0};
	if (lab_fault_clear(b->lab, spec, &e))
		fail_msg("%s: %s", spec, e.text);
}

/* What is set while a device runs can be taken back while it runs. */
static void test_clear(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	struct err e = {0};
	struct str list = {0};
	assert_int_equal(lab_fault_clear(b->lab, "leaf01", &e), -1);
	assert_int_equal(lab_fault_clear(b->lab, "leaf99:refused", &e), -1);
	fault(b, "leaf01:refus"); /* the beginning of a name is enough, when it is one's only */
	assert_int_equal(lab_fault_add(b->lab, "leaf01:drops", &e), -1);
	assert_int_equal(tcp_of(b, "leaf01"), LAB_REFUSED);
	fault(b, "leaf01:disk-full=1000");
	fault(b, "leaf02:boots-old@installx1");
	assert_true(lab_fault_show(b->lab, 0, &list) && lab_fault_show(b->lab, 2, &list));
	assert_string_equal(str_text(&list), "leaf01:refused in force"
					     "leaf02:boots-old-image@installx1 to come");
	assert_false(lab_fault_show(b->lab, 3, &list));
	clear(b, "leaf01:refused");
	assert_int_equal(tcp_of(b, "leaf01"), LAB_OPEN);
	(void)run_in(b, "leaf01", "cat > big", list.buf, list.len);
	for (int i = 0; i < 30; i++)
		(void)run(b, "leaf01", "cat /etc/passwd >> big");
	assert_int_not_equal(b->r.status, 0);
	clear(b, "leaf01");
	(void)run(b, "leaf01", "cat /etc/passwd >> big");
	assert_int_equal(b->r.status, 0);
	fault(b, "leaf03:service-missing=frr");
	fault(b, "leaf03:no-licence");
	fault(b, "leaf03:stale-version");
	fault(b, "leaf03:mlag-backup-ip");
	fault(b, "leaf03:mlag-peer-down");
	assert_has(run(b, "leaf03", "systemctl is-active frr switchd clagd"), "inactive");
	assert_has(run(b, "leaf03", "cat /etc/lsb-release"), "3.7.4");
	clear(b, "*");
	wait_ms(b, 10000);
	assert_out(b, "leaf03", "systemctl is-active frr switchd clagd",
		   "active\nactive\nactive\n");
	assert_has(run(b, "leaf03", "cat /etc/lsb-release"), "RELEASE=4.1.1");
	assert_has(run(b, "leaf03", "sudo clagctl -j"), "\"backupActive\":true");
	str_release(&list);
	bench_free(b);
}

/* A device that stays away is switched off and on again. */
static void test_power_cycle(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	fault(b, "leaf01:never-returns");
	(void)run(b, "leaf01", "sudo reboot");
	wait_ms(b, 300000);
	assert_string_equal(info_of(b, "leaf01").phase, "dead");
	clear(b, "leaf01:never-returns");
	wait_ms(b, 300000);
	assert_string_equal(info_of(b, "leaf01").phase, "up");
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reach),
	    cmocka_unit_test(test_told),       cmocka_unit_test(test_login),
	    cmocka_unit_test(test_state),       cmocka_unit_test(test_mlag),
	    cmocka_unit_test(test_sessions),    cmocka_unit_test(test_boot),
	    cmocka_unit_test(test_specs),       cmocka_unit_test(test_clear),
	    cmocka_unit_test(test_power_cycle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
