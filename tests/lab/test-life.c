/* SPDX-License-Identifier: ISC */
/* Reboot and reinstall in virtual time, what the neighbours see of it, and the lab's verdicts. */
#include "config.h"

#include "lab_help.h"

#include "lab/server.h"

static const char ztp[] =
    "#!/bin/bash\n# CUMULUS-AUTOPROVISIONING\nset -e\n"
    "usermod -p \"$(cat /tmp/none 2>/dev/null || echo '$6$x$y')\" cumulus\n"
    "mkdir -p /home/cumulus/.ssh\necho \"$KEY\" > /home/cumulus/.ssh/authorized_keys\n"
    "chown -R cumulus:cumulus /home/cumulus/.ssh\nchmod 600 /home/cumulus/.ssh/authorized_keys\n"
    "echo 'cumulus ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/10_cumulus\n";

static void put_image(struct bench *b, const char *device, const char *version,
		      const char *platform)
{
	char path[] = "lab-image-XXXXXX";
	struct err e = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(lab_image_write(path, version, platform, 200000, &e), 0);
	struct str data = {0};
	char buf[65536];
	FILE *f = fdopen(fd, "r");
	assert_non_null(f);
	(void)fclose(f);
	f = fopen(path, "r");
	assert_non_null(f);
	for (size_t n; (n = fread(buf, 1, sizeof(buf), f)) > 0;)
		str_add(&data, buf, n);
	(void)fclose(f);
	(void)remove(path);
	(void)run_in(b, device, "cat > image.bin", data.buf, data.len);
	assert_int_equal(b->r.status, 0);
	str_release(&data);
}

static char *key_base64(struct bench *b)
{
	const char *line = strchr(lab_operator_public_key(b->lab), ' ') + 1;
	return xstrndup(line, strcspn(line, " "));
}

static bool key_works(struct bench *b, const char *device)
{
	char *base64 = key_base64(b);
	bool ok = lab_login_key(b->lab, (size_t)lab_find(b->lab, device), "cumulus", base64, false);
	free(base64);
	return ok;
}

static void wait_phase(struct bench *b, const char *device, const char *phase)
{
	for (int i = 0; i < 4000 && strcmp(info_of(b, device).phase, phase) != 0; i++)
		wait_ms(b, 100);
	assert_string_equal(info_of(b, device).phase, phase);
}

static void test_reboot(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	char *boot = xstrdup(info_of(b, "leaf02").boot_id),
	     *key = xstrdup(info_of(b, "leaf02").host_key);
	(void)run(b, "leaf02",
		  "echo keep > /home/cumulus/f; sudo sh -c 'echo gone > /run/f'; sudo clagctl "
		  "priority 100");
	assert_out(b, "leaf02", "sudo clagctl -j | grep -o '\"ourRole\":\"[a-z]*\"'",
		   "\"ourRole\":\"primary\"\n");
	int64_t start = lab_now(b->lab);
	(void)run(b, "leaf02", "sudo reboot");
	wait_phase(b, "leaf02", "stopping");
	assert_int_equal(tcp_of(b, "leaf02"), LAB_REFUSED);
	wait_phase(b, "leaf02", "down");
	assert_int_equal(tcp_of(b, "leaf02"), LAB_NO_ROUTE);
	assert_has(run(b, "leaf01", "sudo clagctl"), "The peer is not alive");
	assert_null(strstr(run(b, "spine01", "sudo lldpctl -f json0"), "leaf02"));
	assert_out(b, "spine01",
		   "sudo vtysh -c 'show bgp summary json' | grep -o '\"failedPeers\":[0-9]*'",
		   "\"failedPeers\":1\n");
	wait_phase(b, "leaf02", "up");
	assert_in_range(lab_now(b->lab) - start, 75000, 110000);
	assert_string_not_equal(boot, info_of(b, "leaf02").boot_id);
	assert_string_equal(key, info_of(b, "leaf02").host_key);
	assert_out(b, "leaf02", "cat f; cat /run/f 2>/dev/null", "keep\n");
	assert_in_range(atoi(run(b, "leaf02", "cut -d. -f1 /proc/uptime")), 40,
			70); /* since the kernel */
	wait_ms(b, 30000);
	assert_out(b, "spine01",
		   "sudo vtysh -c 'show bgp summary json' | grep -o '\"failedPeers\":[0-9]*'",
		   "\"failedPeers\":0\n");
	assert_out(b, "leaf02", "sudo clagctl -j | grep -oE '\"(ourRole|peerAlive)\":[a-z\"]*'",
		   "\"peerAlive\":true\n\"ourRole\":\"secondary\"\n");
	assert_int_equal(4,
			 atoi(run(b, "leaf02", "sudo clagctl -j | grep -o '\"status\":' | wc -l")));
	assert_has(run(b, "leaf02", "sudo clagctl -j"), "\"status\":\"dual\"");
	assert_false(happened(b, "violation"));
	free(boot);
	free(key);
	bench_free(b);
}

/* The whole of it by hand: back up, install, get in through ZTP, restore, and be as before. */
static void test_reinstall(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	struct str backup = {0};
	char *old_key = xstrdup(info_of(b, "leaf02").host_key);
	(void)run(b, "leaf02",
		  "sudo tar -C / -czf - etc/network etc/frr etc/hostname etc/hosts "
		  "etc/cumulus/.license.txt etc/ssh");
	assert_int_equal(b->r.status, 0);
	str_add(&backup, b->r.out.buf, b->r.out.len);
	put_image(b, "leaf02", "4.2.0", "vx");
	char *script = xasprintf("KEY='%s'\n", lab_operator_public_key(b->lab));
	char *whole = xasprintf("%.*s%s%s", (int)strcspn(ztp, "\n") + 1, ztp, script,
				ztp + strcspn(ztp, "\n") + 1);
	(void)run_in(b, "leaf02", "cat > ztp.sh", whole, strlen(whole));
	(void)run(b, "leaf02",
		  "sudo onie-install -fa -i /home/cumulus/image.bin -z /home/cumulus/ztp.sh");
	assert_int_equal(b->r.status, 0);
	assert_has(str_text(&b->r.out),
		   "Staging installer image...done.\nAdding ZTP script...done.\n"
		   "Activating staged installer...done.\nReboot required to take effect.\n");
	assert_true(b->r.takes_ms >= 4000);
	(void)run(b, "leaf02", "sudo reboot");
	wait_phase(b, "leaf02", "onie");
	unsigned onie = lab_connection_gen(b->lab, (size_t)lab_find(b->lab, "leaf02"));
	assert_int_equal(tcp_of(b, "leaf02"), LAB_OPEN); /* but it is not the switch */
	assert_false(key_works(b, "leaf02"));
	wait_phase(b, "leaf02", "booting"); /* who talked to ONIE does not talk to the new system */
	assert_int_not_equal(onie, lab_connection_gen(b->lab, (size_t)lab_find(b->lab, "leaf02")));
	wait_phase(b, "leaf02", "up");
	assert_string_equal(info_of(b, "leaf02").version, "4.2.0");
	assert_string_equal(info_of(b, "leaf02").hostname, "cumulus");
	assert_string_not_equal(old_key, info_of(b, "leaf02").host_key);
	/* the window in which only the factory account is there, with an expired password */
	assert_false(key_works(b, "leaf02"));
	size_t leaf02 = (size_t)lab_find(b->lab, "leaf02");
	assert_true(lab_login_password(b->lab, leaf02, "cumulus", "cumulus"));
	assert_out(b, "leaf02", "true", "");
	assert_has(str_text(&b->r.err), "Password change required but no TTY available.");
	for (int i = 0; i < 600 && !key_works(b, "leaf02"); i++)
		wait_ms(b, 100);
	assert_true(key_works(b, "leaf02"));
	wait_ms(b, 5000);
	assert_out(
	    b, "leaf02",
	    "sudo -n true && cat /etc/hostname; sudo cl-license 2>&1; systemctl is-active switchd",
	    "cumulus\nNo license installed!\ninactive\n");
	assert_has(run(b, "leaf01", "sudo clagctl"), "The peer is not alive");
	/* restore */
	(void)run_in(b, "leaf02", "sudo tar -C / -xzf -", backup.buf, backup.len);
	assert_int_equal(b->r.status, 0);
	(void)run(b, "leaf02",
		  "sudo systemctl restart switchd && sleep 5 && sudo hostnamectl set-hostname "
		  "$(cat /etc/hostname) && "
		  "sudo ifreload -a && sudo systemctl restart frr && sudo systemctl restart ssh");
	assert_int_equal(b->r.status, 0);
	wait_ms(b, 30000);
	assert_string_equal(old_key, info_of(b, "leaf02").host_key);
	assert_out(b, "leaf02", "hostname; systemctl is-active switchd frr clagd",
		   "leaf02\nactive\nactive\nactive\n");
	assert_has(run(b, "leaf01", "sudo clagctl"), "The peer is alive");
	assert_out(b, "leaf02",
		   "sudo vtysh -c 'show bgp summary json' | grep -o Established | wc -l", "4\n");
	assert_false(happened(b, "violation"));
	free(whole);
	free(script);
	free(old_key);
	str_release(&backup);
	bench_free(b);
}

static void test_install_refused(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	(void)run(b, "leaf01", "echo hello > image.bin; sudo onie-install -fa -i image.bin");
	assert_int_equal(b->r.status, 1);
	assert_has(str_text(&b->r.err), "ONIE: Invalid image");
	put_image(b, "leaf01", "4.2.0", "broadcom");
	assert_has(run(b, "leaf01", "sudo onie-install -fa -i image.bin 2>&1"),
		   "ONIE: Invalid image");
	put_image(b, "leaf01", "4.2.0", "vx");
	assert_has(run(b, "leaf01",
		       "head -c 150000 image.bin > cut.bin; sudo onie-install -fa -i cut.bin 2>&1"),
		   "checksum");
	assert_has(
	    run(b, "leaf01", "sudo onie-install -a -i image.bin </dev/null 2>&1; echo rc=$?"),
	    "rc=1");
	assert_has(run(b, "leaf01", "echo x > z; sudo onie-install -fa -i image.bin -z z 2>&1"),
		   "CUMULUS-AUTOPROVISIONING");
	(void)run(b, "leaf01", "sudo onie-install -fa -i /home/cumulus/image.bin");
	assert_int_equal(b->r.status, 0);
	assert_out(b, "leaf01", "ls /var/lib/cumulus/installer", "onie-installer\n");
	assert_out(b, "leaf01", "sudo onie-select -c",
		   "Cancelling pending install at next reboot...done.\n");
	(void)run(b, "leaf01", "sudo reboot");
	wait_phase(b, "leaf01", "down");
	wait_phase(b, "leaf01", "up");
	assert_string_equal(info_of(b, "leaf01").version, "4.1.1");
	bench_free(b);
}

static const char install[] = "sudo onie-install -fa -i /home/cumulus/image.bin";

static void test_install_faults(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	static const char *const names[] = {"leaf01", "leaf03", "spine01"};
	for (size_t i = 0; i < LEN(names); i++)
		put_image(b, names[i], "4.2.0", "vx");
	fault(b, "leaf01:install-fails");
	assert_has(run(b, "leaf01", install), "Staging installer image...failed.");
	assert_int_equal(b->r.status, 1);
	assert_out(b, "leaf01", "ls /var/lib/cumulus/installer", "");
	fault(b, "leaf01:boots-old-image");
	assert_has(run(b, "leaf01", install), "Reboot required");
	fault(b, "leaf03:install-hangs");
	assert_int_equal(
	    run(b, "leaf03", "sudo timeout 60 onie-install -fa -i image.bin; echo $?")[0], 'F');
	assert_has(str_text(&b->r.out), "124\n");
	fault(b, "leaf03:ztp-fails");
	(void)run(b, "leaf03",
		  "printf '# CUMULUS-AUTOPROVISIONING\ntouch /etc/ztp-was-here\n' > z");
	(void)run(b, "leaf03", "sudo onie-install -fa -i /home/cumulus/image.bin -z z");
	(void)run(b, "leaf01", "sudo reboot");
	(void)run(b, "leaf03", "sudo reboot");
	wait_ms(b, 300000);
	assert_string_equal(info_of(b, "leaf01").version, "4.1.1");
	assert_out(b, "leaf01", "hostname; ls /var/lib/cumulus/installer", "leaf01\n");
	assert_string_equal(info_of(b, "leaf03").version, "4.2.0");
	assert_int_equal(lab_file_get(b->lab, (size_t)lab_find(b->lab, "leaf03"),
				      "/etc/ztp-was-here", &(struct str){0}, NULL),
			 -1);
	bench_free(b);
}

/* Detached, the install goes on without its session, and its state can be asked at any time. */
static void test_detached(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	put_image(b, "leaf01", "4.2.0", "vx");
	(void)run(b, "leaf01",
		  "sudo systemd-run --unit=job1 --remain-after-exit -p Type=exec sh -c "
		  "'onie-install -fa -i "
		  "/home/cumulus/image.bin; echo rc=$? > /run/rc'");
	assert_int_equal(b->r.status, 0);
	assert_int_equal(b->r.takes_ms, 0);
	assert_out(b, "leaf01",
		   "systemctl show -p ActiveState -p SubState -p Result -p ExecMainStatus job1",
		   "Result=success\nExecMainStatus=0\nActiveState=active\nSubState=running\n");
	assert_out(b, "leaf01", "test -e /run/rc; echo $?; ls /var/lib/cumulus/installer", "1\n");
	wait_ms(b, 15000);
	assert_out(b, "leaf01", "cat /run/rc; systemctl show -p ActiveState -p SubState job1",
		   "rc=0\nActiveState=active\nSubState=exited\n");
	assert_has(run(b, "leaf01", "journalctl -u job1 -o cat --no-pager"),
		   "Reboot required to take effect.\n");
	(void)run(b, "leaf01", "sudo systemd-run --unit=job1 true");
	assert_int_equal(b->r.status, 1);
	(void)run(b, "leaf01", "sudo systemd-run --unit=job2 sh -c 'echo oops; exit 3'");
	assert_out(b, "leaf01",
		   "systemctl show -p ActiveState -p Result -p ExecMainStatus job2; systemctl "
		   "is-failed job2",
		   "Result=exit-code\nExecMainStatus=3\nActiveState=failed\nfailed\n");
	(void)run(b, "leaf01",
		  "sudo systemd-run --unit=job3 sh -c 'sleep 20; echo late > /tmp/late'");
	(void)run(b, "leaf01", "sudo onie-select -c; sudo reboot");
	wait_phase(b, "leaf01", "down");
	wait_phase(b, "leaf01", "up");
	assert_has(run(b, "leaf01", "systemctl show -p LoadState job3; ls /tmp"),
		   "LoadState=not-found\n");
	bench_free(b);
}

static double bytes_on(struct bench *b, const char *device, const char *port)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "cat /sys/class/net/%s/statistics/rx_bytes", port);
	return atof(run(b, device, command));
}

static void test_drain(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	double before = bytes_on(b, "spine01", "swp1");
	wait_ms(b, 1000);
	assert_true(bytes_on(b, "spine01", "swp1") - before > 100000);
	(void)run(b, "spine01",
		  "sudo vtysh -c 'conf t' -c 'router bgp 65199' -c 'bgp graceful-shutdown'");
	assert_int_equal(b->r.status, 0);
	wait_ms(b, 4000);
	before = bytes_on(b, "spine01", "swp1");
	wait_ms(b, 1000);
	assert_true(bytes_on(b, "spine01", "swp1") - before < 2000);
	(void)run(b, "spine01",
		  "sudo vtysh -c 'conf t' -c 'router bgp 65199' -c 'no bgp graceful-shutdown'");
	wait_ms(b, 1000);
	before = bytes_on(b, "spine01", "swp1");
	wait_ms(b, 1000);
	assert_true(bytes_on(b, "spine01", "swp1") - before > 100000);
	(void)run(b, "leaf01", "sudo ip link set swp51 down; sudo ip link set peerlink down");
	assert_has(run(b, "leaf02", "sudo clagctl"), "The peer is not alive");
	assert_has(run(b, "spine01", "ip link show swp1"), "state DOWN");
	bench_free(b);
}

#define SESSIONS "sudo vtysh -c 'show bgp summary json' | grep -o Established | wc -l"

/* Links follow lazily, but a port that goes and comes back within one command has been away. */
static void test_flap(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	assert_out(b, "leaf01", SESSIONS, "4\n");
	(void)run(b, "leaf01", "sudo ip link set swp51 down; sudo ip link set swp51 up");
	assert_out(b, "leaf01", SESSIONS, "3\n");
	wait_ms(b, 5000);
	assert_out(b, "leaf01", SESSIONS, "4\n");
	(void)run(b, "leaf01", "sudo sh -c 'for i in 51 52; do ip link set swp$i down; done; "
			       "for i in 52 51; do ip link set swp$i up; done'");
	assert_out(b, "leaf01", SESSIONS, "2\n");
	wait_ms(b, 5000);
	(void)run(b, "leaf01", "sudo ip link set swp51 up"); /* it is */
	assert_out(b, "leaf01", SESSIONS, "4\n");
	bench_free(b);
}

static void test_verdicts(void **state)
{
	(void)state;
	struct bench *b = bench_new("reference", "4.1.1");
	(void)run(b, "leaf01", "sudo reboot");
	(void)run(b, "leaf02", "sudo reboot");
	wait_ms(b, 10000);
	assert_true(happened(b, "violation both-mlag-peers-down leaf01-02"));
	bench_free(b);
	b = bench_new("reference", "4.1.1");
	for (int i = 1; i <= 4; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "spine%02d", i);
		assert_false(happened(b, "violation"));
		(void)run(b, name, "sudo reboot");
	}
	wait_ms(b, 10000);
	assert_true(happened(b, "violation isolated leaf01"));
	bench_free(b);
	b = bench_new("small", "4.1.1");
	put_image(b, "leaf01", "4.2.0", "vx");
	(void)run(b, "leaf01",
		  "sudo systemd-run --unit=i onie-install -fa -i /home/cumulus/image.bin");
	(void)run(b, "leaf01", "sudo reboot");
	assert_true(happened(b, "violation reboot-while-installing leaf01"));
	bench_free(b);
}

static void test_releases(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "3.7.12");
	(void)run(b, "leaf01", "ip -j link show");
	assert_int_equal(b->r.status, 255);
	assert_has(run(b, "leaf01", "sudo vtysh -c 'show bgp summary json'"),
		   "prefixReceivedCount");
	assert_has(run(b, "leaf01", "net show version"), "DISTRIB_RELEASE=3.7.12\n");
	bench_free(b);
	b = bench_new("small", "5.5.0");
	(void)run(b, "leaf01", "cl-license");
	assert_int_equal(b->r.status, 127);
	assert_out(b, "leaf01", "systemctl is-active switchd", "active\n");
	(void)run(b, "leaf01", "sudo systemctl stop clagd; sudo clagctl -j");
	assert_has(str_text(&b->r.out), "{\"errorMsg\":");
	bench_free(b);
}

static void test_packages(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	assert_has(run(b, "leaf01", "sudo -E apt-get upgrade --dry-run"),
		   "Inst switchd [4.1.1] (4.1.2");
	(void)run(
	    b, "leaf01",
	    "sudo systemd-run --unit=up apt-get -y -o Dpkg::Options::=--force-confold upgrade");
	assert_has(run(b, "leaf01", "sudo apt-get update 2>&1; echo $?"),
		   "Could not get lock /var/lib/dpkg/lock-frontend");
	wait_ms(b, 120000);
	assert_has(run(b, "leaf01", "journalctl -u up -o cat"), "*** System reboot required ***");
	assert_out(b, "leaf01", "grep -h RELEASE /etc/lsb-release /etc/image-release",
		   "DISTRIB_RELEASE=4.1.2\nIMAGE_RELEASE=4.1.1\n");
	assert_int_equal(
	    5, atoi(run(b, "leaf01", "dpkg-query -W -f '${Package} ${Status}\\n' | grep -c .")) > 4
		   ? 5
		   : 0);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reboot),          cmocka_unit_test(test_reinstall),
	    cmocka_unit_test(test_install_refused), cmocka_unit_test(test_install_faults),
	    cmocka_unit_test(test_detached),        cmocka_unit_test(test_drain),
	    cmocka_unit_test(test_flap),
	    cmocka_unit_test(test_verdicts),        cmocka_unit_test(test_releases),
	    cmocka_unit_test(test_packages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
